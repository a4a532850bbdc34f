"""Master file tables, made record by record; the maker's layout was held against libfsntfs and a real table."""

from __future__ import annotations

import struct
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.evidence.artefact_kit import bears_damage, read_member
from tests.evidence_kit import PLANT, Literals, opened, read_bytes

from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.readers.mft import Mft
from nachsorge.evidence.windows import ntfs_folders
from nachsorge.evidence.windows.ntfs import FOLDER, IN_USE, Damage, decoded, mended
from nachsorge.evidence.windows.ntfs_folders import Folders, drive_in
from nachsorge.evidence.windows.ntfs_made import made_attribute, made_record, made_table, made_whole
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Kind, Platform, Reason, Status, Telemetry

ROOT = (1 << 48) | 5
TIME = 133_200_000_000_000_000


def named(name: str, parent: int, space: int = 1, ticks: int = TIME) -> bytes:
    text = name.encode("utf-16-le")
    body = struct.pack("<5Q", parent, *[ticks] * 4) + struct.pack("<QQIIBB", 0, 0, 0x20, 0, len(name), space)
    return made_attribute(0x30, body + text)


def whole(*attributes: bytes, sequence: int = 1, flags: int = IN_USE, base: int = 0) -> bytes:
    return made_whole(1024, sequence, flags, b"".join(attributes) + struct.pack("<I", 0xFFFFFFFF), base)


def table(*more: bytes) -> bytes:
    """The root at 5, `Users` at 6, then what is given, from 7 on."""
    rows = [made_record(1024, 1, ".", ROOT, folder=True)] * 6
    return b"".join([*rows, made_record(1024, 1, "Users", ROOT, folder=True), *more])


def test_paths_are_rebuilt_and_every_name_counts():
    long_and_short = whole(named("PROGRA~1.EXE", (1 << 48) | 6, 2), named("program one.exe", (1 << 48) | 6))
    records, reading = read_member(Mft(), table(long_and_short), "$MFT")
    assert (reading.status, reading.records, reading.platform) == (Status.READ, 8, Platform.WINDOWS)
    assert reading.seen[0].telemetry is Telemetry.FILESYSTEM and reading.seen[0].spans == ()
    last = records[-1]
    assert [v.text for v in last.values] == [r"?:\Users\program one.exe", r"?:\Users\PROGRA~1.EXE"]
    assert (last.event["state"], last.event["kind"], last.locator) == ("present", "file", "record 7")


def test_a_deleted_file_in_a_deleted_folder_has_its_path_and_says_so():
    # Giving a record free raises its count; what lay in the folder still refers to the count before.
    gone = made_record(1024, 4, "gone", ROOT, folder=True, used=False)
    inside = made_record(1024, 2, "evil.exe", (3 << 48) | 7, used=False)
    records, _ = read_member(Mft(), table(gone, inside), "$MFT")
    assert (records[-1].event["path"], records[-1].event["state"]) == (r"?:\gone\evil.exe", "deleted")


def test_a_folder_whose_record_was_used_again_gives_no_false_path():
    again = made_record(1024, 9, "innocent", ROOT, folder=True)
    records, reading = read_member(Mft(), table(again, made_record(1024, 1, "evil.exe", (3 << 48) | 7)), "$MFT")
    assert records[-1].event["path"] == "evil.exe"
    assert "1 names whose folder is no more" in reading.note


def test_folders_that_contain_each_other_end():
    one = made_record(1024, 1, "a", (1 << 48) | 8, folder=True)
    other = made_record(1024, 1, "b", (1 << 48) | 7, folder=True)
    records, reading = read_member(Mft(), table(one, other), "$MFT")
    assert records[-1].event["path"] == "b\\a\\b" and reading.status is Status.READ


