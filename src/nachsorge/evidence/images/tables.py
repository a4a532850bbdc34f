"""Partition tables: MBR with its extended chain, GPT with its copy at the end, Apple's map. Read by our own code.

Sources of the layouts: UEFI specification 2.10, chapter 5 (GPT and MBR); Inside Macintosh: Devices, chapter 3.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from nachsorge.evidence.images.signs import SECTOR

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.images.medium import Medium

MOST = 1024
"""So many partitions are looked at in one table; real ones have up to 128."""

_EXTENDED = frozenset({0x05, 0x0F, 0x85})
_SWAP = 0x82
_FILELESS = {
    UUID("e3c9e316-0b5c-4db8-817d-f92df00215ae"): "reserved by Windows",
    UUID("21686148-6449-6e6f-744e-656564454649"): "BIOS boot code",
    UUID("0657fd6d-a4ab-43c4-84e5-0933c84b4f4f"): "swap",
    UUID("5808c8aa-7e8f-42e0-85d2-e1e90434cfb3"): "metadata of Windows dynamic disks",
}


@dataclass(frozen=True, slots=True)
class Partition:
    """A stretch of a disk in bytes. `number` is the table's own; `fileless` says why no files are to be expected."""

    number: int
    start: int
    size: int
    fileless: str = ""


class TableError(Exception):
    """A partition table is damaged; what was read of it stands in the list all the same."""


def partitions(disk: Medium, problems: list[str]) -> list[Partition]:
    """List the partitions of a disk in the order of the table; damage is told in `problems`."""
    found: list[Partition] = []
    try:
        for partition in _of(disk, problems):
            found.append(partition)
            if len(found) >= MOST:
                raise TableError(f"more than {MOST} partitions; the rest was not looked at")
    except (TableError, struct.error) as error:
        problems.append(f"the partition table is damaged: {error}")
    return found


def _of(disk: Medium, problems: list[str]) -> Iterator[Partition]:
    head = disk.at(0, 8192)
    for sector in (512, 4096):
        if head[sector : sector + 8] == b"EFI PART":
            return _gpt(disk, sector, problems)
    return _apple(disk) if head[:2] == b"ER" and head[512:514] == b"PM" else _mbr(disk)


def _mbr(disk: Medium) -> Iterator[Partition]:
    for number, (kind, start, size) in enumerate(_rows(disk.at(0, SECTOR)), start=1):
        if kind in _EXTENDED:
            yield from _logical(disk, start)
        elif kind:
            yield _partition(number, kind, start, size)


def _logical(disk: Medium, base: int) -> Iterator[Partition]:
    """Follow the chain of an extended partition: each link has one partition and the place of the next link."""
    seen: set[int] = set()
    at, number = base, 5
    while at not in seen:
        seen.add(at)
        block = disk.at(at * SECTOR, SECTOR)
        if block[510:512] != b"\x55\xaa":
            raise TableError(f"no table at sector {at}, where the chain of the extended partition leads")
        following = 0
        for kind, start, size in _rows(block):
            if kind in _EXTENDED:
                following = base + start
            elif kind:
                yield _partition(number, kind, at + start, size)
                number += 1
        if not following:
            return
        at = following
    raise TableError("the chain of the extended partition leads back into itself")


def _rows(block: bytes) -> Iterator[tuple[int, int, int]]:
    for at in range(446, 510, 16):
        start, size = struct.unpack_from("<II", block, at + 8)
        yield (block[at + 4] if size else 0), start, size


def _partition(number: int, kind: int, start: int, size: int) -> Partition:
    return Partition(number, start * SECTOR, size * SECTOR, "swap" if kind == _SWAP else "")


def _gpt(disk: Medium, sector: int, problems: list[str]) -> Iterator[Partition]:
    table = _table(disk, sector, 1)
    if table is None:
        problems.append("the first copy of the partition table is damaged; the one at the disk's end was asked")
        table = _table(disk, sector, disk.size // sector - 1)
    if table is None:
        raise TableError("neither copy of the GPT has a checksum that fits")
    entries, width = table
    for number in range(1, len(entries) // width + 1):
        entry = entries[(number - 1) * width : number * width]
        kind = UUID(bytes_le=entry[:16])
        first, last = struct.unpack_from("<QQ", entry, 32)
        if kind.int and first <= last:
            yield Partition(number, first * sector, (last - first + 1) * sector, _FILELESS.get(kind, ""))


def _table(disk: Medium, sector: int, block: int) -> tuple[bytes, int] | None:
    """Give the entries and the width of one; None where header or entries are not what their checksums say."""
    header = disk.at(block * sector, sector)
    if len(header) < 92 or header[:8] != b"EFI PART":
        return None
    length, checksum = struct.unpack_from("<II", header, 12)
    where, count, width, of_entries = struct.unpack_from("<QIII", header, 72)
    whole = header[:16] + bytes(4) + header[20:length]
    if not (92 <= length <= sector and 128 <= width <= 4096 and count <= MOST) or zlib.crc32(whole) != checksum:
        return None
    entries = disk.at(where * sector, count * width)
    return (entries, width) if zlib.crc32(entries) == of_entries else None


def _apple(disk: Medium) -> Iterator[Partition]:
    (sector,) = struct.unpack_from(">H", disk.at(0, 4), 2)
    sector = sector if sector in (512, 2048) else SECTOR
    count = 1
    number = 0
    while number < min(count, MOST):
        number += 1
        entry = disk.at(number * sector, SECTOR)
        if entry[:2] != b"PM":
            raise TableError(f"no entry {number} in the Apple partition map")
        count, first, blocks = struct.unpack_from(">III", entry, 4)
        kind = entry[48:80].rstrip(b"\0").decode("ascii", "replace")
        if kind.startswith("Apple_HFS") or kind in ("Apple_APFS", "Apple_UFS", "Linux", "Windows_NTFS"):
            yield Partition(number, first * sector, blocks * sector)
