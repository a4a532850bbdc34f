"""What a disk image, or a volume on one, looks like in its first bytes. Nothing else is trusted, save for `.dmg`.

Signatures are those of the formats' published descriptions: EWF, VMDK, VHD, VHDX, QCOW, UDIF; UEFI (GPT); ECMA-119
(ISO 9660); the kernel's superblocks (ext, XFS, btrfs, swap, md, LUKS, LVM); Apple's HFS+ and APFS references.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable

SECTOR = 512
LOOK = 66 * 1024
"""How many bytes of a volume tell its file system (btrfs has its mark at 64 KiB)."""


def _by_place(marks: Iterable[tuple[int, bytes]]) -> tuple[tuple[int, tuple[bytes, ...]], ...]:
    """Put together the marks of one place: nearly every file has none, and is asked once a place."""
    places: dict[int, tuple[bytes, ...]] = {}
    for at, mark in marks:
        places[at] = (*places.get(at, ()), mark)
    return tuple(places.items())


_FORMATS = (
    (b"EVF\x09\x0d\x0a\xff\x00", "ewf"),
    (b"EVF2\x0d\x0a\x81\x00", "ewf"),
    (b"QFI\xfb", "qcow"),
    (b"KDMV", "vmdk"),
    (b"COWD", "vmdk"),
    (b"# Disk DescriptorFile", "vmdk"),
    (b"conectix", "vhd"),
    (b"vhdxfile", "vhd"),
    (b"sprs", "dmg"),
)
_MARKS = tuple(mark for mark, _ in _FORMATS)
_REFUSED = (
    (0, b"LVF\x09\x0d\x0a\xff\x00", "a logical EnCase image (L01)", Reason.NOT_SUPPORTED),
    (0, b"LEF2\x0d\x0a\x81\x00", "a logical EnCase image (Lx01)", Reason.NOT_SUPPORTED),
    (0, b"ADSEGMENTEDFILE", "an AD1 image", Reason.NOT_SUPPORTED),
    (0, b"AFF10\r\n\0", "an AFF image", Reason.NOT_SUPPORTED),
    (64, b"\x7f\x10\xda\xbe", "a VirtualBox disk (VDI)", Reason.NOT_SUPPORTED),
    (0, b"encrcdsa", "an encrypted Apple disk image", Reason.ENCRYPTED),
)
_VOLUMES = (
    (3, b"-FVE-FS-", "bitlocker"),
    (3, b"NTFS    ", "ntfs"),
    (3, b"EXFAT   ", "exfat"),
    (3, b"ReFS", "refs"),
    (0, b"LUKS\xba\xbe", "luks"),
    (0, b"XFSB", "xfs"),
    (0, b"hsqs", "squashfs"),
    (32, b"NXSB", "apfs"),
    (1024, b"H+\0\x04", "hfs"),
    (1024, b"HX\0\x05", "hfs"),
    (1024, b"\x10\x20\xf5\xf2", "f2fs"),
    (4086, b"SWAPSPACE2", "swap"),
    (4096, b"\xfc\x4e\x2b\xa9", "raid"),
    (32769, b"CD001", "iso"),
    (32769, b"BEA01", "udf"),
    (65600, b"_BHRfS_M", "btrfs"),
)
_REFUSED_AT = _by_place((at, mark) for at, mark, _, _ in _REFUSED)
_VOLUMES_AT = _by_place((at, mark) for at, mark, _ in _VOLUMES)
_TO_GO = bytes.fromhex("3bd66749292ed84a8399f6a339e3d001")
"""The identifier of BitLocker To Go, at byte 424 of what looks like a FAT boot sector."""

FROM_THE_FIRST = frozenset(
    {"bitlocker", "ntfs", "fat", "exfat", "refs", "luks", "xfs", "squashfs", "apfs", "iso", "udf"}
)
"""Kinds with a mark in the first sector, where a table would be, or that do without the table that is there."""

UNREAD = {
    "bitlocker": ("BitLocker", Reason.ENCRYPTED),
    "luks": ("LUKS", Reason.ENCRYPTED),
    "filevault": ("Core Storage (FileVault)", Reason.ENCRYPTED),
    "exfat": ("exFAT", Reason.NOT_SUPPORTED),
    "refs": ("ReFS", Reason.NOT_SUPPORTED),
    "btrfs": ("btrfs", Reason.NOT_SUPPORTED),
    "f2fs": ("F2FS", Reason.NOT_SUPPORTED),
    "squashfs": ("SquashFS", Reason.NOT_SUPPORTED),
    "udf": ("UDF", Reason.NOT_SUPPORTED),
    "raid": ("a member of a software RAID", Reason.NOT_SUPPORTED),
}
"""Kinds that are recognised and not read: their name, and why."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A form of image that is recognised and not read."""

    what: str
    reason: Reason


