"""A small writer of prefetch files of every version, and of their compressed form, for tests."""

from __future__ import annotations

import struct

from tests.evidence.windows.hive_kit import TICKS

_INFO = {17: 68, 23: 156, 26: 220, 30: 220, 31: 212}
"""Versions, and how many bytes the description of each takes behind the head."""

_SHORTER = 212
"""What it takes in version 30 since Windows 10 1903."""


_HEAD = 84


def prefetch(
    version: int,
    name: str,
    files: list[str],
    *,
    runs: int = 3,
    times: tuple[int, ...] = (TICKS,),
    shorter: bool = False,
) -> bytes:
    """Write a file that tells of loaded files, runs and their times, newest first; of no volumes and no traces."""
    length = _SHORTER if shorter else _INFO[version]
    texts = "".join(file + "\0" for file in files).encode("utf-16-le")
    metrics, chains = bytes((20 if version == 17 else 32) * len(files)), bytes(12 if version < 30 else 8)
    volume = _volume(version)
    parts = (metrics, chains, texts, volume)
    offsets = [_HEAD + length]
    for part in parts:
        offsets.append(offsets[-1] + len(part))
    info = bytearray(length)
    # Where metrics, chains, names and volumes begin, and how many there are; of names and volumes also the size.
    numbers = (offsets[0], len(files), offsets[1], 1, offsets[2], len(texts), offsets[3], 1, len(volume))
    struct.pack_into("<9I", info, 0, *numbers)
    at = 36 if version == 17 else 44
    if version < 26:
        times = times[:1]
    for number, ticks in enumerate(times):
        struct.pack_into("<Q", info, at + 8 * number, ticks)
    struct.pack_into("<I", info, {68: 60, 156: 68, _SHORTER: 116}.get(length, 124), runs)
    wide = name.encode("utf-16-le")[:58].ljust(60, b"\0")
    size = offsets[4]
    head = struct.pack("<I4sII60sII", version, b"SCCA", 0x11, size, wide, 0x1234ABCD, 0)
    return head + bytes(info) + b"".join(parts)


def _volume(version: int) -> bytes:
    """Write one volume, without references to files and without folders."""
    size = 40 if version == 17 else 104 if version < 30 else 96
    path = "\\VOLUME{1}".encode("utf-16-le")
    fields = struct.pack("<IIQIIIII", size, len(path) // 2, TICKS, 1, 0, 0, 0, 0)
    return fields.ljust(size, b"\0") + path + b"\0\0"


def compressed(plain: bytes) -> bytes:
    """Write the form of Windows 8.1 and later (MAM): XPRESS Huffman of letters alone, without a repetition.

    A zero is a bit `0`, any other byte nine bits that begin with 1. It must come out smaller than it was.
    """
    table = b"\x91" + b"\x99" * 127 + b"\x09" + bytes(127)
    packed = b"".join(table + _bits(plain[at : at + 65536]) for at in range(0, len(plain), 65536))
    assert len(packed) < len(plain), "a file this small does not get smaller"
    return b"MAM\x04" + struct.pack("<I", len(plain)) + packed


def _bits(part: bytes) -> bytes:
    bits = "".join("0" if not byte else f"{255 + byte:09b}" for byte in part)
    bits += "0" * (-len(bits) % 16 + 32)
    words = (int(bits[at : at + 16], 2) for at in range(0, len(bits), 16))
    return b"".join(struct.pack("<H", word) for word in words)
