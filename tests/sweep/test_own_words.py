"""Event logs' own statements, through the line: whose a sensor's record is, and who is not cleared."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.builders import asset, t
from tests.evidence.windows.hive_kit import hive, number, text

from nachsorge.assets.inventory import Inventory
from nachsorge.assets.sensors import Sensor
from nachsorge.model.times import DAY, render
from nachsorge.model.words import Reason, Telemetry, Verdict
from nachsorge.packs.library import resolve
from nachsorge.sweep import Options, sweep

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from nachsorge.model.assessment import Assessment

START = t("2023-03-01")
HOUR = 3600
OFFICE = Sensor(part="dns", telemetry=(Telemetry.DNS_QUERY,), networks=("10.20.0.0/16",))


def sysmon(place: Path, host: str, words: Iterable[tuple[int, str]]) -> None:
    """Write a log of connections (seconds after the start, own address)."""
    place.parent.mkdir(parents=True, exist_ok=True)
    lines = []
    for nth, (second, address) in enumerate(words, 1):
        data = {"Protocol": "tcp", "Initiated": "true", "SourceIp": address, "SourcePort": "50001"}
        named = {"Channel": "Microsoft-Windows-Sysmon/Operational", "EventID": 3, "Hostname": host}
        time = render(START + second * 1_000_000)
        more = {"SourceName": "Microsoft-Windows-Sysmon", "RecordNumber": nth, "@timestamp": time}
        lines.append(json.dumps(named | more | data))
    place.write_text("\n".join(lines) + "\n")


def dns(place: Path, client: str, *evil: int, hours: int = 26) -> None:
    """Write a log of a sensor that hears a client every half hour, and these queries of it for the evil name."""
    asked = [(second, "ok.example") for second in range(0, hours * HOUR, HOUR // 2)]
    asked += [(second, "evil.example") for second in evil]
    head = "#separator \\x09\n#path\tdns\n#fields\tts\tuid\tid.orig_h\tid.resp_h\tquery\n"
    lines = (f"{START // 1_000_000 + s}.000000\tC\t{client}\t10.20.0.53\t{name}\n" for s, name in sorted(asked))
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(head + "".join(lines))


def look(tmp_path: Path, *names: str, addresses: tuple[str, ...] = ()) -> Assessment:
    pack = tmp_path / "list.csv"
    pack.write_text("type,value\ndomain,evil.example\n")
    rows = tuple(asset(name, names=(name,), addresses=addresses, declared=True) for name in names)
    options = Options(jobs=1, start=START, end=START + DAY - 1)
    return sweep([resolve(str(pack))], [str(tmp_path / "logs")], Inventory(rows, (), (OFFICE,)), options)


EVERY = range(0, 26 * HOUR, HOUR // 2)


def test_a_query_is_the_machines_that_said_it_had_the_address_then(tmp_path: Path) -> None:
    dns(tmp_path / "logs/dns.log", "10.20.0.17", 9 * HOUR, 15 * HOUR)
    sysmon(tmp_path / "logs/pc1.json", "pc1", [(s, "10.20.0.17") for s in EVERY if s < 12 * HOUR])
    sysmon(tmp_path / "logs/pc2.json", "pc2", [(s, "10.20.0.17") for s in EVERY if s >= 12 * HOUR])
    found = look(tmp_path, "pc1", "pc2")
    assert [(s.asset, s.time) for s in found.sightings] == [
        ("pc1", START + 9 * HOUR * 1_000_000),
        ("pc2", START + 15 * HOUR * 1_000_000),
    ]
    assert [row.asset.id for row in found.assets] == ["pc1", "pc2"]


@pytest.mark.parametrize("address", ["10.20.0.17", "192.168.1.20"])
def test_only_an_address_in_the_offices_network_clears(tmp_path: Path, address: str) -> None:
    dns(tmp_path / "logs/dns.log", address)
    sysmon(tmp_path / "logs/pc1.json", "pc1", [(s, address) for s in EVERY])
    [row] = [row for row in look(tmp_path, "pc1").assets if row.asset.id == "pc1"]
    assert row.verdict is (Verdict.RULED_OUT if address.startswith("10.20.") else Verdict.OPEN)


def test_what_a_stranger_did_is_not_a_laptops_at_home_and_does_not_clear_it_either(tmp_path: Path) -> None:
    dns(tmp_path / "logs/dns.log", "10.20.0.17")
    dns(tmp_path / "logs/dns-guests.log", "192.168.1.20", 20 * HOUR)
    words = [(s, "10.20.0.17") for s in EVERY] + [(s + 1, "192.168.1.20") for s in EVERY if s >= 18 * HOUR]
    sysmon(tmp_path / "logs/pc1.json", "pc1", sorted(words))
    found = look(tmp_path, "pc1")
    rows = {row.asset.id: row for row in found.assets}
    assert [s.asset for s in found.sightings] == ["192.168.1.20"]
    assert rows["pc1"].verdict is Verdict.OPEN
    gaps = [gap for c in found.coverage if c.asset == "pc1" for gap in c.gaps]
    assert Reason.AMBIGUOUS in {gap.reason for gap in gaps}
    told = "own word alone: what 192.168.1.20 did may be pc1's, which says that it had this address then"
    assert told in found.summary.notes
    # Without the stranger's sighting it is cleared: that and nothing else left it open.
    (tmp_path / "logs/dns-guests.log").unlink()
    assert {row.asset.id: row.verdict for row in look(tmp_path, "pc1").assets}["pc1"] is Verdict.RULED_OUT


def test_a_server_of_the_inventory_is_not_cleared_while_another_says_that_it_has_its_address(tmp_path: Path) -> None:
    dns(tmp_path / "logs/dns.log", "10.20.0.17")
    assert {r.asset.id: r.verdict for r in look(tmp_path, "srv", addresses=("10.20.0.17",)).assets} == {
        "srv": Verdict.RULED_OUT
    }
    sysmon(tmp_path / "logs/pc1.json", "pc1", [(s, "10.20.0.17") for s in EVERY if 9 * HOUR <= s < 12 * HOUR])
    found = look(tmp_path, "srv", addresses=("10.20.0.17",))
    assert {r.asset.id: r.verdict for r in found.assets}["srv"] is Verdict.OPEN
    assert any(
        note.startswith("one address of two: 10.20.0.17 is srv's by the inventory") for note in found.summary.notes
    )


def hive_of(place: Path, host: str, address: str) -> None:
    """Write a machine's SYSTEM with a lease of all the time."""
    card = {
        "EnableDHCP": number(1),
        "DhcpIPAddress": text(address),
        "LeaseObtainedTime": number(START // 1_000_000),
        "LeaseTerminatesTime": number((START + DAY) // 1_000_000),
    }
    named = {"ComputerName": {"ComputerName": {"ComputerName": text(host)}}}
    current = {"Control": named, "Services": {"Tcpip": {"Parameters": {"Interfaces": {"{1}": card}}}}}
    config = place / host / "Windows" / "System32" / "config"
    config.mkdir(parents=True, exist_ok=True)
    (config / "SYSTEM").write_bytes(hive({"Select": {"Current": number(1)}, "ControlSet001": current}))


def osquery_of(place: Path, host: str, address: str) -> None:
    """Write the answers of an agent that is asked every half hour."""
    place.mkdir(parents=True, exist_ok=True)
    same = {"name": "pack_net_interface_addresses", "hostIdentifier": host, "action": "snapshot"}
    rows = [{"interface": "en0", "address": address}]
    answers = (same | {"unixTime": START // 1_000_000 + second, "snapshot": rows} for second in EVERY)
    (place / f"{host}.results.log").write_text("".join(f"{json.dumps(answer)}\n" for answer in answers))


def fleet_of(place: Path, host: str, address: str) -> None:
    """Write an export of the server that asks the agents; it knows of one moment, when the laptop's card was seen."""
    place.mkdir(parents=True, exist_ok=True)
    seen = render(START + 9 * HOUR * 1_000_000)
    row = {"hostname": host, "uuid": f"u-{host}", "platform": "darwin", "osquery_version": "5.8.1", "software": []}
    told = {"primary_ip": address, "detail_updated_at": seen, "software_updated_at": seen}
    (place / f"{host}.json").write_text(json.dumps({"hosts": [row | told]}))


@pytest.mark.parametrize("keeps", [hive_of, osquery_of, fleet_of])
def test_what_a_laptop_keeps_of_its_home_neither_blames_nor_clears_it_for_what_the_office_saw(tmp_path, keeps):
    dns(tmp_path / "logs/dns.log", "192.168.1.20", 9 * HOUR + 60)
    keeps(tmp_path / "logs/laptop", "laptop", "192.168.1.20")
    found = look(tmp_path, "laptop")
    assert [s.asset for s in found.sightings] == ["192.168.1.20"]
    assert {r.asset.id: r.verdict for r in found.assets}["laptop"] is Verdict.OPEN
    told = "own word alone: what 192.168.1.20 did may be laptop's, which says that it had this address then"
    assert told in found.summary.notes
    # Nor is it another's whose address it is at the office.
    (tmp_path / "logs/dns.log").unlink()
    dns(tmp_path / "logs/dns.log", "192.168.1.20")
    found = look(tmp_path, "printer", addresses=("192.168.1.20",))
    verdicts = {r.asset.id: r.verdict for r in found.assets}
    assert verdicts["printer"] is Verdict.RULED_OUT
    assert verdicts.get("laptop") is not Verdict.RULED_OUT


@pytest.mark.parametrize("keeps", [hive_of, osquery_of, fleet_of])
def test_what_a_machine_keeps_of_the_offices_network_says_whose_a_query_was(tmp_path, keeps):
    dns(tmp_path / "logs/dns.log", "10.20.0.17", 9 * HOUR + 60)
    keeps(tmp_path / "logs/pc1", "pc1", "10.20.0.17")
    assert [s.asset for s in look(tmp_path, "pc1").sightings] == ["pc1"]
    # A second machine that keeps the same at the same time: it is neither's.
    keeps(tmp_path / "logs/pc2", "pc2", "10.20.0.17")
    found = look(tmp_path, "pc1")
    assert [s.asset for s in found.sightings] == ["10.20.0.17"]
    assert all(r.verdict is Verdict.OPEN for r in found.assets if r.asset.id in ("pc1", "pc2"))
    assert any(note.startswith("one address of two: ") for note in found.summary.notes)
