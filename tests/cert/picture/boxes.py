"""Small tables for the tests of disclosure control, and a reader who tries every table there is."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import strategies as st

from nachsorge.cert.picture.system import How, Key, Need, Sheet, Shown, Sum, exact
from nachsorge.cert.picture.tables import Axis, Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST = 7
"""Every number of these tables is at most this, and the reader knows it."""


def table(rows: int, columns: int) -> Table:
    """Give a table with both margins."""
    return Table("t", Axis("r", tuple(f"r{n}" for n in range(rows))), Axis("c", tuple(f"c{n}" for n in range(columns))))


@st.composite
def boxes(draw: st.DrawFn, most: int = MOST) -> tuple[tuple[Sum, ...], dict[Key, int]]:
    """Draw the sums of a small table and its numbers, the total at most `most`."""
    rows, columns = draw(st.sampled_from([(2, 2), (2, 3), (3, 2)]))
    made = table(rows, columns)
    units = draw(st.lists(st.tuples(st.integers(0, rows - 1), st.integers(0, columns - 1)), max_size=most))
    numbers = {cell: 0 for _, line in made.lines() for cell in line}
    for row, column in units:
        for r in (f"r{row}", None):
            for c in (f"c{column}", None):
                numbers[made.cell(r, c)] += 1
    return tuple(made.sums()), numbers


def hidden() -> Shown:
    """Show nothing, of a number that is at most MOST."""
    return Shown(How.PROTECTED, None, 0, MOST)


def sheet_of(sums: tuple[Sum, ...], numbers: dict[Key, int], protected: set[Key]) -> Sheet:
    """Give the sheet that hides these cells."""
    shown = {cell: hidden() if cell in protected else exact(number) for cell, number in numbers.items()}
    return Sheet(shown, sums, unsaid=hidden())


@cache
def _all(inner: int) -> NDArray[np.int64]:
    """Give every way to fill this many cells with nought to MOST, one a column."""
    return np.indices((MOST + 1,) * inner).reshape(inner, -1)


def spans(sheet: Sheet) -> dict[Key, tuple[int, int]]:
    """Give the least and the greatest number of every cell, by trying all tables of whole numbers that there are."""
    inner = [cell for cell in sheet.shown if len(cell) == 2]
    tried = _all(len(inner))
    full = {}
    for cell in sheet.shown:
        within = [place for place, one in enumerate(inner) if set(cell) <= set(one)]
        full[cell] = tried[within].sum(axis=0)
    fits = np.all([(one.low <= full[cell]) & (full[cell] <= one.high) for cell, one in sheet.shown.items()], axis=0)
    return {cell: (int(column[fits].min()), int(column[fits].max())) for cell, column in full.items()}


def needs(sheet: Sheet, width: int) -> list[Need]:
    """Give the need of every protected cell."""
    return [Need(cell, width) for cell in sheet.protected()]
