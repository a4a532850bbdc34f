"""What a reader can work out: for every protected cell the least and the greatest number that fit all that is shown.

Two linear programmes a cell would tell. Most are spared: a table that fits is a witness for every cell at once, and two
witnesses that lie far enough apart in a cell show that it is safe. Witnesses are found many cells at a time; only the
cells that they leave open get programmes of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nachsorge.cert.picture.programme import AuditError, Programme
from nachsorge.cert.picture.system import Exposed, Key, Need, Sheet, Shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

__all__ = ["AuditError", "Reader", "audit"]

_MANY = 4
"""Open cells from which on it pays to look for witnesses of many at once."""
_EXACT = 600
"""Cells up to which ends are found exactly, come what may."""
_KEPT = 400
"""Witnesses kept at most."""


class Reader:
    """Somebody who has the sheet, pencil and all the time in the world. Tables met are kept as witnesses."""

    def __init__(self, sheet: Sheet) -> None:
        self._place = {cell: column for column, cell in enumerate(sheet.shown)}
        self._programme = Programme(sheet)
        self._met: list[NDArray[np.int64]] = []
        self._chance = np.random.default_rng(0)
        self._fitting = 0
        self._least = self._most = np.zeros(len(self._place), dtype=np.int64)

    @property
    def solved(self) -> int:
        """How many programmes were solved so far."""
        return self._programme.solved

    def interval(self, cell: Key) -> tuple[int, int]:
        """Give the least and the greatest number possible in a cell.

        In a large sheet the ends may be those of the witnesses found, which lie within. Then a cell may be taken to be
        exposed that is not, never the other way round.

        Raises:
            AuditError: nothing at all fits what is shown.
        """
        return self._end(cell, 1), self._end(cell, -1)

    def exposed(self, needs: Iterable[Need]) -> Iterator[Exposed]:
        """Give the cells that can be told to within less than their rule."""
        asked = list(needs)
        self._look(asked)
        for need in asked:
            if not self._wide(need):
                low, high = self.interval(need.cell)
                if not need.met(low, high):
                    yield Exposed(need.cell, low, high, need.width)

    def tells_one_of(self, needs: list[Need]) -> bool:
        """Tell whether one of these cells can be told to within less than its rule."""
        return next(self.exposed(needs), None) is not None

    def doubtful(self, needs: Iterable[Need]) -> list[Need]:
        """Give the needs that no witnesses were found for without programmes of their own: the exposed, and others."""
        asked = list(needs)
        self._look(asked)
        return [need for need in asked if not self._wide(need)]

    def show(self, cell: Key, shown: Shown) -> None:
        """Let the reader know another thing, or forget one: `shown` replaces what stood in the cell."""
        self._programme.bound(self._place[cell], shown.low, shown.high)
        self._span()

    def _look(self, needs: list[Need]) -> None:
        """Look for witnesses of many cells at once, for as long as every look settles some of them."""
        left = [need for need in needs if not self._wide(need)]
        while len(left) >= _MANY:
            columns = np.array(sorted({self._place[need.cell] for need in left}))
            for signs in self._aims(len(columns)):
                prices = np.zeros(len(self._place))
                prices[columns] = signs
                if (found := self._programme.corner(prices)) is not None:
                    self._keep(found)
            settled = len(left)
            left = [need for need in left if not self._wide(need)]
            if settled - len(left) < max(2, settled // 10):
                return

    def _aims(self, number: int) -> Iterator[NDArray[np.float64]]:
        """All up and all down at first; then half of them up and the others down, and the other way round."""
        signs = self._chance.choice((-1.0, 1.0), number) if self._met else np.ones(number)
        yield signs
        yield -signs

    def _wide(self, need: Need) -> bool:
        """Tell whether witnesses lie far enough apart."""
        column = self._place[need.cell]
        return self._fitting > 0 and need.met(int(self._least[column]), int(self._most[column]))

    def _end(self, cell: Key, sign: int) -> int:
        column = self._place[cell]
        exact = len(self._place) <= _EXACT or not self._fitting
        table = self._programme.end(column, sign, exact=exact)
        if table is not None:
            self._keep(table)
        return int((self._least if sign > 0 else self._most)[column])

    def _keep(self, table: NDArray[np.int64]) -> None:
        self._least = np.minimum(self._least, table) if self._fitting else table
        self._most = np.maximum(self._most, table) if self._fitting else table
        self._fitting += 1
        self._met = [*self._met[-_KEPT + 1 :], table]

    def _span(self) -> None:
        """Find the ends of the witnesses that fit what is shown now. The others may fit again."""
        fitting = [table for table in self._met if self._programme.fits(table)]
        self._fitting = len(fitting)
        if fitting:
            self._least, self._most = np.min(fitting, axis=0), np.max(fitting, axis=0)


def audit(sheet: Sheet, needs: Iterable[Need]) -> tuple[Exposed, ...]:
    """Give every cell that a reader of the sheet can tell to within less than its rule; empty where all hold.

    Raises:
        AuditError: nothing at all fits what is shown.
    """
    return tuple(Reader(sheet).exposed(needs))
