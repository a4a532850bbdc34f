"""Access logs of Apache, nginx and their kin: Common and Combined Log Format, with or without the virtual host first.

A log whose requests are for whole URLs, or CONNECT, is that of a forward proxy. That is decided for the file, not the
line: strangers ask web servers for whole URLs as well, and a web server's log must not count as a proxy's coverage.
Format: Apache HTTP Server documentation, mod_log_config.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from nachsorge.evidence.asking import Askers, asked_in, sole
from nachsorge.evidence.fields import is_address, values_of
from nachsorge.evidence.lines import Plain
from nachsorge.evidence.seams import HEAD, Opened, Plant, Sieve, Tells
from nachsorge.evidence.shapes import CAPITALS, DIGITS, VISIBLE, Run, Steps, without
from nachsorge.evidence.telling import Told, read_telling
from nachsorge.evidence.text import lenient
from nachsorge.model.evidence import Record
from nachsorge.model.times import EARLIEST_PLAUSIBLE, MINUTE, Instant, from_datetime
from nachsorge.model.words import Kind, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger

_SHAPE = re.compile(
    rb"(?:([\w.-]+(?::\d+)?) (?!- ))?([^\s\[]+(?:, [^\s\[]+)*) (\S+) ([^\[\n]*?) ?"
    rb"\[(\d\d)/([A-Z][a-z]{2})/(\d{4}):(\d\d):(\d\d):(\d\d)(?:\.\d+)? ([+-])(\d\d)(\d\d)\] "
    rb'"(.*?)" (\d{3}|-) (\d+|-)(?=[\s,]|\Z)([^\r\n]*)'
)
_WORD = Run(without(VISIBLE, b"["))
_BLANK = Run(b" ", 1, 1)
_STEPS = Steps(
    (
        *(Run(without(VISIBLE, b"[,")), _BLANK) * 2,
        *(_WORD, _BLANK, Run(b"[", 1, 1), Run(DIGITS, 2, 2), Run(b"/", 1, 1)),
        *(Run(CAPITALS, 1, 1), Run(CAPITALS.lower(), 2, 2), Run(b"/", 1, 1), Run(DIGITS, 4, 4)),
        *(Run(b":", 1, 1), Run(DIGITS, 2, 2)) * 3,
        *(_BLANK, Run(b"+-", 1, 1), Run(DIGITS, 4, 4), Run(b"]", 1, 1), _BLANK),
        *(Run(b'"', 1, 1), Run(without(bytes(range(256)), b'"\r\n'), 0), Run(b'"', 1, 1), _BLANK),
        *(Run(DIGITS, 3, 3), _BLANK, Run(DIGITS), Run(b" \r\n", 1, 0)),
    )
)
"""Lines without virtual host, as servers write them by default: a part of what `_SHAPE` takes."""
_CLIENT = re.compile(
    rb"(?m)^([^\s\[,]++) - [^\s\[]++ \[[0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}:[0-9]{2}:[0-9]{2}:[0-9]{2} [+-][0-9]{4}\] "
    rb"\"[^\"\r\n]*+\" [0-9]{3} (?:[0-9]++|-)(?:[ \r][^\n]*+)?$"
)
_QUOTED = re.compile(r'\s*"((?:[^"\\]|\\.)*)"')
_ESCAPE = re.compile(r'\\(?:x([0-9A-Fa-f]{2})|(["\\]))')
_METHOD = re.compile(r"(\S++)\s++")
_VERSION = re.compile(r"(?<=\s)HTTP/\d(?:\.\d)?\Z")
_WHOLE = re.compile(rb'\] "(?:CONNECT [^"]|[A-Z]+ [a-z]+://)')
_AUTHORITY = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#@]*@)?)?(\[[^\]/]*\]|[^/:?#]+)")
_MONTHS = {name: n for n, name in enumerate(b"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)}
_KINDS = {"cs-referer": Kind.URL, "cs-user-agent": Kind.USER_AGENT, "c-uri": Kind.URL, "cs-username": Kind.TEXT}


class AccessLog:
    """Reader of Common and Combined Log Format."""

    name = "access_log"
    text = True
    telemetry: tuple[Telemetry, ...] = (Telemetry.WEBSERVER, Telemetry.PROXY)
    tells = Tells(
        proves="that a client asked this web server, or through this proxy, for a URL; with the `Referer` also where "
        "it came from",
        rules_out="requests to this web server, or through this proxy, of the clients that appear in it, in stretches "
        "really recorded; nothing where all of them failed or were denied",
        not_told="bodies of requests and answers, what went to another server or past the proxy, clients behind a load "
        "balancer that does not pass their address on",
        covers=telemetry,
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise most of the first few lines by their shape."""
        lines = [line for line in head[:16384].split(b"\n")[:5] if line.strip()]
        fitting = sum(1 for line in lines if _SHAPE.match(line))
        return 85 if fitting and fitting * 2 > len(lines) else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the admitted requests."""
        with source.open() as stream:
            telemetry = _telemetry(stream.read(HEAD))
        yield from read_telling(source, Requests(telemetry), self.telemetry, sieve, ledger)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make one request: through a proxy to the planted host, or to a web server with it as referrer."""
        url = f"http://{plant.host}/"
        target, referrer = (url, "-") if _telemetry(head) is Telemetry.PROXY else ("/", url)
        line = (
            f'{plant.address} - - [28/Mar/2023:10:40:00 +0000] "GET {target} HTTP/1.1" 200 1 "{referrer}" "control"\n'
        )
        return line.encode()


