"""The running numbers of one log and their times, as they were met and in their own order."""

from __future__ import annotations

from array import array
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from operator import ge, le, sub
from typing import TYPE_CHECKING

from nachsorge.evidence import fast
from nachsorge.model.times import HOUR, Instant, Span
from nachsorge.model.words import Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


BACKWARDS = HOUR
"""A clock set back by more than this between two records makes their times unfit to prove anything in between."""

TIMELESS = -(2**63)
"""Stands for the time of a record that has none."""


@dataclass(slots=True)
class NumberedLog:
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
        ordered = NumberedLog()
        for some in _overlapping(numbers, runs):
            more, of_them = _merged(numbers, times, some)
            ordered.numbers.extend(more)
            ordered.times.extend(of_them)
        return ordered.numbers, ordered.times

    def ordered(self) -> Iterable[tuple[int, Instant]]:
        """Give (number, time) in the order of the numbers."""
        return zip(*self.arrays(), strict=True)

    def widen(self, host: str, telemetry: Telemetry, time: Instant) -> None:
        """Add a time to what was seen of a telemetry on a host."""
        known = self.extent.get((host, telemetry))
        if known is None:
            self.extent[host, telemetry] = Span(time, time)
        elif not known.start <= time <= known.end:
            self.extent[host, telemetry] = Span(min(known.start, time), max(known.end, time))

    def take_over(self, other: NumberedLog) -> None:
        """Add all records of another part of the same log."""
        self.numbers.extend(other.numbers)
        self.times.extend(other.times)
        self.extent |= other.extent
        self.clearings |= other.clearings

    def hosts(self) -> dict[str, Span]:
        """Give for each host from when to when it wrote."""
        spans: dict[str, list[Span]] = defaultdict(list)
        for (host, _), span in self.extent.items():
            spans[host].append(span)
        return {h: Span(min(s.start for s in of), max(s.end for s in of)) for h, of in spans.items()}

    def held(self, host: str) -> set[Telemetry]:
        """Give the telemetries of which a host wrote a record."""
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


def cuts_of(numbers: array[int], times: array[int]) -> set[int]:
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
