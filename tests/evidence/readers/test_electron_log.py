"""Logs of Electron apps: times, addresses, the version that the updater found; and any text log of the 3CX app."""

from __future__ import annotations

import pytest
from tests.evidence.artefact_kit import bears_damage, read_member, shows_plant
from tests.evidence_kit import read_bytes

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.electron_log import ElectronLog
from nachsorge.model.evidence import Software
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Kind, Platform, Status, Telemetry

URL = "https://pbx.example/electron/update/win32/18.12.416"
BODY = (
    f"[2023-03-22 10:11:12.345] [info]  Checking for update at {URL}\r\n"
    "[2023-03-22 10:11:13.000] [info]  Update for version 18.12.416 is not available (latest version: 18.12.416)\r\n"
    "[2023-03-22 10:11:14.000] [error] Error: odd.example\r\n    at C:\\Users\\kim\\AppData\\x.js:1\r\n"
).encode()
WINDOWS = "C/Users/kim/AppData/Roaming/3CXDesktopApp/logs/main.log"
MAC = "Users/kim/Library/Logs/3CX Desktop App/main.log"


def test_what_the_app_did_and_where_it_asked():
    records, reading = read_member(ElectronLog(), BODY, WINDOWS)
    first, version, fault, trace = records
    assert (Kind.URL, URL) in {(value.kind, value.text) for value in first.values}
    assert first.time == parse_instant("2023-03-22T10:11:12.345Z") and first.event["level"] == "info"
    assert first.software is None and fault.event["message"] == "Error: odd.example"
    assert version.software == Software(name="3CXDesktopApp", version="18.12.416", platform=Platform.WINDOWS)
    assert trace.time is None and trace.values[1].kind is Kind.PATH
    assert (reading.status, reading.records, reading.seen[0].spans) == (Status.READ, 4, ())
    assert "times are local" in reading.note


@pytest.mark.parametrize(
    ("path", "software"),
    [
        (MAC, Software(name="3CX Desktop App", version="18.12.416", platform=Platform.MACOS)),
        ("home/x/.config/app/logs/a.log", Software(name="app", version="18.12.416", platform=Platform.LINUX)),
        ("main.log", None),
    ],
)
def test_whose_version_it_is_is_told_by_the_folder_alone(path, software):
    records, _ = read_member(ElectronLog(), BODY, path)
    assert records[1].software == software


@pytest.mark.parametrize("name", ["logs/main.log", "update.log", "a/b/debug.log.1"])
def test_any_text_log_in_the_apps_folder_is_read_line_by_line(name):
    path = "C/Users/kim/AppData/Roaming/3CXDesktopApp/" + name
    body = b"[0322/101112.345:ERROR:network.cc(1)] no address for evil.example\nplain\n"
    assert reader_for(body, path).name == "electron_log"
    records, reading = read_member(ElectronLog(), body, path)
    assert [record.telemetry for record in records] == [Telemetry.TEXT] * 2
    assert "evil.example" in records[0].values[0].text and reading.status is Status.READ


def test_the_sieve_gives_the_same_account():
    some, ledger = read_bytes(ElectronLog(), BODY, b"odd.example", name=WINDOWS)
    every, whole = read_bytes(ElectronLog(), BODY, name=WINDOWS)
    # The line that tells the version is always read: the name that goes with it stands in the path alone.
    assert some == every[1:3] and ledger.seen() == whole.seen()


def test_who_accepts():
    assert reader_for(BODY, WINDOWS).name == reader_for(BODY, MAC).name == "electron_log"
    assert ElectronLog().accepts(b"2023-03-22 10:11:12 something\n", "AppData/Roaming/app/logs/main.log") == 0
    assert ElectronLog().accepts(b"\0\1\0", "3CXDesktopApp/leveldb/000003.log") == 0
    assert ElectronLog().accepts(b"text", "3CXDesktopApp/readme.txt") == 0


def test_damage_and_plant():
    bears_damage(ElectronLog(), BODY)
    shows_plant(ElectronLog(), BODY)
