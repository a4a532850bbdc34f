"""Exported Windows events: cut, parsed one by one, never expanded."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.evidence_kit import PLANT, read_bytes

from nachsorge.evidence.readers import windows_xml
from nachsorge.evidence.readers.windows_xml import WindowsXml
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Kind, Reason, Telemetry

XMLNS = "http://schemas.microsoft.com/win/2004/08/events/event"


def event(number: int, name: str = "c2.example", minute: int = 0) -> str:
    return (
        f"<Event xmlns='{XMLNS}'><System><Provider Name='Microsoft-Windows-Sysmon' Guid='{{1}}'/>"
        f"<EventID Qualifiers='0'>22</EventID><TimeCreated SystemTime='2023-03-01T10:{minute:02}:00.1234567Z'/>"
        f"<EventRecordID>{number}</EventRecordID><Execution ProcessID='4' ThreadID='5'/>"
        "<Channel>Microsoft-Windows-Sysmon/Operational</Channel><Computer>PC1</Computer><Security/></System>"
        f"<EventData><Data Name='QueryName'>{name}</Data><Data Name='CommandLine'>a &amp; b</Data></EventData></Event>"
    )


def read(text: str | bytes, *literals: bytes):
    return read_bytes(WindowsXml(), text.encode() if isinstance(text, str) else text, *literals)


WRAPPED = '<?xml version="1.0" encoding="utf-8" standalone="yes"?>\r\n<Events>' + event(1) + event(2) + "</Events>"
BARE = event(1) + "\r\n" + event(2) + "\r\n"
DUMPED = f'Record 1\n<?xml version="1.0" encoding="utf-8"?>\n{event(1)}\nRecord 2\n<?xml version="1.0"?>\n{event(2)}\n'


@pytest.mark.parametrize(
    "body",
    [
        WRAPPED.encode(),
        BARE.encode(),
        DUMPED.encode(),
        b"\xef\xbb\xbf" + WRAPPED.encode(),
        WRAPPED.encode("utf-16"),
        b"\xfe\xff" + WRAPPED.encode("utf-16-be"),
        WRAPPED.encode("utf-16-le"),
    ],
)
def test_every_spelling_of_the_same_events(body):
    assert WindowsXml().accepts(body[:65536], "x") > 90
    records, ledger = read(body)
    assert (ledger.records, ledger.unreadable, ledger.gaps) == (2, 0, [])
    assert [record.locator for record in records] == ["event 1", "event 2"]
    record = records[0]
    assert (record.telemetry, record.host, record.service) == (Telemetry.DNS_QUERY, "PC1", "sysmon")
    assert record.time == parse_instant("2023-03-01T10:00:00.123456Z")
    assert record.event["CommandLine"] == "a & b"
    assert record.event["Execution_ProcessID"] == "4"
    assert (Kind.HOST, "QueryName", "c2.example") in {(v.kind, v.field, v.text) for v in record.values}


def test_a_broken_event_spoils_no_other_and_is_searched_as_text():
    broken = event(2, "evil&undefined;.example")
    records, ledger = read("<Events>" + event(1) + broken + event(3) + "</Events>")
    assert (ledger.records, ledger.unreadable, ledger.unreadable_at) == (3, 1, ["event 2"])
    assert [record.telemetry for record in records] == [Telemetry.DNS_QUERY, Telemetry.TEXT, Telemetry.DNS_QUERY]
    assert "evil&undefined;" in records[1].values[0].text
    assert Reason.RECORD_JUMP in {gap.reason for gap in ledger.gaps}


def test_entities_are_never_expanded():
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    records, ledger = read(f"{bomb}<Events>{event(1, '&b;')}{event(2)}</Events>")
    assert ledger.unreadable == 2  # the declaration, and the event that leans on it
    assert not any("aaaaaaaaaaaaaaaaaaaa" in value.text for record in records for value in record.values)
    assert sum(record.telemetry is Telemetry.DNS_QUERY for record in records) == 1


def test_an_event_without_end():
    _, ledger = read("<Events>" + event(1) + event(2)[:-40])
    assert (ledger.records, ledger.unreadable) == (2, 1)
    assert Reason.TRUNCATED in {gap.reason for gap in ledger.gaps}
    records, ledger = read("<Events>" + event(1)[:-8] + event(2) + "</Events>")
    assert (ledger.unreadable_at, len(records)) == (["event 1"], 2)


def test_what_stands_between_events_is_not_passed_over():
    records, ledger = read("<Events>" + event(1) + "evil.example" + event(2) + "</Events>")
    assert ledger.unreadable == 1
    assert [record.values[0].text for record in records if record.telemetry is Telemetry.TEXT] == ["evil.example"]


def test_escapes_do_not_hide_from_the_sieve():
    hidden = event(1, "e&#x76;il.example") + event(2, "other.example")
    records, _ = read(hidden, b"evil.example")
    assert [record.event["QueryName"] for record in records] == ["evil.example"]


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 400), st.lists(st.sampled_from(["a.example", "b&amp;c", "é.example"]), min_size=1, max_size=6))
def test_pieces_and_sieve_change_nothing(piece, names):
    text = "<Events>" + "".join(event(n, name) for n, name in enumerate(names, 1)) + "</Events>"
    whole, ledger = read(text)
    before, windows_xml.PIECE = windows_xml.PIECE, piece
    try:
        for body in (text.encode(), text.encode("utf-16")):
            records, cut = read(body)
            assert (records, cut.seen(), cut.gaps) == (whole, ledger.seen(), ledger.gaps)
    finally:
        windows_xml.PIECE = before
    sieved, same = read(text, b"a.example")
    assert sieved == [record for record in whole if "a.example" in record.event["QueryName"]]
    assert (same.seen(), same.gaps, same.records) == (ledger.seen(), ledger.gaps, ledger.records)


@pytest.mark.parametrize("head", [WRAPPED.encode(), WRAPPED.encode("utf-16")])
def test_the_plant_is_read(head):
    body = WindowsXml().plant(head, PLANT)
    assert body is not None
    (record,), _ = read(body)
    assert {PLANT.host, PLANT.address, PLANT.path} <= {value.text for value in record.values}


def test_other_xml_is_not_accepted():
    assert WindowsXml().accepts(b"<?xml version='1.0'?><html><Event>x</Event></html>", "x.xml") == 0
    assert WindowsXml().accepts(b"text with <Event xmlns=...", "x.xml") == 0
    assert WindowsXml().accepts(b"<Events></Events>", "x.xml") > 0
