"""Intune's detected apps and devices."""

from __future__ import annotations

import json

import pytest
from tests.evidence.artefact_kit import bears_damage, read_member, shows_plant
from tests.evidence_kit import read_bytes

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.intune_export import IntuneExport
from nachsorge.model.words import Platform, Reason, Telemetry

RAW = (
    b"ApplicationKey,ApplicationName,ApplicationPublisher,ApplicationVersion,DeviceId,DeviceName,OSDescription,Platform\n"
    b'1,3CX Desktop App,"3CX, Ltd",18.12.416,d1,PC1,Windows 10,Windows\n2,Git,,2.40,d2,PC2,,Windows\n'
)
AGGREGATE = (
    b"ApplicationKey,ApplicationName,ApplicationVersion,DeviceCount,Platform\n1,3CX Desktop App,18.12.416,3,Windows\n"
)
DEVICES = (
    b"\xef\xbb\xbfDevice ID,Device name,Enrollment date,Last check-in,OS,Serial number,Wi-Fi MAC\n"
    b"d1,PC1,2022-01-01,2023-03-29,Windows,C02AAA,001122334401\nd2,PC2,2022-01-01,2023-03-29,macOS,C02BBB,\n"
)
GRAPH = json.dumps(
    {
        "@odata.context": "https://graph.example/v1.0/$metadata#deviceManagement/detectedApps",
        "@odata.nextLink": "https://graph.example/next",
        "value": [
            {
                "displayName": "3CX Desktop App",
                "version": "18.12.416",
                "sizeInByte": 0,
                "deviceCount": 1,
                "platform": "windows",
                "managedDevices": [{"id": "d1", "deviceName": "PC1"}],
            }
        ],
    }
).encode()
ALL = [RAW, AGGREGATE, DEVICES, GRAPH]


@pytest.mark.parametrize("sample", ALL)
def test_all_forms_are_recognised_and_none_clears(sample):
    assert reader_for(sample, "export").name == "intune_export"
    _, ledger = read_bytes(IntuneExport(), sample, modified=1_680_000_000_000_000)
    assert not any(seen.spans for seen in ledger.seen())
    apps = any(seen.telemetry is Telemetry.INSTALLED_SOFTWARE for seen in ledger.seen())
    assert any("seven days" in gap.note for gap in ledger.gaps) is apps


def test_apps_of_devices():
    records, reading = read_member(IntuneExport(), RAW)
    assert [(r.host, r.software.name, r.software.version, r.software.publisher) for r in records] == [
        ("PC1", "3CX Desktop App", "18.12.416", "3CX, Ltd"),
        ("PC2", "Git", "2.40", ""),
    ]
    assert records[0].software.platform is Platform.WINDOWS
    assert [one.names for one in reading.identities] == [("PC1",), ("PC2",)]


def test_apps_of_the_whole_fleet_name_no_host():
    (record,), _ = read_member(IntuneExport(), AGGREGATE)
    assert (record.host, record.software.version) == (None, "18.12.416")


def test_devices_say_who_they_are():
    records, reading = read_member(IntuneExport(), DEVICES)
    assert [(r.telemetry, r.host) for r in records] == [(Telemetry.TEXT, "PC1"), (Telemetry.TEXT, "PC2")]
    assert reading.identities[0].marks == ("card:001122334401", "serial:C02AAA")
    assert [one.platform for one in reading.identities] == [Platform.WINDOWS, Platform.MACOS]


def test_graph_with_its_further_pages():
    records, reading = read_member(IntuneExport(), GRAPH)
    assert [(r.host, r.locator) for r in records] == [(None, "/value/0"), ("PC1", "/value/0/managedDevices/0")]
    assert "further pages" in reading.note


def test_torn_rows_are_told():
    _, reading = read_member(IntuneExport(), RAW + b"3,Half\n")
    assert "line 4 has 2 cells where the header has 8" in reading.note
    assert Reason.CORRUPT in {gap.reason for gap in reading.gaps}
    _, reading = read_member(IntuneExport(), GRAPH.replace(b'"value": [', b'"value": [7, '))
    assert reading.unreadable == 1


@pytest.mark.parametrize("sample", ALL)
def test_damage_and_plant(sample):
    bears_damage(IntuneExport(), sample)
    shows_plant(IntuneExport(), sample)


@pytest.mark.parametrize("sample", [RAW, DEVICES, GRAPH])
def test_sieve(sample):
    some, ledger = read_bytes(IntuneExport(), sample, b"pc1")
    every, whole = read_bytes(IntuneExport(), sample)
    assert 0 < len(some) < len(every) and (ledger.seen(), ledger.gaps) == (whole.seen(), whole.gaps)
