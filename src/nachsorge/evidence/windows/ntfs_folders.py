r"""The folders of an NTFS volume, from its master file table or its change journal, and whole paths by them.

Only folders are kept, some 200 bytes each, of which a volume in use has some 100,000 to 300,000; `MOST` bounds the
table at some 200 MB. What does not fit is counted in `left_out`, and paths through it are not whole.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from nachsorge.evidence.spelling import drive_of
from nachsorge.evidence.windows.ntfs import (
    DOS,
    FOLDER,
    IN_USE,
    MAGIC,
    ROOT,
    Damage,
    decoded,
    flags_and_base,
    number_of,
    record_size,
    sequence_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST = 1_000_000
DEEPEST, LONGEST = 256, 32_767
"""Paths have so many characters at most on Windows; folders that lie deeper are not made in earnest."""

_REMEMBERED, _REMEMBERED_LETTERS = 65_536, 8 * 1024 * 1024
_FIRST, _BLOCK = 4096, 1024
_ROW = struct.Struct("<QHB")


@dataclass(frozen=True, slots=True)
class Path:
    """A folder's path; `whole` where it leads to the volume's root, else it begins somewhere on the way."""

    text: str
    whole: bool
    depth: int = 0


@dataclass(slots=True)
class Folders:
    """Folders by the number of their record. `drive` stands before whole paths."""

    drive: str = "?:"
    left_out: int = 0
    _rows: dict[int, bytes] = field(default_factory=dict)
    _known: dict[int, Path] = field(default_factory=dict)
    _letters: int = 0

    def add(self, number: int, sequence: int, parent: int, name: str, *, gone: bool = False) -> None:
        """Take a folder; one that is known by this number is replaced."""
        if number not in self._rows and len(self._rows) >= MOST:
            self.left_out += 1
            return
        row = _ROW.pack(parent, sequence, gone) + name.encode("utf-16-le", "replace")
        if self._rows.get(number) != row:
            self._forget()
            self._rows[number] = row

    def _forget(self) -> None:
        self._known.clear()
        self._letters = 0

    def knows(self, reference: int) -> bool:
        """Tell whether this very folder is known, not only one that used its record before or after."""
        row = self._rows.get(number_of(reference))
        return row is not None and _same(row, reference)

    def path(self, reference: int) -> Path:
        """Give a folder's path by its reference."""
        found = self._known.get(reference)
        if found is None:
            if len(self._known) >= _REMEMBERED or self._letters >= _REMEMBERED_LETTERS:
                self._forget()
            found = self._known[reference] = self._climb(reference)
            self._letters += len(found.text)
        return found

    def _climb(self, reference: int) -> Path:
        """Go up to the root, or to a folder whose whole path is known; its own ancestor ends the climb as well."""
        names: list[str] = []
        passed: set[int] = set()
        above = Path(self.drive, True)
        while number_of(reference) != ROOT:
            known = self._known.get(reference)
            if known is not None and known.whole:
                above = known
                break
            row = self._rows.get(number_of(reference))
            if row is None or not _same(row, reference) or number_of(reference) in passed:
                return Path("\\".join(reversed(names)), False)
            if len(names) >= DEEPEST:
                return Path(names[0], False)
            passed.add(number_of(reference))
            names.append(row[_ROW.size :].decode("utf-16-le", "replace"))
            reference = _ROW.unpack_from(row)[0]
        text, depth = "\\".join([above.text, *reversed(names)]), above.depth + len(names)
        return Path(text, True, depth) if depth <= DEEPEST and len(text) <= LONGEST else Path(names[0], False)

    def has(self, path: tuple[str, ...]) -> bool:
        """Tell whether a folder is there by its path below the root, case ignored, and not deleted."""
        last = path[-1].lower()
        wanted = "\\".join([self.drive, *path]).lower()
        for number, row in self._rows.items():
            _, sequence, gone = _ROW.unpack_from(row)
            name = row[_ROW.size :].decode("utf-16-le", "replace")
            if not gone and name.lower() == last and self.path(sequence << 48 | number).text.lower() == wanted:
                return True
        return False


def _same(row: bytes, reference: int) -> bool:
    """Tell whether a reference means this folder: the count goes up when a record is given free, not when taken."""
    _, sequence, gone = _ROW.unpack_from(row)
    wanted = sequence_of(reference)
    return wanted in (0, sequence) or bool(gone and (wanted + 1) & 0xFFFF == sequence)


def drive_in(path: str) -> str | None:
    """Give the drive (`C:`) that one of the two folders around a file is called like, as triage tools keep them."""
    for part in reversed(re.split(r"[/\\!]", path)[-3:-1]):
        if (letter := drive_of(part)) is not None:
            return f"{letter}:"
    return None


def joined(folder: Path, name: str) -> str:
    """Write a name behind its folder's path."""
    return f"{folder.text}\\{name}" if folder.text else name


def folders_of(stream: BinaryIO, drive: str = "?:") -> Folders:
    """Read a master file table once and keep its folders. Damaged records are left out; they are told elsewhere."""
    folders = Folders(drive)
    for number, raw in raw_records(stream):
        flags, base = flags_and_base(raw)
        if not raw.startswith(MAGIC) or not (flags & FOLDER or base):
            continue
        try:
            _keep(folders, number, raw)
        except Damage:
            continue
    return folders


def _keep(folders: Folders, number: int, raw: bytes) -> None:
    record = decoded(raw)
    name = next((n for n in record.names if n.space != DOS), next(iter(record.names), None))
    if name is None:
        return
    gone = not record.flags & IN_USE
    if not record.base:
        folders.add(number, record.sequence, name.parent, name.text, gone=gone)
    elif name.folder and not folders.knows(record.base):
        # The name of a folder with many attributes may stand in a further record.
        folders.add(number_of(record.base), sequence_of(record.base), name.parent, name.text, gone=gone)


def raw_records(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Give number and bytes of every record, the last one cut where the file ends; nothing of what is no such table."""
    rest = stream.read(_FIRST)
    size = record_size(rest)
    number = 0
    while size and rest:
        whole = len(rest) // size * size
        for at in range(0, whole, size):
            yield number, rest[at : at + size]
            number += 1
        more = stream.read(_BLOCK * size)
        if not more:
            if whole < len(rest):
                yield number, rest[whole:]
            return
        rest = rest[whole:] + more
