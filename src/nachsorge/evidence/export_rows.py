"""Rows of a CSV export whose columns are known: what readers of such exports share."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from nachsorge.evidence.text import lenient
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nachsorge.evidence.ledger import Ledger


def csv_rows(data: bytes, ledger: Ledger) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Give (place, cells by column). Rows with another number of cells than the header are given, and told.

    A table that breaks off in a quotation mark is read as far as it goes; that is a gap.
    """
    rows = csv.reader(io.StringIO(lenient(data), newline=None))
    try:
        header = [name.strip() for name in next(rows, [])]
        for cells in rows:
            if not any(cell.strip() for cell in cells):
                continue
            place = f"line {rows.line_num}"
            if len(cells) != len(header):
                ledger.gap(Reason.CORRUPT, f"{place} has {len(cells)} cells where the header has {len(header)}")
            yield place, dict(zip(header, (cell.strip() for cell in cells), strict=False))
    except csv.Error as error:
        ledger.gap(Reason.CORRUPT, f"line {rows.line_num}: {error}; what follows was not read")
