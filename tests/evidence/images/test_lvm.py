"""What the metadata of LVM says, with a made physical volume."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nachsorge.evidence.images.lvm import Group, group_of
from nachsorge.evidence.images.medium import Medium
from nachsorge.evidence.seams import ReadError

SECTOR = 512
START, SIZE = 4096, 8192


def disk(text: str, *, at: int = SECTOR) -> bytes:
    """Make a physical volume whose metadata text begins at an offset in its area, which is a ring."""
    raw = text.encode()
    lists = struct.pack("<QQQQQQQQ", 1 << 20, 0, 0, 0, START, SIZE, 0, 0)
    label = (b"LABELONE" + bytes(16) + b"LVM2 001" + bytes(40) + lists).ljust(SECTOR, b"\0")
    area = bytearray(SIZE)
    header = bytes(4) + b" LVM2 x[5A%r0N*>" + bytes(20) + struct.pack("<QQ", at, len(raw))
    area[:SECTOR] = header.ljust(SECTOR, b"\0")
    ring = SIZE - SECTOR
    for number, byte in enumerate(raw):
        area[SECTOR + (at - SECTOR + number) % ring] = byte
    return (bytes(SECTOR) + label).ljust(START, b"\0") + bytes(area)


def group(data: bytes) -> Group:
    return group_of(Medium(lambda offset, size: data[offset : offset + size], len(data)))


def volume(name: str, *kinds: str) -> str:
    segments = "".join(f'segment{n} {{\nextent_count = 4\n\ntype = "{kind}"\n}}\n' for n, kind in enumerate(kinds, 1))
    return f'{name} {{\nid = "x"\n{segments}}}\n'


def text(disks: int, *volumes: str) -> str:
    some = "".join(f'pv{n} {{\nstatus = ["ALLOCATABLE"]\n}}\n' for n in range(disks))
    return f"vg0 {{\nphysical_volumes {{\n\n{some}}}\n\nlogical_volumes {{\n\n{''.join(volumes)}}}\n}}\n# by hand\n"


def test_every_volume_has_the_kinds_of_its_segments() -> None:
    found = group(disk(text(1, volume("root", "striped", "striped"), volume("data", "thin"))))
    assert found == Group(1, {"root": frozenset({"striped"}), "data": frozenset({"thin"})})


def test_a_group_over_several_disks_says_so() -> None:
    assert group(disk(text(3))).disks == 3


def test_a_text_that_goes_round_the_ring_is_read_whole() -> None:
    assert group(disk(text(1, volume("root", "striped")), at=SIZE - 60)).kinds == {"root": frozenset({"striped"})}


def test_no_metadata_is_an_error() -> None:
    with pytest.raises(ReadError):
        group(bytes(SECTOR) + b"LABELONE" + bytes(4096))


@given(st.binary(min_size=1, max_size=200), st.integers(SECTOR, START + 700))
def test_no_bytes_make_it_raise_anything_else(noise: bytes, where: int) -> None:
    data = bytearray(disk(text(1, volume("root", "striped"))))
    data[where : where + len(noise)] = noise
    try:
        assert group(bytes(data)).disks < 10
    except ReadError:
        return
