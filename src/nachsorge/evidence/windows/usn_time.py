"""What the running numbers and times of a change journal prove: from when to when it ran on, and where it broke."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nachsorge.evidence.windows.usn import PAGE
from nachsorge.model.times import HOUR, Instant, Span, render, union
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from nachsorge.evidence.windows.usn import Change

BACKWARDS = HOUR
"""A clock set back by more than this makes the times between unfit to prove anything."""

BREAKS = 32
"""How many breaks are named one by one; the rest are named as one, over all of their time."""

_STRETCHES = 2048


@dataclass(slots=True)
class JournalTime:
    """Kept while a journal is read. `first` and `latest` are the bounds of its times, None before any."""

    first: Instant | None = None
    latest: Instant | None = None
    time: Instant | None = None
    broken: list[tuple[Reason, Span, str]] = field(default_factory=list)
    _end: int = -1
    _blind: list[Span] = field(default_factory=list)

    def step(self, change: Change, time: Instant | None) -> None:
        """Compare a record's number and time with those of the one before."""
        end, then = self._end, self.time
        self._end = change.usn + change.size
        if time is None:
            return
        self.time = time
        self.first = time if self.first is None else min(self.first, time)
        self.latest = time if self.latest is None else max(self.latest, time)
        if then is None:
            return
        span = Span(min(then, time), max(then, time))
        # A record that does not fit on a page begins the next one.
        if change.usn not in (end, -(-end // PAGE) * PAGE):
            self._break(Reason.RECORD_JUMP, span, f"the journal jumps from {end} to {change.usn}")
        elif time < then - BACKWARDS:
            self._break(Reason.CLOCK, span, f"the clock was set back from {render(then)} to {render(time)}")

    def _break(self, reason: Reason, span: Span, note: str) -> None:
        self.broken.append((reason, span, note))
        if len(self.broken) > BREAKS:
            (_, one, _), (_, other, _) = self.broken[-2:]
            both = Span(min(one.start, other.start), max(one.end, other.end))
            self.broken[-2:] = [(Reason.RECORD_JUMP, both, "further breaks of the journal")]

    def blind(self, time: Instant) -> None:
        """Take note of a change at this time whose path is not known."""
        spans = self._blind
        if spans and spans[-1].start <= time <= spans[-1].end + HOUR:
            spans[-1] = Span(spans[-1].start, max(spans[-1].end, time))
            return
        spans.append(Span(time, time))
        if len(spans) > _STRETCHES:
            self._blind = [Span(min(s.start for s in spans), max(s.end for s in spans))]

    @property
    def blind_spans(self) -> tuple[Span, ...]:
        """Give the stretches in which paths are not known, joined where an hour or less lies between."""
        return union(self._blind, HOUR)
