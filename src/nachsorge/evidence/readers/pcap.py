"""Network captures as libpcap and tcpdump write them (pcap), in both byte orders, to the micro- or nanosecond.

Format: draft-ietf-opsawg-pcap. What is decoded, and what is not, stands in docs/reference/captures.md.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from nachsorge.evidence.network import control, frames
from nachsorge.evidence.network.capture import TELEMETRY, Capture
from nachsorge.evidence.network.frames import LARGEST_FRAME, Frame
from nachsorge.evidence.network.links import INSTALL, dpkt
from nachsorge.evidence.seams import Opened, Plant, ReadError, Sieve, Tells
from nachsorge.evidence.stamps import plausible
from nachsorge.model.times import SECOND
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.model.evidence import Record

_MICRO, _NANO, _PATCHED = b"\xa1\xb2\xc3\xd4", b"\xa1\xb2\x3c\x4d", b"\xa1\xb2\xcd\x34"
_SCALES = {_MICRO: 1, _NANO: 1000, _PATCHED: 1}
_HEAD = 24


class Pcap:
    """Reader of pcap files."""

    name = "pcap"
    telemetry = TELEMETRY
    tells = Tells(
        proves="that one address spoke with another, and which names, URLs, certificates, envelopes of mails and "
        "leases went by in the clear",
        rules_out="connections of the addresses that appear in it, in stretches with packets; names, requests and "
        "envelopes only around packets of that very telemetry",
        not_told="what is encrypted (DNS over TLS or QUIC, HTTP/2 and QUIC are named as gaps), bodies of requests and "
        "mails, what did not pass the interface, what a filter left out or the machine lost: this format does not say",
        covers=telemetry,
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the magic number in either byte order, and a version 2."""
        order = order_of(head)
        if not order:
            return 0
        return 98 if len(head) < _HEAD or struct.unpack_from(order + "H", head, 4)[0] == 2 else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the admitted facts in the order in which they became whole."""
        if dpkt is None:
            raise ReadError(Reason.MISSING_EXTRA, INSTALL)
        with source.open() as stream:
            yield from Capture(source, sieve, ledger).read(_frames(stream, ledger))

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Write one DNS query in this file's own byte order, resolution and link type."""
        order, magic, link = order_of(head) or "<", _magic(head) or _MICRO, frames.ETHERNET
        if len(head) >= _HEAD:
            link = struct.unpack_from(order + "I", head, 20)[0] & 0xFFFF
        raw = control.frame(link, plant)
        if raw is None:
            return None
        start = magic[::-1] if order == "<" else magic
        start += struct.pack(order + "HHiIII", 2, 4, 0, 0, 65_535, link)
        more = bytes(8) if magic == _PATCHED else b""
        return start + struct.pack(order + "IIII", control.SECONDS, 0, len(raw), len(raw)) + more + raw


def _magic(head: bytes) -> bytes:
    return next((magic for magic in _SCALES if head[:4] in (magic, magic[::-1])), b"")


def order_of(head: bytes) -> str:
    """Give the byte order as `struct` spells it; empty where this is no pcap."""
    magic = _magic(head)
    return "" if not magic else ">" if head[:4] == magic else "<"


def _frames(stream: BinaryIO, ledger: Ledger) -> Iterator[Frame]:
    head = stream.read(_HEAD)
    order = order_of(head)
    if not order or len(head) < _HEAD:
        if head:
            ledger.gap(Reason.TRUNCATED, f"the file ends inside its header of {_HEAD} bytes, or is no capture")
        return
    scale, size = _SCALES[_magic(head)], 24 if _magic(head) == _PATCHED else 16
    (link,) = struct.unpack_from(order + "I", head, 20)
    unpack, number = struct.Struct(order + "IIII").unpack_from, 0
    while start := stream.read(size):
        number += 1
        if len(start) < size:
            ledger.gap(Reason.TRUNCATED, f"the file ends in the middle of packet {number}")
            return
        seconds, part, captured, length = unpack(start)
        if captured > LARGEST_FRAME:
            note = f"packet {number} says it has {captured} bytes; the file is broken from there on and was not read on"
            ledger.gap(Reason.CORRUPT, note)
            return
        raw = stream.read(captured)
        # The upper bits of the link type say how long a frame's check sequence is.
        yield Frame(number, plausible(seconds * SECOND + part // scale), link & 0xFFFF, raw, length)
        if len(raw) < captured:
            ledger.gap(Reason.TRUNCATED, f"the file ends in the middle of packet {number}")
            return
