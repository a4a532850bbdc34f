"""Writes a binary lock file of Bun with given packages: for the positive control, and for tests. See `bun_lockb`."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nachsorge.evidence.bun_lockb import (
    BIN,
    COLUMNS,
    HASH,
    HEAD,
    MARK,
    META,
    NUMBERS,
    POINTER,
    RESOLUTION,
    SCRIPTS,
    SIZES,
    TEXT,
    Tag,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

_INLINE = 8
_ARRAYS = (b"Tree", b"u32", b"u32", b"[26]u8", b"ExternalString")


@dataclass(frozen=True, slots=True)
class Entry:
    """One package: `values` are the texts of what it was resolved to, `numbers` those of its version.

    For one of a registry the texts are its address, what stands behind a hyphen in its version, and behind a plus.
    """

    name: str
    tag: int
    values: tuple[str, ...] = ()
    numbers: tuple[int, int, int] = (0, 0, 0)
    digest: tuple[int, bytes] = (0, b"")


def made(entries: Sequence[Entry], version: int = 3) -> bytes:
    """Write the file."""
    pool = bytearray()
    columns = [bytearray() for _ in range(COLUMNS)]
    for number, entry in enumerate(entries):
        kind, digest = entry.digest
        meta = struct.pack("<8xI8xB64sB2x", number, kind, digest, 1)
        assert len(meta) == META  # as Bun's own
        name, resolution = _string(entry.name, pool), _resolution(entry, version, pool)
        parts = (name, bytes(8), resolution, bytes(8), bytes(8), meta, bytes(BIN), bytes(SCRIPTS))
        for column, part in zip(columns, parts, strict=True):
            column += part
    packages, begin = b"".join(columns), HEAD + SIZES.size
    arrays = _arrays(begin + len(packages), bytes(pool))
    total = begin + len(packages) + len(arrays)
    sizes = SIZES.pack(total, len(entries), 8, COLUMNS, begin, begin + len(packages))
    return MARK + struct.pack("<I", version) + bytes(HASH) + sizes + packages + arrays


def _string(text: str, pool: bytearray) -> bytes:
    raw = text.encode()
    if len(raw) < _INLINE or (len(raw) == _INLINE and not raw[-1] & POINTER):
        return raw.ljust(_INLINE, b"\0")
    pool += raw
    return struct.pack("<II", len(pool) - len(raw), len(raw) | POINTER << 24)


def _resolution(entry: Entry, version: int, pool: bytearray) -> bytes:
    texts = [_string(text, pool) for text in entry.values]
    if entry.tag == Tag.NPM:
        url, before, build = (*texts, bytes(8), bytes(8))[:3]
        texts = [url, NUMBERS[version].pack(*entry.numbers), before, bytes(8), build, bytes(8)]
    return (bytes([entry.tag]).ljust(8, b"\0") + b"".join(texts)).ljust(RESOLUTION[version], b"\0")


def _arrays(at: int, text: bytes) -> bytes:
    """Give the six arrays, of which only the text has anything in it, and the zeros behind them."""
    out = bytearray()
    lines = [(b"\n<%s> 4 sizeof, 4 alignof\n" % what, b"") for what in _ARRAYS]
    for line, data in [*lines, (b"\n<u8>" + TEXT, text)]:
        start = at + len(out) + 16 + len(line)
        out += struct.pack("<2Q", start, start + len(data)) + line + data
    return bytes(out) + bytes(8)
