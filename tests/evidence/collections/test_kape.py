"""KAPE: drives as folders, logs beside them."""

from __future__ import annotations

import hashlib

import pytest
from tests.collection_kit import RUN, kape, table
from tests.evidence.collections.tree import brought, entries, tree

from nachsorge.evidence.collections import arranged, recognised
from nachsorge.evidence.ledger import Ledger
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Platform, Reason, Telemetry

HOSTS = "C:\\Windows\\System32\\drivers\\etc\\hosts"
NOTE = "C:\\Users\\anna\\note.txt"
FILES = [(HOSTS, b"# none\r\n", "2023-02-01T06:00:00Z"), (NOTE, b"a note", "2023-03-01T06:00:00Z")]
SYSMON = "C:\\Windows\\System32\\winevt\\Logs\\Microsoft-Windows-Sysmon%4Operational.evtx"


@pytest.mark.parametrize("base", ["", "case/pc17/"])
@pytest.mark.parametrize("below", ["", "2023-04-03T102000_KapeTriage_x/"])
def test_its_paths_are_the_hosts_and_its_times_the_copy_logs(base, below):
    (root,), files, ledger = brought(kape(FILES, below=below), base)
    assert (root.collector, root.platform, root.prefix) == ("KAPE", Platform.WINDOWS, base.rstrip("/"))
    assert {entry.inside: entry.modified for entry in files} == {
        HOSTS: parse_instant("2023-02-01T06:00:00Z"),
        NOTE: parse_instant("2023-03-01T06:00:00Z"),
    }
    assert not ledger.gaps


def test_drives_without_its_logs_are_not_its():
    assert not recognised(entries([("C/Windows/System32/x", b"", None)]), Ledger())


def test_logs_without_drives_are_only_tables():
    assert not recognised(entries([(f"{RUN}_CopyLog.csv", b"SourceFile,DestinationFile\n", None)]), Ledger())


def test_a_mounted_image_is_the_hosts_own_drive():
    _, files, ledger = brought(kape(FILES, drive="G"))
    assert {entry.inside for entry in files} == {HOSTS, NOTE}
    assert "G: when KAPE ran" in ledger.notes[0]


def test_a_second_drive_keeps_its_letter():
    more = [(f"D/{name}", b"x", None) for name in ("a.txt", "Windows/b.txt")]
    _, files, _ = brought([*kape(FILES), *more])
    assert {entry.inside for entry in files} == {HOSTS, NOTE, "D:\\a.txt", "D:\\Windows\\b.txt"}


def test_what_lies_beside_it_is_not_the_hosts():
    (root,), _, _ = brought([*kape(FILES), ("firewall.log", b"x", None)])
    assert not root.holds("firewall.log") and root.holds(f"{RUN}_CopyLog.csv")


def test_a_deduplicated_file_stands_in_its_own_place_with_the_bytes_of_its_twin():
    sha1 = hashlib.sha1(b"a note", usedforsecurity=False).hexdigest()
    twin = "C:\\Users\\kim\\note.txt"
    _, files, ledger = brought(kape(FILES, skipped=[(twin, sha1.upper(), "Deduped")]))
    (stand_in,) = [entry for entry in files if entry.inside == twin]
    assert stand_in.source.open().read() == b"a note"
    assert "stands for" in stand_in.path and "row 1" in stand_in.path
    assert not ledger.gaps


def test_a_deduplicated_file_whose_twin_is_gone_is_a_gap():
    _, files, ledger = brought(kape(FILES, skipped=[("C:\\Users\\kim\\x", "0" * 40, "Deduped")]))
    assert [(gap.reason, "C:\\Users\\kim\\x" in gap.note) for gap in ledger.gaps] == [(Reason.MISSING, True)]
    assert [entry.source for entry in files if entry.inside.endswith("\\x")] == [None]


@pytest.mark.parametrize(
    ("why", "reason"),
    [
        ("File in use", Reason.PERMISSION),
        ("Access, denied", Reason.PERMISSION),
        ("Larger than the size limit", Reason.LIMIT),
        ("Excluded", Reason.NOT_PROVIDED),
        ("who knows", Reason.MISSING),
    ],
)
def test_a_skipped_file_is_a_gap_with_its_reason_and_was_on_the_host(why, reason):
    _, files, ledger = brought(kape(FILES, skipped=[("C:\\pagefile.sys", "", why)]))
    (gap,) = ledger.gaps
    assert (gap.reason, gap.telemetry) == (reason, Telemetry.FILESYSTEM)
    assert f"C:\\pagefile.sys ({why})" in gap.note
    assert "C:\\pagefile.sys" in {entry.inside for entry in files}


