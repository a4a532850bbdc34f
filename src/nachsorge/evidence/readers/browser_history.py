"""Visits and downloads of browsers: Chrome, Edge, Brave (`History`), Firefox (`places.sqlite`), Safari.

Each visit and each download is a record: address, time, and a download's place on disk. Titles, search words and form
data are not read. The whole address is compared with indicators, but only its host and path are kept for people; a
query may hold private data. Visits that a browser got from another device by synchronisation say so in `origin`.

A history proves a visit; it never clears and covers no time: it is one profile of one browser, shortened after some
months, and can be deleted. Deletions that Safari remembers are gaps. Tables: Chromium `components/history`, Mozilla
`toolkit/components/places`.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nachsorge.evidence.browser_names import browser_at
from nachsorge.evidence.clocks import mac_absolute, unix_micros, unix_seconds, webkit
from nachsorge.evidence.containers.names import last_part
from nachsorge.evidence.databases import MAGIC, columns, opened_copy, rows, serialised
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.seams import Opened, ReadError, Tells
from nachsorge.evidence.web_addresses import file_path, without_query
from nachsorge.model.evidence import Record, Value
from nachsorge.model.times import Span
from nachsorge.model.words import Kind, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nachsorge.evidence.seams import Plant, Sieve
    from nachsorge.model.times import Instant

_MARKS = (
    (b"visits", b"urls"),
    (b"moz_places", b"moz_"),
    (b"history_items", b"history_visits"),
    (b"moz_downloads",) * 2,
)
_NAMES = ("history", "places.sqlite", "downloads.sqlite")
_ADDRESSES = ("url", "tab_url", "site_url", "referrer", "tab_referrer_url")
"""Of a download of Chromium: the file's, its page's, and what led there, as far as a version keeps them."""

_SYNCED = 0
"""Chromium's `SOURCE_SYNCED`; a visit of this device has no row in `visit_source`."""


