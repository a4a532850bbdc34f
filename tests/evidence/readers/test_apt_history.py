"""APT's history."""

from __future__ import annotations

from tests.evidence.artefact_kit import bears_damage, shows_plant
from tests.evidence.reader_contract import survives_anything
from tests.evidence_kit import read_bytes

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.apt_history import AptHistory
from nachsorge.model.times import Span, parse_instant
from nachsorge.model.words import Kind, Telemetry

READER = AptHistory()
LOG = b"""
Start-Date: 2024-03-28  10:00:00
Commandline: apt-get install curl
Requested-By: kim (1000)
Install: liblzma5:amd64 (5.6.1-1, automatic), curl:amd64 (8.5.0-2)
Upgrade: xz-utils:amd64 (5.4.5-0.3, 5.6.1-1)
End-Date: 2024-03-28  10:00:30

Start-Date: 2024-03-28  11:30:00
Commandline: apt autoremove
Remove: old:all (1.0)
End-Date: 2024-03-28  11:30:01
"""


def test_runs_and_packages():
    assert reader_for(LOG, "var/log/apt/history.log").name == "apt_history"
    records, ledger = read_bytes(READER, LOG)
    assert [(r.software.name, r.software.version, r.locator) for r in records if r.software] == [
        ("liblzma5", "5.6.1-1", "line 5"),
        ("curl", "8.5.0-2", "line 5"),
        ("xz-utils", "5.4.5-0.3", "line 6"),
        ("xz-utils", "5.6.1-1", "line 6"),
        ("old", "1.0", "line 11"),
    ]
    assert (
        records[0].event["Commandline"] == "apt-get install curl" and records[0].event["Requested-By"] == "kim (1000)"
    )
    assert "pkg:deb/debian/xz-utils@5.6.1-1" in {v.text for r in records for v in r.values if v.kind is Kind.PACKAGE}
    assert (ledger.records, ledger.unreadable) == (7, 0)
    first = Span(parse_instant("2024-03-28T10:00:00"), parse_instant("2024-03-28T10:00:30"))
    assert ledger.seen()[0].spans == (
        first,
        Span(parse_instant("2024-03-28T11:30"), parse_instant("2024-03-28T11:30:01")),
    )


def test_the_sieve_drops_packages_one_by_one():
    records, ledger = read_bytes(READER, LOG, b"liblzma5")
    assert [r.software.name for r in records] == ["liblzma5"] and ledger.records == 7


def test_what_is_no_field_or_no_package_is_counted_and_searched():
    body = (
        LOG + b"torn http://evil.example/\n\nStart-Date: 2024-03-29  10:00:00\nInstall: a:amd64 (1), b evil.example\n"
    )
    records, ledger = read_bytes(READER, body)
    assert (ledger.unreadable, ledger.unreadable_at) == (2, ["line 13", "line 16"])
    assert sum("evil.example" in v.text for r in records if r.telemetry is Telemetry.TEXT for v in r.values) == 2


def test_contract():
    survives_anything(READER, LOG)
    bears_damage(READER, LOG, 40)
    shows_plant(READER, LOG)
