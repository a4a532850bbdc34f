"""What a release says, as a reader sees it: numbers under addresses, sums between them, and what is left unsaid.

Everything that protects a number works on this: a table, a hierarchy, two tables that share a margin and a series of
releases are all just cells and sums (Willenborg and de Waal, Elements of Statistical Disclosure Control, 2001).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

Key = tuple[tuple[str, str], ...]
"""The address of a cell: pairs of dimension and value, sorted. `()` is the total. Shared margins share their key."""

NO_LIMIT = 1_000_000
"""What a reader takes as the most that a number can be, where nothing says otherwise."""


def key(*pairs: tuple[str, str], within: Key = ()) -> Key:
    """Give the address of a cell."""
    return tuple(sorted((*within, *pairs)))


class How(StrEnum):
    """How a number is shown."""

    EXACT = "exact"
    ROUNDED = "rounded"
    CARRIED = "carried"
    """the number of an earlier release, because it has changed by too little since"""
    PROTECTED = "protected"


@dataclass(frozen=True, slots=True)
class Shown:
    """What stands in a cell, and the whole numbers that a reader must think possible because of it."""

    how: How
    number: int | None = None
    low: int = 0
    high: int = NO_LIMIT


PROTECTED = Shown(How.PROTECTED)


def exact(number: int) -> Shown:
    """Show the number itself."""
    return Shown(How.EXACT, number, number, number)


def rounded(number: int, base: int, minimum: int) -> Shown:
    """Show it rounded half up to a multiple of `base`. What is shown is known to be at least the minimum."""
    near = (number + base // 2) // base * base
    return Shown(How.ROUNDED, near, max(near - base // 2, minimum, 0), near + (base - 1) // 2)


@dataclass(frozen=True, slots=True)
class Sum:
    """The parts make the total."""

    total: Key
    parts: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class AtMost:
    """The first is no greater than the second: an organisation in a cell has at least one asset there."""

    smaller: Key
    larger: Key


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that a reader has: what is shown in every cell and how the cells hang together."""

    shown: Mapping[Key, Shown]
    sums: tuple[Sum, ...]
    limits: tuple[AtMost, ...] = ()
    unsaid: Shown = PROTECTED
    """What a reader knows of a protected number all the same."""

    def protected(self) -> tuple[Key, ...]:
        """Give the cells that say nothing."""
        return tuple(cell for cell, one in self.shown.items() if one.how is How.PROTECTED)

    def hide(self, cells: Iterable[Key]) -> Sheet:
        """Give the sheet with these cells protected too."""
        return self.show(dict.fromkeys(cells, self.unsaid))

    def show(self, more: Mapping[Key, Shown]) -> Sheet:
        """Give the sheet with something else in these cells."""
        return replace(self, shown={**self.shown, **more})


@dataclass(frozen=True, slots=True)
class Need:
    """How little a reader may learn of a cell: its possible numbers span at least `width`.

    With `unless_zero` it is also enough that nought is possible: it is said of change, where no change is no news.
    """

    cell: Key
    width: int
    unless_zero: bool = False

    def met(self, low: int, high: int) -> bool:
        """Tell whether an interval is wide enough."""
        return high - low >= self.width or (self.unless_zero and low <= 0 <= high)


@dataclass(frozen=True, slots=True)
class Exposed:
    """A reader can tell the number in a protected cell to within less than the rule: from `low` to `high`."""

    cell: Key
    low: int
    high: int
    width: int


@dataclass(frozen=True, slots=True)
class View:
    """A protected cell among all that a reader has, and what must stay uncertain there."""

    sheet: Sheet
    cell: Key
    needs: tuple[Need, ...]
