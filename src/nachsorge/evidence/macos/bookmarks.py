"""Bookmarks of macOS: the binary form in which programs keep the place of a file, and the path in them.

A head, then at byte 48 the place of a table of contents; entries of the table give the place of an item by its key;
0x1004 is the list of the path's parts. Known from published analyses; Apple documents nothing.
"""

from __future__ import annotations

import struct

from nachsorge.evidence.text import lenient

MAGIC = b"book"
_BASE = 48
_PATH = 0x1004
_STRING, _LIST = 0x0101, 0x0601
_MOST = 256


def path_of(data: bytes) -> str:
    """Give the path that a bookmark leads to; empty where it is damaged or of another form."""
    try:
        return _path(data) if data.startswith(MAGIC) else ""
    except struct.error:  # a place beyond the end
        return ""


def _path(data: bytes) -> str:
    (table,) = struct.unpack_from("<I", data, _BASE)
    (count,) = struct.unpack_from("<I", data, _BASE + table + 16)
    for number in range(min(count, _MOST)):
        key, place = struct.unpack_from("<II", data, _BASE + table + 20 + 12 * number)
        if key == _PATH:
            size, kind = struct.unpack_from("<II", data, _BASE + place)
            parts = min(size // 4, _MOST) if kind == _LIST else 0
            places = struct.unpack_from(f"<{parts}I", data, _BASE + place + 8)
            return "".join(f"/{_string(data, at)}" for at in places)
    return ""


def _string(data: bytes, place: int) -> str:
    size, kind = struct.unpack_from("<II", data, _BASE + place)
    return lenient(data[_BASE + place + 8 : _BASE + place + 8 + min(size, 4096)]) if kind == _STRING else ""
