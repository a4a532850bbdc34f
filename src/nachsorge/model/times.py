"""Instants and spans of time.

An `Instant` is an int: microseconds since 1970-01-01T00:00:00Z. Integers compare, sort and hash without surprises
and keep Zeek's and Sysmon's resolution; they become RFC 3339 text only at the edges.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Instant: TypeAlias = int

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

EARLIEST_PLAUSIBLE: Instant = 631_152_000 * SECOND
"""1990-01-01. Evidence stamped earlier comes from a clock that was not set."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST = (datetime.min.replace(tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)
_LAST = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)
_ISO = re.compile(
    r"(\d{4})-(\d\d)(?:-(\d\d))?(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?\s*(Z|[+-]\d\d:?\d\d)?\Z",
    re.IGNORECASE,
)
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*([smhdw])\Z")
_UNITS = {"s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY}


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A closed stretch of time, `start <= end`, both in it."""

    start: Instant
    end: Instant

    def overlaps(self, other: Span) -> bool:
        """Tell whether the two share at least one instant."""
        return self.start <= other.end and other.start <= self.end


def from_datetime(value: datetime) -> Instant:
    """Turn an aware datetime into an instant, exactly."""
    return (value - _EPOCH) // timedelta(microseconds=1)


@lru_cache(maxsize=1024)  # the lines of a log are of few days
def midnight(year: int, month: int, day: int) -> Instant:
    """Give the first instant of a day in UTC; ValueError where the calendar has no such day."""
    return from_datetime(datetime(year, month, day, tzinfo=UTC))


def parse_instant(text: str) -> Instant:
    """Read ISO 8601 (`2023-03`, `2023-03-29`, `2023-03-29T01:19:00.5+02:00`); without a zone it is UTC.

    A missing part is its smallest value. Raises ValueError where the text is no such time.
    """
    found = _ISO.match(text.strip())
    if not found:
        raise ValueError(f"not an ISO 8601 time: {text!r}")
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    hours, minutes = int(hour or 0), int(minute or 0)
    if hours > 23 or minutes > 59:
        raise ValueError(f"no clock shows this time: {text!r}")
    start = midnight(int(year), int(month), int(day or 1)) + hours * HOUR + minutes * MINUTE
    # A leap second (23:59:60) is a legal time stamp that datetime cannot hold.
    micros = int(second or 0) * SECOND + int((fraction or "0").ljust(6, "0")[:6])
    return start + micros - _zone_offset(zone)


def _zone_offset(zone: str | None) -> int:
    if zone is None or zone in "Zz":
        return 0
    digits = zone[1:].replace(":", "")
    offset = int(digits[:2]) * HOUR + int(digits[2:]) * MINUTE
    return -offset if zone[0] == "-" else offset


def parse_end(text: str) -> Instant:
    """Read like `parse_instant`, but a bare day or month means its last microsecond."""
    text = text.strip()
    start = parse_instant(text)
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return start + DAY - 1
    if re.fullmatch(r"\d{4}-\d\d", text):
        year, month = (int(part) for part in text.split("-"))
        following = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
        return from_datetime(following) - 1
    return start


def parse_duration(text: str) -> int:
    """Read `90s`, `15m`, `36h`, `7d`, `27.83d` or `2w` into microseconds; ValueError otherwise."""
    found = _DURATION.match(text.strip())
    if not found:
        raise ValueError(f"not a duration like 36h or 7d: {text!r}")
    return round(float(found[1]) * _UNITS[found[2]])


@lru_cache(maxsize=1 << 16)  # the borders of windows and of a sensor's time are those of thousands of assets
def render(instant: Instant) -> str:
    """Give RFC 3339 in UTC, with microseconds only where there are some.

    An instant beyond the years 1 to 9999 (a broken clock, an open end) becomes the nearest that RFC 3339 can write.
    """
    text = (_EPOCH + timedelta(microseconds=min(max(instant, _FIRST), _LAST))).isoformat()
    return text.removesuffix("+00:00") + "Z"


def union(spans: Iterable[Span], bridge: int = 0) -> tuple[Span, ...]:
    """Merge spans that touch or lie at most `bridge` microseconds apart; sorted, disjoint."""
    ordered = sorted(spans)
    if len(ordered) < 2:  # most are, for thousands of assets
        return tuple(ordered)
    merged: list[Span] = []
    for span in ordered:
        if merged and span.start <= merged[-1].end + bridge + 1:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return tuple(merged)


def intersect(left: Sequence[Span], right: Sequence[Span]) -> tuple[Span, ...]:
    """Give the time in both; each side sorted and disjoint."""
    out: list[Span] = []
    i = j = 0
    while i < len(left) and j < len(right):
        start, end = max(left[i].start, right[j].start), min(left[i].end, right[j].end)
        if start <= end:
            out.append(Span(start, end))
        if left[i].end < right[j].end:
            i += 1
        else:
            j += 1
    return tuple(out)


def subtract(window: Span, covered: Sequence[Span]) -> tuple[Span, ...]:
    """Give the parts of the window that no span covers; `covered` sorted and disjoint."""
    holes: list[Span] = []
    at = window.start
    for span in covered:
        if span.end < at:
            continue
        if span.start > window.end:
            break
        if span.start > at:
            holes.append(Span(at, span.start - 1))
        at = span.end + 1
    if at <= window.end:
        holes.append(Span(at, window.end))
    return tuple(holes)
