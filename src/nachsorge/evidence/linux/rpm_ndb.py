"""The package database of RPM in its own form `ndb` (`Packages.db`; SUSE since 2019).

A header of 32 bytes, slots of 16 bytes in pages of 4096, then blobs in blocks of 16 bytes, each with a head and a tail
of its own. Little-endian. Source: RPM, `lib/backend/ndb/rpmpkg.c` (layout).
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from nachsorge.evidence.seams import ReadError
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

MAGIC = b"RpmP"
_PAGE, _SLOT, _BLOCK, _HEAD, _TAIL = 4096, 16, 16, 16, 12
_MOST_PAGES = 16_384


def blobs(data: bytes) -> Iterator[tuple[int, bytes | None]]:
    """Yield (number of the package, its header), None for one that is damaged; ReadError where it is no database."""
    if len(data) < 32 or not data.startswith(MAGIC):
        raise ReadError(Reason.TRUNCATED, "shorter than the head of a package database")
    version, _, pages = struct.unpack_from("<III", data, 4)
    if version != 0 or not 0 < pages <= _MOST_PAGES:
        raise ReadError(Reason.NOT_SUPPORTED, f"a package database of version {version} with {pages} pages of slots")
    if len(data) < pages * _PAGE:
        raise ReadError(Reason.TRUNCATED, "ends within its table of packages")
    given = 0
    for at in range(2 * _SLOT, pages * _PAGE, _SLOT):
        magic, number, block, count = struct.unpack_from("<4sIII", data, at)
        if magic == b"Slot" and number:
            blob = _blob(data, number, block * _BLOCK, count * _BLOCK)
            given += len(blob or b"")
            if given > len(data):
                raise ReadError(Reason.CORRUPT, "packages that lie over each other")
            yield number, blob
        elif magic != b"Slot" and (number or block or count):
            yield number, None


def _blob(data: bytes, number: int, start: int, room: int) -> bytes | None:
    if start + room > len(data) or room < _HEAD + _TAIL:
        return None
    magic, owner, _, size = struct.unpack_from("<4sIII", data, start)
    if magic != b"BlbS" or owner != number or size > room - _HEAD - _TAIL:
        return None
    # The checksum before these two is looked at by rpm's own verification only, not when it reads.
    again, end = struct.unpack_from("<I4s", data, start + room - 8)
    if end != b"BlbE" or again != size:
        return None
    return data[start + _HEAD : start + _HEAD + size]
