"""macOS databases of programs in use."""

from __future__ import annotations

import pytest
from tests.evidence.artefact_kit import bears_damage, read_member, read_place, shows_plant
from tests.evidence_kit import PLANT

from nachsorge.evidence.databases import serialised
from nachsorge.evidence.readers.mac_usage import MacUsage
from nachsorge.model.evidence import Software
from nachsorge.model.words import Kind, Platform, Reason, Status


@pytest.mark.parametrize(
    ("name", "records"),
    # Of 92 objects in knowledgeC those of programs are read; a note counts the rest.
    [("TCC-test.db", 21), ("application_usage.sqlite", 5), ("knowledgec-10.14.db", None)],
)
def test_real_databases(shared_data, name, records):
    place = shared_data / "plaso-host-artefacts/macos" / name
    assert MacUsage().accepts(place.read_bytes()[:65536], name) == 94
    found, reading = read_place(MacUsage(), place)
    assert (reading.status, reading.records, reading.unreadable) == (Status.READ, len(found), 0)
    assert all(record.time is not None for record in found) and reading.seen[0].spans == ()
    if records is None:
        others = int(reading.note.partition(" objects")[0].rpartition(" ")[2])
        assert found and len(found) + others == 92
    else:
        assert len(found) == records


def test_a_client_by_its_path_and_a_program_with_its_version():
    body = serialised(
        "CREATE TABLE access (service, client, client_type, auth_value, last_modified)",
        "CREATE TABLE access_overrides (service)",
        "INSERT INTO access VALUES ('kTCCServiceCamera', '/tmp/agent', 1, 2, 1680000000)",
        "CREATE TABLE application_usage (event, bundle_id, app_version, app_path, last_time)",
        "INSERT INTO application_usage VALUES ('launch', 'com.x', '18.12.416', '/Applications/X App.app', 1680000000)",
    )
    asked, used = read_member(MacUsage(), body)[0]
    assert (Kind.PATH, "/tmp/agent") in {(v.kind, v.text) for v in asked.values}
    assert (asked.event["proves"], asked.event["granted"]) == ("presence", "2")
    assert used.software == Software(name="X App", version="18.12.416", platform=Platform.MACOS)


def test_damage_and_plant():
    _, reading = read_member(MacUsage(), serialised("CREATE TABLE x (a)"))
    assert reading.reason is Reason.NOT_SUPPORTED
    body = MacUsage().plant(b"", PLANT)
    assert body is not None
    bears_damage(MacUsage(), body, 30)
    shows_plant(MacUsage(), b"")
