"""Packets for tests of the capture readers, made by hand."""

from __future__ import annotations

import struct

START = 1_680_000_000
CLIENT, SERVER = "10.0.0.5", "192.0.2.80"


def packed(address: str) -> bytes:
    return bytes(map(int, address.split(".")))


def ethernet(packet: bytes, ethertype: int = 0x0800) -> bytes:
    return bytes(12) + ethertype.to_bytes(2, "big") + packet


def ipv4(protocol: int, body: bytes, src: str = CLIENT, dst: str = SERVER, *, part: int = 0, number: int = 1) -> bytes:
    """`part` is the field of flags and offset."""
    return (
        struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(body), number, part, 64, protocol, 0)
        + packed(src)
        + packed(dst)
        + body
    )


def ipv6(protocol: int, body: bytes, src: bytes = bytes(15) + b"\x05", dst: bytes = bytes(15) + b"\x06") -> bytes:
    return struct.pack(">IHBB", 6 << 28, len(body), protocol, 64) + src + dst + body


def udp(sport: int, dport: int, body: bytes) -> bytes:
    return struct.pack(">HHHH", sport, dport, 8 + len(body), 0) + body


def tcp(sport: int, dport: int, seq: int, body: bytes = b"", flags: int = 0x18) -> bytes:
    return struct.pack(">HHIIBBHHH", sport, dport, seq % 2**32, 0, 0x50, flags, 1024, 0, 0) + body


def name(text: str) -> bytes:
    return b"".join(bytes([len(label)]) + label.encode() for label in text.split(".")) + b"\0"


def query(host: str, kind: int = 1) -> bytes:
    return struct.pack(">6H", 7, 0x100, 1, 0, 0, 0) + name(host) + struct.pack(">HH", kind, 1)


def answer(host: str, *records: tuple[int, bytes], code: int = 0) -> bytes:
    body = struct.pack(">6H", 7, 0x8180 | code, 1, len(records), 0, 0) + name(host) + b"\0\1\0\1"
    for kind, data in records:
        body += b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 60, len(data)) + data
    return body


def hello(host: str) -> bytes:
    """A ClientHello in its record."""
    named = struct.pack(">HBH", len(host) + 3, 0, len(host)) + host.encode()
    extensions = struct.pack(">HH", 0, len(named)) + named
    body = (
        b"\x03\x03"
        + bytes(32)
        + b"\0"
        + b"\0\x02\x13\x01"
        + b"\x01\0"
        + struct.pack(">H", len(extensions))
        + extensions
    )
    message = b"\x01" + len(body).to_bytes(3, "big") + body
    return b"\x16\x03\x01" + struct.pack(">H", len(message)) + message


def pcap(
    *frames: bytes, link: int = 1, order: str = "<", nano: bool = False, step: int = 1, cut: int = 65_535
) -> bytes:
    """A capture with a packet every `step` seconds, each kept up to `cut` bytes."""
    magic = 0xA1B23C4D if nano else 0xA1B2C3D4
    out = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, cut, link)
    for number, frame in enumerate(frames):
        part = 250_000 * (1000 if nano else 1)
        out += struct.pack(order + "IIII", START + number * step, part, len(frame[:cut]), len(frame)) + frame[:cut]
    return out


def asked(host: str, port: int = 53, sport: int = 53_001) -> bytes:
    return ethernet(ipv4(17, udp(sport, port, query(host))))


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    body += bytes(-len(body) % 4)
    return struct.pack(order + "II", kind, len(body) + 12) + body + struct.pack(order + "I", len(body) + 12)


def pcapng(*frames: bytes, order: str = "<", link: int = 1, more: bytes = b"", options: bytes = b"") -> bytes:
    out = block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1), order)
    out += block(1, struct.pack(order + "HHI", link, 0, 0) + options, order)
    for number, frame in enumerate(frames):
        time = (START + number) * 1_000_000
        head = struct.pack(order + "5I", 0, time >> 32, time & 0xFFFFFFFF, len(frame), len(frame))
        out += block(6, head + frame, order)
    return out + more