class BrowserHistory:
    """Reader of the databases by their tables."""

    name = "browser_history"
    telemetry: tuple[Telemetry, ...] = (Telemetry.BROWSER_HISTORY,)
    tells = Tells(
        proves="that an address was visited or a file downloaded from it with this profile, and when; visits from "
        "other devices say so",
        rules_out="nothing: it is one profile of one browser, shortened after some months, and can be deleted",
        not_told="private windows, addresses that a page fetched by itself, titles, search words and forms (not read); "
        "deletions, except those that Safari remembers (a gap)",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the tables' names in the first pages; the file's name where these do not hold them."""
        if not head.startswith(MAGIC):
            return 0
        if any(b"TABLE " + first in _unquoted(head) and second in head for first, second in _MARKS):
            return 95
        # A schema that has grown with many versions lies farther back than the first bytes reach.
        return 50 if last_part(name).lower().startswith(_NAMES) else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield visits, then downloads; ReadError where it is no database of a known browser."""
        with opened_copy(source, ledger) as database:
            run = _Run(database, source, ledger)
            found = False
            for table, read in (
                ("urls", run.chromium),
                ("moz_places", run.firefox),
                ("moz_downloads", run.firefox_downloads),
                ("history_items", run.safari),
            ):
                if columns(database, table):
                    found = True
                    yield from read()
            if not found:
                raise ReadError(Reason.NOT_SUPPORTED, "a database without the tables of a known browser's history")
            run.close()

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make a history of the same browser with one visit to the planted host."""
        url = f"http://{plant.host}/"
        if b"history_items" in head:
            return serialised(
                "CREATE TABLE history_items (id INTEGER PRIMARY KEY, url TEXT)",
                "CREATE TABLE history_visits (id INTEGER PRIMARY KEY, history_item INTEGER, visit_time REAL)",
                f"INSERT INTO history_items VALUES (1, '{url}')",
                "INSERT INTO history_visits VALUES (1, 1, 700000000.0)",
            )
        if b"moz_downloads" in head:
            return serialised(
                "CREATE TABLE moz_downloads (id INTEGER PRIMARY KEY, source TEXT, target TEXT, startTime INTEGER)",
                f"INSERT INTO moz_downloads VALUES (1, '{url}', '', 1680000000000000)",
            )
        if b"moz_places" in head:
            return serialised(
                "CREATE TABLE moz_places (id INTEGER PRIMARY KEY, url TEXT, last_visit_date INTEGER)",
                "CREATE TABLE moz_historyvisits (id INTEGER PRIMARY KEY, place_id INTEGER, visit_date INTEGER)",
                f"INSERT INTO moz_places VALUES (1, '{url}', 1680000000000000)",
                "INSERT INTO moz_historyvisits VALUES (1, 1, 1680000000000000)",
            )
        return serialised(
            "CREATE TABLE urls (id INTEGER PRIMARY KEY, url TEXT, last_visit_time INTEGER)",
            "CREATE TABLE visits (id INTEGER PRIMARY KEY, url INTEGER, visit_time INTEGER)",
            f"INSERT INTO urls VALUES (1, '{url}', 13324473600000000)",
            "INSERT INTO visits VALUES (1, 1, 13324473600000000)",
        )


def _unquoted(head: bytes) -> bytes:
    return head.replace(b'"', b"").replace(b"IF NOT EXISTS ", b"")


@dataclass(slots=True)
class _Run:
    database: sqlite3.Connection
    source: Opened
    ledger: Ledger
    untimed: int = 0
    unvisited: int = 0

    def chromium(self) -> Iterator[Record]:
        """Chrome, Edge, Brave and their kin."""
        synced = {
            row["id"] for row in rows(self.database, "visit_source", ("id", "source"), "id") if row["source"] == _SYNCED
        }
        urls = {row["id"]: row for row in rows(self.database, "urls", ("id", "url", "last_visit_time"), "id")}
        visited = set()
        for row in rows(self.database, "visits", ("id", "url", "visit_time"), "id"):
            visited.add(row["url"])
            more = {"origin": "synced"} if row["id"] in synced else {}
            yield self._visit(
                "visits", row["id"], _of(urls, row["url"], "url"), webkit(row["visit_time"]), "chromium", more
            )
        yield from self._left("urls", urls, visited, "last_visit_time", webkit, "chromium")
        yield from self._chromium_downloads()

    def _chromium_downloads(self) -> Iterator[Record]:
        chains: dict[object, list[str]] = {}
        for row in rows(self.database, "downloads_url_chains", ("id", "chain_index", "url"), "chain_index"):
            chains.setdefault(row["id"], []).append(str(row["url"]))
        wanted = ("id", "target_path", "current_path", "full_path", *_ADDRESSES, "start_time", "hash")
        for row in rows(self.database, "downloads", wanted, "id"):
            # The oldest form counts seconds since 1970, all later ones as visits do.
            time = webkit(row["start_time"]) or unix_seconds(row["start_time"])
            urls = [*chains.get(row["id"], ()), *(row[n] for n in _ADDRESSES if row[n])]
            paths = [row[n] for n in ("target_path", "current_path", "full_path") if row[n]]
            yield self._download("downloads", row["id"], urls, paths, time, "chromium", row["hash"])

    def firefox(self) -> Iterator[Record]:
        """Firefox and its kin. Addresses that were never visited are bookmarks, and left out."""
        places = {row["id"]: row for row in rows(self.database, "moz_places", ("id", "url", "last_visit_date"), "id")}
        visited = set()
        for row in rows(self.database, "moz_historyvisits", ("id", "place_id", "visit_date"), "id"):
            visited.add(row["place_id"])
            url, time = _of(places, row["place_id"], "url"), unix_micros(row["visit_date"])
            yield self._visit("moz_historyvisits", row["id"], url, time, "firefox")
        yield from self._left("moz_places", places, visited, "last_visit_date", unix_micros, "firefox")
        yield from self._firefox_annotated(places)

    def _firefox_annotated(self, places: dict[object, dict[str, Any]]) -> Iterator[Record]:
        names = {r["id"]: r["name"] for r in rows(self.database, "moz_anno_attributes", ("id", "name"), "id")}
        wanted = ("id", "place_id", "anno_attribute_id", "content", "dateAdded")
        for row in rows(self.database, "moz_annos", wanted, "id"):
            if names.get(row["anno_attribute_id"]) == "downloads/destinationFileURI":
                urls, paths = [_of(places, row["place_id"], "url")], [file_path(str(row["content"]))]
                yield self._download("moz_annos", row["id"], urls, paths, unix_micros(row["dateAdded"]), "firefox")

    def firefox_downloads(self) -> Iterator[Record]:
        """Firefox up to version 25."""
        wanted = ("id", "source", "target", "referrer", "startTime")
        for row in rows(self.database, "moz_downloads", wanted, "id"):
            urls, paths = [row["source"], row["referrer"]], [file_path(str(row["target"] or ""))]
            yield self._download("moz_downloads", row["id"], urls, paths, unix_micros(row["startTime"]), "firefox")

    def safari(self) -> Iterator[Record]:
        """Safari. `origin` is not 0 for visits of other devices of the account."""
        items = {row["id"]: row for row in rows(self.database, "history_items", ("id", "url"), "id")}
        visited = set()
        wanted = ("id", "history_item", "visit_time", "origin")
        for row in rows(self.database, "history_visits", wanted, "id"):
            visited.add(row["history_item"])
            more = {"origin": "synced"} if row["origin"] else {}
            url, time = _of(items, row["history_item"], "url"), mac_absolute(row["visit_time"])
            yield self._visit("history_visits", row["id"], url, time, "safari", more)
        yield from self._left("history_items", items, visited, "visit_time", mac_absolute, "safari", always=True)
        for row in rows(self.database, "history_tombstones", ("start_time", "end_time"), "id"):
            start, end = mac_absolute(row["start_time"]), mac_absolute(row["end_time"])
            span = Span(start, end) if start is not None and end is not None and start <= end else None
            note = "visits were deleted from the history"
            self.ledger.gap(Reason.LOG_CLEARED, note, telemetry=Telemetry.BROWSER_HISTORY, span=span)

    def _left(
        self,
        table: str,
        urls: dict[object, dict[str, Any]],
        visited: set[object],
        column: str,
        clock: Callable[[object], Instant | None],
        browser: str,
        *,
        always: bool = False,
    ) -> Iterator[Record]:
        """Give addresses whose visits are not there any more; those never visited are counted only."""
        for key, row in urls.items():
            if key in visited:
                continue
            time = clock(row.get(column))
            if time is None and not always:
                self.unvisited += 1
                continue
            yield self._visit(table, key, row["url"], time, browser)

    def _visit(
        self,
        table: str,
        key: object,
        url: object,
        time: Instant | None,
        browser: str,
        more: dict[str, str] | None = None,
    ) -> Record:
        return self._record(f"{table} {key}", [url], [], time, {"browser": browser, "kind": "visit", **(more or {})})

    def _download(
        self,
        table: str,
        key: object,
        urls: list[Any],
        paths: list[Any],
        time: Instant | None,
        browser: str,
        hash_: object = b"",
    ) -> Record:
        more = {"browser": browser, "kind": "download"}
        if isinstance(hash_, bytes) and len(hash_) == 32:
            more["sha256"] = hash_.hex()
        return self._record(f"{table} {key}", urls, paths, time, more)

    def _record(
        self, locator: str, urls: list[Any], paths: list[Any], time: Instant | None, more: dict[str, str]
    ) -> Record:
        self.ledger.count(Telemetry.BROWSER_HISTORY, 1, self.source.host)
        self.untimed += time is None
        whole = list(dict.fromkeys(str(url) for url in urls if url))
        if not whole:
            self.ledger.spoil(locator)
        places = list(dict.fromkeys(str(path) for path in paths if path))
        more["browser"] = browser_at(self.source.path, more["browser"])
        values = [Value(Kind.URL, "url", url) for url in whole] + [Value(Kind.PATH, "path", p) for p in places]
        values += [Value(Kind.HASH, "sha256", more["sha256"])] if "sha256" in more else []
        event = {"url": "\n".join(map(without_query, whole))} | ({"path": "\n".join(places)} if places else {})
        return Record(
            telemetry=Telemetry.BROWSER_HISTORY,
            locator=locator,
            time=time,
            values=tuple(values),
            event={**event, **more},
            host=self.source.host,
        )

    def close(self) -> None:
        """Say what was left out or has no time."""
        if self.unvisited:
            self.ledger.notes.append(f"{self.unvisited} addresses that were never visited (bookmarks) were left out")
        if self.untimed:
            note = f"{self.untimed} visits or downloads without a usable time"
            self.ledger.gap(Reason.NO_TIME, note, telemetry=Telemetry.BROWSER_HISTORY)


def _of(table: dict[object, dict[str, Any]], key: object, column: str) -> object:
    row = table.get(key)
    return row[column] if row else None
