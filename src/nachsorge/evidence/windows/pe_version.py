"""What a Windows program says of itself: the version resource, the linker's time, the kind of machine.

Layout: Microsoft, "PE Format" (headers, section table, resource directory tree) and "Version Information" in the Win32
reference (VS_VERSIONINFO, VS_FIXEDFILEINFO, StringFileInfo). Only the headers, the branch of the tree with the version,
and the version itself are read, however large the file; every count and size is bounded.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from nachsorge.evidence.clocks import unix_seconds
from nachsorge.evidence.seams import ReadError
from nachsorge.evidence.windows.authenticode import LARGEST, Signature, signature_of
from nachsorge.model.times import Instant
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO


MACHINES = {0x14C: "x86", 0x8664: "x64", 0xAA64: "arm64", 0x1C4: "arm"}
LARGEST_VERSION = 1024 * 1024
"""Version resources have some kilobytes; their own length field holds 64 KiB at most."""

_SECTIONS = 96
_ENTRIES = 4096
_LANGUAGES = 16
_VERSION_TYPE = 16
_FIXED = 0xFEEF04BD
_DIRECTORY_BIT = 0x80000000
_STRINGS = 256
_LONGEST = 4096
_LEAST_SIGNATURE = 8


@dataclass(slots=True)
class Stated:
    """The strings of the version resource by their names, and the numbers beside them; empty where there is none.

    `whole` says whether the signature, which stands last, could be read to its end.
    `made` is the linker's time stamp; builds that are to be reproducible put a digest there, so it proves nothing.
    """

    machine: str = ""
    made: Instant | None = None
    library: bool = False
    strings: dict[str, str] = field(default_factory=dict)
    file_version: str = ""
    product_version: str = ""
    signature: Signature = field(default_factory=Signature)
    whole: bool = True


def header_at(head: bytes) -> int | None:
    """Give where the PE header begins, if these first bytes are a PE file's and reach so far; else None."""
    if head[:2] != b"MZ" or len(head) < 64:
        return None
    at = int.from_bytes(head[60:64], "little")
    return at if head[at : at + 4] == b"PE\0\0" else None


def version_of(stream: BinaryIO) -> Stated:
    """Read headers and version resource from a seekable stream.

    Raises:
        ReadError: CORRUPT where it is no PE file or its tables contradict themselves, TRUNCATED where it ends before.
    """
    try:
        return _Image(stream).version()
    except (struct.error, IndexError) as error:
        raise ReadError(Reason.TRUNCATED, f"the program ends within its tables: {error}") from error


