"""What a zip archive says it holds (APPNOTE.TXT 6.3.10, sections 4.3 and 4.5).

The standard library's `zipfile` is not used: it reads the whole directory before the first member, and gives none at
all where one entry or the archive's end is damaged. Here entries come one by one, up to the damage.
"""

from __future__ import annotations

import stat
import struct
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, BinaryIO

from nachsorge.evidence.seams import ReadError
from nachsorge.model.times import SECOND, Instant
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOCAL, _ENTRY, _END, _END64, _LOCATOR64 = b"PK\3\4", b"PK\1\2", b"PK\5\6", b"PK\6\6", b"PK\6\7"
_MAX32 = 0xFFFFFFFF
_UTF8 = 0x800
_LATER = 0x8
_NTFS_EPOCH = 11_644_473_600 * SECOND


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One member: `at` is the offset of its local header; `size` and `packed` are -1 where only unpacking tells."""

    name: str
    at: int
    method: int
    flags: int
    packed: int
    size: int
    checksum: int
    mode: int = 0
    modified: Instant | None = None

    @property
    def encrypted(self) -> bool:
        """Tell whether a password is needed."""
        return bool(self.flags & 1)

    @property
    def link(self) -> bool:
        """Tell whether it is a symbolic link (Unix mode bits)."""
        return stat.S_ISLNK(self.mode)


@dataclass(frozen=True, slots=True)
class Directory:
    """Where the entries lie, how many there should be, and how far all offsets are shifted by bytes put in front."""

    start: int
    size: int
    count: int
    shift: int


def directory(stream: BinaryIO) -> Directory | None:
    """Find the central directory; None where the archive's end is missing or does not fit."""
    length = stream.seek(0, 2)
    begin = max(length - 65557, 0)
    stream.seek(begin)
    tail = stream.read(65557)
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < 22:
        return None
    count, size, offset = struct.unpack("<HII", tail[at + 10 : at + 20])
    end = begin + at
    if count == 0xFFFF or _MAX32 in (size, offset):
        end, count, size, offset = _zip64(stream, end) or (end, count, size, offset)
    shift = end - size - offset
    return Directory(end - size, size, count, shift) if shift >= 0 else None


def _zip64(stream: BinaryIO, end: int) -> tuple[int, int, int, int] | None:
    stream.seek(max(end - 20, 0))
    locator = stream.read(20)
    if len(locator) < 20 or not locator.startswith(_LOCATOR64):
        return None
    # The stated offset does not know of bytes put in front; the record usually ends where the locator begins.
    for at in (end - 76, struct.unpack("<Q", locator[8:16])[0]):
        if 0 <= at < end:
            stream.seek(at)
            record = stream.read(56)
            if len(record) == 56 and record.startswith(_END64):
                count, size, offset = struct.unpack("<QQQ", record[32:56])
                return at, count, size, offset
    return None


def entries(stream: BinaryIO, where: Directory) -> Iterator[Entry]:
    """Yield the entries in the directory's order; ReadError with CORRUPT where it is damaged or miscounted."""
    at, found = where.start, 0
    while at < where.start + where.size:
        stream.seek(at)
        head = stream.read(46)
        if len(head) < 46 or not head.startswith(_ENTRY):
            raise ReadError(
                Reason.CORRUPT, f"the directory is damaged behind its entry {found}; the rest was not looked at"
            )
        lengths = struct.unpack("<HHH", head[28:34])
        text = stream.read(sum(lengths))
        at += 46 + sum(lengths)
        found += 1
        yield _entry(head, text[: lengths[0]], text[lengths[0] : lengths[0] + lengths[1]], where.shift)
    if found & 0xFFFF != where.count & 0xFFFF:
        raise ReadError(Reason.CORRUPT, f"the directory has {found} entries, the archive's end says {where.count}")


def _entry(head: bytes, name: bytes, extra: bytes, shift: int) -> Entry:
    flags, method = struct.unpack("<HH", head[8:12])
    checksum, packed, size = struct.unpack("<III", head[16:28])
    (attributes, at) = struct.unpack("<II", head[38:46])
    fields = dict(_fields(extra))
    size, packed, at = _wide(fields.get(1, b""), (size, packed, at))
    return Entry(
        name=_text(name, flags),
        at=at + shift,
        method=method,
        flags=flags,
        packed=packed,
        size=size,
        checksum=checksum,
        mode=attributes >> 16 if head[5] == 3 else 0,
        modified=_modified(fields),
    )


def _fields(extra: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(extra):
        tag, size = struct.unpack("<HH", extra[at : at + 4])
        yield tag, extra[at + 4 : at + 4 + size]
        at += 4 + size


def _wide(field: bytes, numbers: tuple[int, int, int]) -> tuple[int, int, int]:
    """Take 64-bit numbers from the extra field, in order, for those that do not fit 32 bits (section 4.5.3)."""
    out: list[int] = []
    for number in numbers:
        if number == _MAX32 and len(field) >= 8:
            number, field = int.from_bytes(field[:8], "little"), field[8:]
        out.append(number)
    return out[0], out[1], out[2]


def _text(name: bytes, flags: int) -> str:
    """Decode a name: UTF-8 where flagged or where it is valid (many writers forget the flag), else code page 437."""
    try:
        return name.decode("utf-8")
    except UnicodeDecodeError:
        return name.decode("utf-8", "backslashreplace") if flags & _UTF8 else name.decode("cp437")


def _modified(fields: dict[int, bytes]) -> Instant | None:
    """Take the time from the Unix or NTFS extra field. The plain DOS time has no zone and is not used."""
    unix, ntfs = fields.get(0x5455, b""), fields.get(0x000A, b"")
    if len(unix) >= 5 and unix[0] & 1:
        return int.from_bytes(unix[1:5], "little", signed=True) * SECOND
    if len(ntfs) >= 16 and ntfs[4:8] == b"\x01\x00\x18\x00":
        return int.from_bytes(ntfs[8:16], "little") // 10 - _NTFS_EPOCH
    return None


def local(stream: BinaryIO, at: int) -> tuple[Entry, int] | None:
    """Read a local header: the member as it describes itself, and where its data begins; None where there is none."""
    stream.seek(at)
    head = stream.read(30)
    if len(head) < 30 or not head.startswith(_LOCAL):
        return None
    flags, method = struct.unpack("<HH", head[6:10])
    checksum, packed, size, name_size, extra_size = struct.unpack("<IIIHH", head[14:30])
    name = stream.read(name_size)
    fields = dict(_fields(stream.read(extra_size)))
    size, packed, _ = _wide(fields.get(1, b""), (size, packed, 0))
    entry = Entry(
        name=_text(name, flags), at=at, method=method, flags=flags, packed=packed, size=size, checksum=checksum
    )
    if flags & _LATER and not packed:
        entry = replace(entry, packed=-1, size=-1)
    return entry, at + 30 + name_size + extra_size


def following(stream: BinaryIO, at: int) -> int | None:
    """Find the next header within the length of a data descriptor; None where there is none."""
    stream.seek(at)
    near = stream.read(28)
    found = [spot for spot in (near.find(_LOCAL), near.find(_ENTRY)) if spot >= 0]
    return at + min(found) if found else None
