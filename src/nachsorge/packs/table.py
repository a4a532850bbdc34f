"""A pack's indicators.csv (or several `indicators*.csv`) -> indicators, with every wrong row named."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nachsorge.model.pack import Indicator
from nachsorge.packs.files import read_text
from nachsorge.packs.findings import Findings, Place, nearest
from nachsorge.packs.row_problem import RowProblem
from nachsorge.packs.rows import COLUMNS, Ragged, Row, Table, common, kind_and_value
from nachsorge.packs.values import HEX_LENGTH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.model.labels import Label
    from nachsorge.model.words import IndicatorType, Role

_OWN_COLUMNS = frozenset(COLUMNS) - {"stage", "weight", "source"}


def indicators(
    folder: Path, label: Label, findings: Findings, digests: frozenset[str] = frozenset()
) -> tuple[Indicator, ...]:
    """Read all indicator tables of a pack; rows without a label of their own carry the pack's.

    `digests` are the traces that take hashes only, since these are of an attribute of the asset.
    """
    found: list[Indicator] = []
    places: dict[tuple[object, ...], Place] = {}
    for path in sorted(folder.glob("indicators*.csv")):
        for row, indicator in _File(str(path), label, findings, digests).read():
            found.append(indicator)
            key = (indicator.type, indicator.value, indicator.trace, indicator.platform)
            here = Place(str(path), row.line)
            first = places.setdefault(key, here)
            if first is not here:
                where = f"the first stands in {Path(first.path).name}, line {first.line}"
                findings.problem(here, f"the row for {indicator.value} stands twice", where)
    return tuple(found)


class _File:
    """One table while it is read."""

    def __init__(self, path: str, label: Label, findings: Findings, digests: frozenset[str]) -> None:
        self.path = path
        self.digests = digests
        self.label = label
        self.findings = findings
        self.header: tuple[str, ...] = ()

    def read(self) -> Iterator[tuple[Row, Indicator]]:
        """Give row by row; the table of a pack made from long lists is never whole in memory."""
        text = read_text(Path(self.path), self.findings)
        try:
            yield from self._rows(text) if text is not None else ()
        except RowProblem as error:
            self.findings.problem(Place(self.path, error.line or 1), str(error), error.remedy)

    def _rows(self, text: str) -> Iterator[tuple[Row, Indicator]]:
        for row in self._table(text).rows():
            if isinstance(row, Ragged):
                self.findings.problem(Place(self.path, row.line), row.message, "quote values that hold the separator")
            elif (indicator := self._indicator(row)) is not None:
                yield row, indicator

    def _table(self, text: str) -> Table:
        table = Table(io.StringIO(text, newline=""))
        self.header = table.header
        for name in table.header:
            if name not in _OWN_COLUMNS:
                place = self._place(table.header_line, name)
                self.findings.problem(place, f"unknown column {name!r}", nearest(name, _OWN_COLUMNS))
        return table

    def _indicator(self, row: Row) -> Indicator | None:
        values: dict[str, Any] = {}
        try:
            values["type"], values["value"] = kind_and_value(row.cells)
        except RowProblem as error:
            self._wrong(row, error)
        try:
            values.update(common(row.cells, self.label.tlp, self.label.pap))
        except RowProblem as error:
            self._wrong(row, error)
        self._references(row, values.get("role"))
        self._digests(row, values.get("type"))
        complete = "value" in values and "role" in values
        return Indicator(trace=row.cells.get("trace", ""), **values) if complete else None

    def _digests(self, row: Row, kind: IndicatorType | None) -> None:
        if kind is not None and row.cells.get("trace") in self.digests and kind not in HEX_LENGTH:
            place = self._place(row.line, "type")
            self.findings.problem(place, f"a {kind} on a trace with digest_of", "md5, sha1 or sha256")

    def _references(self, row: Row, role: Role | None) -> None:
        trace = row.cells.get("trace")
        if trace:
            self.findings.refer(("trace",), trace, self._place(row.line, "trace"))
        elif role is None or role.matches:
            place = self._place(row.line, "trace")
            self.findings.problem(place, "the row names no trace", "name the trace that it tests")
        for column in ("first_source", "sources"):
            for name in row.cells.get(column, "").split(";"):
                if name.strip():
                    self.findings.refer(("source",), name.strip(), self._place(row.line, column))

    def _wrong(self, row: Row, error: RowProblem) -> None:
        self.findings.problem(self._place(row.line, error.column), str(error), error.remedy)

    def _place(self, line: int, column: str) -> Place:
        return Place(self.path, line, self.header.index(column) + 1 if column in self.header else 0)
