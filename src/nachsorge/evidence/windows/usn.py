"""Records of an NTFS or ReFS change journal (`$UsnJrnl:$J`), versions 2, 3 and 4, found in a stream of hostile bytes.

Layout: Microsoft, "USN_RECORD_V2", "USN_RECORD_V3", "USN_RECORD_V4 structure (winioctl.h)". A record's number (USN) is
its offset in the journal, and records do not cross pages of 4096 bytes, so it is known from one record where the next
one has to stand. What was given back at the journal's beginning reads as zeroes.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = 4096
LARGEST = 4096
_BLOCK = 1024 * 1024
_NOTHING = bytes(_BLOCK)
_STEP = 8
_SMALLEST = {2: 60, 3: 76, 4: 64}
_SOMETHING = re.compile(rb"[^\0]")
_VERSION = re.compile(rb"[\x02-\x04]\0\0\0")
_V2 = struct.Struct("<QQqqIIIIHH")
_V3 = struct.Struct("<Q8xQ8xqqIIIIHH")
_V4 = struct.Struct("<Q8xQ8xqI")
_FOLDER = 0x10

REASONS = {
    0x1: "data overwritten",
    0x2: "data extended",
    0x4: "data truncated",
    0x10: "stream overwritten",
    0x20: "stream extended",
    0x40: "stream truncated",
    0x100: "created",
    0x200: "deleted",
    0x400: "attributes of OS/2 changed",
    0x800: "security changed",
    0x1000: "renamed from",
    0x2000: "renamed to",
    0x4000: "indexing changed",
    0x8000: "times or attributes changed",
    0x10000: "hard link changed",
    0x20000: "compression changed",
    0x40000: "encryption changed",
    0x80000: "object identifier changed",
    0x100000: "reparse point changed",
    0x200000: "stream changed",
    0x400000: "transacted",
    0x800000: "integrity changed",
    0x80000000: "closed",
}
"""What `Reason` says happened to the file, in plain words (winioctl.h, USN_REASON_*)."""


@dataclass(frozen=True, slots=True)
class Change:
    """One record. `file` and `parent` are file references, `ticks` a FILETIME; version 4 has neither time nor name."""

    usn: int
    size: int
    version: int
    file: int
    parent: int
    ticks: int
    reason: int
    folder: bool
    name: str

    @property
    def reasons(self) -> list[str]:
        """Say what happened."""
        return [word for bit, word in REASONS.items() if self.reason & bit]


@dataclass(frozen=True, slots=True)
class Debris:
    """Bytes between records that are neither one nor zero; `at` is their offset in the file."""

    at: int
    size: int


def changes(stream: BinaryIO) -> Iterator[Change | Debris]:
    """Give all records of a journal in order; what lies between them and is not zero is named as debris."""
    data, start, ended = b"", 0, False
    while not ended or data:
        at = 0
        while (found := _next(data, at, ended)) is not None:
            piece, at = found
            if piece is not None:
                yield piece if isinstance(piece, Change) else Debris(start + piece.at, piece.size)
        data, start = data[at:], start + at
        if ended:
            return
        more = stream.read(_BLOCK)
        while not data and more == _NOTHING:
            start += _BLOCK
            more = stream.read(_BLOCK)
        data, ended = data + more, not more


def starts_journal(head: bytes) -> bool:
    """Tell whether the first bytes that are not zero are a record."""
    found = _SOMETHING.search(head)
    if found is None:
        return False
    at = found.start() // _STEP * _STEP
    return isinstance(change_at(head, at), Change)


def _next(data: bytes, at: int, ended: bool) -> tuple[Change | Debris | None, int] | None:
    """Give the next piece and where it ends; a None piece is zeroes; None where more bytes are needed first."""
    something = _SOMETHING.search(data, at)
    if something is None:
        whole = len(data) // _STEP * _STEP
        return (None, whole) if whole > at else None
    start = something.start() // _STEP * _STEP
    if len(data) - start < LARGEST and not ended:
        return (None, start) if start > at else None
    change = change_at(data, start)
    if change is not None:
        return change, start + change.size
    if start >= len(data):
        return None
    end = _resumed(data, start + _STEP)
    return Debris(start, end - start), end


def _resumed(data: bytes, at: int) -> int:
    """Give where the next sound record stands, else the end of the bytes."""
    for found in _VERSION.finditer(data, at + 4):
        start = found.start() - 4
        if start % _STEP == 0 and change_at(data, start) is not None:
            return start
    return max(len(data) // _STEP * _STEP - LARGEST, at) if len(data) > at + LARGEST else len(data)


def change_at(data: bytes, at: int) -> Change | None:
    """Decode the record at an offset; None where it is none, or not whole."""
    if at + 8 > len(data):
        return None
    size, version, minor = struct.unpack_from("<IHH", data, at)
    least = _SMALLEST.get(version, 0)
    if not least or minor > 16 or size % _STEP or not least <= size <= min(LARGEST, len(data) - at):
        return None
    if version == 4:
        file, parent, usn, reason = _V4.unpack_from(data, at + 8)
        return Change(usn, size, 4, file, parent, 0, reason, False, "") if usn >= 0 else None
    layout = _V2 if version == 2 else _V3
    file, parent, usn, ticks, reason, _, _, attributes, length, name = layout.unpack_from(data, at + 8)
    if usn < 0 or length % 2 or not length or name < least or name + length > size:
        return None
    text = data[at + name : at + name + length].decode("utf-16-le", "replace")
    return Change(usn, size, version, file, parent, ticks, reason, bool(attributes & _FOLDER), text)


def made_change(usn: int, file: int, parent: int, ticks: int, name: str, *, folder: bool = False) -> bytes:
    """Make a record of version 2 that says "created": for the file of a positive control."""
    text = name.encode("utf-16-le")
    size = (60 + len(text) + 7) // 8 * 8
    kind = _FOLDER if folder else 0x20
    fields = _V2.pack(file, parent, usn, ticks, 0x100, 0, 0, kind, len(text), 60)
    return (struct.pack("<IHH", size, 2, 0) + fields + text).ljust(size, b"\0")
