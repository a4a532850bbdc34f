"""The binary files of the systemd journal: objects one behind the other, entries that point to their fields.

Every field is an object of its own that all entries with this very text share; long ones are compressed. The objects
are walked in the order of the file, which is that of writing; hash tables and chains are not needed. Source: systemd,
"Journal File Format".
"""

from __future__ import annotations

import lzma
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import zstandard

from nachsorge.evidence.linux import lz4
from nachsorge.evidence.seams import ReadError
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

MAGIC = b"LPKSHHRH"
LARGEST_FIELD = 4 * 1024 * 1024
_COMPACT = 16
_KNOWN = 1 | 2 | 4 | 8 | _COMPACT
_DATA, _ENTRY, _MOST_TYPES = 1, 3, 7
_XZ, _LZ4, _ZSTD = 1, 2, 4
_ONLINE = 1
_LEAST_HEAD, _MOST_HEAD = 208, 4096
_MOST_FIELDS = 4096
_REMEMBERED = 64 * 1024 * 1024
"""So many bytes of unpacked fields are kept, and as many make the longest entry."""


class Entry(NamedTuple):
    """One entry: its number, its time in microseconds since 1970, and its fields; `lost` counts unreadable ones."""

    number: int
    realtime: int
    fields: tuple[bytes, ...]
    lost: int


@dataclass(slots=True)
class Journal:
    """One file in memory. After the walk `broken` says where it could not go on; the head promises `entries`."""

    data: bytes
    broken: str = ""
    entries: int = field(init=False)
    online: bool = field(init=False)
    compact: bool = field(init=False)
    _fields: dict[int, bytes | None] = field(init=False, default_factory=dict)
    _held: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        """Read the head; ReadError where it is cut off, or of a version that cannot be read."""
        if len(self.data) < 208 or not self.data.startswith(MAGIC):
            raise ReadError(Reason.TRUNCATED, "shorter than the head of a journal")
        (flags,) = struct.unpack_from("<I", self.data, 12)
        if flags & ~_KNOWN:
            raise ReadError(Reason.NOT_SUPPORTED, f"a journal with unknown features ({flags:#x}); export it instead")
        self.compact = bool(flags & _COMPACT)
        self.online = self.data[16] == _ONLINE
        (self.entries,) = struct.unpack_from("<Q", self.data, 152)

    def __iter__(self) -> Iterator[Entry]:
        """Walk the objects, and give the entries."""
        (at,) = struct.unpack_from("<Q", self.data, 88)
        (tail,) = struct.unpack_from("<Q", self.data, 136)
        (stated,) = struct.unpack_from("<Q", self.data, 144)
        found = beyond = 0
        if not _LEAST_HEAD <= at <= _MOST_HEAD:
            self.broken = f"says that its head has {at} bytes: nothing behind it was read"
            return
        while at <= tail:
            if at + 16 > len(self.data):
                self.broken = f"ends {tail - len(self.data)} bytes before its last object"
                return
            kind = self.data[at]
            (size,) = struct.unpack_from("<Q", self.data, at + 8)
            if not 1 <= kind <= _MOST_TYPES or not 16 <= size <= len(self.data) - at:
                self.broken = f"no object at byte {at}: the entries behind it were not read"
                return
            found += 1
            if kind == _ENTRY and size >= 64:
                yield self._entry(at, size)
            at = (at + size + 7) & ~7
        # Written behind the object that the head calls its last: by a journal in use, or the head is damaged.
        while (size := self._object(at)) and at > tail:
            found, beyond = found + 1, beyond + 1
            if self.data[at] == _ENTRY and size >= 64:
                yield self._entry(at, size)
            at = (at + size + 7) & ~7
        if found < stated:
            self.broken = f"{found} of the {stated} objects that it says it has were found"
        elif beyond and not self.online:
            self.broken = f"{beyond} objects stand behind the one that its head calls the last; they were read"
        elif self.data.count(0, at) < len(self.data) - at:
            self.broken = f"what stands behind byte {at}, where its objects end, was not read"

    def _object(self, at: int) -> int:
        """Give the size of the object at a place; 0 where there is none."""
        if at + 16 > len(self.data) or not 1 <= self.data[at] <= _MOST_TYPES:
            return 0
        (size,) = struct.unpack_from("<Q", self.data, at + 8)
        return int(size) if 16 <= size <= len(self.data) - at else 0

    def _entry(self, at: int, size: int) -> Entry:
        number, realtime = struct.unpack_from("<QQ", self.data, at + 16)
        width = 4 if self.compact else 16
        count = min((size - 64) // width, _MOST_FIELDS)
        places = [
            int.from_bytes(self.data[at + 64 + index * width : at + 64 + index * width + min(width, 8)], "little")
            for index in range(count)
        ]
        fields: list[bytes] = []
        lost, left = max(0, (size - 64) // width - count), _REMEMBERED
        for place in filter(None, places):
            one = self._field(place) if left > 0 else None
            left -= len(one or b"")
            if one is None:
                lost += 1
            else:
                fields.append(one)
        return Entry(number, realtime, tuple(fields), lost)

    def _field(self, at: int) -> bytes | None:
        if at not in self._fields:
            if self._held > _REMEMBERED:
                self._fields.clear()
                self._held = 0
            self._fields[at] = found = self._decoded(at)
            self._held += len(found or b"") + 100
        return self._fields[at]

    def _decoded(self, at: int) -> bytes | None:
        start = at + (72 if self.compact else 64)
        if start > len(self.data) or self.data[at] != _DATA:
            return None
        (size,) = struct.unpack_from("<Q", self.data, at + 8)
        raw = self.data[start : at + size]
        if at + size > len(self.data) or len(raw) > LARGEST_FIELD:
            return None
        return _unpacked(raw, self.data[at + 1])


def _unpacked(raw: bytes, flags: int) -> bytes | None:
    """Undo the compression of one field; None where it is damaged, or longer than a field may be."""
    try:
        if flags & _ZSTD:
            return zstandard.ZstdDecompressor().decompress(raw, max_output_size=LARGEST_FIELD)
        if flags & _XZ:
            decoder = lzma.LZMADecompressor()
            found = decoder.decompress(raw, LARGEST_FIELD)
            return found if decoder.eof else None
    except (zstandard.ZstdError, lzma.LZMAError, MemoryError):
        return None
    if flags & _LZ4:
        size = int.from_bytes(raw[:8], "little")
        return lz4.unpacked(raw[8:], size) if len(raw) > 8 and size <= LARGEST_FIELD else None
    return raw
