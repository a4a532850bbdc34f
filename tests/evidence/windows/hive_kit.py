"""A small writer of registry hives and of their transaction logs, for tests."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any, TypeAlias

from nachsorge.evidence.windows.hive_logs import marvin32

Tree: TypeAlias = Mapping[str, Any]
TICKS = 133_245_504_000_000_000
"""2023-03-29T08:00:00Z as a FILETIME."""


def text(value: str, kind: int = 1) -> tuple[int, bytes]:
    return kind, value.encode("utf-16-le") + b"\0\0"


def number(value: int) -> tuple[int, bytes]:
    return 4, struct.pack("<I", value)


class _Bin:
    def __init__(self) -> None:
        self.body = bytearray(32)

    def cell(self, data: bytes) -> int:
        size = -(-(len(data) + 4) // 8) * 8
        at = len(self.body)
        self.body += struct.pack("<i", -size) + data.ljust(size - 4, b"\0")
        return at

    def key(self, name: str, tree: Tree, root: bool = False) -> int:
        keys = [self.key(below, part) for below, part in tree.items() if isinstance(part, Mapping)]
        values = [self.value(below, *part) for below, part in tree.items() if isinstance(part, tuple)]
        listed = self.cell(b"lh" + struct.pack("<H", len(keys)) + b"".join(struct.pack("<II", k, 0) for k in keys))
        valued = self.cell(b"".join(struct.pack("<I", v) for v in values)) if values else 0xFFFFFFFF
        raw = name.encode("latin-1")
        node = struct.pack(
            "<2sHQIIIIIIIII",
            b"nk",
            0x2C if root else 0x20,
            TICKS,
            0,
            0,
            len(keys),
            0,
            listed,
            0xFFFFFFFF,
            len(values),
            valued,
            0xFFFFFFFF,
        )
        return self.cell(node.ljust(72, b"\0") + struct.pack("<HH", len(raw), 0) + raw)

    def value(self, name: str, kind: int, data: bytes) -> int:
        size, place = len(data), 0
        if len(data) <= 4:
            size, place = len(data) | 0x80000000, int.from_bytes(data.ljust(4, b"\0"), "little")
        elif len(data) > 16344:
            parts = [self.cell(data[at : at + 16344]) for at in range(0, len(data), 16344)]
            listed = self.cell(b"".join(struct.pack("<I", part) for part in parts))
            place = self.cell(b"db" + struct.pack("<HI", len(parts), listed))
        else:
            place = self.cell(data)
        raw = name.encode("latin-1")
        return self.cell(struct.pack("<2sHIIIHH", b"vk", len(raw), size, place, kind, 1, 0) + raw)


def header(root: int, size: int, *, first: int = 5, second: int = 5, kind: int = 0, name: str = "") -> bytes:
    named = name.encode("utf-16-le")[-62:].ljust(64, b"\0")
    body = b"regf" + struct.pack("<IIQIIIIIII", first, second, TICKS, 1, 5, kind, 1, root, size, 1) + named
    body = body.ljust(508, b"\0")
    checksum = 0
    for (word,) in struct.iter_unpack("<I", body):
        checksum ^= word
    return body + struct.pack("<I", checksum)


def hive(tree: Tree, *, first: int = 5, second: int = 5, name: str = "") -> bytes:
    """Write a hive whose root holds the tree; it is dirty where the two sequence numbers differ."""
    cells = _Bin()
    root = cells.key("ROOT", tree, root=True)
    size = -(-len(cells.body) // 4096) * 4096
    cells.body[:32] = b"hbin" + struct.pack("<II", 0, size) + bytes(20)
    return header(root, size, first=first, second=second, name=name).ljust(4096, b"\0") + cells.body.ljust(size, b"\0")


def entry(sequence: int, size: int, pages: list[tuple[int, bytes]]) -> bytes:
    """Write one entry of a transaction log of Windows 8.1 and later."""
    body = b"".join(struct.pack("<II", at, len(page)) for at, page in pages) + b"".join(page for _, page in pages)
    length = -(-(40 + len(body)) // 512) * 512
    body = body.ljust(length - 40, b"\0")
    head = struct.pack("<4sIIIIIQ", b"HvLE", length, 0, sequence, size, len(pages), marvin32(body))
    return head + struct.pack("<Q", marvin32(head)) + body


def log(base: bytes, entries: list[bytes], sequence: int) -> bytes:
    """Write a log whose first valid entry has this sequence number."""
    root, size = struct.unpack_from("<II", base, 36)
    return header(root, size, first=sequence, second=sequence, kind=6) + b"".join(entries)


def pages(old: bytes, new: bytes) -> list[tuple[int, bytes]]:
    """List the pages of 4096 bytes in which two hives of one size differ."""
    return [
        (at - 4096, new[at : at + 4096])
        for at in range(4096, len(new), 4096)
        if old[at : at + 4096] != new[at : at + 4096]
    ]
