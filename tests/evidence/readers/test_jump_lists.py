"""Jump lists: custom ones made here, automatic ones (compound files, which nothing here writes) from real evidence."""

from __future__ import annotations

import struct

import pytest
from tests.evidence.artefact_kit import bears_damage, read_member, shows_control, shows_plant
from tests.evidence_kit import PLANT

from nachsorge.evidence.readers.jump_lists import JumpLists
from nachsorge.evidence.windows import jump_list
from nachsorge.evidence.windows.jump_list import COMPOUND, FOOTER, destinations
from nachsorge.evidence.windows.shell_link import HEADER, MAGIC, UNICODE
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Kind, Reason, Status, Telemetry

TIME = 133_200_000_000_000_000
NAME = "5afe4de1b92fc382.customDestinations-ms"


def link(path: str) -> bytes:
    text = struct.pack("<H", len(path)) + path.encode("utf-16-le")
    return (MAGIC + struct.pack("<I", 8 | UNICODE)).ljust(HEADER, b"\0") + text + bytes(4)


def custom(*paths: str) -> bytes:
    links = b"".join(MAGIC[4:20] + link(path) for path in paths)
    return struct.pack("<5I", 2, 1, 0, 2, len(paths)) + links + FOOTER


def row(number: int, path: str, version: int) -> bytes:
    head = bytes(72) + b"pc7".ljust(16, b"\0") + struct.pack("<IIfQi", number, 0, 1.0, TIME, -1)
    head += struct.pack("<H", len(path)) if version == 1 else struct.pack("<IIQH", 0, 4, 0, len(path))
    return head + path.encode("utf-16-le") + (b"" if version == 1 else bytes(4))


def test_a_custom_list():
    records, reading = read_member(JumpLists(), custom("C:\\a\\evil.exe", "D:\\b.txt"), NAME)
    assert [r.event["relative_path"] for r in records] == ["C:\\a\\evil.exe", "D:\\b.txt"]
    assert (reading.status, reading.seen[0].spans, records[0].telemetry) == (Status.READ, (), Telemetry.FILE_EVENT)
    assert records[0].event["application_id"] == "5afe4de1b92fc382"


def test_an_empty_custom_list_is_read():
    body = struct.pack("<III", 2, 0, 0)
    records, reading = read_member(JumpLists(), body, NAME)
    assert records == [] and reading.status is Status.READ
    assert JumpLists().accepts(body, NAME) == 80 and JumpLists().accepts(body, "x") == 0


def test_a_custom_list_that_is_cut_says_so():
    records, reading = read_member(JumpLists(), custom("C:\\a\\evil.exe", "D:\\b.txt")[:-20], NAME)
    assert len(records) == 2 and (reading.status, reading.reason) == (Status.PARTLY, Reason.CORRUPT)
    assert "closing mark" in reading.note


def test_rows_of_destinations_in_both_layouts():
    for version in (1, 3, 4):
        faults: list[str] = []
        rows = row(1, "C:\\x", version) + row(9, "http://e.example/", version)
        body = struct.pack("<II", version, 2).ljust(32, b"\0") + rows
        found = destinations(body, faults)
        assert {n: d.path for n, d in found.items()} == {1: "C:\\x", 9: "http://e.example/"}
        assert {d.machine for d in found.values()} == {"pc7"}
        assert found[1].used == parse_instant("2023-02-04T16:00:00Z") and faults == []
        assert (found[1].count, found[1].pinned) == (-1 if version == 1 else 4, False)
        cut = destinations(body[:-30], faults)
        assert list(cut) == [1] and "1 of the 2 rows" in faults[0]


def test_real_automatic_lists(shared_data):
    pytest.importorskip("olefile", reason="NOT LOOKED AT: the extra `windows` is not installed")
    folder = shared_data / "plaso-host-artefacts/automaticDestinations-ms"
    name = "1b4dd67f29cb1962.automaticDestinations-ms"
    body = (folder / name).read_bytes()
    assert JumpLists().accepts(body[:65536], "x") == 98
    records, reading = read_member(JumpLists(), body, name)
    assert (len(records), reading.status, reading.note) == (7, Status.READ, "")
    by_number = {record.locator: record for record in records}
    downloads = by_number["entry 7"]
    assert downloads.event["target"] == downloads.event["destination"] == r"C:\Users\bperry\Downloads"
    assert downloads.event["opened"] == "2015-08-29T15:32:44.034300Z" and downloads.event["machine"] == "student-pc1"
    assert (Kind.HOST, "student-pc1") in {(v.kind, v.text) for v in downloads.values}
    name = "9d1f905ce5044aee.automaticDestinations-ms"
    records, _ = read_member(JumpLists(), (folder / name).read_bytes(), name)
    assert (Kind.URL, "http://support.microsoft.com/kb/3124263") in {(v.kind, v.text) for v in records[1].values}
    assert records[1].event["times_opened"] == "1"


def test_real_custom_lists(shared_data):
    folder = shared_data / "plaso-host-artefacts/customDestinations-ms"
    records, reading = read_member(JumpLists(), (folder / NAME).read_bytes(), NAME)
    assert (len(records), reading.status) == (9, Status.READ)
    assert {record.event["target"] for record in records} == {r"C:\Windows\System32\GettingStarted.exe"}


def test_without_the_extra_automatic_lists_are_named_as_unread(monkeypatch):
    monkeypatch.setattr(jump_list, "olefile", None)
    _, reading = read_member(JumpLists(), COMPOUND + bytes(600), "1.automaticDestinations-ms")
    assert (reading.status, reading.reason) == (Status.UNREAD, Reason.MISSING_EXTRA)
    assert "pip install 'nachsorge[windows]'" in reading.note and list(JumpLists().control_records(PLANT)) == []


def test_other_compound_files_are_not_taken():
    assert JumpLists().accepts(COMPOUND + bytes(4096), "letter.doc") == 0


def test_damage_and_control(shared_data):
    bears_damage(JumpLists(), custom("C:\\a\\evil.exe", "D:\\b.txt"))
    shows_plant(JumpLists(), custom("C:\\a\\evil.exe"))
    pytest.importorskip("olefile", reason="NOT LOOKED AT: the extra `windows` is not installed")
    shows_control(JumpLists())
    folder = shared_data / "plaso-host-artefacts/automaticDestinations-ms"
    bears_damage(JumpLists(), (folder / "9d1f905ce5044aee.automaticDestinations-ms").read_bytes())
