"""Crash, hang and resource reports of macOS."""

from __future__ import annotations

import json

import pytest
from tests.evidence.artefact_kit import bears_damage, read_member, shows_plant

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.mac_crash import MacCrash
from nachsorge.model.evidence import Software
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Kind, Platform, Reason, Status, Telemetry

READER = MacCrash()
APP = "/Applications/3CX Desktop App.app/Contents"
HEAD = {
    "app_name": "3CX Desktop App",
    "timestamp": "2023-03-22 10:11:12.00 +0100",
    "app_version": "18.12.416",
    "slice_uuid": "0",
    "build_version": "18.12.416",
    "bundleID": "com.electron.3cx-desktop-app",
    "bug_type": "309",
    "os_version": "macOS 12.6 (21G115)",
    "incident_id": "7",
    "name": "3CX Desktop App",
}
BODY = {
    "uptime": 7,
    "userID": 501,
    "procName": "3CX Desktop App",
    "procPath": f"{APP}/MacOS/3CX Desktop App",
    "procLaunch": "2023-03-22 09:00:00.5000 +0100",
    "captureTime": "2023-03-22 10:11:12.3456 +0100",
    "parentProc": "launchd",
    "bundleInfo": {"CFBundleShortVersionString": "18.12.416", "CFBundleIdentifier": "com.electron.3cx-desktop-app"},
    "usedImages": [
        {"source": "P", "path": f"{APP}/Frameworks/libffmpeg.dylib", "name": "libffmpeg.dylib"},
        {"source": "A", "name": "???"},
        7,
    ],
}
IPS = (json.dumps(HEAD) + "\n" + json.dumps(BODY, indent=2)).encode()
CRASH = f"""Process:               3CX Desktop App [4711]
Path:                  {APP}/MacOS/3CX Desktop App
Identifier:            com.electron.3cx-desktop-app
Version:               18.12.416 (18.12.416)
Code Type:             X86-64 (Native)
Parent Process:        ??? [1]
Responsible:           3CX Desktop App [4711]
User ID:               501

Date/Time:             2023-03-22 10:11:12.345 +0100
Launch Time:           2023-03-22 09:00:00.500 +0100
OS Version:            Mac OS X 10.14.6 (18G103)
Report Version:        12

Exception Type:        EXC_BAD_ACCESS (SIGSEGV)

Thread 0 Crashed:
0   libffmpeg.dylib  0x000000010f3c1000 run + 16

Binary Images:
       0x10f3c0000 -        0x10f3effff +com.electron.3cx-desktop-app (18.12.416) <A1-B2> {APP}/MacOS/3CX Desktop App
       0x10f4c0000 -        0x10f4effff +libffmpeg.dylib (0) <A1-B3> {APP}/Frameworks/libffmpeg.dylib
""".encode()
FORMS = {"ips": IPS, "crash": CRASH}


@pytest.mark.parametrize("form", FORMS)
def test_a_report_proves_a_program_at_its_version_with_its_libraries(form: str):
    found = reader_for(FORMS[form], "renamed.txt")
    assert found is not None and found.name == "mac_crash"
    (record,), reading = read_member(READER, FORMS[form])
    assert record.telemetry is Telemetry.PROGRAM_EXECUTION and record.event["proves"] == "execution"
    assert record.software == Software(
        name="3CX Desktop App",
        version="18.12.416",
        platform=Platform.MACOS,
        aliases=("com.electron.3cx-desktop-app",),
    )
    paths = {value.text for value in record.values if value.kind is Kind.PATH}
    assert {f"{APP}/MacOS/3CX Desktop App", f"{APP}/Frameworks/libffmpeg.dylib"} <= paths
    assert record.time == parse_instant("2023-03-22T08:00:00.5Z")
    assert record.event["user"] == "501"
    assert (reading.status, reading.records, reading.platform) == (Status.READ, 1, Platform.MACOS)
    assert reading.last is not None and all(not seen.spans for seen in reading.seen)


def test_a_report_that_breaks_off_keeps_what_its_first_line_says():
    (record,), reading = read_member(READER, IPS[: IPS.index(b"\n") + 40])
    assert record.software is not None and record.software.version == "18.12.416"
    assert reading.reason is Reason.TRUNCATED and "missing or damaged" in reading.note


def test_what_has_no_version_or_time_says_so():
    bare = b'{"app_name":"x","bug_type":"309"}\n{"procPath":"/tmp/x","usedImages":"?"}'
    (record,), reading = read_member(READER, bare)
    assert record.software is None and (Kind.PATH, "/tmp/x") in {(v.kind, v.text) for v in record.values}
    assert {gap.reason for gap in reading.gaps} == {Reason.NO_TIME}
    _, reading = read_member(READER, b'{"bug_type":"210","bundleID":""}\n{}')
    assert (reading.status, reading.reason) == (Status.UNREAD, Reason.CORRUPT)


def test_more_libraries_than_anybody_loads_are_a_gap():
    images = [{"path": f"/l/{number}"} for number in range(5_007)]
    body = (json.dumps(HEAD) + "\n" + json.dumps({**BODY, "usedImages": images})).encode()
    (record,), reading = read_member(READER, body)
    assert sum(1 for value in record.values if value.field == "image") == 5_000
    assert "7 more libraries" in reading.note


def test_a_line_that_no_report_has_is_passed_over_and_said():
    (record,), reading = read_member(READER, CRASH + b"0x1 - 0x2 " + b" /a" * 5000 + b"\n")
    assert "longer than" in reading.note and record.software is not None


def test_others_are_others():
    assert READER.accepts(b'{"bug_type":"298","os_version":"x"}\n{"processes":[]}', "JetsamEvent.ips") == 0
    assert READER.accepts(b"Path: /x\nVersion: 1\nName: y\n", "notes.txt") == 0
    assert READER.accepts(b"", "x.crash") == 0


@pytest.mark.parametrize("form", FORMS)
def test_damage_and_plant(form: str):
    bears_damage(READER, FORMS[form])
    shows_plant(READER, FORMS[form])
