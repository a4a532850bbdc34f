"""Bills of materials of macOS (`BOMStore`): the list of files that a package brought.

A table of numbered blocks; a list of names, of which `Paths` is the tree of files. Its leaves are chained; each entry
has two keys: (number, block of properties), and (number of the folder, name). All numbers are big-endian. Apple
documents nothing; the layout is known from published analyses (bomutils, stuckliste).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from nachsorge.evidence.seams import ReadError
from nachsorge.evidence.text import lenient
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

MAGIC = b"BOMStore"
MOST = 2_000_000
"""So many files are listed; the whole system has about half a million."""

_HEAD = struct.Struct(">8sIIIIII")
_DEEPEST = 200
_TREES = 64
_KINDS = {1: "file", 2: "folder", 3: "link", 4: "device"}
_FULL = struct.Struct(">BBHHIIII")


class Listed(NamedTuple):
    """One file of the list: its path below the place of installation, its kind, and its own time (seconds, 0: none)."""

    path: str
    kind: str
    modified: int


@dataclass(slots=True)
class Bom:
    """One list in memory. After the walk `lost` counts entries that could not be read, `cut` says what was left out."""

    data: bytes
    lost: int = 0
    cut: str = ""
    _blocks: int = field(init=False, default=0)
    _count: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        """Read the head; ReadError where it is cut off."""
        if len(self.data) < _HEAD.size or not self.data.startswith(MAGIC):
            raise ReadError(Reason.TRUNCATED, "shorter than the head of a bill of materials")
        _, _, _, self._blocks, _, _, _ = _HEAD.unpack_from(self.data)
        self._count = self._number(self._blocks)

    def __iter__(self) -> Iterator[Listed]:
        """Give the files; folders are known only at the end, so nothing is given before all was gone through."""
        found: dict[int, tuple[int, str, bytes]] = {}
        for number, about, parent, name in self._entries():
            if number in found:
                self.lost += 1
                continue
            found[number] = parent, name, about
        for number, (_, _, about) in found.items():
            path = _path(number, found)
            if path is None:
                self.lost += 1
            elif path:  # the list begins with the folder of installation itself, which is no file
                yield Listed(path, *_about(about))

    def _number(self, at: int) -> int:
        if not 0 <= at <= len(self.data) - 4:
            raise ReadError(Reason.CORRUPT, "points behind its own end")
        return int.from_bytes(self.data[at : at + 4], "big")

    def _block(self, index: int) -> bytes:
        """Give a block by its number; empty where there is none."""
        if not 0 < index < self._count:
            return b""
        at = self._blocks + 4 + 8 * index
        if at + 8 > len(self.data):
            return b""
        start, size = struct.unpack_from(">II", self.data, at)
        return self.data[start : start + size]

    def _root(self) -> int:
        """Find the block of the tree's topmost page by the name `Paths`."""
        at = struct.unpack_from(">I", self.data, 24)[0]
        left = min(self._number(at), _TREES)
        at += 4
        for _ in range(left):
            index, length = self._number(at), self.data[at + 4 : at + 5]
            if not length:
                break
            if self.data[at + 5 : at + 5 + length[0]] == b"Paths":
                tree = self._block(index)
                if not tree.startswith(b"tree") or len(tree) < 12:
                    raise ReadError(Reason.CORRUPT, "the tree of its paths is damaged")
                return int.from_bytes(tree[8:12], "big")
            at += 5 + length[0]
        raise ReadError(Reason.NOT_SUPPORTED, "a store of blocks without a list of files")

    def _entries(self) -> Iterator[tuple[int, bytes, int, str]]:
        page, known, given = self._leaf(self._root()), set[int](), 0
        while page:
            if page in known:
                raise ReadError(Reason.CORRUPT, "its pages go in a circle")
            known.add(page)
            block = self._block(page)
            if len(block) < 12:
                raise ReadError(Reason.CORRUPT, "a page of its tree is missing: the files behind it were not read")
            count, page = struct.unpack_from(">HI", block, 2)
            self.lost += max(0, count - (len(block) - 12) // 8)
            for key, value in struct.iter_unpack(">II", block[12 : 12 + 8 * min(count, (len(block) - 12) // 8)]):
                if given == MOST:
                    self.cut = f"more than {MOST} files: the rest was not listed"
                    return
                entry = self._entry(key, value)
                if entry is None:
                    self.lost += 1
                else:
                    given += 1
                    yield entry

    def _entry(self, key: int, value: int) -> tuple[int, bytes, int, str] | None:
        key_block, named = self._block(key), self._block(value)
        if len(key_block) < 8 or len(named) < 5:
            return None
        number, about = struct.unpack_from(">II", key_block)
        return number, self._block(about), int.from_bytes(named[:4], "big"), lenient(named[4:].partition(b"\0")[0])

    def _leaf(self, page: int) -> int:
        """Go down to the first page of files."""
        for _ in range(_TREES):
            block = self._block(page)
            if len(block) < 12:
                raise ReadError(Reason.CORRUPT, "the tree of its paths is damaged")
            leaf, count = struct.unpack_from(">HH", block)
            if leaf:
                return page
            if not count or len(block) < 16:
                return 0
            page = int.from_bytes(block[12:16], "big")
        raise ReadError(Reason.CORRUPT, "its tree goes in a circle")


def _path(number: int, found: dict[int, tuple[int, str, bytes]]) -> str | None:
    """Put a path together from its folders; None where one is missing, or they go in a circle."""
    parts: list[str] = []
    while number:
        if number not in found or len(parts) == _DEEPEST:
            return None
        number, name, _ = found[number]
        parts.append(name)
    return "/".join(part for part in reversed(parts) if part not in (".", ""))


def _about(block: bytes) -> tuple[str, int]:
    """Give the kind and the time; a list of names alone has no time."""
    kind = _KINDS.get(block[0], "") if block else ""
    return kind, _FULL.unpack_from(block)[6] if len(block) >= _FULL.size else 0
