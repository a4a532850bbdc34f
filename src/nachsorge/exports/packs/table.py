"""CSV with the columns of the plainest indicator file: what `nachsorge check` itself reads in a pack's place."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from nachsorge.exports.packs.naming import file_name
from nachsorge.exports.packs.parts import parts_lost, rules_lost
from nachsorge.exports.packs.seams import File, Loss, Says, Written
from nachsorge.model.labels import Pap
from nachsorge.model.times import render

if TYPE_CHECKING:
    from nachsorge.exports.packs.seams import Row, Selection

COLUMNS = (
    "type",
    "value",
    "stage",
    "weight",
    "role",
    "platform",
    "first_source",
    "sources",
    "verification",
    "valid_from",
    "valid_until",
    "tlp",
    "pap",
    "memory_only",
    "size",
    "note",
)


class CsvExporter:
    """For spreadsheets, and for whoever has no other importer."""

    name = "csv"
    blocks = False
    says = Says(
        expresses="every row with stage, weight, role, platform, sources, verification, validity, TLP, size and note",
        drops="rules, the ladder with its needs and windows, exposures, claims; the trace's id",
        checked="read back by nachsorge's own CSV reader: nothing of a row is lost (property test)",
    )

    def write(self, selection: Selection) -> Written:
        """Write the table: UTF-8, comma, a header, RFC 4180 quoting."""
        stream = io.StringIO(newline="")
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        writer.writerows(_cells(row) for row in selection.rows)
        lost = [Loss(row.named, why) for row in selection.rows for why in _spoilt(row)]
        losses = [
            *selection.held,
            *lost,
            *rules_lost(selection.pack, "no place for rules"),
            *parts_lost(selection.pack),
        ]
        return Written((File(file_name(selection.pack, ".csv"), stream.getvalue().encode()),), tuple(losses))


def _cells(row: Row) -> tuple[str, ...]:
    of = row.of
    return (
        of.type.value,
        of.value,
        row.stage.id,
        row.trace.weight.value,
        of.role.value,
        of.platform.value if of.platform else "",
        of.first_source,
        ";".join(of.sources),
        of.verification.value,
        render(of.valid_from) if of.valid_from is not None else "",
        render(of.valid_until) if of.valid_until is not None else "",
        of.tlp.value,
        of.pap.value if of.pap is not Pap.GREEN else "",
        "true" if of.memory_only else "",
        str(of.size) if of.size is not None else "",
        of.note,
    )


def _spoilt(row: Row) -> list[str]:
    """Say what a spreadsheet or our own reader would take otherwise."""
    lost = []
    if any(";" in source for source in row.of.sources):
        lost.append("a source's name holds `;`, which parts the names of sources")
    if row.of.value[:1] in ("=", "+", "-", "@"):
        lost.append("a spreadsheet may take the value for a formula; it is written as it is")
    return lost
