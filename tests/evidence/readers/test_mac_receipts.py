"""Receipts of macOS."""

from __future__ import annotations

import plistlib
from datetime import datetime

import pytest
from tests.evidence.artefact_kit import bears_damage, read_member, shows_plant

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.mac_receipts import MacReceipts
from nachsorge.model.evidence import Software
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Kind, Platform, Reason, Status, Telemetry

READER = MacReceipts()
RECEIPT = {
    "InstallDate": datetime(2023, 3, 20, 8, 16, 2),  # noqa: DTZ001  a property list knows no zones
    "InstallPrefixPath": "Applications",
    "InstallProcessName": "installer",
    "PackageFileName": "3CX Desktop App.pkg",
    "PackageGroups": ["com.apple.group"],
    "PackageIdentifier": "com.electron.3cx-desktop-app",
    "PackageVersion": "18.12.416",
    "PathACLs": {"Applications": "!#acl 1"},
}
NAME = "private/var/db/receipts/com.electron.3cx-desktop-app.plist"
FORMS = [plistlib.FMT_XML, plistlib.FMT_BINARY]


@pytest.mark.parametrize("form", FORMS)
def test_an_installation(form):
    body = plistlib.dumps(RECEIPT, fmt=form)
    for name in (NAME, "renamed.bin"):
        found = reader_for(body, name)
        assert found is not None and found.name == "mac_receipts"
    (record,), reading = read_member(READER, body, NAME)
    assert (record.telemetry, record.time) == (Telemetry.SOFTWARE_INSTALL, parse_instant("2023-03-20T08:16:02Z"))
    assert record.software == Software(
        name="com.electron.3cx-desktop-app",
        version="18.12.416",
        platform=Platform.MACOS,
        aliases=("3CX Desktop App",),
    )
    assert (Kind.PATH, "3CX Desktop App.pkg") in {(value.kind, value.text) for value in record.values}
    assert (record.event["InstallProcessName"], record.event["InstallPrefixPath"]) == ("installer", "Applications")
    assert "!#acl 1" in {value.text for value in record.values}, "nothing of a receipt goes unsearched"
    assert (reading.status, reading.records, reading.platform) == (Status.READ, 1, Platform.MACOS)
    assert all(not seen.spans for seen in reading.seen), "a receipt clears nothing"


def test_without_a_date_or_an_identifier_it_says_so():
    bare = {"PackageVersion": "1", "PackageIdentifier": "com.x", "InstallProcessName": "installer"}
    (record,), reading = read_member(READER, plistlib.dumps(bare))
    assert record.time is None and [gap.reason for gap in reading.gaps] == [Reason.NO_TIME]
    (record,), reading = read_member(READER, plistlib.dumps({**bare, "PackageIdentifier": 7}))
    assert record.software is None and reading.unreadable == 1
    _, reading = read_member(READER, plistlib.dumps([bare]))
    assert (reading.status, reading.reason) == (Status.UNREAD, Reason.CORRUPT)


def test_other_lists_are_others():
    assert READER.accepts(plistlib.dumps({"PackageIdentifier": "x", "PackageVersion": "1"}), NAME) == 0
    assert READER.accepts(b"PackageIdentifier PackageVersion InstallDate", NAME) == 0


@pytest.mark.parametrize("form", FORMS)
def test_damage_and_plant(form):
    body = plistlib.dumps(RECEIPT, fmt=form)
    bears_damage(READER, body)
    shows_plant(READER, body)
