"""APFS with the checksums that its library passes over. Runs in `server` only.

Every block of a volume's trees begins with a checksum (Apple File System Reference, "Objects"). The library reads one
that is damaged as if it were sound: of 80 single flipped bits, 8 changed names, sizes or contents without a word. So
what it reads while it lists is compared here; the bytes of files have no checksum.
"""

from __future__ import annotations

import struct
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from nachsorge.evidence.images.filesystems import Walked
from nachsorge.evidence.images.medium import Medium

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.images.nodes import Fetch, Key, Node, Trouble

_MODULUS = 0xFFFFFFFF
_OBJECTS = frozenset({0x02, 0x03, 0x0B, 0x0D})
"""Roots and nodes of trees, maps of objects, volumes: what a listing rests on.

Not the container's own block: of its many copies the last one may be half written, and an older one is then valid.
"""

_FLAGS = 0x3FFF0000
_SMALLEST, _LARGEST = 4096, 65_536


class Sums:
    """Reads a container's blocks, and takes note of those whose checksum is not theirs."""

    def __init__(self, below: Medium) -> None:
        """Take the container; `on` says whether what is read now is its book-keeping."""
        self._below = below
        self._block = int.from_bytes(below.at(36, 4), "little")
        self.on = _SMALLEST <= self._block <= _LARGEST
        self.wrong: dict[int, None] = {}
        self.medium = Medium(self._fetch, below.size)

    def _fetch(self, offset: int, size: int) -> bytes:
        data = self._below.at(offset, size)
        if self.on and size == self._block and not offset % size and _is_damaged(data):
            self.wrong[offset // size] = None
        return data


def _is_damaged(block: bytes) -> bool:
    """Tell whether an object's checksum, Fletcher's over words of four bytes, is another than the one in its head."""
    kind = int.from_bytes(block[24:28], "little")
    if kind & 0xFFFF not in _OBJECTS or kind & _FLAGS or len(block) % 4:
        return False
    words = struct.unpack(f"<{len(block) // 4 - 2}I", block[8:])
    low, high = sum(words), sum(accumulate(words))
    first = _MODULUS - (low + high) % _MODULUS
    second = _MODULUS - (low + first) % _MODULUS
    return block[:8] != struct.pack("<II", first, second)


class Apfs(Walked):
    """One volume of a container."""

    def __init__(self, volume: Any, sums: Sums) -> None:
        """Take a volume that is open, and what watches over its container."""
        super().__init__("apfs", volume, sums.medium)
        self._sums = sums

    def nodes(self, trouble: Trouble) -> Iterator[Node | None]:
        """Walk from the root; a block that is damaged may have hidden entries, or changed them."""
        yield from super().nodes(trouble)
        for number in self._sums.wrong:
            trouble.add(f"block {number}, which is damaged")
        self._sums.wrong.clear()

    def open(self, key: Key) -> Fetch:
        """Find a node by its number; from now on the bytes of files are read, which look like anything."""
        self._sums.on = False
        return super().open(key)
