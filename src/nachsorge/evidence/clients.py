"""Whom a sensor really watched: an asset counts as present only where it was the client of a record.

An address that stands in somebody else's answer, or that others connected to, says nothing about whether this sensor
would have seen the asset's own requests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nachsorge.evidence.lines import LineFormat
    from nachsorge.model.words import Telemetry

TRIES = 64
"""So many lines of a segment are asked for one address; a busy server that is never the client among them is absent."""


def clients(segment: bytes, form: LineFormat, addresses: Iterable[str]) -> set[tuple[str, Telemetry]]:
    """Give (address, telemetry) for those of the addresses that are a client in these whole lines."""
    lowered = segment.lower()
    found: set[tuple[str, Telemetry]] = set()
    for address in addresses:
        for line in _lines_with(segment, lowered, address.lower().encode()):
            record = form.parse(line, "")
            if record is not None and record.addresses and record.addresses[0].lower() == address.lower():
                found.add((address, record.telemetry))
    return found


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
