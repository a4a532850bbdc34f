"""What may come to a native library in the reader's own process is known by its bytes, whatever it is called."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from typing import TYPE_CHECKING

import pytest

from nachsorge.evidence.evtx_file import MAGIC
from nachsorge.evidence.parts import Part
from nachsorge.evidence.read import unread
from nachsorge.evidence.seams import Root
from nachsorge.evidence.units import Unit, units
from nachsorge.model.words import Platform, Reason
from nachsorge.sweep.natives import any_native, native

if TYPE_CHECKING:
    from pathlib import Path


def unit_of(folder: Path, name: str, body: bytes) -> Unit:
    (folder / name).write_bytes(body)
    (found,) = units([str(folder / name)], {})
    return found


def zipped(name: str, body: bytes) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr(name, body)
    return whole.getvalue()


def tarred(name: str, body: bytes) -> bytes:
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(body)
        archive.addfile(member, io.BytesIO(body))
    return whole.getvalue()


LOG = MAGIC + bytes(4088)
TOLD = {
    "an event log": LOG,
    "an event log with letters behind its mark": MAGIC + b"a" * 4088,
    "a prefetch file": b"\x1e\0\0\0SCCA" + bytes(100),
    "a compressed prefetch file": b"MAM\x04" + bytes(100),
    "one in gzip": gzip.compress(LOG),
    "one in a zip": zipped("x", LOG),
    "one in a tar": tarred("x", LOG),
}


@pytest.mark.parametrize("what", TOLD)
def test_it_is_told_by_content_under_any_name(tmp_path: Path, what: str) -> None:
    for name in ("notes.txt", "dns.log", "x"):
        assert native(unit_of(tmp_path, name, TOLD[what])), name


def test_logs_of_lines_stay_in_this_process(tmp_path: Path) -> None:
    names = ("dns.log", "auth.log", "x.csv")
    plain = [unit_of(tmp_path, name, b"Mar 15 10:00:00 host sshd[1]: x\n") for name in names]
    assert not any_native([*plain, unit_of(tmp_path, "empty", b"")])
    assert any_native([*plain, unit_of(tmp_path, "renamed", LOG)])


def test_a_name_is_enough(tmp_path: Path) -> None:
    gone = [Unit(path=tmp_path / name, shown=name) for name in ("System.EVTX", "X.pf", "KAPE.zip", "disk.E01")]
    assert all(map(native, gone))
    assert not native(Unit(path=tmp_path / "gone.log", shown="gone.log"))


@pytest.mark.parametrize("platform", list(Platform))
def test_a_tree_may_hold_the_logs_of_others(tmp_path: Path, platform: Platform) -> None:
    assert native(Unit(path=tmp_path, shown="x", root=Root(platform=platform, prefix="")))


def test_what_lies_in_a_store_is_not_fetched_to_be_told(tmp_path: Path) -> None:
    assert native(Unit(path=tmp_path / "x.log", shown="x.log", url="s3://bucket.example/x.log"))


def test_what_is_not_read_is_no_matter(tmp_path: Path) -> None:
    trouble = unread("x", Reason.MISSING, "gone")
    assert not native(Unit(path=tmp_path / "x.evtx", shown="x", trouble=trouble))
    assert not native(Unit(path=tmp_path / "x.zip", shown="x", part=Part(digest=True)))


def test_of_many_files_nobody_asks_and_any_may_be_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few = [unit_of(tmp_path, f"{number}.txt", b"a note\n") for number in range(3)]
    assert not any_native(few)
    monkeypatch.setattr("nachsorge.sweep.natives.LOOKED_AT", 2)
    assert any_native(few)
