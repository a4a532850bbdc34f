"""CyLR: drives as folders, and the log that it puts into its archive."""

from __future__ import annotations

import pytest
from tests.collection_kit import archive, cylr
from tests.evidence.collections.test_naming import registry
from tests.evidence.collections.tree import brought, entries, tree

from nachsorge.assets.inventory import Inventory
from nachsorge.evidence.collections import recognised
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.roots import find_roots
from nachsorge.model.words import Platform, Reason, Telemetry
from nachsorge.packs.library import resolve
from nachsorge.sweep import Options, sweep

WHEN = "2023-04-01T06:00:00Z"
NOTE = ("C:\\Users\\anna\\note.txt", b"x", WHEN)
OTHER = ("D:\\data\\list.txt", b"y", WHEN)
JOURNAL = ("C:\\$Extend\\$UsnJrnl:$J", b"z", WHEN)
SYSMON = "C:\\Windows\\System32\\winevt\\Logs\\Microsoft-Windows-Sysmon%4Operational.evtx"


def told(*log, files=(NOTE,), found=None):
    _, _, ledger = brought(cylr(files, log=log, found=found))
    return ledger.gaps


@pytest.mark.parametrize("base", ["", "PC17/"])
def test_its_paths_are_the_hosts_on_every_drive(base):
    (root,), files, ledger = brought(cylr([NOTE, OTHER, JOURNAL]), base)
    assert (root.collector, root.platform) == ("CyLR", Platform.WINDOWS)
    assert [entry.inside for entry in files] == [NOTE[0], OTHER[0], JOURNAL[0]]
    assert not ledger.gaps


def test_a_unix_hosts_paths_begin_at_its_root():
    (root,), files, ledger = brought(cylr([("/etc/passwd", b"x", WHEN), ("/var/log/auth.log", b"y", WHEN)]))
    assert root.platform is Platform.LINUX and not ledger.gaps
    assert [entry.inside for entry in files] == ["/etc/passwd", "/var/log/auth.log"]
    (root,), _, _ = brought(cylr([("/Users/anna/.zsh_history", b"x", WHEN), ("/private/etc/hosts", b"y", WHEN)]))
    assert root.platform is Platform.MACOS


def test_its_log_is_no_evidence_and_the_tree_no_whole_file_system():
    found = tree(cylr([NOTE]))
    assert "a selection of files by CyLR" in found.note and not any(seen.spans for seen in found.seen)
    (root,), files, _ = brought(cylr([NOTE]))
    assert root.holds("CyLR_Collection_Log_2023-04-03_12-20-00.log")
    assert not any("CyLR_Collection" in entry.path for entry in files)


@pytest.mark.parametrize(
    ("line", "reason", "telemetry", "named"),
    [
        (f"[error] Error: Access to the path '{SYSMON}' is denied.", Reason.PERMISSION, Telemetry.DNS_QUERY, SYSMON),
        (
            "[error] Error: The process cannot access the file 'C:\\x.log' because it is used by another process.",
            Reason.PERMISSION,
            Telemetry.FILESYSTEM,
            "C:\\x.log",
        ),
        (
            "[error] Error: Could not find file '/var/log/auth.log'.",
            Reason.MISSING,
            Telemetry.SYSLOG,
            "/var/log/auth.log",
        ),
        (
            "[warn] Warning: file or folder 'C:\\$MFT' does not exist.",
            Reason.MISSING,
            Telemetry.FILESYSTEM,
            "C:\\$MFT",
        ),
        (
            "[warn] Access is denied to one or more files in C:\\Windows\\System32\\winevt\\Logs",
            Reason.PERMISSION,
            Telemetry.WINDOWS_EVENT,
            "winevt\\Logs (a folder that it could not look through)",
        ),
        (
            "[warn] Unable to enumerate all files and sub directories in /var/log",
            Reason.FAILED,
            Telemetry.SYSLOG,
            "/var/log",
        ),
    ],
)
def test_what_it_could_not_get_is_a_gap_with_path_and_reason(line, reason, telemetry, named):
    gaps = [gap for gap in told(line) if gap.telemetry is telemetry]
    assert [(gap.reason, named in gap.note) for gap in gaps] == [(reason, True)]


def test_errors_that_name_no_file_are_counted():
    trace = (
        "[error] Failed to read files, this is usually due to lacking admin privileges.\r\nError:\r\n   at CyLR.read"
    )
    (gap,) = told(trace, "[error] Error: No such file", "[info] fine", '[warn] Excluding invalid path format "x"')
    assert gap.reason is Reason.NOT_PROVIDED and gap.note.startswith("3 errors in CyLR's log: Failed to read files")


def test_files_that_it_found_and_did_not_bring_without_a_word_are_a_gap():
    assert not told(found=1)
    (gap,) = told(found=5)
    assert (gap.reason, gap.note) == (
        Reason.MISSING,
        "CyLR found 5 files to take and brought 1; of 4 it says nothing",
    )
    # Those that it names are told already.
    assert len(told("[error] Error: Access to the path 'C:\\a' is denied.", found=2)) == 1


def test_its_zip_is_called_after_the_machine_where_nothing_within_names_it():
    listed = entries(cylr([("/etc/passwd", b"x", WHEN), ("/var/log/auth.log", b"y", WHEN)]))
    ledger = Ledger()
    (root,) = find_roots(listed, ledger, label="evidence/srv-web.zip")
    assert root.host == "srv-web" and [gap.reason for gap in ledger.gaps] == [Reason.NOT_PROVIDED]
    (root,) = find_roots(entries(cylr([registry("PC17")])), Ledger(), label="other.zip")
    assert root.host == "PC17"


@pytest.mark.parametrize("body", [b"", b"plain words\n", b"\x00\xff" * 50])
def test_another_log_of_that_name_is_none(body):
    members = [("C/Windows/x", b"", None), ("CyLR.log", body, None)]
    assert not recognised(entries(members), Ledger())


@pytest.mark.parametrize("body", [b"", b"\x00\xff" * 50])
def test_a_log_that_cannot_be_read_is_a_gap_and_the_files_are_the_hosts_all_the_same(body):
    members = [("C/Windows/x", b"", None), ("CyLR_Collection_Log_2023-04-03_12-20-00.log", body, None)]
    _, files, ledger = brought(members)
    assert [entry.inside for entry in files] == ["C:\\Windows\\x"]
    assert [gap.reason for gap in ledger.gaps] == [Reason.CORRUPT]


def test_a_log_that_lies_alone_is_no_collection():
    assert not recognised(entries(cylr([])), Ledger())


def test_a_file_that_it_could_not_open_was_there_and_is_met_by_its_path(tmp_path):
    locked = "C:\\Users\\anna\\evil.dll"
    made = cylr([registry("PC17"), NOTE], log=[f"[error] Error: Access to the path '{locked}' is denied."], found=3)
    (tmp_path / "PC17.zip").write_bytes(archive(made))
    rows = tmp_path / "iocs.csv"
    rows.write_text(f"type,value\npath,{locked}\n")
    found = sweep([resolve(str(rows))], [str(tmp_path / "PC17.zip")], Inventory(), Options(jobs=1))
    assert [(s.asset, s.telemetry) for s in found.sightings] == [("PC17", Telemetry.FILESYSTEM)]
