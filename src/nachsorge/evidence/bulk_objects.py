"""Logs of one JSON object a line, in bulk: objects that hold the same keys become columns."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import orjson

from nachsorge.evidence.bulk import Table, Taken, table_of
from nachsorge.evidence.bulk_columns import Named, instants
from nachsorge.evidence.ndjson import key_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nachsorge.model.words import Kind, Telemetry

_MANY = 16


class Objects:
    """One JSON object a line, without white space of the format's own around it."""

    keys: tuple[str, ...] = ()
    kinds: Mapping[str, Kind] = {}

    def __init__(self, form: Any) -> None:
        """Stand ready."""
        self._form = form

    def sort(self, tree: dict[str, Any]) -> tuple[str, Telemetry] | None:
        """Give the kind of an object and its telemetry; None where it has to be parsed by itself."""
        raise NotImplementedError

    def addresses(self, columns: Mapping[str, list[str]]) -> list[list[str]]:
        """Give the records' addresses."""
        raise NotImplementedError

    def _trees(self, lines: list[bytes]) -> list[dict[str, Any]] | None:
        try:
            trees = list(map(orjson.loads, lines))
        except orjson.JSONDecodeError:
            return None
        return trees if set(map(type, trees)) == {dict} else None

    def take(self, lines: list[bytes], number: int) -> Taken | None:
        """Sort objects by what they hold, and turn each sort into columns."""
        trees = self._trees(lines)
        stamps = self._stamps(lines)
        if trees is None or stamps is None:
            return None
        taken = Taken()
        sorts: dict[tuple[str, ...], list[int]] = defaultdict(list)
        telemetries: dict[str, Telemetry] = {}
        for at, tree in enumerate(trees):
            found = self.sort(tree)
            if found is None:
                taken.left.append(at)
            else:
                telemetries[found[0]] = found[1]
                sorts[found[0], *tree].append(at)
        for (sort, *keys), places in sorts.items():
            table = self._table(
                sort, telemetries[sort], keys, [trees[at] for at in places], [stamps[at] for at in places]
            )
            if table is None:
                taken.left += places
            else:
                table.numbers = [number + at for at in places]
                taken.tables.append(table)
        taken.left.sort()
        return taken

    def _stamps(self, lines: list[bytes]) -> list[str] | None:
        """Give what stands under the key of the time, as it is written; the pattern takes the first in each line."""
        found = _line_pattern(self.keys).findall(b"\n".join([*lines, b""]))
        return [(a or b).decode("latin-1") for a, b in found] if len(found) == len(lines) else None

    def more(self, sort: str, columns: list[Named]) -> list[Named] | None:
        """Add what the format puts together itself; None where it is unsure."""
        return columns

    def either(self, sort: str) -> frozenset[str]:
        """Name fields that hold names or addresses."""
        return frozenset()

    def _table(
        self, sort: str, telemetry: Telemetry, keys: list[str], trees: list[dict[str, Any]], stamps: list[str]
    ) -> Table | None:
        times = instants(stamps)
        columns: list[Named] | None = _flat(keys, [tree.values() for tree in trees])
        if times is None or columns is None:
            return None
        columns = self.more(sort, [column for column in columns if any(column[1])])
        if columns is None:
            return None
        table = table_of(telemetry, [], times, columns, self.kinds, self.either(sort))
        table.addresses = self.addresses({name: texts for name, texts, _ in columns})
        return table


def _line_pattern(keys: tuple[str, ...]) -> re.Pattern[bytes]:
    return re.compile(key_pattern(keys).pattern + rb"[^\n]*\n")


def _flat(keys: Iterable[str], rows: Iterable[Iterable[Any]], prefix: str = "") -> list[Named] | None:
    found: list[Named] = []
    for key, column in zip(keys, zip(*rows, strict=True), strict=True):
        flat = _column(f"{prefix}.{key}" if prefix else key, column)
        if flat is None:
            return None
        found += flat
    return found


def _column(name: str, column: tuple[Any, ...]) -> list[Named] | None:
    """Flatten the values under one key as `fields.flatten` does; None where they differ too much."""
    kinds = set(map(type, column)) - {type(None)}
    if not kinds:
        return []
    empty = None in column
    if kinds == {str}:
        return [(name, [each or "" for each in column] if empty else list(column), False)]
    if kinds == {int}:
        return [(name, ["" if each is None else str(each) for each in column], True)]
    if kinds == {float}:
        return [(name, ["" if each is None else str(each) for each in column], False)]
    if kinds == {bool}:
        return [(name, ["" if each is None else "true" if each else "false" for each in column], False)]
    if empty:
        return None
    if kinds == {dict}:
        shapes = set(map(tuple, column))
        return _flat(shapes.pop(), [each.values() for each in column], name) if len(shapes) == 1 else None
    if kinds == {list}:
        longest = max(map(len, column))
        if longest > _MANY:
            return None
        padded = zip(*[each + [None] * (longest - len(each)) for each in column], strict=True)
        parts = [_column(name, items) for items in padded]
        return None if None in parts else [one for some in parts for one in some or ()]
    return None
