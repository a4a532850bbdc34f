"""macOS quarantine events."""

from __future__ import annotations

from tests.evidence.artefact_kit import bears_damage, read_member, read_place, shows_plant
from tests.evidence_kit import PLANT

from nachsorge.evidence.databases import serialised
from nachsorge.evidence.readers.quarantine import Quarantine
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Kind, Reason, Status, Telemetry


def test_a_real_database(shared_data):
    place = shared_data / "plaso-host-artefacts/sqlite/quarantine.db"
    assert Quarantine().accepts(place.read_bytes(), place.name) == 96
    records, reading = read_place(Quarantine(), place)
    assert (len(records), reading.status, reading.records) == (14, Status.READ, 14)
    assert all(record.time is not None for record in records)
    urls = {value.text for record in records for value in record.values if value.kind is Kind.URL}
    assert "http://kiddi.biz/something.zip" in urls
    assert all(seen.spans == () for seen in reading.seen)


def test_an_event_without_an_address_or_time():
    body = serialised(
        "CREATE TABLE LSQuarantineEvent (LSQuarantineEventIdentifier, LSQuarantineAgentName, "
        "LSQuarantineSenderAddress)",
        "INSERT INTO LSQuarantineEvent VALUES ('1', 'Mail', 'kim@x.example')",
    )
    (record,), reading = read_member(Quarantine(), body)
    assert record.telemetry is Telemetry.FILE_EVENT and {gap.reason for gap in reading.gaps} == {Reason.NO_TIME}
    assert (Kind.EMAIL, "kim@x.example") in {(v.kind, v.text) for v in record.values}
    assert "kim" not in str(record.event)  # compared, but not kept for people


def test_the_whole_address_is_compared_and_people_see_host_and_path():
    url = "https://user:pw@evil.example/x.dmg?token=secret#frag"
    body = serialised(
        "CREATE TABLE LSQuarantineEvent (LSQuarantineEventIdentifier, LSQuarantineTimeStamp, "
        "LSQuarantineAgentBundleIdentifier, LSQuarantineDataURLString, LSQuarantineOriginURLString, "
        "LSQuarantineOriginTitle, LSQuarantineSenderName)",
        f"INSERT INTO LSQuarantineEvent VALUES ('1', 701769600.0, 'com.google.Chrome', '{url}', "
        "'https://page.example/?s=secret', 'a private title', 'Kim')",
    )
    (record,), reading = read_member(Quarantine(), body)
    assert {value.text for value in record.values if value.kind is Kind.URL} == {url, "https://page.example/?s=secret"}
    assert record.event["DataURLString"] == "https://evil.example/x.dmg"
    assert record.event["AgentBundleIdentifier"] == "com.google.Chrome"
    told = str(record.event)
    assert not any(word in told for word in ("secret", "pw", "frag", "private", "Kim"))
    assert (record.time, reading.status) == (parse_instant("2023-03-29T08:00"), Status.READ)


def test_damage_and_plant():
    assert Quarantine().accepts(serialised("CREATE TABLE x (a)"), "q") == 0
    _, reading = read_member(Quarantine(), serialised("CREATE TABLE x (a)"))
    assert reading.reason is Reason.NOT_SUPPORTED
    body = Quarantine().plant(b"", PLANT)
    assert body is not None
    bears_damage(Quarantine(), body, 30)
    shows_plant(Quarantine(), b"")
