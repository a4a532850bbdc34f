"""Network captures as Wireshark and dumpcap write them (pcapng): several interfaces, any resolution, lost packets told.

Format: draft-ietf-opsawg-pcapng. What is decoded, and what is not, stands in docs/reference/captures.md.
"""

from __future__ import annotations

import struct
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.network import control, frames
from nachsorge.evidence.network.capture import TELEMETRY, Capture
from nachsorge.evidence.network.frames import LARGEST_FRAME, Frame
from nachsorge.evidence.network.links import INSTALL, dpkt
from nachsorge.evidence.seams import Opened, Plant, ReadError, Sieve, Tells
from nachsorge.evidence.stamps import plausible
from nachsorge.evidence.text import lenient
from nachsorge.model.times import SECOND, Instant
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.model.evidence import Record

MAGIC = b"\x0a\x0d\x0d\x0a"
_ORDERS = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}
_SECTION, _INTERFACE, _OLD, _SIMPLE, _NAMES, _STATISTICS, _ENHANCED, _SECRETS = 0x0A0D0D0A, 1, 2, 3, 4, 5, 6, 10
_PASSED = {_NAMES: "name resolution", _SECRETS: "decryption secrets", 9: "systemd journal", 0xBAD: "custom"}
_FILTER, _RESOLUTION, _OFFSET = 11, 9, 14
_RECEIVED, _DROPPED, _OS_DROPPED = 4, 5, 7
LARGEST_BLOCK = LARGEST_FRAME + 1024 * 1024
MOST_INTERFACES = 65_536


class Pcapng:
    """Reader of pcapng files."""

    name = "pcapng"
    telemetry = TELEMETRY
    tells = Tells(
        proves="that one address spoke with another, and which names, URLs, certificates, envelopes of mails and "
        "leases went by in the clear",
        rules_out="connections of the addresses that appear in it, in stretches with packets; names, requests and "
        "envelopes only around packets of that very telemetry",
        not_told="what is encrypted (DNS over TLS or QUIC, HTTP/2 and QUIC are named as gaps), bodies of requests and "
        "mails, what did not pass the interfaces, what a filter left out (the filter is named where the file holds it)",
        covers=telemetry,
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise a section header with its byte order."""
        return 98 if head.startswith(MAGIC) and head[8:12] in _ORDERS else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the admitted facts in the order in which they became whole."""
        if dpkt is None:
            raise ReadError(Reason.MISSING_EXTRA, INSTALL)
        with source.open() as stream:
            capture = Capture(source, sieve, ledger)
            yield from capture.read(_Blocks(stream, ledger, capture).frames())

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Write one DNS query in this file's own byte order and first link type."""
        order = _ORDERS.get(head[8:12], "<")
        link = _first_link(head, order)
        raw = control.frame(link, plant)
        if raw is None:
            return None
        section = struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1)
        time = control.SECONDS * SECOND
        packet = struct.pack(order + "5I", 0, time >> 32, time & 0xFFFFFFFF, len(raw), len(raw)) + raw
        blocks = ((_SECTION, section), (_INTERFACE, struct.pack(order + "HHI", link, 0, 0)), (_ENHANCED, packet))
        return b"".join(_block(order, kind, body) for kind, body in blocks)


def _block(order: str, kind: int, body: bytes) -> bytes:
    body += bytes(-len(body) % 4)
    size = len(body) + 12
    return struct.pack(order + "II", kind, size) + body + struct.pack(order + "I", size)


def _first_link(head: bytes, order: str) -> int:
    at = 0
    while at + 12 <= len(head):
        kind, size = struct.unpack_from(order + "II", head, at)
        if kind == _INTERFACE:
            return int(struct.unpack_from(order + "H", head, at + 8)[0])
        if size < 12:
            break
        at += size
    return frames.ETHERNET