def image_kind(head: bytes, name: str) -> str:
    """Say which form of disk image the first bytes are of: `ewf`, `raw` and so on; empty where they are of none.

    A compressed Apple image has its mark at its end only, so there the ending `.dmg` has to do; whether the mark is
    there is looked at when it is opened.
    """
    if head.startswith(_MARKS):
        return next(kind for mark, kind in _FORMATS if head.startswith(mark))
    if refused(head) is not None:
        return "refused"
    if volume_kind(head) or is_partitioned(head):
        return "raw"
    return "dmg" if name.lower().endswith(".dmg") else ""


def refused(head: bytes) -> Refused | None:
    """Name the form of an image that is not read."""
    for place, marks in _REFUSED_AT:
        if head.startswith(marks, place):
            return next(Refused(what, why) for at, mark, what, why in _REFUSED if head.startswith(mark, at))
    return None


def volume_kind(head: bytes) -> str:
    """Say what a volume's first bytes are of: `ntfs`, `luks` and so on; empty where nothing is recognised."""
    if head[424:440] == _TO_GO:
        return "bitlocker"
    for place, marks in _VOLUMES_AT:
        if head.startswith(marks, place):
            return next(kind for at, mark, kind in _VOLUMES if head.startswith(mark, at))
    if head.find(b"LABELONE", 0, 2048) >= 0 and any(map(partial(_is_label, head), range(0, 2048, 512))):
        return "lvm"
    if head[88:90] == b"CS" and head[8:12] == b"\x01\x00\x10\x00":
        return "filevault"
    return "fat" if _is_fat(head) else "ext" if _is_ext(head) else ""


def is_partitioned(head: bytes) -> bool:
    """Tell whether a partition table begins here: GPT, an Apple partition map, or a plausible MBR."""
    if is_gpt(head):
        return True
    if head[:2] == b"ER" and head[512:514] == b"PM":
        return True
    if head[510:512] != b"\x55\xaa":
        return False
    rows = [head[at : at + 16] for at in range(446, 510, 16)]
    return any(map(any, rows)) and all(_is_row(row) for row in rows)


def is_gpt(head: bytes) -> bool:
    """Tell whether a GPT begins here, for sectors of 512 or of 4,096 bytes."""
    return head[512:520] == b"EFI PART" or head[4096:4104] == b"EFI PART"


def _is_row(row: bytes) -> bool:
    start, size = struct.unpack_from("<II", row, 8)
    return row[0] in (0, 0x80) and (not any(row[1:]) or (row[4] != 0 and start > 0 and size > 0))


def _is_label(head: bytes, at: int) -> bool:
    return head.startswith(b"LABELONE", at) and head.startswith(b"LVM2 001", at + 24)


def _is_fat(head: bytes) -> bool:
    if len(head) < SECTOR or head[510:512] != b"\x55\xaa":
        return False
    size, per_cluster, reserved, tables = struct.unpack_from("<HBHB", head, 11)
    return (
        head[0] in (0xEB, 0xE9)
        and size in (512, 1024, 2048, 4096)
        and per_cluster.bit_count() == 1
        and reserved > 0
        and tables in (1, 2)
        and head[21] >= 0xF0
    )


def _is_ext(head: bytes) -> bool:
    if len(head) < 2048 or head[1080:1082] != b"\x53\xef":
        return False
    inodes: int
    inodes, blocks = struct.unpack_from("<II", head, 1024)
    block, _, per_group = struct.unpack_from("<III", head, 1048)
    state, errors = struct.unpack_from("<HH", head, 1082)
    return inodes > 0 and blocks > 0 and block <= 6 and 0 < per_group <= 1 << 19 and state <= 7 and errors <= 3
