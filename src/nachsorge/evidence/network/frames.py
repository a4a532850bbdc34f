"""One captured frame, and the types of link that can be taken apart.

Numbers: the registry of link-layer header types of tcpdump.org.
"""

from __future__ import annotations

from dataclasses import dataclass

from nachsorge.model.times import Instant

LARGEST_FRAME = 1024 * 1024
"""No capture program writes longer frames (libpcap's own limit is 256 KiB); a longer one is a broken length."""

ETHERNET, NULL, LOOP, PPP, PPP_HDLC, PPP_ETHER, C_HDLC, SLL, SLL2 = 1, 0, 108, 9, 50, 51, 104, 113, 276
RAW = frozenset({12, 14, 101, 228, 229})
SUPPORTED = frozenset({ETHERNET, NULL, LOOP, PPP, PPP_HDLC, PPP_ETHER, C_HDLC, SLL, SLL2}) | RAW
NAMES = {
    6: "Token Ring",
    8: "SLIP",
    10: "FDDI",
    105: "802.11",
    107: "Frame Relay",
    117: "PFLOG",
    119: "802.11 with Prism header",
    127: "802.11 with radiotap header",
    147: "user-defined",
    163: "802.11 with AVS header",
    189: "USB",
    192: "PPI",
    195: "802.15.4",
    201: "Bluetooth HCI",
    220: "USB on Linux",
    227: "CAN",
    239: "NFLOG",
    253: "Netlink",
}


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame as captured: its number in the file from 1, when, its link type, and how long it was on the wire."""

    number: int
    time: Instant | None
    link: int
    raw: bytes
    size: int


def link_name(link: int) -> str:
    """Name a link type for people."""
    return f"{NAMES[link]} (link type {link})" if link in NAMES else f"link type {link}"


def wrapped(link: int, packet: bytes) -> bytes | None:
    """Put an IPv4 packet into a frame of this link type; None where such frames cannot be read either."""
    if link in RAW - {229}:
        return packet
    head = {
        ETHERNET: bytes.fromhex("020000000001 020000000002 0800"),
        NULL: b"\x02\0\0\0",
        LOOP: b"\0\0\0\x02",
        PPP: b"\xff\x03\0\x21",
        PPP_HDLC: b"\xff\x03\0\x21",
        PPP_ETHER: b"\x11\0\0\x01" + (len(packet) + 2).to_bytes(2, "big") + b"\0\x21",
        C_HDLC: b"\x0f\0\x08\0",
        SLL: b"\0\0\0\x01\0\x06" + bytes(8) + b"\x08\0",
        SLL2: b"\x08\0" + bytes(6) + b"\0\x01\0\x06" + bytes(8),
    }.get(link)
    return None if head is None else head + packet
