"""FAT12, FAT16 and FAT32, read by our own code (Microsoft, FAT specification 1.03), deleted names included.

The library for it was wrong on both counts that matter here: its times were a month late, and it could not read files
of FAT12 (docs/decisions/0011-disk-images.md). Times on FAT are local times without a zone; they are taken as UTC.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from nachsorge.evidence.images.nodes import DELETED, Fetch, Key, Node, Trouble, fits, joined
from nachsorge.evidence.seams import ReadError
from nachsorge.model.times import Instant
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.images.medium import Medium

_ROW = 32
_FOLDER, _LABEL, _LONG = 0x10, 0x08, 0x0F
_GONE = 0xE5
_LARGEST_FOLDER = 65_536 * _ROW
_PAGE = 64 * 1024


@dataclass(frozen=True, slots=True)
class _Row:
    """One entry of a directory."""

    name: str
    gone: bool
    attributes: int
    cluster: int
    size: int
    modified: Instant | None
    created: Instant | None


class Fat:
    """A volume of FAT."""

    def __init__(self, medium: Medium) -> None:
        """Read the boot sector; ReadError where its numbers cannot be right."""
        self.medium = medium
        boot = medium.at(0, 512)
        sector, per_cluster, reserved, tables, roots, small, _, short = struct.unpack_from("<HBHBHHBH", boot, 11)
        (large,), (long,) = struct.unpack_from("<I", boot, 32), struct.unpack_from("<I", boot, 36)
        self.cluster = sector * per_cluster
        self.table = reserved * sector
        self.root = self.table + tables * (short or long) * sector
        self.root_size = roots * _ROW
        self.data = self.root + (self.root_size + sector - 1) // sector * sector
        if not self.cluster:
            raise ReadError(Reason.CORRUPT, "has a boot sector without a size of clusters")
        count = ((small or large) * sector - self.data) // self.cluster
        self.count = min(count, (medium.size - self.data) // self.cluster) + 2
        self.bits = 12 if count < 4085 else 16 if count < 65_525 else 32
        self.first = struct.unpack_from("<I", boot, 44)[0] if self.bits == 32 else 0
        self._page: tuple[int, bytes] = (-1, b"")

    def nodes(self, trouble: Trouble) -> Iterator[Node | None]:
        """Walk from the root; a directory that was walked already is not walked again."""
        seen: set[int] = set()
        waiting = [("", self.first)]
        while waiting:
            path, cluster = waiting.pop()
            if cluster in seen:
                continue
            seen.add(cluster)
            yield None
            folders: list[tuple[str, int]] = []
            for row in self._rows(cluster, path, trouble):
                place = joined(path, row.name)
                if not fits(place):
                    trouble.add(place[:80] + "...")
                elif row.attributes & _FOLDER and not row.gone:
                    folders.append((place, row.cluster))
                elif not row.attributes & _FOLDER:
                    yield _node(row, place)
            waiting += reversed(folders)

    def open(self, key: Key) -> Fetch:
        """Find a file by its first cluster and its size."""
        first, size = (int(part) for part in str(key).split(":"))
        chain = list(self._chain(first, -(-size // self.cluster)))
        # A chain that ends early gives fewer bytes than the directory states, which is told where they are read.
        return lambda offset, wanted: self._read(chain, offset, min(wanted, size - offset))

    def _read(self, chain: list[int], offset: int, size: int) -> bytes:
        parts: list[bytes] = []
        while size > 0 and offset // self.cluster < len(chain):
            within = offset % self.cluster
            part = self._at(chain[offset // self.cluster])[within : within + size]
            if not part:
                break
            parts.append(part)
            offset, size = offset + len(part), size - len(part)
        return b"".join(parts)

    def _at(self, cluster: int) -> bytes:
        return self.medium.at(self.data + (cluster - 2) * self.cluster, self.cluster)

    def _chain(self, cluster: int, most: int) -> Iterator[int]:
        for _ in range(min(most, self.count)):
            if not 2 <= cluster < self.count:
                return
            yield cluster
            cluster = self._next(cluster)

    def _next(self, cluster: int) -> int:
        if self.bits == 12:
            value = int.from_bytes(self._entry(cluster + cluster // 2, 2), "little")
            return value >> 4 if cluster % 2 else value & 0xFFF
        width = self.bits // 8
        return int.from_bytes(self._entry(cluster * width, width), "little") & 0x0FFFFFFF

    def _entry(self, at: int, width: int) -> bytes:
        page = at // _PAGE
        if self._page[0] != page:
            self._page = page, self.medium.at(self.table + page * _PAGE, _PAGE + 1)
        return self._page[1][at % _PAGE : at % _PAGE + width]

    def _rows(self, cluster: int, path: str, trouble: Trouble) -> Iterator[_Row]:
        if cluster:
            chain = self._chain(cluster, -(-_LARGEST_FOLDER // self.cluster))
            data = b"".join(self._at(each) for each in chain)
        else:
            data = self.medium.at(self.root, self.root_size)
        if not data:
            trouble.add(path or "/")
        yield from _parsed(data)


def _parsed(data: bytes) -> Iterator[_Row]:
    pieces: list[bytes] = []
    for at in range(0, len(data) - _ROW + 1, _ROW):
        row = data[at : at + _ROW]
        if not row[0]:
            return
        if row[11] & 0x3F == _LONG:
            # The pieces of a long name stand before its entry, the last one first.
            pieces.insert(0, row[1:11] + row[14:26] + row[28:32])
            continue
        name, pieces = _long(pieces[:20]) or _short(row), []
        if not row[11] & _LABEL and name not in (".", ".."):
            yield _made(row, name)


def _long(pieces: list[bytes]) -> str:
    return b"".join(pieces).decode("utf-16-le", "replace").partition("\0")[0]


def _short(row: bytes) -> str:
    """Spell a name of eight and three; of a deleted one the first letter is lost."""
    raw = {_GONE: b"?", 0x05: b"\xe5"}.get(row[0], row[:1]) + row[1:11]
    name, ending = (part.decode("cp437").rstrip() for part in (raw[:8], raw[8:]))
    name = name.lower() if row[12] & 0x08 else name
    ending = ending.lower() if row[12] & 0x10 else ending
    return f"{name}.{ending}" if ending else name


def _made(row: bytes, name: str) -> _Row:
    high, time, day, low, size = struct.unpack_from("<HHHHI", row, 20)
    created_time, created_day = struct.unpack_from("<HH", row, 14)
    return _Row(
        name=name,
        gone=row[0] == _GONE,
        attributes=row[11],
        cluster=high << 16 | low,
        size=size,
        modified=_time(day, time),
        created=_time(created_day, created_time),
    )


def _time(day: int, time: int) -> Instant | None:
    try:
        date = (1980 + (day >> 9), day >> 5 & 15, day & 31)
        moment = datetime(*date, time >> 11, time >> 5 & 63, (time & 31) * 2, tzinfo=UTC)
    except ValueError:
        return None
    return int(moment.timestamp()) * 1_000_000


def _node(row: _Row, place: str) -> Node:
    return Node(
        path=place,
        key=None if row.gone else f"{row.cluster}:{row.size}",
        size=row.size,
        modified=row.modified,
        created=row.created,
        why=DELETED if row.gone else "",
    )
