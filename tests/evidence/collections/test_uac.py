"""UAC: the host's files below `[root]`, results of commands beside them."""

from __future__ import annotations

import pytest
from tests.collection_kit import uac
from tests.evidence.collections.tree import brought, entries

from nachsorge.evidence.collections import arranged, recognised
from nachsorge.evidence.ledger import Ledger
from nachsorge.model.words import Platform, Reason, Telemetry

FILES = [("/etc/passwd", b"root:x", "2023-02-01T06:00:00Z"), ("/var/log/auth.log", b"x", "2023-04-01T06:00:00Z")]
MAC = [("/Applications/x", b"", "2023-02-01T06:00:00Z"), ("/Library/y", b"", "2023-02-01T06:00:00Z")]
SAID = "2023-04-04 14:31:00 +0000 "


@pytest.mark.parametrize("base", ["", "uac-pc-linux-20230404143000/"])
@pytest.mark.parametrize(("files", "platform"), [(FILES, Platform.LINUX), (MAC, Platform.MACOS)])
def test_its_paths_are_the_hosts(files, platform, base):
    (root,), found, ledger = brought(uac(files, base=base))
    assert (root.collector, root.platform, root.prefix) == ("UAC", platform, base.rstrip("/"))
    assert [entry.inside for entry in found] == [path for path, _, _ in files]
    assert not ledger.gaps


def test_results_are_evidence_and_its_log_is_not():
    more = [("live_response/process/ps.txt", b"x"), ("bodyfile/bodyfile.txt", b"x"), ("chkrootkit/a.txt", b"x")]
    listed = entries(uac(FILES, more=more))
    (root,) = recognised(listed, Ledger())
    found = arranged(listed, root, Ledger())
    assert [entry.path for entry in found.results] == [name for name, _ in more]
    assert all(root.holds(entry.path) for entry in listed)


def test_commands_alone_are_a_collection_too():
    (root,) = recognised(entries(uac([], more=[("live_response/process/ps.txt", b"x")])), Ledger())
    assert root.parts == {"uac.log", "live_response"}


def test_a_log_of_that_name_alone_is_none():
    assert not recognised(entries(uac([])), Ledger())


def test_what_lies_beside_it_is_not_the_hosts():
    (root,) = recognised(entries([*uac(FILES), ("switch.log", b"", None)]), Ledger())
    assert not root.holds("switch.log")


def test_its_errors_are_gaps():
    log = [SAID + "ERR file_collector: no such file or directory: '/opt/x'", SAID + "INF 0 errors"]
    _, _, ledger = brought(uac(FILES, log=log))
    assert [(gap.reason, "1 errors in UAC's log" in gap.note) for gap in ledger.gaps] == [(Reason.NOT_PROVIDED, True)]


def test_what_its_commands_could_not_read_is_a_gap_with_path_and_reason():
    log = [
        SAID + "CMD tar -cf x 2> tar: /var/log/secure: Cannot open: Permission denied"
        "/ntar: /root/news: Cannot stat: No such file or directory",
        SAID + "CMD find / -name x 2> find: '/home/kim': Permission denied",
        SAID + "CMD cp 2> cp: cannot open '/srv/a b' for reading: Input/output error",
        SAID + "CMD cat /etc/passwd",
    ]
    _, _, ledger = brought(uac(FILES, log=log))
    told = {(gap.reason, gap.telemetry): gap.note.partition(": ")[2] for gap in ledger.gaps}
    assert told == {
        (Reason.PERMISSION, Telemetry.SYSLOG): "/var/log/secure (Permission denied)",
        (Reason.PERMISSION, Telemetry.FILESYSTEM): "/home/kim (Permission denied)",
        (Reason.MISSING, Telemetry.FILESYSTEM): "/root/news (No such file or directory), /srv/a b (Input/output error)",
    }


def test_error_outputs_beside_it_count_as_well():
    more = [("copy_data.stderr.txt", b"cp: cannot open '/etc/shadow' for reading: Permission denied\n")]
    _, _, ledger = brought(uac(FILES, more=more))
    assert [(gap.reason, "/etc/shadow" in gap.note) for gap in ledger.gaps] == [(Reason.PERMISSION, True)]


def test_long_lines_take_no_time_without_end():
    _, _, ledger = brought(uac(FILES, log=[SAID + "CMD x 2> " + "tar: /" * 50_000, "cp: /" + "a" * 200_000]))
    assert not [gap for gap in ledger.gaps if gap.reason is Reason.FAILED]
