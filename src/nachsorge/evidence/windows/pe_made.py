"""The smallest Windows program with a version resource: what the positive control and tests read."""

from __future__ import annotations

import struct


def program(strings: dict[str, str]) -> bytes:
    """Make the smallest PE file with a version resource that holds these strings."""
    wide = {name: text.encode("utf-16-le") + b"\0\0" for name, text in strings.items()}
    entries = b"".join(_node(name, text, len(text) // 2, 1) for name, text in wide.items())
    tables = _node("StringFileInfo", _node("040904b0", entries, 0, 1), 0, 1)
    fixed = struct.pack("<13I", 0xFEEF04BD, 0x10000, *(0,) * 11)
    version = _node("VS_VERSION_INFO", fixed.ljust(52, b"\0") + tables, 52, 0)
    # Three levels of directories with one entry each (type 16, name 1, language 1033), then the data entry.
    levels = ((16, 0x80000018), (1, 0x80000030), (1033, 0x48))
    tree = b"".join(bytes(12) + struct.pack("<HHII", 0, 1, number, where) for number, where in levels)
    body = tree + struct.pack("<4I", 0x1000 + 0x58, len(version), 0, 0) + version
    optional = struct.pack("<H", 0x10B).ljust(92, b"\0") + struct.pack("<I", 16)
    optional += bytes(16) + struct.pack("<II", 0x1000, len(body)) + bytes(13 * 8)
    header = b"PE\0\0" + struct.pack("<HHIIIHH", 0x14C, 1, 0, 0, 0, len(optional), 0x102) + optional
    section = b".rsrc\0\0\0" + struct.pack("<4I", len(body), 0x1000, len(body), 0x200) + bytes(16)
    start = b"MZ".ljust(60, b"\0") + struct.pack("<I", 64)
    return (start + header + section).ljust(0x200, b"\0") + body


def _node(key: str, value: bytes, length: int, text: int) -> bytes:
    name = key.encode("utf-16-le") + b"\0\0"
    head = bytes(6) + name
    padded = head + bytes(-len(head) % 4) + value
    return struct.pack("<3H", len(padded), length, text) + padded[6:] + bytes(-len(padded) % 4)
