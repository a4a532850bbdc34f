"""Homebrew's three lists."""

from __future__ import annotations

import json

import pytest
from tests.evidence.artefact_kit import bears_damage, read_member, shows_plant
from tests.evidence_kit import read_bytes

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.homebrew import Homebrew
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Kind, Platform, Reason, Telemetry

INFO = json.dumps(
    {
        "formulae": [
            {
                "name": "xz",
                "full_name": "xz",
                "tap": "homebrew/core",
                "versions": {"stable": "5.6.2"},
                "installed": [{"version": "5.6.1", "time": 1711670400}, {"version": "5.4.6", "time": 1700000000}],
            },
            {"name": "wget", "tap": "homebrew/core", "versions": {"stable": "1.21"}, "installed": []},
        ],
        "casks": [
            {
                "token": "3cx",
                "tap": "homebrew/cask",
                "name": ["3CX Desktop App"],
                "version": "2",
                "installed": "18.12.416",
            },
            {"token": "other", "tap": "homebrew/cask", "name": ["Other"], "version": "2", "installed": None},
        ],
    }
).encode()
LINES = b"git 2.40.0\nopenssl@3 3.1.0 3.0.8\nxz 5.6.1\npython@3.11 3.11.2_1\nzstd 1.5.5\n"
LOCK = json.dumps(
    {
        "entries": {
            "tap": {"homebrew/core": {"revision": "abc"}},
            "brew": {"xz": {"version": "5.6.1", "bottle": {"files": {"x": {"sha256": "a" * 64}}}}},
            "cask": {"3cx": {"version": "18.12.416"}},
        },
        "system": {"macos": {"ventura": {"HOMEBREW_VERSION": "4.0"}}},
    }
).encode()


def software(records):
    return [(r.software.name, r.software.version) for r in records if r.software]


def test_info_gives_what_is_installed_and_when():
    assert reader_for(INFO, "x.json").name == "homebrew"
    records, reading = read_member(Homebrew(), INFO)
    assert software(records) == [("xz", "5.6.1"), ("xz", "5.4.6"), ("3CX Desktop App", "18.12.416")]
    assert records[0].time == parse_instant("2024-03-29T00:00:00Z")
    assert [r.software.platform for r in records] == [None, None, Platform.MACOS]
    purls = [value.text for record in records for value in record.values if value.kind is Kind.PACKAGE]
    assert purls == ["pkg:brew/xz@5.6.1", "pkg:brew/xz@5.4.6", "pkg:brew/3cx@18.12.416"]
    assert reading.platform is Platform.MACOS


def test_lines():
    assert reader_for(LINES, "brew-list.txt").name == "homebrew"
    assert reader_for(LINES, "list.txt").name == "homebrew"
    records, _ = read_member(Homebrew(), LINES)
    assert software(records)[:3] == [("git", "2.40.0"), ("openssl@3", "3.1.0"), ("openssl@3", "3.0.8")]
    assert len({record.locator for record in records}) == len(records)


@pytest.mark.parametrize("text", [b"a 1\nb 2\n", b"up 3 days\nok go\nx y\nz z\na b\n", b"10.0.0.5 GET /x\n" * 9])
def test_other_lines_are_none(text):
    assert Homebrew().accepts(text, "notes.txt") == 0


@pytest.mark.parametrize("row", ["000a 0a", "59 32.1 101.0 157 93.2", "8140 a1c1"])
def test_tables_of_numbers_are_none(row):
    assert Homebrew().accepts(f"{row}\n".encode() * 40, "table.txt") == 0
    assert (
        Homebrew().accepts(b"jq 1.7.1\nlibpng 1.6.43\nr 4.4.1\nca-certificates 2024-07-02\njpeg 9e\n", "list.txt") == 12
    )


def test_a_lock_file():
    assert reader_for(LOCK, "Brewfile.lock.json").name == "homebrew"
    records, _ = read_member(Homebrew(), LOCK)
    assert software(records) == [("xz", "5.6.1"), ("3cx", "18.12.416")]
    assert any(value.kind is Kind.HASH for value in records[0].values)


@pytest.mark.parametrize("body", [INFO, LINES, LOCK])
def test_none_clears_anything(body):
    _, ledger = read_bytes(Homebrew(), body, modified=1_680_000_000_000_000)
    assert not any(seen.spans for seen in ledger.seen())
    assert [(g.reason, g.telemetry) for g in ledger.gaps] == [(Reason.NOT_PROVIDED, Telemetry.INSTALLED_SOFTWARE)]


@pytest.mark.parametrize("body", [INFO, LINES, LOCK])
def test_damage_sieve_and_plant(body):
    bears_damage(Homebrew(), body)
    shows_plant(Homebrew(), body)
    some, ledger = read_bytes(Homebrew(), body, b"xz")
    every, whole = read_bytes(Homebrew(), body)
    assert 0 < len(some) < len(every) and (ledger.seen(), ledger.gaps) == (whole.seen(), whole.gaps)