@dataclass(slots=True)
class _Interface:
    link: int
    units: int = SECOND
    """Units of a time stamp in a second."""
    offset: int = 0
    snap: int = 0
    received: int = 0
    dropped: int = 0

    def time(self, stamp: int) -> Instant | None:
        return plausible(stamp * SECOND // self.units + self.offset * SECOND)


@dataclass(slots=True)
class _Blocks:
    """Walks the blocks of a file; each section has a byte order and interfaces of its own."""

    stream: BinaryIO
    ledger: Ledger
    capture: Capture
    order: str = "<"
    interfaces: list[_Interface] = field(default_factory=list)
    passed: Counter[str] = field(default_factory=Counter)
    number: int = 0

    def frames(self) -> Iterator[Frame]:
        """Give the frames in the file's order, then hand the counters of lost packets on."""
        while (block := self._next()) is not None:
            kind, body = block
            try:
                frame = self._take(kind, body)
            except (struct.error, IndexError):
                self.ledger.gap(Reason.CORRUPT, f"a block of type {kind} behind packet {self.number} is too short")
                continue
            if frame is not None:
                yield frame
        self._section()
        for name, count in sorted(self.passed.items()):
            self.ledger.notes.append(f"{count} blocks were passed over: {name}")

    def _next(self) -> tuple[int, bytes] | None:
        """Read one block; None at the end, with a gap where the file does not end well."""
        start = self.stream.read(8)
        if start[:4] == MAGIC:
            start += self.stream.read(4)
            self.order = _ORDERS.get(start[8:12], self.order)
        if not start:
            return None
        if len(start) < 8:
            self._stop(Reason.TRUNCATED, "the file ends in the middle of a block")
            return None
        kind, size = struct.unpack_from(self.order + "II", start)
        if size < 12 or size > LARGEST_BLOCK:
            self._stop(Reason.CORRUPT, f"a block says it has {size} bytes; the rest of the file was not read")
            return None
        # A length that is no multiple of four is padded by some writers, against the standard.
        rest = self.stream.read(size + -size % 4 - len(start))
        if len(rest) < size - len(start):
            self._stop(Reason.TRUNCATED, "the file ends in the middle of a block")
            return None
        return kind, (start + rest)[8 : size - 4]

    def _stop(self, reason: Reason, note: str) -> None:
        self.ledger.gap(reason, f"{note} (behind packet {self.number})")

    def _take(self, kind: int, body: bytes) -> Frame | None:
        match kind:
            case 0x0A0D0D0A:
                self._section()
            case 1:
                self._interface(body)
            case 6 | 2:
                return self._packet(body, old=kind == _OLD)
            case 3:
                return self._simple(body)
            case 5:
                self._statistics(body)
            case _:
                self.passed[_PASSED.get(kind, f"type {kind}")] += 1
        return None

    def _section(self) -> None:
        """Hand the counters of the section's interfaces on, and begin anew."""
        self.capture.account.dropped += sum(one.dropped for one in self.interfaces)
        self.capture.account.received += sum(one.received for one in self.interfaces)
        self.interfaces = []

    def _interface(self, body: bytes) -> None:
        link, _, snap = struct.unpack_from(self.order + "HHI", body)
        one = _Interface(link, snap=snap)
        for code, value in self._options(body, 8):
            if code == _RESOLUTION and value:
                one.units = 1 << (value[0] & 0x7F) if value[0] & 0x80 else 10 ** min(value[0], 18)
            elif code == _OFFSET and len(value) == 8:
                one.offset = struct.unpack(self.order + "q", value)[0]
            elif code == _FILTER:
                note = f"the capture was filtered: {lenient(value[1:])[:200]}"
                self.ledger.notes.append(note)
        if len(self.interfaces) < MOST_INTERFACES:
            self.interfaces.append(one)

    def _options(self, body: bytes, at: int) -> Iterator[tuple[int, bytes]]:
        while at + 4 <= len(body):
            code, size = struct.unpack_from(self.order + "HH", body, at)
            if not code:
                return
            yield code, body[at + 4 : at + 4 + size]
            at += 4 + size + -size % 4

    def _packet(self, body: bytes, *, old: bool) -> Frame | None:
        if old:
            which, drops, high, low, captured, length = struct.unpack_from(self.order + "HHIIII", body)
            if which < len(self.interfaces) and drops != 0xFFFF:
                self.interfaces[which].dropped += drops
        else:
            which, high, low, captured, length = struct.unpack_from(self.order + "5I", body)
        self.number += 1
        if which >= len(self.interfaces):
            self.ledger.gap(Reason.CORRUPT, "packets name an interface that the file does not describe")
            return None
        one = self.interfaces[which]
        raw = body[20 : 20 + captured]
        return Frame(self.number, one.time(high << 32 | low), one.link, raw, max(length, captured))

    def _simple(self, body: bytes) -> Frame | None:
        """Read a packet without a time; it is as long as the first interface's snap length lets it be."""
        (length,) = struct.unpack_from(self.order + "I", body)
        self.number += 1
        if not self.interfaces:
            self.ledger.gap(Reason.CORRUPT, "packets name an interface that the file does not describe")
            return None
        one = self.interfaces[0]
        raw = body[4 : 4 + min(length, one.snap or length)]
        return Frame(self.number, None, one.link, raw, length)

    def _statistics(self, body: bytes) -> None:
        """Keep the last counters of an interface: they count from its beginning."""
        (which,) = struct.unpack_from(self.order + "I", body)
        if which >= len(self.interfaces):
            return
        found = {
            code: int.from_bytes(value, "little" if self.order == "<" else "big")
            for code, value in self._options(body, 12)
        }
        one = self.interfaces[which]
        one.received = found.get(_RECEIVED, one.received)
        one.dropped = found.get(_DROPPED, 0) + found.get(_OS_DROPPED, 0) or one.dropped
