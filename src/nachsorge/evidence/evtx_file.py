r"""The structure of an EVTX file, walked without rendering anything: what should be there, and what is.

A file is a header of 4 KiB and chunks of 64 KiB; a chunk is a header of 512 bytes and records, each framed by its size.
The parsing library passes over empty and truncated chunks without a word, and gives up a chunk at its first damaged
record. This walk says what it ought to have given.

Format: libyal, "Windows XML Event Log (EVTX)", documentation of libevtx.
"""

from __future__ import annotations

import re
import struct
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, TypeAlias

from nachsorge.evidence import fast

if TYPE_CHECKING:
    from collections.abc import Iterator

MAGIC = b"ElfFile\x00"
HEADER = 4096
CHUNK = 64 * 1024
CHUNK_MAGIC = b"ElfChnk\x00"
_NAMES = 128
_RECORDS = 512
_RECORD_MAGIC = b"\x2a\x2a\x00\x00"
_SMALLEST_RECORD = 28
_ZEROS = bytes(CHUNK)
_WIDE = re.compile(rb"(?:[\t\x20-\x7e\xa0-\xff]\x00){4,}")

DIRTY = 1
FULL = 2


@dataclass(frozen=True, slots=True)
class FileHeader:
    """What the file says of itself: how many chunks, and whether it was closed properly."""

    raw: bytes
    chunks: int
    flags: int

    @property
    def dirty(self) -> bool:
        """Tell whether the log was copied while in use: its header may be older than its chunks."""
        return bool(self.flags & DIRTY)


Frame: TypeAlias = tuple[int, int, int]
"""One record as it lies in its chunk: its number, where it starts, where it ends."""

_LEADING = struct.Struct("<4sIQ").unpack_from
_TRAILING = struct.Struct("<I").unpack_from
_BUCKETS = struct.Struct("<64I").unpack_from


@dataclass(slots=True)
class Chunk:
    """One chunk: its bytes (padded to full size where the file ends early) and the frames found in it.

    `declared` is how many records its header says; `faults` are words for people. `sound` says that the library may
    have it: it would follow names that lead to each other for ever, and finds nothing where the signature is missing.
    """

    index: int
    raw: bytes
    present: int
    frames: list[Frame] = field(default_factory=list)
    declared: int = 0
    faults: list[str] = field(default_factory=list)
    sound: bool = True

    @property
    def truncated(self) -> bool:
        """Tell whether the file ends inside this chunk."""
        return self.present < CHUNK

    @property
    def empty(self) -> bool:
        """Tell whether it was never written to, or wiped."""
        return self.raw == _ZEROS

    def text_of(self, frame: Frame) -> str:
        """Give the readable runs of a record that cannot be rendered, one a line."""
        _, start, end = frame
        runs = _WIDE.findall(self.raw[start:end])
        return "\n".join(run.decode("utf-16-le") for run in runs)


def read_header(stream: BinaryIO) -> FileHeader | None:
    """Read the file header; None where the stream ends inside it."""
    raw = _exactly(stream, HEADER)
    if len(raw) < HEADER:
        return None
    (chunks,) = struct.unpack_from("<H", raw, 42)
    (flags,) = struct.unpack_from("<I", raw, 120)
    return FileHeader(raw, chunks, flags)


def chunks(stream: BinaryIO) -> Iterator[Chunk]:
    """Give every chunk, walked, in the order of the file; a last one that is cut short is padded with zeros."""
    index = 0
    while raw := _exactly(stream, CHUNK):
        chunk = Chunk(index, raw.ljust(CHUNK, b"\x00"), len(raw))
        if not chunk.empty:
            _walk(chunk)
        yield chunk
        index += 1


