"""Reads a database of the Extensible Storage Engine in a process of its own, and writes its rows as JSON lines.

The library `libesedb` is C code over hostile bytes: it may run without end, take all memory, or crash. So it works in
a child process that the parent (`ese.py`) can end. The first line of the standard input names the file; each line of
the standard output is a list: `["table", name, rows]`, `["row", {column: value}]`, `["bad", number]`, `["end"]`.
Values are numbers, hexadecimal text behind `x`, text behind `t`, or null; times stay what the file holds. Only tables
that readers of this program know are written: those of the usage monitor and of the web cache.
"""

from __future__ import annotations

import json
import math
import re
import struct
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

MEMORY = 3 * 1024**3
LARGEST_VALUE = 64 * 1024
_INTEGERS = {1: (1, False), 2: (1, False), 3: (2, True), 4: (4, True), 5: (8, True), 14: (4, False), 15: (8, True)}
_INTEGERS |= {17: (2, False)}
_FLOATS = {6: "<f", 7: "<d", 8: "<d"}
_TEXTS = (10, 12)
_FIRST = ("SruDbIdMapTable", "Containers")
"""Tables whose rows say what numbers and tables mean; the parent has to know them before all others."""

_WANTED = re.compile(r"SruDbIdMapTable|Containers|Container_\d+|\{.*", re.DOTALL)
_FAULTS = (OSError, ValueError, TypeError, OverflowError, RuntimeError, AttributeError)


def serve() -> None:
    """Read the file that the standard input names and write it out; a table or row that fails is told."""
    _bound_memory()
    path = sys.stdin.readline().rstrip("\n")
    for line in _lines(path):
        sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def _bound_memory() -> None:
    try:
        resource = import_module("resource")
    except ImportError:  # Windows has no such bounds
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _lines(path: str) -> Iterator[list[object]]:
    file: Any = import_module("pyesedb").file()
    try:
        file.open(path)
        tables = [file.get_table(index) for index in range(file.number_of_tables)]
    except _FAULTS as error:
        yield ["fault", " ".join(str(error).split())[:200]]
        return
    for table in sorted(tables, key=lambda one: one.name not in _FIRST):
        yield from _table(table)
    yield ["end"]


def _table(table: Any) -> Iterator[list[object]]:
    name = str(table.name)
    if not _WANTED.fullmatch(name):
        return
    try:
        count = int(table.number_of_records)
    except _FAULTS as error:
        yield ["table", name, -1, " ".join(str(error).split())[:200]]
        return
    yield ["table", name, count, ""]
    for number in range(count):
        try:
            record = table.get_record(number)
            yield ["row", {record.get_column_name(at): _value(record, at) for at in range(record.number_of_values)}]
        except _FAULTS:
            yield ["bad", number]


def _value(record: Any, at: int) -> int | float | str | None:
    kind = int(record.get_column_type(at))
    if kind in _TEXTS and not record.is_long_value(at):
        text = record.get_value_data_as_string(at)
        return None if text is None else "t" + str(text)[:LARGEST_VALUE]
    data: bytes | None = record.get_value_data(at)
    if record.is_long_value(at):
        data = record.get_value_data_as_long_value(at).get_data()
    if data is None:
        return None
    size, signed = _INTEGERS.get(kind, (0, False))
    if size:
        return int.from_bytes(data[:size], "little", signed=signed)
    if kind in _FLOATS and len(data) == struct.calcsize(_FLOATS[kind]):
        number = float(struct.unpack(_FLOATS[kind], data)[0])
        return number if math.isfinite(number) else None
    return "x" + data[:LARGEST_VALUE].hex()
