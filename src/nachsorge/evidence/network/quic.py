"""QUIC and DTLS, recognised by their first bytes.

Format: RFC 9000, section 17.2; RFC 9369 (version 2); DTLS RFC 9147, section 4.
"""

from __future__ import annotations

_VERSIONS = (b"\0\0\0\x01", b"\x6b\x33\x43\xcf", b"\xff\0\0", b"Q0", b"T0", b"\x0a\x0a\x0a", b"\xfa\xce\xb0")


def recognise(data: bytes) -> str:
    """Name the protocol of a datagram that begins a handshake of QUIC or DTLS; empty for all others."""
    if len(data) >= 16 and data[0] & 0x80 and data[1:5].startswith(_VERSIONS):
        return "QUIC"
    if len(data) >= 13 and data[0] in (22, 254) and data[1:3] in (b"\xfe\xff", b"\xfe\xfd", b"\xfe\xfc", b"\x01\0"):
        return "DTLS"
    return ""
