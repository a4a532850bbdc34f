"""RAR archives, which libarchive unpacks in a process of its own; what it does not give is told by our own headers."""

from __future__ import annotations

import ctypes.util
import random
from typing import TYPE_CHECKING

import pytest
from tests.collection_kit import kape
from tests.evidence.containers.rar_kit import TIME, block_4, block_5, file_4, file_5, number, rar_4, rar_5, record
from tests.evidence_kit import opened

from nachsorge.assets.inventory import Inventory
from nachsorge.evidence.containers import Limits, container_of, rar
from nachsorge.evidence.containers.rar import Rar
from nachsorge.evidence.containers.rar_headers import MAGIC_4, MAGIC_5
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.seams import ReadError
from nachsorge.model.words import Reason
from nachsorge.packs.library import resolve
from nachsorge.sweep import Options, sweep

if TYPE_CHECKING:
    from pathlib import Path

BODIES = {"logs/evil.log": b"GET http://evil.example/\n" * 400, "empty.txt": b"", "grüße.txt": b"x"}
NEW = rar_5(file_5("logs", b"", folder=True), *(file_5(name, body) for name, body in BODIES.items()))
OLD = rar_4(file_4("logs\\evil.log", BODIES["logs/evil.log"]), file_4("logs", b"", 0x80E0), file_4("b.txt", b"b"))

needs_library = pytest.mark.skipif(
    ctypes.util.find_library("archive") is None, reason="NO libarchive: the contents of RAR archives were NOT tested"
)


def looked(body: bytes, limits: Limits | None = None) -> tuple[dict[str, bytes | Reason], Ledger]:
    """Give the members' bytes, or why they cannot be had, and the account."""
    ledger, found = Ledger(), dict[str, bytes | Reason]()
    for member in Rar().members(opened(body, "x.rar"), (limits or Limits()).fresh(), ledger):
        try:
            with member.open() as stream:
                found[member.path.removeprefix("x.rar!")] = stream.read()
        except ReadError as error:
            found[member.path.removeprefix("x.rar!")] = error.reason
    return found, ledger


def told(ledger: Ledger) -> list[tuple[Reason, str]]:
    return [(gap.reason, gap.note) for gap in ledger.gaps]


@needs_library
def test_all_members_of_both_generations_with_their_bytes():
    found, ledger = looked(NEW)
    assert (found, told(ledger)) == (BODIES, [])
    found, ledger = looked(OLD)
    assert (found, told(ledger)) == ({"logs/evil.log": BODIES["logs/evil.log"], "b.txt": b"b"}, [])


@needs_library
def test_times_are_those_of_rar_5_only_since_rar_4_keeps_local_time():
    members = list(Rar().members(opened(NEW, "x.rar"), Limits().fresh(), Ledger()))
    assert {member.modified for member in members} == {TIME * 1_000_000}
    assert {m.modified for m in Rar().members(opened(OLD, "x.rar"), Limits().fresh(), Ledger())} == {None}


@needs_library
def test_files_with_the_bytes_of_another_are_given_as_well():
    def link(kind: int, name: str, other: str) -> bytes:
        target = other.encode()
        return file_5(name, b"", size=3, extra=record(5, number(kind) + number(0) + number(len(target)) + target))

    found, ledger = looked(rar_5(file_5("a", b"abc"), link(5, "copy", "a"), link(4, "hard", "a"), file_5("z", b"z")))
    assert (found, told(ledger)) == ({"a": b"abc", "copy": b"abc", "hard": b"abc", "z": b"z"}, [])
    found, ledger = looked(rar_5(link(5, "copy", "nowhere")))
    assert not found
    assert told(ledger) == [(Reason.MISSING, "x.rar: has the bytes of another file, which was not unpacked: copy")]
    found, ledger = looked(rar_5(file_5("a", b"abc"), link(1, "soft", "../../etc/passwd")))
    assert set(found) == {"a"} and told(ledger) == [
        (Reason.LINK_OUTSIDE, "x.rar: 1 symbolic links were not followed"),
    ]


@needs_library
@pytest.mark.parametrize("whole", [NEW, OLD], ids=["new", "old"])
def test_damage_is_told_and_never_another_content(whole: bytes):
    sound, _ = looked(whole)
    chance = random.Random(7)
    for at in [*chance.sample(range(len(whole)), 25), 40, 60]:
        damaged = whole[:at] + bytes([whole[at] ^ 0x41]) + whole[at + 1 :]
        if not damaged.startswith((MAGIC_4, MAGIC_5)):
            continue
        found, ledger = looked(damaged)
        given = {name: body for name, body in found.items() if isinstance(body, bytes)}
        assert given == sound or ledger.gaps, at
        changed = [name for name, body in given.items() if body not in sound.values()]
        assert not changed, at


@needs_library
def test_a_cut_archive_names_what_it_does_not_give():
    second = rar_5(file_5("a", b"abc"), file_5("b", b"x" * 5000))
    found, ledger = looked(second[:-2000])
    assert found["a"] == b"abc" and isinstance(found.get("b", Reason.TRUNCATED), Reason)
    assert any(note.endswith("not unpacked: 1 files: b") for _, note in told(ledger))


