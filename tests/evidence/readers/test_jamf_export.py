"""Jamf Pro's computers and their applications."""

from __future__ import annotations

import json

import pytest
from tests.evidence.artefact_kit import bears_damage, read_member, shows_plant
from tests.evidence_kit import read_bytes

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.jamf_export import JamfExport
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Kind, Platform, Reason, Telemetry

APP = {"name": "3CX Desktop App.app", "path": "/Applications/3CX Desktop App.app", "version": "18.12.416"}
NEW = json.dumps(
    {
        "totalCount": 1,
        "results": [
            {
                "id": "7",
                "udid": "40443dd9-5b21-a345-8f89-aadde84c3719",
                "general": {"name": "mac1", "platform": "Mac", "reportDate": "2023-03-29T10:00:00.000Z"},
                "hardware": {"serialNumber": "C02AAA", "macAddress": "00:11:22:33:44:55"},
                "applications": [{**APP, "bundleId": "com.electron.3cx-desktop-app"}, {"name": "Git", "version": "2"}],
            }
        ],
    },
    indent=1,
).encode()
CLASSIC = json.dumps(
    {
        "computer": {
            "general": {"name": "mac1", "serial_number": "C02AAA", "report_date_utc": "2023-03-29T10:00:00.000+0000"},
            "hardware": {"model": "x"},
            "software": {"applications": [APP, {"name": "Git", "version": "2"}]},
        }
    }
).encode()
TABLE = (
    b"Computer Name,Serial Number,Application Title,Application Version,Last Inventory Update\n"
    b"mac1,C02AAA,3CX Desktop App.app,18.12.416,2023-03-29T10:00:00Z\nmac2,C02BBB,Git,2,2023-03-29T10:00:00Z\n"
)
ALL = [NEW, CLASSIC, TABLE]


@pytest.mark.parametrize("sample", ALL)
def test_every_form_names_program_version_machine_and_time_and_clears_nobody(sample: bytes) -> None:
    found = reader_for(sample, "export")
    assert found is not None and found.name == "jamf_export"
    records, reading = read_member(JamfExport(), sample)
    programs = [record for record in records if record.software]
    assert next((r.host, r.software.name, r.software.version) for r in programs if r.software) == (
        "mac1",
        "3CX Desktop App",
        "18.12.416",
    )
    assert programs[0].time == parse_instant("2023-03-29T10:00:00Z")
    assert programs[0].software is not None and programs[0].software.platform is Platform.MACOS
    assert "serial:C02AAA" in reading.identities[0].marks
    assert not any(seen.spans for seen in reading.seen)
    assert any("folders that it was told of" in gap.note for gap in reading.gaps)


def test_a_path_is_a_path_and_the_rest_of_a_computer_is_searched() -> None:
    records, _ = read_member(JamfExport(), NEW)
    assert (Kind.PATH, APP["path"]) in {(value.kind, value.text) for value in records[0].values}
    assert records[-1].telemetry is Telemetry.TEXT and records[-1].event["hardware.serialNumber"] == "C02AAA"


def test_a_page_of_more_and_what_is_no_computer_are_told() -> None:
    tree = json.loads(NEW) | {"totalCount": 300}
    tree["results"].append({"general": "evil.example"})
    records, reading = read_member(JamfExport(), json.dumps(tree).encode())
    assert "further pages" in reading.note and reading.unreadable == 1
    assert Reason.CORRUPT in {gap.reason for gap in reading.gaps}
    assert any("evil.example" in value.text for value in records[-1].values)


@pytest.mark.parametrize("sample", ALL)
def test_damage_plant_and_sieve(sample: bytes) -> None:
    bears_damage(JamfExport(), sample)
    shows_plant(JamfExport(), sample)
    some, ledger = read_bytes(JamfExport(), sample, b"3CX Desktop")
    every, whole = read_bytes(JamfExport(), sample)
    assert 0 < len(some) < len(every)
    assert (ledger.seen(), ledger.gaps) == (whole.seen(), whole.gaps)


@pytest.mark.parametrize("body", [b'{"general": {"name": "x"}}', b"Name,Version\nx,1\n", b"[]"])
def test_other_things_are_left_alone(body: bytes) -> None:
    assert JamfExport().accepts(body, "x") == 0
