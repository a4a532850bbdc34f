"""Hashes of an asset's own attributes: whose network card, serial number or other mark stands in a pack's table?

Malware that is meant for few hosts carries hashes of what tells them from others (ASUS Live Update, 2018: MD5 of the
addresses of some 600 network cards). No record holds such a hash, so this compares what inventory, identities and
leases say of every asset. A card that leased an address and is nobody's becomes an asset of its own.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nachsorge.assets.marks import mac, mark
from nachsorge.model.assessment import Asset, Sighting, Source
from nachsorge.model.times import Instant
from nachsorge.model.words import IndicatorType, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from nachsorge.assets.registry import Registry
    from nachsorge.model.evidence import Lease
    from nachsorge.model.pack import DigestOf, Indicator, Pack

INVENTORY = "inventory"
"""Stands in a source's place where the inventory says it, or what the evidence as a whole says of an asset."""

_CARDS = ("mac", "card")
_MARKS = ("serial", "uuid", "machine_guid", *_CARDS)
_HASHES = {IndicatorType.MD5: "md5", IndicatorType.SHA1: "sha1", IndicatorType.SHA256: "sha256"}


@dataclass(frozen=True, slots=True)
class _Said:
    """One value of an attribute of one asset: where it is said, and in which telemetry and when, if that is known."""

    asset: str
    text: str
    source: str
    locator: str
    telemetry: Telemetry = Telemetry.TEXT
    time: Instant | None = None


def digest_sightings(
    packs: Iterable[Pack], sources: Sequence[Source], registry: Registry, first: int
) -> tuple[Sighting, ...]:
    """Give the sightings of all hashes of attributes; they are numbered from `first` on."""
    found: list[Sighting] = []
    for pack in packs:
        tables = _tables(pack)
        said: dict[str, list[_Said]] = {}
        for of, table in tables.items():
            listed = said.setdefault(of.attribute, list(_said(of.attribute, sources, registry)))
            for one in listed:
                for digest in _digests(of, one.text, table):
                    for indicator in table[digest]:
                        found.append(_sighting(pack, indicator, of, one, f"s{first + len(found)}", registry))
    return tuple(found)


def _tables(pack: Pack) -> dict[DigestOf, dict[tuple[IndicatorType, str], list[Indicator]]]:
    wanted = {trace.id: trace.digest_of for trace in pack.traces if trace.digest_of is not None}
    tables: dict[DigestOf, dict[tuple[IndicatorType, str], list[Indicator]]] = {}
    for indicator in pack.indicators if wanted else ():
        of = wanted.get(indicator.trace)
        if of is not None and indicator.drives:
            tables.setdefault(of, defaultdict(list))[indicator.type, indicator.value].append(indicator)
    return tables


def _digests(
    of: DigestOf, text: str, table: dict[tuple[IndicatorType, str], list[Indicator]]
) -> Iterator[tuple[IndicatorType, str]]:
    content = spelled(text, of.spelling)
    if content is None:
        return
    for kind in sorted({kind for kind, _ in table}):
        digest = hashlib.new(_HASHES[kind], content, usedforsecurity=False).hexdigest()
        if (kind, digest) in table:
            yield kind, digest


def spelled(text: str, spelling: str) -> bytes | None:
    """Give the bytes of which the hash is made; None where the text has no such spelling."""
    if spelling == "text":
        return text.encode()
    case, _, separator = spelling.partition("-")
    digits = "".join(letter for letter in text if letter not in ":-. {}").lower()
    if case == "bytes":
        try:
            return bytes.fromhex(digits)
        except ValueError:
            return None
    if separator:
        joint = ":" if separator == "colons" else "-"
        digits = joint.join(digits[at : at + 2] for at in range(0, len(digits), 2))
    return (digits.upper() if case == "upper" else digits).encode()


def _said(attribute: str, sources: Sequence[Source], registry: Registry) -> Iterator[_Said]:
    """Give every value of the attribute, once an asset; what evidence says names its source."""
    cards = attribute in _CARDS
    kinds = _CARDS if cards else (attribute,)
    where = {(kind, value): source for source in reversed(sources) for kind, value in _marks(source) if kind in kinds}
    seen: set[tuple[str, str]] = set()
    for one in _leased(sources, registry) if cards else ():
        if (one.asset, one.text) not in seen:
            seen.add((one.asset, one.text))
            yield one
    for asset in registry.assets:
        for kind, text in _own(asset, kinds, registry):
            if (asset.id, text) not in seen:
                seen.add((asset.id, text))
                source = where.get((kind, text))
                locator = f"{kind} {text}"
                yield _Said(asset.id, text, source.id if source else INVENTORY, locator, _telemetry(source))


def _own(asset: Asset, kinds: Sequence[str], registry: Registry) -> Iterator[tuple[str, str]]:
    for kind in kinds:
        if kind in _MARKS:
            yield from ((kind, value) for value in sorted(registry.marks(asset.id, kind)))
        else:
            yield from ((kind, part.strip()) for part in asset.attributes.get(kind, "").split(";") if part.strip())


def _marks(source: Source) -> Iterator[tuple[str, str]]:
    for identity in source.reading.identities:
        for one in identity.marks:
            kind, _, text = one.partition(":")
            yield kind, mark(kind, text)


def _leased(sources: Sequence[Source], registry: Registry) -> Iterator[_Said]:
    """Give the cards that leased an address: whose by their mark, else by the lease's name, else nobody's yet."""
    holders: dict[str, list[str]] = defaultdict(list)
    for asset in registry.assets:
        for _, card in _own(asset, _CARDS, registry):
            holders[card].append(asset.id)
    for source in sources:
        for lease in source.reading.leases:
            card = mac(lease.mac)
            if not card:
                continue
            owner = _leaser(lease, card, list(dict.fromkeys(holders[card])), registry)
            time = lease.span.start if lease.span else None
            yield _Said(owner, card, source.id, f"lease of {lease.address}", Telemetry.DHCP, time)


def _leaser(lease: Lease, card: str, holders: Sequence[str], registry: Registry) -> str:
    if len(holders) == 1:
        return holders[0]
    return registry.host(lease.host) if lease.host else registry.found(f"network card {card}")


def _telemetry(source: Source | None) -> Telemetry:
    return source.reading.telemetry[0] if source and source.reading.telemetry else Telemetry.TEXT


def _sighting(pack: Pack, indicator: Indicator, of: DigestOf, one: _Said, id: str, registry: Registry) -> Sighting:
    trace = pack.traces_by_id[indicator.trace]
    return Sighting(
        id=id,
        pack=pack.id,
        indicator=indicator.value,
        type=indicator.type.value,
        stage=trace.stage,
        trace=trace.id,
        weight=trace.weight,
        asset=one.asset,
        source=one.source,
        locator=one.locator,
        telemetry=one.telemetry,
        time=one.time,
        fields={of.attribute: one.text},
        title=f"{indicator.type.value} of the {of.attribute} {one.text}",
    )
