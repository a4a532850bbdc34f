"""Blocks of whole lines, read into memory that is used again.

Fresh memory costs more than what is done with it, so a stream is read into one of two buffers in turn: while a thread
still hashes the one, the other is filled.
"""

from __future__ import annotations

import io
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO

from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.kernel import Kernel
    from nachsorge.evidence.ledger import Ledger

BLOCK = 1024 * 1024
"""What is read at one go. It stays in the processor's second cache while it is searched, counted and checked."""
ROOM = 64 * 1024
"""Before a block, for the line that the last one broke off."""
LONGEST_LINE = 16 * 1024 * 1024
"""A longer line is no log line; it is passed over and named as a gap."""


@dataclass(slots=True)
class Place:
    """Where in a file the next line stands, how many records had no usable time, the last time read, damage since."""

    number: int = 1
    timeless: int = 0
    before: int | None = None
    damaged: bool = False


@dataclass(slots=True)
class Block:
    """Whole lines, at `lo` to `hi` of `data`; only until the next block is asked for.

    A block of no bytes stands for one line that was too long.
    """

    data: bytes | bytearray
    lo: int
    hi: int
    raw: Any = None
    base: int = 0

    def view(self) -> memoryview:
        """Give the lines without copying them."""
        return memoryview(self.data)[self.lo : self.hi]

    def cut(self, start: int, end: int) -> bytes:
        """Copy some bytes."""
        return bytes(memoryview(self.data)[start:end])

    def text(self) -> bytes:
        """Copy all lines."""
        return self.cut(self.lo, self.hi)

    def ready(self, kernel: Kernel) -> bool:
        """Prepare for the kernel; False where it cannot serve (the last line of a file may lack its end)."""
        if self.lo == self.hi or self.data[self.hi - 1] != 0x0A:
            return False
        self.raw, self.base = kernel.array(self.data)
        return True


def whole(data: bytes) -> Block:
    """Make a block of some bytes."""
    return Block(data, 0, len(data))


@dataclass(slots=True)
class Buffers:
    """Two buffers in turn, each with room before the block for the line that the last one broke off."""

    room: int = ROOM
    _turn: int = 0
    _buffers: list[bytearray] = field(default_factory=lambda: [bytearray(), bytearray()])

    def fill(self, stream: BinaryIO, rest: bytes, most: int | None = None) -> tuple[bytearray, int, int]:
        """Read a block, or so many bytes at most, behind what is left of the last; gives (buffer, first byte, end)."""
        while len(rest) > self.room:
            self.room *= 4
        self._turn ^= 1
        buffer = self._buffers[self._turn]
        if len(buffer) != self.room + BLOCK:
            buffer = self._buffers[self._turn] = bytearray(self.room + BLOCK)
        start = self.room - len(rest)
        buffer[start : self.room] = rest
        # One read only: a stream that breaks off at the next one has given this much.
        with memoryview(buffer) as view:
            wanted = BLOCK if most is None else min(most, BLOCK)
            return buffer, start, self.room + read_into(stream, view[self.room : self.room + wanted])


class _Spare(threading.local):
    """Buffers that nobody uses at the moment: making two of them costs more than reading a small file."""

    def __init__(self) -> None:
        self.buffers: list[Buffers] = []


_SPARE = _Spare()
_UNMADE = getattr(io.RawIOBase, "readinto", None)


def read_into(stream: BinaryIO, view: memoryview) -> int:
    """Fill a view from a stream, which need not be able to do so itself; gives how many bytes there were."""
    if getattr(type(stream), "readinto", None) not in (None, _UNMADE):
        return stream.readinto(view) or 0  # type: ignore[attr-defined]
    data = stream.read(len(view))
    view[: len(data)] = data
    return len(data)


@contextmanager
def borrowed() -> Iterator[Buffers]:
    """Give buffers that nobody uses."""
    buffers = _SPARE.buffers.pop() if _SPARE.buffers else Buffers()
    try:
        yield buffers
    finally:
        if buffers.room == ROOM:  # not those that had to grow
            _SPARE.buffers.append(buffers)


def blocks(stream: BinaryIO, ledger: Ledger, place: Place) -> Iterator[Block]:
    """Cut a stream into blocks of whole lines; a line beyond the limit is skipped, named, and given as no bytes."""
    with borrowed() as buffers:
        yield from _blocks(stream, ledger, place, buffers)


def _blocks(stream: BinaryIO, ledger: Ledger, place: Place, buffers: Buffers) -> Iterator[Block]:
    rest, skipping = b"", False
    while True:
        buffer, start, end = buffers.fill(stream, rest)
        if start + len(rest) == end:
            break
        if skipping:
            start = buffer.find(b"\n", start, end) + 1
            if not start:
                continue
            skipping = False
            yield Block(b"", 0, 0)
        cut = buffer.rfind(b"\n", start, end) + 1 or start
        if cut > start:
            yield Block(buffer, start, cut)
        rest = bytes(memoryview(buffer)[cut:end])
        if len(rest) > LONGEST_LINE:
            _too_long(ledger, place)
            rest, skipping = b"", True
    if skipping:
        yield Block(b"", 0, 0)
    elif rest:
        yield whole(rest)


def _too_long(ledger: Ledger, place: Place) -> None:
    limit = LONGEST_LINE // 2**20
    ledger.gap(Reason.LIMIT, f"a line at or after line {place.number} is longer than {limit} MiB and was not read")
    ledger.records += 1
    ledger.spoil(f"line {place.number}")
