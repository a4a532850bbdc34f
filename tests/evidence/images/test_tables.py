"""Partition tables, by our own code."""

from __future__ import annotations

import struct
import uuid

from hypothesis import given
from hypothesis import strategies as st
from tests.evidence.images.image_kit import SECTOR, gpt, mbr

from nachsorge.evidence.images.medium import Medium
from nachsorge.evidence.images.signs import is_partitioned
from nachsorge.evidence.images.tables import MOST, Partition, partitions

SWAP = uuid.UUID("0657fd6d-a4ab-43c4-84e5-0933c84b4f4f")


def medium(data: bytes) -> Medium:
    return Medium(lambda offset, size: data[offset : offset + size], len(data))


def read(data: bytes) -> tuple[list[Partition], list[str]]:
    problems: list[str] = []
    return partitions(medium(data), problems), problems


def test_an_mbr_gives_its_partitions_with_their_places() -> None:
    found, problems = read(mbr(bytes(2 * SECTOR), bytes(SECTOR), kinds=(0x83, 0x82)))
    assert found == [Partition(1, 8 * SECTOR, 2 * SECTOR), Partition(2, 10 * SECTOR, SECTOR, "swap")]
    assert not problems


def test_a_gpt_gives_its_partitions_and_says_which_hold_no_files() -> None:
    found, problems = read(gpt(bytes(3 * SECTOR), bytes(SECTOR), kinds=(uuid.uuid4(), SWAP)))
    assert [(p.number, p.start, p.size, p.fileless) for p in found] == [(1, 4096, 1536, ""), (2, 5632, 512, "swap")]
    assert not problems


def test_a_damaged_gpt_is_read_from_its_copy_and_that_is_said() -> None:
    disk = bytearray(gpt(bytes(3 * SECTOR)))
    disk[SECTOR + 40] ^= 1
    found, problems = read(bytes(disk))
    assert [p.size for p in found] == [3 * SECTOR]
    assert len(problems) == 1 and "copy" in problems[0]


def test_a_gpt_damaged_twice_is_a_problem_and_no_partitions() -> None:
    disk = bytearray(gpt(bytes(3 * SECTOR)))
    disk[SECTOR + 40] ^= 1
    disk[-SECTOR + 40] ^= 1
    found, problems = read(bytes(disk))
    assert not found and any("neither copy" in problem for problem in problems)


def extended(*links: tuple[int, int, int]) -> bytes:
    """Make a disk whose extended partition begins at sector 8; links are (place, partition's start, next place)."""
    disk = bytearray(mbr(bytes(64 * SECTOR), kinds=(0x05,)))
    for place, start, following in links:
        row = struct.pack("<B3xB3xII", 0, 0x83, start, 1) + struct.pack("<B3xB3xII", 0, 0x05, following, 1)
        disk[place * SECTOR + 446 : place * SECTOR + 478] = row if following else row[:16] + bytes(16)
        disk[place * SECTOR + 510 : place * SECTOR + 512] = b"\x55\xaa"
    return bytes(disk)


def test_the_chain_of_an_extended_partition_is_followed() -> None:
    found, problems = read(extended((8, 1, 10), (18, 2, 0)))
    assert [(p.number, p.start // SECTOR) for p in found] == [(5, 9), (6, 20)]
    assert not problems


def test_a_chain_that_leads_back_into_itself_ends_and_is_a_problem() -> None:
    found, problems = read(extended((8, 1, 10), (18, 2, 10)))
    assert len(found) == 2
    assert problems == ["the partition table is damaged: the chain of the extended partition leads back into itself"]


def test_a_boot_sector_without_plausible_rows_is_no_table() -> None:
    assert is_partitioned(mbr(bytes(SECTOR)))
    assert not is_partitioned(bytes(510) + b"\x55\xaa")
    assert not is_partitioned(b"\x90" * 510 + b"\x55\xaa")


@given(st.binary(max_size=2048), st.sampled_from((b"", b"EFI PART", b"PM")))
def test_no_bytes_make_it_raise_or_run_on(noise: bytes, mark: bytes) -> None:
    disk = bytearray(noise.ljust(4096, b"\0"))
    disk[510:512] = b"\x55\xaa"
    disk[512 : 512 + len(mark)] = mark
    disk[:2] = b"ER" if mark == b"PM" else disk[:2]
    found, _ = read(bytes(disk))
    assert len(found) <= MOST
