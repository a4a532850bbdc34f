"""When the lines of a block were written: read of its first and last line, of more where these do not suffice.

Between two lines no more than an hour apart and in order, the stretch counts as recorded. Where they are further apart,
or not in order, or one has no time, those in the middle are asked, down to one every 64 KiB, and from there on every
line's own. So a busy log is asked twice a block. No hit takes part in this, nor whether loops are compiled, so the
account is the same with and without either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from nachsorge.evidence.engine import contains
from nachsorge.evidence.ledger import FINE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nachsorge.evidence.blocks import Block
    from nachsorge.evidence.line_format import LineFormat
    from nachsorge.evidence.survey import Survey
    from nachsorge.model.times import Instant
    from nachsorge.model.words import Telemetry

SEGMENT = 64 * 1024


class Samples:
    """The times of some lines of a block. `spans` are its segments, whole lines of 64 KiB or little more."""

    __slots__ = ("_form", "_piece", "_times", "spans")

    def __init__(self, piece: Block, form: LineFormat) -> None:
        """Cut a block into segments."""
        self.spans = _spans(piece)
        self._piece, self._form = piece, form
        self._times: dict[int, Instant | None] = {}

    def time(self, number: int) -> Instant | None:
        """Give the time of a segment's first line; behind the last segment, that of the block's last line."""
        if number not in self._times:
            self._times[number] = self._form.time(self._line(number))
        return self._times[number]

    def steady(self) -> tuple[Instant, Instant] | None:
        """Give the first time and the last, if there is no more than an hour between two, and all are in order."""
        last = len(self.spans)
        first, end = self.time(0), self.time(last)
        if first is None or end is None or not self._joined(0, first, last, end):
            return None
        return first, end

    def _joined(self, low: int, before: Instant, high: int, after: Instant) -> bool:
        if 0 <= after - before <= FINE:
            return True
        middle = (low + high) // 2
        between = None if middle == low or after < before else self.time(middle)
        if between is None:
            return False
        return self._joined(low, before, middle, between) and self._joined(middle, between, high, after)

    def _line(self, number: int) -> bytes:
        piece = self._piece
        if number == len(self.spans):
            return _last_line(piece)
        start, end = self.spans[number]
        newline = piece.data.find(b"\n", start, end)
        return piece.cut(start, end if newline < 0 else newline)


def _spans(piece: Block) -> list[tuple[int, int]]:
    found, data, start = [], piece.data, piece.lo
    while start < piece.hi:
        near = start + SEGMENT >= piece.hi
        end = piece.hi if near else data.find(b"\n", start + SEGMENT, piece.hi) + 1 or piece.hi
        found.append((start, end))
        start = end
    return found


def _last_line(piece: Block) -> bytes:
    """Give the last line that is not empty."""
    end = piece.hi
    while end > piece.lo and piece.data[end - 1] in b"\r\n":
        end -= 1
    return piece.cut(max(piece.data.rfind(b"\n", piece.lo, end) + 1, piece.lo), end)


class Alone(NamedTuple):
    """A block of one telemetry that names no host: how many lines are not empty, how many ends of lines it has."""

    telemetry: Telemetry
    lines: int
    ends: int


def alone(piece: Block, spans: Iterable[tuple[int, int]], surveyed: Survey | None, form: LineFormat) -> Alone | None:
    """Tell whether all lines of a block are of one telemetry and name no host; at the first that is not it ends."""
    if surveyed is not None and surveyed.every is not None:
        return Alone(surveyed.every, surveyed.lines, surveyed.ends)
    only, lines, ends = None, 0, 0
    for start, end in spans:
        found, newlines = classes(piece.cut(start, end), (start, end), surveyed, form)
        for telemetry, host, records in found:
            if host is not None or telemetry != (only or telemetry):
                return None
            only = telemetry
            lines += records
        ends += newlines
    return None if only is None else Alone(only, lines, ends)


def classes(
    segment: bytes, span: tuple[int, int], surveyed: Survey | None, form: LineFormat
) -> tuple[Iterable[tuple[Telemetry, str | None, int]], int]:
    """Count a segment's lines by telemetry and host, and its ends of lines."""
    newlines = surveyed.count(*span) if surveyed else segment.count(b"\n")
    found = surveyed.classes(*span) if surveyed else None
    return form.classes(segment, count_lines(segment, newlines)) if found is None else found, newlines


def count_lines(segment: bytes, newlines: int | None = None) -> int:
    """Count lines that are not empty; `newlines` saves counting those again."""
    if segment.startswith((b"\n", b"\r")) or contains(rb"\n[\n\r]")(segment):
        return sum(1 for line in segment.split(b"\n") if line.strip())
    newlines = segment.count(b"\n") if newlines is None else newlines
    return newlines + (bool(segment) and not segment.endswith(b"\n"))
