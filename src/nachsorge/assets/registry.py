"""From names and addresses at a time to one asset.

An address belongs to an asset when the inventory says so without limit, or within a lease; a lease that nobody's name
stands in ends the one before all the same. What machines say of their own addresses counts where it is believed
(`own_words.py`). Who bears which name is `roll.py`'s matter. What nobody declared becomes an asset of its own, so that
it gets a row.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from nachsorge.assets.holders import ALWAYS, Holders
from nachsorge.assets.leases import LEASE_GRACE, overlapping
from nachsorge.assets.marks import mac
from nachsorge.assets.names import is_private, plain
from nachsorge.assets.own_words import FIXED, HELD, LEASE, Contested, Networks, Stay
from nachsorge.assets.roll import Roll
from nachsorge.model.assessment import Asset
from nachsorge.model.times import HOUR, Instant, Span, render, union

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from nachsorge.assets.inventory import Inventory
    from nachsorge.model.evidence import Identity, Lease, Reading
    from nachsorge.model.words import Platform

UNATTRIBUTED = "(unattributed)"
"""The row for evidence that no asset is known for: a sensor without an inventory, a text without a host."""

_ON_MACHINES = ("registry_hives", "osquery_results", "fleet_export")
"""Readers of what machines themselves hold to be their addresses: in whose network, it does not say."""

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
        listed = list(leases)
        given_out = [lease for lease in listed if not _is_a_word(lease)]
        moved = self._moves(inventory.leases, given_out)
        stays = self._stays([lease for lease in listed if _is_a_word(lease)])
        ours = [*self._by_address, *(lease.address for lease in (*inventory.leases, *given_out))]
        networks = Networks(ours, (text for sensor in inventory.sensors for text in sensor.networks))
        self._holders = Holders(self._by_address, moved, stays, networks)
        self._maybes: dict[tuple[str, str], list[Span]] = defaultdict(list)
        self._tell_contested()
        self._moved = frozenset(a for owner, a, _ in self._holders.stays() if owner in self._assets)

    @property
    def addresses(self) -> frozenset[str]:
        """Give every address that belongs to an asset at some time; sensors look for their presence."""
        return frozenset(self._by_address) | self._moved

    def by_address(self, address: str, time: Instant | None) -> str | None:
        """Find the owner of an address at a time; it may be a machine without a row yet, known by its card alone."""
        if self._holders.is_nobodys(address, time):
            return None
        return self._holders.owner(address, time) or self._by_address.get(address)

    def borders(self, addresses: Iterable[str]) -> Iterator[Instant]:
        """Give the instants at which one of the addresses came to an owner or was lost by one."""
        for address in addresses:
            yield from self._holders.borders(address)

    def stretches(self, address: str, spans: Iterable[Span]) -> list[tuple[str, Span]]:
        """Split stretches in which an address appeared among the assets that had it then."""
        out: list[tuple[str, Span]] = []
        leases = self._holders.of(address)
        for span in self._holders.undisputed(address, spans):
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
            if not self._holders.of(address):
                yield from ((owner, address, part) for part in self._always(address))
        yield from (one for one in self._holders.stays() if one[0] in self._assets)

    def _always(self, address: str) -> Iterable[Span | None]:
        """Give the time of an address without limit, which is all of it, but for what is disputed."""
        return self._holders.undisputed(address, [ALWAYS]) if self._holders.disputed(address) else (None,)

    def maybes(self) -> Iterator[tuple[str, str, Span]]:
        """Give (asset, why, time) where it cannot be told, as far as known now, whether an address was the asset's."""
        for (owner, note), spans in sorted(self._maybes.items()):
            yield from ((owner, note, span) for span in union(spans, HOUR))

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
            owner = self.by_address(address, time)
            self._compare_with_own_words(address, time, owner)
            if owner:
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

    def _moves(self, declared: Sequence[Lease], leases: Sequence[Lease]) -> list[tuple[str, Span, str]]:
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
        return moved

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

    # --- what machines say of themselves ------------------------------------------------------------------------------

    def _stays(self, leases: Sequence[Lease]) -> Iterator[Stay]:
        """Give every own word to the asset that its machine is; one of several of a name says nothing."""
        for lease in leases:
            owner = self.scoped(lease.host, lease.place) or self.by_name(lease.host)
            if owner is None and plain(lease.host) not in self._doubtful:
                owner = self.found(lease.host)
            if owner is not None and lease.span is not None:
                yield Stay(lease.address, lease.span, owner, kept=not lease.own)

    def _tell_contested(self) -> None:
        for one in self._holders.judged.contested:
            note = _contested(one)
            self.tell("one address of two", note)
            for owner in {one.stay.owner, one.other} & self._assets.keys():
                self._maybes[owner, note].append(Span(one.stay.span.start, one.stay.span.end + HELD))

    def _compare_with_own_words(self, address: str, time: Instant | None, owner: str | None) -> None:
        """Say who says that it had an address, and was not believed; where nobody else has it, it is not cleared."""
        for stay in self._holders.may_be(address, time):
            if time is None or stay.owner == owner:
                continue
            if owner is not None:
                note = f"{stay.owner} says that it had {address} while it was {owner}'s: taken as of another network"
            else:
                note = f"what {address} did may be {stay.owner}'s, which says that it had this address then"
                self._maybes[stay.owner, note].append(Span(time, time))
            self.tell("own word alone", note)


def _is_a_word(lease: Lease) -> bool:
    """Tell whether only the machine says so, by what it did or by what it keeps."""
    return lease.own or bool(lease.place)


def _contested(one: Contested) -> str:
    address, owner, other = one.stay.address, one.stay.owner, one.other
    start, end = render(one.stay.span.start), render(one.stay.span.end)
    if one.by == FIXED:
        return f"{address} is {other}'s by the inventory, and {owner} says it had it from {start} to {end}: left open"
    if one.by == LEASE:
        return f"{address} was leased to {other}, and {owner} says it had it from {start} to {end}: left open"
    return f"{other} says that it had {address}, and {owner} says it had it from {start} to {end}: left open"


def registry_of(inventory: Inventory, readings: Iterable[Reading], given: Mapping[str, str] | None = None) -> Registry:
    """Make the registry of what these sources state; the order of the sources decides nothing."""
    listed = sorted(readings, key=lambda reading: reading.path)
    leases = [_placed(lease, reading) for reading in listed for lease in reading.leases]
    stated = [replace(i, place=i.place or reading.path) for reading in listed for i in reading.identities]
    return Registry(inventory, leases, stated, given)


def _placed(lease: Lease, reading: Reading) -> Lease:
    of_itself = lease.own or reading.reader in _ON_MACHINES
    return replace(lease, place=lease.place or reading.path) if of_itself else lease
