"""The headers of a RAR archive: which files are in it, and how large each is.

Formats: "RAR 5.0 archive format" and the technote of RAR 4 (`technote.txt`), by their author: both let anybody read the
headers.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field
from typing import BinaryIO

from nachsorge.evidence.seams import ReadError
from nachsorge.model.words import Reason

MAGIC_5 = b"Rar!\x1a\x07\x01\x00"
MAGIC_4 = b"Rar!\x1a\x07\x00"
_LARGEST = 1 << 48
_LARGEST_HEADER = 2 * 1024 * 1024
_MOST = 200_000
_MODERN, _STORED = 29, 0x30
_COMMENTED = 8
"""A file's header of RAR 4 with a comment in it: its checksum is of another part."""

_DAMAGED = "a header with a wrong checksum"
_ENCRYPTION, _REDIRECTION = 1, 5
"""Kinds of extra records of RAR 5."""
_SAME_BYTES = (4, 5)
"""Kinds of redirection: a hard link, a copy."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A file, folder or link as its header states it; `size` is -1 where the header does not know it.

    `begun` has its beginning in another volume of the archive, `goes_on` its end. `twin` is the file whose bytes it
    has, where the archive does not hold them twice. `ancient` was packed by a RAR before version 2.9. `crc` is that of
    the bytes unpacked, None where the header has none.
    """

    name: str
    size: int
    folder: bool = False
    encrypted: bool = False
    begun: bool = False
    goes_on: bool = False
    link: bool = False
    twin: str = ""
    ancient: bool = False
    crc: int | None = None


@dataclass(slots=True)
class Listing:
    """What the headers say in their order. `locked`: the names are encrypted. `more` says why the list ends early."""

    files: list[Listed] = field(default_factory=list)
    locked: bool = False
    more: str = ""

    @property
    def names(self) -> list[str]:
        """Give the names of all but folders."""
        return [file.name for file in self.files if not file.folder]

    def _add(self, file: Listed) -> None:
        self.files.append(file)
        if len(self.files) >= _MOST:
            raise ReadError(Reason.LIMIT, f"more than {_MOST} files")

    def read(self, stream: BinaryIO) -> None:
        """Read all headers; what is wrong with them stands in `more`. Raises OSError."""
        try:
            magic = stream.read(len(MAGIC_4))
            if magic == MAGIC_4:
                while self._old(stream):
                    pass
            else:
                stream.read(len(MAGIC_5) - len(MAGIC_4))
                while self._new(stream):
                    pass
        except (ReadError, EOFError, struct.error) as problem:
            self.more = str(problem) or "ends in the middle"

    def _old(self, stream: BinaryIO) -> bool:
        """Take one block of RAR 4; False at the end."""
        head = stream.read(7)
        if len(head) < 7:
            return False
        kind, flags, size = struct.unpack_from("<BHH", head, 2)
        body = stream.read(max(size - 7, 0))
        packed = int.from_bytes(body[:4], "little") if flags & 0x8000 else 0
        if kind == 0x73 and flags & 0x80:
            self.locked = True
            return False
        if kind == 0x74:
            if not flags & _COMMENTED and zlib.crc32(head[2:] + body) & 0xFFFF != int.from_bytes(head[:2], "little"):
                raise ReadError(Reason.CORRUPT, _DAMAGED)
            packed += int.from_bytes(body[25:29], "little") << 32 if flags & 0x100 else 0
            self._old_file(body, flags)
        _skip(stream, packed)
        return bool(kind != 0x7B)

    def _old_file(self, body: bytes, flags: int) -> None:
        (length,) = struct.unpack_from("<H", body, 19)
        start = 33 if flags & 0x100 else 25
        size = int.from_bytes(body[4:8] + (body[29:33] if flags & 0x100 else b""), "little")
        name = body[start : start + length].partition(b"\0")[0].decode("utf-8", "replace").replace("\\", "/")
        self._add(
            Listed(
                name,
                size,
                folder=flags & 0xE0 == 0xE0,
                encrypted=bool(flags & 4),
                begun=bool(flags & 1),
                goes_on=bool(flags & 2),
                ancient=body[17] < _MODERN and body[18] != _STORED,
                crc=int.from_bytes(body[9:13], "little"),
            )
        )

    def _new(self, stream: BinaryIO) -> bool:
        """Take one block of RAR 5; False at the end."""
        head = stream.read(4 + 3)
        if len(head) < 7:
            return False
        size, at = _number(head, 4)
        if not 0 < size <= _LARGEST_HEADER:
            raise ReadError(Reason.CORRUPT, "a header of no usable size")
        body = head[at:] + stream.read(max(size - (len(head) - at), 0))
        if zlib.crc32(head[4:at] + body) != int.from_bytes(head[:4], "little"):
            raise ReadError(Reason.CORRUPT, _DAMAGED)
        kind, at = _number(body, 0)
        flags, at = _number(body, at)
        extra, at = _number(body, at) if flags & 1 else (0, at)
        packed, at = _number(body, at) if flags & 2 else (0, at)
        if kind == 4:
            self.locked = True
            return False
        if kind == 2:
            self._new_file(body, at, flags, len(body) - extra)
        _skip(stream, packed)
        return kind != 5

    def _new_file(self, body: bytes, at: int, block: int, extra: int) -> None:
        flags, at = _number(body, at)
        size, at = _number(body, at)
        _, at = _number(body, at)
        at += 4 if flags & 2 else 0
        crc = int.from_bytes(body[at : at + 4], "little") if flags & 4 else None
        at += 4 if flags & 4 else 0
        _, at = _number(body, at)
        _, at = _number(body, at)
        length, at = _number(body, at)
        records = _records(body, max(extra, at + length)) if block & 1 else {}
        name = body[at : at + length].decode("utf-8", "replace")
        self._add(
            Listed(
                name,
                -1 if flags & 8 else size,
                folder=bool(flags & 1) and _REDIRECTION not in records,
                encrypted=_ENCRYPTION in records,
                begun=bool(block & 8),
                goes_on=bool(block & 16),
                crc=crc,
                link=_REDIRECTION in records,
                twin=_twin(records.get(_REDIRECTION, b"")),
            )
        )


def _records(body: bytes, at: int) -> dict[int, bytes]:
    """Give a header's extra records by their kind."""
    found: dict[int, bytes] = {}
    while at < len(body):
        size, start = _number(body, at)
        kind, inside = _number(body, start)
        at = start + max(size, 1)
        found[kind] = body[inside:at]
    return found


def _twin(record: bytes) -> str:
    """Give the file that a hard link or a copy stands for; empty for all else, symbolic links among it."""
    if not record:
        return ""
    kind, at = _number(record, 0)
    _, at = _number(record, at)
    length, at = _number(record, at)
    return record[at : at + length].decode("utf-8", "replace") if kind in _SAME_BYTES else ""


def _skip(stream: BinaryIO, size: int) -> None:
    if size > _LARGEST:
        raise ReadError(Reason.CORRUPT, "a file of an impossible size")
    stream.seek(size, 1)


def _number(data: bytes, at: int) -> tuple[int, int]:
    """Read a number of seven bits a byte, the lowest first; gives where it ends as well."""
    value = 0
    for place in range(10):
        if at >= len(data):
            raise ReadError(Reason.TRUNCATED, "a header ends within itself")
        byte = data[at]
        value |= (byte & 0x7F) << (7 * place)
        at += 1
        if not byte & 0x80:
            return value, at
    raise ReadError(Reason.CORRUPT, "a header holds a number without an end")
