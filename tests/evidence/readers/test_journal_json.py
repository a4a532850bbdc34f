"""The systemd journal as JSON lines."""

from __future__ import annotations

from tests.evidence.artefact_kit import read_member, shows_plant
from tests.evidence.reader_contract import holds_with_and_without_sieve, survives_anything
from tests.evidence_kit import read_bytes

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.journal_json import JournalJson
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Reason, Status, Telemetry

READER = JournalJson()
BODY = (
    b'{"__CURSOR":"s=1","__REALTIME_TIMESTAMP":"1680000000000000","_HOSTNAME":"web1","MESSAGE":"curl evil.example"}\n'
    b'{"__REALTIME_TIMESTAMP":"1680000001000000","_HOSTNAME":"web2","TAG":["a","b"],"MESSAGE":[101,118,105,108,255]}\n'
    b'{"__REALTIME_TIMESTAMP":"1680000002000000","_HOSTNAME":"web1","MESSAGE":"quiet","SYSLOG_IDENTIFIER":"cron"}\n'
)


def test_texts_arrays_and_bytes():
    assert reader_for(BODY, "journal.json").name == "journal_json"
    (one, two, three), ledger = read_bytes(READER, BODY)
    assert (one.host, one.time) == ("web1", parse_instant("2023-03-28T10:40:00Z"))
    assert (two.event["MESSAGE"], two.event["TAG"], two.host) == ("evil\xff", "a\nb", "web2")
    assert (three.service, three.telemetry) == ("cron", Telemetry.SYSLOG)
    assert {(seen.host, seen.records) for seen in ledger.seen()} == {("web1", 2), ("web2", 1)}


def test_a_message_of_bytes_is_not_sieved_out():
    assert [r.locator for r in read_bytes(READER, BODY, b"nothing of this")[0]] == ["line 2"]


def test_a_field_that_was_left_out_is_told_with_its_remedy():
    _, reading = read_member(READER, BODY + b'{"__REALTIME_TIMESTAMP":"1680000003000000","MESSAGE":null}\n')
    assert (reading.status, reading.reason) == (Status.PARTLY, Reason.LIMIT)
    assert "1 entries lack fields" in reading.note and "--all" in reading.note


def test_contract():
    holds_with_and_without_sieve(READER, BODY, b"evil.example")
    survives_anything(READER, BODY)
    shows_plant(READER, BODY)
