"""Times as people and programs write them into logs and tables: epoch numbers, ISO 8601, month names."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from nachsorge.model.times import EARLIEST_PLAUSIBLE, HOUR, SECOND, Instant, midnight, parse_instant

LATEST_PLAUSIBLE: Instant = 4_102_444_800 * SECOND
"""2100-01-01. A number beyond it is no time."""

ZONE_SPREAD = 14 * HOUR
"""The farthest that a local clock runs ahead of UTC (Line Islands, +14:00)."""

_YEAR = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTHS = {name: number for number, name in enumerate(_YEAR, 1)}

_EPOCH = re.compile(r"(\d{9,19})(?:\.(\d{1,9}))?\Z")
_WEEKDAY = re.compile(r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+", re.IGNORECASE)
_CLOCK = r"(?P<h>\d\d):(?P<m>\d\d):(?P<s>\d\d)(?:[.,](?P<f>\d{1,9}))?"
_ZONE = r"(?:\s*(?P<z>Z|UTC|GMT|[+-]\d\d:?\d\d))?\Z"
_NAMED = (
    re.compile(rf"(?P<mon>[A-Za-z]{{3}})\s+(?P<d>\d\d?),?\s+(?P<y>\d{{4}})\s+{_CLOCK}{_ZONE}"),
    re.compile(rf"(?P<d>\d\d?)[\s/-](?P<mon>[A-Za-z]{{3}})[\s/-](?P<y>\d{{4}})[\s:]{_CLOCK}{_ZONE}"),
    re.compile(
        rf"(?P<mon>[A-Za-z]{{3}})\s+(?P<d>\d\d?)\s+{_CLOCK}(?:\s+(?P<z>UTC|GMT|[+-]\d\d:?\d\d))?\s+(?P<y>\d{{4}})\Z"
    ),
    re.compile(rf"(?P<mon>[A-Za-z]{{3}})\s+(?P<d>\d\d?)\s+{_CLOCK}\s+(?P<y>\d{{4}}){_ZONE}"),
)


def plausible(instant: Instant) -> Instant | None:
    """Give the instant back if a set clock can have written it, else None."""
    return instant if EARLIEST_PLAUSIBLE <= instant < LATEST_PLAUSIBLE else None


def at(year: int, month: int, day: int, hour: int, minute: int, second: int, fraction: str = "") -> Instant | None:
    """Put a time in UTC together; None where the calendar or the clock has no such moment."""
    if hour > 23 or minute > 59 or second > 60:
        return None
    try:
        start = midnight(year, month, day)
    except ValueError:
        return None
    return plausible(start + (hour * 3600 + minute * 60 + second) * SECOND + int((fraction or "0").ljust(6, "0")[:6]))


def epoch(text: str) -> Instant | None:
    """Read seconds, milli-, micro- or nanoseconds since 1970, told apart by their size; None else."""
    found = _EPOCH.match(text)
    if not found:
        return None
    scale = (len(found[1]) - 8) // 3
    per_unit = SECOND // 1000**scale if scale < 3 else 0
    whole = int(found[1]) * per_unit if per_unit else int(found[1]) // 1000
    part = int((found[2] or "0").ljust(6, "0")[:6]) // 1000**scale if scale < 3 else 0
    return plausible(whole + part)


@lru_cache(maxsize=4096)
def written(text: str) -> Instant | None:
    """Read an epoch number, ISO 8601, or a date with the month's name and a year; without a zone it is UTC.

    All-digit dates whose order depends on a country are not read: None, as for everything else that is no time.
    """
    text = text.strip()
    number = epoch(text)
    if number is not None:
        return number
    try:
        return plausible(parse_instant(text))
    except ValueError:
        return _named(_WEEKDAY.sub("", text, count=1))


def _named(text: str) -> Instant | None:
    for pattern in _NAMED:
        if (found := pattern.match(text)) and found["mon"].lower() in MONTHS:
            day, hour, minute, second = (int(found[part]) for part in ("d", "h", "m", "s"))
            local = at(int(found["y"]), MONTHS[found["mon"].lower()], day, hour, minute, second, found["f"] or "")
            return None if local is None else local - _offset(found["z"])
    return None


def _offset(zone: str | None) -> int:
    if not zone or zone[0] not in "+-":
        return 0
    micros = (int(zone[1:3]) * 60 + int(zone[-2:])) * 60 * SECOND
    return -micros if zone[0] == "-" else micros


def yearless(month: int, day: int, clock: tuple[int, int, int], before: Instant) -> Instant | None:
    """Give the latest such moment that does not lie after `before`.

    The clock is local and its zone unknown, so it may seem to run up to 14 hours ahead of the file's own time.
    """
    limit = before + ZONE_SPREAD
    year = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=limit)).year
    # 29 February may lie up to eight years back (1896 to 1904).
    for candidate in range(year, year - 9, -1):
        moment = at(candidate, month, day, *clock)
        if moment is not None and moment <= limit:
            return moment
    return None
