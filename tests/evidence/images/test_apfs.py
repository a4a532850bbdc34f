"""APFS: containers made by `mkapfs`, files put into them by `apfs_kit`, and all of it found sound by `apfsck`."""

from __future__ import annotations

import shutil
import subprocess
from random import Random
from typing import TYPE_CHECKING

import pytest
from tests.evidence.images.apfs_kit import BLOCK, TIME, TREE, Tree, Volume, filled
from tests.evidence.images.image_kit import content, looked, told

from nachsorge.assets.inventory import Inventory
from nachsorge.evidence.images.apfs import watched
from nachsorge.evidence.images.medium import Medium
from nachsorge.evidence.seams import ReadError
from nachsorge.packs.library import resolve
from nachsorge.sweep import Options, sweep

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SIZE = 128 << 20
"""Smaller ones the tool refuses; the file is sparse."""

KINDS = {"names without case": [], "names with case": ["-s"], "names as they are spelled": ["-z"]}
TREE_IN: Tree = {
    "Library": {"Preferences": {}, "note.txt": b"x\n"},
    "Users": {"anna": {"Größe-名前.TXT": "Grüße".encode(), "empty": b"", "link": "/private/var/log/system.log"}},
    "big.bin": Random(1).randbytes(300_001),
    "block.bin": Random(2).randbytes(BLOCK),
}


def tool(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path="/sbin:/usr/sbin")
    if found is None:
        pytest.skip(f"NO {name} (apfsprogs): volumes of APFS were NOT tested")
    return found


def container(folder: Path, *options: str) -> Path:
    path = folder / "disk.img"
    with path.open("wb") as file:
        file.truncate(SIZE)
    subprocess.run([tool("mkapfs"), "-L", "Data", *options, str(path)], check=True)
    return path


def made(folder: Path, tree: Tree, *options: str) -> Path:
    """Make a volume with a tree in it, and have it judged: what the other side calls unsound proves nothing here."""
    path = container(folder, *options)
    filled(path, tree)
    judged = subprocess.run([tool("apfsck"), "-cuw", str(path)], check=False, capture_output=True, text=True)
    assert (judged.returncode, judged.stdout) == (0, "")
    return path


def flat(tree: Tree, above: str = "volume-Data/") -> Iterator[tuple[str, bytes | str]]:
    for name, what in tree.items():
        if isinstance(what, dict):
            yield from flat(what, f"{above}{name}/")
        else:
            yield above + name, what


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_volume_has_its_name_and_no_files(kind: str, tmp_path: Path) -> None:
    entries, ledger = looked(container(tmp_path, *KINDS[kind]))
    assert not entries and not ledger.gaps
    assert "volume-Data: APFS, 0 files" in ledger.notes
    assert "volume: snapshots of APFS, if there are any, were not looked at" in ledger.notes


