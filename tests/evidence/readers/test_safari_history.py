"""Safari's history as a property list."""

from __future__ import annotations

import plistlib

import pytest
from tests.evidence.artefact_kit import bears_damage, read_member, read_place, shows_plant

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.safari_history import SafariHistory
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Kind, Platform, Reason, Status, Telemetry

READER = SafariHistory()
LIST = {
    "WebHistoryFileVersion": 1,
    "WebHistoryDates": [
        {
            "": "https://user:pw@evil.example/x?token=secret",
            "title": "a private title",
            "lastVisitedDate": "395010381.4",
            "visitCount": 3,
            "redirectURLs": ["https://later.example/?s=secret", 7],
        },
        {"": "https://good.example/", "lastVisitedDate": "never"},
        {"title": "without an address", "lastVisitedDate": "395010381.4"},
    ],
}
NAME = "Users/anna/Library/Safari/History.plist"
FORMS = [plistlib.FMT_XML, plistlib.FMT_BINARY]


@pytest.mark.parametrize("form", FORMS)
def test_each_address_is_a_record(form):
    body = plistlib.dumps(LIST, fmt=form)
    for name in (NAME, "renamed.bin"):
        found = reader_for(body, name)
        assert found is not None and found.name == "safari_history"
    (one, two, three), reading = read_member(READER, body, NAME)
    assert (one.telemetry, one.time) == (Telemetry.BROWSER_HISTORY, parse_instant("2013-07-08T21:06:21.4Z"))
    assert [(value.kind, value.text) for value in one.values] == [
        (Kind.URL, "https://user:pw@evil.example/x?token=secret"),
        (Kind.URL, "https://later.example/?s=secret"),
    ]
    assert one.event["url"] == "https://evil.example/x\nhttps://later.example/"
    assert "secret" not in str(one.event) and "private" not in str(one.event)
    assert two.time is None and three.values == ()
    assert (reading.records, reading.unreadable_at, reading.platform) == (3, ("visit 3",), Platform.MACOS)
    assert {gap.reason for gap in reading.gaps} == {Reason.NO_TIME}
    assert all(not seen.spans for seen in reading.seen), "it clears nothing"


def test_a_real_history(shared_data):
    records, reading = read_place(READER, shared_data / "plaso-host-artefacts/plist/History.plist")
    assert (len(records), reading.status, reading.unreadable) == (18, Status.READ, 0)
    assert records[0].values[0].text == "http://www.youtube.com/watch?v=jm8iSg8eZdw"
    assert all(record.time is not None for record in records)


def test_what_is_none_says_so():
    for tree in ({"WebHistoryDates": "x"}, ["WebHistoryDates"], {"other": 1}):
        _, reading = read_member(READER, plistlib.dumps(tree), NAME)
        assert (reading.status, reading.reason) == (Status.UNREAD, Reason.CORRUPT)
    assert READER.accepts(b"WebHistoryDates", NAME) == 0
    assert READER.accepts(plistlib.dumps({"Label": "x"}), NAME) == 0


@pytest.mark.parametrize("form", FORMS)
def test_damage_and_plant(form):
    body = plistlib.dumps(LIST, fmt=form)
    bears_damage(READER, body)
    shows_plant(READER, body)
