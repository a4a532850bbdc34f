"""From what workers wrote to a part of the index: its Parquet files, made by DuckDB, whatever their size.

Texts are numbered over all sources of a part: host names, addresses and other texts that repeat each in an order of
their own, so that numbers are small and like stands with like. Those that hardly ever repeat follow their rows.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from nachsorge.index.engine import connect, quoted
from nachsorge.index.manifest import TABLES, File, Part, measured
from nachsorge.index.pairs import pack
from nachsorge.index.shapes import NAMES, NUMBERS, SINGLE, SOME, TEXTS, Stored

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from nachsorge.index.groups import Group, Slot

OPTIONS = "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL {level}, PARQUET_VERSION v2, ROW_GROUP_SIZE {rows}"
FEW = 128
"""Slots of a shape that hold no more numbers than this name them, so that others need not be looked for."""
BLOCK = 1 << 15
"""About so many characters of texts are kept, and searched, as one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One source as a worker left it: its account as JSON, and the stem of its files with their number.

    `hidden` counts texts that were left out, by kind (rows.FREE, ...). With `presence` there is a `<stem>.presence`.
    """

    unit: int
    path: str
    reading: str
    stem: str
    files: int
    presence: bool
    control: bool | None = None
    control_note: str = ""
    hidden: dict[str, int]


@dataclass(slots=True)
class _Numbers:
    """The number of every text, by domain; from 1 on."""

    known: dict[str, dict[str, int]] = field(default_factory=lambda: {NAMES: {}, NUMBERS: {}, TEXTS: {}})
    single: int = 1

    def add(self, domain: str, texts: Iterable[str]) -> None:
        self.known[domain].update(dict.fromkeys(texts, 0))

    def sort(self) -> None:
        for domain, known in self.known.items():
            self.known[domain] = dict(zip(sorted(known), range(1, len(known) + 1), strict=True))


@dataclass(slots=True)
class _Few:
    """The numbers in the slots of a shape that hold few, by slot: `numbers`, over all groups that were added."""

    numbers: dict[int, list[int]] = field(default_factory=dict)
    _many: set[int] = field(default_factory=set)

    def add(self, group: Group, numbers: _Numbers) -> None:
        for at, slot in enumerate(group.slots):
            if at in self._many or slot.domain not in numbers.known:
                continue
            known, before = numbers.known[slot.domain], self.numbers.pop(at, [])
            found = {*before, *map(known.__getitem__, slot.texts)}
            if len(found) > FEW:
                self._many.add(at)
            else:
                self.numbers[at] = sorted(found)


def build(folder: Path, scratch: Path, number: int, sources: Sequence[Written]) -> Part:
    """Join the workers' files into a part. Its files are named by nothing until a manifest names them."""
    numbers, width = _Numbers(), 0
    for group in _groups(scratch, sources):
        width = max(width, len(group[1].slots))
        for slot in group[1].slots:
            if slot.domain in numbers.known:
                numbers.add(slot.domain, slot.texts)
    for _, found in _present(scratch, sources):
        numbers.add(NUMBERS, found["address"])
    numbers.sort()
    with connect(scratch) as connection:
        create(connection, width)
        _fill_sources(connection, sources)
        for domain, known in numbers.known.items():
            fill_values(connection, domain, 1, list(known))
        _fill_rows(connection, scratch, sources, numbers)
        _fill_presence(connection, scratch, sources, numbers.known[NUMBERS])
        return export(connection, folder, number)


def create(connection: DuckDBPyConnection, width: int) -> None:
    """Make the empty tables of a part whose rows have so many slots."""
    slots = "".join(f", v{slot} UINTEGER" for slot in range(width))
    connection.execute(
        "CREATE TABLE sources (source UINTEGER, unit UINTEGER, path VARCHAR, control BOOLEAN, control_note VARCHAR,"
        " hidden VARCHAR, reading VARCHAR)"
    )
    connection.execute("CREATE TABLE shapes (shape UINTEGER, description VARCHAR, stored VARCHAR)")
    connection.execute('CREATE TABLE "values" (domain VARCHAR, first UINTEGER, texts VARCHAR)')
    connection.execute(
        "CREATE TABLE rows (shape UINTEGER, source UINTEGER, time BIGINT, span BIGINT, count UINTEGER, first_no BIGINT,"
        f" further BIGINT{slots})"
    )
    connection.execute(
        'CREATE TABLE presence (source UINTEGER, telemetry VARCHAR, address UINTEGER, "start" BIGINT, span BIGINT)'
    )


_ORDER = {
    "sources": ("source", 9, "2048"),
    "shapes": ("shape", 9, "2048"),
    "values": ("domain, first", 9, "2048, ROW_GROUP_SIZE_BYTES '4MB'"),
    "pairs": ("domain, parent, rank", 9, "122880"),
    "rows": ("shape, source, first_no, time", 3, "122880"),
    "presence": ('source, "start", span, telemetry, address', 3, "122880"),
}
"""The order of each table, how hard it is compressed, and how much of it can be skipped or read by a thread at once."""


