"""RAR archives: recognised, their files listed, none unpacked; the only complete decoder is not free software.

Formats: "RAR 5.0 archive format" and the technote of RAR 4 (`technote.txt`), by their author: both let anybody read the
headers.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from nachsorge.evidence.containers.names import shown
from nachsorge.evidence.seams import Opened, ReadError
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.containers.limits import Limits
    from nachsorge.evidence.ledger import Ledger

MAGIC_5 = b"Rar!\x1a\x07\x01\x00"
MAGIC_4 = b"Rar!\x1a\x07\x00"
_LARGEST = 1 << 48
_LARGEST_HEADER = 2 * 1024 * 1024
_MOST, _NAMED = 200_000, 20


class Rar:
    """Many files, which are named and not read."""

    name = "rar"

    def accepts(self, head: bytes, name: str) -> bool:
        """Recognise the signature of either generation."""
        return head.startswith((MAGIC_5, MAGIC_4))

    def members(self, source: Opened, limits: Limits, ledger: Ledger) -> Iterator[Opened]:
        """Give nothing: the gap names the files inside."""
        listing = _Listing()
        try:
            with source.open() as stream:
                listing.read(stream)
        except (ReadError, EOFError, struct.error) as problem:
            listing.more = f", and more: its headers cannot be read further ({problem})"
        ledger.gap(
            Reason.ENCRYPTED if listing.encrypted else Reason.NOT_SUPPORTED, f"{source.path}: {shown(listing.says())}"
        )
        yield from ()


@dataclass(slots=True)
class _Listing:
    names: list[str] = field(default_factory=list)
    count: int = 0
    encrypted: bool = False
    more: str = ""

    def says(self) -> str:
        if self.encrypted:
            return "a RAR archive, encrypted, its names as well: not unpacked (unpack it and give the folder)"
        names = ": " + ", ".join(self.names) if self.names else ""
        more = ", ..." if self.count > len(self.names) else ""
        return (
            f"a RAR archive of {self.count} files, not unpacked (unpack it and give the folder){names}{more}{self.more}"
        )

    def add(self, name: str) -> None:
        self.count += 1
        if len(self.names) < _NAMED:
            self.names.append(name)
        if self.count >= _MOST:
            raise ReadError(Reason.LIMIT, f"more than {_MOST} files")

    def read(self, stream: BinaryIO) -> None:
        magic = stream.read(len(MAGIC_4))
        if magic == MAGIC_4:
            while self._old(stream):
                pass
        else:
            stream.read(len(MAGIC_5) - len(MAGIC_4))
            while self._new(stream):
                pass

    def _old(self, stream: BinaryIO) -> bool:
        """Take one block of RAR 4; False at the end."""
        head = stream.read(7)
        if len(head) < 7:
            return False
        kind, flags, size = struct.unpack_from("<BHH", head, 2)
        body = stream.read(max(size - 7, 0))
        packed = int.from_bytes(body[:4], "little") if flags & 0x8000 else 0
        if kind == 0x73 and flags & 0x80:
            self.encrypted = True
            return False
        if kind == 0x74:
            packed += int.from_bytes(body[25:29], "little") << 32 if flags & 0x100 else 0
            (length,) = struct.unpack_from("<H", body, 19)
            start = 33 if flags & 0x100 else 25
            name = body[start : start + length].partition(b"\0")[0].decode("utf-8", "replace").replace("\\", "/")
            if flags & 0xE0 != 0xE0:  # the mark of a folder
                self.add(name)
        _skip(stream, packed)
        return bool(kind != 0x7B)

    def _new(self, stream: BinaryIO) -> bool:
        """Take one block of RAR 5; False at the end."""
        head = stream.read(4 + 3)
        if len(head) < 7:
            return False
        size, at = _number(head, 4)
        if not 0 < size <= _LARGEST_HEADER:
            raise ReadError(Reason.CORRUPT, "a header of no usable size")
        body = head[at:] + stream.read(max(size - (len(head) - at), 0))
        kind, at = _number(body, 0)
        flags, at = _number(body, at)
        _, at = _number(body, at) if flags & 1 else (0, at)
        packed, at = _number(body, at) if flags & 2 else (0, at)
        if kind == 4:
            self.encrypted = True
            return False
        if kind == 2:
            self._file(body, at)
        _skip(stream, packed)
        return kind != 5

    def _file(self, body: bytes, at: int) -> None:
        flags, at = _number(body, at)
        _, at = _number(body, at)
        _, at = _number(body, at)
        at += (4 if flags & 2 else 0) + (4 if flags & 4 else 0)
        _, at = _number(body, at)
        _, at = _number(body, at)
        length, at = _number(body, at)
        if not flags & 1:
            self.add(body[at : at + length].decode("utf-8", "replace"))


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
