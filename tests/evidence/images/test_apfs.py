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
    options = Options(jobs=1)
    assessment = sweep([resolve(str(rows))], [f"mac17={volume}"], Inventory(), options)
    assert {str(sighting.indicator) for sighting in assessment.sightings} == {"evil.example", "evil.app"}


def test_a_damaged_volume_is_a_gap(tmp_path: Path) -> None:
    volume = made(tmp_path, TREE_IN)
    whole = volume.read_bytes()
    tree = Volume(bytearray(whole))._find(TREE)
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


def test_noise_in_its_tree_ends_no_process_and_gives_no_file_without_its_bytes(tmp_path: Path) -> None:
    volume = made(tmp_path, TREE_IN)
    sound = {path: len(what) for path, what in flat(TREE_IN)}
    whole = bytearray(volume.read_bytes())
    tree, chance = Volume(whole)._find(TREE), Random(4)
    for _ in range(25):
        at = tree + chance.randrange(BLOCK)
        with volume.open("r+b") as file:
            file.seek(at)
            file.write(bytes([whole[at] ^ 1 << chance.randrange(8)]))
            entries, ledger = looked(volume)
            file.seek(at)
            file.write(whole[at : at + 1])
        assert not any(why == "failed" for why, _ in told(ledger))
        for entry in entries.values():
            try:
                size = len(content(entry)) if entry.source is not None else entry.size
            except ReadError:
                continue
            assert size == entry.size
        assert set(entries) <= set(sound) or ledger.gaps or len(entries) == len(sound)


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
