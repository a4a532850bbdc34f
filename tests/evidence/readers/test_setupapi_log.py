"""The log of drivers and devices, section by section."""

from __future__ import annotations

from tests.evidence.artefact_kit import bears_damage, read_member, read_place, shows_plant
from tests.evidence_kit import read_bytes

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers import setupapi_log
from nachsorge.evidence.readers.setupapi_log import SetupapiLog
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Kind, Status, Telemetry

LOG = (
    b"[Device Install Log]\r\n     OS Version = 10.0.19045\r\n\r\n[BeginLog]\r\n\r\n"
    b">>>  [Setup Import Driver Package - C:\\x y\\evil.inf]\r\n>>>  Section start 2023/03/28 10:40:00.125\r\n"
    b'      cmd: "C:\\x y\\setup.exe" /q\r\n     dvi: odd.example\r\n<<<  Section end 2023/03/28 10:40:01.000\r\n'
    b"<<<  [Exit status: SUCCESS]\r\n\r\n"
    b">>>  [Delete Device - X]\r\n>>>  Section start 2023/03/28 10:41:00.000\r\n     dvi: cut off\r\n"
)


def test_sections():
    (head, section, cut), reading = read_member(SetupapiLog(), LOG)
    assert (head.locator, section.locator, cut.locator) == ("line 1", "line 6", "line 13")
    assert section.telemetry is Telemetry.SOFTWARE_INSTALL
    assert section.time == parse_instant("2023-03-28T10:40:00.125000Z")
    assert section.event["command"] == '"C:\\x y\\setup.exe" /q' and section.event["status"] == "SUCCESS"
    assert (Kind.PATH, "C:\\x y\\evil.inf") in {(value.kind, value.text) for value in section.values}
    assert any("odd.example" in value.text for value in section.values)
    assert "status" not in cut.event
    assert (reading.status, reading.seen[0].spans) == (Status.READ, ()) and "local" in reading.note


def test_the_sieve_gives_whole_sections():
    every, whole = read_bytes(SetupapiLog(), LOG)
    some, ledger = read_bytes(SetupapiLog(), LOG, b"odd.example")
    assert some == [every[1]] and ledger.seen() == whole.seen()


def test_a_long_section_is_given_in_parts(monkeypatch):
    monkeypatch.setattr(setupapi_log, "LARGEST", 90)
    every, _ = read_bytes(SetupapiLog(), LOG)
    assert len(every) > 3
    assert any("odd.example" in value.text for record in every for value in record.values)


def test_who_accepts():
    assert reader_for(LOG, "x").name == "setupapi_log"
    assert SetupapiLog().accepts(b">>>  [X]\n", "x") == 0


def test_the_real_one(shared_data):
    records, reading = read_place(SetupapiLog(), shared_data / "plaso-host-artefacts/setupapi.dev.log")
    # 194 sections (`grep -c '^>>>  Section start'`), the log's head, and the starts of sessions between them.
    assert sum(record.time is not None for record in records) == 194
    assert reading.status is Status.READ
    assert min(record.time for record in records if record.time) == parse_instant("2015-11-22T17:59:28.110000Z")


def test_damage_and_plant():
    bears_damage(SetupapiLog(), LOG)
    shows_plant(SetupapiLog(), LOG)
