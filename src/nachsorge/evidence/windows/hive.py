r"""Registry hives (`regf`), read from bytes: keys by name, their values, their times.

The layout is that of the public "Windows registry file format specification" (M. Suhanov). Nothing is skipped in
silence: a cell that cannot be decoded is counted in `Hive.faults` with its place, and its neighbours are still read.
A hive that refers to its own cells in circles ends in a ReadError, not in an endless walk.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nachsorge.evidence.clocks import filetime
from nachsorge.evidence.seams import ReadError
from nachsorge.evidence.tally import Tally
from nachsorge.model.times import Instant
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator


MAGIC = b"regf"
BASE = 4096
DEEPEST = 512
"""Windows refuses deeper keys (limit of the registry: 512 levels)."""

LARGEST_VALUE = 1024 * 1024
_SEGMENT = 16344
_TOLD = 10_000
_COMPRESSED_NAME = 0x20
_TEXTS = (1, 2, 6)
_NUMBERS = {4: "little", 5: "big", 11: "little"}
_MULTI = 7


class Damage(ValueError):
    """A cell that is not what it is referred to as."""


@dataclass(frozen=True, slots=True)
class HiveValue:
    """One value: its name (empty for the default), its type's number (winnt.h, REG_*) and its bytes."""

    name: str
    type: int
    data: bytes

    @property
    def text(self) -> str:
        """Spell it: strings as they are, lists one a line, numbers in decimal, all else in hexadecimal."""
        if self.type in _TEXTS:
            return _utf16(self.data).partition("\0")[0]
        if self.type == _MULTI:
            return "\n".join(part for part in _utf16(self.data).split("\0") if part)
        if self.type in _NUMBERS and len(self.data) in (4, 8):
            return str(int.from_bytes(self.data, "little" if _NUMBERS[self.type] == "little" else "big"))
        return self.data[:4096].hex()

    @property
    def number(self) -> int:
        """Give a number, 0 where it is none."""
        return int(self.text) if self.type in _NUMBERS and self.text.isdecimal() else 0


