"""W3C extended log format: IIS, and proxies such as ProxySG.

`#Fields` names the columns and may change in the middle; times are UTC. IIS writes `+` for blanks, others put quotes
around. Source: W3C working draft "Extended Log File Format"; Microsoft, "W3C Extended Log File Format".
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from nachsorge.evidence.asking import Askers, asked_in, sole
from nachsorge.evidence.fields import is_address, values_of
from nachsorge.evidence.lines import Plain
from nachsorge.evidence.seams import Tells
from nachsorge.evidence.shapes import Cells, Run, Steps, without
from nachsorge.evidence.telling import Told, read_telling
from nachsorge.evidence.text import lenient
from nachsorge.model.evidence import Record
from nachsorge.model.times import EARLIEST_PLAUSIBLE, Instant, parse_instant
from nachsorge.model.words import Kind, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve

_CELL = re.compile(rb'"((?:[^"]|"")*)"(?=\s|\Z)|(\S+)')
_FIELDS = re.compile(rb"^#Fields:\s*(\S.*?)\s*$", re.MULTILINE | re.IGNORECASE)
_DAY = re.compile(rb"\d{4}-\d\d-\d\d")
_PROXY = frozenset(
    {
        *("s-action", "s-hierarchy", "s-supplier-name", "s-supplier-ip", "cs-uri-scheme", "c-uri", "cs-uri", "cs-url"),
        *("r-host", "r-ip", "r-dns", "r-port", "cs-categories", "sc-filter-result", "x-exception-id", "x-virus-id"),
    }
)
"""Fields that a proxy writes and a web server does not."""
_OTHER_SIDE = ("cs-host", "cs(host)", "r-host", "r-dns", "cs-uri", "c-uri", "cs-url", "url")
_REQUEST = ("cs-uri-stem", "cs-uri", "c-uri", "cs-uri-path", "cs-uri-query", "cs-url", "url")
_DECISIONS = ("sc-status", "s-action", "sc-filter-result")
_REFUSED = frozenset({b"401", b"403", b"407", b"DENIED"})
_KINDS = {
    "cs(referer)": Kind.URL,
    "cs(user-agent)": Kind.USER_AGENT,
    "cs-host": Kind.HOST,
    "cs(host)": Kind.HOST,
    "r-host": Kind.HOST,
    "r-dns": Kind.HOST,
    "s-supplier-name": Kind.HOST,
    "c-uri": Kind.URL,
    "cs-uri": Kind.URL,
    "cs-url": Kind.URL,
    "url": Kind.URL,
}
_MOST_COLUMNS = 256
"""A shape of thousands of cells takes longer to make than to do without."""

_PLANTS = ("cs-host", "cs(host)", "r-host", "r-dns", "cs-uri", "c-uri", "cs-url", "cs(referer)", "cs-uri-query", "c-ip")

_CLIENT = "c-ip"


class W3c:
    """Reader of the W3C extended log format."""

    name = "w3c"
    text = True
    telemetry: tuple[Telemetry, ...] = (Telemetry.WEBSERVER, Telemetry.PROXY)
    tells = Tells(
        proves="that a client asked this web server, or through this proxy, for a URL",
        rules_out="requests to this web server, or through this proxy, of the clients that appear in it, in stretches "
        "really recorded; nothing where it holds denied or failed requests only",
        not_told="columns that `#Fields` does not have, what went to another server or past the proxy, paths within "
        "TLS that a proxy did not open, bodies of requests and answers",
        covers=telemetry,
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the `#Fields` directive with prefixes that the draft gives fields of requests."""
        fields = _FIELDS.search(head[:8192])
        if not fields or not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"#"):
            return 0
        return 90 if re.search(rb"\b(?:c|cs|s|sc|r)-[a-z]", fields[1]) else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the admitted requests."""
        yield from read_telling(source, W3cLog(), self.telemetry, sieve, ledger)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Repeat this file's own columns and one request with the planted value."""
        fields = _FIELDS.search(head)
        names = fields[1].split() if fields else []
        keys = [name.decode("latin-1").lower() for name in names]
        column = next((keys.index(name) for name in _PLANTS if name in keys), None)
        if column is None:
            return None
        row = [{b"date": b"2023-03-28", b"time": b"10:40:00"}.get(name.lower(), b"-") for name in names]
        urls = ("cs-uri", "c-uri", "cs-url", "cs(referer)")
        value = f"http://{plant.host}/" if keys[column] in urls else plant.host
        row[column] = (plant.address if keys[column] == "c-ip" else value).encode()
        return b"#Version: 1.0\n#Date: 2023-03-28 10:40:00\n#Fields: %s\n%s\n" % (b" ".join(names), b" ".join(row))


