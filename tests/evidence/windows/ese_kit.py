"""A small writer of databases of the Extensible Storage Engine (format 0x620, revision 9): each table in one page."""

from __future__ import annotations

import struct
from dataclasses import dataclass

PAGE = 8192
_HEADER = 40
_CATALOG, _COPY = 4, 24
_FIRST = 30
_ROOT, _LEAF = 1, 2
_TABLE, _COLUMN = 1, 2
_FORMS = {1: "<B", 2: "<B", 4: "<i", 5: "<q", 7: "<d", 8: "<d", 14: "<I", 15: "<q", 17: "<H"}
"""Types of columns of a fixed size, as JET numbers them, and how they are packed."""

BYTE, LONG, DATE, BINARY, QUAD = 2, 4, 8, 11, 15


@dataclass(frozen=True)
class Table:
    """A table: its columns by name with their types, and its rows. Binary columns are tagged and may be None."""

    name: str
    columns: dict[str, int]
    rows: list[tuple[object, ...]]


def database(tables: list[Table], *, state: int = 3) -> bytes:
    """Write the tables; `state` 2 is a database that was in use, 3 one that was closed."""
    catalog = _listed([Table("MSysObjects", {}, []), *tables])
    pages = dict.fromkeys(range(1, _FIRST + len(tables)), b"")
    pages[1] = _page(1, 1, [])
    pages[_CATALOG], pages[_COPY] = _page(_CATALOG, 2, catalog), _page(_COPY, 3, catalog)
    for number, table in enumerate(tables):
        pages[_FIRST + number] = _page(_FIRST + number, 10 + number, [_row(table, row) for row in table.rows])
    empty = {number: body or bytes(PAGE) for number, body in pages.items()}
    return _head(state) * 2 + b"".join(empty[number] for number in sorted(empty))


def _head(state: int) -> bytes:
    body = bytearray(PAGE)
    body[4:16] = b"\xef\xcd\xab\x89" + struct.pack("<II", 0x620, 0)
    struct.pack_into("<I", body, 52, state)
    struct.pack_into("<II", body, 232, 9, PAGE)
    struct.pack_into("<I", body, 0, _sum(bytes(body[4:4096])))
    return bytes(body)


def _sum(body: bytes) -> int:
    total = 0x89ABCDEF
    for (word,) in struct.iter_unpack("<I", body):
        total ^= word
    return total


def _page(number: int, owner: int, values: list[bytes]) -> bytes:
    bodies = [struct.pack("<IIII", 1, 1, 0, 0)]
    bodies += [struct.pack("<H", 4) + struct.pack(">I", key) + value for key, value in enumerate(values, 1)]
    data, tags = b"", []
    for body in bodies:
        tags.append(struct.pack("<HH", len(body), len(data)))
        data += body
    free = PAGE - _HEADER - len(data) - 4 * len(tags)
    assert free >= 0, "a table must fit into one page"
    head = struct.pack("<IQIIIHHHHI", number, 1, 0, 0, owner, free, 0, len(data), len(tags), _ROOT | _LEAF)
    body = head + data + bytes(free) + b"".join(reversed(tags))
    return struct.pack("<I", _sum(body)) + body


def _listed(tables: list[Table]) -> list[bytes]:
    """Give the catalog's rows: each table, then its columns."""
    found = []
    for number, table in enumerate(tables):
        place = _CATALOG if not number else _FIRST + number - 1
        found.append(_entry(9 + number, _TABLE, 9 + number, place, 0, 0, table.name))
        for identifier, (name, kind) in zip(_identifiers(table), table.columns.items(), strict=True):
            size = struct.calcsize(_FORMS[kind]) if kind in _FORMS else 0
            found.append(_entry(9 + number, _COLUMN, identifier, kind, size, 1 if kind in _FORMS else 2, name))
    return found


def _identifiers(table: Table) -> list[int]:
    fixed, tagged = 0, 255
    found = []
    for kind in table.columns.values():
        fixed, tagged = (fixed + 1, tagged) if kind in _FORMS else (fixed, tagged + 1)
        found.append(fixed if kind in _FORMS else tagged)
    return found


def _entry(owner: int, kind: int, identifier: int, place: int, size: int, flags: int, name: str) -> bytes:
    fixed = struct.pack("<IHIIIIIBHI", owner, kind, identifier, place, size, flags, 1252, 0, 0, 0)
    at = 4 + len(fixed) + 2
    return struct.pack("<BBH", 10, 128, at) + fixed + bytes(2) + struct.pack("<H", len(name)) + name.encode("ascii")


def _row(table: Table, row: tuple[object, ...]) -> bytes:
    kinds = list(table.columns.values())
    fixed = b"".join(struct.pack(_FORMS[kind], value) for kind, value in zip(kinds, row, strict=True) if kind in _FORMS)
    count = sum(kind in _FORMS for kind in kinds)
    mask = bytes(-(-count // 8))
    tagged = [
        (identifier, value)
        for identifier, kind, value in zip(_identifiers(table), kinds, row, strict=True)
        if kind not in _FORMS and isinstance(value, bytes)
    ]
    places, body = b"", b""
    for identifier, value in tagged:
        places += struct.pack("<HH", identifier, 4 * len(tagged) + len(body))
        body += value
    return struct.pack("<BBH", count, 127, 4 + len(fixed) + len(mask)) + fixed + mask + places + body
