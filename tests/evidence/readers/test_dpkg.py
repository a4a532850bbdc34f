"""Packages of Debian and Alpine."""

from __future__ import annotations

import pytest
from tests.evidence.artefact_kit import bears_damage, read_member, read_place, shows_plant
from tests.evidence_kit import read_bytes

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.dpkg import Dpkg
from nachsorge.model.evidence import Software
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Kind, Platform, Reason, Status, Telemetry

LOG = b"""2024-03-28 10:00:00 startup archives unpack
2024-03-28 10:00:01 upgrade xz-utils:amd64 5.6.1-1 5.6.1+really5.4.5-1
2024-03-28 10:00:02 status installed xz-utils:amd64 5.6.1+really5.4.5-1
2024-03-28 10:00:03 remove old:all 1.0 <none>
2024-03-28 10:00:04 install new:amd64 <none> 2:3.1
"""
STATUS = b"""Package: xz-utils
Status: install ok installed
Architecture: amd64
Version: 5.6.1-1
Description: a text
 that goes on: see http://home.example/

Package: gone
Status: deinstall ok config-files
Version: 1

Package: liblzma5
Status: install ok installed
Version: 5.6.1-1
"""
APK = b"C:Q1abc=\nP:musl\nV:1.2.4-r2\nA:x86_64\no:musl\n\nP:busybox\nV:1.36.1-r5\n\n"


def software(records):
    return [(r.software.name, r.software.version) for r in records if r.software]


def test_the_log():
    assert reader_for(LOG, "dpkg.log").name == "dpkg"
    records, reading = read_member(Dpkg(), LOG, "dpkg.log")
    # The version that an upgrade takes away was there until then.
    assert software(records) == [
        ("xz-utils", "5.6.1+really5.4.5-1"),
        ("xz-utils", "5.6.1-1"),
        ("xz-utils", "5.6.1+really5.4.5-1"),
        ("old", "1.0"),
        ("new", "2:3.1"),
    ]
    assert {r.telemetry for r in records} == {Telemetry.SOFTWARE_INSTALL}
    assert "pkg:deb/debian/xz-utils@5.6.1-1" in {v.text for r in records for v in r.values if v.kind is Kind.PACKAGE}
    ((span),) = reading.seen[0].spans
    assert (span.start, span.end) == (parse_instant("2024-03-28T10:00"), parse_instant("2024-03-28T10:00:04"))
    assert (reading.records, reading.unreadable, reading.platform) == (5, 0, Platform.LINUX)


def test_a_line_that_is_none_is_counted_and_searched():
    records, ledger = read_bytes(Dpkg(), LOG + b"torn http://evil.example/\n2024-99-99 10:00:00 install a <none> 1\n")
    assert (ledger.records, ledger.unreadable, ledger.unreadable_at) == (7, 2, ["line 6", "line 7"])
    assert records[-2].values[0].text == "torn http://evil.example/"


def test_the_database_is_a_snapshot_at_the_files_own_time(tmp_path):
    place = tmp_path / "status"
    place.write_bytes(STATUS)
    records, reading = read_place(Dpkg(), place)
    assert software(records) == [("xz-utils", "5.6.1-1"), ("liblzma5", "5.6.1-1")]
    assert records[0].software == Software(name="xz-utils", version="5.6.1-1", platform=Platform.LINUX)
    assert "http://home.example/" in records[0].values[-1].text
    ((span),) = reading.seen[0].spans
    assert span.start == span.end == place.stat().st_mtime_ns // 1000
    assert "1 packages are removed" in reading.note and reading.status is Status.READ


def test_without_a_time_it_covers_nothing():
    _, reading = read_member(Dpkg(), STATUS, "status")
    assert reading.seen[0].spans == () and {gap.reason for gap in reading.gaps} == {Reason.NO_TIME}


def test_the_database_of_apk():
    records, _ = read_member(Dpkg(), APK, "installed")
    assert software(records) == [("musl", "1.2.4-r2"), ("busybox", "1.36.1-r5")]
    assert records[0].values[0].text == "pkg:apk/alpine/musl@1.2.4-r2"


def test_a_package_without_a_version_is_not_whole(tmp_path):
    (tmp_path / "status").write_bytes(STATUS + b"\nPackage: cut\nStatus: install ok installed\n")
    records, reading = read_place(Dpkg(), tmp_path / "status")
    assert (reading.unreadable, reading.status, reading.seen[0].spans) == (1, Status.PARTLY, ())
    assert software(records)[-1] == ("cut", "")


def test_a_real_log(shared_data):
    records, reading = read_place(Dpkg(), shared_data / "plaso-host-artefacts/dpkg.log")
    assert (reading.records, reading.unreadable, reading.status) == (4, 0, Status.READ)
    assert software(records) == [("base-passwd", "3.5.33")]


@pytest.mark.parametrize("body", [LOG, STATUS, APK])
def test_damage_sieve_and_plant(body):
    bears_damage(Dpkg(), body)
    shows_plant(Dpkg(), body)
    some, ledger = read_bytes(Dpkg(), body, b"5.4.5", b"liblzma", b"busybox")
    every, all_ledger = read_bytes(Dpkg(), body)
    assert some and len(some) < len(every) and ledger.seen() == all_ledger.seen()