def _utf16(data: bytes) -> str:
    return data[: len(data) // 2 * 2].decode("utf-16-le", "replace")


@dataclass(slots=True)
class Hive:
    """A whole hive in memory. `faults` are cells that could not be decoded."""

    data: bytes
    faults: Tally = field(default_factory=Tally)
    left: int = 0
    _told: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Set how many cells may be looked at: a cell that is of use has 24 bytes at least, some are asked twice."""
        self.left = len(self.data) // 12 + 65536

    @property
    def written(self) -> Instant | None:
        """Give the time in the base block; Windows 8.1 and later do not always keep it up to date."""
        return filetime(int.from_bytes(self.data[12:20], "little"))

    @property
    def root(self) -> Key:
        """Give the root key; ReadError with CORRUPT where there is none."""
        try:
            return self.key(self.u32(36), "", 0)
        except Damage as error:
            raise ReadError(Reason.CORRUPT, f"the registry hive has no root key: {error}") from error

    def key(self, offset: int, above: str, depth: int) -> Key:
        """Decode a key node; Damage where it is none."""
        at = self.cell(offset, b"nk")
        flags, written = struct.unpack_from("<HQ", self.data, at + 2)
        size = self.u16(at + 72)
        raw = self.slice(at + 76, size)
        name = raw.decode("latin-1") if flags & _COMPRESSED_NAME else _utf16(raw)
        path = f"{above}\\{name}" if above else name
        return Key(self, at, name, path if depth else "", filetime(written), depth)

    def cell(self, offset: int, signature: bytes = b"") -> int:
        """Give the place of a cell's contents; Damage where it lies outside or is of another kind."""
        self.spend(1)
        at = BASE + offset + 4
        # 76 bytes are the largest fixed part of any cell that is asked for here.
        if offset == 0xFFFFFFFF or at + (76 if signature == b"nk" else 20 if signature else 4) > len(self.data):
            raise Damage(f"a cell at {offset:#x} lies outside the file")
        if signature and self.data[at : at + 2] != signature:
            raise Damage(f"no {signature.decode()} at {offset:#x}")
        return at

    def spend(self, cells: int) -> None:
        """Count what is looked at; ReadError with CORRUPT where it is far more than there can be."""
        self.left -= cells
        if self.left < 0:
            raise ReadError(Reason.CORRUPT, "the registry hive refers to its own cells over and over")

    def u16(self, at: int) -> int:
        """Read a number of two bytes."""
        return int.from_bytes(self.slice(at, 2), "little")

    def u32(self, at: int) -> int:
        """Read a number of four bytes."""
        return int.from_bytes(self.slice(at, 4), "little")

    def fault(self, place: str) -> None:
        """Count a cell that cannot be decoded, once however often it is come across."""
        if place not in self._told:
            self.faults.add(place)
            if len(self._told) < _TOLD:
                self._told.add(place)

    def slice(self, at: int, size: int) -> bytes:
        """Give bytes that must all be there."""
        if at + size > len(self.data):
            raise Damage(f"{size} bytes at {at:#x} reach beyond the end")
        return self.data[at : at + size]


@dataclass(frozen=True, slots=True)
class Key:
    """One key. `path` is relative to the hive's root, `written` the time of its last change."""

    hive: Hive
    at: int
    name: str
    path: str
    written: Instant | None
    depth: int

    def subkeys(self) -> Iterator[Key]:
        """Give the keys below; those that cannot be decoded are counted as faults of the hive."""
        count = self.hive.u32(self.at + 20)
        if not count:
            if self._lists(self.hive.u32(self.at + 28)):
                self.hive.fault(f"{self.path}: 0 keys, but a list of them")
            return
        if self.depth >= DEEPEST:
            self.hive.fault(f"{self.path[-80:]}: deeper than {DEEPEST} levels")
            return
        given = 0
        for offset in self._offsets(self.hive.u32(self.at + 28), 0):
            try:
                yield self.hive.key(offset, self.path, self.depth + 1)
            except Damage as error:
                self.hive.fault(f"below {self.path}: {error}")
            given += 1
        if given != count:
            self.hive.fault(f"{self.path}: {given} keys are listed, of {count}")

    def _lists(self, offset: int) -> bool:
        """Tell whether a list with keys in it stands there; of a key without any, the place may be anything."""
        try:
            at = self.hive.cell(offset)
            return self.hive.slice(at, 2) in (b"lf", b"lh", b"li", b"ri") and self.hive.u16(at + 2) > 0
        except Damage:
            return False

    def _offsets(self, offset: int, level: int) -> Iterator[int]:
        try:
            at = self.hive.cell(offset)
            kind, count = self.hive.slice(at, 2), self.hive.u16(at + 2)
            step = 8 if kind in (b"lf", b"lh") else 4
            listed = [self.hive.u32(at + 4 + step * index) for index in range(count)]
            if kind not in (b"lf", b"lh", b"li", b"ri") or (kind == b"ri" and level > 0):
                raise Damage(f"no list of keys at {offset:#x}")
        except Damage as error:
            self.hive.fault(f"{self.path}: {error}")
            return
        if kind != b"ri":
            yield from listed
            return
        for part in listed:
            yield from self._offsets(part, level + 1)

    def values(self) -> Iterator[HiveValue]:
        """Give the values; those that cannot be decoded are counted as faults of the hive."""
        try:
            count = self.hive.u32(self.at + 36)
            at = self.hive.cell(self.hive.u32(self.at + 40)) if count else 0
        except Damage as error:
            self.hive.fault(f"{self.path}: {error}")
            return
        for index in range(count):
            try:
                yield self._value(self.hive.u32(at + 4 * index))
            except Damage as error:
                self.hive.fault(f"{self.path}: value {index + 1}: {error}")
                if at + 4 * index + 4 > len(self.hive.data):
                    return

    def _value(self, offset: int) -> HiveValue:
        at = self.hive.cell(offset, b"vk")
        length, size, place, kind, flags = struct.unpack_from("<HIIIH", self.hive.data, at + 2)
        raw = self.hive.slice(at + 20, length)
        return HiveValue(raw.decode("latin-1") if flags & 1 else _utf16(raw), kind, self._data(size, place, at))

    def _data(self, size: int, place: int, at: int) -> bytes:
        if size & 0x80000000:  # up to four bytes lie in the place of the offset itself
            return self.hive.slice(at + 8, min(size & 0x7FFFFFFF, 4))
        if size == 0:
            return b""
        if size > LARGEST_VALUE:
            raise Damage(f"{size} bytes, more than the {LARGEST_VALUE} that are read of one value")
        self.hive.spend(size // 64)
        start = self.hive.cell(place)
        if size > _SEGMENT and self.hive.slice(start, 2) == b"db":
            return self._segments(start, size)
        return self.hive.slice(start, size)

    def _segments(self, start: int, size: int) -> bytes:
        listed = self.hive.cell(self.hive.u32(start + 4))
        parts: list[bytes] = []
        for index in range(self.hive.u16(start + 2)):
            part = self.hive.cell(self.hive.u32(listed + 4 * index))
            parts.append(self.hive.slice(part, min(_SEGMENT, size)))
            size -= len(parts[-1])
        if size:
            raise Damage(f"{size} bytes of its data are not there")
        return b"".join(parts)

    def table(self) -> dict[str, HiveValue]:
        """Give the values by name in lower case."""
        return {value.name.lower(): value for value in self.values()}

    def find(self, path: str) -> Key | None:
        """Go down by names, case ignored; None where there is no such key."""
        key: Key | None = self
        for name in path.split("\\"):
            wanted = name.lower()
            key = next((below for below in key.subkeys() if below.name.lower() == wanted), None) if key else None
        return key
