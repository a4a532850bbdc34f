"""Lists of machines as rows of text: CSV with any delimiter, JSON documents, one JSON object a line."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nachsorge.errors import InventoryError, Problem

if TYPE_CHECKING:
    from pathlib import Path

LISTS = ("hosts", "value", "devices", "computers", "assets", "machines", "items", "results", "data", "records")
"""Where exports keep their rows: Fleet `hosts`, Microsoft Graph `value`, Jamf `computers`."""

_MORE = re.compile(r'"@odata\.nextLink"\s*:\s*"|"has_next_results"\s*:\s*true')
DEEPEST = 6
"""Fields nested deeper are no columns."""


@dataclass(frozen=True, slots=True)
class Table:
    """The columns of a list in the order in which they first stand, and its rows with their numbers."""

    header: tuple[str, ...]
    rows: tuple[tuple[int, Mapping[str, str]], ...]
    problems: tuple[tuple[int, str, str], ...] = field(default=())
    pages: bool = False
    """The list says of itself that it goes on on a further page."""


def read_table(path: Path, delimiter: str = "", records: str = "") -> Table:
    """Read a list; raises InventoryError where it is none at all."""
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InventoryError([Problem(path=str(path), message=f"cannot be read: {error}")]) from error
    if text.lstrip()[:1] in ("{", "["):
        return _of_json(text, path, records)
    return _of_csv(text, delimiter)


def _of_csv(text: str, delimiter: str) -> Table:
    first = text.partition("\n")[0]
    delimiter = delimiter or max(",;\t|", key=lambda one: (first.count(one), one == ","))
    rows = csv.DictReader(io.StringIO(text), delimiter=delimiter)
    out: list[tuple[int, Mapping[str, str]]] = []
    problems: list[tuple[int, str, str]] = []
    try:
        header = tuple(name.strip() for name in rows.fieldnames or ())
        rows.fieldnames = list(header)
        for row in rows:
            if None in row:
                remedy = "separate several values of one field with ; or quote the field"
                problems.append((rows.line_num, "more fields than the first line names", remedy))
            out.append((rows.line_num, {k: (v or "").strip() for k, v in row.items() if isinstance(k, str)}))
    except csv.Error as error:
        header = tuple(rows.fieldnames or ())
        problems.append((rows.line_num, f"no CSV: {error}", "look for a quote that is never closed"))
    return Table(header, tuple(out), tuple(problems))


def _of_json(text: str, path: Path, records: str) -> Table:
    pages = _MORE.search(text) is not None
    try:
        nodes = list(_nodes(text, records))
    except (ValueError, RecursionError) as error:
        raise InventoryError([Problem(path=str(path), message=f"no JSON: {error}")]) from error
    rows = [(number, dict(_flat(node))) for number, node in nodes]
    header = tuple(dict.fromkeys(name for _, row in rows for name in row))
    return Table(header, tuple(rows), pages=pages)


def _nodes(text: str, records: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Give the objects that are rows, with the line or the number of each."""
    try:
        tree = json.loads(text)
    except json.JSONDecodeError:
        # One object a line; whatever is none is the error that is told.
        for number, line in enumerate(text.splitlines(), 1):
            if line.strip():
                yield number, _row(json.loads(line))
        return
    for number, node in enumerate(_list(tree, records), 1):
        yield number, _row(node)


def _list(tree: Any, records: str) -> list[Any]:
    for key in filter(None, records.split(".")):
        tree = tree.get(key) if isinstance(tree, dict) else None
    if isinstance(tree, dict) and not records:
        tree = next((tree[key] for key in LISTS if isinstance(tree.get(key), list)), [tree])
    if not isinstance(tree, list):
        raise ValueError(f"no list of rows at {records!r}" if records else "no list of rows")  # noqa: TRY004
    return tree


def _row(node: Any) -> Mapping[str, Any]:
    """Take a row out of its wrapping: `spec` of fleetctl, `host` of Fleet's single host."""
    for key in ("spec", "host"):
        if isinstance(node, dict) and isinstance(node.get(key), dict):
            node = node[key]
    if not isinstance(node, dict):
        raise ValueError(f"a row that is no object: {str(node)[:40]!r}")  # noqa: TRY004
    return node


def _flat(node: Any, prefix: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """Flatten a row; a list of plain values is one field with `;`, a list of objects is no field."""
    for key, value in node.items():
        name = f"{prefix}.{key}" if prefix else str(key)
        match value:
            case dict() if depth < DEEPEST:
                yield from _flat(value, name, depth + 1)
            case list() if all(isinstance(one, str | int | float) for one in value):
                yield name, ";".join(str(one) for one in value)
            case str() | int() | float():
                yield name, str(value).strip()
