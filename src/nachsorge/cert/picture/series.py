"""All releases that a reader has seen, as one puzzle: every number of each, and what binds one release to another.

Numbers are taken to grow. What was counted for a circle is counted later as well, and whatever the public may hear of a
closer circle may hear too; so an earlier number is no greater than a later one of the same or a closer circle, wherever
that is true. Where it is not, as after a correction, nothing is taken for granted and the two are not bound.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from nachsorge.cert.picture.rules import Circle, Rules, least
from nachsorge.cert.picture.system import NO_LIMIT, PROTECTED, AtMost, How, Key, Need, Sheet, Shown, Sum

KNOWN: Key = (("partners", "known"),)
"""How many are known at least, the partners' numbers included. Never shown, only ever spoken of."""
_ANY = Shown(How.PROTECTED, None, -NO_LIMIT, NO_LIMIT)


@dataclass(frozen=True, slots=True)
class Past:
    """A release: who reads it, what it shows and says, and the numbers behind it, which never leave the house.

    Attributes:
        ruled: cells that are protected for another reason than that they hold few: one dominates, they hold all of a
            row, or they are a partner's. They stay protected from whoever sees more.
    """

    number: int
    circle: Circle
    sheet: Sheet
    numbers: Mapping[Key, int]
    ruled: frozenset[Key] = frozenset()


@dataclass(slots=True)
class _Puzzle:
    shown: dict[Key, Shown] = field(default_factory=dict)
    sums: list[Sum] = field(default_factory=list)
    limits: list[AtMost] = field(default_factory=list)
    needs: list[Need] = field(default_factory=list)

    def cell(self, past: Past, cell: Key) -> Key:
        """Give the cell's name among all releases, and put it there."""
        name = named(past.number, cell)
        self.shown.setdefault(name, past.sheet.shown[cell])
        return name


def named(number: int, cell: Key) -> Key:
    """Give the address that a cell of a release has among all releases."""
    return (("", str(number)), *cell)


def origin(name: Key) -> Key:
    """Give the address within its release that a name among all releases was made from; of growth, what grew."""
    return tuple(pair for pair in name if pair[0] not in ("", "since"))


def series(chain: Sequence[Past], reader: Circle) -> tuple[Sheet, list[Need]]:
    """Put releases into one sheet, with what has to stay uncertain for a reader of all of them.

    Numbers that were shown as they are need no finding out: of all releases but the last, whatever is bound to nothing
    else is left out. The last is there in full, for its cells may have to be protected yet.

    Args:
        chain: the releases, oldest first.
        reader: who has seen them all.
    """
    puzzle, rules = _Puzzle(), least(reader)
    for place, past in enumerate(chain):
        _put(puzzle, past, rules, whole=place == len(chain) - 1)
        for cell, number in past.numbers.items():
            for old in _before(cell, past, chain[:place]):
                _bind(puzzle, old, past, cell, number - old.numbers[cell], rules)
    return Sheet(puzzle.shown, tuple(puzzle.sums), tuple(puzzle.limits)), puzzle.needs


def _put(puzzle: _Puzzle, past: Past, rules: Rules, *, whole: bool) -> None:
    sheet = past.sheet
    for cell, one in sheet.shown.items():
        if whole or not _fixed(one):
            puzzle.cell(past, cell)
        if one.how is How.PROTECTED and (past.numbers[cell] < rules.minimum or cell in past.ruled):
            width = rules.width(past.numbers[cell], assets=_is_assets(cell))
            puzzle.needs.append(Need(named(past.number, cell), width))
    for each in sheet.sums:
        if whole or not _all_fixed(sheet, (each.total, *each.parts)) or _wrong(sheet, each):
            total = puzzle.cell(past, each.total)
            puzzle.sums.append(Sum(total, tuple(puzzle.cell(past, part) for part in each.parts)))
    for limit in sheet.limits:
        if whole or not _all_fixed(sheet, (limit.smaller, limit.larger)):
            puzzle.limits.append(AtMost(puzzle.cell(past, limit.smaller), puzzle.cell(past, limit.larger)))


def _before(cell: Key, past: Past, earlier: Sequence[Past]) -> Iterator[Past]:
    """Give the earlier releases that a cell is bound to: the last of each circle, and the last that was no greater.

    One that is bound to another that is bound is left out.
    """
    most: dict[Circle, int] = {}
    met: set[Circle] = set()
    for old in reversed(earlier):
        number = old.numbers.get(cell)
        if number is None or not past.circle.reads(old.circle):
            continue
        implied = any(circle.reads(old.circle) and number <= top for circle, top in most.items())
        if number <= past.numbers[cell] and not implied:
            most[old.circle] = number
            yield old
        elif old.circle == past.circle and old.circle not in met and number > past.numbers[cell]:
            yield old
        met.add(old.circle)


def _bind(puzzle: _Puzzle, old: Past, now: Past, cell: Key, grown: int, rules: Rules) -> None:
    before, after = old.sheet.shown[cell], now.sheet.shown[cell]
    if grown >= 0 and after.high < before.low:
        return
    few = 0 < abs(grown) < rules.minimum
    if (grown < 0 and not few) or (_fixed(before) and _fixed(after) and named(now.number, cell) not in puzzle.shown):
        return
    earlier, later = puzzle.cell(old, cell), puzzle.cell(now, cell)
    if not few:
        puzzle.limits.append(AtMost(earlier, later))
        return
    more = named(now.number, (("since", str(old.number)), *cell))
    puzzle.shown[more] = PROTECTED if grown > 0 else _ANY
    puzzle.sums.append(Sum(later, (earlier, more)))
    puzzle.needs.append(Need(more, rules.minimum, unless_zero=True))


def _fixed(one: Shown) -> bool:
    return one.low == one.high


def _all_fixed(sheet: Sheet, cells: Iterable[Key]) -> bool:
    return all(_fixed(sheet.shown[cell]) for cell in cells)


def _wrong(sheet: Sheet, one: Sum) -> bool:
    """Tell whether numbers shown as they are do not add up: the audit has to meet that, and to refuse."""
    return sheet.shown[one.total].low != sum(sheet.shown[part].low for part in one.parts)


def _is_assets(cell: Key) -> bool:
    return ("measure", "assets") in cell
