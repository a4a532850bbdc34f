r"""The web cache of Windows (`WebCacheV01.dat`): addresses that programs fetched by Windows' own means (WinINet).

Internet Explorer, old Edge, Explorer and many other programs, malware among them, leave here what they fetched, and
Explorer which local files were opened (`file:///`). Each entry of a container (`Content`, `History`, `MSHist01...`,
`iedownload`, `Cookies`) is a record: its address, its place on disk, when it was last used. The whole address is
compared with indicators, but only its host and path are kept for people; a query may hold private data. Headers are not
read, save for what they say of downloads.

It proves that some program of the user fetched the address; it never clears and covers no time: entries expire, are
deleted with the cache, and programs with network code of their own leave none. The extra `windows` is needed
(`libesedb`). Tables and columns: libyal, "Microsoft Internet Explorer WebCache"; plaso's description of the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nachsorge.evidence.clocks import filetime
from nachsorge.evidence.containers.names import last_part
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.seams import Opened, ReadError, Tells
from nachsorge.evidence.web_addresses import file_path, without_query
from nachsorge.evidence.windows import ese
from nachsorge.model.evidence import Record, Value
from nachsorge.model.times import render
from nachsorge.model.words import Kind, Platform, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nachsorge.evidence.seams import Plant, Sieve

_MOST_ROWS = 10_000_000
_CONTAINER = "Container_"
_BEFORE = re.compile(r"(?:(?:Visited|Cookie|iedownload)?:[^@/]*@|(?:Visited|Cookie):\s*)")
_WIDE = re.compile(rb"(?:[\x20-\x7e]\0){6,}")
_TIMES = ("AccessedTime", "ModifiedTime", "CreationTime", "SyncTime")
_NUMBERS = ("AccessCount", "FileSize")


class WebCache:
    """Reader of the database."""

    name = "web_cache"
    telemetry: tuple[Telemetry, ...] = (Telemetry.BROWSER_HISTORY,)
    tells = Tells(
        proves="a program fetched the address by Windows' own means, or a user opened a local file; when last",
        rules_out="nothing: entries expire, and programs with network code of their own leave none",
        not_told="which program it was; visits of Chrome, Firefox and new Edge; earlier uses of the same address",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the database's header, and its file name: its tables' names lie too far behind."""
        named = last_part(name).lower()
        return 90 if ese.is_database(head) and named.startswith("webcachev") and named.endswith(".dat") else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield one BROWSER_HISTORY an entry; ReadError where the library is missing, gives up or takes too long."""
        ledger.platform = ledger.platform or Platform.WINDOWS
        run = _Run(source, ledger)
        for line in ese.rows_of(source, ledger):
            yield from run.take(line)
        run.close()

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """No file: see `control_records`."""
        return None

    def control_records(self, plant: Plant) -> Iterator[Record]:
        """Make what a decoded row becomes: there is no writer of such databases."""
        if ese.available():
            yield _record("control", "History", {"Url": f"tVisited: user@http://{plant.host}/"}, None)


@dataclass(slots=True)
class _Run:
    source: Opened
    ledger: Ledger
    table: str = ""
    row: int = 0
    rows: int = 0
    empty: int = 0
    names: dict[str, str] = field(default_factory=dict)

    def take(self, line: list[object]) -> Iterator[Record]:
        """Take one line of the child's: the start of a table, a row of it, or one that could not be decoded."""
        match line:
            case ["table", str(name), int(count), str(fault)]:
                self.table, self.row = name, 0
                if count < 0:
                    self.ledger.gap(Reason.CORRUPT, f"table {name}: {fault}")
            case ["row", dict(row)]:
                self.row += 1
                if self.table == "Containers":
                    self.names[f"{_CONTAINER}{row.get('ContainerId')}"] = _text(row.get("Name"))
                elif self.table.startswith(_CONTAINER):
                    yield from self._entry(row)
            case ["bad", int(number)]:
                self.row += 1
                self.ledger.count(Telemetry.BROWSER_HISTORY, 1, self.source.host)
                self.ledger.spoil(f"{self.table} row {number + 1}")
            case _:
                raise ReadError(Reason.CORRUPT, "the database library gave what it should not")

    def _entry(self, row: Mapping[str, object]) -> Iterator[Record]:
        self.rows += 1
        if self.rows > _MOST_ROWS:
            raise ReadError(Reason.LIMIT, f"more than {_MOST_ROWS} rows: the rest was not read")
        container = self.names.get(self.table, self.table)
        record = _record(f"{self.table} row {self.row}", container, row, self.source.host)
        if not record.values:
            self.empty += 1
            return
        self.ledger.count(Telemetry.BROWSER_HISTORY, 1, self.source.host)
        yield record

    def close(self) -> None:
        """Say what is lacking."""
        if not self.names:
            raise ReadError(Reason.NOT_SUPPORTED, "a database without the tables of a web cache")
        if self.rows and self.rows == self.empty:
            raise ReadError(Reason.NOT_SUPPORTED, f"{self.rows} entries without an address: an unknown kind of cache")
        if self.empty:
            self.ledger.notes.append(f"{self.empty} entries without an address were left out")
        if self.ledger.unreadable:
            self.ledger.notes.append(f"{self.ledger.unreadable} rows could not be decoded")


def _record(locator: str, container: str, row: Mapping[str, object], host: str | None) -> Record:
    urls = [address_of(_text(row.get("Url"))), address_of(_text(row.get("RedirectUrl")))]
    said = _said(row.get("ResponseHeaders")) if container == "iedownload" else []
    urls = [url for url in dict.fromkeys([*urls, *(text for text in said if "://" in text)]) if url]
    paths = [file_path(url) for url in urls if url.startswith("file://")]
    paths += [text for text in said if text[1:3] == ":\\"]
    name = _text(row.get("Filename"))
    times = {key: time for key in _TIMES if (time := filetime(row.get(key))) is not None}
    event = {"container": container, "url": "\n".join(map(without_query, urls))}
    event |= {"path": "\n".join(paths)} if paths else {}
    event |= {"file_name": name} if name else {}
    event |= {key: str(row[key]) for key in _NUMBERS if isinstance(row.get(key), int)}
    event |= {key: render(time) for key, time in times.items()}
    values = [Value(Kind.URL, "url", url) for url in urls if not url.startswith("file://")]
    values += [Value(Kind.PATH, "path", path) for path in paths]
    values += [Value(Kind.PATH, "file_name", name)] if name else []
    return Record(
        telemetry=Telemetry.BROWSER_HISTORY,
        locator=locator,
        time=next(iter(times.values()), None),
        values=tuple(values),
        event=event,
        host=host,
        product="windows",
    )


def address_of(text: str) -> str:
    """Take an address out of its entry: `Visited: user@http://a/`, `:2023040120230402: user@file:///C:/x`."""
    found = _BEFORE.match(text)
    return text[found.end() :] if found else text


def _said(value: object) -> list[str]:
    """Give the texts in the headers of a download: where from and where to."""
    raw = bytes.fromhex(value[1:]) if isinstance(value, str) and value.startswith("x") else b""
    return [match.decode("utf-16-le") for match in _WIDE.findall(raw)]


def _text(value: object) -> str:
    if not isinstance(value, str):
        return ""
    if value.startswith("x"):
        raw = bytes.fromhex(value[1:])
        return raw[: len(raw) // 2 * 2].decode("utf-16-le", "replace").partition("\0")[0]
    return value[1:].partition("\0")[0]
