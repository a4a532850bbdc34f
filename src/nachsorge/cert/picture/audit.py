"""What a reader can work out: for every protected cell the least and the greatest number that fit all that is shown.

Two linear programmes a cell, solved by HiGHS. Groups are whole numbers, and the whole numbers between the ends of a
linear programme are not always all possible; where its answer is not whole, the programme is solved in whole numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import highspy
import numpy as np

from nachsorge.cert.picture.system import Exposed, Key, Need, Sheet, Shown
from nachsorge.errors import NachsorgeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

_NEAR = 1e-6


class AuditError(NachsorgeError):
    """What a sheet shows contradicts itself, so nothing can be said of what it gives away."""


class Reader:
    """Somebody who has the sheet, pencil and all the time in the world.

    Solutions met are kept: they spare programmes.
    """

    def __init__(self, sheet: Sheet) -> None:
        self._place = {cell: column for column, cell in enumerate(sheet.shown)}
        self._met: list[NDArray[np.int64]] = []
        self._least = np.zeros(len(self._place), dtype=np.int64)
        self._most = np.zeros(len(self._place), dtype=np.int64)
        self._solver = _solver(sheet, self._place)

    def interval(self, cell: Key) -> tuple[int, int]:
        """Give the least and the greatest number possible in a cell.

        Raises:
            AuditError: nothing at all fits what is shown.
        """
        return self._end(cell, 1), self._end(cell, -1)

    def exposed(self, needs: Iterable[Need]) -> Iterator[Exposed]:
        """Give the cells that can be told to within less than their rule."""
        for need in needs:
            if not self._wide(need):
                low, high = self.interval(need.cell)
                if not need.met(low, high):
                    yield Exposed(need.cell, low, high, need.width)

    def show(self, cell: Key, shown: Shown) -> None:
        """Let the reader know another thing, or forget one: `shown` replaces what stood in the cell."""
        column = self._place[cell]
        fitting = [one for one in self._met if shown.low <= one[column] <= shown.high]
        self._met = []
        for one in fitting:
            self._keep(one)
        self._solver.changeColBounds(column, shown.low, shown.high)

    def _wide(self, need: Need) -> bool:
        """Tell whether solutions already met lie far enough apart."""
        column = self._place[need.cell]
        return bool(self._met) and need.met(int(self._least[column]), int(self._most[column]))

    def _end(self, cell: Key, sign: int) -> int:
        column = self._place[cell]
        self._solver.changeColCost(column, float(sign))
        try:
            values = self._solve()
            if not _whole(values):
                values = self._solve_whole()
        finally:
            self._solver.changeColCost(column, 0.0)
        self._keep(np.rint(values).astype(np.int64))
        return int(np.rint(values[column]))

    def _solve(self) -> NDArray[np.float64]:
        self._solver.run()
        if self._solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise AuditError(f"what is shown contradicts itself ({self._solver.getModelStatus()})")
        return np.asarray(self._solver.getSolution().col_value)

    def _solve_whole(self) -> NDArray[np.float64]:
        columns = np.arange(len(self._place), dtype=np.int32)
        self._kind(columns, highspy.HighsVarType.kInteger)
        try:
            return self._solve()
        finally:
            self._kind(columns, highspy.HighsVarType.kContinuous)

    def _kind(self, columns: NDArray[np.int32], kind: highspy.HighsVarType) -> None:
        self._solver.changeColsIntegrality(len(columns), columns, np.full(len(columns), kind))

    def _keep(self, solution: NDArray[np.int64]) -> None:
        self._least = np.minimum(self._least, solution) if self._met else solution
        self._most = np.maximum(self._most, solution) if self._met else solution
        self._met.append(solution)


def _whole(values: NDArray[np.float64]) -> bool:
    return bool(np.all(np.abs(values - np.rint(values)) < _NEAR))


def _solver(sheet: Sheet, place: dict[Key, int]) -> highspy.Highs:
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.silent()
    solver.setOptionValue("threads", 1)
    low = np.array([one.low for one in sheet.shown.values()], dtype=np.float64)
    high = np.array([one.high for one in sheet.shown.values()], dtype=np.float64)
    solver.addVars(len(place), low, high)
    for total, parts in ((one.total, one.parts) for one in sheet.sums):
        _row(solver, 0.0, [(place[total], -1.0), *((place[part], 1.0) for part in parts)])
    for limit in sheet.limits:
        _row(solver, highspy.kHighsInf, [(place[limit.larger], 1.0), (place[limit.smaller], -1.0)])
    return solver


def _row(solver: highspy.Highs, upper: float, terms: list[tuple[int, float]]) -> None:
    columns = np.array([column for column, _ in terms], dtype=np.int32)
    solver.addRow(0.0, upper, len(terms), columns, np.array([factor for _, factor in terms]))


def audit(sheet: Sheet, needs: Iterable[Need]) -> tuple[Exposed, ...]:
    """Give every cell that a reader of the sheet can tell to within less than its rule; empty where all hold.

    Raises:
        AuditError: nothing at all fits what is shown.
    """
    return tuple(Reader(sheet).exposed(needs))
