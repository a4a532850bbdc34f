"""Velociraptor: offline collectors, collections of one client, hunts over many."""

from __future__ import annotations

import json

import pytest
from tests.collection_kit import encoded, velociraptor
from tests.evidence.collections.tree import brought, entries

from nachsorge.evidence.collections import arranged, orders, recognised
from nachsorge.evidence.ledger import Ledger
from nachsorge.model.words import Platform, Reason, Telemetry

SYSMON = "C:\\Windows\\System32\\winevt\\Logs\\Microsoft-Windows-Sysmon%4Operational.evtx"
NOTE = "C:\\Users\\anna\\50 % off.txt"
FILES = [(SYSMON, b"ElfFile", "2023-04-01T06:00:00Z"), (NOTE, b"a note", "2023-03-01T06:00:00Z")]


@pytest.mark.parametrize("base", ["", "x/Collection-PC-2023/"])
@pytest.mark.parametrize("accessor", ["auto", "ntfs"])
def test_encoded_paths_are_the_hosts_own(base, accessor):
    members = velociraptor(FILES, base=base, accessors={SYSMON: accessor})
    (root,), files, ledger = brought(members)
    assert (root.collector, root.platform, root.prefix) == ("Velociraptor", Platform.WINDOWS, base.rstrip("/"))
    assert {entry.inside for entry in files} == {SYSMON, NOTE}
    assert not ledger.gaps


def test_a_unix_host_has_no_drives():
    files = [("/etc/passwd", b"root", "2023-04-01T06:00:00Z"), ("/var/log/my app.log", b"x", "2023-04-01T06:00:00Z")]
    (root,), found, _ = brought(velociraptor(files))
    assert root.platform is Platform.LINUX
    assert {entry.inside for entry in found} == {"/etc/passwd", "/var/log/my app.log"}


def test_a_mac_is_known_by_its_folders():
    (root,), _, _ = brought(velociraptor([("/Library/x.plist", b"x", "2023-04-01T06:00:00Z")]))
    assert root.platform is Platform.MACOS


def test_a_shadow_copys_file_is_an_older_state_of_the_same_path():
    device = "%5C%5C%3F%5CGLOBALROOT%5CDevice%5CHarddiskVolumeShadowCopy3"
    members = [*velociraptor(FILES), (f"uploads/ntfs_vss/{device}/Users/anna/old.txt", b"x", None)]
    _, files, ledger = brought(members)
    assert "C:\\Users\\anna\\old.txt" in {entry.inside for entry in files}
    assert "1 files are from shadow copies" in ledger.notes[0]


def test_results_are_evidence_and_its_orders_are_not():
    members = velociraptor(FILES, client={}, more=[("results/Windows.System.Pslist.json", b"{}"), ("log.json", b"")])
    listed = entries(members)
    (root,) = recognised(listed, Ledger())
    found = arranged(listed, root, Ledger())
    assert [entry.path for entry in found.results] == ["results/Windows.System.Pslist.json"]
    assert all(root.holds(entry.path) for entry in listed)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"vfs_path": "C:\\gone.txt", "file_size": 5, "uploaded_size": 5}, Reason.MISSING),
        ({"vfs_path": "\\\\.\\C:\\gone.txt", "Error": "Access is denied."}, Reason.PERMISSION),
        ({"vfs_path": "C:\\gone.txt", "Error": "Upload size limit reached"}, Reason.LIMIT),
        ({"_Components": ["uploads", "ntfs", "\\\\.\\C:", "gone.txt"], "file_size": 1}, Reason.MISSING),
    ],
)
def test_what_it_wanted_and_did_not_bring_is_a_gap(row, reason):
    _, files, ledger = brought(velociraptor(FILES, rows=[row]))
    assert [(gap.reason, "C:\\gone.txt" in gap.note) for gap in ledger.gaps] == [(reason, True)]
    # What the host refused was there: its path is compared all the same.
    assert ("C:\\gone.txt" in {entry.inside for entry in files}) == (reason is not Reason.MISSING)


def test_a_short_upload_is_a_gap():
    row = {"vfs_path": NOTE, "file_size": 600, "uploaded_size": 6}
    _, _, ledger = brought(velociraptor(FILES, rows=[row]))
    assert [(gap.reason, "6 of 600 bytes" in gap.note) for gap in ledger.gaps] == [(Reason.TRUNCATED, True)]


def test_a_locked_log_explains_the_hole_in_its_telemetry():
    row = {"vfs_path": "C:\\Windows\\System32\\winevt\\Logs\\Security.evtx", "Error": "sharing violation"}
    _, _, ledger = brought(velociraptor(FILES, rows=[row]))
    assert Telemetry.PROCESS_CREATION in {gap.telemetry for gap in ledger.gaps}


