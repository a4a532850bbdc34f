"""The package database of RPM up to 4.15 (RHEL 8, CentOS 7): `Packages`, a hash table of Berkeley DB.

Only what rpm uses is read: pages of pairs, and values that lie on chains of overflow pages. A database that was not
closed may lack what its environment (`__db.*`) still held. Source: Berkeley DB, `dbinc/db_page.h` (layout).
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from nachsorge.evidence.seams import ReadError
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

_HASH = 0x00061561
_PAIRS, _OVERFLOW = (2, 13), 7
_INLINE, _OFF_PAGE = 1, 3
_HEADER = 26
_LEAST = 16
"""A shorter value is no package: under number 0 the database keeps the highest number it has given."""


def is_hash(head: bytes) -> bool:
    """Tell whether these are the first bytes of such a table, in either byte order."""
    return len(head) >= 72 and any(struct.unpack_from(f"{order}I", head, 12)[0] == _HASH for order in "<>")


def blobs(data: bytes) -> Iterator[tuple[int, bytes | None]]:
    """Yield (number of the pair, value), None for a value whose pages are damaged; ReadError where it is none."""
    order = "<" if struct.unpack_from("<I", data, 12)[0] == _HASH else ">"
    (size,) = struct.unpack_from(f"{order}I", data, 20)
    if not 512 <= size <= 65536 or size & (size - 1):
        raise ReadError(Reason.CORRUPT, "a Berkeley DB with an impossible size of pages")
    if data[24]:
        raise ReadError(Reason.ENCRYPTED, "an encrypted Berkeley DB")
    (last,) = struct.unpack_from(f"{order}I", data, 32)
    if (last + 1) * size > len(data):
        raise ReadError(Reason.TRUNCATED, f"a Berkeley DB of {last + 1} pages with {len(data) // size} of them")
    number, given, paired = 0, 0, False
    if (last + 2) * size <= len(data):
        number = 1
        yield number, None  # pages that the table does not say it has
    for start in range(size, (last + 1) * size, size):
        (page,) = struct.unpack_from(f"{order}I", data, start + 8)
        if page != start // size and any(data[start : start + _HEADER]):
            number += 1
            yield number, None
        elif data[start + 25] in _PAIRS:
            paired = True
            for value in _values(data, start, size, order):
                given += len(value or b"")
                if given > 2 * len(data):
                    raise ReadError(Reason.CORRUPT, "values of a Berkeley DB that lie over each other")
                if value is None or len(value) >= _LEAST:
                    number += 1
                    yield number, value
    if not paired:
        yield number + 1, None  # even an empty table has a page for pairs


def _values(data: bytes, start: int, size: int, order: str) -> Iterator[bytes | None]:
    entries, lowest = struct.unpack_from(f"{order}HH", data, start + 20)
    if _HEADER + 2 * entries > size:
        yield None
        return
    places = struct.unpack_from(f"{order}{entries}H", data, start + _HEADER)
    if lowest < min(places, default=size):
        yield from [None] if lowest else ()  # the page holds more than it has places for
    for key, place in zip(places[::2], places[1::2], strict=False):
        if not _HEADER <= place < size:
            yield None
        elif data[start + place] == _OFF_PAGE and place + 12 <= size:
            page, length = struct.unpack_from(f"{order}II", data, start + place + 4)
            yield _chain(data, page, length, size, order)
        elif data[start + place] == _INLINE and place < key <= size:
            yield data[start + place + 1 : start + key]
        else:
            yield None


def _chain(data: bytes, page: int, length: int, size: int, order: str) -> bytes | None:
    """Join the pages of one value, as many as its length needs: a chain that turns in a circle ends there."""
    parts, left = list[bytes](), length
    while page and left > 0:
        start = page * size
        if start + size > len(data) or data[start + 25] != _OVERFLOW:
            return None
        following, used = struct.unpack_from(f"{order}I2xH", data, start + 16)
        if not 0 < used <= size - _HEADER:
            return None
        parts.append(data[start + _HEADER : start + _HEADER + used])
        left -= used
        page = following
    return b"".join(parts) if left == 0 else None
