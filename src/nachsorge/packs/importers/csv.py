"""The plainest indicator file: CSV with a header `type,value` and more columns if wanted (design, section 8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from nachsorge.model.words import IndicatorType, Tlp
from nachsorge.packs.findings import nearest
from nachsorge.packs.importers import vocabulary
from nachsorge.packs.importers.collect import Collector, as_meant
from nachsorge.packs.importers.encoding import Text, decode
from nachsorge.packs.importers.seams import Item
from nachsorge.packs.row_problem import RowProblem
from nachsorge.packs.rows import COLUMNS, Ragged, Row, Table, common, kind_and_value, value_of, weight
from nachsorge.packs.values import refang

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.packs.importers.seams import Found

_OWN = {kind.value: kind for kind in IndicatorType}
_NOTHING_MORE = common({}, Tlp.AMBER_STRICT)


class CsvImporter:
    """Comma, semicolon or tab; byte order mark, any line ends, defanged values."""

    name = "csv"

    def accepts(self, head: bytes, name: str) -> int:
        """Sure when the first line that is no comment names both columns."""
        text = decode(head)
        lines = (line.lower() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#"))
        cells = next(lines, "").replace(";", ",").replace("\t", ",").split(",")
        columns = {cell.strip().strip('"') for cell in cells}
        if {"type", "value"} <= columns:
            return 90
        return 20 if name.lower().endswith((".csv", ".tsv")) and len(columns) > 1 else 0

    def read(self, source: BinaryIO) -> Iterator[Found]:
        """Give row by row; one that cannot be used is named with its line and the reason."""
        text, into = Text(source), Collector()
        table = Table(text.raw_lines())
        for name in table.header:
            if name and name not in COLUMNS:
                into.remark(f"line {table.header_line}", f"unknown column {name!r} ({nearest(name, COLUMNS)})")
        for row in table.rows():
            _row(row, into)
            yield from into.drain()
        yield from into.close(text.note())


def _row(row: Row | Ragged, into: Collector) -> None:
    if isinstance(row, Ragged):
        into.lose(f"line {row.line}", row.message)
        return
    try:
        into.keep(_item(row))
    except RowProblem as error:
        into.lose(f"line {row.line}", f"{error}" + (f" ({error.remedy})" if error.remedy else ""))


def _item(row: Row) -> Item:
    if len(row.cells) == 2 and "value" in row.cells and row.cells.get("type") in _OWN:
        # The row of nearly every long list.
        kind = _OWN[row.cells["type"]]
        value = value_of(kind, refang(row.cells["value"]))
        return Item(place=f"line {row.line}", type=kind, value=value, fields=_NOTHING_MORE)
    cells = {**row.cells, "value": refang(row.cells.get("value", ""))}
    named = vocabulary.kind_of(cells.get("type", ""))
    if named is not None and cells["type"].lower() not in _OWN:
        named, cells["value"] = as_meant(named, cells["value"])
        cells["type"] = named.value
    kind, value = kind_and_value(cells)
    return Item(
        place=f"line {row.line}",
        type=kind,
        value=value,
        stage=cells.get("stage", ""),
        weight=weight(cells),
        fields=common(cells, Tlp.AMBER_STRICT),
    )
