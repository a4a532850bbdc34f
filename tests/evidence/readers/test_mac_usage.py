"""macOS databases of programs in use."""

from __future__ import annotations

import pytest
from tests.evidence.artefact_kit import bears_damage, read_member, read_place, shows_plant
from tests.evidence_kit import PLANT

from nachsorge.evidence.databases import serialised
from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.mac_usage import MacUsage
from nachsorge.model.evidence import Software
from nachsorge.model.times import parse_instant
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


OLD = (
    "CREATE TABLE access (service TEXT NOT NULL, client TEXT NOT NULL, client_type INTEGER NOT NULL, allowed INTEGER "
    "NOT NULL, prompt_count INTEGER NOT NULL, csreq BLOB, policy_id INTEGER)",
    "CREATE TABLE access_overrides (service TEXT NOT NULL PRIMARY KEY)",
    "INSERT INTO access VALUES ('kTCCServiceAddressBook', 'com.x.old', 0, 1, 1, NULL, NULL)",
)
NEW = (
    "CREATE TABLE access (    service        TEXT        NOT NULL,     client         TEXT        NOT NULL,     "
    "client_type    INTEGER     NOT NULL,     auth_value     INTEGER     NOT NULL,     auth_reason    INTEGER     NOT "
    "NULL,     last_modified  INTEGER     NOT NULL,     boot_uuid      TEXT)",
    "CREATE TABLE access_overrides (service TEXT NOT NULL PRIMARY KEY)",
    "INSERT INTO access VALUES ('kTCCServiceScreenCapture', '/tmp/agent', 1, 2, 4, 1680000000, 'UNUSED')",
)


@pytest.mark.parametrize(("schema", "client", "granted"), [(OLD, "com.x.old", "1"), (NEW, "/tmp/agent", "2")])
def test_every_schema_of_permissions(schema, client, granted):
    body = serialised(*schema)
    found = reader_for(body, "renamed.bin")
    assert found is not None and found.name == "mac_usage"
    (asked,), reading = read_member(MacUsage(), body)
    assert (asked.event["client"], asked.event["granted"], asked.event["proves"]) == (client, granted, "presence")
    assert (asked.time is None) == (schema is OLD)  # before macOS 10.14 nobody wrote when
    assert reading.status is Status.READ and all(not seen.spans for seen in reading.seen)


def test_programs_in_use_and_what_is_left_out():
    body = serialised(
        "CREATE TABLE ZOBJECT (Z_PK INTEGER PRIMARY KEY, ZSTARTDATE TIMESTAMP, ZENDDATE, ZSTREAMNAME VARCHAR, "
        "ZVALUESTRING VARCHAR)",
        "INSERT INTO ZOBJECT VALUES (1, 701769600.0, 701769660.0, '/app/inFocus', 'com.electron.3cx-desktop-app')",
        "INSERT INTO ZOBJECT VALUES (2, 701769600.0, 701769660.0, '/display/isBacklit', NULL)",
    )
    found = reader_for(body, "knowledgeC.db")
    assert found is not None and found.name == "mac_usage"
    (used,), reading = read_member(MacUsage(), body)
    assert (used.event["bundle"], used.event["proves"]) == ("com.electron.3cx-desktop-app", "execution")
    assert used.time == parse_instant("2023-03-29T08:00")
    assert "1 objects of other streams" in reading.note and all(not seen.spans for seen in reading.seen)


def test_damage_and_plant():
    _, reading = read_member(MacUsage(), serialised("CREATE TABLE x (a)"))
    assert reading.reason is Reason.NOT_SUPPORTED
    body = MacUsage().plant(b"", PLANT)
    assert body is not None
    bears_damage(MacUsage(), body, 30)
    shows_plant(MacUsage(), b"")
