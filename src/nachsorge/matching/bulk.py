"""The rows of a long list, filed by the hash of what they are looked up by: compiled once, kept, and mapped.

Two columns, sorted: 64 bits of the hash of a table's name and a key, and the row's number. A hash is only a hint: a row
is given when its own value is filed under that very key.
"""

from __future__ import annotations

import hashlib
import sys
from array import array
from bisect import bisect_left
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from nachsorge.matching import normal, paths, urls
from nachsorge.matching.store import NOWHERE, Store, digest_of
from nachsorge.matching.words import filed_under
from nachsorge.model.words import IndicatorType as T

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from nachsorge.matching.tests import Rows

V = TypeVar("V")

HOST, IP, URL, DIGEST, BASE, SLASHED, PACKAGE, MAIL = "haudpskm"
"""Tables, each by a letter."""

Keys = tuple[tuple[str, str], ...]


def keys(kind: str, value: str) -> Keys:
    """Say in which tables, under what, `Tables.add` files a value; nothing where it needs more than a look-up."""
    match T(kind):
        case T.DOMAIN:
            return ((HOST, normal.host(value)),)
        case T.IP:
            return ((IP, normal.address(value) or value),)
        case T.URL | T.URL_PATTERN:
            name = urls.plain_host(value)
            return () if name is None else ((URL, name),)
        case T.SHA256 | T.SHA1 | T.MD5:
            return ((DIGEST, normal.fold(value.strip())),)
        case T.PATH | T.FILE_NAME:
            base, word = paths.base(value), filed_under(paths.sure_words(value))
            return ((BASE, base), (SLASHED, word)) if base and word else ()
        case T.PACKAGE:
            return ((PACKAGE, normal.package(value)[0]),)
        case T.EMAIL:
            return ((MAIL, normal.fold(value.strip())),)
        case _:
            return ()


class Bulk:
    """A long list, compiled for look-ups; `start` is the number of its first row among all tests."""

    def __init__(self, rows: Rows, start: int, store: Store = NOWHERE) -> None:
        """Compile, or take what was compiled last time."""
        self.rows = rows
        self.start = start
        name = name_of(rows, "rows")
        columns = store.columns("tables", name)
        if columns is None:
            columns = _compiled(rows)
            store.put_columns("tables", name, columns)
        hashes, numbers, rest, tables = columns
        self._hashes, self._numbers = hashes.cast("Q"), numbers.cast("I")
        self.rest = rest.cast("I")
        """Rows that are in no table: each is filed as a test of its own."""
        self.tables = frozenset(bytes(tables).decode())

    def get(self, table: str, key: str) -> Iterator[int]:
        """Give the rows that are filed under a key."""
        wanted = _hash(table, key)
        at = bisect_left(self._hashes, wanted)
        while at < len(self._hashes) and self._hashes[at] == wanted:
            if (table, key) in keys(*self.rows.typed(self._numbers[at])):
                yield self._numbers[at]
            at += 1


class Filed(dict[str, list[V]]):
    """A table of its own entries, and behind them those of long lists, each made when it is first met."""

    def __init__(
        self, own: Mapping[str, list[V]], bulks: list[Bulk], table: str, made: Callable[[str, str, int], V]
    ) -> None:
        """Say what becomes of a row's type, value and number."""
        super().__init__(own)
        self._bulks = bulks
        self._table = table
        self._make = made
        self._made: dict[int, V] = {}

    def get(self, key: str, default: object = None) -> list[V]:
        """Give what is filed under a key; an empty list where nothing is."""
        found = list(super().get(key, ()))
        for bulk in self._bulks:
            for row in bulk.get(self._table, key):
                number = bulk.start + row
                if number not in self._made:
                    self._made[number] = self._make(*bulk.rows.typed(row), number)
                found.append(self._made[number])
        return found

    def __bool__(self) -> bool:
        """Tell whether anything is filed."""
        return len(self) > 0 or any(self._table in bulk.tables for bulk in self._bulks)

    def __contains__(self, key: object) -> bool:
        """Tell whether anything is filed under a key."""
        return isinstance(key, str) and bool(self.get(key))


def name_of(rows: Rows, *more: str) -> str:
    """Name what is compiled of a list by the list and by the code that compiles it."""
    return digest_of((_code(), rows.indicators.digest, *(each.encode() for each in more)))


def _compiled(rows: Rows) -> list[memoryview]:
    filed: list[bytes] = []
    rest, tables = array("I"), set[str]()
    for number, (kind, value) in enumerate(rows.values()):
        found = keys(kind, value)
        for table, key in found:
            tables.add(table)
            filed.append(_digest(table, key) + number.to_bytes(4, "big"))
        if not found:
            rest.append(number)
    filed.sort()
    hashes = array("Q", b"".join(each[:8] for each in filed))
    numbers = array("I", b"".join(each[8:] for each in filed))
    if sys.byteorder == "little":
        hashes.byteswap()
        numbers.byteswap()
    named = "".join(sorted(tables)).encode()
    return [memoryview(each).cast("B") for each in (hashes, numbers, rest, named)]


def _digest(table: str, key: str) -> bytes:
    return hashlib.blake2b((table + key).encode("utf-8", "surrogatepass"), digest_size=8).digest()


def _hash(table: str, key: str) -> int:
    return int.from_bytes(_digest(table, key), "big")


@lru_cache(maxsize=1)
def _code() -> bytes:
    here = Path(__file__).resolve().parent
    return digest_of(path.read_bytes() for path in sorted(here.glob("*.py"))).encode()
