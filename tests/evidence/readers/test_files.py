"""The reader of a tree."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, BinaryIO

import pytest
from tests.evidence_kit import opened

from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.readers import files
from nachsorge.evidence.readers.files import read_tree
from nachsorge.evidence.seams import Opened, Root
from nachsorge.evidence.trees import Entry, walk
from nachsorge.model.evidence import Record, Value
from nachsorge.model.times import HOUR, Span, parse_instant
from nachsorge.model.words import Kind, Platform, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = parse_instant("2024-01-01")
OLD, NEW, FUTURE = (parse_instant(text) for text in ("2023-03-01", "2023-04-01", "2107-01-01"))
ROOT = Root(platform=Platform.WINDOWS, prefix="C", host="PC1")
SHA256 = frozenset({"sha256"})


@pytest.fixture(autouse=True, params=[False, True], ids=["in turn", "ahead"])
def _hashed_by_threads(request, monkeypatch):
    """Every test runs twice: the second time even the smallest file is hashed by a thread."""
    if request.param:
        monkeypatch.setattr(files, "_WORTH", 0)


def aged(number: int) -> int:
    """Give twenty-five files one time, and the others older ones, as a host in use has them."""
    return OLD - max(number - 25, 0) * HOUR


def entry(path: str, body: bytes = b"x", modified: int | None = OLD, **more: object) -> Entry:
    return Entry(path=path, size=len(body), modified=modified, source=opened(body, path), **more)  # type: ignore[arg-type]


SYSTEM = [entry(f"C/Windows/System32/{number}.dll", modified=aged(number)) for number in range(500)]
"""As many programs as a Windows has at least."""


def read(*entries: Entry, **more: object) -> tuple[list[Record], Ledger]:
    ledger = Ledger()
    return list(read_tree(entries, ledger, before=NOW, **more)), ledger  # type: ignore[arg-type]


def test_a_record_for_every_file_in_the_hosts_spelling():
    (record,), ledger = read(entry("C/Users/x/a.dll", b"body"), root=ROOT)
    assert record == Record(
        telemetry=Telemetry.FILESYSTEM,
        locator="C/Users/x/a.dll",
        time=OLD,
        values=(Value(Kind.PATH, "path", "C:\\Users\\x\\a.dll"),),
        event={"path": "C:\\Users\\x\\a.dll", "name": "a.dll", "size": "4", "mtime": "2023-03-01T00:00:00Z"},
        host="PC1",
        product="windows",
    )
    assert ledger.records == 1


def test_only_the_hashes_that_are_looked_for_in_one_reading():
    opens = []

    def once() -> BinaryIO:
        opens.append(1)
        return opened(b"body").open()

    source = Opened(path="a", name="a", open=once)
    (record,), _ = read(Entry(path="a", size=4, source=source), algorithms=frozenset({"md5", "sha256"}))
    hashes = {value.field: value.text for value in record.values if value.kind is Kind.HASH}
    assert hashes == {"md5": hashlib.md5(b"body").hexdigest(), "sha256": hashlib.sha256(b"body").hexdigest()}
    assert record.event["sha256"] == hashes["sha256"]
    assert len(opens) == 1
    read(Entry(path="a", size=4, source=source))
    assert len(opens) == 1


def test_the_twentieth_newest_time_before_now_is_the_coverage_of_a_host():
    entries = [*SYSTEM, entry("C/a/c", modified=NEW), entry("C/a/d", modified=FUTURE)]
    for more in ({"root": ROOT}, {"host": "PC1"}):
        _, ledger = read(*entries, **more)
        (seen,) = ledger.seen()
        assert (seen.telemetry, seen.host, seen.spans, seen.records) == (
            Telemetry.FILESYSTEM,
            "PC1",
            (Span(OLD, OLD),),
            502,
        )
        assert [gap.reason for gap in ledger.gaps] == [Reason.CLOCK]


def test_a_folder_that_is_no_hosts_covers_nothing():
    records, ledger = read(entry("a"))
    assert len(records) == 1
    assert ledger.seen()[0].spans == ()


def test_files_outside_the_root_are_not_its_records_and_not_its_time():
    records, ledger = read(entry("collection.log", modified=NEW), entry("C/a", modified=OLD), *SYSTEM, root=ROOT)
    assert records[0].event["path"] == "C:\\a" and len(records) == 501
    assert ledger.seen()[0].spans == (Span(OLD, OLD),)


def test_files_too_large_to_hash_are_named_and_counted():
    records, ledger = read(entry("big1", b"123"), entry("big2", b"456"), entry("s", b"1"), algorithms=SHA256, largest=2)
    assert ["sha256" in record.event for record in records] == [False, False, True]
    (gap,) = ledger.gaps
    assert (gap.reason, gap.telemetry) == (Reason.LIMIT, Telemetry.FILESYSTEM)
    assert gap.note.startswith("2 files") and "big1, big2" in gap.note


def test_a_file_that_changes_while_it_is_read_is_a_gap():
    shrunk = Entry(path="a", size=10, source=opened(b"short", "a"))
    (record,), ledger = read(shrunk, algorithms=SHA256)
    assert record.event["sha256"] == hashlib.sha256(b"short").hexdigest()
    assert [gap.reason for gap in ledger.gaps] == [Reason.CHANGED_WHILE_READ]


@pytest.mark.parametrize(
    ("error", "reason"),
    [(PermissionError, Reason.PERMISSION), (FileNotFoundError, Reason.MISSING), (OSError, Reason.FAILED)],
)
def test_a_file_that_cannot_be_opened_is_a_record_and_a_gap(error, reason):
    def fail() -> BinaryIO:
        raise error(5, "refused")

    opener: Callable[[], BinaryIO] = fail
    unreadable = Entry(path="a", size=1, source=Opened(path="a", name="a", open=opener))
    (record,), ledger = read(unreadable, algorithms=SHA256)
    assert record.event["path"] == "a"
    assert [(gap.reason, gap.note.startswith("a: ")) for gap in ledger.gaps] == [(reason, True)]


def test_a_link_is_a_record_with_its_target_and_no_hash():
    (record,), ledger = read(Entry(path="l", size=3, is_link=True, target="/srv/x"), algorithms=SHA256)
    assert record.values == (Value(Kind.PATH, "path", "l"), Value(Kind.TEXT, "target", "/srv/x"))
    assert not ledger.gaps


@pytest.mark.parametrize("modified", [None, 0, -1, -(10**18), 10**20])
def test_impossible_times_cover_nothing(modified):
    system = [entry(f"C/Windows/System32/{number}.dll", modified=modified) for number in range(500)]
    records, ledger = read(entry("C/a", modified=modified), *system, root=ROOT)
    assert records[0].event["path"] == "C:\\a"
    assert ledger.seen()[0].spans == () and all(gap.reason is Reason.CLOCK for gap in ledger.gaps)


def test_a_real_directory_from_end_to_end(tmp_path):
    (tmp_path / "C/Windows/System32").mkdir(parents=True)
    (tmp_path / "C/Windows/System32/d3dcompiler_47.dll").write_bytes(b"MZ")
    ledger = Ledger()
    records = list(read_tree(walk(tmp_path, "case", ledger), ledger, before=1 << 62, root=ROOT, algorithms=SHA256))
    assert records[0].event["path"] == "C:\\Windows\\System32\\d3dcompiler_47.dll"
    assert records[0].event["sha256"] == hashlib.sha256(b"MZ").hexdigest()
    assert [(gap.reason, gap.telemetry) for gap in ledger.gaps] == [(Reason.NOT_PROVIDED, Telemetry.FILESYSTEM)]


@pytest.mark.parametrize(
    ("platform", "folder", "least"),
    [(Platform.WINDOWS, "Windows/System32", 500), (Platform.MACOS, "usr/bin", 300), (Platform.LINUX, "bin", 100)],
)
def test_a_triage_collection_shows_what_is_there_but_never_that_something_was_not(platform, folder, least):
    root = Root(platform=platform, prefix="", host="PC1")
    programs = [entry(f"{folder}/{number}", modified=aged(number)) for number in range(least + 1)]
    deeper = [entry(f"{folder}/winevt/Logs/{number}.evtx") for number in range(least)]
    _, selected = read(*programs[2:], *deeper, root=root)
    assert selected.seen()[0].spans == () and "a selection of files" in selected.gaps[0].note
    _, whole = read(*programs, root=root)
    assert whole.seen()[0].spans == (Span(OLD, OLD),) and not whole.gaps


def test_a_tree_that_could_not_be_listed_whole_covers_nothing():
    _, ledger = read(*SYSTEM, root=ROOT, unlisted=True)
    assert ledger.seen()[0].spans == () and ledger.gaps[0].reason is Reason.NOT_PROVIDED


def test_files_of_sizes_that_nobody_looks_for_are_not_hashed_and_counted(tmp_path):
    (tmp_path / "sought.bin").write_bytes(b"x" * 10)
    (tmp_path / "other.bin").write_bytes(b"x" * 11)
    ledger = Ledger()
    found = walk(tmp_path, "case", ledger)
    records = list(read_tree(found, ledger, before=NOW, algorithms=SHA256, sizes=frozenset({10})))
    assert {record.event["name"]: "sha256" in record.event for record in records} == {
        "sought.bin": True,
        "other.bin": False,
    }
    assert [note for note in ledger.notes if note.startswith("1 files have another size")]
