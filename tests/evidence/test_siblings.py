"""Files that belong together, on disk and in a tree that only its lister knows."""

from __future__ import annotations

import pytest
from tests.evidence_kit import opened

from nachsorge.evidence.containers import streams
from nachsorge.evidence.containers.streams import pulled, settled
from nachsorge.evidence.seams import Opened
from nachsorge.evidence.siblings import Siblings, beside, neighbour, reachable
from nachsorge.evidence.trees import Entry, open_plain


def on_disk(place) -> Opened:
    return Opened(path=place.name, name=place.name, open=lambda: open_plain(place), local=place)


@pytest.fixture
def hive(tmp_path):
    config = tmp_path / "Windows" / "config"
    config.mkdir(parents=True)
    (config / "SYSTEM").write_bytes(b"hive")
    (config / "system.Log1").write_bytes(b"log")
    (tmp_path / "Users").mkdir()
    (tmp_path / "Users" / "NTUSER.DAT").write_bytes(b"user")
    (config / "SYSTEM.LOG2").symlink_to("system.Log1")
    return on_disk(config / "SYSTEM")


def read(source: Opened | None) -> bytes | None:
    if source is None:
        return None
    with source.open() as stream:
        return stream.read()


def test_on_disk_case_does_not_count_and_folders_are_climbed(hive):
    assert read(neighbour(hive, ".LOG1")) == b"log"
    assert read(beside(hive, "../../users/ntuser.dat")) == b"user"


@pytest.mark.parametrize("path", ["x", "../x/y", "..", "SYSTEM.LOG2", "../../Users"])
def test_what_is_not_there_or_is_no_plain_file_is_none(hive, path):
    assert beside(hive, path) is None


def tree(**named: str) -> dict[str, Opened]:
    entries = [
        Entry(path=path, size=4, inside=inside, source=opened(path.encode(), path.rpartition("/")[2]))
        for path, inside in named.items()
    ]
    siblings = Siblings(entries)
    return {
        entry.path: Opened(path=entry.path, name=entry.source.name, open=entry.source.open, near=siblings.near(entry))
        for entry in entries
    }


def test_in_an_archive_the_folder_counts():
    found = tree(**{"a/History": "", "a/history-WAL": "", "b/History-journal": ""})
    assert read(neighbour(found["a/History"], "-wal")) == b"a/history-WAL"
    assert neighbour(found["a/History"], "-journal") is None
    assert read(beside(found["a/History"], "../b/History-journal")) == b"b/History-journal"


def test_in_a_collection_the_hosts_own_folders_count():
    found = tree(**{"auto/x": "C:\\Windows\\config\\SYSTEM", "ntfs/y": "C:\\Windows\\config\\SYSTEM.LOG1"})
    log = beside(found["auto/x"], "SYSTEM.LOG1")
    assert read(log) == b"ntfs/y" and log.name == "SYSTEM.LOG1"
    assert read(beside(log, "SYSTEM")) == b"auto/x"  # type: ignore[arg-type]


def test_alone_nothing_can_be_asked():
    assert not reachable(opened(b"")) and beside(opened(b""), "x") is None


def test_a_one_way_source_is_unpacked_once():
    asked = []

    def chunks():
        asked.append(1)
        yield from (b"abc", b"def")

    once = settled(Opened(path="x", name="x", open=lambda: pulled(chunks)))
    assert [once.open().read() for _ in range(3)] == [b"abcdef"] * 3
    assert len(asked) == 1


def test_without_room_it_is_read_as_it_is(monkeypatch):
    def full(stream):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(streams, "Spool", full)
    source = Opened(path="x", name="x", open=lambda: pulled(lambda: iter([b"abc"])))
    assert settled(source) is source


def test_what_can_be_read_anywhere_stays_as_it_is():
    source = opened(b"abc")
    assert settled(source) is source
