"""A small master file table with one file in it: the file of a positive control."""

from __future__ import annotations

import struct

from nachsorge.evidence.windows.ntfs import FOLDER, IN_USE, MAGIC, ROOT, SECTOR

_TIME = 133_200_000_000_000_000
"""A FILETIME: 2023-02-03."""


def made_table(path: str, size: int = 1024) -> bytes:
    r"""Make a table whose last record is the file at a path like `C:\folder\name`, in records of `size` bytes."""
    names = path.partition(":")[2].strip("\\").split("\\")
    rows = [made_record(size, 1, ".", (1 << 48) | ROOT, folder=True)] * (ROOT + 1)
    above = ROOT
    for name in names[:-1]:
        rows.append(made_record(size, 1, name, (1 << 48) | above, folder=True))
        above = len(rows) - 1
    return b"".join([*rows, made_record(size, 1, names[-1], (1 << 48) | above)])


def made_record(size: int, sequence: int, name: str, parent: int, *, folder: bool = False, used: bool = True) -> bytes:
    """Make one FILE record with times, a name, and an update sequence."""
    times = struct.pack("<4Q", *[_TIME] * 4)
    text = name.encode("utf-16-le")
    kind = 0x10000000 if folder else 0x20
    named = struct.pack("<Q", parent) + times + struct.pack("<QQIIBB", 0, 0, kind, 0, len(text) // 2, 1) + text
    body = made_attribute(0x10, times + bytes(16)) + made_attribute(0x30, named) + struct.pack("<I", 0xFFFFFFFF)
    return made_whole(size, sequence, (IN_USE if used else 0) | (FOLDER if folder else 0), body)


def made_attribute(kind: int, content: bytes, name: str = "") -> bytes:
    """Make a resident attribute, filled up to a multiple of eight bytes."""
    text = name.encode("utf-16-le")
    start = (24 + len(text) + 7) // 8 * 8
    whole = (start + len(content) + 7) // 8 * 8
    head = struct.pack("<IIBBHHHIHH", kind, whole, 0, len(name), 24, 0, 0, len(content), start, 0)
    return ((head + text).ljust(start, b"\0") + content).ljust(whole, b"\0")


def made_whole(size: int, sequence: int, flags: int, body: bytes, base: int = 0) -> bytes:
    """Put a FILE record together: header, attributes, and the update sequence in the end of every sector."""
    count = size // SECTOR + 1
    start = (48 + 2 * count + 7) // 8 * 8
    used = start + len(body)
    head = MAGIC + struct.pack("<HHQHHHHIIQHHI", 48, count, 0, sequence, 1, start, flags, used, size, base, 0, 0, 0)
    raw = bytearray((head.ljust(start, b"\0") + body).ljust(size, b"\0"))
    raw[48:50] = mark = b"\x07\0"
    for sector in range(1, count):
        end = sector * SECTOR
        raw[48 + 2 * sector : 50 + 2 * sector] = raw[end - 2 : end]
        raw[end - 2 : end] = mark
    return bytes(raw)
