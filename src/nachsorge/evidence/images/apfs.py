"""The checksums of APFS. Runs in `server` only.

Every block of a volume's trees begins with a checksum (Apple File System Reference, "Objects"). The library reads one
that is damaged as if it were sound: of 80 single flipped bits, 8 changed names, sizes or contents without a word.
"""

from __future__ import annotations

import struct
from functools import partial
from itertools import accumulate
from typing import TYPE_CHECKING

from nachsorge.evidence.images.sums import Sums

if TYPE_CHECKING:
    from nachsorge.evidence.images.medium import Medium

_MODULUS = 0xFFFFFFFF
_OBJECTS = frozenset({0x02, 0x03, 0x0B, 0x0D})
"""Roots and nodes of trees, maps of objects, volumes: what a listing rests on.

Not the container's own block: of its many copies the last one may be half written, and an older one is then valid.
"""

_FLAGS = 0x3FFF0000


def watched(container: Medium) -> Sums:
    """Have the reading of a container watched over."""
    return Sums(container, partial(_is_damaged, int.from_bytes(container.at(36, 4), "little")))


def _is_damaged(size: int, place: int, block: bytes) -> bool:
    """Tell whether an object's checksum, Fletcher's over words of four bytes, is another than the one in its head."""
    if len(block) != size or place % size or size % 4:
        return False
    kind = int.from_bytes(block[24:28], "little")
    if kind & 0xFFFF not in _OBJECTS or kind & _FLAGS:
        return False
    words = struct.unpack(f"<{len(block) // 4 - 2}I", block[8:])
    low, high = sum(words), sum(accumulate(words))
    first = _MODULUS - (low + high) % _MODULUS
    second = _MODULUS - (low + first) % _MODULUS
    return block[:8] != struct.pack("<II", first, second)
