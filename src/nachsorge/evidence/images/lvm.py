"""What the metadata of LVM says of its logical volumes: only those are read whose bytes lie as the library thinks.

The library tells nothing of a volume's kind, and of a thin, cached or mirrored one it would give bytes that are not its
own. The layout is that of LVM2's own sources (label, physical volume header, metadata area header, text).
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nachsorge.evidence.seams import ReadError
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from nachsorge.evidence.images.medium import Medium

PLAIN = frozenset({"striped"})
"""The kind of segment that lies on the disk as it is; LVM calls linear volumes striped over one."""

_SECTOR = 512
_MARK = b" LVM2 x[5A%r0N*>"
_LARGEST = 16 * 1024 * 1024
_AREAS = 16
_LISTS = 2
_KIND = re.compile(r'type = "([^"]+)"')
_DEPTH = 16


@dataclass(frozen=True, slots=True)
class Group:
    """A volume group: over how many disks, and of which kinds of segments each of its volumes is."""

    disks: int
    kinds: dict[str, frozenset[str]]


def group_of(medium: Medium) -> Group:
    """Read the metadata text; ReadError where it is not where it should be."""
    disks: set[str] = set()
    kinds: dict[str, set[str]] = {}
    above: list[str] = []
    for line in _text(medium).splitlines():
        word = line.strip()
        if word.endswith("{") and len(above) < _DEPTH:
            above.append(word[:-1].strip())
        elif word == "}" and above:
            above.pop()
        match above:
            case [_, "physical_volumes", name]:
                disks.add(name)
            case [_, "logical_volumes", name, *segment]:
                found = _KIND.match(word) if segment else None
                kinds.setdefault(name, set()).update([found[1]] if found else [])
    return Group(len(disks), {name: frozenset(each) for name, each in kinds.items()})


def _text(medium: Medium) -> str:
    for start, size in _areas(medium):
        header = medium.at(start, _SECTOR)
        if header[4:20] != _MARK or size > _LARGEST:
            continue
        offset, length = struct.unpack_from("<QQ", header, 40)
        if not _SECTOR <= offset < size or length > size:
            continue
        # The area is a ring: behind its end the text goes on behind the header.
        raw = medium.at(start + offset, min(length, size - offset))
        raw += medium.at(start + _SECTOR, length - len(raw)) if len(raw) < length else b""
        return raw.decode("utf-8", "replace")
    raise ReadError(Reason.CORRUPT, "LVM without readable metadata")


def _areas(medium: Medium) -> list[tuple[int, int]]:
    """List the metadata areas: the second list behind the label; the first one is of the data."""
    head = medium.at(0, 4 * _SECTOR)
    label = next((at for at in range(0, len(head), _SECTOR) if head[at : at + 8] == b"LABELONE"), None)
    if label is None:
        return []
    at, found, lists = label + 32 + 40, list[tuple[int, int]](), 0
    while lists < _LISTS and at + 16 <= len(head) and len(found) < _AREAS:
        start, size = struct.unpack_from("<QQ", head, at)
        at += 16
        if not start:
            lists += 1
        elif lists:
            found.append((start, size))
    return found
