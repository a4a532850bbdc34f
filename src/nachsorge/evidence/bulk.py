"""Formats that are read a thousand lines at a time: what the index needs, which has every line of every log decoded.

A bulk gives the same values as the reader's own `parse` gives record by record, as columns. It declines what it is not
sure of, and then each line is parsed by itself; the first line of all that it gives is held against `parse`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from nachsorge.evidence.blocks import LONGEST_LINE
from nachsorge.evidence.fields import FIELDS, is_address, kind_of
from nachsorge.evidence.text import text_record
from nachsorge.model.times import Instant
from nachsorge.model.words import Kind, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from nachsorge.evidence.line_format import LineFormat
    from nachsorge.evidence.seams import Opened
    from nachsorge.model.evidence import Record

CHUNK = 1024 * 1024


@dataclass(slots=True, kw_only=True)
class Table:
    """Records with the same fields. `columns` has the texts of each of `keys`, empty where a record has not the field.

    `numbers` are the numbers of their lines; `plain` names columns of numbers as JSON writes them.
    """

    telemetry: Telemetry
    numbers: list[int]
    times: list[Instant]
    keys: list[tuple[Kind, str]]
    columns: list[list[str]]
    addresses: list[list[str]] = field(default_factory=list)
    plain: frozenset[int] = frozenset()


@dataclass(slots=True)
class Taken:
    """What a bulk made of some lines: tables, and the places (from 0) of lines that are to be parsed."""

    tables: list[Table] = field(default_factory=list)
    left: list[int] = field(default_factory=list)


class Bulk(Protocol):
    """One format, of one file."""

    def take(self, lines: list[bytes], number: int) -> Taken | None:
        """Decode lines, the first of which has this number; None where it is unsure of all."""


def bulk_of(form: LineFormat) -> Bulk | None:
    """Give the bulk for a format, if it has one."""
    from nachsorge.evidence.bulk_formats import BULKS  # which knows the readers, that are built on lines

    make = BULKS.get(type(form))
    return None if make is None else make(form)


def read_in_bulk(source: Opened, form: LineFormat) -> Iterator[Table | Record]:
    """Give all records of a file of lines, in tables where possible; keeps no account.

    A line beyond what the line engine reads is passed over here as there.
    """
    with source.open() as stream:
        number, rest, skipping = 1, b"", False
        while chunk := stream.read(CHUNK):
            body, newline, tail = (rest + chunk).rpartition(b"\n")
            rest = tail
            if not newline:
                skipping = skipping or len(rest) > LONGEST_LINE
                rest = b"" if skipping else rest
                continue
            lines = body.split(b"\n")
            if skipping or len(rest) > LONGEST_LINE:
                lines[0], skipping = (b"" if skipping else lines[0]), False
            yield from _records(lines, number, form)
            number += len(lines)
        if rest:
            yield from _records([rest], number, form)


def _records(lines: list[bytes], number: int, form: LineFormat) -> Iterator[Table | Record]:
    """Part lines at directives."""
    if not form.directive:
        yield from _between(lines, number, form)
        return
    start = 0
    for at, line in enumerate(lines):
        if line.startswith(form.directive):
            yield from _between(lines[start:at], number + start, form)
            form.direct(line.strip())
            start = at + 1
    yield from _between(lines[start:], number + start, form)


def _between(lines: list[bytes], number: int, form: LineFormat) -> Iterator[Table | Record]:
    bulk = bulk_of(form)
    taken = bulk.take(lines, number) if lines and bulk is not None else None
    if taken is None or not all(_agrees(table, lines, number, form) for table in taken.tables):
        taken = Taken([], list(range(len(lines))))
    yield from taken.tables
    if not taken.left:
        return
    bad = set(form.malformed(b"\n".join([*lines, b""])))
    starts, at = [], 0
    for line in lines:
        starts.append(at)
        at += len(line) + 1
    for place in taken.left:
        line = lines[place].rstrip(b"\r")
        if line.strip():
            locator = f"line {number + place}"
            record = None if starts[place] in bad else form.parse(line, locator)
            yield record if record is not None else text_record(line, locator)


def _agrees(table: Table, lines: Sequence[bytes], number: int, form: LineFormat) -> bool:
    """Hold a table's first record against what the format itself makes of the line."""
    parsed = form.parse(lines[table.numbers[0] - number], "")
    if parsed is None or (parsed.telemetry, parsed.time) != (table.telemetry, table.times[0]):
        return False
    values = [(*key, column[0]) for key, column in zip(table.keys, table.columns, strict=True) if column[0]]
    addresses = tuple(column[0] for column in table.addresses if column[0])
    return values == [(v.kind, v.field, v.text) for v in parsed.values] and addresses == parsed.addresses


