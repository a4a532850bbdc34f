"""The files that one image consists of: split images (`.E01`, `.E02`; `.001`, `.002`), and the extents of a VMDK.

Only files beside the first one are ever taken, by names that a split image of that form has. A name that an image
states is used for nothing but to be compared with the names of the folder.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from nachsorge.evidence.entries import open_plain
from nachsorge.evidence.images.ewf2 import DESCRIPTOR, SIGNATURE, goes_on
from nachsorge.evidence.images.signs import LOOK, image_kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_EWF = re.compile(r"\.[es]x?[0-9a-z]{2}\Z", re.IGNORECASE)
_FIRST_EWF = re.compile(r"\.[es]x?01\Z", re.IGNORECASE)
_LATER_EWF = re.compile(r"\.[e-z]x?[0-9a-z]{2}\Z", re.IGNORECASE)
_NUMBERED = re.compile(r"\.(\d{3,4})\Z")
_EXTENT = re.compile(r'^RW \d+ \w+ "([^"\\/]{1,255})"', re.MULTILINE)
_EWF_SECTION = 76
_FOLDER = 100_000
_DESCRIPTOR = 64 * 1024


@dataclass(slots=True)
class Segments:
    """The files of one image in their order; `missing` says what is lacking, `first` whose later part this one is."""

    paths: list[Path] = field(default_factory=list)
    missing: str = ""
    later: str = ""


def segments_of(path: Path) -> Segments:
    """Find what belongs to the image that begins in this file. Raises OSError."""
    head = head_at(path)
    kind = image_kind(head, path.name)
    if kind == "ewf":
        return _ewf(path, head)
    if kind == "vmdk" and head.startswith(b"# Disk DescriptorFile"):
        return _extents(path)
    if kind == "raw" and (number := _NUMBERED.search(path.name)):
        return _numbered(path, number[1])
    return Segments([path])


def part_of(path: Path, head: bytes) -> Path | None:
    """Give the first file of the image whose later part this file is; None where it is no such part."""
    try:
        if _segment(head) > 1:
            chain = _chain(_siblings(path))
            return chain[0] if path in chain else None
        if (numbered := _NUMBERED.search(path.name)) and int(numbered[1]) > 0:
            return _first_numbered(path, numbered[1])
        return _descriptor(path) if path.suffix.lower() == ".vmdk" else None
    except OSError:
        return None


def begun(names: Iterable[str]) -> frozenset[str]:
    """Give what stands before the ending where a file is called as the first part of an EWF image is.

    Whatever else begins so may be a later part, whose ending says little: after `.E99` comes `.EAA`, in time `.EXE`
    and `.FAA`.
    """
    return frozenset(name.rpartition(".")[0] for name in names if _FIRST_EWF.search(name))


def head_at(path: Path) -> bytes:
    """Give a file's first bytes."""
    with open_plain(path) as stream:
        return stream.read(LOOK)


def _segment(head: bytes) -> int:
    """Give an EWF file's number; 0 where it is none."""
    if head.startswith(b"EVF\x09\x0d\x0a\xff\x00"):
        return int.from_bytes(head[9:11], "little")
    return int.from_bytes(head[12:16], "little") if head.startswith(SIGNATURE) else 0


def _siblings(path: Path) -> list[tuple[Path, int]]:
    """List the files of an EWF image with their numbers, as they state them, sorted by these."""
    found = []
    for count, each in enumerate(path.parent.iterdir()):
        if count >= _FOLDER:
            break
        if each.stem == path.stem and _LATER_EWF.search(each.name) and each.is_file() and not each.is_symlink():
            with open_plain(each) as stream:
                number = _segment(stream.read(16))
            if number:
                found.append((each, number))
    return sorted(found, key=lambda one: one[1])


def _ewf(path: Path, head: bytes) -> Segments:
    number = _segment(head)
    if number != 1:
        return Segments(
            later=f"part {number} of a split image, not read: its first part was not given, or this file is not called "
            "as the next part after those that are there"
        )
    siblings = _siblings(path) if _EWF.search(path.name) else [(path, 1)]
    paths = _chain(siblings)
    missing = ""
    if len(paths) < max((its for _, its in siblings), default=1) or _goes_on(paths[-1]):
        missing = f"part {len(paths) + 1} of the split image is missing; what lies behind it cannot be read"
    return Segments(paths, missing)


def _chain(siblings: Sequence[tuple[Path, int]]) -> list[Path]:
    """Give the parts from the first one on, up to the first number that is missing."""
    paths: list[Path] = []
    for each, its in siblings:
        if its == len(paths) + 1:
            paths.append(each)
    return paths


def _goes_on(path: Path) -> bool:
    """Tell whether a part ends with the word that there is another one."""
    with open_plain(path) as stream:
        stream.seek(max(0, stream.seek(0, 2) - _EWF_SECTION))
        tail = stream.read(_EWF_SECTION)
    return tail.startswith(b"next\0") or goes_on(tail[-DESCRIPTOR:])


def _numbered(path: Path, digits: str) -> Segments:
    paths, number = [path], int(digits) + 1
    while (each := _numbered_as(path, digits, number)).is_file() and not each.is_symlink():
        paths.append(each)
        number += 1
    behind = _numbered_as(path, digits, number + 1)
    missing = f"part {number} of the split image is missing" if behind.is_file() else ""
    return Segments(paths, missing)


def _numbered_as(path: Path, digits: str, number: int) -> Path:
    return path.with_name(f"{path.name[: -len(digits)]}{number:0{len(digits)}}")


def _first_numbered(path: Path, digits: str) -> Path | None:
    for number in range(min(2, int(digits))):
        first = _numbered_as(path, digits, number)
        if first.is_file() and image_kind(head_at(first), first.name) == "raw":
            return first if path in _numbered(first, f"{number:0{len(digits)}}").paths else None
    return None


def _extents(path: Path) -> Segments:
    with open_plain(path) as stream:
        names = _EXTENT.findall(stream.read(_DESCRIPTOR).decode("utf-8", "replace"))
    paths = [path.with_name(name) for name in names]
    lacking = [each.name for each in paths if not each.is_file() or each.is_symlink()]
    if lacking or not names:
        what = ", ".join(lacking[:5]) or "its extents"
        return Segments(missing=f"the disk lies in other files, and these are missing: {what}")
    return Segments([path, *paths])


def _descriptor(path: Path) -> Path | None:
    """Find the VMDK beside this one that names it as its extent."""
    stem = re.sub(r"-(?:flat|[sf]\d{3})\Z", "", path.stem)
    other = path.with_name(f"{stem}{path.suffix}")
    if stem == path.stem or not other.is_file() or not head_at(other).startswith(b"# Disk DescriptorFile"):
        return None
    return other if path in _extents(other).paths else None
