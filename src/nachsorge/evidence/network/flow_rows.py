"""Rows of flow exports as records, and their account: who spoke with whom from when to when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nachsorge.evidence.fields import is_address, values_of
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.seams import Opened, Sieve
from nachsorge.evidence.text import text_record
from nachsorge.model.evidence import Record
from nachsorge.model.times import DAY
from nachsorge.model.words import Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nachsorge.model.times import Instant

_DECISIONS = (
    *("action", "decision", "event.action", "event.outcome", "network.decision", "FlowStatus", "FlowStatus_s"),
    *("data.action", "logContent.data.action"),
)
_REFUSED = frozenset({"REJECT", "REJECTED", "DENY", "DENIED", "DROP", "DROPPED", "BLOCK", "BLOCKED", "D"})
"""AWS: `REJECT` (the flow log may be of those alone); Azure: `D` in a tuple; other exporters spell it out."""

LONGEST = DAY
"""No exporter keeps a flow open longer; a later end is a broken clock, and only the beginning counts."""


@dataclass(slots=True)
class Rows:
    """Takes the rows of one file."""

    source: Opened
    sieve: Sieve
    ledger: Ledger
    timeless: int = 0

    def add(
        self,
        event: Mapping[str, str],
        ends: tuple[str, str],
        span: tuple[Instant | None, Instant | None],
        locator: str,
        raw: bytes,
    ) -> Iterator[Record]:
        """Account for one flow and give its record if the sieve admits it. `ends` are client and server."""
        self.ledger.count(Telemetry.NETWORK_CONNECTION, 1)
        if any(event.get(name, "").upper() in _REFUSED for name in _DECISIONS):
            self.ledger.one_sided(Telemetry.NETWORK_CONNECTION)
        elif not is_address(ends[1]):
            self.ledger.one_sided(Telemetry.NETWORK_CONNECTION, lacks="destination")
        start, end = span
        self.timeless += start is None
        if start is not None:
            last = end if end is not None and start <= end <= start + LONGEST else start
            self.ledger.saw(Telemetry.NETWORK_CONNECTION, start, last)
            for address in self.source.addresses.intersection(ends):
                self.ledger.present(address, Telemetry.NETWORK_CONNECTION, start, last)
        if self.sieve.everything or self.sieve.admits(raw):
            yield Record(
                telemetry=Telemetry.NETWORK_CONNECTION,
                locator=locator,
                time=start,
                values=values_of(event),
                event=event,
                addresses=tuple(dict.fromkeys(end for end in ends if is_address(end))),
                service="flow",
            )

    def broken(self, raw: bytes, locator: str) -> Iterator[Record]:
        """Count what is no flow and search it as text."""
        self.ledger.count(Telemetry.TEXT, 1)
        self.ledger.spoil(locator)
        yield text_record(raw, locator)

    def close(self) -> None:
        """Say how many rows had no time."""
        if self.timeless:
            note = f"{self.timeless} records carry no usable time; they were searched, but cover nothing"
            self.ledger.gap(Reason.NO_TIME, note)