def test_names_in_a_further_record_and_hard_links():
    further = whole(named("linked.dll", (1 << 48) | 6), named("other.dll", ROOT), base=(1 << 48) | 6)
    records, _ = read_member(Mft(), table(further), "$MFT")
    assert records[-1].event["path"] == "?:\\Users\\linked.dll\n?:\\other.dll"
    assert records[-1].event["continues"] == "6"


def test_streams_and_the_address_that_a_file_came_from():
    text = b"[ZoneTransfer]\r\nZoneId=3\r\nHostUrl=https://evil.example/x.exe\r\n"
    hidden = made_attribute(0x80, b"MZ", "hidden.exe")
    zone = made_attribute(0x80, text, "Zone.Identifier")
    file = whole(named("x.exe", ROOT), made_attribute(0x80, b"12345"), zone, hidden)
    records, _ = read_member(Mft(), table(file), "$MFT")
    values = {(v.kind, v.text) for v in records[-1].values}
    assert (Kind.URL, "https://evil.example/x.exe") in values and (Kind.PATH, r"?:\x.exe:hidden.exe") in values
    assert records[-1].event["size"] == "5" and records[-1].event["streams"] == "Zone.Identifier\nhidden.exe"


def test_times_are_those_of_the_standard_information():
    records, _ = read_member(Mft(), made_table("C:\\x"), "$MFT")
    assert records[-1].time == parse_instant("2023-02-04T16:00:00Z")
    assert records[-1].event["name_created"] == records[-1].event["created"] == "2023-02-04T16:00:00Z"


def test_a_sector_that_was_not_written_with_the_rest_is_unreadable():
    torn = bytearray(made_record(1024, 1, "x", ROOT))
    torn[1022:1024] = b"\xaa\xbb"
    with pytest.raises(Damage):
        decoded(bytes(torn))
    records, reading = read_member(Mft(), table(bytes(torn), made_record(1024, 1, "next", ROOT)), "$MFT")
    assert (reading.status, reading.unreadable, reading.unreadable_at) == (Status.PARTLY, 1, ("record 7",))
    assert records[-1].event["path"] == "?:\\next"


def test_a_table_that_was_exported_with_its_sectors_mended_is_read():
    body = b"".join(mended(row) for row in (table()[at : at + 1024] for at in range(0, 7168, 1024)))
    assert body != table()
    records, reading = read_member(Mft(), body, "$MFT")
    assert (len(records), reading.status, records[-1].event["path"]) == (7, Status.READ, "?:\\Users")


def test_bad_records_are_counted_and_unused_ones_are_not():
    bad = b"BAAD" + bytes(1020)
    _, reading = read_member(Mft(), table(bytes(1024), bad), "$MFT")
    assert (reading.records, reading.unreadable) == (8, 1)


def test_a_table_that_is_cut_is_partly_read():
    size = struct.pack("<IIBBHHH", 0x80, 72, 1, 0, 64, 0, 0)
    size += struct.pack("<QQHHIQQQ", 0, 7, 64, 0, 0, 8192, 8192, 8192)
    first = whole(named("$MFT", ROOT), size + bytes(8))
    body = first + table()[1024:]
    _, reading = read_member(Mft(), body, "$MFT")
    assert (reading.status, reading.reason) == (Status.PARTLY, Reason.TRUNCATED)
    assert "7168 bytes of the 8192" in reading.note
    _, reading = read_member(Mft(), body + bytes(1024), "$MFT")
    assert reading.status is Status.READ
    _, reading = read_member(Mft(), body[:4096], "$MFTMirr")
    assert reading.status is Status.READ and "mirror" in reading.note
    for rest in (5, 30, 700):
        _, reading = read_member(Mft(), table() + made_record(1024, 1, "x", ROOT)[:rest], "$MFT")
        assert reading.unreadable_at == ("record 7",)


def test_the_drive_is_that_of_the_folder_that_a_triage_tool_made():
    assert drive_in("case/C/$MFT") == "C:" and drive_in("u/ntfs/%5C%5C.%5CD%3A/$MFT") == "D:"
    assert drive_in("c/some/where/else/$MFT") is None and drive_in("$MFT") is None
    assert drive_in("logs.zip!E/$Extend/$J") == "E:"


