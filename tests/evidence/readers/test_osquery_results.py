"""osquery's results log."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from tests.evidence.artefact_kit import bears_damage, read_member, read_place
from tests.evidence.reader_contract import holds_with_and_without_sieve, survives_anything
from tests.evidence_kit import PLANT, read_bytes

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers import osquery_results
from nachsorge.evidence.readers.osquery_results import OsqueryResults
from nachsorge.model.evidence import Software
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Kind, Platform, Reason, Status, Telemetry

NOON = 1678968000
UUID = "40443dd9-5b21-a345-8f89-aadde84c3719"


def result(query, columns=None, action="added", host="pc1", **more):
    one = {"name": query, "hostIdentifier": host, "unixTime": NOON, "action": action, **more}
    if host is None:
        del one["hostIdentifier"]
    return json.dumps(one if columns is None else {**one, "columns": columns}).encode() + b"\n"


APP = {"name": "3CX Desktop App", "version": "18.12.416", "publisher": "3CX"}
LOG = b"".join(
    [
        result("pack_it_programs", APP),
        result("pack_it_processes", {"cmdline": "evil.example -x", "pid": "1", "parent": "0", "path": "/bin/x"}),
        result("fim", {"target_path": "/opt/evil", "action": "CREATED", "time": str(NOON - 60), "sha256": "a" * 64}),
        result("pack_ir_open_sockets", {"remote_address": "192.0.2.9", "remote_port": "443"}, host="pc2"),
        result("pack_it_mounts", {"path": "/"}, host=None),
    ]
)


def test_each_row_has_the_telemetry_of_its_table():
    assert reader_for(LOG, "osqueryd.results.log").name == "osquery_results"
    records, reading = read_member(OsqueryResults(), LOG, "osqueryd.results.log")
    assert [(r.telemetry, r.host) for r in records] == [
        (Telemetry.INSTALLED_SOFTWARE, "pc1"),
        (Telemetry.PROGRAM_EXECUTION, "pc1"),
        (Telemetry.FILE_EVENT, "pc1"),
        (Telemetry.NETWORK_CONNECTION, "pc2"),
        (Telemetry.TEXT, None),
    ]
    assert records[0].software == Software(
        name="3CX Desktop App", version="18.12.416", platform=Platform.WINDOWS, publisher="3CX"
    )
    assert records[2].time == parse_instant("2023-03-16T11:59:00Z")
    kinds = {value.kind for record in records for value in record.values}
    assert {Kind.PATH, Kind.HASH, Kind.ADDRESS, Kind.HOST} <= kinds
    assert "1 results name no machine" in reading.note
    assert (reading.records, reading.unreadable, reading.status) == (5, 0, Status.READ)


def test_a_difference_covers_nothing_and_says_why():
    _, reading = read_member(OsqueryResults(), LOG)
    assert not any(seen.spans for seen in reading.seen)
    (gap,) = reading.gaps
    assert (gap.reason, gap.telemetry, gap.host) == (Reason.NOT_PROVIDED, Telemetry.INSTALLED_SOFTWARE, "pc1")
    assert "before the first" in gap.note


OTHERS = ("7-Zip 22.01", "Adobe Acrobat", "Mozilla Firefox", "Google Chrome", "Zoom")
ALL = [APP, *({"name": name, "version": str(at)} for at, name in enumerate(OTHERS))]


@pytest.mark.parametrize(
    ("query", "more", "covers"),
    [
        ("pack_it_programs", {"action": "snapshot", "snapshot": ALL}, True),
        ("apps", {"action": "snapshot", "snapshot": [{**row, "name": f"{row['name']}.app"} for row in ALL]}, True),
        ("programs", {"diffResults": {"added": ALL, "removed": []}, "counter": 0}, True),
        ("programs", {"diffResults": {"added": ALL, "removed": []}, "counter": 7}, False),
        ("programs", {"action": "snapshot", "snapshot": []}, False),
        ("programs", {"action": "snapshot", "snapshot": ALL, "unixTime": 0}, False),
        ("homebrew_packages", {"action": "snapshot", "snapshot": ALL}, False),
        ("python_packages", {"action": "snapshot", "snapshot": ALL}, False),
        ("processes", {"action": "snapshot", "snapshot": ALL}, False),
    ],
)
def test_only_a_whole_list_of_what_the_system_has_covers_its_moment(query, more, covers):
    records, reading = read_member(OsqueryResults(), result(query, **more))
    spans = [(s.telemetry, s.host, s.spans[0].start) for s in reading.seen if s.spans]
    assert spans == ([(Telemetry.INSTALLED_SOFTWARE, "pc1", NOON * 1_000_000)] if covers else [])
    assert len(records) >= 1


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([APP, APP], "rules out nothing (3CX Desktop App)"),
        ([{**APP, "name": f"3CX part {letter}"} for letter in "abcdefg"], "all names in this list are alike"),
        ([{**row, "publisher": "Maker"} for row in ALL], "all of one publisher"),
        ([APP, {"name": "Zoom", "version": "5"}], "fewer than 5 programs"),
    ],
)
def test_the_snapshot_of_a_narrow_query_covers_nothing(rows, why):
    _, reading = read_member(OsqueryResults(), result("pack_it_programs", action="snapshot", snapshot=rows))
    assert not any(seen.spans for seen in reading.seen)
    (gap,) = reading.gaps
    assert (gap.reason, gap.telemetry, gap.host) == (Reason.NOT_PROVIDED, Telemetry.INSTALLED_SOFTWARE, "pc1")
    assert why in gap.note


def test_what_was_removed_was_there_until_then():
    (record,), _ = read_member(OsqueryResults(), result("programs", APP, "removed"))
    assert record.software is not None and record.event["action"] == "removed"
    batch = result("programs", diffResults={"added": [], "removed": [APP]}, counter=3)
    (record,), _ = read_member(OsqueryResults(), batch)
    assert (record.software.version, record.event["action"]) == ("18.12.416", "added\nremoved")


def test_packages_have_their_urls():
    body = result("npm_packages", {"name": "chalk", "version": "5.6.1"})
    body += result("deb_packages", {"name": "xz-utils", "version": "5.6.1-1"})
    records, _ = read_member(OsqueryResults(), body)
    purls = {value.text for record in records for value in record.values if value.kind is Kind.PACKAGE}
    assert purls == {"pkg:npm/chalk@5.6.1", "pkg:deb/debian/xz-utils@5.6.1-1", "pkg:deb/ubuntu/xz-utils@5.6.1-1"}


def test_machines_say_who_they_are_and_where():
    body = result("system_info", {"hostname": "pc1.corp.example", "uuid": UUID, "hardware_serial": "C02"})
    body += result("interface_addresses", {"interface": "en0", "address": "10.0.0.5"})
    body += result("interface_addresses", {"interface": "lo0", "address": "127.0.0.1"})
    body += result("interface_details", {"interface": "en0", "mac": "00:11:22:33:44:01"})
    body += result("x", {"a": "b"}, host=UUID, decorations={"hostname": "pc9"})
    _, reading = read_member(OsqueryResults(), body)
    marks = {mark for one in reading.identities for mark in one.marks}
    assert marks == {f"uuid:{UUID}", "serial:C02", "card:00:11:22:33:44:01"}
    assert {name for one in reading.identities for name in one.names} == {"pc1", "pc1.corp.example", "pc9"}
    assert [(lease.address, lease.host) for lease in reading.leases] == [("10.0.0.5", "pc1")]


def test_a_line_that_is_none_is_counted_and_searched():
    records, reading = read_member(OsqueryResults(), LOG + b'{"name": "torn evil.example\n')
    assert (reading.records, reading.unreadable, reading.unreadable_at) == (6, 1, ("line 6",))
    assert "evil.example" in records[-1].values[0].text


def test_a_line_that_is_too_long_is_a_gap(monkeypatch):
    monkeypatch.setattr(osquery_results, "LONGEST", 200)
    records, reading = read_member(OsqueryResults(), result("x", {"a": "b" * 900}) + result("y", {"a": "b"}))
    assert (len(records), reading.records, reading.status) == (1, 2, Status.PARTLY)
    assert Reason.LIMIT in {gap.reason for gap in reading.gaps}


def test_damage_and_sieve():
    bears_damage(OsqueryResults(), LOG)
    survives_anything(OsqueryResults(), LOG)
    holds_with_and_without_sieve(OsqueryResults(), LOG, b"evil.example")


def test_the_plant_is_seen():
    planted = OsqueryResults().plant(LOG, PLANT)
    records, ledger = read_bytes(OsqueryResults(), planted)  # type: ignore[arg-type]
    assert OsqueryResults().accepts(planted, "") > 0 and ledger.unreadable == 0  # type: ignore[arg-type]
    assert {PLANT.sha256, PLANT.path} <= {value.text for record in records for value in record.values}


def test_a_real_log(shared_data):
    records, reading = read_place(OsqueryResults(), shared_data / "osquery-results-msticpy/osqueryd.results.log", None)
    assert (reading.records, reading.unreadable, len(records)) == (266, 0, 266)
    assert Counter(r.event["action"] for r in records) == {"added": 137, "removed": 129}
    assert {r.host for r in records} == {"jumpvm"}
    assert {mark for one in reading.identities for mark in one.marks} == {f"uuid:{UUID}"}
    found = Counter(r.telemetry for r in records)
    assert (found[Telemetry.FILE_EVENT], found[Telemetry.PROGRAM_EXECUTION]) == (21, 36)
    assert (found[Telemetry.NETWORK_CONNECTION], found[Telemetry.AUTHENTICATION]) == (42, 10)


def test_a_real_result_without_a_host_keeps_its_place(shared_data):
    records, reading = read_place(OsqueryResults(), shared_data / "osquery-results-beats/test.log", None)
    assert [(r.locator, r.host) for r in records] == [("line 1", "192-168-0-4.rdsnet.ro"), ("line 2", None)]
    assert (reading.records, reading.unreadable) == (2, 0)
    assert "name no machine" in reading.note
