"""Logs of containers as Kubernetes nodes keep them."""

from __future__ import annotations

from tests.evidence.artefact_kit import shows_plant
from tests.evidence.reader_contract import holds_with_and_without_sieve, survives_anything
from tests.evidence_kit import read_bytes

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.cri_log import CriLog
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Telemetry

READER = CriLog()
BODY = (
    b"2024-04-16T06:21:30.494902976Z stderr F Starting\n"
    b"2024-04-16T06:21:31.000000000Z stdout P GET http://evil.exa\n"
    b"2024-04-16T06:21:31.000000001+00:00 stderr F between\n"
    b"2024-04-16T06:21:31.000000002Z stdout F mple/ 200\n"
)


def test_parts_are_joined_per_stream():
    assert reader_for(BODY, "0.log").name == "cri_log"
    records, ledger = read_bytes(READER, BODY)
    assert [r.event["message"] for r in records] == ["Starting", "between", "GET http://evil.example/ 200"]
    assert (records[2].locator, records[2].time) == ("line 2", parse_instant("2024-04-16T06:21:31Z"))
    assert ledger.records == 3 and {r.telemetry for r in records} == {Telemetry.SYSLOG}


def test_the_sieve_sees_what_stands_over_a_border():
    assert [r.locator for r in read_bytes(READER, BODY, b"evil.example")[0]] == ["line 2"]


def test_a_part_that_nothing_follows_is_given_at_the_end():
    records, ledger = read_bytes(READER, BODY + b"2024-04-16T06:21:32Z stdout P torn evil\nno line\n")
    assert [r.locator for r in records[-2:]] == ["line 6", "line 5"]
    assert (ledger.records, ledger.unreadable_at) == (5, ["line 6"])


def test_contract():
    holds_with_and_without_sieve(READER, BODY, b"evil.example")
    survives_anything(READER, BODY)
    shows_plant(READER, BODY)
