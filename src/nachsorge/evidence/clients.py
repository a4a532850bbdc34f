"""Whom a sensor really watched: an asset counts as present only where it was the client of a record.

An address that stands in somebody else's answer, or that others connected to, says nothing about whether this sensor
would have seen the asset's own requests.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from nachsorge.evidence.presence import Everyone, anyone

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from nachsorge.evidence.asking import Askers
    from nachsorge.evidence.line_format import LineFormat
    from nachsorge.evidence.presence import Scan
    from nachsorge.model.words import Telemetry

TRIES = 64
"""So many lines of a segment are asked for one address; a busy server that is never the client among them is absent.
Of formats that can say who asked (`LineFormat.asks`) all lines are."""
_FEW = 8


def clients(segment: bytes, form: LineFormat, scan: Scan) -> set[tuple[str, Telemetry]]:
    """Give (address, telemetry) for those of the addresses that are a client in these whole lines."""
    if not form.asks:
        addresses = scan(segment)
        return everybody(segment, form) if isinstance(addresses, Everyone) else _tried(segment, form, addresses)
    asked = form.askers(segment)
    if asked is None:
        asked = _decoded(segment, form, scan)
    if scan.wanted is None:
        return {(address.decode(), telemetry) for address, telemetry in asked}
    wanted = scan.wanted
    return {(wanted[address], telemetry) for address, telemetry in asked if address in wanted}


def _decoded(segment: bytes, form: LineFormat, scan: Scan) -> Askers:
    """Decode every line that may name one of the addresses."""
    named = scan(segment)
    lines = segment.split(b"\n") if named else []
    if not isinstance(named, Everyone) and len(named) <= _FEW:
        texts = [address.lower().encode() for address in named]
        lines = [line for line in lines if any(text in line.lower() for text in texts)]
    askers = (_asker(line, form) for line in lines)
    return {(asker[0].encode(), asker[1]) for asker in askers if asker is not None}


def _tried(segment: bytes, form: LineFormat, addresses: Iterable[str]) -> set[tuple[str, Telemetry]]:
    lowered = segment.lower()
    found: set[tuple[str, Telemetry]] = set()
    for address in addresses:
        for line in _lines_with(segment, lowered, address.lower().encode()):
            record = form.parse(line, "")
            if record is not None and record.addresses and record.addresses[0].lower() == address.lower():
                found.add((address, record.telemetry))
    return found


def everybody(segment: bytes, form: LineFormat) -> set[tuple[str, Telemetry]]:
    """Give the same for all addresses there are, with each line decoded once instead of once an address."""
    asked: dict[tuple[str, Telemetry], int] = {}
    for number, line in enumerate(segment.split(b"\n")):
        asker = _asker(line, form)
        if asker is not None and asker not in asked:
            asked[asker] = number
    # What is a client within the first lines of all is one within the first of those that name it.
    found = {asker for asker, number in asked.items() if number < TRIES}
    if rest := asked.keys() - found:
        runs = _by_middle(segment)
        sure = {asker for asker in rest if ":" not in asker[0] and _most(asker[0].encode(), runs) < TRIES}
        found |= sure
        for address in {address for address, _ in rest - sure}:
            found |= _tried(segment, form, (address,))
    named = anyone(segment)
    return {(address, telemetry) for address, telemetry in found if address in named}


_RUNS = re.compile(rb"[0-9.]{7,}")
_MIDDLE = re.compile(rb"\.(?=([0-9]+\.[0-9]+)\.)")
"""The second and third number of an IPv4 address, and of whatever holds it."""


def _by_middle(segment: bytes) -> dict[bytes, bytes]:
    """Give the runs of digits and dots that may hold an IPv4 address, a line each, by the numbers in their middle."""
    found: dict[bytes, list[bytes]] = defaultdict(list)
    for run, count in Counter(_RUNS.findall(segment)).items():
        for middle in set(_MIDDLE.findall(run)):
            found[middle] += [run] * min(count, TRIES)
    return {middle: b"\n".join(runs) for middle, runs in found.items()}


def _most(address: bytes, runs: Mapping[bytes, bytes]) -> int:
    """Say in how many lines at most the address stands, up to `TRIES`: how many runs hold it."""
    middle = address.partition(b".")[2].rpartition(b".")[0]
    return runs.get(middle, b"").count(address)


def _asker(line: bytes, form: LineFormat) -> tuple[str, Telemetry] | None:
    record = form.parse(line.rstrip(b"\r"), "") if b"." in line or b":" in line else None
    return (record.addresses[0].lower(), record.telemetry) if record is not None and record.addresses else None


def _lines_with(segment: bytes, lowered: bytes, address: bytes) -> Iterator[bytes]:
    at = lowered.find(address)
    for _ in range(TRIES):
        if at < 0:
            return
        start = segment.rfind(b"\n", 0, at) + 1
        end = segment.find(b"\n", at)
        end = len(segment) if end < 0 else end
        yield segment[start:end].rstrip(b"\r")
        at = lowered.find(address, end)
