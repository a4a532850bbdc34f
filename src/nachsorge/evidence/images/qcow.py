"""QCOW2, versions 2 and 3, read by our own code (QEMU, docs/interop/qcow2.txt).

The library for it gave zeros for some compressed clusters and scrambled bytes of encrypted images, both without a word
(docs/decisions/0011-disk-images.md).
"""

from __future__ import annotations

import struct
import zlib
from collections import OrderedDict
from typing import TYPE_CHECKING, TypeVar

import zstandard

from nachsorge.evidence.images.medium import Medium
from nachsorge.evidence.seams import ReadError
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Callable

Kept = TypeVar("Kept")
_OFFSET = 0x00FFFFFFFFFFFE00
_COMPRESSED = 1 << 62
_ZERO = 1
_DIRTY, _DATA_FILE, _COMPRESSION = 1, 4, 8
_LARGEST_TABLE = 32 * 1024 * 1024
_TABLES, _CLUSTERS = 64, 8


def disk_of_qcow(file: Medium) -> Medium:
    """Give the disk in an image; ReadError where it is of a kind that is not read. Reading raises OSError on damage."""
    image = _Qcow(file)
    disk = Medium(image.fetch, image.size)
    if image.snapshots:
        disk.notes.append(f"{image.snapshots} snapshots within the image were not looked at")
    return disk


class _Qcow:
    def __init__(self, file: Medium) -> None:
        head = file.at(0, 112).ljust(112, b"\0")
        version, backing, backing_size, self.bits, self.size, crypt, l1_size, l1_at = struct.unpack_from(
            ">IQIIQIIQ", head, 4
        )
        (self.snapshots,) = struct.unpack_from(">I", head, 60)
        features, length = struct.unpack_from(">Q", head, 72)[0], struct.unpack_from(">I", head, 100)[0]
        features = features if version == 3 else 0
        other = file.at(backing, min(backing_size, 1023)).decode("utf-8", "replace") if backing else ""
        _refuse(version, crypt, features, other)
        if not 9 <= self.bits <= 21 or l1_size * 8 > _LARGEST_TABLE:
            raise ReadError(Reason.CORRUPT, "the header of the QCOW2 image cannot be right")
        self.file, self.version = file, version
        self.compression = head[104] if features & _COMPRESSION and length > 104 else 0
        if self.compression not in (0, 1):
            raise ReadError(Reason.NOT_SUPPORTED, f"a QCOW2 image with compression {self.compression}, not read")
        self.cluster = 1 << self.bits
        self.entries = self.cluster // 8
        table = file.at(l1_at, l1_size * 8)
        if len(table) < l1_size * 8 or l1_size * self.entries * self.cluster < self.size:
            raise ReadError(Reason.CORRUPT, "the first table of the QCOW2 image is cut short")
        self.table: tuple[int, ...] = struct.unpack(f">{l1_size}Q", table)
        self.tables: OrderedDict[int, tuple[int, ...]] = OrderedDict()
        self.clusters: OrderedDict[int, bytes] = OrderedDict()

    def fetch(self, offset: int, size: int) -> bytes:
        """Give bytes up to the end of their cluster."""
        number, within = divmod(offset, self.cluster)
        size = min(size, self.cluster - within)
        entry = self._entry(number)
        if entry & _COMPRESSED:
            return _kept(self.clusters, entry, _CLUSTERS, lambda: self._unpacked(entry))[within : within + size]
        if not entry & _OFFSET or (self.version == 3 and entry & _ZERO):
            return bytes(size)
        at = entry & _OFFSET
        if at >= self.file.size:
            raise OSError("a cluster lies behind the end of the image")
        # The last cluster of a file may be shorter than the others; what is lacking are zeros.
        return self.file.at(at + within, size).ljust(size, b"\0")

    def _entry(self, number: int) -> int:
        first, second = divmod(number, self.entries)
        at = self.table[first] & _OFFSET
        return _kept(self.tables, at, _TABLES, lambda: self._second(at))[second] if at else 0

    def _second(self, at: int) -> tuple[int, ...]:
        raw = self.file.at(at, self.cluster)
        if len(raw) < self.cluster:
            raise OSError("a table lies behind the end of the image")
        return struct.unpack(f">{self.entries}Q", raw)

    def _unpacked(self, entry: int) -> bytes:
        shift = 62 - (self.bits - 8)
        at = entry & ((1 << shift) - 1)
        sectors = (entry >> shift) & ((1 << (self.bits - 8)) - 1)
        packed = self.file.at(at, (sectors + 1) * 512 - (at & 511))
        try:
            if self.compression:
                data = zstandard.ZstdDecompressor().stream_reader(packed).read(self.cluster)
            else:
                data = zlib.decompressobj(-15).decompress(packed, self.cluster)
        except (zlib.error, zstandard.ZstdError) as error:
            raise OSError(f"a compressed cluster is damaged: {error}") from error
        if len(data) < self.cluster:
            raise OSError("a compressed cluster is cut short")
        return data


def _refuse(version: int, crypt: int, features: int, other: str) -> None:
    if version not in (2, 3):
        raise ReadError(Reason.NOT_SUPPORTED, f"a QCOW image of version {version}, not read")
    if crypt:
        raise ReadError(Reason.ENCRYPTED, "an encrypted QCOW2 image")
    if other:
        raise ReadError(Reason.MISSING, f"holds only what differs from {other[:200]}; join the two first")
    if features & _DATA_FILE:
        raise ReadError(Reason.MISSING, "a QCOW2 image whose data lie in another file, not read; give that one")
    if unknown := features & ~(_DIRTY | _COMPRESSION):
        raise ReadError(Reason.NOT_SUPPORTED, f"a QCOW2 image with features {unknown:#x}, not read")


def _kept(cache: OrderedDict[int, Kept], key: int, most: int, make: Callable[[], Kept]) -> Kept:
    found = cache.get(key)
    if found is None:
        found = cache[key] = make()
        if len(cache) > most:
            cache.popitem(last=False)
    return found
