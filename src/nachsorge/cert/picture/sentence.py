"""What may be said instead of a protected number: "clearly above N", and why that gives nothing away.

The ladder of the Ns is chosen from what is shown alone: the finest for which *every* sentence it could bring leaves all
protected cells as uncertain as the rule wants, for a reader who knows this module too. Only then is the number
looked at, to pick the rung. So a sentence says no more than the ladder lets through, whatever the number is.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from nachsorge.cert.picture.audit import AuditError, Reader
from nachsorge.cert.picture.system import NO_LIMIT, How, Shown, View

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

CLEARLY = 1.2
"""A number is clearly above another if it is a fifth greater, and greater by the rule's minimum at least."""
_RUNGS = (
    (5, 10, 15, 20, 30, 40, 50, 75, 100, 150, 200, 300, 500, 1000),
    (10, 20, 50, 100, 200, 500, 1000),
    (10, 100, 1000),
)
"""Round numbers, from fine to coarse."""


@dataclass(frozen=True, slots=True)
class Range:
    """One sentence: `above` is the N that is said, 0 for silence; `low` to `high` the numbers it is said for."""

    above: int
    low: int
    high: int

    def shown(self) -> Shown:
        """Give what a reader knows by it."""
        return Shown(How.PROTECTED, None, self.low, self.high)


Ladder = tuple[Range, ...]


def sentence(views: Sequence[View], number: int, ladders: Iterable[Ladder]) -> Range | None:
    """Give what is said of a protected number; None where no ladder is safe and nothing is told, not even silence.

    Args:
        views: the cell as each kind of reader sees it.
        number: what it holds.
        ladders: the choice, the one that tells most first. Each leaves no number out.
    """
    for ladder in ladders:
        if all(_holds(view, ladder) for view in views):
            return next(one for one in ladder if one.low <= number <= one.high)
    return None


def ladders(minimum: int) -> Iterator[Ladder]:
    """Give the ladders of round numbers, the finest first; rungs lie further apart as they grow."""
    for rungs in _RUNGS:
        yield _ladder([above for above in rungs if above >= minimum], minimum)


def one_rung(above: int, minimum: int) -> Ladder:
    """Give the ladder of one sentence, for a number that others protect: a reader learns a yes or nothing."""
    return _ladder([above], minimum)


def round_down(number: int) -> int:
    """Give the greatest round number that is no greater: a multiple of 5 below 50, of 10 below 200, then of 50."""
    step = 5 if number < 50 else 10 if number < 200 else 50
    return number // step * step


def _ladder(rungs: Sequence[int], minimum: int) -> Ladder:
    starts = [max(ceil(above * CLEARLY), above + minimum) for above in rungs]
    ends = [start - 1 for start in starts[1:]] + [NO_LIMIT]
    said = (Range(above, low, high) for above, low, high in zip(rungs, starts, ends, strict=True))
    return (Range(0, 0, starts[0] - 1), *said)


def _holds(view: View, ladder: Ladder) -> bool:
    """Tell whether every sentence of a ladder leaves uncertain what must be. Silence is a sentence too."""
    reader, before = Reader(view.sheet), view.sheet.shown[view.cell]
    low, high = reader.interval(view.cell)
    for one in ladder:
        if one.high < low or one.low > high:
            continue
        reader.show(view.cell, one.shown())
        try:
            told = next(reader.exposed(view.needs), None)
        except AuditError:  # no number of this range fits, so the sentence is never said
            told = None
        reader.show(view.cell, before)
        if told:
            return False
    return True
