"""Windows Package Manager."""

from __future__ import annotations

import json

import pytest
from tests.evidence.artefact_kit import bears_damage, read_member, shows_plant
from tests.evidence_kit import read_bytes

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.winget import Winget
from nachsorge.model.words import Platform, Reason, Status, Telemetry

EXPORT = json.dumps(
    {
        "CreationDate": "2023-03-29T10:00:00.000-00:00",
        "Sources": [
            {
                "Packages": [
                    {"PackageIdentifier": "3CX.DesktopApp", "Version": "18.12.416"},
                    {"PackageIdentifier": "Git.Git"},
                ],
                "SourceDetails": {"Name": "winget", "Argument": "https://registry.example/cache"},
            }
        ],
        "WinGetVersion": "1.4.10173",
    }
).encode()
LIST = (
    "   - \r   \\ \rName              Id               Version       Verfügbar Quelle\n"
    + "-" * 66
    + "\n3CX Desktop App   {11-AA}          18.12.416\n"
    "日本語 Paket      Vendor.Paket     < 2.0         2.1       winget\n"
    "A very long nam…  Vendor.Long      1.0                     winget\n"
).encode()


def software(records):
    return [(r.software.name, r.software.version) for r in records if r.software]


def test_an_export():
    assert reader_for(EXPORT, "x.json").name == "winget"
    records, reading = read_member(Winget(), EXPORT)
    assert software(records) == [("3CX.DesktopApp", "18.12.416"), ("Git.Git", "")]
    assert records[0].software.platform is Platform.WINDOWS
    assert records[0].locator == "/Sources/0/Packages/0"
    assert (reading.records, reading.unreadable, reading.seen[0].spans) == (2, 0, ())


def test_a_list_in_any_language_with_wide_letters():
    assert reader_for(LIST, "programs.txt").name == "winget"
    records, reading = read_member(Winget(), LIST)
    assert software(records) == [("3CX Desktop App", "18.12.416"), ("日本語 Paket", "2.0"), ("A very long nam", "1.0")]
    assert records[1].event["id"] == "Vendor.Paket"
    assert {gap.reason for gap in reading.gaps} == {Reason.NOT_PROVIDED, Reason.TRUNCATED}
    assert "1 rows were cut" in reading.note


@pytest.mark.parametrize("body", [EXPORT, LIST])
def test_neither_clears_anything(body):
    _, ledger = read_bytes(Winget(), body, modified=1_680_000_000_000_000)
    assert not any(seen.spans for seen in ledger.seen())
    assert any(g.reason is Reason.NOT_PROVIDED and g.telemetry is Telemetry.INSTALLED_SOFTWARE for g in ledger.gaps)


def test_what_is_no_package_is_counted():
    body = EXPORT.replace(b'{"PackageIdentifier": "Git.Git"}', b"7")
    _, reading = read_member(Winget(), body)
    assert (reading.records, reading.unreadable) == (2, 1)
    records, reading = read_member(Winget(), LIST + b"evil.example\n")
    assert (reading.unreadable, "evil.example" in records[-1].values[0].text) == (1, True)
    _, reading = read_member(Winget(), b'{"Sources": 1, "WinGetVersion": "1"}')
    assert reading.status is Status.UNREAD or reading.reason is Reason.CORRUPT


@pytest.mark.parametrize("body", [EXPORT, LIST])
def test_damage_sieve_and_plant(body):
    bears_damage(Winget(), body)
    shows_plant(Winget(), body)
    some, ledger = read_bytes(Winget(), body, b"3cx")
    every, whole = read_bytes(Winget(), body)
    assert 0 < len(some) < len(every) and (ledger.seen(), ledger.gaps) == (whole.seen(), whole.gaps)
