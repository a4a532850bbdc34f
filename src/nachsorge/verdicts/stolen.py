"""What a stolen browser list contained at the time, from the list as it was found later.

A thief takes the newest `limit` rows by their numbers. Numbers grow as addresses are first met, so a row was there at a
time if it, or one with a greater number, was visited by then. Rows that were deleted in between are missing numbers:
they may have stood in the list, and then its oldest rows did not; so may those behind the newest row of the time, up to
the next row that is left, and where none is left nobody knows how many. So a row is `certain` where it was among the
newest even if every missing number had still been there; it is possible where it was if all had been gone already.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nachsorge.locale import N_
from nachsorge.model.ranking import Row, StolenList
from nachsorge.model.times import Instant, Span, render

if TYPE_CHECKING:
    from collections.abc import Sequence

REUSED = N_("its browser gives the number of a deleted newest row to the next one: the order of numbers is no proof")
GONE = "its oldest visit is of {oldest}, after the time of the theft: what the list held then is not there any more"
UNKNOWN = N_("when it was taken is not known: it is shown as it was found")


def stolen(
    rows: Sequence[Row],
    limit: int,
    at: Span | None,
    *,
    source: str = "",
    browser: str = "",
    unique: bool = True,
    notes: Sequence[str] = (),
) -> StolenList:
    """Reconstruct a list. `rows` have growing numbers; without `at` the list is given as it was found."""
    told = [*notes, *(() if unique else (REUSED,))]
    oldest = min((row.first for row in rows if row.first is not None), default=None)
    if at is None:
        told.append(UNKNOWN)
    elif rows and (oldest is None or oldest > at.end):
        told.append(GONE.format(oldest=render(oldest) if oldest is not None else "no time that is known"))
    taken = _taken(rows, limit, at) if rows else []
    missing = taken[0].number - taken[-1].number + 1 - len(taken) if taken else 0
    return StolenList(
        source=source, browser=browser, limit=limit, at=at, rows=tuple(taken), missing=missing, notes=tuple(told)
    )


def _taken(rows: Sequence[Row], limit: int, at: Span | None) -> list[Row]:
    """Give the rows that may have been taken, the newest first."""
    if at is None:
        first_top = last_top = len(rows) - 1
    else:
        first_top, last_top = _top(rows, at.start), _top(rows, at.end)
    if last_top < 0:
        return []
    start = rows[first_top].number if first_top >= 0 else None
    end = rows[last_top + 1].number - 1 if last_top + 1 < len(rows) else None
    # Those that were there when the time began stand behind all that came until then; later ones were new once.
    oldest = max(0, first_top - limit + 1) if first_top >= 0 else 0
    found = []
    for row in reversed(rows[oldest : last_top + 1]):
        surely = start is not None and end is not None and row.number <= start and end - row.number < limit
        found.append(replace(row, certain=surely))
    return found


def _top(rows: Sequence[Row], at: Instant) -> int:
    """Give the index of the greatest number that was there at an instant; -1 where none was."""
    there = (index if row.first is not None and row.first <= at else -1 for index, row in enumerate(rows))
    return max(there, default=-1)
