"""From names and addresses at a time to one asset.

An address belongs to an asset when the inventory says so without limit, or within a lease. Names compare without case,
and a full name meets its short one, never another full one: `web.site-a.example` and `web.site-b.example` are two
machines. What nobody declared becomes an asset of its own, so that it gets a row.
"""

from __future__ import annotations

import ipaddress
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from nachsorge.model.assessment import Asset
from nachsorge.model.times import DAY, Instant, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nachsorge.assets.inventory import Inventory
    from nachsorge.model.evidence import Lease
    from nachsorge.model.words import Platform

UNATTRIBUTED = "(unattributed)"
"""The row for evidence that no asset is known for: a sensor without an inventory, a text without a host."""

LEASE_GRACE = DAY
"""A lease is renewed about half-way and logged on renewal, so an address stays with its owner for a while after it.

It ends at once where another machine gets the address.
"""


class Registry:
    """All assets of a run. Grows while evidence is attributed; `assets` gives the final list."""

    def __init__(self, inventory: Inventory, leases: Iterable[Lease] = ()) -> None:
        """Start from the inventory and from leases that the evidence holds."""
        self._assets: dict[str, Asset] = {asset.id: asset for asset in inventory.assets}
        self._by_name: dict[str, list[str]] = defaultdict(list)
        self._by_address: dict[str, str] = {}
        self._leases: dict[str, list[tuple[Span, str]]] = defaultdict(list)
        for asset in inventory.assets:
            self._index(asset)
        for lease in (*inventory.leases, *leases):
            owner = self.by_name(lease.host) or self._found(lease.host)
            if lease.span is not None:
                self._leases[lease.address].append((lease.span, owner))
        for address, listed in self._leases.items():
            self._leases[address] = _held(listed)

    @property
    def assets(self) -> tuple[Asset, ...]:
        """Give all assets, the declared ones in the inventory's order, then the found ones by name."""
        declared = [asset for asset in self._assets.values() if asset.declared]
        found = sorted((asset for asset in self._assets.values() if not asset.declared), key=lambda asset: asset.id)
        return (*declared, *found)

    def asset(self, asset: str) -> Asset:
        """Give an asset by its id, as it is known now."""
        return self._assets[asset]

    @property
    def addresses(self) -> frozenset[str]:
        """Give every address that belongs to an asset at some time; sensors look for their presence."""
        return frozenset(self._by_address) | frozenset(self._leases)

    def _index(self, asset: Asset) -> None:
        for name in asset.names:
            for key in {_plain(name), _short(name)}:
                if asset.id not in self._by_name[key]:
                    self._by_name[key].append(asset.id)
        for address in asset.addresses:
            self._by_address[address] = asset.id

    def by_name(self, name: str) -> str | None:
        """Find an asset by name; a short name that several full names share belongs to none of them."""
        full, short = _plain(name), _short(name)
        owners = self._by_name.get(short, [])
        meant = [o for o in owners if full in self._names(o)]
        if not meant:
            meant = owners if full == short else [o for o in owners if self._only_short(o, short)]
        return meant[0] if len(meant) == 1 else None

    def _names(self, asset: str) -> set[str]:
        return {_plain(name) for name in self._assets[asset].names}

    def _only_short(self, asset: str, short: str) -> bool:
        """Tell whether an asset is known by this short name alone, so that a full one may be its."""
        names = self._names(asset)
        return short in names and not any(name.startswith(f"{short}.") for name in names)

    def by_address(self, address: str, time: Instant | None) -> str | None:
        """Find the owner of an address at a time."""
        for held, owner in self._leases.get(address, ()):
            if time is not None and held.start <= time <= held.end:
                return owner
        return self._by_address.get(address)

    def borders(self, addresses: Iterable[str]) -> Iterator[Instant]:
        """Give the instants at which one of the addresses came to an owner or was lost by one."""
        for address in addresses:
            for held, _ in self._leases.get(address, ()):
                yield held.start
                yield held.end

    def stretches(self, address: str, spans: Iterable[Span]) -> list[tuple[str, Span]]:
        """Split stretches in which an address appeared among those who had it then."""
        out: list[tuple[str, Span]] = []
        for span in spans:
            leases = self._leases.get(address, ())
            for held, owner in leases:
                start, end = max(span.start, held.start), min(span.end, held.end)
                if start <= end:
                    out.append((owner, Span(start, end)))
            if not leases and address in self._by_address:
                out.append((self._by_address[address], span))
        return out

    def host(self, name: str, platform: Platform | None = None) -> str:
        """Give the asset of a host that the evidence names, adding it where nobody declared it."""
        owner = self.by_name(name) or self._by_address.get(name) or self._found(name)
        known = self._assets[owner]
        if known.platform is None and platform is not None:
            self._assets[owner] = replace(known, platform=platform)
        return owner

    def attribute(self, host: str | None, addresses: Iterable[str], time: Instant | None) -> str:
        """Say whose record it is: by its host, else the first address with an owner, else the first private address."""
        if host:
            return self.host(host)
        listed = list(addresses)
        for address in listed:
            if owner := self.by_address(address, time):
                return owner
        stranger = next((a for a in listed if _private(a)), listed[0] if listed else None)
        if stranger is None:
            self._assets.setdefault(UNATTRIBUTED, Asset(id=UNATTRIBUTED))
            return UNATTRIBUTED
        return self._found(stranger, (stranger,))

    def unattributed(self) -> str:
        """Add the row for evidence without an asset and give its id."""
        self._assets.setdefault(UNATTRIBUTED, Asset(id=UNATTRIBUTED))
        return UNATTRIBUTED

    def _found(self, name: str, addresses: tuple[str, ...] = ()) -> str:
        asset = Asset(id=name, names=(name,), addresses=addresses)
        if name not in self._assets:
            self._assets[name] = asset
            self._index(asset)
        return name


def _held(leases: Iterable[tuple[Span, str]]) -> list[tuple[Span, str]]:
    """Give the time each owner really had an address: with the grace, but not beyond the next owner's start."""
    ordered = sorted(leases)
    held = []
    for index, (span, owner) in enumerate(ordered):
        following = next((later.start for later, other in ordered[index + 1 :] if other != owner), None)
        end = span.end + LEASE_GRACE
        end = end if following is None else min(end, following - 1)
        if span.start <= end:
            held.append((Span(span.start, end), owner))
    return held


def _plain(name: str) -> str:
    # Folders whose names differ in case alone may well be two.
    return name if "/" in name else name.strip().lower().rstrip(".")


def _short(name: str) -> str:
    """Give the first label; an address has none, and the dots of a folder (a repository) part no labels."""
    plain = _plain(name)
    return plain if "/" in plain or _is_address(plain) else plain.partition(".")[0]


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _private(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_private
    except ValueError:
        return False
