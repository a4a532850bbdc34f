"""ISO 9660 (ECMA-119) with the long names of Joliet or Rock Ridge, read by our own code: no library of the extra does.

Links and the like of Rock Ridge are files without bytes here. A disc has no deleted files.
"""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from nachsorge.evidence.images.nodes import Fetch, Key, Node, Trouble, fits, joined
from nachsorge.evidence.seams import ReadError
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.images.medium import Medium
    from nachsorge.model.times import Instant

_BLOCK = 2048
_DESCRIPTORS = 16
_MOST_DESCRIPTORS = 64
_JOLIET = (b"%/@", b"%/C", b"%/E")
_LARGEST_FOLDER = 64 * 1024 * 1024
_IS_FOLDER, _GOES_ON = 0x02, 0x80


class Iso:
    """A volume of ISO 9660."""

    def __init__(self, medium: Medium) -> None:
        """Find the root directory; ReadError where there is none."""
        self.medium = medium
        found: dict[bool, bytes] = {}
        for number in range(_DESCRIPTORS, _DESCRIPTORS + _MOST_DESCRIPTORS):
            block = medium.at(number * _BLOCK, _BLOCK)
            if len(block) < _BLOCK or block[1:6] != b"CD001" or block[0] == 255:
                break
            if block[0] in (1, 2):
                found.setdefault(block[0] == 2 and block[88:91] in _JOLIET, block)
        self.joliet = True in found
        if not found:
            raise ReadError(Reason.CORRUPT, "has no volume descriptor")
        chosen = found[self.joliet]
        self.block = struct.unpack_from("<H", chosen, 128)[0] or _BLOCK
        self.root = struct.unpack_from("<I", chosen, 158)[0], struct.unpack_from("<I", chosen, 166)[0]

    def nodes(self, trouble: Trouble) -> Iterator[Node | None]:
        """Walk from the root; a directory that was walked already is not walked again."""
        seen: set[int] = set()
        waiting: list[tuple[str, tuple[int, int]]] = [("", self.root)]
        while waiting:
            path, (where, size) = waiting.pop()
            if where in seen:
                continue
            seen.add(where)
            yield None
            folders: list[tuple[str, tuple[int, int]]] = []
            yield from self._folder(path, where, size, folders, trouble)
            waiting += reversed(folders)

    def open(self, key: Key) -> Fetch:
        """Find a file by its first block and its size."""
        where, size = (int(part) for part in str(key).split(":"))
        return self.medium.part(where * self.block, size).at

    def _folder(
        self, path: str, where: int, size: int, folders: list[tuple[str, tuple[int, int]]], trouble: Trouble
    ) -> Iterator[Node]:
        data = self.medium.at(where * self.block, min(size, _LARGEST_FOLDER))
        if len(data) < size:
            trouble.add(path or "/")
        begun: Node | None = None
        for record in _records(data):
            place = joined(path, self._name(record))
            block, length = struct.unpack_from("<I", record, 2)[0], struct.unpack_from("<I", record, 10)[0]
            if not fits(place):
                trouble.add(place[:80] + "...")
            elif record[25] & _IS_FOLDER:
                folders.append((place, (block, length)))
            else:
                # A file in several stretches, one record each: they lie one behind the other.
                node = begun or Node(path=place, key=f"{block}:0", modified=_time(record[18:25]))
                node.size += length
                node.key = f"{str(node.key).partition(':')[0]}:{node.size}"
                begun = node if record[25] & _GOES_ON else None
                if begun is None:
                    yield node

    def _name(self, record: bytes) -> str:
        raw = record[33 : 33 + record[32]]
        if self.joliet:
            return raw.decode("utf-16-be", "replace").partition(";")[0]
        return _rock_ridge(record[33 + record[32] + (record[32] + 1) % 2 :]) or raw.decode("latin-1").partition(";")[
            0
        ].rstrip(".")


def _records(data: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(data):
        length = data[at]
        if not length:
            at = (at // _BLOCK + 1) * _BLOCK  # records do not cross blocks
            continue
        record = data[at : at + length]
        at += length
        whole = length >= 34 and len(record) == length and 33 + record[32] <= length
        if whole and record[32:34] not in (b"\1\0", b"\1\1"):  # the folder itself, and the one above it
            yield record


def _rock_ridge(area: bytes) -> str:
    """Give the name in the `NM` fields of a record's system use area (IEEE P1282)."""
    name, at = b"", 0
    while at + 4 <= len(area) and area[at + 2] >= 4:
        if area[at : at + 2] == b"NM":
            name += area[at + 5 : at + area[at + 2]]
        at += area[at + 2]
    return name.decode("utf-8", "replace")


def _time(raw: bytes) -> Instant | None:
    try:
        moment = datetime(1900 + raw[0], raw[1], raw[2], raw[3], raw[4], raw[5], tzinfo=UTC)
    except (ValueError, IndexError):
        return None
    zone = timedelta(minutes=15 * (raw[6] - 256 if raw[6] > 127 else raw[6]))
    return int((moment - zone).timestamp()) * 1_000_000
