"""Defender's text logs: detections, and programs that ran."""

from __future__ import annotations

from tests.evidence.artefact_kit import bears_damage, read_member, shows_plant
from tests.evidence_kit import read_bytes

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.mplog import MpLog
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Kind, Status, Telemetry

SHA1 = "ab" * 20
LOG = (
    "2023-03-29T10:11:11.000Z Version: Product 4.18.2302.7, Service 4.18.2302.7\r\n"
    "2023-03-29T10:11:12.123Z DETECTIONEVENT MPSOURCE_REALTIME Trojan:Win64/Control file:C:\\x y\\a.dll;"
    "webfile:C:\\x y\\b.zip|http://evil.example/b.zip|pid:1\r\n"
    f"Sha1:{SHA1}\r\n"
    "2023-03-29T10:12:12Z ProcessImageName: app.exe, Pid: 1, TotalTime: 5, Count: 2, MaxTime: 3, "
    "MaxTimeFile: \\Device\\HarddiskVolume3\\x\\y.dll, EstimatedImpact: 3%\r\n"
).encode()


def test_lines():
    records, reading = read_member(MpLog(), LOG, "MPLog-20230329-101112.log")
    version, detection, more, ran = records
    assert [record.telemetry for record in records] == [*[Telemetry.ANTIVIRUS] * 3, Telemetry.PROGRAM_EXECUTION]
    assert detection.time == parse_instant("2023-03-29T10:11:12.123000Z") and more.time is None and version.time
    assert {(Kind.PATH, "C:\\x y\\a.dll"), (Kind.PATH, "C:\\x y\\b.zip"), (Kind.URL, "http://evil.example/b.zip")} <= {
        (value.kind, value.text) for value in detection.values
    }
    assert (Kind.HASH, SHA1) in {(value.kind, value.text) for value in more.values}
    assert {(Kind.PATH, "app.exe"), (Kind.PATH, "\\Device\\HarddiskVolume3\\x\\y.dll")} <= {
        (value.kind, value.text) for value in ran.values
    }
    assert (ran.event["Pid"], ran.event["proves"]) == ("1", "execution")
    assert (reading.status, reading.records) == (Status.READ, 4)
    assert not any(seen.spans for seen in reading.seen) and {seen.records for seen in reading.seen} == {1, 3}


def test_the_sieve_gives_fewer_records_and_the_same_account():
    some, ledger = read_bytes(MpLog(), LOG, b"evil.example")
    every, whole = read_bytes(MpLog(), LOG)
    assert len(some) == 1 and some[0] in every
    assert (ledger.seen(), ledger.records) == (whole.seen(), whole.records)


def test_who_accepts():
    assert reader_for(LOG, "x.log").name == "mplog"
    assert MpLog().accepts(b"2023-03-29T10:11:12Z odd\r\n", "Support/MPDetection-20230101-000000.log") == 90
    assert MpLog().accepts(b"2023-03-29T10:11:12Z odd\r\n", "other.log") == 0


def test_damage_and_plant():
    bears_damage(MpLog(), LOG)
    shows_plant(MpLog(), LOG)