def test_uploads_as_csv_say_the_same():
    members = [m for m in velociraptor(FILES) if m[0] != "uploads.json"]
    members.append(("uploads.csv", b"vfs_path,file_size,uploaded_size\nC:\\gone.txt,5,5\n", None))
    _, _, ledger = brought(members)
    assert [(gap.reason, "C:\\gone.txt" in gap.note) for gap in ledger.gaps] == [(Reason.MISSING, True)]


def test_a_file_that_its_patterns_met_and_nobody_uploaded_is_a_gap():
    rows = [{"SourceFile": NOTE}, {"SourceFile": "C:\\Windows\\System32\\config\\SYSTEM"}]
    body = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
    _, _, ledger = brought(
        velociraptor(FILES, more=[("results/Windows.KapeFiles.Targets%2FAll Matches Metadata.json", body)])
    )
    assert {gap.telemetry for gap in ledger.gaps} == {Telemetry.PERSISTENCE, Telemetry.PROGRAM_EXECUTION}
    assert all("config\\SYSTEM" in gap.note and NOTE not in gap.note for gap in ledger.gaps)


def test_a_collection_that_was_broken_off_and_errors_in_its_log_are_gaps():
    members = [m for m in velociraptor(FILES) if m[0] != "collection_context.json"]
    ended = {"state": "ERROR", "status": "Collection exceeded limits: 1Gb"}
    members.append(("collection_context.json", json.dumps(ended).encode(), None))
    members.append(("log.json", b'{"level":"ERROR","message":"glob: C:: device not ready"}\n{"level":"INFO"}\n', None))
    _, _, ledger = brought(members)
    assert {(gap.reason, gap.note.partition(":")[0]) for gap in ledger.gaps} == {
        (Reason.LIMIT, "Velociraptor's collection ended with ERROR"),
        (Reason.NOT_PROVIDED, "1 errors in Velociraptor's log"),
    }


@pytest.mark.parametrize("body", [b"\xff\xfe\x00", b"[1, 2", b"nothing\n[3]\n", b'{"a":' * 100_000])
def test_lists_that_cannot_be_read_are_gaps(body):
    members = [m for m in velociraptor(FILES) if m[0] != "uploads.json"]
    _, files, ledger = brought([*members, ("uploads.json", body, None)])
    assert len(files) == 2
    assert {gap.reason for gap in ledger.gaps} == {Reason.CORRUPT}


def test_a_hunt_has_one_root_a_client_and_its_flows_are_one_hosts():
    members = [("hunt_info.json", b'{"artifacts": "evil.example"}', None)]
    for client, flows in (("C.1", ("F.1", "F.2")), ("C.2", ("F.3",))):
        members.append((f"clients/{client}/client_info.json", json.dumps({"hostname": client}).encode(), None))
        for flow in flows:
            base = f"clients/{client}/collections/{flow}/"
            members += velociraptor(FILES, base=base, more=[("results/X.json", b"{}")])  # type: ignore[arg-type]
    listed = entries(members)
    roots = recognised(listed, Ledger())
    assert [(root.prefix, root.parts) for root in roots] == [  # type: ignore[comparison-overlap]
        ("clients/C.1", {"client_info.json", "collections"}),
        ("clients/C.2", {"client_info.json", "collections"}),
    ]
    own = [entry for entry in listed if roots[0].holds(entry.path)]
    found = arranged(own, roots[0], Ledger())
    assert [len(found.files), len(found.results)] == [4, 2]
    assert orders("hunt_info.json", roots) and not orders("other.json", roots)


def test_flows_without_a_client_info_are_hosts_of_their_own():
    members = [m for flow in ("F.1", "F.2") for m in velociraptor(FILES, base=f"x/{flow}/")]
    assert [root.prefix for root in recognised(entries(members), Ledger())] == ["x/F.1", "x/F.2"]


def test_folders_called_uploads_and_results_are_nothing_special():
    members = [("srv/uploads/2023/x.jpg", b"", None), ("a/results/x.json", b"", None), ("b/log.json", b"", None)]
    assert not recognised(entries(members), Ledger())


def test_what_was_uploaded_from_no_file_system_is_a_result():
    members = [*velociraptor(FILES), ("uploads/data/report.txt", b"x", None)]
    listed = entries(members)
    (root,) = recognised(listed, Ledger())
    assert [entry.path for entry in arranged(listed, root, Ledger()).results] == ["uploads/data/report.txt"]


def test_names_are_encoded_as_it_does():
    assert encoded("C:\\$Extend\\$UsnJrnl:$J", "ntfs") == "uploads/ntfs/%5C%5C.%5CC%3A/$Extend/$UsnJrnl%3A$J"
