"""Numbers that programs store as times, in the clocks of Windows, browsers and macOS, as instants.

A number that no set clock can have written (before 1990, from 2100 on, zero for "never") is no time: None.
"""

from __future__ import annotations

import math

from nachsorge.evidence.stamps import plausible
from nachsorge.model.times import SECOND, Instant

_SINCE_1601 = 11_644_473_600 * SECOND
_SINCE_2001 = 978_307_200 * SECOND


def filetime(ticks: object) -> Instant | None:
    """Read a FILETIME: 100 nanoseconds since 1601-01-01 (MS-DTYP, section 2.3.3)."""
    return plausible(ticks // 10 - _SINCE_1601) if isinstance(ticks, int) else None


def webkit(micros: object) -> Instant | None:
    """Read Chromium's `base::Time` as it stores it: microseconds since 1601-01-01."""
    return plausible(micros - _SINCE_1601) if isinstance(micros, int) else None


def unix_micros(micros: object) -> Instant | None:
    """Read Mozilla's PRTime: microseconds since 1970-01-01."""
    return plausible(micros) if isinstance(micros, int) else None


def unix_seconds(seconds: object) -> Instant | None:
    """Read a time_t, whole or with a fraction."""
    return _scaled(seconds, 0)


def mac_absolute(seconds: object) -> Instant | None:
    """Read a CFAbsoluteTime: seconds since 2001-01-01; programs write 0 for "not set"."""
    return _scaled(seconds, _SINCE_2001) if seconds != 0 else None


def _scaled(seconds: object, epoch: Instant) -> Instant | None:
    if isinstance(seconds, int):
        return plausible(seconds * SECOND + epoch)
    if isinstance(seconds, float) and math.isfinite(seconds * SECOND):
        return plausible(round(seconds * SECOND) + epoch)
    return None
