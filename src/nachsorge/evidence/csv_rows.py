"""The rows of a table of text: its delimiter and header found, quoted line breaks put together, a stray quote survived.

The delimiter is the one under which the rows agree best with the header. A row is what RFC 4180 says; a stray quotation
mark (`5" disk`) costs no more than its own line.
"""

from __future__ import annotations

import csv
import io
import re
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from nachsorge.evidence.lines import LONGEST_LINE
from nachsorge.evidence.seams import HEAD
from nachsorge.evidence.stamps import written
from nachsorge.evidence.table_columns import known
from nachsorge.evidence.text import lenient
from nachsorge.model.words import Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Sieve

MOST_LINES = 200
"""How many lines one row may have; beyond, its quotation mark was never meant to open anything."""

_DELIMITERS = (",", ";", "\t", "|")
_NAME = re.compile(r"[\w@#.$][\w @#.$/()\[\]%:°?*+-]{0,62}\Z")
_DIRECTIVE = re.compile(rb"sep=(.)\r?\n", re.IGNORECASE)

csv.field_size_limit(LONGEST_LINE)


@dataclass(frozen=True, slots=True)
class Shape:
    """How a table is written; `score` is how sure that is, of 100."""

    delimiter: str
    names: tuple[str, ...]
    score: int


def shape_of(head: bytes) -> Shape | None:
    """Find delimiter and header; None where the text is no table."""
    text = head.removeprefix(b"\xef\xbb\xbf")
    directive = _DIRECTIVE.match(text)
    if directive:
        text = text[directive.end() :]
    if len(head) >= HEAD:
        text = text[: text.rfind(b"\n") + 1]
    if not text.strip() or b"\0" in text.split(b"\n", 1)[0]:
        return None
    lines = lenient(text).splitlines(keepends=True)[:200]
    candidates = [lenient(directive[1])] if directive else _DELIMITERS
    shapes = [shape for delimiter in candidates if (shape := _shape(lines, delimiter))]
    # Ties go to the wider table, then to the earlier delimiter: the answer depends on the content alone.
    return max(shapes, key=lambda shape: (shape.score, len(shape.names)), default=None)


def _shape(lines: Sequence[str], delimiter: str) -> Shape | None:
    try:
        parsed = (row for row in csv.reader(lines, delimiter=delimiter) if row)
        names = [name.strip() for name in next(parsed, [])]
        if len(names) < 2 or len(set(names)) < len(names) or not all(_is_name(name) for name in names):
            return None
        rows = list(parsed)
    except csv.Error:
        return None
    fitting = sum(len(row) == len(names) for row in rows)
    is_known = known(names)
    if fitting < 0.5 * len(rows) or not (is_known or (len(rows) >= 2 and fitting >= 0.9 * len(rows))):
        return None
    share = 10 * fitting // len(rows) if rows else 0
    return Shape(delimiter, tuple(names), 20 + share + (15 if is_known else 0))


def _is_name(name: str) -> bool:
    return bool(_NAME.match(name)) and any(c.isalpha() for c in name) and written(name) is None and name.count(" ") < 5


class ByReturns:
    """Lines that end in carriage returns alone, as old spreadsheets on a Mac save them."""

    def __init__(self, stream: BinaryIO) -> None:
        """Read from there."""
        self._text = io.TextIOWrapper(stream, encoding="latin-1", newline="\r")

    def readline(self, limit: int = -1, /) -> bytes:
        """Give a line, its return as a line feed."""
        return self._text.readline(limit).replace("\r", "\n").encode("latin-1")


def rows(stream: BinaryIO | ByReturns, shape: Shape, ledger: Ledger) -> Iterator[tuple[int, bytes, list[str] | None]]:
    """Give the rows after the header: number of the first line, raw bytes, and cells (None: wrong number of them)."""
    lines = _Lines(stream, ledger)
    header = False
    while (line := lines.take()) is not None:
        if not line.strip() or (
            not header and lines.number == 1 and _DIRECTIVE.match(line.removeprefix(b"\xef\xbb\xbf"))
        ):
            continue
        number = lines.number
        raw, cells = _row(line, lines, shape)
        if header:
            yield number, raw, cells
        header = True


class _Lines:
    """Lines of a stream that can be given back; one beyond the limit is a gap."""

    def __init__(self, stream: BinaryIO | ByReturns, ledger: Ledger) -> None:
        self._stream = stream
        self._ledger = ledger
        self._waiting: deque[bytes] = deque()
        self.number = 0

    def take(self) -> bytes | None:
        self.number += 1
        if self._waiting:
            return self._waiting.popleft()
        line = self._stream.readline(LONGEST_LINE)
        if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
            self._ledger.gap(
                Reason.LIMIT, f"line {self.number} is longer than {LONGEST_LINE // 2**20} MiB and was not read"
            )
            self._ledger.count(Telemetry.TEXT, 1)
            self._ledger.spoil(f"line {self.number}")
            while (rest := self._stream.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
                pass
            return b"\n"
        return line or None

    def give_back(self, lines: Sequence[bytes]) -> None:
        self._waiting.extendleft(reversed(lines))
        self.number -= len(lines)


def _row(line: bytes, lines: _Lines, shape: Shape) -> tuple[bytes, list[str] | None]:
    if line.count(b'"') % 2 == 0:
        return line, _cells(line, shape)
    taken: list[bytes] = []
    size = len(line)
    while len(taken) < MOST_LINES and size < LONGEST_LINE and (following := lines.take()) is not None:
        taken.append(following)
        size += len(following)
        if following.count(b'"') % 2:
            raw = line + b"".join(taken)
            if (cells := _cells(raw, shape)) is not None:
                return raw, cells
            break
    else:
        if len(taken) < MOST_LINES:
            lines.number -= 1  # the end of the stream is no line
    lines.give_back(taken)
    return line, _cells(line, shape)


def _cells(raw: bytes, shape: Shape) -> list[str] | None:
    text = lenient(raw.removeprefix(b"\xef\xbb\xbf"))
    try:
        parsed = list(csv.reader(text.splitlines(keepends=True), delimiter=shape.delimiter))
    except csv.Error:
        return None
    found = [row for row in parsed if row]
    return found[0] if len(found) == 1 and len(found[0]) == len(shape.names) else None


_LOOSE_QUOTE = re.compile(rb'[^,;\t|\s]"[^,;\t|"\r\n]')


def is_admitted(raw: bytes, sieve: Sieve) -> bool:
    """Tell whether a row has to be decoded: also where a quote stands within a word (`"ev"il` reads as `evil`)."""
    return sieve.everything or sieve.admits(raw) or (b'"' in raw and _LOOSE_QUOTE.search(raw) is not None)