def _exactly(stream: BinaryIO, size: int) -> bytes:
    parts: list[bytes] = []
    while size > 0 and (part := stream.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _walk(chunk: Chunk) -> None:
    raw = chunk.raw
    if not raw.startswith(CHUNK_MAGIC):
        chunk.faults.append("has no chunk signature")
        chunk.sound = False
        _frames(chunk, CHUNK)
        return
    first, last = struct.unpack_from("<QQ", raw, 24)
    (free,) = struct.unpack_from("<I", raw, 48)
    chunk.declared = last - first + 1 if 0 <= last - first < CHUNK // _SMALLEST_RECORD else 0
    end = free if _RECORDS <= free <= CHUNK else CHUNK
    _frames(chunk, end)
    _check(chunk, end)
    _beyond(chunk, end)
    if _in_a_circle(chunk.raw):
        chunk.faults.append("links its names in a circle")
        chunk.sound = False


def _frames(chunk: Chunk, end: int) -> None:
    """Follow the frames; where the chain breaks, go on at the next frame that is whole."""
    if (kernel := fast.event_kernel()) is not None:
        chunk.frames = kernel.frames(chunk.raw, _RECORDS, end)
        return
    at, raw, frames = _RECORDS, chunk.raw, chunk.frames
    while 0 <= at <= end - _SMALLEST_RECORD:
        magic, size, number = _LEADING(raw, at)
        after = at + size
        # The size stands at both ends of a record.
        if (
            magic == _RECORD_MAGIC
            and size >= _SMALLEST_RECORD
            and after <= CHUNK
            and _TRAILING(raw, after - 4)[0] == size
        ):
            frames.append((number, at, after))
            at = after
        else:
            at = raw.find(_RECORD_MAGIC, at + 1, end)


def _beyond(chunk: Chunk, end: int) -> None:
    """Take records written after the header was: a log copied while in use. Old ones in reused space do not run on."""
    at = end
    while chunk.frames and (frame := _frame(chunk.raw, at)) and frame[0] == chunk.frames[-1][0] + 1:
        chunk.frames.append(frame)
        at = frame[2]
    if at > end:
        count = chunk.frames[-1][0] - chunk.frames[0][0] + 1 - chunk.declared
        chunk.faults.append(f"holds {count} records more than its header says; they were read")
        chunk.declared += count
        last = chunk.frames[-1][0]
        patched = bytearray(chunk.raw)
        struct.pack_into("<Q", patched, 32, last)
        struct.pack_into("<I", patched, 48, at)
        chunk.raw = bytes(patched)


def _in_a_circle(raw: bytes) -> bool:
    """Follow the chains of names, 64 of them; each name begins with the place of the next. A link to itself ends one.

    Template definitions are linked alike, but the library stops there when it meets one again.
    """
    if (kernel := fast.event_kernel()) is not None:
        return kernel.circled(raw, _NAMES, 64)
    done: set[int] = set()
    for at in _BUCKETS(raw, _NAMES):
        chain: set[int] = set()
        while 0 < at <= CHUNK - 4 and at not in done:
            if at in chain:
                return True
            chain.add(at)
            following = _TRAILING(raw, at)[0]
            at = 0 if following == at else following
        done |= chain
    return False


def _frame(raw: bytes, at: int) -> Frame | None:
    if raw[at : at + 4] != _RECORD_MAGIC or at + _SMALLEST_RECORD > len(raw):
        return None
    size, number = struct.unpack_from("<IQ", raw, at + 4)
    end = at + size
    # The size stands at both ends of a record.
    if size < _SMALLEST_RECORD or end > len(raw) or raw[end - 4 : end] != raw[at + 4 : at + 8]:
        return None
    return number, at, end


def _check(chunk: Chunk, end: int) -> None:
    (of_records,) = struct.unpack_from("<I", chunk.raw, 52)
    (of_header,) = struct.unpack_from("<I", chunk.raw, 124)
    raw = memoryview(chunk.raw)
    if zlib.crc32(raw[128:_RECORDS], zlib.crc32(raw[:120])) != of_header:
        chunk.faults.append("has a wrong header checksum")
    if zlib.crc32(raw[_RECORDS:end]) != of_records:
        chunk.faults.append("has a wrong record checksum")
