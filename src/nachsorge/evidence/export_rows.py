"""Rows of a CSV export whose columns are known: what readers of such exports share."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import orjson

from nachsorge.evidence.fields import values_of
from nachsorge.evidence.seams import ReadError
from nachsorge.evidence.text import lenient
from nachsorge.model.evidence import Record
from nachsorge.model.words import Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Sieve
    from nachsorge.model.times import Instant


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


def json_tree(data: bytes) -> Any:
    """Parse the JSON of an export; ReadError (CORRUPT) where it is none."""
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise ReadError(Reason.CORRUPT, f"no JSON after all: {error}") from error


def itself(event: dict[str, str], place: str, time: Instant | None, host: str | None, sieve: Sieve) -> Iterator[Record]:
    """Yield a row as text, where the sieve admits it: what is told of a machine beside its programs."""
    if sieve.everything or sieve.admits("\n".join(event.values()).encode("utf-8", "surrogatepass")):
        values = values_of(event)
        yield Record(telemetry=Telemetry.TEXT, locator=place, time=time, values=values, event=event, host=host)
