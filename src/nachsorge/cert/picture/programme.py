"""The linear programme behind the audit: every table that fits what a reader has, solved by HiGHS.

Groups are whole numbers, and a corner of a linear programme need not be whole. Such an answer is mended: what is whole
in it is kept and the rest solved in whole numbers, which is a small programme. Where that is not the best that the
linear one allows, all of it is solved in whole numbers, unless it is large.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic
from typing import TYPE_CHECKING

import highspy
import numpy as np

from nachsorge.errors import NachsorgeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from nachsorge.cert.picture.system import Sheet

_NEAR = 1e-6
_NODES = 20
"""How far an answer is mended before it is given up."""
_allowed: ContextVar[tuple[float, Callable[[], None]] | None] = ContextVar("allowed", default=None)


class AuditError(NachsorgeError):
    """What a sheet shows contradicts itself, so nothing can be said of what it gives away."""


class TooLong(NachsorgeError):
    """The time allowed is spent. Nothing is said of what was being worked out: it counts as not done."""


@contextmanager
def within(seconds: float, beat: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Allow all programmes solved inside this much time, by the clock. `beat` is called before each of them.

    Raises:
        TooLong: from inside, at the next programme after the time is spent.
    """
    token = _allowed.set((monotonic() + seconds, beat))
    try:
        yield
    finally:
        _allowed.reset(token)


def check_time() -> None:
    """Raise `TooLong` if the time allowed is spent."""
    if allowed := _allowed.get():
        until, beat = allowed
        if monotonic() > until:
            raise TooLong("the time allowed for the audit is spent")
        beat()


class Programme:
    """All tables that fit a sheet. A column a cell, in the sheet's order."""

    def __init__(self, sheet: Sheet) -> None:
        shown = list(sheet.shown.values())
        self.low = np.array([one.low for one in shown], dtype=np.int64)
        self.high = np.array([one.high for one in shown], dtype=np.int64)
        self._columns = np.arange(len(shown), dtype=np.int32)
        self._solver = _built(sheet, self.low, self.high)
        self.solved = 0

    def bound(self, column: int, low: int, high: int) -> None:
        """Let a cell hold these numbers and no others."""
        self.low[column], self.high[column] = low, high
        self._solver.changeColBounds(column, low, high)

    def fits(self, table: NDArray[np.int64]) -> bool:
        """Tell whether a table that fitted the sums fits what is shown now."""
        return bool(np.all((self.low <= table) & (table <= self.high)))

    def corner(self, prices: NDArray[np.float64]) -> NDArray[np.int64] | None:
        """Give a table of little cost at these prices a cell, in whole numbers; None where that is not easily had.

        Raises:
            AuditError: no table fits.
        """
        self._solver.changeColsCost(len(self._columns), self._columns, prices)
        try:
            values = self._solve()
            return _rounded(values) if _whole(values) else self._mended(values)
        finally:
            self._solver.changeColsCost(len(self._columns), self._columns, np.zeros(len(self._columns)))

    def end(self, column: int, sign: int, *, exact: bool) -> NDArray[np.int64] | None:
        """Give a table with the least number possible in a cell, or for `sign` -1 the greatest, in whole numbers.

        Unless it has to be exact, the table may fall short of that, or be None: solving all of a large programme in
        whole numbers may take forever.

        Raises:
            AuditError: no table fits.
        """
        self._solver.changeColCost(column, float(sign))
        try:
            values = self._solve()
            if _whole(values):
                return _rounded(values)
            best = int(np.ceil(sign * values[column] - _NEAR))
            mended = self._mended(values)
            if not exact or (mended is not None and sign * int(mended[column]) == best):
                return mended
            return _rounded(self._solve_whole())
        finally:
            self._solver.changeColCost(column, 0.0)

    def _mended(self, values: NDArray[np.float64]) -> NDArray[np.int64] | None:
        """Keep what is whole and solve the rest in whole numbers; None where that has no answer."""
        whole = self._columns[np.abs(values - np.rint(values)) < _NEAR]
        fixed = np.rint(values[whole])
        self._solver.changeColsBounds(len(whole), whole, fixed, fixed)
        self._solver.setOptionValue("mip_max_nodes", _NODES)
        try:
            return _rounded(self._solve_whole())
        except AuditError:
            return None
        finally:
            self._solver.setOptionValue("mip_max_nodes", highspy.kHighsIInf)
            low, high = self.low[whole].astype(np.float64), self.high[whole].astype(np.float64)
            self._solver.changeColsBounds(len(whole), whole, low, high)

    def _solve(self) -> NDArray[np.float64]:
        check_time()
        self.solved += 1
        self._solver.run()
        if self._solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise AuditError(f"what is shown contradicts itself ({self._solver.getModelStatus()})")
        return np.asarray(self._solver.getSolution().col_value)

    def _solve_whole(self) -> NDArray[np.float64]:
        self._kind(highspy.HighsVarType.kInteger)
        try:
            return self._solve()
        finally:
            self._kind(highspy.HighsVarType.kContinuous)

    def _kind(self, kind: highspy.HighsVarType) -> None:
        self._solver.changeColsIntegrality(len(self._columns), self._columns, np.full(len(self._columns), kind))


def quiet_solver() -> highspy.Highs:
    """Give a solver that says nothing and uses one thread."""
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.silent()
    solver.setOptionValue("threads", 1)
    return solver


def _whole(values: NDArray[np.float64]) -> bool:
    return bool(np.all(np.abs(values - np.rint(values)) < _NEAR))


def _rounded(values: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.rint(values).astype(np.int64)


def _built(sheet: Sheet, low: NDArray[np.int64], high: NDArray[np.int64]) -> highspy.Highs:
    solver, place = quiet_solver(), {cell: column for column, cell in enumerate(sheet.shown)}
    solver.addVars(len(place), low.astype(np.float64), high.astype(np.float64))
    for total, parts in ((one.total, one.parts) for one in sheet.sums):
        _row(solver, 0.0, [(place[total], -1.0), *((place[part], 1.0) for part in parts)])
    for limit in sheet.limits:
        _row(solver, highspy.kHighsInf, [(place[limit.larger], 1.0), (place[limit.smaller], -1.0)])
    return solver


def _row(solver: highspy.Highs, upper: float, terms: list[tuple[int, float]]) -> None:
    columns = np.array([column for column, _ in terms], dtype=np.int32)
    solver.addRow(0.0, upper, len(terms), columns, np.array([factor for _, factor in terms]))
