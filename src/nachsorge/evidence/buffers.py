"""Blocks of a stream in a buffer that is used again: a fresh one costs the kernel more than filling it."""

from __future__ import annotations

import io
from threading import local
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLOCK = 256 * 1024
"""Stays in a core's second cache between reading and whoever looks at it."""


class _Mine(local):
    """A thread's own buffer, and whether somebody reads into it."""

    def __init__(self) -> None:
        self.block = memoryview(bytearray(_BLOCK))
        self.lent = False


_MINE = _Mine()


def borrowed(stream: BinaryIO) -> Iterator[memoryview | bytes]:
    """Yield a stream's bytes up to its end; a block holds until the next is asked for. Raises what reading raises."""
    if _MINE.lent or not isinstance(stream, io.BufferedIOBase):
        while text := stream.read(_BLOCK):
            yield text
        return
    _MINE.lent = True
    try:
        while count := stream.readinto(_MINE.block):
            yield _MINE.block[:count]
    finally:
        _MINE.lent = False
