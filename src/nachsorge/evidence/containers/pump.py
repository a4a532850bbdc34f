"""Driving a decompressor with bounded memory, so that all it can give before damage is given."""

from __future__ import annotations

import lzma
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast

from isal import igzip_lib

from nachsorge.evidence.containers.streams import CHUNK
from nachsorge.evidence.seams import ReadError
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Decompressor(Protocol):
    """What the decompressors of the standard library and isal have in common; not two frames in a row."""

    @property
    def eof(self) -> bool:
        """Tell whether the end mark was met."""

    @property
    def needs_input(self) -> bool:
        """Tell whether more input is wanted before more can come out."""

    @property
    def unused_data(self) -> bytes:
        """Give what followed the end mark."""

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        """Take input, give at most so many bytes."""


class DecompressError(Exception):
    """A decompressor of ours found damage; those of libraries have their own words."""


# The stubs of isal declare its error as an instance.
_ISAL = cast("type[Exception]", igzip_lib.IsalError)
_DAMAGE = (_ISAL, lzma.LZMAError, DecompressError, OSError, EOFError, ValueError)


class Feed:
    """Input for decompressors: can be given back, looked into, and be cut at a number of bytes."""

    def __init__(self, raw: BinaryIO, size: int = -1) -> None:
        """Read the stream from where it stands, to its end or for `size` bytes."""
        self._raw = raw
        self._origin = raw.tell() if raw.seekable() else 0
        self._size = size
        self._rest = b""
        self._taken = 0

    def block(self) -> bytes:
        """Give the next input; b"" at the end."""
        if self._rest:
            data, self._rest = self._rest, b""
            return data
        left = CHUNK if self._size < 0 else min(CHUNK, self._size - self._taken)
        data = self._raw.read(left) if left > 0 else b""
        self._taken += len(data)
        return data

    def push(self, data: bytes) -> None:
        """Take back what was not used."""
        self._rest = data + self._rest

    def exact(self, size: int) -> bytes:
        """Give so many bytes; fewer only at the end."""
        data = b""
        while len(data) < size and (more := self.block()):
            data += more
        self.push(data[size:])
        return data[:size]

    def peek(self, size: int) -> bytes:
        """Look ahead."""
        data = self.exact(size)
        self.push(data)
        return data

    def skip_zeros(self) -> None:
        """Pass over padding (tapes, block devices, xz)."""
        while data := self.block():
            if rest := data.lstrip(b"\0"):
                self.push(rest)
                return

    def tell(self) -> int:
        """Give how many bytes were used."""
        return self._taken - len(self._rest)

    def back(self, position: int) -> bool:
        """Go back to a position, where the stream can."""
        if not self._raw.seekable():
            return False
        self._raw.seek(self._origin + position)
        self._taken, self._rest = position, b""
        return True


def pump(make: Callable[[], Decompressor], feed: Feed, what: str) -> Iterator[bytes]:
    """Yield what one compressed frame holds.

    Raises ReadError: TRUNCATED where the input ends first, LIMIT where it wants too much memory, CORRUPT otherwise.
    """
    start, out, engine = feed.tell(), 0, make()
    block = start
    while not engine.eof:
        data = b""
        if engine.needs_input:
            block = feed.tell()
            data = feed.block()
            if not data:
                raise ReadError(Reason.TRUNCATED, f"the {what} data ends early, {out} bytes were unpacked")
        try:
            piece = engine.decompress(data, CHUNK)
        except _DAMAGE as error:
            for last in _up_to_damage(make, feed, (start, block), out):
                out += len(last)
                yield last
            memory = "memory" in str(error).lower()
            note = f"the {what} data is damaged ({error}), {out} bytes were unpacked"
            raise ReadError(Reason.LIMIT if memory else Reason.CORRUPT, note) from error
        if piece:
            out += len(piece)
            yield piece
    feed.push(engine.unused_data)


def _up_to_damage(
    make: Callable[[], Decompressor], feed: Feed, positions: tuple[int, int], out: int
) -> Iterator[bytes]:
    """Give what the failing call kept back: unpack the frame again, the block that failed byte by byte."""
    start, block = positions
    if not feed.back(start):
        return
    engine, passed = make(), 0
    while not engine.eof:
        data = b""
        if engine.needs_input:
            left = block - feed.tell()
            data = feed.exact(min(left, CHUNK) if left > 0 else 1)
            if not data:
                return
        try:
            piece = engine.decompress(data, CHUNK)
        except _DAMAGE:
            return
        passed += len(piece)
        if passed > out and piece:
            yield piece[-min(passed - out, len(piece)) :]


def frames(make: Callable[[], Decompressor], feed: Feed, magic: bytes, what: str) -> Iterator[bytes]:
    """Yield what frames one after the other hold, padding between them allowed; other bytes behind them are a fault."""
    while True:
        yield from pump(make, feed, what)
        feed.skip_zeros()
        following = feed.peek(len(magic))
        if not following:
            return
        if following != magic:
            raise ReadError(Reason.CORRUPT, f"bytes that are no {what} data follow the last frame and were not read")
