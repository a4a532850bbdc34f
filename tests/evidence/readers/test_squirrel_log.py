"""The updater's own log: from where, which version, when."""

from __future__ import annotations

from tests.evidence.artefact_kit import bears_damage, read_member, shows_plant
from tests.evidence_kit import read_bytes

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.squirrel_log import SquirrelLog
from nachsorge.model.evidence import Software
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Kind, Platform, Status, Telemetry

URL = "https://pbx.example/electron/update/win32/18.12.416"
OLD = (
    f"2023-03-22 10:11:12> Program: Starting Squirrel Updater: --update {URL}\r\n"
    "2023-03-22 10:11:13> FileDownloader: Downloading file: App-1.2.3-full.nupkg\r\n"
    "2023-03-22 10:11:14> ApplyReleasesImpl: Writing files to app directory: C:\\a b\\3CXDesktopApp\\app-18.12.416\r\n"
    "2023-03-22 10:11:15> Unhandled exception: System.Exception: odd.example\r\n   at Squirrel.X()\r\n"
).encode()
NEW = b"[22/03/23 10:11:12] info: Program: Starting Squirrel Updater: --checkForUpdate C:\\x\r\n"


def test_where_an_update_came_from_and_which_version_was_written():
    records, reading = read_member(SquirrelLog(), OLD, "SquirrelSetup.log")
    start, fetched, written, fault, trace = records
    assert (Kind.URL, URL) in {(value.kind, value.text) for value in start.values}
    assert (Kind.PATH, "App-1.2.3-full.nupkg") in {(value.kind, value.text) for value in fetched.values}
    assert fetched.software is None
    assert written.software == Software(name="3CXDesktopApp", version="18.12.416", platform=Platform.WINDOWS)
    assert (fault.event["message"], trace.time) == ("Unhandled exception: System.Exception: odd.example", None)
    assert {record.telemetry for record in records} == {Telemetry.SOFTWARE_INSTALL}
    assert start.time == parse_instant("2023-03-22T10:11:12Z")
    assert (reading.status, reading.records, reading.seen[0].spans) == (Status.READ, 5, ())


def test_the_later_spelling_has_the_day_first():
    (record,), _ = read_member(SquirrelLog(), NEW)
    assert record.time == parse_instant("2023-03-22T10:11:12Z")
    (odd,), _ = read_member(SquirrelLog(), NEW.replace(b"22/03", b"03/22"))
    assert odd.time is None


def test_the_sieve_gives_the_same_account():
    some, ledger = read_bytes(SquirrelLog(), OLD, b"odd.example")
    every, whole = read_bytes(SquirrelLog(), OLD)
    assert some == [every[3]] and ledger.seen() == whole.seen()


def test_who_accepts():
    assert reader_for(OLD, "x.log").name == reader_for(NEW, "x").name == "squirrel_log"
    assert SquirrelLog().accepts(b"2023-03-22 10:11:12> something else\n", "SquirrelSetup.log") == 0


def test_damage_and_plant():
    bears_damage(SquirrelLog(), OLD)
    shows_plant(SquirrelLog(), OLD)
