"""Walking a directory: everything in it, nothing outside it, and nothing that hangs."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.seams import ReadError
from nachsorge.evidence.trees import Entry, open_plain, walk
from nachsorge.model.words import Reason


class Items(list):
    """What scandir gives, made by hand."""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None


def walked(root: Path) -> tuple[dict[str, Entry], Ledger]:
    ledger = Ledger()
    return {entry.path: entry for entry in walk(root, "case", ledger)}, ledger


def plant(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(path.encode())


def test_all_files_in_the_same_order_every_time(tmp_path):
    plant(tmp_path, "b/2", "b/1", "a", "c/d/e", "z", "b.log")
    os.utime(tmp_path / "a", ns=(0, 1_680_000_000_123_456_000))
    entries, ledger = walked(tmp_path)
    assert list(entries) == ["a", "b.log", "z", "b/1", "b/2", "c/d/e"]
    assert (entries["a"].size, entries["a"].modified, entries["a"].is_link) == (1, 1_680_000_000_123_456, False)
    source = entries["c/d/e"].source
    assert source is not None
    assert (source.path, source.name, source.local) == ("case/c/d/e", "e", tmp_path / "c/d/e")
    with source.open() as stream:
        assert stream.read() == b"c/d/e"
    assert not ledger.gaps and not ledger.notes


def test_links_are_entries_and_never_followed(tmp_path):
    outside = tmp_path / "outside"
    plant(outside, "secret")
    root = tmp_path / "tree"
    plant(root, "file")
    (root / "loop").symlink_to(root)
    (root / "out").symlink_to(outside)
    (root / "to_file").symlink_to(outside / "secret")
    (root / "dangling").symlink_to("nowhere")
    entries, ledger = walked(root)
    assert sorted(entries) == ["dangling", "file", "loop", "out", "to_file"]
    assert entries["dangling"].target == "nowhere"
    assert all(
        entries[name].is_link and entries[name].source is None for name in ("loop", "out", "to_file", "dangling")
    )
    assert len(ledger.notes) == 1 and "loop ->" in ledger.notes[0]
    (gap,) = ledger.gaps
    assert gap.reason is Reason.LINK_OUTSIDE
    assert "out ->" in gap.note and "to_file ->" in gap.note and "dangling" not in gap.note


def test_absolute_links_are_meant_from_the_root_of_the_collected_host(tmp_path):
    plant(tmp_path / "private" / "var", "log")
    (tmp_path / "var").symlink_to("/private/var")
    _, ledger = walked(tmp_path)
    assert not ledger.gaps


def test_pipes_and_sockets_are_noted_and_never_opened(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
        entries, ledger = walked(tmp_path)
    assert not entries
    assert ledger.notes == ["2 pipes, sockets and devices were not opened: pipe, socket"]


def test_a_pipe_that_took_the_place_of_a_file_does_not_hang(tmp_path):
    plant(tmp_path, "file")
    entries, _ = walked(tmp_path)
    (tmp_path / "file").unlink()
    os.mkfifo(tmp_path / "file")
    source = entries["file"].source
    assert source is not None
    with pytest.raises(ReadError) as caught:
        source.open()
    assert caught.value.reason is Reason.CHANGED_WHILE_READ


def test_a_link_that_took_the_place_of_a_file_is_not_followed(tmp_path):
    plant(tmp_path, "secret")
    (tmp_path / "link").symlink_to(tmp_path / "secret")
    with pytest.raises(OSError):
        open_plain(tmp_path / "link")


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (PermissionError(13, "no"), Reason.PERMISSION),
        (FileNotFoundError(2, "no"), Reason.MISSING),
        (OSError(5, "no"), Reason.FAILED),
    ],
)
def test_a_directory_that_cannot_be_listed_is_a_gap_that_names_it(tmp_path, monkeypatch, error, reason):
    plant(tmp_path, "open/a", "shut/b", "zz/c")
    scandir = os.scandir

    def refusing(path):
        if Path(path).name == "shut":
            raise error
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    entries, ledger = walked(tmp_path)
    assert list(entries) == ["open/a", "zz/c"]
    assert [(gap.reason, "case/shut" in gap.note) for gap in ledger.gaps] == [(reason, True)]


def test_the_whole_tree_missing_is_a_gap(tmp_path):
    entries, ledger = walked(tmp_path / "nothing")
    assert not entries
    assert [gap.reason for gap in ledger.gaps] == [Reason.MISSING]


def test_a_file_that_vanishes_between_listing_and_asking_is_a_gap(tmp_path, monkeypatch):
    plant(tmp_path, "a", "gone")

    class Gone:
        name, path = "gone", str(tmp_path / "gone")

        def is_dir(self, follow_symlinks=True):
            return False

        def stat(self, follow_symlinks=True):
            raise FileNotFoundError(2, "No such file")

    with os.scandir(tmp_path) as items:
        real = [item for item in items if item.name == "a"]
    monkeypatch.setattr(os, "scandir", lambda _: Items([*real, Gone()]))
    entries, ledger = walked(tmp_path)
    assert list(entries) == ["a"]
    assert [(gap.reason, "case/gone" in gap.note) for gap in ledger.gaps] == [(Reason.MISSING, True)]


def test_hostile_names_are_shown_escaped_and_still_open(tmp_path):
    name = b"a\n\x1b[31m\xff"
    (Path(os.fsdecode(bytes(tmp_path) + b"/" + name))).write_bytes(b"x")
    entries, _ = walked(tmp_path)
    (entry,) = entries.values()
    assert entry.source is not None
    assert entry.source.path.isprintable() and entry.source.name.isprintable()
    with entry.source.open() as stream:
        assert stream.read() == b"x"


def test_of_a_running_system_the_kernels_directories_are_a_gap(monkeypatch):
    scandir, seen = os.scandir, []

    def shallow(path):
        seen.append(str(path))
        return scandir(path) if str(path) == "/" else Items()

    monkeypatch.setattr(os, "scandir", shallow)
    ledger = Ledger()
    list(walk(Path("/"), "/", ledger))
    assert "/proc" not in seen and "/etc" in seen
    assert any(gap.reason is Reason.NOT_SUPPORTED and "proc" in gap.note for gap in ledger.gaps)
