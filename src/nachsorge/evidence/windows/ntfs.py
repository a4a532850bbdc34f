"""FILE records of an NTFS master file table: their names, times and streams, from hostile bytes.

The layout is that of the Linux NTFS documentation ("NTFS Documentation", R. Russon and Y. Fledel: FILE record,
$STANDARD_INFORMATION, $FILE_NAME, $DATA) and of libyal's "New Technologies File System (NTFS)" (libfsntfs). A record
is checked and mended by its update sequence first: the last two bytes of each 512 hold a number that says whether the
sector was written with the rest.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

MAGIC = b"FILE"
SECTOR = 512
SIZES = (1024, 4096, 2048, 512)
ROOT = 5
"""The number of the root folder's record."""

IN_USE, FOLDER = 1, 2
DOS = 2
"""The name space of short names (`PROGRA~1`) that stand beside a long one."""

_NUMBER = 0xFFFFFFFFFFFF
_STANDARD, _NAME, _DATA, _END = 0x10, 0x30, 0x80, 0xFFFFFFFF
_NAME_IS_FOLDER = 0x10000000
_SMALLEST = 24
_HEADER = struct.Struct("<4sHH8xHHHHIIQ")
_ATTRIBUTE = struct.Struct("<IIBBHHHIH")
_RESIDENT_LARGEST = 4096


class Damage(ValueError):
    """A record that is not whole, or not what it says."""


@dataclass(frozen=True, slots=True)
class FileName:
    """One name in one folder. `times` are FILETIMEs: created, written, record changed, accessed."""

    parent: int
    text: str
    space: int
    folder: bool
    times: tuple[int, int, int, int]


@dataclass(slots=True)
class FileRecord:
    """One decoded record. `base` is the reference of the record that it continues, 0 where it is one itself.

    `times` are those of $STANDARD_INFORMATION as FILETIMEs; `size` is that of the file's own data, -1 where it is not
    said here; `streams` maps the names of further data streams to what of them lies within the record.
    """

    sequence: int
    flags: int
    base: int
    names: list[FileName] = field(default_factory=list)
    times: tuple[int, int, int, int] = (0, 0, 0, 0)
    size: int = -1
    streams: dict[str, bytes] = field(default_factory=dict)


def number_of(reference: int) -> int:
    """Give the record's number of a file reference."""
    return reference & _NUMBER


def sequence_of(reference: int) -> int:
    """Give how often the record had been used anew when the reference was made; 0 where it does not say."""
    return reference >> 48


def record_size(head: bytes) -> int:
    """Give the size of a table's records by its first one; 0 where these bytes are no such record."""
    if len(head) < _HEADER.size or not head.startswith(MAGIC):
        return 0
    _, at, count, _, _, attributes, _, _, size, _ = _HEADER.unpack_from(head)
    sound = size in SIZES and count == size // SECTOR + 1 and 40 <= at < attributes < size
    return int(size) if sound else 0


def flags_and_base(raw: bytes) -> tuple[int, int]:
    """Give a record's flags and the reference of its base record, without looking at the rest."""
    return int.from_bytes(raw[22:24], "little"), int.from_bytes(raw[32:40], "little")


def mended(raw: bytes) -> bytes:
    """Put the bytes back that the update sequence stands for; Damage where a sector does not carry its number."""
    if len(raw) < _HEADER.size:
        raise Damage("ends within its header")
    at, count = struct.unpack_from("<HH", raw, 4)
    if count != len(raw) // SECTOR + 1 or at + 2 * count > len(raw):
        raise Damage("its update sequence does not fit its size")
    ends = [sector * SECTOR - 2 for sector in range(1, count)]
    number, kept = raw[at : at + 2], [raw[at + 2 * n : at + 2 * n + 2] for n in range(1, count)]
    found = [raw[end : end + 2] for end in ends]
    # Some tools (ntfscat) export a table with the bytes put back already.
    if found == kept:
        return raw
    if any(each != number for each in found):
        raise Damage("its sectors were not written together")
    whole = bytearray(raw)
    for end, each in zip(ends, kept, strict=True):
        whole[end : end + 2] = each
    return bytes(whole)


def decoded(raw: bytes) -> FileRecord:
    """Decode one record; Damage where it is not whole."""
    data = mended(raw)
    _, _, _, sequence, _, at, flags, used, _, base = _HEADER.unpack_from(data)
    record = FileRecord(sequence, flags, base)
    end = min(used, len(data))
    while at + 4 <= end:
        (kind,) = struct.unpack_from("<I", data, at)
        if kind == _END:
            return record
        if at + _SMALLEST > end:
            break
        _, size, elsewhere, letters, name_at, _, _, length, content = _ATTRIBUTE.unpack_from(data, at)
        if size < _SMALLEST or at + size > end:
            raise Damage(f"an attribute of {size} bytes at {at}")
        name = data[at + name_at : at + name_at + 2 * letters].decode("utf-16-le", "replace") if letters else ""
        body = b"" if elsewhere else data[at + content : at + min(content + length, size)]
        _take(record, kind, name, body, _stated(data, at, size) if elsewhere else length)
        at += size
    raise Damage("its attributes have no end")


def _stated(data: bytes, at: int, size: int) -> int:
    """Give the size of data that lie outside the record; only an attribute's first part says it."""
    if size < 56 or data[at + 16 : at + 24] != bytes(8):
        return -1
    return int.from_bytes(data[at + 48 : at + 56], "little")


def _take(record: FileRecord, kind: int, name: str, body: bytes, size: int) -> None:
    if kind == _NAME:
        record.names.append(_file_name(body))
    elif kind == _STANDARD and len(body) >= 32:
        record.times = struct.unpack_from("<4Q", body)
    elif kind == _DATA and name:
        record.streams[name] = body[:_RESIDENT_LARGEST]
    elif kind == _DATA and size >= 0:
        record.size = size


def _file_name(body: bytes) -> FileName:
    if len(body) < 66 or len(body) < 66 + 2 * body[64]:
        raise Damage("a name that ends within itself")
    parent, created, written, changed, accessed = struct.unpack_from("<5Q", body)
    text = body[66 : 66 + 2 * body[64]].decode("utf-16-le", "replace")
    (flags,) = struct.unpack_from("<I", body, 56)
    return FileName(parent, text, body[65], bool(flags & _NAME_IS_FOLDER), (created, written, changed, accessed))
