"""Which further cells to protect so that one becomes uncertain enough: the cheapest way, by a linear programme.

The programme looks for a table that fits the sums and has the exposed cell at the wanted number, and pays for every
shown number that it has to leave; what it left must be protected too (Cox, Network models for complementary cell
suppression, JASA 1995; here for any sums, not only for networks).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import highspy
import numpy as np

from nachsorge.cert.picture.programme import check_time, quiet_solver
from nachsorge.cert.picture.system import NO_LIMIT, Key, Sheet

if TYPE_CHECKING:
    from collections.abc import Mapping

_NEAR = 1e-6
_ROUNDS = 3


def opening(sheet: Sheet, cell: Key, target: int, costs: Mapping[Key, float]) -> tuple[float, frozenset[Key]] | None:
    """Give the cells to protect so that `target` becomes possible in a cell, and what they cost together.

    Args:
        sheet: what a reader has so far.
        cell: the exposed cell.
        target: the number that is to be possible there.
        costs: price of leaving a shown number by one, for the cells that may be protected; the others stay as shown.

    Returns:
        None where no such table exists.
    """
    prices, best = dict(costs), None
    for _ in range(_ROUNDS):
        amounts = _cheapest(sheet, cell, target, prices)
        if amounts is None:
            return best
        found = sum(costs[one] for one in amounts), frozenset(amounts)
        best = min(best or found, found, key=lambda one: one[0])
        # A cell costs the same however far it is left: what moved far already is made cheaper to move as far.
        prices = {one: cost / max(amounts.get(one, 1.0), 1.0) for one, cost in costs.items()}
    return best


def _cheapest(sheet: Sheet, cell: Key, target: int, costs: Mapping[Key, float]) -> dict[Key, float] | None:
    """Give how far each shown number is left in the cheapest table, for those that are."""
    check_time()
    solver = quiet_solver()
    place = {one: column for column, one in enumerate(sheet.shown)}
    low, high, cost, moves = _columns(sheet, costs)
    low[place[cell]] = high[place[cell]] = target
    solver.addVars(len(low), np.array(low, dtype=np.float64), np.array(high, dtype=np.float64))
    solver.changeColsCost(len(cost), np.arange(len(cost), dtype=np.int32), np.array(cost))
    _rows(solver, sheet, place, moves)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    values = solver.getSolution().col_value
    amounts = {one: float(values[up] + values[down]) for one, (up, down) in moves.items()}
    return {one: amount for one, amount in amounts.items() if amount > _NEAR}


def _columns(
    sheet: Sheet, costs: Mapping[Key, float]
) -> tuple[list[int], list[int], list[float], dict[Key, tuple[int, int]]]:
    """Give bounds and costs: first what is shown in every cell, then two columns a movable one, for up and down."""
    protected = set(sheet.protected())
    low, high = [one.low for one in sheet.shown.values()], [one.high for one in sheet.shown.values()]
    cost, moves = [0.0] * len(low), {}
    for cell in sheet.shown:
        if cell not in protected and cell in costs:
            moves[cell] = len(low), len(low) + 1
            # Down to nought and no further.
            low, high, cost = [*low, 0, 0], [*high, NO_LIMIT, sheet.shown[cell].low], [*cost, *[costs[cell]] * 2]
    return low, high, cost, moves


def _rows(solver: highspy.Highs, sheet: Sheet, place: dict[Key, int], moves: dict[Key, tuple[int, int]]) -> None:
    for one in sheet.sums:
        _row(solver, 0.0, [(one.total, -1.0), *((part, 1.0) for part in one.parts)], place, moves)
    for limit in sheet.limits:
        _row(solver, highspy.kHighsInf, [(limit.larger, 1.0), (limit.smaller, -1.0)], place, moves)


def _row(
    solver: highspy.Highs,
    upper: float,
    terms: list[tuple[Key, float]],
    place: dict[Key, int],
    moves: dict[Key, tuple[int, int]],
) -> None:
    columns, factors = [], []
    for cell, factor in terms:
        columns.append(place[cell])
        factors.append(factor)
        if cell in moves:
            columns.extend(moves[cell])
            factors.extend((factor, -factor))
    solver.addRow(0.0, upper, len(columns), np.array(columns, dtype=np.int32), np.array(factors))