def test_a_failed_copy_explains_the_hole_in_its_telemetry():
    said = f"[2023-04-03 12:21:07.2 | FTL] Could not copy file {SYSMON} to E:\\out\\x. Error: used by another process"
    _, files, ledger = brought(kape(FILES, console=[said, "[x | INF] Copied 2. File copy errors: 1. See console log"]))
    assert {gap.reason for gap in ledger.gaps} == {Reason.PERMISSION}
    assert {Telemetry.PROCESS_CREATION, Telemetry.DNS_QUERY} <= {gap.telemetry for gap in ledger.gaps}
    assert all(SYSMON in gap.note for gap in ledger.gaps)
    assert SYSMON in {entry.inside for entry in files}


def test_hostile_console_lines_take_no_time_without_end():
    lines = ["Could not copy C:\\x to " * 50_000, "x | ERR | C:\\" + " " * 200_000 + "C:\\" * 50_000]
    _, files, _ = brought(kape(FILES, console=lines))
    assert len(files) >= len(FILES)


def test_the_older_console_log_is_read_as_well():
    said = "2022-05-28 02:43:44.1 | F | Could not copy 'C:\\x\\y.db' to 'E:\\z'. Error: Access denied"
    _, _, ledger = brought(kape(FILES, console=[said, "2022-05-28 02:43:45.1 | F | Total execution time: 1.0 seconds"]))
    assert [(gap.reason, "C:\\x\\y.db" in gap.note) for gap in ledger.gaps] == [(Reason.PERMISSION, True)]


def test_a_file_that_vanished_meanwhile_is_missing_and_not_said_to_exist():
    said = "[2023-04-03 12:21:03.1 | WRN] File C:\\Windows\\prefetch\\X.EXE-1.pf does not exist! Skipping!"
    _, files, ledger = brought(kape(FILES, console=[said]))
    assert [(gap.reason, gap.telemetry) for gap in ledger.gaps] == [(Reason.MISSING, Telemetry.PROGRAM_EXECUTION)]
    assert len(files) == len(FILES)


def test_failures_that_the_log_only_counts_are_a_gap():
    _, _, ledger = brought(kape(FILES, console=["[x | INF] Copied 2 out of 5 files. File copy errors: 3. See log"]))
    assert ["3 failed copies" in gap.note for gap in ledger.gaps] == [True]


def test_a_file_that_was_copied_and_is_not_there_any_more_is_a_gap():
    _, _, ledger = brought(kape(FILES, unwritten=[NOTE]))
    assert [(gap.reason, NOTE in gap.note) for gap in ledger.gaps] == [(Reason.MISSING, True)]


def test_a_file_shorter_than_its_copy_was_is_a_gap():
    members = [(n, b"a" if n.endswith("note.txt") else b, t) for n, b, t in kape(FILES)]
    _, _, ledger = brought(members)
    assert [(gap.reason, "6 bytes by" in gap.note) for gap in ledger.gaps] == [(Reason.TRUNCATED, True)]


def test_an_alternate_stream_is_found_under_its_stored_name():
    row = ["", "C:\\$Extend\\$UsnJrnl:$J", "E:\\out\\C\\$Extend\\$J", "9", "00", "True", "", "", "", ""]
    log = table(["CopiedTimestamp", "SourceFile", "DestinationFile", "FileSize", "SourceFileSha1"], [row[:5]])
    members = [(f"{RUN}_CopyLog.csv", log, None), ("C/$Extend/$J", b"usn", None)]
    _, files, ledger = brought(members)
    assert [entry.inside for entry in files] == ["C:\\$Extend\\$J"] and not ledger.gaps


def test_a_log_that_is_none_is_a_gap_and_the_files_are_read_all_the_same():
    members = [(f"{RUN}_SkipLog.csv", b"\x00\x01 nothing", None), ("C/Users/x", b"x", None)]
    _, files, ledger = brought(members)
    assert len(files) == 1
    assert [gap.reason for gap in ledger.gaps] == [Reason.CORRUPT]


def test_many_skipped_files_are_counted_and_the_first_are_named():
    rows = [(f"C:\\data\\{number}.bin", "", "File in use") for number in range(5000)]
    _, _, ledger = brought(kape(FILES, skipped=rows))
    (gap,) = ledger.gaps
    assert "did not bring 5000 files" in gap.note and "4980 more" in gap.note and len(gap.note) < 2000


def test_it_is_no_whole_file_system_however_much_it_holds():
    programs = [(f"C:\\Windows\\System32\\{n}.dll", b"x", "2023-02-01T06:00:00Z") for n in range(600)]
    reading = tree(kape(programs))
    assert not any(seen.spans for seen in reading.seen)
    assert "a selection of files by KAPE" in reading.note


def test_arranging_twice_gives_the_same():
    listed = entries(kape(FILES))
    (root,) = recognised(listed, Ledger())
    first, second = (arranged(listed, root, Ledger()).files for _ in range(2))
    assert [(e.path, e.inside, e.modified) for e in first] == [(e.path, e.inside, e.modified) for e in second]
