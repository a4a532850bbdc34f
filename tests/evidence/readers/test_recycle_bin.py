"""The recycle bin: entries of both versions, INFO2 of Windows XP, and real ones."""

from __future__ import annotations

import struct

from tests.evidence.artefact_kit import bears_damage, read_member, shows_plant
from tests.evidence_kit import PLANT

from nachsorge.evidence.readers.recycle_bin import RecycleBin
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Kind, Reason, Status, Telemetry

TIME = 133_200_000_000_000_000
PATH = r"C:\Users\x\evil.exe"


def first(path: str = PATH) -> bytes:
    return struct.pack("<QqQ", 1, 77, TIME) + path.encode("utf-16-le").ljust(520, b"\0")


def second(path: str = PATH) -> bytes:
    return struct.pack("<QqQI", 2, 77, TIME, len(path) + 1) + path.encode("utf-16-le") + b"\0\0"


def info2(*paths: str, size: int = 800) -> bytes:
    body = struct.pack("<5I", 5, 1, 1, size, 0)
    for number, path in enumerate(paths, 1):
        row = path.encode("latin-1").ljust(260, b"\0") + struct.pack("<IIQI", number, 2, TIME, 77)
        body += row + (path.encode("utf-16-le").ljust(520, b"\0") if size == 800 else b"")
    return body


def test_entries_of_both_versions():
    for body in (first(), second()):
        (record,), reading = read_member(RecycleBin(), body, "$IABC123.exe")
        assert RecycleBin().accepts(body, "$IABC123.exe") == 94 and RecycleBin().accepts(body, "x") == 80
        assert (reading.status, record.telemetry, reading.seen[0].spans) == (Status.READ, Telemetry.FILE_EVENT, ())
        assert record.time == parse_instant("2023-02-04T16:00:00Z")
        assert [(v.kind, v.text) for v in record.values] == [(Kind.PATH, PATH)]
        assert (record.event["size"], record.event["content"]) == ("77", "$RABC123.exe")


def test_an_entry_that_is_cut_is_partly_read():
    for body in (first()[:60], second()[:-10]):
        (record,), reading = read_member(RecycleBin(), body, "$IABC123.exe")
        assert (reading.status, reading.reason) == (Status.PARTLY, Reason.TRUNCATED)
        assert PATH.startswith(record.event["path"]) and RecycleBin().accepts(body, "$IABC123.exe") > 0


def test_the_index_of_windows_xp():
    struck_out = bytearray(info2(PATH, r"D:\gone.txt"))
    struck_out[20 + 800] = 0
    records, reading = read_member(RecycleBin(), bytes(struck_out), "INFO2")
    assert [r.event["path"] for r in records] == [PATH, r"D:\gone.txt"] and reading.status is Status.READ
    assert records[0].event["content"] == "Dc1.exe" and records[1].event["restored_or_purged"] == "yes"
    records, _ = read_member(RecycleBin(), info2(PATH, size=280), "INFO2")
    assert records[0].event["path"] == PATH
    records, reading = read_member(RecycleBin(), info2(PATH, PATH)[:-700], "INFO2")
    assert len(records) == 1 and (reading.reason, reading.unreadable) == (Reason.TRUNCATED, 1)


def test_an_empty_index_is_read_and_holds_nothing():
    records, reading = read_member(RecycleBin(), info2(), "INFO2")
    assert records == [] and reading.status is Status.READ and RecycleBin().accepts(info2(), "INFO2") == 90


def test_real_ones(shared_data):
    folder = shared_data / "plaso-host-artefacts/recycler"
    (record,), _ = read_member(RecycleBin(), (folder / "$II3DF3L.zip").read_bytes(), "$II3DF3L.zip")
    assert record.event["path"] == r"C:\Users\nfury\Documents\Alloy Research\StarFury.zip"
    assert record.event["deleted"] == "2012-03-12T20:49:58.633000Z"
    (record,), _ = read_member(RecycleBin(), (folder / "$I103S5F.jpg").read_bytes(), "$I103S5F.jpg")
    assert (record.event["path"], record.event["size"]) == (r"C:\Users\random\Downloads\bunnies.jpg", "222255")
    records, reading = read_member(RecycleBin(), (folder / "INFO2").read_bytes(), "INFO2")
    assert len(records) == reading.records == 4
    assert records[0].event["path"] == r"C:\Documents and Settings\Mr. Evil\Desktop\lalsetup250.exe"


def test_what_is_none():
    assert RecycleBin().accepts(b"\x01" + bytes(700), "x") == 0
    assert RecycleBin().accepts(struct.pack("<QqQI", 2, -9, TIME, 4) + bytes(8), "$Ix") == 0
    _, reading = read_member(RecycleBin(), b"\x07" * 600, "$Ix")
    assert (reading.status, reading.reason) == (Status.UNREAD, Reason.CORRUPT)


def test_damage_and_plants():
    for body in (first(), second(), info2(PATH, PATH)):
        bears_damage(RecycleBin(), body)
        shows_plant(RecycleBin(), body)
    planted = RecycleBin().plant(info2(PATH), PLANT)
    assert planted is not None and planted[0] == 5
