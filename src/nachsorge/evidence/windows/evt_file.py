"""The event log of Windows before Vista (EVT): records one after another in a ring, each with its size at both ends.

Layout: Microsoft, "Event Log File Format" (`EVENTLOGRECORD`, `ELF_LOGFILE_HEADER`). Records are looked for by their
signature wherever they lie, so that a log that was copied while in use, or is damaged, gives what is there: also those
that the ring no longer counts and has not yet written over.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nachsorge.evidence.stamps import plausible
from nachsorge.model.times import SECOND, Instant

if TYPE_CHECKING:
    from collections.abc import Iterator


MAGIC = b"LfLe"
HEADER = 48
_FIELDS = struct.Struct("<I4sIIIIHHHHIIIIII")
_LONGEST = 256 * 1024
_DIRTY = 1


@dataclass(frozen=True, slots=True)
class Found:
    """One record. `texts` are what the message's text is filled with; `data` are the bytes beside them."""

    number: int
    time: Instant | None
    event_id: int
    kind: int
    category: int
    source: str
    computer: str
    texts: tuple[str, ...]
    data: bytes


@dataclass(frozen=True, slots=True)
class Log:
    """A whole log: what its header says, and the places at which records begin."""

    body: bytes
    oldest: int
    next: int
    dirty: bool

    @property
    def counted(self) -> int:
        """Give how many records the header says that the ring holds."""
        return self.next - self.oldest if 0 < self.oldest <= self.next else 0


def log_of(data: bytes) -> Log:
    """Read the header; raises ValueError where the file ends within it."""
    if len(data) < HEADER:
        raise ValueError(f"it ends within its head of {HEADER} bytes")
    following, oldest, _, flags = struct.unpack_from("<IIII", data, 24)
    return Log(data, oldest, following, bool(flags & _DIRTY))


def records_of(log: Log) -> Iterator[Found | int]:
    """Give the records in the file's order; the place of one that cannot be decoded as a number."""
    # The last one may go on behind the header, where the ring begins again.
    ring = log.body + log.body[HEADER : HEADER + _LONGEST]
    at = log.body.find(MAGIC, HEADER)
    while at >= 0:
        start = at - 4
        size = int.from_bytes(ring[start:at], "little")
        if start >= HEADER and _is_one(ring, start, size):
            yield _decoded(ring[start : start + size], start)
            at = log.body.find(MAGIC, max(at + 4, min(start + size, len(log.body))))
        else:
            if start >= HEADER and size != HEADER:
                yield start
            at = log.body.find(MAGIC, at + 4)


def _is_one(ring: bytes, start: int, size: int) -> bool:
    whole = _FIELDS.size <= size <= _LONGEST and start + size <= len(ring)
    return whole and ring[start + size - 4 : start + size] == ring[start : start + 4]


def _decoded(raw: bytes, start: int) -> Found | int:
    fields = _FIELDS.unpack_from(raw)
    _, _, number, seconds, _, event, kind, count, category, _, _, texts_at, _, _, length, data_at = fields
    try:
        source, at = _text(raw, _FIELDS.size)
        computer, _ = _text(raw, at)
        texts, at = [], texts_at
        for _ in range(count):
            text, at = _text(raw, at)
            texts.append(text)
    except ValueError:
        return start
    data = raw[data_at : data_at + length] if length else b""
    time = plausible(seconds * SECOND)
    return Found(number, time, event & 0xFFFF, kind, category, source, computer, tuple(texts), data)


def _text(raw: bytes, at: int) -> tuple[str, int]:
    """Read a text and say what follows it; raises ValueError where it has no end."""
    end = raw.find(b"\0\0", at)
    while end >= 0 and (end - at) % 2:
        end = raw.find(b"\0\0", end + 1)
    if not 0 < at <= end:
        raise ValueError("a text without its end")
    return raw[at:end].decode("utf-16-le", "replace"), end + 2
