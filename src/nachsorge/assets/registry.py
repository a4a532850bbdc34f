"""From names and addresses at a time to one asset.

An address belongs to an asset when the inventory says so without limit, or within a lease; a lease that nobody's name
stands in ends the one before all the same. Who bears which name is `roll.py`'s matter. What nobody declared becomes an
asset of its own, so that it gets a row.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from nachsorge.assets.leases import LEASE_GRACE, Tenancy, overlapping
from nachsorge.assets.marks import mac
from nachsorge.assets.names import is_private, plain
from nachsorge.assets.roll import Roll
from nachsorge.model.assessment import Asset
from nachsorge.model.times import Instant, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from nachsorge.assets.inventory import Inventory
    from nachsorge.model.evidence import Identity, Lease, Reading
    from nachsorge.model.words import Platform

UNATTRIBUTED = "(unattributed)"
"""The row for evidence that no asset is known for: a sensor without an inventory, a text without a host."""

__all__ = ["LEASE_GRACE", "UNATTRIBUTED", "Registry", "registry_of"]


class Registry(Roll):
    """All assets of a run, and whose an address was when. Grows while evidence is attributed."""

    def __init__(
        self,
        inventory: Inventory,
        leases: Iterable[Lease] = (),
        identities: Iterable[Identity] = (),
        given: Mapping[str, str] | None = None,
    ) -> None:
        """Start from the inventory, and from what the evidence states of leases and of who is who.

        `given` maps paths of the evidence to the asset whose they are said to be: people's word stands against marks.
        """
        super().__init__(inventory.assets)
        self._by_address: dict[str, str] = {a: asset.id for asset in inventory.assets for a in asset.addresses}
        self.sensors = inventory.sensors
        self.remarks = inventory.remarks
        self.settle(identities, {path.rstrip("/"): name for path, name in (given or {}).items()})
        self._tenancy = self._moves(inventory.leases, list(leases))
        self._moved = frozenset(a for owner, a, _ in self._tenancy.stays() if owner in self._assets)

    @property
    def addresses(self) -> frozenset[str]:
        """Give every address that belongs to an asset at some time; sensors look for their presence."""
        return frozenset(self._by_address) | self._moved

    def by_address(self, address: str, time: Instant | None) -> str | None:
        """Find the owner of an address at a time; it may be a machine without a row yet, known by its card alone."""
        return self._tenancy.owner(address, time) or self._by_address.get(address)

    def borders(self, addresses: Iterable[str]) -> Iterator[Instant]:
        """Give the instants at which one of the addresses came to an owner or was lost by one."""
        for address in addresses:
            for held, _ in self._tenancy.of(address):
                yield held.start
                yield held.end

    def stretches(self, address: str, spans: Iterable[Span]) -> list[tuple[str, Span]]:
        """Split stretches in which an address appeared among the assets that had it then."""
        out: list[tuple[str, Span]] = []
        for span in spans:
            leases = self._tenancy.of(address)
            for held, owner in leases:
                start, end = max(span.start, held.start), min(span.end, held.end)
                if start <= end and owner in self._assets:
                    out.append((owner, Span(start, end)))
            if not leases and address in self._by_address:
                out.append((self._by_address[address], span))
        return out

    def tenures(self) -> Iterator[tuple[str, str, Span | None]]:
        """Give (asset, address, time) for every address of an asset; no time where it is its without limit.

        Unlike what appeared at a sensor, the mere word of a lease counts no longer than the lease.
        """
        for address, owner in sorted(self._by_address.items()):
            if not self._tenancy.of(address):
                yield owner, address, None
        yield from (one for one in self._tenancy.stays() if one[0] in self._assets)

    def host(self, name: str, platform: Platform | None = None, path: str = "") -> str:
        """Give the asset of a host that the evidence at a path names, adding it where nobody declared it."""
        owner = self.scoped(name, path) or self.by_name(name) or self._by_address.get(name) or self.nobodys(name)
        known = self._assets[owner]
        if known.platform is None and platform is not None:
            self._assets[owner] = replace(known, platform=platform)
        return owner

    def attribute(self, host: str | None, addresses: Iterable[str], time: Instant | None, path: str = "") -> str:
        """Say whose record it is: by its host, else the first address with an owner, else the first private address."""
        if host:
            return self.host(host, path=path)
        listed = list(addresses)
        for address in listed:
            if owner := self.by_address(address, time):
                return self.found(owner)
        stranger = next((a for a in listed if is_private(a)), listed[0] if listed else None)
        if stranger is None:
            return self.unattributed()
        self._by_address.setdefault(stranger, stranger)
        return self.found(stranger, (stranger,))

    def unattributed(self) -> str:
        """Add the row for evidence without an asset and give its id."""
        self._assets.setdefault(UNATTRIBUTED, Asset(id=UNATTRIBUTED))
        return UNATTRIBUTED

    # --- leases -------------------------------------------------------------------------------------------------------

    def _moves(self, declared: Sequence[Lease], leases: Sequence[Lease]) -> Tenancy:
        """Give every lease its owner."""
        hosts: dict[str, set[str]] = defaultdict(set)
        cards: dict[str, set[str]] = defaultdict(set)
        for lease in leases:
            if (card := mac(lease.mac)) and lease.host:
                hosts[card].add(lease.host)
                cards[plain(lease.host)].add(card)
        moved = [
            (lease.address, lease.span, self._declared(lease.host)) for lease in declared if lease.span is not None
        ]
        for address, one, other in overlapping(moved):
            self.tell("one address of two", f"the inventory gives {address} to {one} and to {other} at one time")
        for lease in leases:
            owner = self._leaser(lease, hosts, cards)
            if lease.span is not None and owner:
                moved.append((lease.address, lease.span, owner))
                self._compare_with_fixed(lease.address, owner)
        return Tenancy(moved)

    def _declared(self, name: str) -> str:
        """Give the asset of the inventory's own lease; its name is a row's, whoever else bears it."""
        return name if name in self._assets else self.by_name(name) or self.nobodys(name)

    def _leaser(self, lease: Lease, hosts: Mapping[str, set[str]], cards: Mapping[str, set[str]]) -> str:
        """Say whose a lease is: by its card where that is one asset's, else by its name; empty where neither is."""
        card = mac(lease.mac)
        known = hosts.get(card, set())
        host = lease.host or (next(iter(known)) if len(known) == 1 else "")
        holders = self._marked.get(f"card:{card}", []) if card else []
        named = self.by_name(host) if host else None
        if len(holders) == 1 and named in (None, holders[0]):
            if host and named is None and not self._bears(holders[0], host):
                self.tell("another name", f"{host} is {holders[0]} by its network card {card}")
            return holders[0]
        if not host:
            return f"network card {card}" if card else ""
        what = f"network card {card}" if card else ""
        if holders:
            others = ", ".join(holders)
            self.tell("mark of another", f"{host} leased an address with the network card {card} of {others}")
            return named if named in holders else self.apart([host], what)
        return self._by_its_name(host, named, what, card, cards)

    def _bears(self, asset: str, name: str) -> bool:
        return asset in self._bearers(name)

    def _by_its_name(self, host: str, named: str | None, what: str, card: str, cards: Mapping[str, set[str]]) -> str:
        if plain(host) in self._doubtful:
            return self.apart([host], what)
        if named is not None and self._assets[named].declared:
            only = self._marks.get(named, {}).get("mac")
            if card and only and card not in only:
                self.tell("not its card", f"{host} leased an address with {what}, which is none of those of {named}")
                return self.apart([host], what)
            if len(cards[plain(host)]) > 1 and not only:
                listed = ", ".join(sorted(cards[plain(host)]))
                self.tell("several cards", f"{named} leased addresses with {listed}: taken as one machine's")
            return named
        if card and len(cards[plain(host)]) > 1:
            listed = ", ".join(sorted(cards[plain(host)]))
            self.tell("several cards", f"{host} leased addresses with {listed}: taken as several machines'")
            return self.apart([host], what)
        return named or self.nobodys(host)

    def _compare_with_fixed(self, address: str, owner: str) -> None:
        fixed = self._by_address.get(address)
        if fixed is not None and fixed != owner:
            note = f"{address} is {fixed}'s by the inventory, and was leased to {owner}: the lease was followed"
            self.tell("one address of two", note)


def registry_of(inventory: Inventory, readings: Iterable[Reading], given: Mapping[str, str] | None = None) -> Registry:
    """Make the registry of what these sources state; the order of the sources decides nothing."""
    listed = sorted(readings, key=lambda reading: reading.path)
    leases = [lease for reading in listed for lease in reading.leases]
    stated = [replace(i, place=i.place or reading.path) for reading in listed for i in reading.identities]
    return Registry(inventory, leases, stated, given)
