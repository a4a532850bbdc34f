"""Units counted into tables that share their margins, and how sensitive each number is.

Every table of a release has the outcome as its columns, or stands inside one outcome. Then whatever a reader can work
out from all of them together follows from the sums of each and the margins they share: no further condition hides in
tables crossed three ways.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nachsorge.cert.picture.system import AtMost, Key, Sum, key
from nachsorge.cert.picture.told import REGIONS, SEVERAL, Basis, Outcome, Unit
from nachsorge.model.words import Rung

if TYPE_CHECKING:
    from nachsorge.cert.picture.rules import Rules

ASSETS = ("measure", "assets")
AFFECTED = ("outcome", Outcome.AFFECTED.value)


@dataclass(frozen=True, slots=True)
class Axis:
    """One side of a table: a dimension and its values in their order."""

    name: str
    values: tuple[str, ...]

    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Give its places in an address."""
        return tuple((self.name, value) for value in self.values)


@dataclass(frozen=True, slots=True)
class Table:
    """Two axes with both margins, or one axis with its total; all of it inside `within`."""

    name: str
    rows: Axis
    columns: Axis | None = None
    within: Key = ()

    def total(self) -> Key:
        """Give the address of the corner."""
        return key(within=self.within)

    def cell(self, row: str | None, column: str | None) -> Key:
        """Give an address; None is the margin."""
        pairs = [(self.rows.name, row)] if row is not None else []
        if column is not None and self.columns:
            pairs.append((self.columns.name, column))
        return key(*pairs, within=self.within)

    def lines(self) -> Iterator[tuple[str | None, tuple[Key, ...]]]:
        """Give every row with its cells, the margin of each last, and the row of margins last."""
        columns = (*(self.columns.values if self.columns else ()), None)
        for row in (*self.rows.values, None):
            yield row, tuple(self.cell(row, column) for column in columns)

    def sums(self) -> Iterator[Sum]:
        """Give the sums that hold in it."""
        rows = self.rows.values
        yield Sum(self.total(), tuple(self.cell(row, None) for row in rows))
        if self.columns is None:
            return
        for row in (*rows, None):
            yield Sum(self.cell(row, None), tuple(self.cell(row, column) for column in self.columns.values))
        for column in self.columns.values:
            yield Sum(self.cell(None, column), tuple(self.cell(row, column) for row in rows))


@dataclass(slots=True)
class Count:
    """One number: how many, of how many groups, and the largest group's part."""

    number: int = 0
    groups: int = 0
    largest: int = 0

    def add(self, number: int) -> None:
        """Add one group's part."""
        if number:
            self.number += number
            self.groups += 1
            self.largest = max(self.largest, number)


@dataclass(frozen=True, slots=True)
class Counted:
    """Tables and their numbers, all of them, protected or not."""

    tables: tuple[Table, ...]
    cells: Mapping[Key, Count]
    sums: tuple[Sum, ...] = field(default=())
    limits: tuple[AtMost, ...] = field(default=())

    def numbers(self) -> dict[Key, int]:
        """Give the numbers alone."""
        return {cell: one.number for cell, one in self.cells.items()}


def is_assets(cell: Key) -> bool:
    """Tell whether a cell counts assets and not groups."""
    return ASSETS in cell


def sides(cell: Key) -> int:
    """Tell how far inside a cell is: 0 for a total, 1 for a margin, more for what crosses."""
    return sum(name != ASSETS[0] for name, _ in cell)


def release_tables(found: Sequence[Unit], sectors: tuple[str, ...]) -> tuple[Table, ...]:
    """Give the tables of a release: who, where, since when, how far, and how many assets."""
    outcome = Axis("outcome", tuple(Outcome))
    basis = Axis("basis", tuple(Basis))
    months = _months(found)
    return (
        Table("basis", basis, outcome),
        Table("rung", Axis("rung", tuple(rung.word for rung in Rung)), basis, (AFFECTED,)),
        Table("region", Axis("region", REGIONS), outcome),
        Table("sector", Axis("sector", (*sectors, SEVERAL)), outcome),
        *([Table("month", Axis("month", months))] if months else []),
        Table("assets", basis, outcome, (ASSETS,)),
    )


