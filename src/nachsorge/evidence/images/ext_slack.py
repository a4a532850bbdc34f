"""Names of deleted files in directories of ext2, ext3 and ext4.

Deleting takes an entry out by making the one before it longer; the bytes stay until a new entry needs the room
(kernel documentation, "Linear directories": inode, length of the entry, length of the name, type, name).
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from nachsorge.evidence.images.layers import FAULTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.images.medium import Medium

LARGEST = 16 * 1024 * 1024
"""So many bytes of one directory are looked through."""

_FIXED = 8
_TYPES = range(1, 8)


def names_left(medium: Medium, folder: Any) -> Iterator[str]:
    """Give the names of deleted entries in one directory; names that are in use there again are left out."""
    (shift,) = struct.unpack("<I", medium.at(1048, 4))
    size = 1024 << min(shift, 6)
    live: set[str] = set()
    gone: dict[str, None] = {}
    try:
        for block in _blocks(medium, folder, size):
            _look(block, live, gone)
    except FAULTS:
        return  # the directory's live entries cannot be read either, and are named by the walk
    yield from (name for name in gone if name not in live)


def _blocks(medium: Medium, folder: Any, size: int) -> Iterator[bytes]:
    left = LARGEST
    for index in range(folder.number_of_extents):
        offset, length, flags = folder.get_extent(index)
        if flags:
            continue
        data = medium.at(offset, min(length, left))
        yield from (data[at : at + size] for at in range(0, len(data), size))
        left -= length
        if left <= 0:
            return


def _look(block: bytes, live: set[str], gone: dict[str, None]) -> None:
    at = 0
    while at + _FIXED <= len(block):
        inode, length, name_length, _ = struct.unpack_from("<IHBB", block, at)
        if length < _FIXED or length % 4:
            return
        name = _name(block, at, at + length)
        if name:
            (live.add if inode else gone.setdefault)(name)
        behind = at + _used(name_length)
        while behind + _FIXED <= min(at + length, len(block)):
            name = _name(block, behind, at + length)
            if name:
                gone.setdefault(name)
            behind += _used(block[behind + 6]) if name else 4
        at += length


def _used(name_length: int) -> int:
    return (_FIXED + name_length + 3) // 4 * 4


def _name(block: bytes, at: int, end: int) -> str:
    """Give the name of what may be an entry; empty where it is none, or one of the two that every directory has."""
    _, length, name_length, kind = struct.unpack_from("<IHBB", block, at)
    name = block[at + _FIXED : at + _FIXED + name_length]
    if length < _used(name_length) or kind not in _TYPES or at + _FIXED + name_length > end or b"/" in name:
        return ""
    try:
        text = name.decode("utf-8")
    except UnicodeDecodeError:
        return ""
    return text if text.isprintable() and text not in ("", ".", "..") else ""
