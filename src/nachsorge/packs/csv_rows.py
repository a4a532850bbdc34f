"""CSV row by row, each with the line on which it begins, whatever separates the cells."""

from __future__ import annotations

import csv
from itertools import chain
from typing import TYPE_CHECKING

from nachsorge.packs.row_problem import RowProblem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_FIELD = 1_000_000
"""Longest field in bytes; Python's own default of 128 KB is below what STIX patterns in tables reach."""


def csv_rows(lines: Iterable[str], separators: str = ",;\t") -> Iterator[tuple[int, list[str]]]:
    """Give the header and the rows of a table; blank rows and rows that begin with `#` are passed over.

    `lines` keep their line ends. The separator is the one that stands most often in the header.

    Raises:
        RowProblem: a field is longer than any is, mostly because a quote is not closed.
    """
    csv.field_size_limit(MAX_FIELD)
    lines, before, header = iter(lines), 0, ""
    for header in lines:
        if header.strip() and not header.lstrip().startswith("#"):
            break
        before += 1
    reader = csv.reader(chain([header], lines), delimiter=max(separators, key=header.count))
    skipped = before
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            line = skipped + reader.line_num
            raise RowProblem(f"not CSV: {error}", "quote fields that hold separators", line=line) from error
        line, before = before + 1, skipped + reader.line_num
        # Most rows begin with a letter, and are not looked at further.
        plain = cells and cells[0][:1].isalnum()
        if plain or (any(cell.strip() for cell in cells) and not cells[0].lstrip().startswith("#")):
            yield line, cells
