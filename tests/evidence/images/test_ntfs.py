"""What of NTFS's own book-keeping is read, and from where."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from nachsorge.evidence.images.nodes import Node
from nachsorge.evidence.images.ntfs import _hole, _own

SPARSE = 1


@dataclass
class Stream:
    """A further stream of a file, as the library gives it."""

    extents: tuple[tuple[int, int, int], ...]
    size: int
    name: str = "$J"

    @property
    def number_of_extents(self) -> int:
        return len(self.extents)

    def get_extent(self, index: int) -> tuple[int, int, int]:
        return self.extents[index]


@pytest.mark.parametrize(
    ("stream", "start"),
    [
        (Stream(((0, 4096, SPARSE), (0, 8192, SPARSE), (99, 4096, 0)), 16_384), 12_288),
        (Stream(((99, 4096, 0), (0, 8192, SPARSE)), 12_288), 0),
        (Stream(((0, 1 << 40, SPARSE),), 4096), 4096),
        (Stream((), 0), 0),
        (Stream(((0, 4096, SPARSE), (99, 4096, 0)), 8192, "another"), 0),
    ],
)
def test_a_journal_is_read_from_where_its_data_begin(stream: Stream, start: int) -> None:
    assert _hole(stream) == start


@pytest.mark.parametrize(
    ("path", "key", "own"),
    [
        ("$LogFile", 2, True),
        ("$Extend/$ObjId", 25, True),
        ("Users/a.txt", 99, False),
        ("Users/a.txt:stream", "99:1", False),
    ],
)
def test_the_file_systems_own_files_are_known(path: str, key: int | str, own: bool) -> None:
    assert _own(Node(path=path, key=key)) is own
