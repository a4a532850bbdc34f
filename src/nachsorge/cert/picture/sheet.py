"""A release as a page: its tables and charts from its content alone, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from nachsorge.cert.picture import charts, wording
from nachsorge.cert.picture.charts import Bar, Part, Tile
from nachsorge.cert.picture.content import SIGN

if TYPE_CHECKING:
    from django.utils.safestring import SafeString


@dataclass(frozen=True, slots=True)
class Cell:
    """A number as it is written, and how it is shown."""

    text: str
    how: str


@dataclass(frozen=True, slots=True)
class Tabled:
    """One table of a release, with a drawing where there is one."""

    name: str
    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    chart: SafeString | None


@dataclass(frozen=True, slots=True)
class Page:
    """All of a release."""

    number: int
    as_of: str
    label: str
    audience: str
    minimum: int
    base: int
    tables: tuple[Tabled, ...]
    sentences: tuple[str, ...]
    carried: bool
    protected: bool


def page_of(released: Mapping[str, Any]) -> Page:
    """Read a release for people."""
    hows = {cell["how"] for table in released["tables"] for line in table["cells"] for cell in line}
    return Page(
        number=released["number"],
        as_of=released["as_of"],
        label=released["label"],
        audience=str(wording.CIRCLES[released["audience"]]),
        minimum=released["rules"]["minimum"],
        base=released["rules"]["base"],
        tables=tuple(_table(table) for table in released["tables"]),
        sentences=tuple(_sentences(released["clearly_above"])),
        carried="carried" in hows,
        protected="protected" in hows,
    )


def _sentences(above: Mapping[str, int | None]) -> list[str]:
    """Write what may be said instead of a number."""
    found = []
    if above["affected"]:
        found.append(
            _("The number of affected organisations is clearly above %(number)s.") % {"number": above["affected"]}
        )
    if above["known"]:
        found.append(
            _("With what partners see, the number of affected organisations is clearly above %(number)s.")
            % {"number": above["known"]}
        )
    return found


def _table(table: Mapping[str, Any]) -> Tabled:
    rows = [*table["rows"], ""]
    written = [
        (wording.name(table["name"], row) if row else wording.total(), tuple(_cell(cell) for cell in line))
        for row, line in zip(rows, table["cells"], strict=True)
    ]
    dimension = wording.columns(table["name"])
    head = [wording.name(dimension, column) for column in table["columns"]]
    return Tabled(
        table["name"],
        str(wording.TABLES[table["name"]]),
        ("", *head, wording.total()),
        tuple(written),
        _chart(table),
    )


def _cell(cell: Mapping[str, Any]) -> Cell:
    return Cell(SIGN if cell["number"] is None else str(cell["number"]), cell["how"])


def _chart(table: Mapping[str, Any]) -> SafeString | None:
    """Draw the regions, and how far the attacker got: the affected, as far as they are told."""
    match table["name"]:
        case "region":
            return _map(table)
        case "rung":
            return _ladder(table)
        case _:
            return None


def _map(table: Mapping[str, Any]) -> SafeString:
    column = table["columns"].index("affected")
    numbers = {row: line[column]["number"] for row, line in zip(table["rows"], table["cells"], strict=False)}
    most = max((number for number in numbers.values() if number is not None), default=0)
    found = [
        Tile(
            row,
            str(wording.INITIALS[row]),
            SIGN if number is None else str(number),
            None if number is None else charts.shade(number, most),
        )
        for row, number in numbers.items()
    ]
    return charts.tiles(_("Affected organisations by region"), found)


def _ladder(table: Mapping[str, Any]) -> SafeString:
    bars = [
        Bar(
            wording.name("rung", row),
            (Part("both", line[-1]["number"] or 0),),
            SIGN if line[-1]["number"] is None else str(line[-1]["number"]),
        )
        for row, line in zip(table["rows"], table["cells"], strict=False)
    ]
    return charts.bars(_("Affected organisations by how far the attacker got"), bars)
