"""Which files an image consists of, and which are read with another."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.evidence.images.image_kit import stick

from nachsorge.evidence.images.segments import head_at, part_of, segments_of
from nachsorge.evidence.units import units
from nachsorge.model.words import Reason, Status


def segment(folder: Path, name: str, number: int, last: bool = False) -> Path:
    head = b"EVF\x09\x0d\x0a\xff\x00\x01" + number.to_bytes(2, "little") + bytes(2)
    end = (b"done" if last else b"next").ljust(76, b"\0")
    (folder / name).write_bytes(head + bytes(100) + end)
    return folder / name


def test_the_parts_are_found_by_their_own_numbers(tmp_path: Path) -> None:
    first = segment(tmp_path, "a.E01", 1)
    second = segment(tmp_path, "a.E02", 2, last=True)
    segment(tmp_path, "b.E02", 2)
    found = segments_of(first)
    assert (found.paths, found.missing, found.later) == ([first, second], "", "")


def test_a_part_that_is_missing_is_said(tmp_path: Path) -> None:
    first = segment(tmp_path, "a.E01", 1)
    assert "part 2" in segments_of(first).missing
    segment(tmp_path, "a.E03", 3, last=True)
    found = segments_of(first)
    assert found.paths == [first] and "part 2" in found.missing


def test_a_later_part_belongs_to_its_first(tmp_path: Path) -> None:
    second = segment(tmp_path, "a.E02", 2, last=True)
    assert part_of(second, head_at(second)) is None
    assert "part 2" in segments_of(second).later
    first = segment(tmp_path, "a.E01", 1)
    assert part_of(second, head_at(second)) == first


def test_numbered_files_are_parts_only_of_an_image(tmp_path: Path) -> None:
    for name in ("app.log.001", "app.log.002"):
        (tmp_path / name).write_text("words\n")
    (tmp_path / "disk.001").write_bytes(stick())
    (tmp_path / "disk.002").write_bytes(b"words\n")
    log, part = tmp_path / "app.log.002", tmp_path / "disk.002"
    assert part_of(log, head_at(log)) is None
    assert part_of(part, head_at(part)) == tmp_path / "disk.001"


def test_the_extents_of_a_vmdk_are_taken_from_its_folder_only(tmp_path: Path) -> None:
    text = '# Disk DescriptorFile\nRW 64 FLAT "disk-flat.vmdk" 0\n'
    disk, flat = tmp_path / "disk.vmdk", tmp_path / "disk-flat.vmdk"
    disk.write_text(text)
    assert "disk-flat.vmdk" in segments_of(disk).missing
    flat.write_bytes(stick())
    assert segments_of(disk).paths == [disk, flat]
    assert part_of(flat, head_at(flat)) == disk
    disk.write_text(text.replace("disk-flat.vmdk", "../../etc/shadow"))
    assert segments_of(disk).paths == []


def test_a_part_is_named_as_belonging_to_its_image(tmp_path: Path) -> None:
    segment(tmp_path, "a.E01", 1)
    segment(tmp_path, "a.E02", 2, last=True)
    first, second = units([str(tmp_path)], {})
    assert first.trouble is None
    assert second.trouble is not None and second.trouble.status is Status.SKIPPED
    assert "a.E01" in second.trouble.note and not second.trouble.gaps


@pytest.mark.parametrize("ending", ["E02", "e02", "EAA", "EXE", "FAA", "ZZZ"])
def test_a_small_part_is_one_whatever_its_ending_says(tmp_path: Path, ending: str) -> None:
    """The parts after `.E99` end in letters; here the second one does, for what counts is the number inside."""
    segment(tmp_path, "a.E01", 1)
    segment(tmp_path, f"a.{ending}", 2, last=True)
    found = {Path(unit.shown).name: unit for unit in units([str(tmp_path)], {})}
    trouble = found[f"a.{ending}"].trouble
    assert trouble is not None and trouble.status is Status.SKIPPED
    assert found["a.E01"].trouble is None


@pytest.mark.parametrize("size", [0, 300 * 1024])
def test_a_part_under_a_name_that_none_has_is_not_said_to_be_read(tmp_path: Path, size: int) -> None:
    first = segment(tmp_path, "a.E01", 1)
    other = segment(tmp_path, "a.part2", 2, last=True)
    other.write_bytes(other.read_bytes() + bytes(size))
    found = {Path(unit.shown).name: unit for unit in units([str(tmp_path)], {})}
    assert found["a.part2"].trouble is None
    assert "this file is not called as the next part" in segments_of(other).later
    assert "part 2 of the split image is missing" in segments_of(first).missing


def test_a_part_behind_a_missing_one_is_not_said_to_be_read(tmp_path: Path) -> None:
    segment(tmp_path, "a.E01", 1)
    third = segment(tmp_path, "a.E03", 3, last=True)
    assert part_of(third, head_at(third)) is None


def test_a_part_whose_first_was_not_given_is_not_passed_over(tmp_path: Path) -> None:
    segment(tmp_path, "a.E01", 1)
    second = segment(tmp_path, "a.E02", 2, last=True)
    (unit,) = units([str(second)], {})
    assert unit.trouble is None
    assert Reason.MISSING  # and the container says so: see test_a_later_part_belongs_to_its_first
