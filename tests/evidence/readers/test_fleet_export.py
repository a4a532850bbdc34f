"""Fleet's hosts and software."""

from __future__ import annotations

import json

import pytest
from tests.evidence.artefact_kit import bears_damage, read_member, shows_plant
from tests.evidence_kit import read_bytes

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.fleet_export import FleetExport
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Platform, Reason, Status, Telemetry

APP = {"name": "3CX Desktop App", "version": "18.12.416", "source": "programs", "vendor": "3CX"}
HOST = {
    "hostname": "pc1",
    "computer_name": "PC-ONE",
    "uuid": "40443dd9-5b21-a345-8f89-aadde84c3719",
    "hardware_serial": "C02AAA",
    "platform": "windows",
    "os_version": "Windows 11 Pro",
    "osquery_version": "5.8",
    "primary_ip": "10.0.0.5",
    "primary_mac": "00:11:22:33:44:01",
    "detail_updated_at": "2023-03-29T09:00:00Z",
    "software_updated_at": "2023-03-29T10:00:00Z",
    "software": [APP, {"name": "Safari.app", "version": "16.4", "source": "apps"}],
}


def body(**tree):
    return json.dumps(tree).encode()


HOSTS = body(hosts=[HOST, {**HOST, "hostname": "pc2", "software": [APP]}])
LINES = b"\n".join(body(kind="host", apiVersion="v1", spec={**HOST, "hostname": name}) for name in ("a", "b"))
CSV = (
    b"hostname,uuid,platform,osquery_version,os_version,hardware_serial,computer_name,primary_ip,primary_mac\n"
    b"pc1,,windows,5.8,Windows 11,C02AAA,PC-ONE,10.0.0.5,00:11:22:33:44:01\npc2,,darwin,5.8,macOS 13,C02BBB,PC2,,\n"
)


def covered(reading):
    return [(s.telemetry, s.host, s.spans[0].start) for s in reading.seen if s.spans]


@pytest.mark.parametrize("sample", [HOSTS, LINES, body(host=HOST), CSV])
def test_all_forms_are_recognised(sample):
    assert reader_for(sample, "export").name == "fleet_export"


def test_a_hosts_whole_list_covers_the_moment_at_which_it_was_asked_for():
    records, reading = read_member(FleetExport(), HOSTS)
    at = parse_instant("2023-03-29T10:00:00Z")
    assert covered(reading) == [(Telemetry.INSTALLED_SOFTWARE, name, at) for name in ("pc1", "pc2")]
    programs = [(r.host, r.software.name, r.software.platform) for r in records if r.software]
    assert programs == [
        ("pc1", "3CX Desktop App", Platform.WINDOWS),
        ("pc1", "Safari", Platform.MACOS),
        ("pc2", "3CX Desktop App", Platform.WINDOWS),
    ]
    assert reading.identities[0].names == ("pc1", "PC-ONE")
    assert set(reading.identities[0].marks) == {
        "serial:C02AAA",
        f"uuid:{HOST['uuid']}",
        "card:00:11:22:33:44:01",
    }
    assert reading.leases[0].address == "10.0.0.5"


@pytest.mark.parametrize(
    ("change", "note"),
    [
        ({"software": None}, "without their software"),
        ({"software": []}, "is empty"),
        ({"software_updated_at": None, "detail_updated_at": None}, "no time"),
        ({"software": [APP, {"version": "1"}]}, "not whole"),
    ],
)
def test_a_list_that_is_not_whole_covers_nothing(change, note):
    _, reading = read_member(FleetExport(), body(hosts=[{**HOST, **change}]))
    assert covered(reading) == []
    assert note in reading.note and Reason.NOT_PROVIDED in {gap.reason for gap in reading.gaps}


def test_further_pages_are_missed():
    _, reading = read_member(FleetExport(), body(hosts=[HOST], meta={"has_next_results": True}))
    assert "further pages" in reading.note


def test_titles_name_no_host_and_clear_none():
    tree = {"count": 1, "counts_updated_at": "2023-03-29T10:00:00Z"}
    versions = [{"version": "18.12.416"}, {"version": "18.12.425"}]
    sample = body(
        **tree, software_titles=[{"name": "3CX", "source": "programs", "hosts_count": 3, "versions": versions}]
    )
    assert reader_for(sample, "x").name == "fleet_export"
    records, reading = read_member(FleetExport(), sample)
    assert [(r.host, r.software.version) for r in records] == [(None, "18.12.416"), (None, "18.12.425")]
    assert covered(reading) == [] and "of no host" in reading.note


def test_hosts_as_csv_say_who_they_are_and_nothing_of_software():
    records, reading = read_member(FleetExport(), CSV)
    assert [r.host for r in records] == ["pc1", "pc2"]
    assert [one.platform for one in reading.identities] == [Platform.WINDOWS, Platform.MACOS]
    assert covered(reading) == [] and "2 hosts stand there without their software" in reading.note


def test_what_is_no_host_is_counted():
    _, reading = read_member(FleetExport(), body(hosts=[HOST, 7]))
    assert (reading.unreadable, reading.status) == (1, Status.PARTLY)
    _, reading = read_member(FleetExport(), LINES + b"\n{torn}\n")
    assert reading.unreadable == 1 and "may be lost" in reading.note


@pytest.mark.parametrize("sample", [HOSTS, CSV])
def test_damage_sieve_and_plant(sample):
    bears_damage(FleetExport(), sample)
    shows_plant(FleetExport(), sample)
    some, ledger = read_bytes(FleetExport(), sample, b"pc2")
    every, whole = read_bytes(FleetExport(), sample)
    assert 0 < len(some) < len(every) and (ledger.seen(), ledger.gaps) == (whole.seen(), whole.gaps)
