"""Windows events a line: three spellings, the same record."""

from __future__ import annotations

import json
import zipfile
from collections import Counter
from typing import TYPE_CHECKING

import orjson
import pytest
from tests.evidence_kit import PLANT, read_bytes

from nachsorge.evidence.readers.windows_ndjson import WindowsNdjson
from nachsorge.model.times import Span, parse_instant
from nachsorge.model.words import Kind, Reason, Telemetry

if TYPE_CHECKING:
    from pathlib import Path

CHANNEL, PROVIDER = "Microsoft-Windows-Sysmon/Operational", "Microsoft-Windows-Sysmon"
DATA = {"QueryName": "c2.example", "Image": "C:\\App\\app.exe"}
TOTALS = {
    "empire_mimikatz_logonpasswords": 6026,
    "cmd_mshta_javascript": 1151,
    "covenant_installutil": 1730,
    "empire_launcher_sct": 2390,
    "psh_cmstp": 1166,
    "empire_launcher_vbs": 2067,
    "covenant_wmi_wbemcomn": 8947,
    "cmd_userinit": 122,
}
CONTACTS = {
    "empire_mimikatz_logonpasswords": {("10.10.10.5", "80"): 35},
    "empire_launcher_sct": {("10.10.10.5", "80"): 9, ("10.10.10.5", "8444"): 1},
    "covenant_installutil": {("10.10.10.5", "80"): 1},
}


def winlog(number: int = 1, time: str = "2023-03-01T10:00:00.000Z"):
    head = {
        "channel": CHANNEL,
        "provider_name": PROVIDER,
        "event_id": "22",
        "computer_name": "PC1",
        "record_id": number,
    }
    return {
        "@timestamp": time,
        "host": {"name": "pc1"},
        "event": {"code": "22"},
        "winlog": {**head, "event_data": DATA},
    }


def nested(number: int = 1, time: str = "2023-03-01T10:00:00.000000Z", qualified: bool = False):
    system = {
        "Provider": {"#attributes": {"Name": PROVIDER}},
        "EventID": {"#attributes": {"Qualifiers": 0}, "#text": 22} if qualified else 22,
        "TimeCreated": {"#attributes": {"SystemTime": time}},
        "EventRecordID": number,
        "Channel": CHANNEL,
        "Computer": "PC1",
    }
    return {"Event": {"System": system, "EventData": DATA}}


def flat(number: int = 1, time: str = "2023-03-01T10:00:00.000Z"):
    head = {"Channel": CHANNEL, "SourceName": PROVIDER, "EventID": 22, "Hostname": "PC1", "RecordNumber": number}
    return {**head, "host": "collector", "EventTime": "2023-03-01 05:00:00", "@timestamp": time, **DATA}


def lines(*trees: object) -> bytes:
    return b"".join(orjson.dumps(tree) + b"\n" for tree in trees)


def read(body: bytes, *literals: bytes):
    return read_bytes(WindowsNdjson(), body, *literals)


@pytest.mark.parametrize("tree", [winlog(), nested(), nested(qualified=True), flat()])
def test_every_spelling_gives_the_same_event(tree):
    body = lines(tree)
    assert WindowsNdjson().accepts(body, "x.json") > 90
    (record,), ledger = read(body)
    assert (record.telemetry, record.host, record.service) == (Telemetry.DNS_QUERY, "PC1", "sysmon")
    assert record.time == parse_instant("2023-03-01T10:00:00Z")
    assert (record.event["QueryName"], record.event["EventID"]) == ("c2.example", "22")
    assert (Kind.HOST, "QueryName", "c2.example") in {(v.kind, v.field, v.text) for v in record.values}
    assert (ledger.records, ledger.unreadable) == (1, 0)


@pytest.mark.parametrize("spelled", [winlog, nested, flat])
def test_numbers_that_run_on_bridge_a_silence_and_jumps_are_no_gap(spelled):
    body = lines(spelled(5), spelled(6, "2023-03-20T00:00:00Z"), spelled(90, "2023-04-20T00:00:00Z"))
    _, ledger = read(body)
    seen = next(seen for seen in ledger.seen() if seen.telemetry is Telemetry.DNS_QUERY)
    late = parse_instant("2023-04-20")
    assert seen.spans == (Span(parse_instant("2023-03-01T10:00"), parse_instant("2023-03-20")), Span(late, late))
    assert ledger.gaps == []


