"""Puts files into an empty volume of APFS, by Apple's "File System Reference": no tool that can is there for Linux.

The container is made by `mkapfs`; what is written here is judged by `apfsck`, which knows the rules of the format. All
of it fits into one node of the volume's tree.
"""

from __future__ import annotations

import struct
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

BLOCK = 4096
TIME = 1_680_107_400_123_456_789
"""2023-03-29 16:30 UTC in nanoseconds, the time of every file here."""

INODE, XATTR, DSTREAM, EXTENT, ENTRY = 3, 4, 6, 8, 9
SUPERBLOCK, TREE, REFERENCES = 0x0D, 0x0E, 0x0F
SPACE, CHUNKS = 0x05, 0x07
ROOT, FIRST = 2, 16
_FOLDED, _HASHED = 1, 8
_DATA = 25_000
"""The block from which files' bytes lie: free in every container of 128 MiB that `mkapfs` makes."""

Tree = dict[str, "bytes | str | Tree"]


def checksum(block: bytes) -> bytes:
    """Give Fletcher's checksum as APFS takes it, over what follows its own eight bytes."""
    low = high = 0
    for (word,) in struct.iter_unpack("<I", block[8:]):
        low = (low + word) % 0xFFFFFFFF
        high = (high + low) % 0xFFFFFFFF
    first = 0xFFFFFFFF - (low + high) % 0xFFFFFFFF
    return struct.pack("<II", first, 0xFFFFFFFF - (low + first) % 0xFFFFFFFF)


def named(name: str, features: int) -> bytes:
    """Give a name as the keys of a folder hold it: with its length, and with its hash where the volume compares so."""
    raw = name.encode() + b"\0"
    if not features & (_FOLDED | _HASHED):
        return struct.pack("<H", len(raw)) + raw
    folded = features & _FOLDED
    plain = unicodedata.normalize("NFD", unicodedata.normalize("NFD", name).casefold() if folded else name)
    crc = 0xFFFFFFFF
    for byte in plain.encode("utf-32-le"):
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return struct.pack("<I", (crc & 0x3FFFFF) << 10 | len(raw)) + raw