def count(found: Iterable[Unit], tables: tuple[Table, ...]) -> Counted:
    """Count into every cell of every table; cells that nothing fell into hold nought."""
    cells: dict[Key, Count] = {cell: Count() for table in tables for _, line in table.lines() for cell in line}
    for unit in found:
        for cell, number in _parts(unit, tables).items():
            cells[cell].add(number)
    sums = dict.fromkeys(one for table in tables for one in table.sums())
    counted = Counted(tables, cells, tuple(sums))
    return Counted(tables, cells, counted.sums, tuple(_limits(counted)))


def sensitive(counted: Counted, rules: Rules) -> frozenset[Key]:
    """Give the cells that may not be shown whatever stands around them.

    Fewer than the minimum of groups, nought included (in a row of some, nought tells of each of them); one group that
    dominates; and a cell that holds all of its row or column, for then it tells of everyone there.
    """
    few = {cell for cell, one in counted.cells.items() if one.number < rules.minimum}
    return frozenset(few | ruled(counted, rules))


def ruled(counted: Counted, rules: Rules) -> frozenset[Key]:
    """Give the sensitive cells of any size: of few groups, of one that dominates, or all of a row or column."""
    of_few = {
        cell
        for cell, one in counted.cells.items()
        if is_assets(cell) and one.number and (one.groups < rules.minimum or one.largest > rules.dominance * one.number)
    }
    return frozenset(of_few | set(_whole(counted)))


def _whole(counted: Counted) -> Iterator[Key]:
    for one in counted.sums:
        total = counted.cells[one.total].number
        if total and len(one.parts) > 1:
            yield from (part for part in one.parts if counted.cells[part].number == total)


def _parts(unit: Unit, tables: tuple[Table, ...]) -> dict[Key, int]:
    """Give every cell that a unit is part of; a cell that two tables share once."""
    places = {
        "basis": unit.basis.value,
        "outcome": unit.outcome.value,
        "rung": unit.rung.word if unit.rung else "",
        "region": unit.region,
        "sector": unit.sector,
        "month": unit.received.strftime("%Y-%m"),
    }
    found: dict[Key, int] = defaultdict(int)
    for table in tables:
        if ASSETS in table.within:
            found |= _assets(unit, table)
        elif all(places[name] == value for name, value in table.within):
            row, columns = places[table.rows.name], table.columns
            column = places[columns.name] if columns else None
            for cell in {table.cell(r, c) for r in (row, None) for c in (column, None)}:
                found[cell] = 1
    return found


def _assets(unit: Unit, table: Table) -> dict[Key, int]:
    found: dict[Key, int] = defaultdict(int)
    for outcome, number in unit.assets.items():
        for cell in {table.cell(row, column) for row in (unit.basis.value, None) for column in (outcome.value, None)}:
            found[cell] += number
    return found


def _limits(counted: Counted) -> Iterator[AtMost]:
    """Whoever is affected has an affected asset: groups bound assets from below, and a reader knows."""
    for table in counted.tables:
        if ASSETS not in table.within:
            continue
        for _, line in table.lines():
            for larger in line:
                smaller = tuple(pair for pair in larger if pair != ASSETS)
                if smaller in counted.cells and counted.cells[smaller].number <= counted.cells[larger].number:
                    yield AtMost(smaller, larger)


def _months(found: Sequence[Unit]) -> tuple[str, ...]:
    """Give all months from the first to the last report, so that a missing one is no statement."""
    if not found:
        return ()
    first, last = min(unit.received for unit in found), max(unit.received for unit in found)
    span = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return tuple(f"{number // 12:04d}-{number % 12 + 1:02d}" for number in span)
