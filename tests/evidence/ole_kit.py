"""A small writer of OLE compound files (MS-CFB, version 3): small streams in one storage."""

from __future__ import annotations

import struct

SECTOR = 512
MINI = 64
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def compound(streams: dict[str, bytes], clsid: bytes = bytes(16)) -> bytes:
    """Write the streams, all into the mini stream; each must have fewer than 4,096 bytes."""
    mini, starts = b"", []
    minifat: list[int] = []
    for body in streams.values():
        assert len(body) < 4096
        count = -(-len(body) // MINI)
        starts.append(len(minifat) if count else _END)
        minifat += [len(minifat) + 1 + n for n in range(count - 1)] + ([_END] if count else [])
        mini += body.ljust(count * MINI, b"\0")
    entries = [_entry("Root Entry", 5, clsid, 0, len(mini), child=1 if streams else _FREE)]
    for number, (name, body) in enumerate(streams.items(), 1):
        # A list to the right is a valid, if lame, tree for readers that walk it all.
        right = number + 1 if number < len(streams) else _FREE
        entries.append(_entry(name, 2, bytes(16), starts[number - 1], len(body), right=right))
    folder = _padded(b"".join(entries))
    table = _padded(b"".join(struct.pack("<I", n) for n in minifat), b"\xff")
    parts = [folder, table, _padded(mini)]
    counts = [len(part) // SECTOR for part in parts]
    fat, begins = [_FAT], []
    for count in counts:
        begins.append(len(fat) if count else _END)
        fat += [len(fat) + 1 + n for n in range(count - 1)] + ([_END] if count else [])
    assert len(fat) <= SECTOR // 4
    parts[0] = folder[:116] + struct.pack("<I", begins[2]) + folder[120:]
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<9I", 0, 1, begins[0], 0, 4096, begins[1], counts[1], _END, 0)
    header += struct.pack("<I", 0).ljust(4 * 109, b"\xff")
    return header + _padded(b"".join(struct.pack("<I", n) for n in fat), b"\xff") + b"".join(parts)


def _entry(name: str, kind: int, clsid: bytes, start: int, size: int, child: int = _FREE, right: int = _FREE) -> bytes:
    wide = (name + "\0").encode("utf-16-le")
    head = wide.ljust(64, b"\0") + struct.pack("<HBB3I", len(wide), kind, 1, _FREE, right, child)
    return head + clsid + bytes(4 + 16) + struct.pack("<IQ", start, size)


def _padded(body: bytes, filling: bytes = b"\0") -> bytes:
    return body + filling * (-len(body) % SECTOR)
