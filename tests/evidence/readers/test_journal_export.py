"""The systemd journal in its export format."""

from __future__ import annotations

import struct

from tests.evidence.artefact_kit import bears_damage, read_member, shows_plant
from tests.evidence.reader_contract import survives_anything
from tests.evidence_kit import read_bytes

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.journal_export import JournalExport
from nachsorge.model.times import Span, parse_instant
from nachsorge.model.words import Kind, Reason, Status, Telemetry

READER = JournalExport()


def binary(name: bytes, data: bytes) -> bytes:
    return name + b"\n" + struct.pack("<Q", len(data)) + data + b"\n"


ONE = (
    b"__CURSOR=s=a;i=1\n__REALTIME_TIMESTAMP=1680000000123456\n_HOSTNAME=web1\nSYSLOG_IDENTIFIER=sshd\n"
    + binary(b"MESSAGE", b"first line\nhttp://evil.example/\xff\n\nnot an end")
    + b"_EXE=/usr/sbin/sshd\nTAG=a\nTAG=b\n\n"
)
TWO = b"__CURSOR=s=a;i=2\n__REALTIME_TIMESTAMP=1680000060000000\n_HOSTNAME=web1\nMESSAGE=plain\n\n"


def test_fields_with_line_breaks_and_strange_bytes():
    assert reader_for(ONE, "journal.export").name == "journal_export"
    (one, two), ledger = read_bytes(READER, ONE + TWO)
    assert (one.telemetry, one.host, one.service) == (Telemetry.SYSLOG, "web1", "sshd")
    assert "http://evil.example/" in one.event["MESSAGE"] and "not an end" in one.event["MESSAGE"]
    assert one.event["TAG"] == "a\nb" and (Kind.PATH, "/usr/sbin/sshd") in {(v.kind, v.text) for v in one.values}
    assert "__CURSOR" not in one.event
    ((span),) = ledger.seen()[0].spans
    assert span == Span(1_680_000_000_123_456, parse_instant("2023-03-28T10:41:00Z"))
    assert (two.locator, two.time) == ("entry 2", span.end)


def test_the_sieve_sees_binary_fields():
    assert [r.locator for r in read_bytes(READER, TWO + ONE, b"evil.example")[0]] == ["entry 2"]


def test_an_entry_that_breaks_off_is_told_and_kept():
    whole = ONE + TWO
    for cut in (len(ONE) - 40, len(whole) - 8):
        records, reading = read_member(READER, whole[:cut])
        assert reading.reason is Reason.TRUNCATED and reading.status is Status.PARTLY
        assert len(records) == reading.records


def test_a_size_that_cannot_be_is_searched_as_text_and_told():
    body = b"__CURSOR=x\n__REALTIME_TIMESTAMP=1680000000000000\nMESSAGE\n" + b"\xff" * 8 + b"evil.example\n\n" + TWO
    records, reading = read_member(READER, body)
    assert reading.reason is Reason.CORRUPT and len(records) == 2
    assert any("evil.example" in value.text for value in records[0].values)


def test_contract():
    survives_anything(READER, ONE + TWO)
    bears_damage(READER, ONE + TWO, 40)
    shows_plant(READER, ONE)
