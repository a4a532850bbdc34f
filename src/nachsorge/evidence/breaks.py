"""What the numbers of a log prove: the stretches in which nothing is missing, and what breaks them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from nachsorge.evidence.numbered import BACKWARDS, TIMELESS, NumberedLog, cuts_of
from nachsorge.model.times import EARLIEST_PLAUSIBLE, Instant, Span, render
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMED = 32
"""How many breaks of one log are named one by one; the rest are named as one, over all of their time."""

CLEARED = "the log was cleared; what stood in it before is unseen"


@dataclass(frozen=True, slots=True)
class Break:
    """A jump of the numbers, a clearing, or a clock set back; `missing` is how many records nobody saw."""

    reason: Reason
    span: Span
    note: str
    missing: int = 0


def judged(log: NumberedLog) -> tuple[list[Span], list[Break]]:
    """Cut a log into the stretches that its numbers prove complete, and name what lies between them."""
    if not len(log.times):
        return [], []
    if min(log.times) != TIMELESS:
        return _judge_timed(log)
    stretches: list[Span] = []
    breaks: list[Break] = []
    low = high = last = TIMELESS
    before = 0
    for number, time in log.ordered():
        if time == TIMELESS:
            # It was there, so what follows it does not jump; but a jump up to it waits for the next that has a time.
            before = number if last == TIMELESS or number <= before + 1 else before
            continue
        found = _broken(log, before, number, last, time)
        if found is not None:
            breaks.append(found)
        if found is not None or low == TIMELESS:
            stretches += [Span(low, high)] if low != TIMELESS else []
            low = high = time
        low, high = min(low, time), max(high, time)
        before, last = number, time
    stretches += [Span(low, high)] if low != TIMELESS else []
    return stretches, breaks


def _judge_timed(log: NumberedLog) -> tuple[list[Span], list[Break]]:
    """Judge a log of which every record has a time, without a step of Python for each."""
    numbers, times = log.arrays()
    cuts = cuts_of(numbers, times)
    if log.clearings:
        cuts.update(at for at, number in enumerate(numbers) if number in log.clearings)
    ordered = sorted(cuts)
    breaks = []
    for at in ordered:
        before, last = (numbers[at - 1], times[at - 1]) if at else (0, TIMELESS)
        found = _broken(log, before, numbers[at], last, times[at])
        assert found is not None
        breaks.append(found)
    edges = [0, *(at for at in ordered if at), len(times)]
    stretches = [Span(min(times[a:b]), max(times[a:b])) for a, b in pairwise(edges)]
    return stretches, breaks


def _broken(log: NumberedLog, before: int, number: int, last: Instant, time: Instant) -> Break | None:
    if number in log.clearings:
        start = EARLIEST_PLAUSIBLE if last == TIMELESS else min(last, time)
        return Break(Reason.LOG_CLEARED, Span(start, max(last, time)), CLEARED)
    if last == TIMELESS:
        return None
    between = Span(min(last, time), max(last, time))
    if number > before + 1:
        missing = number - before - 1
        note = f"{missing} records missing between number {before} ({render(last)}) and {number} ({render(time)})"
        return Break(Reason.RECORD_JUMP, between, note, missing)
    if last - time > BACKWARDS:
        note = f"time runs backwards from record {before} ({render(last)}) to {number} ({render(time)})"
        return Break(Reason.CLOCK, between, note)
    return None


def bounded(breaks: list[Break]) -> Iterator[Break]:
    """Give the first breaks of each reason one by one, the rest of them as one."""
    for reason in sorted({found.reason for found in breaks}):
        same = [found for found in breaks if found.reason is reason]
        yield from same[:NAMED]
        if rest := same[NAMED:]:
            span = Span(min(found.span.start for found in rest), max(found.span.end for found in rest))
            missing = sum(found.missing for found in rest)
            note = f"{len(rest)} more breaks like this" + (f", {missing} records missing" if missing else "")
            yield Break(reason, span, note, missing)