def test_a_clearing_without_record_number_is_a_gap():
    tree = {"EventID": 1102, "SourceName": "Microsoft-Windows-Eventlog", "Channel": "Security", "Hostname": "PC1"}
    _, ledger = read(lines({**tree, "TimeCreated": "2020-10-22T02:21:34.280Z"}))
    assert {gap.reason for gap in ledger.gaps} == {Reason.LOG_CLEARED}


def test_a_single_piece_of_a_telemetry_covers_nothing_of_it():
    tree = flat() | {"EventID": 7045, "Channel": "System", "SourceName": "Service Control Manager"}
    (record,), ledger = read(lines(tree))
    assert record.telemetry is Telemetry.PERSISTENCE
    assert {seen.telemetry for seen in ledger.seen() if seen.spans} == {Telemetry.WINDOWS_EVENT}


def test_lines_that_are_no_events_are_counted_and_searched():
    records, ledger = read(lines(flat()) + b"evil.example\n" + lines({"a": "other.example"}))
    assert (ledger.records, ledger.unreadable, ledger.unreadable_at) == (3, 1, ["line 2"])
    assert [record.telemetry for record in records] == [Telemetry.DNS_QUERY, Telemetry.TEXT, Telemetry.TEXT]


@pytest.mark.parametrize("tree", [winlog(), nested(), flat()])
def test_the_plant_has_the_spelling_of_the_file(tree):
    head = lines(tree)
    body = WindowsNdjson().plant(head, PLANT)
    assert body is not None
    assert set(json.loads(body)) <= {*json.loads(head), "QueryResults"}
    (record,), _ = read(body)
    assert record.telemetry is Telemetry.DNS_QUERY
    assert {PLANT.host, PLANT.address, PLANT.path} <= {value.text for value in record.values}


@pytest.mark.parametrize("line", [b'{"id.orig_h":"10.0.0.1","query":"x"}\n', b"[]\n", b"", b'{"event":{"code":"5"}}\n'])
def test_other_lines_are_not_accepted(line):
    assert WindowsNdjson().accepts(line, "x.json") == 0


@pytest.mark.parametrize("name", sorted(TOTALS))
def test_real_data_sets(shared_data: Path, name):
    (path,) = (shared_data / "otrf-security-datasets").rglob(f"{name}*.zip")
    with zipfile.ZipFile(path) as archive:
        (member,) = (member for member in archive.namelist() if member.endswith(".json"))
        body = archive.read(member)
    assert WindowsNdjson().accepts(body[:65536], member) > 90
    records, ledger = read(body)
    assert (len(records), ledger.records, ledger.unreadable) == (TOTALS[name], TOTALS[name], 0)
    contacts = Counter(
        (record.event["DestinationIp"], record.event["DestinationPort"])
        for record in records
        if record.telemetry is Telemetry.NETWORK_CONNECTION
        and record.service == "sysmon"
        and record.event["DestinationIp"] == "10.10.10.5"
    )
    assert name not in CONTACTS or contacts == CONTACTS[name]
    sieved, same = read(body, b"10.10.10.5")
    # Lines with \u00NN are always decoded, so a few more come through.
    assert [r for r in sieved if "10.10.10.5" in "\n".join(r.event.values())] == [
        r for r in records if "10.10.10.5" in "\n".join(r.event.values())
    ]
    assert len(sieved) < len(records)
    assert (ledger.seen(), ledger.gaps, ledger.records) == (same.seen(), same.gaps, same.records)


def test_each_line_is_counted_once():
    many = lines(*(nested(number, f"2023-03-01T10:00:00.{number:06}Z") for number in range(1, 61)))
    ledger = read(many)[1]
    assert [(each.number, each.records) for each in ledger.log_sources()] == [(22, 60)]
