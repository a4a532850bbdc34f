"""Bytes that can be read anywhere: the disk in an image, a volume on it, a shadow copy of that."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

STEP = 1024 * 1024


class Medium:
    """A stretch of bytes with the methods that the libraries call on a file object; reading only."""

    def __init__(self, fetch: Callable[[int, int], bytes], size: int) -> None:
        """Take what gives (up to) `size` bytes from an offset, and how many bytes there are."""
        self._fetch = fetch
        self.size = size
        self.notes: list[str] = []
        self.checksum: tuple[str, str] | None = None
        """The algorithm and the digest of all bytes, as the image states them; None where its form has none."""
        self._at = 0

    def at(self, offset: int, size: int) -> bytes:
        """Give bytes from an offset: fewer behind the end. Raises OSError where they cannot be read."""
        wanted = min(size, self.size - offset)
        parts: list[bytes] = []
        while wanted > 0 and (data := self._fetch(offset, min(wanted, STEP))):
            parts.append(data)
            offset, wanted = offset + len(data), wanted - len(data)
        return b"".join(parts)

    def part(self, start: int, size: int) -> Medium:
        """Give a stretch of this one; what lies behind its end reads as nothing."""
        return Medium(lambda offset, wanted: self.at(start + offset, wanted), max(0, min(size, self.size - start)))

    def read(self, size: int = -1) -> bytes:
        """Read on from where the reading stands."""
        data = self.at(self._at, self.size - self._at if size < 0 else size)
        self._at += len(data)
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to an offset."""
        self._at = max(0, offset + (0, self._at, self.size)[whence])
        return self._at

    def tell(self) -> int:
        """Give the offset of the next byte."""
        return self._at

    def get_size(self) -> int:
        """Give the size, under the name that the libraries ask for."""
        return self.size


def of_files(descriptors: Sequence[int]) -> Medium:
    """Make one medium of open files, one behind the other."""
    parts = [of_file(descriptor) for descriptor in descriptors]
    return parts[0] if len(parts) == 1 else _chained(parts)


def of_file(descriptor: int) -> Medium:
    """Make a medium of an open file."""
    return Medium(lambda offset, size: os.pread(descriptor, size, offset), os.fstat(descriptor).st_size)


def _chained(parts: Sequence[Medium]) -> Medium:
    def fetch(offset: int, size: int) -> bytes:
        for part in parts:
            if offset < part.size:
                return part.at(offset, size)
            offset -= part.size
        return b""

    return Medium(fetch, sum(part.size for part in parts))