def test_the_sieve_drops_only_what_holds_no_literal():
    body = table(*(made_record(1024, 1, f"file{n}.txt", (1 << 48) | 6) for n in range(600)))
    every, full = read_bytes(Mft(), body)
    some, ledger = read_bytes(Mft(), body, b"file599.txt")
    assert [r.locator for r in some] == ["record 606"] and len(every) == full.records == ledger.records == 607
    assert ledger.seen() == full.seen()
    downloaded = whole(named("y", ROOT), made_attribute(0x80, b"HostUrl=https://evil.example/y", "Zone.Identifier"))
    some, _ = read_bytes(Mft(), table(downloaded), b"evil.example")
    assert len(some) == 1


def test_folders_beyond_the_bound_are_told(monkeypatch):
    monkeypatch.setattr(ntfs_folders, "MOST", 3)
    rows = [made_record(1024, 1, f"d{n}", ROOT, folder=True) for n in range(9)]
    records, reading = read_member(Mft(), table(*rows, made_record(1024, 1, "x", (1 << 48) | 14)), "$MFT")
    assert reading.reason is Reason.LIMIT and records[-1].event["path"] == "x"


def test_memory_does_not_grow_with_the_table():
    block = b"".join(made_record(1024, 1, f"f{n}", ROOT) for n in range(1000))
    body = table() + block * 8

    def peak(data: bytes) -> int:
        ledger = Ledger()
        tracemalloc.start()
        for _ in Mft().read(opened(data, "$MFT"), Literals((b"nothing",)), ledger):
            pass
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    assert peak(body) < peak(body[: len(body) // 4]) + 2 * 1024 * 1024


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 3), st.integers(0, 14), st.booleans()), max_size=12))
def test_paths_always_end(rows):
    folders = Folders()
    for number, sequence, parent, gone in rows:
        folders.add(number, sequence, parent, f"n{number}", gone=gone)
    for reference in range(14):
        path = folders.path(reference)
        assert path.whole == path.text.startswith("?:") and path.text.count("\\") <= len(rows) + 1


def test_damage_and_plant():
    body = table(whole(named("x.exe", ROOT), made_attribute(0x80, b"12345")), made_record(1024, 2, "y", (1 << 48) | 6))
    bears_damage(Mft(), body)
    large = b"".join([made_record(4096, 1, ".", ROOT, folder=True)] * 6)
    for head, size in ((body, 1024), (large, 4096)):
        planted = Mft().plant(head, PLANT)
        assert planted is not None and Mft().accepts(planted, "x") > 0
        records, reading = read_member(Mft(), planted)
        # Which drive it was is not in the table, and is not compared.
        assert records[-1].values[0].text == "?:" + PLANT.path[2:] and reading.status is Status.READ
        assert int.from_bytes(planted[28:32], "little") == size
    assert not Mft().accepts(b"FILE0 is a text file\n" * 100, "$MFT")


def test_what_is_remembered_does_not_change_paths():
    """Asked from the top or from the bottom, in any order: a chain of folders deeper than the bound is told alike."""
    asked = list(range(10, 10 + ntfs_folders.DEEPEST + 20))
    answers = []
    for order in (asked, asked[::-1], asked[::3] + asked):
        folders = Folders()
        for number in asked:
            folders.add(number, 1, number - 1 if number > 10 else 5, "n" * 100)
        for reference in order:
            folders.path(reference)
        answers.append([folders.path(reference) for reference in asked])
    assert answers[0] == answers[1] == answers[2]
    assert [path.whole for path in answers[0]] == [True] * ntfs_folders.DEEPEST + [False] * 20


def test_a_folder_flag_is_told():
    assert decoded(made_record(1024, 1, "d", ROOT, folder=True)).flags & FOLDER
