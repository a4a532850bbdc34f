"""TeamViewer's lists of sessions."""

from __future__ import annotations

import pytest
from tests.evidence.artefact_kit import read_member, read_place, shows_plant
from tests.evidence.reader_contract import survives_anything
from tests.evidence_kit import read_bytes

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.teamviewer import TeamViewer
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Kind, Status, Telemetry

LIST = (
    b"\r\n123456789\tevil.example\t28-03-2023 10:40:00\t28-03-2023 10:50:00\tann b\tRemoteControl"
    b"\t{b3a4df33-d027-44d5-b50f-4e61115494d4}\r\n"
    b"987654321       29-03-2023 10:40:00     29-03-2023 10:50:00     ann     FileTransfer    "
    b"{b3a4df33-d027-44d5-b50f-4e61115494d5}\r\nodd line\r\n"
)


def test_sessions():
    records, reading = read_member(TeamViewer(), LIST)
    incoming, outgoing, odd = records
    assert incoming.telemetry is Telemetry.AUTHENTICATION and odd.telemetry is Telemetry.TEXT
    assert incoming.time == parse_instant("2023-03-28T10:40:00Z")
    assert (incoming.event["name"], incoming.event["user"]) == ("evil.example", "ann b")
    assert (outgoing.event["partner"], outgoing.event["kind"], "name" in outgoing.event) == (
        "987654321",
        "FileTransfer",
        False,
    )
    assert (Kind.TEXT, "evil.example") in {(value.kind, value.text) for value in incoming.values}
    assert (reading.status, reading.unreadable, reading.seen[0].spans) == (Status.PARTLY, 1, ())


def test_a_day_that_is_none_is_no_time():
    (record, *_), _ = read_member(TeamViewer(), LIST.replace(b"28-03-2023", b"31-02-2023"))
    assert record.time is None


def test_the_sieve_gives_the_same_account():
    some, ledger = read_bytes(TeamViewer(), LIST, b"evil.example")
    every, whole = read_bytes(TeamViewer(), LIST)
    assert every[0] in some and len(some) == 2 and ledger.seen() == whole.seen()


@pytest.mark.parametrize("name", ["Connections.txt", "connections_incoming.txt"])
def test_real_ones(shared_data, name):
    place = shared_data / "plaso-host-artefacts/teamviewer" / name
    reader = reader_for(place.read_bytes(), name)
    assert reader is not None and reader.name == "teamviewer"
    (record, *_), reading = read_place(TeamViewer(), place)
    assert (record.event["partner"], record.event["user"], reading.status) == ("1660360496", "IEUser", Status.READ)


def test_damage_and_plant():
    survives_anything(TeamViewer(), LIST)
    shows_plant(TeamViewer(), LIST)