class W3cLog(Plain):
    """The columns of one file, as its last `#Fields` says."""

    directive = b"#"

    def __init__(self) -> None:
        """Begin without columns; lines before the first `#Fields` have no shape."""
        self.names: list[str] = []
        self.telemetry = Telemetry.WEBSERVER
        self._day = b""
        self._columns: tuple[int, int] = (-1, -1)

    def direct(self, line: bytes) -> None:
        """Take `#Fields`, and `#Date` for logs that have no date column."""
        key, _, rest = line.partition(b":")
        if key.lower() == b"#date":
            found = _DAY.search(rest)
            self._day = found[0] if found else b""
        elif key.lower() == b"#fields":
            self.names = [name.lower() for name in lenient(rest).split()]
            self._columns = (self._column("date"), self._column("time"))
            # IIS can log cs-host as well; on its own it makes no proxy.
            iis = "s-sitename" in self.names or "sc-win32-status" in self.names
            proxy = bool(_PROXY.intersection(self.names)) or ("cs-host" in self.names and not iis)
            self.telemetry = Telemetry.PROXY if proxy else Telemetry.WEBSERVER
            self.steps = _cells_in_a_row(len(self.names))

    def _column(self, name: str) -> int:
        return self.names.index(name) if name in self.names else -1

    @property
    def asks(self) -> bool:  # type: ignore[override]
        """Tell whether rows name the client."""
        return _CLIENT in self.names

    def askers(self, segment: bytes) -> Askers | None:
        """Read the client's column of rows without quotes."""
        pattern = _column(self.names.index(_CLIENT), len(self.names))
        return sole(asked_in(pattern, segment), self.telemetry)

    def tell(self, lines: bytes, told: Told) -> None:
        """Say whether a row is of a request that was let through, and names the other side.

        That is the server that a proxy was asked for; to a web server, the client and what it asked for.
        """
        cells = _cells(lines)
        if len(cells) != len(self.names):
            return
        row = {name: cell for name, cell in zip(self.names, cells, strict=True) if cell not in (b"-", b"")}
        said = [name for name in _DECISIONS if name in self.names]
        for names in (*self._needed(), said):
            if names and not any(name in row for name in names):
                told.lacks(self.telemetry, [name for name in names if name in self.names] or names)
                return
        refused = any(self._refuses(row.get(name, b"")) for name in said)
        (told.refused if refused else told.through)(self.telemetry)

    def _needed(self) -> tuple[Sequence[str], ...]:
        return (_OTHER_SIDE,) if self.telemetry is Telemetry.PROXY else ((_CLIENT,), _REQUEST)

    def _refuses(self, cell: bytes) -> bool:
        failed = self.telemetry is Telemetry.WEBSERVER and len(cell) == 3 and cell.isdigit() and cell >= b"400"
        return failed or cell in _REFUSED or b"_DENIED" in cell

    def shape_of(self) -> Cells | None:
        """Give as many cells as there are columns."""
        return Cells(len(self.names)) if self.steps else None

    def malformed(self, block: bytes) -> Iterable[int]:
        """Find rows with another number of columns than the directive names."""
        for at, line in self.odd_lines(block):
            if len(_cells(line)) != len(self.names) or not self.names:
                yield at

    def time(self, line: bytes) -> Instant | None:
        """Read date and time, UTC."""
        cells = _cells(line)
        date, time = self._columns
        if time < 0 or len(cells) != len(self.names):
            return None
        day = cells[date] if date >= 0 else self._day
        try:
            instant = parse_instant(f"{day.decode('latin-1')}T{cells[time].decode('latin-1')}")
        except ValueError:
            return None
        return instant if instant >= EARLIEST_PLAUSIBLE else None

    def parse(self, line: bytes, locator: str) -> Record | None:
        """Split a row into its fields; the URL is put together where only its parts are logged."""
        cells = _cells(line)
        if len(cells) != len(self.names):
            return None
        event = {n: lenient(c) for n, c in zip(self.names, cells, strict=True) if c not in (b"-", b"")}
        if agent := event.get("cs(user-agent)"):
            event["cs(user-agent)"] = agent.replace("+", " ") if " " not in agent else agent
        if url := _url(event):
            event["url"] = url
        return Record(
            telemetry=self.telemetry,
            locator=locator,
            time=self.time(line),
            values=values_of(event, _kinds(event)),
            event=event,
            addresses=tuple(a for a in (event.get(n, "") for n in ("c-ip", "r-ip", "s-ip")) if is_address(a)),
            product="iis" if self.telemetry is Telemetry.WEBSERVER else "",
            service="access",
        )


@lru_cache(maxsize=16)
def _column(number: int, columns: int) -> re.Pattern[bytes]:
    cell = rb'[^" \t\n\r\v\f]++'
    before, after = b"(?:" + cell + b" ){%d}" % number, b"(?: " + cell + b"){%d}" % (columns - number - 1)
    return re.compile(b"(?m)^" + before + b"(" + cell + b")" + after + rb"\r?$")


@lru_cache(maxsize=16)
def _cells_in_a_row(columns: int) -> Steps | None:
    """Give the shape of so many cells without quotes, one blank between them; of more than any server has, none."""
    if not 0 < columns <= _MOST_COLUMNS:
        return None
    cell, blank = Run(without(bytes(range(256)), b'" \t\n\r\v\f')), Run(b" ", 1, 1)
    return Steps((*(cell, blank) * (columns - 1), cell, Run(b"\r", 0, 1), Run(b"\n", 1, 0)))


def _cells(line: bytes) -> list[bytes]:
    if b'"' not in line:
        return line.split()
    return [m[2] or m[1].replace(b'""', b'"') for m in _CELL.finditer(line.strip())]


def _url(event: dict[str, str]) -> str:
    host, stem = (
        event.get("cs-host") or event.get("cs(host)", ""),
        event.get("cs-uri-stem") or event.get("cs-uri-path", ""),
    )
    if not host or not stem.startswith("/"):
        return ""
    query = event.get("cs-uri-query", "").removeprefix("?")
    return f"{event.get('cs-uri-scheme', 'http')}://{host}{stem}{'?' + query if query else ''}"


def _kinds(event: dict[str, str]) -> dict[str, Kind]:
    return {
        name: Kind.ADDRESS if kind is Kind.HOST and is_address(event.get(name, "")) else kind
        for name, kind in _KINDS.items()
    }
