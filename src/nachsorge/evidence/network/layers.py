"""From a frame to the segments in it: link layer, IP, fragments, tunnels, TCP and UDP.

dpkt (extra `network`) takes the headers apart; what it does not know (fragments, tunnels over UDP, cut packets) is
done here. Tunnels that are followed: IP in IP, 6in4, GRE with IP or Ethernet, ERSPAN type II, VXLAN (RFC 7348), GTP-U
(3GPP TS 29.281), Teredo (RFC 4380), Geneve (RFC 8926). All others are segments of their outer addresses.
"""

from __future__ import annotations

import struct
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from nachsorge.evidence.network import frames
from nachsorge.evidence.network.fragments import Fragments
from nachsorge.evidence.network.links import dpkt, ip_in, packet_in, peeled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.network.frames import Frame

DEEPEST = 6
"""Tunnels within tunnels that are followed; deeper ones are counted."""

TCP, UDP = 6, 17
PROTOCOLS = {1: "icmp", 2: "igmp", 6: "tcp", 17: "udp", 47: "gre", 50: "esp", 51: "ah", 58: "icmp6", 88: "eigrp"} | {
    89: "ospf",
    103: "pim",
    112: "vrrp",
    115: "l2tp",
    132: "sctp",
}
_TUNNELS = frozenset({4789, 8472, 6081, 2152, 3544})
_ERSPAN = 0x88BE
_BRIDGED = 0x6558


@dataclass(slots=True)
class Segment:
    """What one IP packet carries. `missing` bytes at its end were on the wire and not captured."""

    src: bytes
    dst: bytes
    protocol: int
    sport: int = 0
    dport: int = 0
    data: bytes = b""
    missing: int = 0
    seq: int = 0
    flags: int = 0
    tunnel: str = ""
    broken: bool = False


@lru_cache(maxsize=65_536)
def text_of(address: bytes) -> str:
    """Write a packed address."""
    return str(ip_address(address))


@dataclass(slots=True)
class Layers:
    """Takes frames apart and counts what it could not."""

    fragments: Fragments = field(default_factory=Fragments)
    passed: Counter[str] = field(default_factory=Counter)

    def segments(self, frame: Frame) -> Iterator[Segment]:
        """Give the segments of a frame, outer ones first. ValueError where the frame is no such frame."""
        if frame.link == frames.ETHERNET and (plain := quick(frame.raw)) is not None:
            yield plain
            return
        try:
            node, name = packet_in(frame.link, frame.raw)
            if node is None:
                self.passed[name] += 1
            else:
                yield from self._walk(node, 0)
        except (dpkt.Error, struct.error, LookupError, TypeError, AttributeError, RecursionError) as error:
            raise ValueError(f"{type(error).__name__}: {error}") from error

    def _walk(self, node: Any, depth: int) -> Iterator[Segment]:
        if depth > DEEPEST:
            self.passed["tunnels too deep"] += 1
            return
        protocol, inner, missing = self._payload(node)
        if inner is None:
            return
        segment = Segment(node.src, node.dst, protocol, missing=missing)
        if isinstance(inner, dpkt.tcp.TCP):
            segment.sport, segment.dport, segment.data = inner.sport, inner.dport, bytes(inner.data)
            segment.seq, segment.flags = inner.seq, inner.flags
            yield segment
        elif isinstance(inner, dpkt.udp.UDP):
            segment.sport, segment.dport, segment.data = inner.sport, inner.dport, bytes(inner.data)
            name, packet = _over_udp(segment)
            segment.tunnel = name
            yield segment
            yield from self._inside(packet, depth)
        else:
            yield from self._other(segment, inner, depth)

    def _other(self, segment: Segment, inner: Any, depth: int) -> Iterator[Segment]:
        """Follow IP in IP and GRE; what is left has addresses and a protocol number."""
        if isinstance(inner, dpkt.gre.GRE):
            packet = _in_gre(inner)
            segment.tunnel = "GRE" if packet is not None else ""
        else:
            packet = inner if isinstance(inner, (dpkt.ip.IP, dpkt.ip6.IP6)) else None
            segment.tunnel = "IP in IP" if packet is not None else ""
        segment.data = b"" if packet is not None else b"?"
        segment.broken = segment.protocol in (TCP, UDP)
        yield segment
        yield from self._inside(packet, depth)

    def _inside(self, packet: Any, depth: int) -> Iterator[Segment]:
        if packet is not None:
            yield from self._walk(packet, depth + 1)

    def _payload(self, node: Any) -> tuple[int, Any, int]:
        """Give protocol, payload and what is missing of it; no payload while fragments are missing."""
        if isinstance(node, dpkt.ip.IP):
            there = node.__hdr_len__ + len(node.opts) + len(node.data)
            missing = max(node.len - there, 0)
            if not (node.mf or node.offset):
                return node.p, node.data, missing
            key, offset, more = (node.src, node.dst, node.id, node.p), node.offset * 8, bool(node.mf)
            protocol = node.p
        else:
            extensions = sum(extension.length for extension in node.all_extension_headers)
            missing = max(node.plen - extensions - len(node.data), 0)
            head = node.extension_hdrs.get(44)
            protocol = getattr(node, "p", node.nxt)
            if head is None or not (head.m_flag or head.frag_off):
                return protocol, node.data, missing
            key, offset, more = (node.src, node.dst, head.id, 0), head.frag_off * 8, bool(head.m_flag)
        if missing:
            self.fragments.lost += 1
            return protocol, None, missing
        whole = self.fragments.add(key, offset, more, bytes(node.data))
        return protocol, None if whole is None else _transport(protocol, whole), 0


