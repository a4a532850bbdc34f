"""Small disks made of bytes, so that the tests need no tools."""

from __future__ import annotations

import struct
import uuid
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from nachsorge.evidence.containers import DiskImage, Limits
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.seams import Opened

if TYPE_CHECKING:
    from nachsorge.evidence.entries import Entry

SECTOR = 512
_DATE = (2023 - 1980) << 9 | 3 << 5 | 29
_TIME = 16 << 11 | 30 << 5
TIME = 1_680_107_400_000_000
"""2023-03-29 16:30 UTC, the time of every file here."""


def slot(name: bytes, *, attributes: int = 0x20, cluster: int = 0, size: int = 0) -> bytes:
    """Make one entry of a FAT directory, 32 bytes."""
    stamps = struct.pack("<BBHHHHHHHI", 0, 0, _TIME, _DATE, 0, 0, _TIME, _DATE, cluster, size)
    return name.ljust(11) + bytes([attributes]) + stamps


def long_slots(name: str) -> bytes:
    """Make the entries of a long name, the last piece first."""
    raw = (name + "\0").encode("utf-16-le")
    pieces = [raw[at : at + 26].ljust(26, b"\xff") for at in range(0, len(raw), 26)]
    rows = []
    for number, piece in reversed(list(enumerate(pieces, start=1))):
        order = number | (0x40 if number == len(pieces) else 0)
        rows.append(bytes([order]) + piece[:10] + b"\x0f\0\0" + piece[10:22] + b"\0\0" + piece[22:26])
    return b"".join(rows)


def gone(rows: bytes) -> bytes:
    """Delete entries as FAT does: by their first byte."""
    return b"".join(b"\xe5" + rows[at + 1 : at + 32] for at in range(0, len(rows), 32))


def fat(
    root: bytes, *, folder: bytes = b"", text: bytes = b"hello\n", links: tuple[int, ...] = (), sectors: int = 64
) -> bytes:
    """Make a FAT12 volume: cluster 2 is a folder, from 3 on lies a text; `links` is what the table says of them."""
    boot = bytearray(SECTOR)
    boot[:3] = b"\xeb\x3c\x90"
    struct.pack_into("<HBHBHHBH", boot, 11, SECTOR, 1, 1, 1, 16, sectors, 0xF8, 1)
    boot[510:] = b"\x55\xaa"
    entries = [0xFF8, 0xFFF, *(links or (0xFFF, 0xFFF))]
    entries += [0] * (len(entries) % 2)
    table = b"".join((entries[at] | entries[at + 1] << 12).to_bytes(3, "little") for at in range(0, len(entries), 2))
    area = folder.ljust(SECTOR, b"\0") + text
    whole = bytes(boot) + table.ljust(SECTOR, b"\0") + root.ljust(SECTOR, b"\0") + area
    return whole.ljust(sectors * SECTOR, b"\0")


def stick(text: bytes = b"hello\n") -> bytes:
    """Make a FAT volume with two files, one of them in a folder, and a deleted one."""
    root = slot(b"FOLDER", attributes=0x10, cluster=2) + slot(b"TOP     TXT", cluster=3, size=len(text))
    old = gone(long_slots("evil tool.exe") + slot(b"EVILTO~1EXE", cluster=9, size=4096))
    folder = slot(b".", attributes=0x10, cluster=2) + slot(b"..", attributes=0x10) + old
    folder += long_slots("a longer name.log") + slot(b"ALONGE~1LOG", cluster=3, size=len(text))
    return fat(root, folder=folder, text=text)


def mbr(*volumes: bytes, kinds: tuple[int, ...] = (), start: int = 8) -> bytes:
    """Put volumes on a disk with an MBR, each behind the one before."""
    rows, body, at = b"", b"", start
    for number, volume in enumerate(volumes):
        kind = kinds[number] if kinds else 0x0C
        rows += struct.pack("<B3xB3xII", 0, kind, at, len(volume) // SECTOR)
        body += volume
        at += len(volume) // SECTOR
    return (bytes(446) + rows.ljust(64, b"\0") + b"\x55\xaa").ljust(start * SECTOR, b"\0") + body


BASIC = uuid.UUID("ebd0a0a2-b9e5-4433-87c0-68b6b72699c7")


def gpt(*volumes: bytes, kinds: tuple[uuid.UUID, ...] = ()) -> bytes:
    """Put volumes on a disk with a GPT, and its copy at the end."""
    rows, body, at = b"", b"", 8
    for number, volume in enumerate(volumes):
        kind = kinds[number] if kinds else BASIC
        last = at + len(volume) // SECTOR - 1
        rows += (kind.bytes_le + uuid.uuid4().bytes_le + struct.pack("<QQ", at, last)).ljust(128, b"\0")
        body += volume
        at = last + 1
    rows = rows.ljust(4 * 128, b"\0")
    front = mbr(bytes(SECTOR), kinds=(0xEE,), start=1)[:SECTOR]
    head, tail = _header(rows, 1, 2), _header(rows, at + 1, at)
    return (front + head + rows).ljust(8 * SECTOR, b"\0") + body + rows + tail


def _header(rows: bytes, here: int, table: int) -> bytes:
    def made(checksum: int) -> bytes:
        front = b"EFI PART" + struct.pack("<IIII", 0x10000, 92, checksum, 0)
        return front + struct.pack("<QQQQ16sQIII", here, 0, 8, 99, bytes(16), table, 4, 128, zlib.crc32(rows))

    return made(zlib.crc32(made(0))).ljust(SECTOR, b"\0")


def opened(path: Path) -> Opened:
    """Give a file as evidence."""
    return Opened(path=path.name, name=path.name, open=lambda: path.open("rb"), size=path.stat().st_size, local=path)


def looked(source: Opened | Path, limits: Limits | None = None) -> tuple[dict[str, Entry], Ledger]:
    """Give an image's entries by their paths, and the account of it."""
    ledger = Ledger()
    evidence = opened(source) if isinstance(source, Path) else source
    entries = list(DiskImage().entries(evidence, limits or Limits().fresh(), ledger))
    found = {entry.path: entry for entry in entries}
    assert len(found) == len(entries)
    return found, ledger


def content(entry: Entry) -> bytes:
    """Read a file of an image."""
    assert entry.source is not None
    with entry.source.open() as stream:
        return stream.read()


def told(ledger: Ledger) -> list[tuple[str, str]]:
    """Give an account's gaps in short."""
    return [(gap.reason.value, gap.note) for gap in ledger.gaps]