def export(connection: DuckDBPyConnection, folder: Path, number: int) -> Part:
    """Write the tables of a part in their order, then give them their names."""
    pack(connection)
    files = []
    for table in TABLES:
        path = folder / f"{number:06}.{table}.parquet"
        order, level, rows = _ORDER[table]
        options = OPTIONS.format(level=level, rows=rows)
        connection.execute(f'COPY (SELECT * FROM "{table}" ORDER BY {order}) TO {quoted(path)} ({options})')
        path.chmod(0o600)
        size, digest = measured(path)
        files.append(File(path.name, size, digest))
    return Part(number, files)


def fill(connection: DuckDBPyConnection, table: str, columns: dict[str, Any]) -> None:
    """Append columns, NumPy arrays of one length, to a table."""
    if not len(next(iter(columns.values()))):
        return
    connection.register("appended", columns)
    listed = ", ".join(f'"{name}"' for name in columns)
    connection.execute(f'INSERT INTO "{table}" ({listed}) SELECT {listed} FROM appended')
    connection.unregister("appended")


def fill_values(connection: DuckDBPyConnection, domain: str, first: int, lines: Sequence[str]) -> None:
    """Append texts, each a line, numbered from `first` on."""
    rows: list[tuple[str, int, str]] = []
    at = 0
    while at < len(lines):
        size, end = 0, at
        while end < len(lines) and size < BLOCK:
            size += len(lines[end]) + 1
            end += 1
        rows.append((domain, first + at, "\n".join(lines[at:end])))
        at = end
    for row in rows:
        connection.execute('INSERT INTO "values" VALUES ($1, $2, $3)', row)


def _groups(scratch: Path, sources: Sequence[Written]) -> Iterator[tuple[int, Group]]:
    from nachsorge.index.groups import load

    for number, source in enumerate(sources):
        for file in range(source.files):
            for group in load(scratch / f"{source.stem}-{file}"):
                yield number, group


def _present(scratch: Path, sources: Sequence[Written]) -> Iterator[tuple[int, dict[str, list[Any]]]]:
    for number, source in enumerate(sources):
        if source.presence:
            yield number, json.loads((scratch / f"{source.stem}.presence").read_bytes())


def _fill_sources(connection: DuckDBPyConnection, sources: Sequence[Written]) -> None:
    import numpy as np

    columns: dict[str, Any] = {
        "source": np.arange(len(sources), dtype=np.uint32),
        "unit": np.array([one.unit for one in sources], np.uint32),
        "path": [one.path for one in sources],
        "control": [None if one.control is None else str(one.control) for one in sources],
        "control_note": [one.control_note for one in sources],
        "hidden": [json.dumps(one.hidden) for one in sources],
        "reading": [one.reading for one in sources],
    }
    fill(
        connection,
        "sources",
        {name: np.asarray(column, object) if isinstance(column, list) else column for name, column in columns.items()},
    )


def _fill_rows(connection: DuckDBPyConnection, scratch: Path, sources: Sequence[Written], numbers: _Numbers) -> None:
    import numpy as np

    shapes: dict[str, int] = {}
    held: dict[int, _Few] = {}
    for source, group in _groups(scratch, sources):
        shape = shapes.setdefault(group.shape, len(shapes))
        first = np.frombuffer(group.first, np.int64)
        columns = {
            "shape": np.full(group.size, shape, np.uint32),
            "source": np.full(group.size, source, np.uint32),
            "time": np.frombuffer(group.time, np.int64),
            "span": np.frombuffer(group.span, np.int64),
            "count": np.frombuffer(group.count, np.uint32),
            "first_no": first,
            "further": np.frombuffer(group.last, np.int64) - first,
        }
        held.setdefault(shape, _Few()).add(group, numbers)
        columns |= {f"v{at}": _ids(connection, slot, numbers) for at, slot in enumerate(group.slots)}
        fill(connection, "rows", columns)
    for text, number in shapes.items():
        stored = msgspec.json.encode(Stored(held[number].numbers)).decode()
        connection.execute("INSERT INTO shapes VALUES ($1, $2, $3)", (number, text, stored))


def _ids(connection: DuckDBPyConnection, slot: Slot, numbers: _Numbers) -> Any:
    import numpy as np

    if slot.domain == SOME:
        return np.frombuffer(slot.ids, np.uint32)
    if slot.domain == SINGLE:
        first, numbers.single = numbers.single, numbers.single + len(slot.texts)
        fill_values(connection, SINGLE, first, slot.texts)
        return np.arange(first, numbers.single, dtype=np.uint32)
    known = numbers.known[slot.domain]
    table = np.fromiter((0, *map(known.__getitem__, slot.texts)), np.uint32, len(slot.texts) + 1)
    return table[np.frombuffer(slot.ids, np.uint32)]


def _fill_presence(
    connection: DuckDBPyConnection, scratch: Path, sources: Sequence[Written], addresses: dict[str, int]
) -> None:
    import numpy as np

    for number, found in _present(scratch, sources):
        size = len(found["address"])
        columns: dict[str, Any] = {
            "source": np.full(size, number, np.uint32),
            "telemetry": np.array(found["telemetry"], object),
            "address": np.fromiter(map(addresses.__getitem__, found["address"]), np.uint32, size),
            "start": np.array(found["start"], np.int64),
            "span": np.array(found["span"], np.int64),
        }
        fill(connection, "presence", columns)
