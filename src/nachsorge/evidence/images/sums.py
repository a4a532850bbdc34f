"""Checksums of a file system's own blocks, where its library passes over them. Runs in `server` only.

What the library reads while it lists is compared here; the bytes of files have no checksum, and look like anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nachsorge.evidence.images.filesystems import Walked
from nachsorge.evidence.images.medium import Medium

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nachsorge.evidence.images.nodes import Fetch, Key, Node, Trouble


class Sums:
    """Reads a volume, and takes note of the places whose checksum is another than it should be."""

    def __init__(self, below: Medium, is_damaged: Callable[[int, bytes], bool]) -> None:
        """Take the volume, and what judges a block by its place and bytes; it is asked about everything while `on`."""
        self._below, self._is_damaged = below, is_damaged
        self.on = True
        self.wrong: dict[int, None] = {}
        self.medium = Medium(self._fetch, below.size)

    def _fetch(self, offset: int, size: int) -> bytes:
        data = self._below.at(offset, size)
        if self.on and self._is_damaged(offset, data):
            self.wrong[offset] = None
        return data


class Summed(Walked):
    """A volume that is listed under watch."""

    def __init__(self, kind: str, volume: Any, sums: Sums) -> None:
        """Take a volume that is open, and what watches over the reading of it."""
        super().__init__(kind, volume, sums.medium)
        self._sums = sums

    def nodes(self, trouble: Trouble) -> Iterator[Node | None]:
        """Walk from the root; a block that is damaged may have hidden entries, or changed them."""
        yield from super().nodes(trouble)
        for place in self._sums.wrong:
            trouble.add(f"the damaged block at byte {place}")
        self._sums.wrong.clear()

    def open(self, key: Key) -> Fetch:
        """Find a node by its number; from now on the bytes of files are read."""
        self._sums.on = False
        return super().open(key)