_V4 = r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}"
_ALL4 = re.compile(rf"(?:{_V4}\n)*+")
_V6 = r"[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*(?:%.*)?"
_SOME = re.compile(rf"^(?:{_V4}|{_V6})$", re.MULTILINE)
_SHAPED = re.compile(
    rf"^(?:(?:[0-9A-Fa-f]{{32}}|[0-9A-Fa-f]{{40}}|[0-9A-Fa-f]{{64}}|{_V4}|{_V6})$|[A-Za-z][A-Za-z0-9+.-]*://)",
    re.MULTILINE,
)
"""What may be told from its shape; a text that none of these finds is none of them (`fields.kind_of`)."""


def typed(name: str, texts: list[str], kind: Kind | None, either: bool) -> list[tuple[Kind, list[str]]]:
    """Type a column: mostly one kind, else a column for each, empty where a text is of another."""
    if kind is not None:
        return [(kind, texts)]
    named = Kind.HOST if either else _by_name(name)
    if named is not None and named is not Kind.HOST:
        return [(named, texts)]
    body = "\n".join([*texts, ""])
    if not (_SHAPED if named is None else _SOME).search(body):
        return [(named or Kind.TEXT, texts)]
    if _ALL4.fullmatch(body) and all(map(is_address, texts)):
        return [(Kind.ADDRESS, texts)]
    kinds = [_either(text) if either else kind_of(name, text) for text in texts]
    found = dict.fromkeys(each for each, text in zip(kinds, texts, strict=True) if text)
    return [(each, [text if it is each else "" for it, text in zip(kinds, texts, strict=True)]) for each in found]


def _either(text: str) -> Kind:
    return Kind.ADDRESS if is_address(text) else Kind.HOST


def _by_name(name: str) -> Kind | None:
    lowered = name.lower()
    return FIELDS.get(lowered) or FIELDS.get(lowered.rpartition(".")[2])


def only_addresses(texts: list[str]) -> list[str]:
    """Blank what is no address."""
    body = "\n".join([*texts, ""])
    if _ALL4.fullmatch(body) and all(map(is_address, texts)):
        return texts
    return [text if is_address(text) else "" for text in texts]


def each_once(columns: list[list[str]]) -> list[list[str]]:
    """Blank what a column before it has in the same row."""
    found: list[list[str]] = []
    for column in columns:
        for earlier in found:
            if any(map(str.__eq__, earlier, column)):
                column = ["" if a == b else b for a, b in zip(earlier, column, strict=True)]
        found.append(column)
    return found


def table_of(
    telemetry: Telemetry,
    numbers: list[int],
    times: list[Instant],
    columns: Iterable[tuple[str, list[str], bool]],
    kinds: Mapping[str, Kind],
    either: frozenset[str] = frozenset(),
) -> Table:
    """Make a table of named columns; the third of each says whether it holds numbers only.

    `kinds` overrules the common names, by exact name; `either` are fields of names or addresses.
    """
    table = Table(telemetry=telemetry, numbers=numbers, times=times, keys=[], columns=[])
    plain = set()
    for name, texts, number in columns:
        if "-" in texts:
            texts = ["" if text == "-" else text for text in texts]
        if number and name not in kinds and _by_name(name) is None and max(map(len, texts)) < 32:
            plain.add(len(table.keys))
            table.keys.append((Kind.TEXT, name))
            table.columns.append(texts)
            continue
        for kind, typed_texts in typed(name, texts, kinds.get(name), name in either):
            table.keys.append((kind, name))
            table.columns.append(typed_texts)
    table.plain = frozenset(plain)
    return table
