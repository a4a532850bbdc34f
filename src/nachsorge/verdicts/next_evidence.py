"""What to look at next: errands in the order of open cells settled per minute, with a bound on what any order could do.

Greedy: of all sets of items that settle at least one more cell, take the one with the most cells per minute, counting
only minutes not spent yet. Where every cell needs one item, the lines down to any of them settle at least 1 - 1/e
(63 %) of what any choice of the same minutes could (Nemhauser, Wolsey and Fisher 1978; with costs, Khuller, Moss and
Naor 1999). Where cells need several items together no such share exists; so every line also carries `most`, computed
for the case at hand. Hosts that an attacker would want (`verdicts.rank`) may be put first: then errands that settle a
cell of theirs come before all others, in the same order among themselves, and the share holds for each of both parts.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush
from itertools import accumulate
from typing import Generic, TypeAlias, TypeVar

from nachsorge.model.times import Instant
from nachsorge.verdicts.obtainable import CellId, Item, Obtainable, Place, Want, Ways


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long a place keeps what it records, in microseconds; empty `part` means every place of this telemetry."""

    telemetry: str
    part: str
    keeps: int

    def concerns(self, item: Item, want: Want) -> bool:
        """Tell whether it speaks of this."""
        return self.telemetry == want.telemetry and self.part in ("", item.place.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One errand of the list. `settles` are the cells that are settled with it and the lines above it.

    `settled` counts them all so far, `minutes` sums the effort so far, and no choice of errands of as many minutes
    settles more than `most`. `gone` is when its first part is dropped, where somebody said how long it is kept.
    """

    item: Item
    settles: tuple[CellId, ...]
    settled: int
    minutes: int
    most: int
    gone: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The list. `lost` are errands that come too late; `never` are open cells that no errand settles, and why."""

    lines: tuple[Line, ...]
    open: int
    lost: tuple[tuple[Item, Instant], ...]
    never: tuple[tuple[CellId, str], ...]

    @property
    def low(self) -> int:
        """Sum the minutes if every errand is a remote command."""
        return sum(line.item.low for line in self.lines)

    @property
    def high(self) -> int:
        """Sum the minutes if somebody has to ask for every piece."""
        return sum(line.item.high for line in self.lines)


def plan(found: Obtainable, keeping: Iterable[Keeping] = (), now: Instant = 0, first: Collection[str] = ()) -> Plan:
    """Order the errands. Evidence whose first part is dropped already cannot cover its window: it settles nothing.

    `first` are assets whose cells come before those of all others.
    """
    kept = tuple(keeping)
    gone = {place: at for place, item in found.items.items() if (at := _gone(item, kept)) is not None}
    late = {place for place, at in gone.items() if at <= now}
    cells = {cell: tuple(way for way in ways if not way & late) for cell, ways in found.cells.items()}
    never = dict(found.never) | {cell: "what would settle it is kept no longer" for cell, w in cells.items() if not w}
    reachable = {cell: ways for cell, ways in cells.items() if ways}
    lines = _Greedy(_Numbered.of(found.items, reachable), frozenset(first)).lines()
    return Plan(
        lines=tuple(replace(line, gone=gone.get(line.item.place)) for line in lines),
        open=len(found.cells) + len(found.never),
        lost=tuple((found.items[place], gone[place]) for place in sorted(late)),
        never=tuple(sorted(never.items())),
    )


def _gone(item: Item, keeping: Iterable[Keeping]) -> Instant | None:
    """Say when the begin of an item's window is dropped: the first of those who speak of it."""
    ends = (
        want.window.start + one.keeps
        for want in item.wants
        if want.window is not None
        for one in keeping
        if one.concerns(item, want)
    )
    return min(ends, default=None)


Key: TypeAlias = tuple[bool, float]
"""The smaller, the sooner: whether it settles no cell of those put first, and minus the cells per minute.

Two different rates p/q and r/s are at least 1/(p s) of each other apart; while cells and minutes are below 2^25 that is
more than a float's rounding, so that floats stand in the order of the rates themselves, and are equal where these are.
"""


@dataclass(slots=True)
class _Numbered:
    """The puzzle in numbers, in the order of places and cells: ten thousand hosts are many names to compare."""

    items: tuple[Item, ...]
    cells: tuple[CellId, ...]
    ways: tuple[tuple[frozenset[int], ...], ...]

    @classmethod
    def of(cls, items: Mapping[Place, Item], cells: Mapping[CellId, Ways]) -> _Numbered:
        """Number places and cells."""
        places = sorted({place for ways in cells.values() for way in ways for place in way})
        number = {place: at for at, place in enumerate(places)}
        names = sorted(cells)
        ways = (tuple(frozenset(number[place] for place in way) for way in cells[name]) for name in names)
        return cls(tuple(items[place] for place in places), tuple(names), tuple(ways))


@dataclass(slots=True)
class _Greedy:
    """The work: which places are on the list, which cells are settled by them; all by their numbers."""

    puzzle: _Numbered
    first: frozenset[str] = frozenset()
    taken: set[int] = field(default_factory=set)
    settled: set[int] = field(default_factory=set)
    _sooner: frozenset[int] = frozenset()
    _of: defaultdict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    _keys: dict[frozenset[int], Key] = field(default_factory=dict)
    _heap: list[tuple[Key, int, list[int], frozenset[int]]] = field(default_factory=list)

    def lines(self) -> list[Line]:
        """Take sets until every cell is settled that can be."""
        self._sooner = frozenset(at for at, cell in enumerate(self.puzzle.cells) if cell.asset in self.first)
        for cell, ways in enumerate(self.puzzle.ways):
            for place in {place for way in ways for place in way}:
                self._of[place].append(cell)
        self._rate({way for ways in self.puzzle.ways for way in ways})
        bound, lines = Bound(dict(enumerate(self.puzzle.items)), dict(enumerate(self.puzzle.ways))), list[Line]()
        while self._heap:
            key, _, _, best = heappop(self._heap)
            if best in self._keys and self._keys[best] == key:
                # What was settled since may have lowered its rate; nothing but `_rate` may have raised it.
                rate = self._rate([best])
                if rate == key:
                    lines += self._take(best, bound, lines[-1].minutes if lines else 0)
        return lines

    def _cost(self, way: frozenset[int]) -> int:
        return sum(self.puzzle.items[place].minutes for place in way - self.taken)

    def _touched(self, places: Iterable[int]) -> set[int]:
        return {cell for place in places for cell in self._of[place]} - self.settled

    def _gained(self, way: frozenset[int]) -> list[int]:
        touched = self._touched(way - self.taken)
        return [cell for cell in touched if any(self.taken.issuperset(each - way) for each in self.puzzle.ways[cell])]

    def _rate(self, ways: Iterable[frozenset[int]]) -> Key | None:
        """Put sets on the heap by what they are worth now; gives the key of the last one, None where it is nothing."""
        key: Key | None = None
        for way in ways:
            gained = self._gained(way)
            later = self._sooner.isdisjoint(gained)
            key = (later, -len(gained) / self._cost(way)) if gained else None
            if key is None:
                self._keys.pop(way, None)
            elif self._keys.get(way) != key:
                self._keys[way] = key
                heappush(self._heap, (key, self._cost(way), sorted(way), way))
        return key

    def _take(self, way: frozenset[int], bound: Bound[int], minutes: int) -> list[Line]:
        lines: list[Line] = []
        fresh = sorted(way - self.taken)
        near = self._touched(fresh)
        for place in fresh:
            self.taken.add(place)
            item = self.puzzle.items[place]
            minutes += item.minutes
            now = sorted(c for c in self._touched([place]) if any(each <= self.taken for each in self.puzzle.ways[c]))
            self.settled.update(now)
            settles = tuple(self.puzzle.cells[cell] for cell in now)
            most = bound.most(minutes)
            lines.append(Line(item=item, settles=settles, settled=len(self.settled), minutes=minutes, most=most))
        self._rate(self._worth_more(near - self.settled, fresh))
        return lines

    def _worth_more(self, near: Iterable[int], fresh: Iterable[int]) -> set[frozenset[int]]:
        """Name the sets whose rate may have risen: they hold a place that completes a way with what was just taken."""
        begun = (way for cell in near for way in self.puzzle.ways[cell] if not way.isdisjoint(fresh))
        hot = {place for way in begun for place in way - self.taken}
        return {way for place in hot for cell in self._of[place] for way in self.puzzle.ways[cell] if place in way}


_ROUNDING = 1e-9
"""More than a sum of a million floats is off by."""


P = TypeVar("P", Place, int)
"""What names a place: itself, or its number."""


@dataclass(slots=True)
class Bound(Generic[P]):
    """How many cells any choice of errands could settle at most, for a number of minutes.

    Every item's minutes are shared out among all cells that it can help to settle. A choice of errands that settles
    some cells costs at least the sum of their shares, each taken at its cheapest; so no more cells fit than the
    cheapest ones.
    """

    items: Mapping[P, Item]
    cells: Mapping[CellId, tuple[frozenset[P], ...]] | Mapping[int, tuple[frozenset[P], ...]]
    _sums: list[float] = field(init=False)

    def __post_init__(self) -> None:
        """Share out the minutes."""
        helped: defaultdict[P, int] = defaultdict(int)
        for ways in self.cells.values():
            for place in {place for way in ways for place in way}:
                helped[place] += 1
        share = {place: self.items[place].minutes / count for place, count in helped.items()}
        prices = sorted(min(sum(share[p] for p in sorted(way)) for way in ways) for ways in self.cells.values())
        self._sums = list(accumulate(prices))

    def most(self, minutes: int) -> int:
        """Give the number of cells; what rounding of a sum could take away is added, so that it stays a bound."""
        return bisect_right(self._sums, minutes * (1 + _ROUNDING))
