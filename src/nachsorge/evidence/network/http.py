"""Requests of HTTP/1.x in one direction of a stream; bodies are skipped, not kept.

Format: RFC 9112, sections 2 to 7.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.evidence.fields import is_address
from nachsorge.evidence.network.findings import Field, Finding
from nachsorge.evidence.text import lenient
from nachsorge.model.words import Kind, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_HEAD = 64 * 1024
"""Bytes of a request's head that are kept; servers refuse longer ones."""

START = re.compile(rb"[A-Z][A-Z-]{1,23} [^\x00-\x20]")
"""How a request begins, as far as its first few bytes tell."""

BEGUN = re.compile(rb"[A-Z][A-Z-]{0,23}(?: ?\Z| [^\x00-\x20])")
"""What may yet become the beginning of a request."""

_LINE = re.compile(rb"([A-Z][A-Z-]{1,23}) +(\S.*?) +HTTP/(\d\.\d)[ \t]*\Z", re.DOTALL)
_END = re.compile(rb"\r?\n\r?\n")
_KEPT = {"user-agent": ("user_agent", Kind.USER_AGENT), "referer": ("referrer", Kind.URL)} | {
    "content-type": ("content_type", Kind.TEXT),
    "x-forwarded-for": ("x_forwarded_for", Kind.TEXT),
    "origin": ("origin", Kind.URL),
    "cookie": ("cookie", Kind.TEXT),
    "authorization": ("authorization", Kind.TEXT),
}


class Requests:
    """Reads one request after the other. `lost` where the next bytes are of unknown kind, until a request begins."""

    def __init__(self) -> None:
        """Begin before the first request."""
        self._raw = bytearray()
        self._skip = 0
        self._chunked = False
        self.lost = False
        self.overlong = False

    @property
    def held(self) -> int:
        """Say how many bytes wait for others."""
        return len(self._raw)

    def hole(self, size: int) -> bool:
        """Pass over bytes that are lacking; tells whether a request may have been among them."""
        if self._skip >= size:
            self._skip -= size
            return False
        self._raw.clear()
        self._skip, self._chunked, self.lost = 0, False, True
        return True

    def feed(self, data: bytes) -> Iterator[Finding]:
        """Take the next bytes of the stream."""
        self._raw += data
        while self._raw and not self.lost:
            if self._skip:
                taken = min(self._skip, len(self._raw))
                del self._raw[:taken]
                self._skip -= taken
            elif self._chunked:
                if not self._chunk():
                    break
            else:
                found = self._head()
                if found is None:
                    break
                yield from found
        if self.lost:
            self._raw.clear()

    def _chunk(self) -> bool:
        """Read the size of a chunk (RFC 9112, section 7.1); false while it is not whole."""
        line, end, _ = bytes(self._raw[:256]).partition(b"\n")
        if not end:
            self.lost = len(line) >= 256
            return False
        del self._raw[: len(line) + 1]
        size = re.match(rb"[ \t]*([0-9A-Fa-f]{1,15})[ \t]*(?:[;\r]|\Z)", line)
        if size is None:
            self.lost = True
        elif int(size[1], 16):
            self._skip = int(size[1], 16) + 2
        else:
            self._chunked = False
        return True

    def _head(self) -> list[Finding] | None:
        """Read a request's head; None while it is not whole."""
        while self._raw.startswith((b"\r", b"\n")):
            del self._raw[:1]
        if not self._raw:
            return None
        if not BEGUN.match(self._raw):
            self.lost = True
            return []
        end = _END.search(self._raw)
        if end is None:
            line, newline, _ = self._raw.partition(b"\n")
            if newline and _LINE.match(line.rstrip(b"\r")) is None:
                self.lost = True
                return []
            if len(self._raw) <= LONGEST_HEAD:
                return None
            self.overlong = True
        head = bytes(self._raw[: end.start() if end else LONGEST_HEAD])
        del self._raw[: end.end() if end else len(self._raw)]
        return self._request(head, end is None)

    def close(self) -> Iterator[Finding]:
        """Read what is there of a head that never came whole."""
        if self._raw and not self._skip and not self._chunked and not self.lost and b"\n" in self._raw:
            yield from self._request(bytes(self._raw), True)
        self._raw.clear()

    def _request(self, head: bytes, cut: bool) -> list[Finding]:
        line, _, rest = head.partition(b"\n")
        first = _LINE.match(line.rstrip(b"\r"))
        if first is None:
            self.lost = True
            return []
        headers = _headers(rest)
        method = first[1].decode("ascii")
        self._follow(method, headers, cut)
        fields = tuple(_fields(method, lenient(first[2]), lenient(first[3]), headers))
        return [Finding(Telemetry.PROXY, "http", fields, fault="the request's head breaks off" if cut else "")]

    def _follow(self, method: str, headers: dict[str, str], cut: bool) -> None:
        """Say what comes after the head: a body of known length, chunks, another protocol, or the next request."""
        if cut or method == "CONNECT" or "upgrade" in headers:
            self.lost = True
        elif "chunked" in headers.get("transfer-encoding", "").lower():
            self._chunked = True
        elif size := re.match(r"0*(\d{1,15})\Z", headers.get("content-length", ""), re.ASCII):
            self._skip = int(size[1])


def _headers(raw: bytes) -> dict[str, str]:
    """Give the first value of each field, folded lines joined (RFC 9112, section 5.2)."""
    found: dict[str, str] = {}
    last = ""
    for line in raw.split(b"\n"):
        text = lenient(line.rstrip(b"\r"))
        if text[:1] in (" ", "\t") and last:
            found[last] += " " + text.strip()
            continue
        name, colon, value = text.partition(":")
        if colon and name.strip().lower() not in found:
            last = name.strip().lower()
            found[last] = value.strip()
    return found


def _fields(method: str, uri: str, version: str, headers: dict[str, str]) -> Iterator[Field]:
    host = headers.get("host", "")
    yield "method", method, Kind.TEXT
    if host:
        name = host_of(host)
        yield "host", host, Kind.HOST if name == host and not is_address(name) else Kind.TEXT
        if name != host or is_address(name):
            yield "host_name", name, Kind.ADDRESS if is_address(name) else Kind.HOST
    if method == "CONNECT":
        name = host_of(uri)
        yield "connect", name, Kind.ADDRESS if is_address(name) else Kind.HOST
    yield "uri", uri, Kind.TEXT
    if url := _url(method, uri, host):
        yield "url", url, Kind.URL
    yield "version", version, Kind.TEXT
    yield from ((*_KEPT[name][:1], headers[name], _KEPT[name][1]) for name in _KEPT if headers.get(name))


def _url(method: str, uri: str, host: str) -> str:
    if "://" in uri.partition("?")[0]:
        return uri
    return f"http://{host}{uri}" if host and uri.startswith("/") and method != "CONNECT" else ""


def host_of(text: str) -> str:
    """Take the port and the brackets off a host."""
    found = re.match(r"\[([^\]]*)\](?::\d*)?\Z|([^:]*):\d*\Z", text)
    return (found[1] or found[2] or "") if found else text