def _telemetry(head: bytes) -> Telemetry:
    requests = sum(1 for line in head.split(b"\n") if line.strip())
    return Telemetry.PROXY if len(_WHOLE.findall(head)) * 2 > requests else Telemetry.WEBSERVER


class Requests(Plain):
    """One request a line; fields have the names of the W3C extended log format, as Sigma's rules do."""

    escapes: tuple[bytes, ...] = (rb"\x",)
    shape = _SHAPE
    steps = _STEPS
    asks = True

    def askers(self, segment: bytes) -> Askers | None:
        """Read the first column."""
        return sole(asked_in(_CLIENT, segment), self.telemetry)

    def __init__(self, telemetry: Telemetry) -> None:
        """Take what the whole file is."""
        self.telemetry = telemetry

    def tell(self, lines: bytes, told: Told) -> None:
        """Say whether a request among them was let through: a web server that logs failures only hides the others."""
        if any(self._succeeded(found) for line in lines.split(b"\n") if (found := _SHAPE.match(line))):
            told.through(self.telemetry)

    def _succeeded(self, found: re.Match[bytes]) -> bool:
        if self.telemetry is Telemetry.PROXY:
            return found[15] not in (b"401", b"403", b"407", b"-") and b"_DENIED" not in found[17]
        return found[15] < b"400" and found[15] != b"-"

    def time(self, line: bytes) -> Instant | None:
        """Read the bracketed time with its zone."""
        found = _SHAPE.match(line)
        if not found or found[6] not in _MONTHS:
            return None
        day, year, hour, minute, second = (int(found[i]) for i in (5, 7, 8, 9, 10))
        try:
            local = from_datetime(datetime(year, _MONTHS[found[6]], day, hour, minute, min(second, 59), tzinfo=UTC))
        except ValueError:
            return None
        offset = (int(found[12]) * 60 + int(found[13])) * MINUTE
        instant = local + offset if found[11] == b"-" else local - offset
        return instant if instant >= EARLIEST_PLAUSIBLE else None

    def parse(self, line: bytes, locator: str) -> Record | None:
        """Split a request into its fields."""
        found = _SHAPE.match(line)
        if not found:
            return None
        vhost, client, _, user = (lenient(found[i] or b"") for i in range(1, 5))
        event = {"c-ip": client, "cs-username": user, "sc-status": lenient(found[15]), "sc-bytes": lenient(found[16])}
        event |= _target(_unescape(lenient(found[14])), vhost)
        event |= _rest(lenient(found[17]))
        event = {name: text for name, text in event.items() if text not in ("", "-")}
        return Record(
            telemetry=self.telemetry,
            locator=locator,
            time=self.time(line),
            values=values_of(event, _KINDS),
            event=event,
            addresses=tuple(a for a in client.split(", ") if is_address(a)),
            service="access",
        )


def _target(request: str, vhost: str) -> dict[str, str]:
    found = _METHOD.match(request)
    if not found:
        return {"request-line": request, "cs-host": _host(vhost)}
    # One pattern over all of it would try every blank of a long run of them.
    last = _VERSION.search(request, max(found.end() + 1, len(request) - len("HTTP/1.1")))
    method, version = found[1], last[0] if last else ""
    target = request[found.end() : last.start()].rstrip() if last else request[found.end() :]
    event = {"cs-method": method, "cs-version": version, "c-uri": target, "cs-host": _host(vhost)}
    if method == "CONNECT" or "://" in target[:12]:
        return {**event, "cs-host": _host(target), "s-computername": _host(vhost)}
    stem, _, query = target.partition("?")
    event |= {"cs-uri-stem": stem, "cs-uri-query": query}
    return {**event, "c-uri": f"http://{vhost}{target}"} if vhost and target.startswith("/") else event


def _host(authority: str) -> str:
    found = _AUTHORITY.match(authority)
    return found[1].strip("[]") if found else ""


def _rest(text: str) -> dict[str, str]:
    """Read the referrer and the user agent; what else a server appends is kept whole."""
    event: dict[str, str] = {}
    for name in ("cs-referer", "cs-user-agent"):
        found = _QUOTED.match(text)
        if not found:
            break
        event[name], text = _unescape(found[1]), text[found.end() :]
    return {**event, "more": _unescape(text.strip())}


def _unescape(text: str) -> str:
    return _ESCAPE.sub(lambda m: chr(int(m[1], 16)) if m[1] else m[2], text) if "\\" in text else text