@needs_library
def test_a_file_shorter_than_its_header_says_is_told():
    found, ledger = looked(rar_5(file_5("a", b"abc", size=9), file_5("b", b"b")))
    assert isinstance(found.get("a", Reason.CORRUPT), Reason)
    assert ledger.gaps and "a" in ledger.gaps[-1].note and "not unpacked: 2 files: a, b" in ledger.gaps[-1].note


@needs_library
def test_an_encrypted_file_is_a_gap_and_the_others_are_read():
    locked = file_5("secret.txt", b"?" * 16, extra=record(1, bytes(40)))
    found, ledger = looked(rar_5(file_5("a", b"abc"), locked))
    assert found == {"a": b"abc"}
    assert [why for why, _ in told(ledger)] == [Reason.ENCRYPTED] and "secret.txt" in ledger.gaps[0].note


@needs_library
@pytest.mark.parametrize(
    "body",
    [
        rar_5(file_5("logs/evil.log", b"abc", flags=16)),
        rar_5(file_5("logs/evil.log", b"abc", flags=8)),
        rar_4(file_4("logs/evil.log", b"abc", 0x8001), flags=1),
        rar_4(file_4("logs/evil.log", b"abc", 0x8002), flags=1),
    ],
    ids=["new, goes on", "new, begun", "old, begun", "old, goes on"],
)
def test_what_lies_in_other_volumes_is_a_gap_with_its_name(body: bytes):
    found, ledger = looked(body)
    note = "x.rar: a part of an archive in several volumes; not unpacked: 1 files: logs/evil.log"
    assert (found, told(ledger)) == ({}, [(Reason.NOT_SUPPORTED, note)])


@needs_library
def test_what_a_rar_before_2_9_packed_is_said_to_be_that():
    found, ledger = looked(rar_4(file_4("old.txt", b"abc", version=20, method=0x33)))
    assert not [body for body in found.values() if isinstance(body, bytes)]
    assert told(ledger) == [
        (Reason.NOT_SUPPORTED, "x.rar: packed by a RAR before version 2.9; not unpacked: 1 files: old.txt")
    ]


@needs_library
def test_a_bomb_is_stopped_and_said():
    many = rar_5(*(file_5(str(n), b"x" * 3000) for n in range(9)))
    for limits in (Limits(unpacked=5000), Limits(members=3), Limits(depth=0)):
        assert [why for why, _ in told(looked(many, limits)[1])] == [Reason.LIMIT]


@needs_library
def test_a_collection_in_a_rar_is_the_hosts(tmp_path: Path):
    members = kape([("C:\\Windows\\Temp\\evil.exe", b"MZ" + bytes(90), "2023-03-29T16:30:00Z")])
    place = tmp_path / "case.rar"
    place.write_bytes(rar_5(*(file_5(name, body) for name, body, _ in members)))
    rows = tmp_path / "list.csv"
    rows.write_text("type,value\npath,C:\\Windows\\Temp\\evil.exe\n")
    assessment = sweep([resolve(str(rows))], [str(place)], Inventory(), Options(jobs=1))
    assert {(s.asset, s.indicator) for s in assessment.sightings} == {("KAPE-BOX", "C:\\Windows\\Temp\\evil.exe")}


def test_an_archive_whose_names_are_encrypted_says_so(monkeypatch: pytest.MonkeyPatch):
    for present in (True, False):
        if not present:
            monkeypatch.setattr(rar, "find_spec", lambda name: None)
        for body in (MAGIC_4 + block_4(0x73, 0x80, bytes(6)) + b"\xff" * 40, MAGIC_5 + block_5(4, bytes(20))):
            found, ledger = looked(body)
            assert not found and [why for why, _ in told(ledger)] == [Reason.ENCRYPTED]


@pytest.mark.parametrize("whole", [NEW, OLD], ids=["new", "old"])
def test_without_the_extra_its_files_are_named_however_it_is_cut(whole: bytes, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rar, "find_spec", lambda name: None)
    found = container_of(whole, "x")
    assert found is not None and found.name == "rar"
    ((why, note),) = told(looked(whole)[1])
    assert why is Reason.MISSING_EXTRA and "logs/evil.log" in note and note.endswith(rar.INSTALL)
    assert f"of {3 if whole is NEW else 2} files" in note
    for cut in range(len(MAGIC_4), len(whole), 41):
        assert [why for why, _ in told(looked(whole[:cut])[1])] == [Reason.MISSING_EXTRA]


def test_a_size_that_no_file_has_ends_the_listing_and_is_said(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rar, "find_spec", lambda name: None)
    sizes = b"\1\0\0\0" + bytes(15) + b"\1\0" + bytes(4) + b"\xff" * 8 + b"a"
    ((_, note),) = told(looked(MAGIC_4 + block_4(0x73, 0, bytes(6)) + block_4(0x74, 0x8100, sizes) + bytes(40))[1])
    assert "cannot be read further" in note


@needs_library
def test_without_the_systems_library_it_is_a_gap_with_the_line_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LIBARCHIVE", "/nowhere/libarchive.so")
    found, ledger = looked(NEW)
    assert not found
    ((why, note),) = told(ledger)
    assert why is Reason.MISSING_EXTRA and "apt install libarchive13" in note
