"""Zstandard (RFC 8878), several frames and skippable frames included."""

from __future__ import annotations

from typing import TYPE_CHECKING

import zstandard

from nachsorge.evidence.containers.limits import MIB, Limits
from nachsorge.evidence.containers.pump import DecompressError, Feed, pump
from nachsorge.evidence.containers.single import single
from nachsorge.evidence.seams import Opened, ReadError
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger

MAGIC = b"\x28\xb5\x2f\xfd"
WINDOW = 128 * MIB
"""What `zstd` itself accepts without `--long`."""
_BLOCK_HEADER = 3
_RLE, _RESERVED = 1, 3


class Zstd:
    """One file, compressed."""

    name = "zstd"

    def accepts(self, head: bytes, name: str) -> bool:
        """Recognise a frame, or a skippable frame, which some writers begin with."""
        return head.startswith(MAGIC) or _skippable(head[:4])

    def members(self, source: Opened, limits: Limits, ledger: Ledger) -> Iterator[Opened]:
        """Give the one file inside."""
        return single(source, limits, ledger, unpack, {".tzst": ".tar", ".zst": ""})


class Borders:
    """Tells how much input may be given at once so that at most one block, of at most 128 KiB, comes out.

    Four bytes may stand for a whole block, so a library that has no bound on its output must not be given many
    (RFC 8878, section 3.1.1.2).
    """

    def __init__(self) -> None:
        """Begin at a frame's magic."""
        self._header = b""
        self._wanted, self._in_frame_header, self._body = len(MAGIC) + 1, True, 0

    def part(self, data: memoryview) -> int:
        """Give how many of these bytes come before the next border."""
        taken = 0
        if not self._body:
            taken = min(self._wanted - len(self._header), len(data))
            self._header += data[:taken]
            if len(self._header) == self._wanted:
                self._understand()
        body = min(self._body, len(data) - taken)
        self._body -= body
        return taken + body

    def _understand(self) -> None:
        if self._in_frame_header:
            rest = _frame_header(self._header[len(MAGIC)]) - (self._wanted - len(MAGIC))
            self._wanted += rest
            if rest:
                return
            self._in_frame_header = False
        else:
            number = int.from_bytes(self._header, "little")
            kind, size = number >> 1 & 3, number >> 3
            # Of a reserved kind nothing is known; the library refuses it at its first byte.
            self._body = 1 if kind in (_RLE, _RESERVED) else size
        self._header, self._wanted = b"", _BLOCK_HEADER


def _frame_header(descriptor: int) -> int:
    """Give the size of what lies between the magic and the first block, the descriptor included (section 3.1.1.1)."""
    single = descriptor >> 5 & 1
    content = (single, 2, 4, 8)[descriptor >> 6]
    return 1 + (not single) + (0, 1, 2, 4)[descriptor & 3] + content


class Frame:
    """One frame as the decompressor that `pump` knows; the library's own has no bound on its output."""

    def __init__(self) -> None:
        """Begin a frame."""
        self._engine = zstandard.ZstdDecompressor(max_window_size=WINDOW).decompressobj()
        self._borders = Borders()
        self._input = memoryview(b"")
        self._output = b""
        self._given = 0

    @property
    def eof(self) -> bool:
        """Tell whether the frame ended and all of it was given."""
        return self._engine.eof and self._given >= len(self._output)

    @property
    def needs_input(self) -> bool:
        """Tell whether all input was used and all output given."""
        return not self._engine.eof and not self._input and self._given >= len(self._output)

    @property
    def unused_data(self) -> bytes:
        """Give what followed the frame."""
        return self._engine.unused_data + bytes(self._input)

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """Take input, give at most so many bytes; DecompressError on damage."""
        if data:
            self._input = memoryview(bytes(self._input) + data)
        while self._given >= len(self._output) and self._input and not self._engine.eof:
            size = self._borders.part(self._input)
            part, self._input = self._input[:size], self._input[size:]
            try:
                self._output, self._given = self._engine.decompress(part), 0
            except zstandard.ZstdError as error:
                raise DecompressError(str(error)) from error
        piece = self._output[self._given : self._given + max_length]
        self._given += len(piece)
        return piece


def unpack(feed: Feed) -> Iterator[bytes]:
    """Yield the bytes of all frames; ReadError behind the last good ones."""
    while magic := feed.peek(4):
        if _skippable(magic):
            _skip(feed)
        elif magic == MAGIC:
            yield from pump(Frame, feed, "zstd")
        elif not magic.strip(b"\0"):
            feed.skip_zeros()
        else:
            raise ReadError(Reason.CORRUPT, "bytes that are no zstd data follow the last frame and were not read")


def _skippable(magic: bytes) -> bool:
    return len(magic) == 4 and magic[1:] == b"\x2a\x4d\x18" and 0x50 <= magic[0] <= 0x5F


def _skip(feed: Feed) -> None:
    left = int.from_bytes(feed.exact(8)[4:], "little")
    while left > 0:
        passed = len(feed.exact(min(left, 65536)))
        if not passed:
            raise ReadError(Reason.TRUNCATED, "the zstd data ends within a skippable frame")
        left -= passed
