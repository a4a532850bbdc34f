"""What of an XFS volume the library would read wrongly, or refuse though it can read it. Runs in `server` only.

Layout: the kernel's `xfs_dsb`, `xfs_dinode` and `xfs_dir3_blk_hdr` (fs/xfs/libxfs/xfs_format.h, xfs_da_format.h): every
allocation group begins with a superblock.
"""

from __future__ import annotations

import struct
from functools import partial

from nachsorge.evidence.images.medium import Medium
from nachsorge.evidence.images.sums import Sums
from nachsorge.evidence.seams import ReadError
from nachsorge.model.words import Reason

_HEAD = 264
_FEATURES = 216
_NEW_IDENTIFIER = 0x4
"""The volume was given another identifier (`xfs_admin -U`, as copies are): its structures keep the old one."""

_TRIED = 0x2F
"""Names with types, sparse inodes, a new identifier, times beyond 2038, many extents: what the tests compare."""

_HARMLESS = 0xC0
"""Exchanging of ranges, and the names of the folders above in attributes: files lie where they did."""

_REPAIR = 0x10
_WITH_SUM = 3
"""The version of an inode that has a checksum."""

_GROUPS = 1_000_000


def as_readable(medium: Medium) -> Medium:
    """Give the volume as the library reads it. Raises ReadError where it would give other bytes than the files'."""
    head = medium.at(0, _HEAD)
    if len(head) < _HEAD:
        raise ReadError(Reason.TRUNCATED, "XFS, cut off within its first block")
    block, _, realtime = struct.unpack_from(">IQQ", head, 4)
    if realtime:
        # Files in the realtime section lie on another device; the library would read this one in its place.
        raise ReadError(Reason.NOT_SUPPORTED, "XFS with a realtime section, which lies on another device")
    if int.from_bytes(head[100:102], "big") & 0xF != 5:
        return medium
    features = int.from_bytes(head[_FEATURES : _FEATURES + 4], "big")
    if features & _REPAIR:
        raise ReadError(Reason.CORRUPT, "XFS that says it needs to be repaired: repair a copy of it and give that")
    if unknown := features & ~(_TRIED | _HARMLESS):
        raise ReadError(Reason.NOT_SUPPORTED, f"XFS with newer features ({hex(unknown)}), not read")
    if not features & _NEW_IDENTIFIER:
        return medium
    group, count = struct.unpack_from(">II", head, 84)
    return _masked(medium, group * block, min(count, _GROUPS), features & ~_NEW_IDENTIFIER)


def watched(volume: Medium) -> Sums:
    """Have the reading of a volume watched over: the library compares no checksum of an inode or a folder."""
    head = volume.at(0, _HEAD)
    block = int.from_bytes(head[4:8], "big") << min(head[192], 16)
    return Sums(volume, partial(_is_damaged, int.from_bytes(head[104:106], "big"), block))


def _is_damaged(inode: int, folder: int, _: int, data: bytes) -> bool:
    """Tell whether an inode or a folder's block has another CRC-32C than the one in it (version 5 has them)."""
    if data.startswith(b"IN") and len(data) == inode and data[4] == _WITH_SUM:
        at = 100
    elif data.startswith((b"XDB3", b"XDD3")) and len(data) == folder:
        at = 4
    else:
        return False
    crc = 0xFFFFFFFF
    for byte in data[:at] + bytes(4) + data[at + 4 :]:
        crc = crc >> 8 ^ _TABLE[(crc ^ byte) & 0xFF]
    return data[at : at + 4] != (crc ^ 0xFFFFFFFF).to_bytes(4, "little")


def _of_one(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
    return byte


_TABLE = tuple(map(_of_one, range(256)))


def _masked(medium: Medium, group: int, count: int, features: int) -> Medium:
    """Hide the mark of a new identifier, which the library refuses and does not need: it compares none."""
    hidden = features.to_bytes(4, "big")

    def fetch(offset: int, size: int) -> bytes:
        data = bytearray(medium.at(offset, size))
        first = max(0, (offset - _FEATURES - 3) // group) if group else 0
        for number in range(first, count if group else 1):
            at = number * group + _FEATURES - offset
            if at >= len(data):
                break
            for place, byte in enumerate(hidden, start=at):
                if 0 <= place < len(data):
                    data[place] = byte
        return bytes(data)

    return Medium(fetch, medium.size)
