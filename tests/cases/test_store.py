"""The file of a case: nothing lost, nothing counted twice, nothing changed without being noticed."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from typing import TYPE_CHECKING

import pytest

from nachsorge.cases.store import FIRST, NAME, Case, new_case
from nachsorge.errors import InputError, UsageError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    new_case(tmp_path / "case", "a case", 0, "ada")
    return tmp_path / "case"


def kinds(folder: Path) -> list[str]:
    with closing(Case(folder)) as case:
        return [entry.kind for entry in case.entries()]


def test_a_new_case_is_one_file_a_folder_for_reports_and_one_entry(folder):
    assert sorted(path.name for path in folder.iterdir()) == [NAME, "reports"]
    assert (folder / NAME).stat().st_mode & 0o077 == 0
    with closing(Case(folder)) as case:
        [entry] = case.entries()
        assert case._connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert (entry.kind, entry.by, entry.body["title"], entry.before) == ("new", "ada", "a case", FIRST)


def test_a_folder_with_other_things_is_no_place_for_a_case(tmp_path, folder):
    with pytest.raises(UsageError, match="not empty"):
        new_case(folder, "again", 0, "ada")
    with pytest.raises(UsageError, match="holds no case"):
        Case(tmp_path)
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match="cannot be written"):
        new_case(tmp_path / "file" / "case", "x", 0, "ada")


def test_entries_hang_together_and_come_back_as_they_were(folder):
    with closing(Case(folder)) as case:
        case.append("waived", {"reason": "ä\udcff\n", "n": [1]}, 5, "bob")
        first, second = case.entries()
        assert second.before == first.digest
        assert (second.body, second.by, second.time) == (
            {"reason": "ä\udcff\n", "n": [1]},
            "bob",
            "1970-01-01T00:00:00.000005Z",
        )
        assert (case.broken(), case.damaged()) == ([], [])


def test_of_two_entries_with_one_mark_only_the_first_is_written(folder):
    with closing(Case(folder)) as one, closing(Case(folder)) as other:
        assert one.append("read", {}, 0, "ada", "unit 1") is True
        assert other.append("read", {}, 0, "bob", "unit 1") is False
    assert kinds(folder) == ["new", "read"]


def test_a_mark_counts_from_the_entry_on_that_one_asks_for(folder):
    with closing(Case(folder)) as case, case.writing() as writer:
        assert writer.append("read", {}, 0, "ada", "unit 1") is True
        since = writer.last()
        assert writer.append("read", {}, 0, "ada", "unit 1", since) is True
        assert writer.append("read", {}, 0, "bob", "unit 1", since) is False
        assert writer.append("read", {}, 0, "bob", "unit 10", since) is True
        assert writer.last() == since + 2


def test_bytes_are_kept_once_and_known_by_their_digest(folder):
    with closing(Case(folder)) as case:
        with case.writing() as writer:
            assert writer.put(b"some") == writer.put(b"some")
            name = writer.put(b"some")
        assert case.blob(name) == b"some"
        with pytest.raises(InputError, match="damaged or missing"):
            case.blob("0" * 64)


def test_what_fails_in_the_middle_leaves_nothing(folder):
    with closing(Case(folder)) as case:
        with pytest.raises(ZeroDivisionError), case.writing() as writer:
            writer.append("note", {}, 0, "ada")
            raise ZeroDivisionError
        case.append("after", {}, 0, "ada")
    assert kinds(folder) == ["new", "after"]


@pytest.mark.parametrize(
    "statement",
    ["UPDATE entries SET by = 'eve'", "DELETE FROM entries", "DELETE FROM blobs", "UPDATE blobs SET body = x''"],
)
def test_the_file_itself_refuses_changes_by_mistake(folder, statement):
    with closing(Case(folder)) as case, case.writing() as writer:
        writer.put(b"x")
    with closing(sqlite3.connect(folder / NAME)) as raw, pytest.raises(sqlite3.IntegrityError, match="never"):
        raw.execute(statement)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE entries SET by = 'eve' WHERE seq = 2", "entry 2 (note) was changed"),
        ("UPDATE entries SET body = '{}' WHERE seq = 3", "entry 3 (note) was changed"),
        ("DELETE FROM entries WHERE seq = 2", "entry 2 is missing"),
        ("UPDATE entries SET before = digest WHERE seq = 2", "entry 2 does not follow the entry before it"),
        ("UPDATE blobs SET body = x'00'", "are damaged"),
    ],
)
def test_whoever_changes_it_on_purpose_is_found_out(folder, statement, told):
    with closing(Case(folder)) as case:
        for number in range(3):
            case.append("note", {"reason": number}, 0, "ada")
        with case.writing() as writer:
            writer.put(b"x")
    with closing(sqlite3.connect(folder / NAME)) as raw:
        for (trigger,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            raw.execute(f"DROP TRIGGER {trigger}")
        raw.execute(statement)
        raw.commit()
    with closing(Case(folder)) as case:
        assert any(told in line for line in [*case.broken(), *case.damaged()])


def test_a_file_that_is_no_case_says_so(folder):
    (folder / NAME).write_bytes(b"no database at all, but long enough to be read as one" * 40)
    with pytest.raises(InputError, match="no case, or damaged"):
        Case(folder)


def test_a_full_disk_loses_nothing_that_was_there(folder):
    with closing(Case(folder)) as case:
        case.append("note", {"reason": "before"}, 0, "ada")
        pages = case._connection.execute("PRAGMA page_count").fetchone()[0]
        case._connection.execute(f"PRAGMA max_page_count = {pages + 2}")
        with pytest.raises(UsageError, match="full; what was stored before is unharmed"), case.writing() as writer:
            writer.put(os.urandom(1 << 20))
            writer.append("note", {"reason": "never there"}, 0, "ada")
        assert case.broken() == []
        case.append("note", {"reason": "after"}, 0, "ada")
        assert [entry.body.get("reason") for entry in case.entries()] == [None, "before", "after"]


def _write(folder: Path, name: str, count: int) -> None:
    with closing(Case(folder)) as case:
        for number in range(count):
            case.append("note", {"reason": f"{name} {number}"}, 0, name, f"own {name} {number}")
            case.append("note", {"reason": f"shared {number}"}, 0, name, f"shared {number}")


def test_several_processes_write_each_entry_once(folder):
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write, args=(folder, name, 20)) for name in ("ada", "bob", "eve")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    with closing(Case(folder)) as case:
        reasons = [entry.body["reason"] for entry in case.entries()[1:]]
        assert case.broken() == []
    own = [f"{name} {number}" for name in ("ada", "bob", "eve") for number in range(20)]
    assert sorted(reasons) == sorted(own + [f"shared {number}" for number in range(20)])


_ENDLESS = """
import sys, os
from pathlib import Path
from nachsorge.cases.store import Case
case = Case(Path(sys.argv[1]))
number = 0
while True:
    with case.writing() as writer:
        name = writer.put(os.urandom(20_000) + str(number).encode())
        writer.append("note", {"blob": name, "number": number}, 0, "ada", f"{os.getpid()} {number}")
    print(number, flush=True)
    number += 1
