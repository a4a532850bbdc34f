"""What of an XFS volume the library would read wrongly, or refuse though it can read it. Runs in `server` only.

Layout: the kernel's `xfs_dsb` (fs/xfs/libxfs/xfs_format.h): every allocation group begins with a superblock.
"""

from __future__ import annotations

import struct

from nachsorge.evidence.images.medium import Medium
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
        raise ReadError(Reason.NOT_SUPPORTED, f"XFS with newer features (0x{unknown:x}), not read")
    if not features & _NEW_IDENTIFIER:
        return medium
    group, count = struct.unpack_from(">II", head, 84)
    return _masked(medium, group * block, min(count, _GROUPS), features & ~_NEW_IDENTIFIER)


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
