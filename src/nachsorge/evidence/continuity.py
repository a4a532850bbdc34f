"""What the running numbers of an event log prove.

Every record of a log has a number one higher than the one before. While the numbers run on, nothing is missing, however
long the log was silent; where they jump, records were there that nobody looked at. So per host and channel the (number,
time) pairs are kept (16 bytes a record) and judged at the end, in the order of the numbers: a file's own order differs.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from operator import ge, le, sub
from typing import TYPE_CHECKING

from nachsorge.evidence import fast
from nachsorge.evidence.windows.sources import possible, promised
from nachsorge.model.times import EARLIEST_PLAUSIBLE, HOUR, Instant, Span, intersect, render, union
from nachsorge.model.words import Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.windows.event import Head

BACKWARDS = HOUR
"""A clock set back by more than this between two records makes their times unfit to prove anything in between."""

NAMED = 32
"""How many breaks of one log are named one by one; the rest are named as one, over all of their time."""

_TIMELESS = -(2**63)
_CLEARED = "the log was cleared; what stood in it before is unseen"


@dataclass(slots=True)
class _Log:
    """The records of one log so far; `extent` is from the first to the last of each telemetry, per host."""

    numbers: array[int] = field(default_factory=lambda: array("q"))
    times: array[int] = field(default_factory=lambda: array("q"))
    extent: dict[tuple[str, Telemetry], Span] = field(default_factory=dict)
    clearings: set[int] = field(default_factory=set)

    def arrays(self) -> tuple[array[int], array[int]]:
        """Give both in the order of the numbers."""
        numbers, times = self.numbers, self.times
        falls = _falls(numbers)
        if not falls:
            return numbers, times
        # A log that has come round begins in the middle: a few runs, each in order, few within another.
        runs = sorted(pairwise([0, *falls, len(numbers)]), key=lambda run: numbers[run[0]])
        ordered = _Log()
        for some in _overlapping(numbers, runs):
            more, of_them = _merged(numbers, times, some)
            ordered.numbers.extend(more)
            ordered.times.extend(of_them)
        return ordered.numbers, ordered.times

    def ordered(self) -> Iterable[tuple[int, Instant]]:
        return zip(*self.arrays(), strict=True)

    def widen(self, host: str, telemetry: Telemetry, time: Instant) -> None:
        known = self.extent.get((host, telemetry))
        if known is None:
            self.extent[host, telemetry] = Span(time, time)
        elif not known.start <= time <= known.end:
            self.extent[host, telemetry] = Span(min(known.start, time), max(known.end, time))

    def take_over(self, other: _Log) -> None:
        self.numbers.extend(other.numbers)
        self.times.extend(other.times)
        self.extent |= other.extent
        self.clearings |= other.clearings

    def hosts(self) -> dict[str, Span]:
        spans: dict[str, list[Span]] = defaultdict(list)
        for (host, _), span in self.extent.items():
            spans[host].append(span)
        return {h: Span(min(s.start for s in of), max(s.end for s in of)) for h, of in spans.items()}

    def held(self, host: str) -> set[Telemetry]:
        return {telemetry for at, telemetry in self.extent if at == host}


def _falls(numbers: array[int]) -> list[int]:
    """Give where numbers do not rise; none where they never fall."""
    kernel = fast.event_kernel()
    found = None if kernel is None else kernel.falls(numbers)
    if found is not None:
        return found
    if all(map(le, numbers, numbers[1:])):
        return []
    return [at for at, falls in enumerate(map(ge, numbers, numbers[1:]), 1) if falls]


def _cuts(numbers: array[int], times: array[int]) -> set[int]:
    """Give where numbers jump, and where the clock was set back."""
    kernel = fast.event_kernel()
    found = None if kernel is None else kernel.cuts(numbers, times, BACKWARDS)
    if found is not None:
        return set(found)
    cuts = {at for at, step in enumerate(map(sub, numbers[1:], numbers), 1) if step > 1}
    cuts.update(at for at, back in enumerate(map(sub, times, times[1:]), 1) if back > BACKWARDS)
    return cuts


def _overlapping(numbers: array[int], runs: Iterable[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """Put runs together (in the order of their first numbers) of which one begins before another ends."""
    some: list[tuple[int, int]] = []
    highest = 0
    for start, end in runs:
        if some and numbers[start] > highest:
            yield some
            some = []
        highest = max(numbers[end - 1], highest) if some else numbers[end - 1]
        some.append((start, end))
    yield some


def _merged(numbers: array[int], times: array[int], runs: Sequence[tuple[int, int]]) -> tuple[array[int], array[int]]:
    """Give numbers and times of runs in the order of the numbers."""
    if len(runs) == 1:
        ((start, end),) = runs
        return numbers[start:end], times[start:end]
    pairs = sorted(pair for start, end in runs for pair in zip(numbers[start:end], times[start:end], strict=True))
    return array("q", [number for number, _ in pairs]), array("q", [time for _, time in pairs])


@dataclass(slots=True, eq=False)
class Strand:
    """Where the events of one kind and host belong; what they share is worked out once (`Continuity.strand`)."""

    host: str
    covers: Telemetry
    log: _Log

    def extend(self, numbers: Iterable[int], times: Sequence[Instant]) -> None:
        """Add events, all of them this strand's."""
        self.log.numbers.extend(numbers)
        self.log.times.extend(times)
        self.widen(times)

    def widen(self, times: Sequence[Instant]) -> None:
        """Add times of events that the log has already."""
        self.log.widen(self.host, self.covers, min(times))
        self.log.widen(self.host, self.covers, max(times))


