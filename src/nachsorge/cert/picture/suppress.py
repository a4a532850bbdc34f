"""Complementary suppression: protect further cells until nobody can work out those that must not be told.

Opens one exposed cell after the other the cheapest way, then shows again what was not needed after all. Every step is
held against the audit, so that what comes out is safe whatever the heuristic did; only its cost is not the least.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nachsorge.cert.picture.audit import Reader
from nachsorge.cert.picture.opening import opening
from nachsorge.cert.picture.system import Exposed, Key, Need, Sheet
from nachsorge.errors import NachsorgeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


_WORK = 150_000
"""Programmes solved, times the cells of each, after which what is protected stays so even if it need not be."""


class NotSafe(NachsorgeError):
    """No choice of cells protects what has to be protected: the sheet cannot be released."""


def protect(
    sheet: Sheet,
    needs: Iterable[Need],
    costs: Mapping[Key, float],
    own: Callable[[Key], Need | None] = lambda cell: None,
) -> Sheet:
    """Protect cells until every need is met.

    Args:
        sheet: what would be shown, the sensitive cells already protected.
        needs: what a reader may not learn.
        costs: what it costs to protect a cell, for those that may be.
        own: the need of a cell that becomes protected on the way; None where it has none.

    Raises:
        NotSafe: it cannot be done.
    """
    known, asked, added = sheet, list(needs), list[Key]()
    reader, met = Reader(known), list[Key]()
    while exposed := next(reader.exposed(asked), None):
        met.append(exposed.cell)
        cells = _open(known, exposed, costs)
        known, added = known.hide(cells), [*added, *cells]
        asked += [need for cell in cells if (need := own(cell))]
        for cell in cells:
            reader.show(cell, sheet.unsaid)
    # What was exposed on the way is the first that would be again.
    asked.sort(key=lambda need: need.cell not in met)
    return _show_again(known, sheet, asked, sorted(added, key=lambda cell: (-costs[cell], cell)), len(met))


def _open(sheet: Sheet, exposed: Exposed, costs: Mapping[Key, float]) -> list[Key]:
    """Give cells to protect for an exposed one: upwards or downwards, whichever costs less."""
    targets = [exposed.low + exposed.width]
    if exposed.high >= exposed.width:
        targets.append(exposed.high - exposed.width)
    found = [one for target in targets if (one := opening(sheet, exposed.cell, target, costs))]
    _, cells = min(found, key=lambda one: (one[0], sorted(one[1])), default=(0.0, frozenset[Key]()))
    # The programme's table need not be whole: it may come for nothing. Then whatever is shown beside the cell goes.
    return sorted(cells) or [_beside(sheet, exposed.cell, costs)]


def _beside(sheet: Sheet, cell: Key, costs: Mapping[Key, float]) -> Key:
    """Give the cheapest cell still shown, of those in a sum with this one if there are any."""
    protected = set(sheet.protected())
    left = [one for one in costs if one in sheet.shown and one not in protected]
    together = {one for each in sheet.sums if cell in (each.total, *each.parts) for one in (each.total, *each.parts)}
    near = [one for one in left if one in together] or left
    if not near:
        raise NotSafe("even with every number protected, what is known already gives too much away")
    return min(near, key=lambda one: (costs[one], one))


def _show_again(known: Sheet, before: Sheet, needs: list[Need], candidates: list[Key], first: int) -> Sheet:
    """Show what need not be protected, the dearest first, for as long as the work is worth it."""
    reader = Reader(known)
    for cell in candidates:
        if reader.solved * len(known.shown) > _WORK:
            break
        others = [need for need in needs if need.cell != cell]
        reader.show(cell, before.shown[cell])
        if reader.tells_one_of(others[:first]) or reader.tells_one_of(others):
            reader.show(cell, before.unsaid)
        else:
            needs = others
            known = known.show({cell: before.shown[cell]})
    return known