class _Image:
    """A PE file with its section table."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream
        head = self._at(0, 64)
        at = int.from_bytes(head[60:64], "little")
        if head[:2] != b"MZ" or self._at(at, 4) != b"PE\0\0":
            raise ReadError(Reason.CORRUPT, "no header of a Windows program")
        machine, sections, stamp, _, _, size, flags = struct.unpack("<HHIIIHH", self._at(at + 4, 20))
        optional = self._at(at + 24, size)
        self.found = Stated(MACHINES.get(machine, f"{machine:#x}"), unix_seconds(stamp), bool(flags & 0x2000))
        wide = optional[:2] == b"\x0b\x02"
        directories = 108 if wide else 92
        (count,) = struct.unpack_from("<I", optional, directories)
        self.resources = struct.unpack_from("<I", optional, directories + 4 + 16)[0] if count > 2 else 0
        table = self._at(at + 24 + size, 40 * min(sections, _SECTIONS))
        self.sections: list[tuple[int, ...]] = [
            struct.unpack_from("<4I", table, start + 8) for start in range(0, len(table) - 39, 40)
        ]

        # The certificate table's entry holds a place in the file, not an address.
        self.signed = struct.unpack_from("<II", optional, directories + 4 + 32) if count > 4 else (0, 0)

    def version(self) -> Stated:
        if self.resources:
            for language in islice(self._languages(), _LANGUAGES):
                where, size = struct.unpack("<II", self._resource(language, 8))
                if size > LARGEST_VERSION:
                    raise ReadError(Reason.LIMIT, f"a version resource of {size} bytes")
                _take(self._at(self._offset(where), size), self.found)
        self._sign()
        return self.found

    def _sign(self) -> None:
        place, size = self.signed
        if not place or size <= _LEAST_SIGNATURE:
            return
        if size > LARGEST:
            self.found.whole = False
            return
        self.stream.seek(place)
        table = read_exactly(self.stream, size)
        self.found.whole = len(table) == size
        self.found.signature = signature_of(table)

    def _languages(self) -> Iterator[int]:
        """Give where the data entries of the version resource lie; of several languages the first few."""
        types = [names for kind, names in self._directory(0) if kind == _VERSION_TYPE]
        for names in types[:1]:
            if names & _DIRECTORY_BIT:
                for _, languages in self._directory(names & ~_DIRECTORY_BIT)[:_LANGUAGES]:
                    if languages & _DIRECTORY_BIT:
                        for _, data in self._directory(languages & ~_DIRECTORY_BIT)[:_LANGUAGES]:
                            if not data & _DIRECTORY_BIT:
                                yield data

    def _directory(self, at: int) -> list[tuple[int, int]]:
        named, numbered = struct.unpack("<HH", self._resource(at + 12, 4))
        count = min(named + numbered, _ENTRIES)
        raw = self._resource(at + 16, 8 * count)
        return [struct.unpack_from("<II", raw, start) for start in range(0, 8 * count, 8)]

    def _resource(self, at: int, size: int) -> bytes:
        return self._at(self._offset(self.resources + at), size)

    def _offset(self, address: int) -> int:
        for virtual, start, raw, place in self.sections:
            if start <= address < start + max(virtual, raw):
                return place + address - start
        raise ReadError(Reason.CORRUPT, "its resources lie in no section")

    def _at(self, at: int, size: int) -> bytes:
        self.stream.seek(at)
        data = read_exactly(self.stream, size)
        if len(data) < size:
            raise ReadError(Reason.TRUNCATED, f"the program ends before byte {at + size}")
        return data


def read_exactly(stream: BinaryIO, size: int) -> bytes:
    """Read so many bytes, fewer only at the end: streams over containers may give less at a time."""
    parts, left = [], size
    while left > 0 and (part := stream.read(left)):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def _take(block: bytes, found: Stated) -> None:
    """Take one VS_VERSIONINFO; what an earlier language said stays."""
    key, value, children, end = _node(block, 0)
    if key != "VS_VERSION_INFO":
        raise ReadError(Reason.CORRUPT, "its version resource is none")
    if len(value) >= 24 and struct.unpack_from("<I", value)[0] == _FIXED:
        found.file_version = found.file_version or _numbers(value, 8)
        found.product_version = found.product_version or _numbers(value, 16)
    for kind, _, tables, tables_end in _nodes(block, children, end):
        if kind == "StringFileInfo":
            for _, _, strings, strings_end in _nodes(block, tables, tables_end):
                for name, raw, _, _ in _nodes(block, strings, strings_end):
                    text = raw.decode("utf-16-le", "replace").partition("\0")[0].strip()[:_LONGEST]
                    if text and len(found.strings) < _STRINGS:
                        found.strings.setdefault(name, text)


def _numbers(value: bytes, at: int) -> str:
    high, low = struct.unpack_from("<II", value, at)
    return ".".join(str(part) for part in (high >> 16, high & 0xFFFF, low >> 16, low & 0xFFFF))


def _nodes(block: bytes, at: int, end: int) -> Iterator[tuple[str, bytes, int, int]]:
    while at + 6 <= end:
        size = int.from_bytes(block[at : at + 2], "little")
        if size < 6:
            return
        yield _node(block, at)
        at = _aligned(at + size)


def _node(block: bytes, at: int) -> tuple[str, bytes, int, int]:
    """Give a node's name, its value, where its children begin and where it ends."""
    size, length, text = struct.unpack_from("<3H", block, at)
    end = min(at + size, len(block))
    stop = at + 6
    while stop + 2 <= end and block[stop : stop + 2] != b"\0\0":
        stop += 2
    key = block[at + 6 : stop].decode("utf-16-le", "replace")
    start = _aligned(stop + 2)
    # The length counts characters where the value is text. Some compilers count bytes: never read beyond the node.
    until = min(start + length * (2 if text == 1 else 1), end)
    return key, block[start:until], _aligned(until), end


def _aligned(at: int) -> int:
    return (at + 3) & ~3
