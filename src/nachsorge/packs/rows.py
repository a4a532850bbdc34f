"""Rows of an indicator table: the same reading for a pack's indicators.csv and for a bare indicator file."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from nachsorge.model.labels import Pap
from nachsorge.model.times import Instant, parse_end, parse_instant
from nachsorge.model.words import IndicatorType, Platform, Role, Tlp, Verification, Weight
from nachsorge.packs.csv_rows import csv_rows
from nachsorge.packs.findings import nearest
from nachsorge.packs.row_problem import RowProblem
from nachsorge.packs.values import ValueProblem, checked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

E = TypeVar("E", bound=StrEnum)

COLUMNS = {
    "type": "what the value is",
    "value": "the value, defanged or not",
    "trace": "id of the trace that it tests (packs)",
    "stage": "stage that it shows (indicator files)",
    "weight": "proof, strong or hint (indicator files; default strong)",
    "role": "what the value is to the incident; only malicious and abused-legitimate are looked for",
    "platform": "only on assets of this platform",
    "first_source": "who published it first",
    "source": "the same, in the plainest file",
    "sources": "who confirms it, separated by semicolons",
    "verification": "how far it was verified; unverified values are not looked for",
    "valid_from": "from when a sighting counts in full",
    "valid_until": "until when a sighting counts in full",
    "tlp": "TLP 2.0 label of the row",
    "pap": "PAP of the row: what may be done with it; only GREEN (the default) and CLEAR are blocked",
    "memory_only": "true for what exists in memory or in analysts' dumps only",
    "size": "bytes of the file that a hash is of; files of other sizes are then not hashed",
    "note": "what a reader of the result has to know",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One row with the line on which it begins; `cells` holds the columns that are filled, by lower-case name."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Ragged:
    """A row with more fields than the table has columns."""

    line: int
    message: str


class Table:
    """A table that is read row by row; blank rows and rows that begin with `#` are not among them."""

    def __init__(self, lines: Iterable[str]) -> None:
        """Read the header: comma, semicolon or tab, any line ends.

        Raises:
            RowProblem: there is no header with `type` and `value`.
        """
        self._rows = csv_rows(lines)
        self.header_line, header = next(self._rows, (1, []))
        self.header = tuple(name.strip().lower() for name in header)
        if "type" not in self.header or "value" not in self.header:
            raise RowProblem("no header with the columns type and value", "the first line is: type,value")

    def rows(self) -> Iterator[Row | Ragged]:
        """Give the rows, once."""
        names = self.header
        for line, cells in self._rows:
            if len(cells) > len(names) and any(cell.strip() for cell in cells[len(names) :]):
                yield Ragged(line, f"{len(cells)} fields under {len(names)} columns")
            else:
                filled = zip(names, cells, strict=False)
                yield Row(line, {name: bare for name, cell in filled if (bare := cell.strip())})


def word(cells: dict[str, str], column: str, enum: type[E], default: E) -> E:
    """Give the word of a closed list that stands in a column, in any letter case."""
    text = cells.get(column, "")
    if not text:
        return default
    found: E | None = _words(enum).get(text.lower())
    if found is None:
        raise RowProblem(f"unknown {column} {text!r}", f"one of: {', '.join(each.value for each in enum)}", column)
    return found


@lru_cache(maxsize=32)
def _words(enum: type[E]) -> dict[str, E]:
    return {each.value.lower(): each for each in reversed(enum)}


def kind_and_value(cells: dict[str, str]) -> tuple[IndicatorType, str]:
    """Give the type and the checked value of a row."""
    text = cells.get("type", "").lower()
    kind = _words(IndicatorType).get(text)
    if kind is None:
        known = [each.value for each in IndicatorType]
        remedy = nearest(text, known)
        allowed = "" if remedy.startswith("one of") else f" one of: {', '.join(known)}"
        raise RowProblem(f"unknown type {text!r}", remedy + allowed, "type")
    return kind, value_of(kind, cells.get("value", ""))


def value_of(kind: IndicatorType, text: str) -> str:
    """Give the checked value of a row of this type."""
    try:
        return checked(kind, text)
    except ValueProblem as error:
        raise RowProblem(str(error), error.remedy, "value") from error


def moment(cells: dict[str, str], column: str, *, end: bool = False) -> Instant | None:
    """Give the time in a column, if there is one."""
    if column not in cells:
        return None
    try:
        return (parse_end if end else parse_instant)(cells[column])
    except (ValueError, OverflowError) as error:
        raise RowProblem(str(error), "e.g. 2023-03-29 or 2023-03-29T01:19:00Z", column) from error


def platform(cells: dict[str, str]) -> Platform | None:
    """Give the platform of a row, if it names one."""
    return word(cells, "platform", Platform, Platform.LINUX) if "platform" in cells else None


def flag(cells: dict[str, str], column: str) -> bool:
    """Give a column of true and false; empty is false."""
    text = cells.get(column, "false").lower()
    if text not in ("true", "false"):
        raise RowProblem(f"{column} is {text!r}", "true or false", column)
    return text == "true"


def size(cells: dict[str, str]) -> int | None:
    """Give the size in bytes that a row names, if it does."""
    if "size" not in cells:
        return None
    text = cells["size"]
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise RowProblem(f"size is {text!r}", "a number of bytes, e.g. 2814976", "size")
    return int(text)


def common(cells: dict[str, str], tlp: Tlp, pap: Pap = Pap.GREEN) -> dict[str, object]:
    """Give the fields of an Indicator that mean the same in packs and in bare files; the labels are of the whole."""
    return dict(_common(tuple(cell for cell in cells.items() if cell[0] not in ("type", "value")), tlp, pap))


@lru_cache(maxsize=1024)
def _common(filled: tuple[tuple[str, str], ...], tlp: Tlp, pap: Pap) -> dict[str, object]:
    # Remembered, since most rows of a long list say the same about themselves.
    cells = dict(filled)
    valid_from, valid_until = moment(cells, "valid_from"), moment(cells, "valid_until", end=True)
    if valid_from is not None and valid_until is not None and valid_from > valid_until:
        raise RowProblem("valid_until lies before valid_from", "swap the two", "valid_until")
    return {
        "role": word(cells, "role", Role, Role.MALICIOUS),
        "platform": platform(cells),
        "first_source": cells.get("first_source") or cells.get("source", ""),
        "sources": names(cells.get("sources", "")),
        "verification": word(cells, "verification", Verification, Verification.VERBATIM_PUBLISHER),
        "valid_from": valid_from,
        "valid_until": valid_until,
        "tlp": word(cells, "tlp", Tlp, tlp),
        "pap": word(cells, "pap", Pap, pap),
        "memory_only": flag(cells, "memory_only"),
        "size": size(cells),
        "note": cells.get("note", ""),
    }


def names(text: str) -> tuple[str, ...]:
    """Split a column that holds several names."""
    return tuple(name.strip() for name in text.split(";") if name.strip())


def weight(cells: dict[str, str]) -> Weight:
    """Give the weight of a row; strong where it says none."""
    return word(cells, "weight", Weight, Weight.STRONG)