@dataclass(frozen=True, slots=True)
class _Break:
    reason: Reason
    span: Span
    note: str
    missing: int = 0


class Continuity:
    """Collects heads of events, and at the end tells the ledger what they prove.

    With `jumps` a jump in the numbers is a gap. Without it (events that a forwarder has chosen) a jump says nothing,
    but numbers that run on still bridge a silence. `one_log` is set by a reader that knows all records of a channel to
    come from one log, so that a machine's change of name does not look like a jump.
    """

    def __init__(self, ledger: Ledger, *, jumps: bool = True) -> None:
        """Begin with nothing known."""
        self.ledger = ledger
        self.jumps = jumps
        self.one_log = False
        self.timeless = 0
        self.early = 0
        self._logs: dict[tuple[str, str], _Log] = defaultdict(_Log)
        self._elsewhere: list[tuple[str, str, Instant, str]] = []
        self._strands: dict[tuple[str, str, Telemetry], Strand] = {}

    def note(self, head: Head, host: str | None = None) -> None:
        """Take one event, in whatever order; `host` stands in where the event names none."""
        time, name = head.time, head.computer or host or ""
        if time is None:
            self.timeless += head.stamp is None
            self.early += head.stamp is not None
        if head.number is None or head.number > 2**62:
            self._unnumbered(head, name, time)
            return
        log = self._logs[name, head.channel]
        log.numbers.append(head.number)
        log.times.append(_TIMELESS if time is None else time)
        if time is not None:
            log.widen(name, head.source.covers, time)
        cleared = head.clears
        if cleared and cleared.lower() == head.channel.lower():
            log.clearings.add(head.number)
        elif cleared and time is not None:
            self._elsewhere.append((name, cleared, time, head.channel))

    def strand(self, head: Head, host: str | None = None) -> Strand | None:
        """Give where events like this one belong; None where each says more: one that a log was cleared."""
        name, covers = head.computer or host or "", head.source.covers
        if head.clears:
            return None
        found = self._strands.get((name, head.channel, covers))
        if found is None:
            found = Strand(name, covers, self._logs[name, head.channel])
            self._strands[name, head.channel, covers] = found
        return found

    def take(self, strands: Sequence[Strand], numbers: Sequence[int], times: Sequence[Instant]) -> None:
        """Take many events at once, in the file's order; all have a plausible time and a number up to 2^62."""
        if len(set(strands)) == 1:
            strands[0].extend(numbers, times)
            return
        by_strand: dict[Strand, list[Instant]] = defaultdict(list)
        for strand, number, time in zip(strands, numbers, times, strict=True):
            strand.log.numbers.append(number)
            strand.log.times.append(time)
            by_strand[strand].append(time)
        for strand, own in by_strand.items():
            strand.widen(own)

    def settle(self) -> None:
        """Report to the ledger: stretches, jumps, clearings, clocks."""
        for channel, log in self._grouped():
            stretches, breaks = _judge(log)
            self._report_seen(channel, log, stretches)
            self._report_breaks(channel, log, breaks)
        for host, channel, time, told_by in self._elsewhere:
            self._cleared(host, channel, Span(EARLIEST_PLAUSIBLE, time), f"; so says {told_by}")
        if self.timeless:
            note = f"{self.timeless} records carry no usable time; they were searched, but cover nothing"
            self.ledger.gap(Reason.NO_TIME, note)
        if self.early:
            self.ledger.gap(Reason.CLOCK, f"{self.early} records are stamped before 1990: the clock was not set")

    def _grouped(self) -> Iterator[tuple[str, _Log]]:
        if not self.one_log:
            yield from ((channel, log) for (_, channel), log in sorted(self._logs.items(), key=lambda item: item[0]))
            return
        merged: dict[str, _Log] = defaultdict(_Log)
        for (_, channel), log in sorted(self._logs.items(), key=lambda item: item[0]):
            merged[channel].take_over(log)
        yield from sorted(merged.items(), key=lambda item: item[0])

    def _unnumbered(self, head: Head, host: str, time: Instant | None) -> None:
        if time is None:
            return
        for covered in sorted({head.source.covers, *(promised(head.channel) if self.jumps else ())}):
            self.ledger.saw(covered, time, time, host or None)
        if head.clears:
            self._cleared(host, head.clears, Span(EARLIEST_PLAUSIBLE, time))

    def _report_seen(self, channel: str, log: _Log, stretches: list[Span]) -> None:
        whole = union(stretches)
        # Of events that a forwarder chose, only a run without any jump is known to be the whole log.
        entire = set(promised(channel)) if self.jumps or len(stretches) == 1 else {Telemetry.WINDOWS_EVENT}
        for host, extent in sorted(log.hosts().items()):
            for telemetry in sorted(log.held(host) | entire):
                between = extent if telemetry in entire else log.extent[host, telemetry]
                for span in intersect(whole, (between,)):
                    self.ledger.saw(telemetry, span.start, span.end, host or None)

    def _report_breaks(self, channel: str, log: _Log, breaks: list[_Break]) -> None:
        for found in _bounded([b for b in breaks if self.jumps or b.reason is not Reason.RECORD_JUMP]):
            for host, extent in sorted(log.hosts().items()):
                if not extent.overlaps(found.span):
                    continue
                if found.reason is Reason.LOG_CLEARED:
                    self._cleared(host, channel, found.span)
                    continue
                for telemetry in sorted(log.held(host) | set(promised(channel))):
                    note = f"{channel}: {found.note}"
                    self.ledger.gap(found.reason, note, telemetry=telemetry, span=found.span, host=host or None)

    def _cleared(self, host: str, channel: str, span: Span, more: str = "") -> None:
        for telemetry in possible(channel):
            note = f"{channel}: {_CLEARED}{more}"
            self.ledger.gap(Reason.LOG_CLEARED, note, telemetry=telemetry, span=span, host=host or None)


