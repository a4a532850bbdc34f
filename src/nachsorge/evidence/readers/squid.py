"""Squid's native access.log.

`time elapsed client code/status bytes method URL user hierarchy/peer type`; the time is seconds since 1970 with
milliseconds. Format: Squid manual, `logformat squid`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.evidence.asking import Askers, asked_in, sole
from nachsorge.evidence.fields import is_address, values_of
from nachsorge.evidence.lines import Plain
from nachsorge.evidence.seams import Tells
from nachsorge.evidence.shapes import CAPITALS, DIGITS, VISIBLE, Run, Steps
from nachsorge.evidence.telling import Told, read_telling
from nachsorge.evidence.text import lenient
from nachsorge.model.evidence import Record
from nachsorge.model.times import EARLIEST_PLAUSIBLE, SECOND, Instant
from nachsorge.model.words import Kind, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve

_SHAPE = re.compile(
    rb"(\d{1,10})\.(\d{1,6})\s+(-?\d+)\s+(\S+)\s+([A-Z_]+/\d+)\s+(-?\d+)\s+(\S+)\s+(\S+)\s+(\S+)\s+([A-Z_0-9]+/\S+|-)"
    rb"(?:[ \t]+(\S+))?(?:[ \t]+([^\r\n]*))?"
)
_BLANK = Run(b" ", 1, 1)
_STEPS = Steps(
    (
        *(Run(DIGITS, 10, 10), Run(b".", 1, 1), Run(DIGITS, 3, 3), Run(b" "), Run(DIGITS), _BLANK),
        *(Run(VISIBLE), _BLANK, Run(CAPITALS + b"_"), Run(b"/", 1, 1), Run(DIGITS, 3, 3), _BLANK, Run(DIGITS), _BLANK),
        *(Run(VISIBLE), _BLANK) * 3,
        *(Run(CAPITALS + DIGITS + b"_"), Run(b"/", 1, 1), Run(VISIBLE)),
    )
)
"""Lines as Squid itself writes them: a part of what `_SHAPE` takes."""
_CLIENT = re.compile(
    rb"(?m)^[0-9]{10}\.[0-9]{3} ++[0-9]++ (\S++) [A-Z_]++/[0-9]{3} [0-9]++ \S++ \S++ \S++ [A-Z0-9_]++/\S++[^\n]*+$"
)
_LET_THROUGH = re.compile(
    rb"(?m)^[0-9]{1,10}\.[0-9]{1,6}[ \t]+-?[0-9]+[ \t]+\S+[ \t]+(?!\S*DENIED)(?!(?:TAG_)?NONE[A-Z_]*+/(?:000|[45]))"
    rb"[A-Z_]+/[0-9]+[ \t]+-?[0-9]+[ \t]+\S+[ \t]+(?!-[ \t]|error:)\S"
)
"""A request that the proxy neither denied nor failed to understand (Squid wiki, "Squid LogFiles": result codes)."""
NAMES = ("elapsed", "client", "code", "bytes", "method", "url", "user", "hierarchy", "type", "more")
AUTHORITY = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#@]*@)?)?(\[[^\]/]*\]|[^/:?#]+)")
_KINDS = {
    "host": Kind.HOST,
    "client": Kind.HOST,
    "peer": Kind.HOST,
    "url": Kind.URL,
    "more": Kind.TEXT,
    "user": Kind.TEXT,
}


class Squid:
    """Reader of Squid's native access.log."""

    name = "squid"
    text = True
    telemetry: tuple[Telemetry, ...] = (Telemetry.PROXY,)
    tells = Tells(
        proves="that a client asked the proxy for this URL or host, and what became of it",
        rules_out="requests through this proxy of the clients that appear in it, in stretches really recorded; nothing "
        "where it holds denied requests only",
        not_told="what went past the proxy, paths and contents within `CONNECT`, which program asked, bodies of "
        "requests and answers",
        covers=telemetry,
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the first line by its shape, or most of the first few."""
        lines = [line for line in head[:8192].split(b"\n")[:5] if line.strip()]
        fitting = sum(1 for line in lines if _SHAPE.match(line))
        return 85 if fitting and fitting * 2 > len(lines) else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the admitted requests."""
        yield from read_telling(source, SquidLog(), self.telemetry, sieve, ledger)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make one request to the planted host."""
        route = f"CONNECT {plant.host}:443 - HIER_DIRECT/{plant.address} -"
        return f"1680000000.123    200 192.0.2.10 TCP_TUNNEL/200 4321 {route}\n".encode()


class SquidLog(Plain):
    """One request a line."""

    telemetry = Telemetry.PROXY
    shape = _SHAPE
    steps = _STEPS
    asks = True

    def askers(self, segment: bytes) -> Askers | None:
        """Read the third column."""
        return sole(asked_in(_CLIENT, segment), self.telemetry)

    def tell(self, lines: bytes, told: Told) -> None:
        """Say whether a request among them was let through; Squid always writes the URL."""
        if _LET_THROUGH.search(lines):
            told.through(self.telemetry)

    def time(self, line: bytes) -> Instant | None:
        """Read the seconds and milliseconds since 1970 that begin the line."""
        found = _SHAPE.match(line)
        if not found:
            return None
        instant = int(found[1]) * SECOND + int(found[2].ljust(6, b"0"))
        return instant if instant >= EARLIEST_PLAUSIBLE else None

    def parse(self, line: bytes, locator: str) -> Record | None:
        """Split a request into its fields; the host of its URL and the peer are fields of their own."""
        found = _SHAPE.match(line)
        if not found:
            return None
        cells = [lenient(cell) if cell else "" for cell in found.groups()[2:]]
        event = {name: cell for name, cell in zip(NAMES, cells, strict=True) if cell not in ("", "-")}
        host = AUTHORITY.match(event.get("url", ""))
        if host and not event["url"].startswith(("error:", "/")):
            event["host"] = host[1].strip("[]")
        event["peer"] = event.get("hierarchy", "").partition("/")[2]
        return Record(
            telemetry=self.telemetry,
            locator=locator,
            time=self.time(line),
            values=values_of(event, _kinds(event)),
            event=event,
            addresses=tuple(a for a in (event.get("client", ""), event["peer"]) if is_address(a)),
            product="squid",
            service="access",
        )


def _kinds(event: dict[str, str]) -> dict[str, Kind]:
    return {
        name: Kind.ADDRESS if kind is Kind.HOST and is_address(event.get(name, "")) else kind
        for name, kind in _KINDS.items()
    }
