"""One direction of a TCP stream: bytes put in order within bounds, and the protocol told by its first bytes.

A side whose protocol is unknown, or that has become encrypted, is asleep: its bytes are only asked whether a handshake
of TLS or a request of HTTP begins with them. So STARTTLS, CONNECT and captures that begin in the middle are met.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nachsorge.evidence.network import http, smtp
from nachsorge.evidence.network.dns import OverTcp
from nachsorge.evidence.network.http import Requests
from nachsorge.evidence.network.smtp import Envelopes
from nachsorge.evidence.network.tls import Handshake
from nachsorge.model.words import Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.network.findings import Finding

MOST_WAITING = 256
"""Segments that may wait for one that is missing; then what is missing is passed over."""

_TLS = re.compile(rb"\x16\x03[\x00-\x04][\x00-\x4f].[\x01\x02]", re.DOTALL)
_REQUEST = re.compile(rb"[A-Z][A-Z-]{1,23} +[^\r\n]{1,8192} HTTP/1\.\d[ \t]*\r?\n")
_LONE_DNS = frozenset({53, 5355})
_MARKS = ((b"SSH-", "SSH"), (b"PRI * HTTP/2", "HTTP/2"), (b"\x13BitTorrent", "BitTorrent"), (b"RFB 0", "VNC"))
_ENOUGH = 12
_HALF, _WHOLE = 1 << 31, 1 << 32

Reading = Requests | Handshake | Envelopes | OverTcp


@dataclass(slots=True)
class Side:
    """The account of one direction. `holes` counts places where bytes that mattered are lacking."""

    dns: bool = False
    expected: int | None = None
    reading: Reading | None = None
    asleep: bool = False
    mark: str = ""
    found: int = 0
    holes: int = 0
    _first: bytearray = field(default_factory=bytearray)
    _waiting: dict[int, tuple[bytes, int]] = field(default_factory=dict)
    _size: int = 0

    @property
    def held(self) -> int:
        """Say how many bytes are kept."""
        return self._size + len(self._first) + (self.reading.held if self.reading is not None else 0)

    def telemetry(self) -> tuple[Telemetry, ...]:
        """Say what may be lacking where bytes of this side are."""
        match self.reading:
            case Requests():
                return (Telemetry.PROXY,)
            case Handshake():
                return (Telemetry.TLS,)
            case Envelopes():
                return (Telemetry.EMAIL,)
            case OverTcp():
                return (Telemetry.DNS_QUERY,)
            case _:
                return (Telemetry.DNS_QUERY,) if self.dns else (Telemetry.PROXY, Telemetry.TLS)

    def segment(self, seq: int, data: bytes, missing: int, opens: bool) -> Iterator[Finding | None]:
        """Take a segment (its SYN counts one); None among the findings stands for a broken DNS message."""
        seq = (seq + opens) % _WHOLE
        if self.expected is None or opens:
            self.expected = seq
        ahead = (seq - self.expected) % _WHOLE
        if ahead >= _HALF:
            known = _WHOLE - ahead
            if known >= len(data) + missing:
                return
            data, seq, ahead = data[known:], self.expected, 0
        if self.asleep:
            self.expected = (seq + len(data) + missing) % _WHOLE
            yield from self._woken(data)
        elif ahead:
            yield from self._wait(seq, data, missing)
        else:
            yield from self._deliver(data, missing)
            yield from self._drain()

    def _wait(self, seq: int, data: bytes, missing: int) -> Iterator[Finding | None]:
        if seq not in self._waiting:
            self._waiting[seq] = data, missing
            self._size += len(data)
        if len(self._waiting) > MOST_WAITING:
            yield from self._pass_over()

    def _deliver(self, data: bytes, missing: int) -> Iterator[Finding | None]:
        assert self.expected is not None
        self.expected = (self.expected + len(data) + missing) % _WHOLE
        if data:
            yield from self._take(data)
        if missing:
            self._hole(missing)

    def _drain(self) -> Iterator[Finding | None]:
        """Deliver what waited and is now in order."""
        while (seq := self._next()) is not None and self.expected is not None:
            data, missing = self._waiting.pop(seq)
            self._size -= len(data)
            known = (self.expected - seq) % _WHOLE
            if known < len(data) + missing:
                yield from self._deliver(data[known:], missing)

    def _next(self) -> int | None:
        """Give a waiting segment that begins at the next byte, or before it."""
        expected = self.expected or 0
        return next((seq for seq in self._waiting if not 0 < (seq - expected) % _WHOLE < _HALF), None)

    def _pass_over(self) -> Iterator[Finding | None]:
        """Give up what is missing before the first waiting segment."""
        assert self.expected is not None
        expected = self.expected
        ahead = min((seq - expected) % _WHOLE for seq in self._waiting)
        self._hole(ahead)
        self.expected = (expected + ahead) % _WHOLE
        yield from self._drain()

    def _hole(self, size: int) -> None:
        match self.reading:
            case Handshake() as handshake:
                self.holes += not handshake.done
                handshake.done = True
            case None:
                self.holes += not self.asleep
                self._first.clear()
            case reading:
                self.holes += reading.hole(size)
        self._settle()

    def _take(self, data: bytes) -> Iterator[Finding | None]:
        if self.asleep:
            yield from self._woken(data)
            return
        if self.reading is None:
            self._first += data
            enough = len(self._first) >= _ENOUGH and not (http.BEGUN.match(self._first) and b" " not in self._first)
            if not enough and not self._first.startswith(b"\x16"):
                return
            data = bytes(self._first)
            self._first.clear()
            self._choose(data)
        yield from self._read(data)

    def _choose(self, data: bytes) -> None:
        if self.dns:
            self.reading = OverTcp()
        elif data[:1] == b"\x16" and (len(data) < 2 or data[1] == 3):
            self.reading = Handshake()
        elif smtp.START.match(data):
            self.reading = Envelopes()
        elif http.START.match(data) and not data.startswith(b"PRI * HTTP/2"):
            self.reading = Requests()
        else:
            self.mark = next((name for start, name in _MARKS if data.startswith(start)), "")
            self.asleep = True

    def _woken(self, data: bytes) -> Iterator[Finding | None]:
        """Look whether something that we read begins here."""
        if _TLS.match(data):
            self.reading, self.asleep = Handshake(), False
        elif _REQUEST.match(data):
            self.reading, self.asleep = Requests(), False
        else:
            return
        yield from self._read(data)

    def _read(self, data: bytes) -> Iterator[Finding | None]:
        if self.reading is None:
            return
        for finding in self.reading.feed(data):
            self.found += 1
            yield finding
        self._settle()

    def _settle(self) -> None:
        """Fall asleep where the protocol's reader has nothing more to read."""
        match self.reading:
            case Requests(lost=True) | Envelopes(asleep=True) | OverTcp(lost=True):
                self.asleep = True
            case Handshake(done=True):
                self.asleep = True

    def close(self) -> Iterator[Finding | None]:
        """Read what is left when no more comes; bytes that wait for missing ones are read behind the hole."""
        while self._waiting and not self.asleep:
            yield from self._pass_over()
        if self._first:
            data = bytes(self._first)
            self._first.clear()
            self._choose(data)
            yield from self._read(data)
        if isinstance(self.reading, (Requests, Envelopes)):
            yield from self.reading.close()


def is_dns(port: int) -> bool:
    """Tell whether a stream to this port is DNS."""
    return port in _LONE_DNS