def _judge(log: _Log) -> tuple[list[Span], list[_Break]]:
    """Cut a log into the stretches that its numbers prove complete, and name what lies between them."""
    if not len(log.times):
        return [], []
    if min(log.times) != _TIMELESS:
        return _judge_timed(log)
    stretches: list[Span] = []
    breaks: list[_Break] = []
    low = high = last = _TIMELESS
    before = 0
    for number, time in log.ordered():
        if time == _TIMELESS:
            # It was there, so what follows it does not jump; but a jump up to it waits for the next that has a time.
            before = number if last == _TIMELESS or number <= before + 1 else before
            continue
        found = _broken(log, before, number, last, time)
        if found is not None:
            breaks.append(found)
        if found is not None or low == _TIMELESS:
            stretches += [Span(low, high)] if low != _TIMELESS else []
            low = high = time
        low, high = min(low, time), max(high, time)
        before, last = number, time
    stretches += [Span(low, high)] if low != _TIMELESS else []
    return stretches, breaks


def _judge_timed(log: _Log) -> tuple[list[Span], list[_Break]]:
    """Judge a log of which every record has a time, without a step of Python for each."""
    numbers, times = log.arrays()
    cuts = _cuts(numbers, times)
    if log.clearings:
        cuts.update(at for at, number in enumerate(numbers) if number in log.clearings)
    ordered = sorted(cuts)
    breaks = []
    for at in ordered:
        before, last = (numbers[at - 1], times[at - 1]) if at else (0, _TIMELESS)
        found = _broken(log, before, numbers[at], last, times[at])
        assert found is not None
        breaks.append(found)
    edges = [0, *(at for at in ordered if at), len(times)]
    stretches = [Span(min(times[a:b]), max(times[a:b])) for a, b in pairwise(edges)]
    return stretches, breaks


def _broken(log: _Log, before: int, number: int, last: Instant, time: Instant) -> _Break | None:
    if number in log.clearings:
        start = EARLIEST_PLAUSIBLE if last == _TIMELESS else min(last, time)
        return _Break(Reason.LOG_CLEARED, Span(start, max(last, time)), _CLEARED)
    if last == _TIMELESS:
        return None
    between = Span(min(last, time), max(last, time))
    if number > before + 1:
        missing = number - before - 1
        note = f"{missing} records missing between number {before} ({render(last)}) and {number} ({render(time)})"
        return _Break(Reason.RECORD_JUMP, between, note, missing)
    if last - time > BACKWARDS:
        note = f"time runs backwards from record {before} ({render(last)}) to {number} ({render(time)})"
        return _Break(Reason.CLOCK, between, note)
    return None


def _bounded(breaks: list[_Break]) -> Iterator[_Break]:
    """Give the first breaks of each reason one by one, the rest of them as one."""
    for reason in sorted({found.reason for found in breaks}):
        same = [found for found in breaks if found.reason is reason]
        yield from same[:NAMED]
        if rest := same[NAMED:]:
            span = Span(min(found.span.start for found in rest), max(found.span.end for found in rest))
            missing = sum(found.missing for found in rest)
            note = f"{len(rest)} more breaks like this" + (f", {missing} records missing" if missing else "")
            yield _Break(reason, span, note, missing)
