"""Names that deleted entries leave behind in directories of ext2-4."""

from __future__ import annotations

import struct

from nachsorge.evidence.images.ext_slack import names_left
from nachsorge.evidence.images.medium import Medium

BLOCK = 1024


def entry(name: bytes, length: int = 0, inode: int = 12, kind: int = 1) -> bytes:
    used = (8 + len(name) + 3) // 4 * 4
    return struct.pack("<IHBB", inode, length or used, len(name), kind) + name.ljust(used - 8, b"\0")


class Folder:
    number_of_extents = 1

    def __init__(self, size: int) -> None:
        self.size = size

    def get_extent(self, index: int) -> tuple[int, int, int]:
        return 2048, self.size, 0


def left(*entries: bytes) -> list[str]:
    body = b"".join(entries).ljust(BLOCK, b"\0")
    disk = bytes(2048) + body  # of the superblock only the size of blocks is asked: 0, which means 1024
    return list(names_left(Medium(lambda at, size: disk[at : at + size], len(disk)), Folder(len(body))))


def test_the_name_in_the_room_of_the_entry_before_is_found() -> None:
    hidden = entry(b"evil.sh")
    first = entry(b"kept")
    assert left(first[:4] + struct.pack("<H", BLOCK) + first[6:], hidden) == ["evil.sh"]


def test_the_first_entry_of_a_block_is_deleted_by_its_number() -> None:
    assert left(entry(b"gone", inode=0), entry(b"kept", BLOCK - 12)) == ["gone"]


def test_a_name_that_is_in_use_again_is_not_gone() -> None:
    last = entry(b"new", 100)
    assert left(entry(b"back"), last + entry(b"back") + bytes(100 - len(last) - 12)) == []


def test_what_is_no_entry_gives_no_name_and_ends() -> None:
    assert left(b"\xff" * BLOCK) == []
    assert left(entry(b"x", BLOCK) + b"\x01" * 900) == []
    assert left(struct.pack("<IHBB", 1, 0, 1, 1)) == []