_QUICK_IP = struct.Struct(">HHHBB").unpack_from
_QUICK_TCP = struct.Struct(">HHIIBB").unpack_from
_QUICK_UDP = struct.Struct(">HH").unpack_from


def quick(raw: bytes) -> Segment | None:
    """Take the plainest packets apart at one go: TCP and UDP, without tunnel, in whole IPv4 over Ethernet.

    They are nearly all there are, and dpkt takes ten times as long. None for every other packet. A test holds that
    both ways give the same.
    """
    if len(raw) < 42 or raw[12:15] != b"\x08\x00\x45":
        return None
    size, _, fragment, _, protocol = _QUICK_IP(raw, 16)
    end, there = 14 + size, len(raw)
    missing = end - there if end > there else 0
    if fragment & 0x3FFF:
        return None
    if protocol == TCP and there >= 54:
        sport, dport, seq, _, offset, flags = _QUICK_TCP(raw, 34)
        start = 34 + (offset >> 4) * 4
        if offset < 0x50 or end < start or there < start:
            return None
        return Segment(raw[26:30], raw[30:34], TCP, sport, dport, raw[start:end], missing, seq, flags)
    if protocol != UDP or end < 42:
        return None
    sport, dport = _QUICK_UDP(raw, 34)
    if sport in _TUNNELS or dport in _TUNNELS:
        return None
    return Segment(raw[26:30], raw[30:34], UDP, sport, dport, raw[42:end], missing)


def _transport(protocol: int, data: bytes) -> Any:
    kind = dpkt.ip.IP._protosw.get(protocol)
    try:
        return data if kind is None else kind(data)
    except dpkt.UnpackError:
        return data


def _in_gre(node: Any) -> Any:
    """Give the IP packet that GRE carries, directly or in an Ethernet frame."""
    if isinstance(node.data, bytes) and node.p in (_BRIDGED, _ERSPAN):
        frame = node.data[8:] if node.p == _ERSPAN and node.flags & 0x1000 else node.data
        return peeled(dpkt.ethernet.Ethernet(frame))[0]
    return node.data if isinstance(node.data, (dpkt.ip.IP, dpkt.ip6.IP6)) else _frame_in(node.data)


def _frame_in(node: Any) -> Any:
    return None if isinstance(node, bytes) else peeled(node)[0]


def _over_udp(segment: Segment) -> tuple[str, Any]:
    """Recognise a tunnel by its port and its own header; broken ones are plain datagrams."""
    ports, data = (segment.dport, segment.sport), segment.data
    try:
        if (4789 in ports or 8472 in ports) and data[:1] == b"\x08" and len(data) > 22:
            return "VXLAN", peeled(dpkt.ethernet.Ethernet(data[8:]))[0]
        if 6081 in ports and data[2:4] == b"\x65\x58":
            return "Geneve", peeled(dpkt.ethernet.Ethernet(data[8 + (data[0] & 63) * 4 :]))[0]
        if 2152 in ports and len(data) > 8 and data[0] >> 5 == 1 and data[1] == 255:
            return "GTP-U", ip_in(_behind_gtp(data))[0]
        if 3544 in ports:
            return _teredo(data)
    except (dpkt.Error, struct.error, LookupError, ValueError, TypeError, AttributeError):
        pass
    return "", None


def _behind_gtp(data: bytes) -> bytes:
    """Skip the header, its optional fields, and extension headers (TS 29.281, section 5)."""
    if not data[0] & 7:
        return data[8:]
    at, following = 12, data[11] if data[0] & 4 else 0
    while following and at < len(data) and data[at]:
        size = data[at] * 4
        following, at = data[at + size - 1], at + size
    return data[at:]


def _teredo(data: bytes) -> tuple[str, Any]:
    """Skip authentication and origin indications (RFC 4380, section 5.1.1)."""
    if data[:2] == b"\0\1":
        data = data[13 + data[2] + data[3] :]
    if data[:2] == b"\0\0":
        data = data[8:]
    return ("Teredo", ip_in(data)[0]) if data[:1] and data[0] >> 4 == 6 else ("", None)