@dataclass
class Volume:
    """A container with one volume, as `mkapfs` makes it, and what is to be put into it."""

    image: bytearray
    features: int = 0
    records: dict[bytes, bytes] = field(default_factory=dict)
    extents: dict[bytes, bytes] = field(default_factory=dict)
    counts: list[int] = field(default_factory=lambda: [0, 0, 0])
    number: int = FIRST
    block: int = _DATA

    places: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for at in range(0, len(self.image), BLOCK):
            own, of = struct.unpack_from("<II", self.image, at + 24)
            self.places.setdefault(of if own & 0xFFFF in (2, 3) and of in (TREE, REFERENCES) else own & 0xFFFF, at)
        self.records = self._read(self._find(TREE))
        (self.features,) = struct.unpack_from("<Q", self.image, self._find(SUPERBLOCK) + 56)

    def put(self, tree: Tree, parent: int = ROOT) -> None:
        """Take a tree of folders, files and links."""
        for name, what in tree.items():
            number, self.number = self.number, self.number + 1
            kind = 4 if isinstance(what, dict) else 10 if isinstance(what, str) else 8
            key = struct.pack("<Q", parent | ENTRY << 60) + named(name, self.features)
            self.records[key] = struct.pack("<QQH", number, TIME, kind)
            fields = [(4, 2, name.encode() + b"\0")]
            if isinstance(what, dict):
                self._inode(number, parent, 0o040755, len(what), fields)
                self.put(what, number)
            elif isinstance(what, str):
                self._inode(number, parent, 0o120777, 1, fields)
                self._link(number, what)
            else:
                blocks = self._bytes(number, what)
                size = struct.pack("<5Q", len(what), blocks * BLOCK, 0, len(what), 0)
                self._inode(number, parent, 0o100644, 1, [*fields, (8, 0x20, size)])
            self.counts[{8: 0, 4: 1, 10: 2}[kind]] += 1

    def _inode(self, number: int, parent: int, mode: int, links: int, fields: list[tuple[int, int, bytes]]) -> None:
        head = b"".join(struct.pack("<BBH", kind, flags, len(data)) for kind, flags, data in fields)
        data = b"".join(data + bytes(-len(data) % 8) for _, _, data in fields)
        plain = struct.pack("<6QQi5IHHQ", parent, number, *(TIME,) * 4, 0x8000, links, 0, 0, 0, 0, 0, mode, 0, 0)
        key = struct.pack("<Q", number | INODE << 60)
        self.records[key] = plain + struct.pack("<HH", len(fields), len(data)) + head + data

    def _link(self, number: int, target: str) -> None:
        name, text = b"com.apple.fs.symlink\0", target.encode() + b"\0"
        key = struct.pack("<QH", number | XATTR << 60, len(name)) + name
        self.records[key] = struct.pack("<HH", 6, len(text)) + text

    def _bytes(self, number: int, data: bytes) -> int:
        """Write a file's bytes, in two pieces that do not lie together where there is more than one block."""
        self.records[struct.pack("<Q", number | DSTREAM << 60)] = struct.pack("<I", 1)
        blocks = -(-len(data) // BLOCK)
        pieces = [part for part in ((0, blocks // 2), (blocks // 2, blocks - blocks // 2)) if part[1]]
        for first, count in pieces:
            at, self.block = self.block, self.block + count + 3
            body = data[first * BLOCK : (first + count) * BLOCK]
            self.image[at * BLOCK : at * BLOCK + len(body)] = body
            key = struct.pack("<QQ", number | EXTENT << 60, first * BLOCK)
            self.records[key] = struct.pack("<QQQ", count * BLOCK, at, 0)
            self.extents[struct.pack("<Q", at | 2 << 60)] = struct.pack("<QQi", count | 1 << 60, number, 1)
        return blocks

    def done(self) -> bytes:
        """Write the trees and what counts them."""
        root = bytearray(self.records[struct.pack("<Q", ROOT | INODE << 60)])
        inside = sum(key.startswith(struct.pack("<Q", ROOT | ENTRY << 60)) for key in self.records)
        struct.pack_into("<i", root, 56, inside)
        self.records[struct.pack("<Q", ROOT | INODE << 60)] = bytes(root)
        self._write(self._find(TREE), self.records)
        self._write(self._find(REFERENCES), self.extents)
        used = {}
        for key, value in self.extents.items():
            used[int.from_bytes(key, "little") & (1 << 60) - 1] = int.from_bytes(value[:8], "little") & (1 << 60) - 1
        total = sum(used.values())
        chunks, space, top = self._find(CHUNKS), self._find(SPACE), self._find(SUPERBLOCK)
        bitmap = int.from_bytes(self.image[chunks + 64 : chunks + 72], "little") * BLOCK
        for start, count in used.items():
            for block in range(start, start + count):
                self.image[bitmap + block // 8] |= 1 << block % 8
        self._add(chunks + 60, "<I", -total)
        self._add(space + 72, "<Q", -total)
        self._add(top + 88, "<Q", total)
        self._add(top + 176, "<Q", self.number - FIRST)
        for place, count in enumerate(self.counts):
            self._add(top + 184 + 8 * place, "<Q", count)
        for at in (chunks, space, top):
            self._sum(at)
        return bytes(self.image)

    def _find(self, kind: int) -> int:
        """Find the block of a kind: by its type, or by what a tree is of."""
        return self.places[kind]

    def _read(self, at: int) -> dict[bytes, bytes]:
        count, table, size = struct.unpack_from("<IHH", self.image, at + 36)
        keys, end = at + 56 + table + size, at + BLOCK - 40
        places = [struct.unpack_from("<4H", self.image, at + 56 + table + 8 * row) for row in range(count)]
        return {
            bytes(self.image[keys + k : keys + k + length]): bytes(self.image[end - v : end - v + size])
            for k, length, v, size in places
        }

    def _write(self, at: int, records: dict[bytes, bytes]) -> None:
        table, keys, values = b"", b"", b""
        hashes = bool(self.features & (_FOLDED | _HASHED))
        for key in sorted(records, key=lambda key: _order(key, hashes=hashes)):
            values = records[key] + values
            table += struct.pack("<4H", len(keys), len(key), len(values), len(records[key]))
            keys += key
        room = -(-len(table) // 64) * 64 or 128
        free = BLOCK - 56 - 40 - room - len(keys) - len(values)
        assert free >= 0, "more than one node holds"
        node = struct.pack("<I", len(records)) + struct.pack("<8H", 0, room, len(keys), free, 0xFFFF, 0, 0xFFFF, 0)
        body = table.ljust(room, b"\0") + keys + bytes(free) + values
        self.image[at + 36 : at + BLOCK - 40] = node + body
        longest = max(map(len, records), default=0), max(map(len, records.values()), default=0)
        struct.pack_into("<IIQ", self.image, at + BLOCK - 24, *longest, len(records))
        self._sum(at)

    def _add(self, at: int, form: str, more: int) -> None:
        struct.pack_into(form, self.image, at, struct.unpack_from(form, self.image, at)[0] + more)

    def _sum(self, at: int) -> None:
        self.image[at : at + 8] = checksum(self.image[at : at + BLOCK])


def _order(key: bytes, *, hashes: bool) -> tuple[int, int, bytes]:
    """Sort keys as the tree does: by object, by kind, then by number, hash or name."""
    (head,) = struct.unpack_from("<Q", key)
    rest = key[8:]
    kind = head >> 60
    more = rest[:4][::-1] if kind == ENTRY and hashes else rest[::-1] if kind == EXTENT else rest[2:]
    return head & (1 << 60) - 1, kind, more


def filled(container: Path, tree: Tree) -> None:
    """Put a tree into a container that `mkapfs` made."""
    volume = Volume(bytearray(container.read_bytes()))
    volume.put(tree)
    container.write_bytes(volume.done())
