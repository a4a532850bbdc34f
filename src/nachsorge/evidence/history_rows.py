"""A browser's list of addresses as it lies in its database: rows by their numbers, each with its first known visit.

It is what thieves read: one row an address, in the order in which the addresses were first met, whatever was visited
last. Titles are not read; of addresses, query, fragment and password stay behind. Tables: Chromium
`components/history` (`urls`, whose numbers are never given twice since version 59), Mozilla `toolkit/components/places`
(`moz_places`, which holds bookmarks as well).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nachsorge.evidence.browser_names import browser_at
from nachsorge.evidence.clocks import unix_micros, webkit
from nachsorge.evidence.databases import columns, opened_copy, rows
from nachsorge.evidence.seams import ReadError
from nachsorge.evidence.web_addresses import without_query
from nachsorge.model.ranking import Row
from nachsorge.model.times import Instant
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened

MOST = 1_000_000
"""A list with more rows is not taken apart: no browser keeps so many."""

_SYNCED = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A whole list, the lowest number first. `browser` is known by the place of the file, else by its tables.

    `unique` says that a number is never given twice, so that the order of numbers is the order of time. `oldest` is the
    oldest visit that is still recorded.
    """

    browser: str
    rows: tuple[Row, ...]
    unique: bool
    oldest: Instant | None = None


def listed(source: Opened, ledger: Ledger) -> Listed | None:
    """Read the list; None where the database holds none that thieves of browser histories read (Safari, downloads).

    Raises ReadError where it cannot be read. Damage and a missing write-ahead log go to the ledger.
    """
    with opened_copy(source, ledger) as database:
        for table, first in (("urls", _chromium), ("moz_places", _firefox)):
            if columns(database, table):
                return _list(source.path, table, database, first(database))
    return None


def _list(path: str, table: str, database: sqlite3.Connection, first: dict[object, Instant]) -> Listed:
    found: list[Row] = []
    for row in rows(database, table, ("id", "url"), "id"):
        if len(found) == MOST:
            raise ReadError(Reason.LIMIT, f"more than {MOST} rows in {table}")
        if isinstance(row["id"], int):
            address = without_query(str(row["url"] or ""))
            found.append(Row(number=row["id"], address=address, first=first.get(row["id"])))
    made = database.execute("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)).fetchone()
    return Listed(
        browser=browser_of(path, table),
        rows=tuple(found),
        unique="AUTOINCREMENT" in str(made[0]).upper(),
        oldest=min(first.values(), default=None),
    )


def browser_of(path: str, table: str) -> str:
    """Name the browser by where its file lies; `chromium` or `firefox` where the place does not tell."""
    return browser_at(path, "firefox" if table == "moz_places" else "chromium")


def _chromium(database: sqlite3.Connection) -> dict[object, Instant]:
    """Give when each row was there at the latest: its first visit here. A visit from another device came later."""
    sources = rows(database, "visit_source", ("id", "source"), "id")
    synced = {row["id"] for row in sources if row["source"] == _SYNCED}
    visits = ((r["url"], r["visit_time"]) for r in rows(database, "visits", ("id", "url", "visit_time"), "id")
              if r["id"] not in synced)  # fmt: skip
    last = ((r["id"], r["last_visit_time"]) for r in rows(database, "urls", ("id", "last_visit_time"), "id"))
    return _first(_first({}, visits, webkit), last, webkit, only_new=True)


def _firefox(database: sqlite3.Connection) -> dict[object, Instant]:
    wanted = ("place_id", "visit_date")
    visits = ((r["place_id"], r["visit_date"]) for r in rows(database, "moz_historyvisits", wanted, "id"))
    marked = ((r["fk"], r["dateAdded"]) for r in rows(database, "moz_bookmarks", ("fk", "dateAdded"), "id"))
    last = ((r["id"], r["last_visit_date"]) for r in rows(database, "moz_places", ("id", "last_visit_date"), "id"))
    return _first(_first(_first({}, visits, unix_micros), marked, unix_micros), last, unix_micros, only_new=True)


def _first(
    known: dict[object, Instant],
    pairs: Iterator[tuple[object, object]],
    clock: Callable[[object], Instant | None],
    *,
    only_new: bool = False,
) -> dict[object, Instant]:
    """Keep the earliest time of each; with `only_new` a time counts only where none is known yet."""
    found = dict(known)
    for key, stamp in pairs:
        time = clock(stamp)
        if time is not None and not (only_new and key in known):
            found[key] = min(time, found.get(key, time))
    return found
