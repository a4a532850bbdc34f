"""What a capture holds and we could not look at, by telemetry, in stretches of time."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nachsorge.model.times import MINUTE, Instant, Span, union

if TYPE_CHECKING:
    from nachsorge.evidence.ledger import Ledger
    from nachsorge.model.words import Reason, Telemetry

JOINED = 10 * MINUTE
"""Blind moments at most this far apart are one stretch."""

MOST_STRETCHES = 64
_COMPACT = 4096

_Key = tuple["Telemetry", "Reason", str]


@dataclass(slots=True)
class Blind:
    """Collects blind moments; `report` makes gaps with their span of them, which are taken out of the coverage."""

    _spans: dict[_Key, list[Span]] = field(default_factory=dict)
    _counts: Counter[_Key] = field(default_factory=Counter)

    def add(self, telemetry: Telemetry, reason: Reason, what: str, time: Instant | None) -> None:
        """Note one packet that hides something of a telemetry."""
        key = telemetry, reason, what
        self._counts[key] += 1
        spans = self._spans.setdefault(key, [])
        if time is None:
            return
        if spans and spans[-1].start <= time <= spans[-1].end + JOINED:
            spans[-1] = Span(spans[-1].start, max(time, spans[-1].end))
            return
        spans.append(Span(time, time))
        if len(spans) > _COMPACT:
            self._spans[key] = list(union(spans, JOINED))

    def report(self, ledger: Ledger) -> None:
        """Give the gaps, at most `MOST_STRETCHES` of a kind: beyond, the shorter pauses are taken in."""
        for key in sorted(self._counts):
            telemetry, reason, what = key
            slack, spans = JOINED, union(self._spans[key], JOINED)
            while len(spans) > MOST_STRETCHES:
                slack *= 2
                spans = union(spans, slack)
            for span in spans or (None,):
                ledger.gap(reason, f"{self._counts[key]} {what}", telemetry=telemetry, span=span)