"""


@pytest.mark.parametrize("seed", range(4))
def test_killed_at_any_moment_it_keeps_what_it_said_it_has(folder, seed):
    chance = random.Random(seed)
    with subprocess.Popen([sys.executable, "-c", _ENDLESS, str(folder)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        told = [process.stdout.readline()]
        time.sleep(chance.uniform(0, 0.2))
        process.send_signal(signal.SIGKILL)
        told += process.stdout.readlines()
    with closing(Case(folder)) as case:
        assert (case.broken(), case.damaged()) == ([], [])
        kept = [entry.body["number"] for entry in case.entries() if entry.kind == "note"]
        for entry in case.entries()[1:]:
            assert case.blob(entry.body["blob"])
    assert kept == list(range(len(kept)))
    assert len(kept) - len([line for line in told if line.endswith(b"\n")]) in (0, 1)


_UNTIL_FULL = """
import os, resource, sys
from pathlib import Path
from nachsorge.cases.store import Case
from nachsorge.errors import UsageError
case = Case(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
number = 0
try:
    while True:
        with case.writing() as writer:
            name = writer.put(os.urandom(20_000))
            writer.append("note", {"blob": name, "number": number}, 0, "ada", str(number))
        print(number, flush=True)
        number += 1
except UsageError as error:
    print(error, file=sys.stderr)
    sys.exit(2)
"""


def test_a_full_disk_loses_nothing_that_was_said_to_be_there(folder):
    # RLIMIT_FSIZE fails a write as a full disk does, in the middle of the journal's pages.
    done = subprocess.run(
        [sys.executable, "-c", _UNTIL_FULL, str(folder)], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 2, done.stderr
    assert "what was stored before is unharmed" in done.stderr
    told = [int(line) for line in done.stdout.split()]
    assert told
    with closing(Case(folder)) as case:
        assert (case.broken(), case.damaged()) == ([], [])
        kept = [entry for entry in case.entries() if entry.kind == "note"]
        assert [entry.body["number"] for entry in kept] == told
        assert all(case.blob(entry.body["blob"]) for entry in kept)
        assert case.append("note", {"reason": "there is room again"}, 0, "ada")


def _write_protected(monkeypatch, folder):
    monkeypatch.setattr(os, "access", lambda path, mode: path != folder)
    # Where nothing can be written SQLite cannot make its shared memory; here something is in its place.
    (folder / f"{NAME}-shm").mkdir()


def test_a_case_on_a_write_protected_share_can_be_read(folder, monkeypatch):
    _write_protected(monkeypatch, folder)
    with closing(Case(folder)) as case:
        assert [entry.kind for entry in case.entries()] == ["new"]
        assert case.broken() == []
        with pytest.raises(UsageError, match="readonly"):
            case.append("note", {"reason": "x"}, 0, "ada")


def test_a_write_protected_case_with_something_left_in_its_journal_is_not_taken_for_whole(folder, monkeypatch):
    with closing(Case(folder)) as case:
        case.append("note", {"reason": "x"}, 0, "ada")
        left = (folder / f"{NAME}-wal").read_bytes()
    (folder / f"{NAME}-shm").unlink(missing_ok=True)
    (folder / f"{NAME}-wal").write_bytes(left)
    _write_protected(monkeypatch, folder)
    # Opened or refused, as SQLite can: never shown without what the journal holds.
    with suppress(UsageError), closing(Case(folder)) as case:
        assert [entry.kind for entry in case.entries()] == ["new", "note"]
