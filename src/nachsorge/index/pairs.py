"""Numbers of texts that go with a name: kept as which of the name's they are, the first, the second and so on.

A name has few addresses, and a site its pages. Where that is so, `pairs` lists them once for a part, the most frequent
first, and a row holds 1 for most of them. Where it is not, rows hold the number of the text itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from nachsorge.index.shapes import NAMES, NUMBERS, TEXTS, Shape, Stored, read, stored_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from duckdb import DuckDBPyConnection

_OFTEN = 0.6
"""Worth it where there are fewer pairs than this share of the rows."""
_EMPTY = (
    "SELECT NULL::VARCHAR AS domain, NULL::UINTEGER AS parent, NULL::UINTEGER AS rank, NULL::UINTEGER AS child"
    " WHERE false"
)


@dataclass(frozen=True, slots=True)
class _Going:
    """Of the rows of a shape, the slot `child` goes with the name in the slot `parent`."""

    shape: int
    parent: int
    child: int
    domain: str


def pack(connection: DuckDBPyConnection) -> None:
    """Make `pairs`, and put ranks in the place of numbers in `rows` where that is smaller; `shapes` says where."""
    chosen, after = [], {}
    for number, shape, stored in _shapes(connection):
        mine = [one for one in _candidates(number, shape, stored) if _is_worth_it(connection, one)]
        chosen += mine
        after[number] = msgspec.structs.replace(stored, after={one.child: one.parent for one in mine})
    connection.execute(f"CREATE OR REPLACE TABLE pairs AS {_ranked(chosen)}")
    for one in chosen:
        _put(connection, one, "rank", "child")
    for number, stored in after.items():
        body = msgspec.json.encode(stored).decode()
        connection.execute("UPDATE shapes SET stored = $1 WHERE shape = $2", [body, number])


def unpack(connection: DuckDBPyConnection) -> None:
    """Put numbers back into `rows`, and drop `pairs`."""
    for number, shape, stored in _shapes(connection):
        for child, parent in stored.after.items():
            _put(connection, _Going(number, parent, child, shape.slots[child].domain), "child", "rank")
    connection.execute("DROP TABLE pairs")


def _shapes(connection: DuckDBPyConnection) -> list[tuple[int, Shape, Stored]]:
    found = connection.execute("SELECT shape, description, stored FROM shapes ORDER BY shape").fetchall()
    return [(number, read(text), stored_of(stored)) for number, text, stored in found]


def _candidates(number: int, shape: Shape, stored: Stored) -> Iterator[_Going]:
    parent = next((column.slot for column in shape.slots if column.domain == NAMES), None)
    for column in shape.slots if parent is not None and parent not in stored.held else ():
        if column.domain in (NUMBERS, TEXTS) and column.slot not in stored.held:
            assert parent is not None
            yield _Going(number, parent, column.slot, column.domain)


def _is_worth_it(connection: DuckDBPyConnection, one: _Going) -> bool:
    asked = f"SELECT approx_count_distinct((v{one.parent}, v{one.child})), count(*) FROM rows"
    found = connection.execute(f"{asked} WHERE shape = {one.shape} AND v{one.child} > 0").fetchone()
    return found is not None and found[0] < found[1] * _OFTEN


def _ranked(chosen: Sequence[_Going]) -> str:
    if not chosen:
        return _EMPTY
    each = " UNION ALL ".join(
        f"SELECT '{one.domain}' AS domain, v{one.parent} AS parent, v{one.child} AS child FROM rows"
        f" WHERE shape = {one.shape} AND v{one.child} > 0"
        for one in chosen
    )
    ordered = "PARTITION BY domain, parent ORDER BY count(*) DESC, child"
    return (
        f"SELECT domain, parent, (row_number() OVER ({ordered}))::UINTEGER AS rank, child FROM ({each})"
        " GROUP BY domain, parent, child"
    )


def _put(connection: DuckDBPyConnection, one: _Going, new: str, old: str) -> None:
    connection.execute(
        f"UPDATE rows SET v{one.child} = pairs.{new} FROM pairs WHERE rows.shape = {one.shape}"
        f" AND pairs.domain = '{one.domain}' AND pairs.parent = v{one.parent} AND pairs.{old} = v{one.child}"
    )