@pytest.mark.parametrize("kind", KINDS)
def test_the_tree_is_the_one_that_was_put_in(kind: str, tmp_path: Path) -> None:
    entries, ledger = looked(made(tmp_path, TREE_IN, *KINDS[kind]))
    wanted = dict(flat(TREE_IN))
    assert {path: content(entry) for path, entry in entries.items() if not entry.is_link} == {
        path: what for path, what in wanted.items() if isinstance(what, bytes)
    }
    assert {path: entry.target for path, entry in entries.items() if entry.is_link} == {
        path: what for path, what in wanted.items() if isinstance(what, str)
    }
    assert {entry.modified for entry in entries.values()} == {TIME // 1000}
    assert not ledger.gaps and f"volume-Data: APFS, {len(wanted)} files" in ledger.notes


def test_a_mac_on_such_a_volume_is_read_as_one(tmp_path: Path) -> None:
    log = b"Mar 29 10:00:00 mac17 sshd[1]: Connection from evil.example\n"
    mac: Tree = {
        "Applications": {"evil.app": b"x"},
        "Library": {"a": b"x"},
        "Users": {"anna": {"b": b"x"}},
        "private": {"var": {"log": {"system.log": log}}},
    }
    volume = made(tmp_path, mac)
    rows = tmp_path / "list.csv"
    rows.write_text("type,value\ndomain,evil.example\nfile_name,evil.app\n")
    assessment = sweep([resolve(str(rows))], [str(volume)], Inventory(), Options(jobs=1))
    assert {str(sighting.indicator) for sighting in assessment.sightings} == {"evil.example", "evil.app"}


def test_a_damaged_volume_is_a_gap(tmp_path: Path) -> None:
    volume = made(tmp_path, TREE_IN)
    whole = volume.read_bytes()
    tree = Volume(bytearray(whole)).places[TREE]
    for name, data in {
        "cut": whole[: SIZE // 8],
        "within its first block": whole[:100],
        "without its tree": whole[:tree] + bytes(BLOCK) + whole[tree + BLOCK :],
        "noise": whole[:40] + Random(3).randbytes(100_000),
    }.items():
        volume.write_bytes(data)
        entries, ledger = looked(volume)
        assert not entries and ledger.gaps, name
        assert {why for why, _ in told(ledger)} <= {"corrupt", "truncated", "unknown-format"}, told(ledger)


def test_any_bit_that_is_wrong_in_its_tree_is_told(tmp_path: Path) -> None:
    """The library itself gives changed names, sizes and places without a word."""
    volume = made(tmp_path, TREE_IN)
    whole = bytearray(volume.read_bytes())
    tree, chance = Volume(whole).places[TREE], Random(4)
    sound = {path: len(what) for path, what in flat(TREE_IN)}
    for _ in range(25):
        # The fields that say what kind of block it is are the library's to refuse.
        at = tree + chance.choice([*range(24), *range(32, BLOCK)])
        with volume.open("r+b") as file:
            file.seek(at)
            file.write(bytes([whole[at] ^ 1 << chance.randrange(8)]))
            file.flush()
            _, ledger = looked(volume)
            file.seek(at)
            file.write(whole[at : at + 1])
        assert {why for why, _ in told(ledger)} == {"corrupt"}, at
    entries, ledger = looked(volume)
    assert set(entries) == set(sound) and not ledger.gaps


def test_bytes_of_files_that_look_like_its_own_blocks_are_no_damage(tmp_path: Path) -> None:
    """As in an image of a disk that lies on the disk."""
    inner = bytes(24) + (2).to_bytes(4, "little") + b"x" * (BLOCK - 28)
    volume = made(tmp_path, {"inner.img": inner, "other": b"x"})
    entries, ledger = looked(volume)
    assert content(entries["volume-Data/inner.img"]) == inner
    assert content(entries["volume-Data/other"]) == b"x" and not ledger.gaps


def test_a_file_whose_bytes_lie_behind_the_end_is_an_error_and_the_others_are_read(tmp_path: Path) -> None:
    path = container(tmp_path)
    volume = Volume(bytearray(path.read_bytes()))
    volume.put({"bad": b"B" * 100, "good": b"G" * 100})
    bad = next(key for key in volume.records if key[7] >> 4 == 8)  # an extent of the first file
    volume.records[bad] = volume.records[bad][:8] + (1 << 40).to_bytes(8, "little") + bytes(8)
    path.write_bytes(volume.done())
    entries, _ = looked(path)
    assert content(entries["volume-Data/good"]) == b"G" * 100
    with pytest.raises(ReadError):
        content(entries["volume-Data/bad"])


def test_a_block_is_judged_by_its_own_checksum_and_only_while_the_volume_is_listed(tmp_path: Path) -> None:
    whole = container(tmp_path).read_bytes()
    tree = Volume(bytearray(whole)).places[TREE]
    damaged = whole[: tree + 100] + b"\xff" + whole[tree + 101 :]
    for data, wrong in ((whole, {}), (damaged, {tree: None})):
        sums = watched(Medium(lambda offset, size, data=data: data[offset : offset + size], len(data)))  # type: ignore[misc]
        for at in (0, tree, tree + 8):
            assert sums.medium.at(at, BLOCK) == data[at : at + BLOCK]
        assert sums.wrong == wrong
        sums.wrong.clear()
        sums.on = False
        sums.medium.at(tree, BLOCK)
        assert not sums.wrong
