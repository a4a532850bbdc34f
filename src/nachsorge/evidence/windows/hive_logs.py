"""Replaying a registry hive's transaction logs, so that what Windows had not yet written into it is seen.

Windows writes changes to `.LOG1` and `.LOG2` first. A hive whose two sequence numbers differ is *dirty*: its newest
state lies in the logs. Rules of the public "Windows registry file format specification" (M. Suhanov), section "Format
of transaction log files": an entry (`HvLE`, Windows 8.1 and later) counts only with both of its Marvin32 hashes
right, entries are applied in order from the hive's sequence number on, and the first missing number ends it. The
older form (`DIRT`) holds one set of sectors.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nachsorge.evidence.windows.hive import BASE, MAGIC

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SEED = (0x884DEF82, 0xC5554E7A)
_ENTRY = struct.Struct("<4sIIIIIQQ")
_SECTOR = 512
_WORD = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Header:
    """What the base block of a hive or of a log says: sequence numbers, file type, size of its data."""

    first: int
    second: int
    type: int
    size: int
    sound: bool

    @property
    def dirty(self) -> bool:
        """Tell whether the file alone is not the newest state."""
        return self.first != self.second or not self.sound


@dataclass(frozen=True, slots=True)
class Replay:
    """A hive after its logs: the bytes, how many entries were applied, and why it is not whole (else empty)."""

    data: bytes
    applied: int
    why: str = ""


def header_of(data: bytes) -> Header | None:
    """Read a base block; None where the bytes are no hive or log, or fewer than the block has."""
    if len(data) < _SECTOR or not data.startswith(MAGIC):
        return None
    first, second = struct.unpack_from("<II", data, 4)
    (kind,) = struct.unpack_from("<I", data, 28)
    (size,) = struct.unpack_from("<I", data, 40)
    checksum = 0
    for (word,) in struct.iter_unpack("<I", data[:508]):
        checksum ^= word
    checksum = {0: 1, _WORD: _WORD - 1}.get(checksum, checksum)
    return Header(first, second, kind, size, checksum == struct.unpack_from("<I", data, 508)[0])


def replay(hive: bytes, logs: Iterable[bytes]) -> Replay:
    """Bring a dirty hive up to date from its logs; a clean one is given back as it is."""
    head = header_of(hive)
    if head is None or not head.dirty:
        return Replay(hive, 0)
    readable = [log for log in logs if header_of(log) is not None]
    if not head.sound:
        return Replay(hive, 0, "its base block is damaged, so that its logs cannot be put in order")
    entries = {entry.sequence: entry for log in readable for entry in _entries(log)}
    if entries:
        return _apply(hive, head, entries)
    for log in readable:
        if (renewed := _sectors(hive, log)) is not None:
            return Replay(renewed, 1)
    return Replay(hive, 0, "its transaction logs hold nothing that can be applied")


@dataclass(frozen=True, slots=True)
class _Entry:
    sequence: int
    size: int
    pages: tuple[tuple[int, bytes], ...]
    begins: bool


def _entries(log: bytes) -> Iterator[_Entry]:
    """Give the log's entries up to the first that is damaged; those before the log's own number are old."""
    head = header_of(log)
    at, since = _SECTOR, head.first if head and head.sound else 0
    while at + _ENTRY.size <= len(log):
        magic, length, _, sequence, size, count, data_hash, head_hash = _ENTRY.unpack_from(log, at)
        entry = log[at : at + length]
        if magic != b"HvLE" or len(entry) < max(length, _ENTRY.size) or length % _SECTOR:
            return
        if marvin32(entry[:32]) != head_hash or marvin32(entry[_ENTRY.size :]) != data_hash:
            return
        pages = _pages(entry, count)
        if pages is None:
            return
        if sequence >= since:
            yield _Entry(sequence, size, pages, sequence == since)
        at += length


def _pages(entry: bytes, count: int) -> tuple[tuple[int, bytes], ...] | None:
    place = _ENTRY.size + 8 * count
    if place > len(entry):
        return None
    pages: list[tuple[int, bytes]] = []
    for index in range(count):
        offset, size = struct.unpack_from("<II", entry, _ENTRY.size + 8 * index)
        if place + size > len(entry):
            return None
        pages.append((offset, entry[place : place + size]))
        place += size
    return tuple(pages)


def _apply(hive: bytes, head: Header, entries: dict[int, _Entry]) -> Replay:
    sequence = min((number for number in entries if number >= head.second), default=0)
    if not sequence or not (sequence <= head.second + 1 or entries[sequence].begins):
        return Replay(hive, 0, f"its transaction logs do not go on from its sequence number {head.second}")
    data, applied = bytearray(hive), 0
    # All of a hive's new part is in the logs, so it cannot grow by more than they hold.
    most = len(hive) + sum(len(page) for entry in entries.values() for _, page in entry.pages)
    while (entry := entries.get(sequence)) is not None:
        if any(BASE + offset + len(page) > most for offset, page in entry.pages):
            return Replay(bytes(data), applied, f"entry {sequence} of its transaction logs lies far outside of it")
        for offset, page in entry.pages:
            data.extend(bytes(max(0, BASE + offset + len(page) - len(data))))
            data[BASE + offset : BASE + offset + len(page)] = page
        applied, sequence = applied + 1, sequence + 1
    return Replay(bytes(data), applied)


def _sectors(hive: bytes, log: bytes) -> bytes | None:
    """Apply the older form: a bitmap of sectors, then those sectors one after the other."""
    head = header_of(log)
    if head is None or head.dirty or log[_SECTOR : _SECTOR + 4] != b"DIRT":
        return None
    bits = log[_SECTOR + 4 : _SECTOR + 4 + head.size // _SECTOR // 8]
    at = -(-(_SECTOR + 4 + len(bits)) // _SECTOR) * _SECTOR
    data = bytearray(hive)
    for number in (8 * place + bit for place, byte in enumerate(bits) for bit in range(8) if byte >> bit & 1):
        target, sector = BASE + number * _SECTOR, log[at : at + _SECTOR]
        if len(sector) < _SECTOR or target > len(hive) + len(log):
            return None
        data.extend(bytes(max(0, target + _SECTOR - len(data))))
        data[target : target + _SECTOR] = sector
        at += _SECTOR
    return bytes(data)


def marvin32(data: bytes, seed: tuple[int, int] = _SEED) -> int:
    """Compute Marvin32, the checksum of log entries; `_SEED` is the registry's own, low word first."""
    low, high = seed
    whole = len(data) // 4 * 4
    for (word,) in struct.iter_unpack("<I", data[:whole]):
        low, high = _mix(low + word & _WORD, high)
    low, high = _mix(low + int.from_bytes(data[whole:] + b"\x80", "little") & _WORD, high)
    low, high = _mix(low, high)
    return high << 32 | low


def _mix(low: int, high: int) -> tuple[int, int]:
    high ^= low
    low = (_left(low, 20) + high) & _WORD
    high = _left(high, 9) ^ low
    low = (_left(low, 27) + high) & _WORD
    return low, _left(high, 19)


def _left(word: int, bits: int) -> int:
    return (word << bits | word >> 32 - bits) & _WORD
