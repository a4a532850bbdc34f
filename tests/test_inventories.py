"""The line with inventories of all kinds, over made and real evidence (see the fixture `shared_data`)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from nachsorge.assets.inventory import Inventory
from nachsorge.cli import app
from nachsorge.errors import InventoryError
from nachsorge.model.words import Reason, Verdict
from nachsorge.packs.library import resolve
from nachsorge.sweep import Options, sweep
from nachsorge.sweep.inventories import inventory_of

if TYPE_CHECKING:
    from pathlib import Path

    from nachsorge.model.assessment import Assessment

DAY = 86_400
START = 1_677_628_800
"""2023-03-01."""


def look(tmp_path: Path, inventory: Inventory, *rows: str, **options: object) -> Assessment:
    pack = tmp_path / "list.csv"
    pack.write_text("type,value\n" + "\n".join(rows or ("domain,evil.example",)) + "\n")
    return sweep([resolve(str(pack))], [str(tmp_path / "logs")], inventory, Options(jobs=1, **options))  # type: ignore[arg-type]


def listed(tmp_path: Path, text: str, name: str = "hosts.csv") -> Path:
    (tmp_path / name).write_text(text)
    return tmp_path / name


def zeek(place: Path, path: str, fields: str, *rows: str) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    head = f"#separator \\x09\n#path\t{path}\n#fields\t{fields}\n"
    place.write_text(head + "".join(row + "\n" for row in rows))


def dns(place: Path, days: int, *asked: tuple[int, str]) -> None:
    """Write a log of a sensor that hears somebody every hour, and these queries (hour, client) for the evil name."""
    rows = [(hour, "10.2.0.1", "ok.example") for hour in range(24 * days)]
    rows += [(hour, client, "evil.example") for hour, client in asked]
    lines = (f"{START + hour * 3600}.000000\tC\t{client}\t10.2.0.53\t{name}" for hour, client, name in sorted(rows))
    zeek(place, "dns", "ts\tuid\tid.orig_h\tid.resp_h\tquery", *lines)


def dhcp(place: Path, *rows: tuple[int, str, str, str]) -> None:
    lines = (f"{START + day * DAY}.000000\t{mac}\t{host}\t{address}\t86400.000000" for day, mac, host, address in rows)
    zeek(place, "dhcp", "ts\tmac\thost_name\tassigned_addr\tlease_time", *lines)


ONE, TWO = "00:11:22:33:44:01", "00:11:22:33:44:02"


def test_a_moved_address_is_split_in_time_by_card_and_a_stranger_gets_a_row(tmp_path: Path) -> None:
    dns(tmp_path / "logs/dns.log", 9, (24 * 1 + 1, "10.2.0.77"), (24 * 5 + 1, "10.2.0.77"))
    dhcp(tmp_path / "logs/dhcp.log", (1, ONE, "-", "10.2.0.77"), (5, TWO, "-", "10.2.0.77"))
    found = look(tmp_path, inventory_of([listed(tmp_path, f"asset,mac\npc1,{ONE}\n")]))
    assert [s.asset for s in found.sightings] == ["pc1", f"network card {TWO}"]


def test_a_sensor_that_watches_a_network_clears_whoever_was_in_it_and_only_then(tmp_path: Path) -> None:
    dns(tmp_path / "logs/site-b/dns.log", 9)
    own = listed(tmp_path, "asset,addresses\nin,10.2.0.5\nout,10.9.0.5\nshort,10.2.0.6@2023-03-01/2023-03-02\n")
    sensors = listed(tmp_path, "asset,watched,networks\nsite-b,dns_query,10.2.0.0/16\n", "sensors.csv")
    window = {"start": START * 1_000_000, "end": (START + 8 * DAY) * 1_000_000}
    found = look(tmp_path, inventory_of([own, sensors]), **window)
    assert {row.asset.id: row.verdict for row in found.assets} == {
        "in": Verdict.RULED_OUT,
        "out": Verdict.OPEN,
        "short": Verdict.OPEN,
    }
    bare = look(tmp_path, inventory_of([own]), **window)
    assert {row.verdict for row in bare.assets} == {Verdict.OPEN}


def test_addresses_that_zeek_saw_in_use_and_nobody_has_are_told(tmp_path: Path) -> None:
    zeek(tmp_path / "logs/known_hosts.log", "known_hosts", "ts\thost", f"{START}.0\t10.2.0.1", f"{START}.0\t10.2.0.99")
    found = look(tmp_path, inventory_of([listed(tmp_path, "asset,addresses\npc1,10.2.0.1\n")]))
    (note,) = (note for note in found.summary.notes if "were in use" in note)
    assert note.startswith("1 addresses were in use that are no asset's: 10.2.0.99")


def test_the_log_of_windows_dhcp_server_says_whose_a_query_was(tmp_path: Path) -> None:
    dns(tmp_path / "logs/dns.log", 3, (10, "10.2.0.78"), (40, "10.2.0.78"))
    head = "ID,Datum,Zeit,Beschreibung,IP-Adresse,Hostname,MAC-Adresse\n"
    rows = f"10,03/01/23,00:05:00,Zuweisen,10.2.0.78,PC1,{ONE.replace(':', '')}\n"
    rows += f"10,03/02/23,08:00:00,Zuweisen,10.2.0.78,PC2,{TWO.replace(':', '')}\n"
    (tmp_path / "logs/z-DhcpSrvLog-Mi.log").write_text(head + rows)
    found = look(tmp_path, Inventory())
    assert [s.asset for s in found.sightings] == ["PC1", "PC2"]


def test_a_conflict_is_in_the_json_the_console_and_the_page(tmp_path: Path) -> None:
    dns(tmp_path / "logs/dns.log", 2)
    dhcp(tmp_path / "logs/dhcp.log", (1, TWO, "pc1", "10.2.0.77"))
    inventory = listed(tmp_path, f"asset,mac\npc1,{ONE}\n")
    pack = listed(tmp_path, "type,value\ndomain,evil.example\n", "list.csv")
    words = ["check", str(pack), str(tmp_path / "logs"), "--inventory", str(inventory), "--jobs", "1"]
    words += ["--json", str(tmp_path / "out.json"), "--html", str(tmp_path / "out.html")]
    result = CliRunner().invoke(app, words, env={"COLUMNS": "200"})
    assert result.exit_code == 3
    told = "not its card: pc1 leased an address with network card"
    assert any(note.startswith(told) for note in json.loads((tmp_path / "out.json").read_text())["summary"]["notes"])
    assert told in (tmp_path / "out.html").read_text()
    assert told in " ".join(result.output.split())


def test_a_mapping_needs_an_inventory(tmp_path: Path) -> None:
    pack = listed(tmp_path, "type,value\ndomain,evil.example\n", "list.csv")
    result = CliRunner().invoke(app, ["check", str(pack), str(tmp_path), "--inventory-map", "x.yaml"])
    assert result.exit_code != 0


def osquery(tmp_path: Path, *results: dict[str, object]) -> Path:
    (tmp_path / "logs").mkdir(exist_ok=True)
    place = tmp_path / "logs" / "osqueryd.results.log"
    place.write_text("".join(json.dumps({"unixTime": START + DAY, **one}) + "\n" for one in results))
    return place


def test_osquery_is_evidence_and_inventory(tmp_path: Path) -> None:
    info = {"name": "system_info", "action": "snapshot"}
    address = {"name": "interface_addresses", "action": "snapshot", "snapshot": [{"address": "10.2.0.77"}]}
    place = osquery(
        tmp_path,
        {**info, "hostIdentifier": "pc1", "snapshot": [{"hostname": "pc1", "hardware_serial": "A1"}]},
        {**info, "hostIdentifier": "pc2", "snapshot": [{"hostname": "pc2", "hardware_serial": "B2"}]},
        {**address, "hostIdentifier": "pc2"},
    )
    dns(tmp_path / "logs/dns.log", 3, (24 + 2, "10.2.0.77"))
    inventory = inventory_of([place])
    assert [(one.id, one.declared, one.attributes) for one in inventory.assets] == [
        ("pc1", True, {"serial": "A1"}),
        ("pc2", True, {"serial": "B2"}),
    ]
    found = look(tmp_path, inventory)
    assert [s.asset for s in found.sightings] == ["pc2"]
    assert any("others of the organisation are not in this list" in note for note in found.summary.notes)


def test_a_log_without_any_name_is_no_inventory(tmp_path: Path) -> None:
    place = osquery(tmp_path, {"name": "mounts", "action": "added", "columns": {"path": "/"}})
    with pytest.raises(InventoryError, match="no machine names itself"):
        inventory_of([place, tmp_path / "missing.csv"])


def test_a_difference_shows_a_program_and_never_clears_it(tmp_path: Path) -> None:
    row = {"name": "pack_it_programs", "hostIdentifier": "pc1", "action": "added"}
    osquery(tmp_path, {**row, "columns": {"name": "a", "version": "1"}})
    found = look(tmp_path, Inventory(), "file_name,evil.dll")
    assert not any(c.intervals for c in found.coverage if c.telemetry == "installed_software")


def test_answers_of_the_osquery_shell_are_searched_and_clear_nobody(tmp_path: Path) -> None:
    rows = [{"name": "evil.example", "version": "1", "install_location": "C:\\evil", "identifying_number": "{A}"}]
    (tmp_path / "logs").mkdir()
    place = tmp_path / "logs" / "programs.json"
    for answer in (rows, {"queries": {"programs": rows}, "statuses": {"programs": 0}}):
        place.write_text(json.dumps(answer))
        found = look(tmp_path, Inventory())
        assert [s.indicator for s in found.sightings] == ["evil.example"]
        assert not any(one.intervals for one in found.coverage)


def test_software_lists_of_the_3cx_app_are_found_whoever_wrote_them(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    name, version = "3CX Desktop App", "18.12.416"
    host = {"hostname": "fleet-pc", "platform": "windows", "software_updated_at": "2023-03-29T10:00:00Z", "team_id": 1}
    host |= {"software": [{"name": name, "version": version, "source": "programs"}]}
    (logs / "fleet.json").write_text(json.dumps({"hosts": [host]}))
    head = "ApplicationKey,ApplicationName,ApplicationVersion,DeviceId,DeviceName,Platform"
    (logs / "intune.csv").write_text(f"{head}\n1,{name},{version},d1,intune-pc,Windows\n")
    cask = {"token": "3cx", "tap": "x", "name": [name], "installed": version}
    (logs / "brew.json").write_text(json.dumps({"formulae": [], "casks": [cask]}))
    table = f"{'Name':<20}{'Id':<20}Version\n{'-' * 50}\n{name:<20}{'{AA}':<20}{version}\n"
    (logs / "winget.txt").write_text(table)
    given = {str(logs / "winget.txt"): "winget-pc", str(logs / "brew.json"): "brew-mac"}
    paths = [str(logs), *given]
    found = sweep([resolve("3cx-2023")], paths, Inventory(), Options(jobs=1, assets=given))
    assert {s.asset for s in found.sightings if s.stage == "installed"} == {
        "fleet-pc",
        "intune-pc",
        "winget-pc",
        "brew-mac",
    }


def test_real_osquery_results_as_inventory(shared_data: Path) -> None:
    (one,) = inventory_of([shared_data / "osquery-results-msticpy/osqueryd.results.log"]).assets
    assert (one.id, one.attributes) == ("jumpvm", {"uuid": "40443dd9-5b21-a345-8f89-aadde84c3719"})
    found = inventory_of([shared_data / "osquery-results-beats/test.log"])
    assert [one.id for one in found.assets] == ["192-168-0-4.rdsnet.ro"]
    assert any("1 results name no machine" in remark for remark in found.remarks)


def test_real_osquery_results_have_nothing_of_3cx_and_clear_nobody(shared_data: Path) -> None:
    for folder in ("osquery-results-msticpy", "osquery-results-beats"):
        place = next((shared_data / folder).glob("*.log"))
        found = sweep([resolve("3cx-2023")], [str(place)], inventory_of([place]), Options(jobs=1))
        assert (found.sightings, found.summary.exit) == ((), 3)
        assert all(control.seen for control in found.controls)
        assert {row.verdict for row in found.assets} == {Verdict.OPEN}


COMPROMISED = (
    "package,pkg:npm/chalk@5.6.1",
    "package,pkg:npm/debug@4.4.2",
    "package,pkg:npm/event-stream@3.3.6",
    "package,pkg:npm/ua-parser-js@0.7.29",
    "package,pkg:npm/coa@2.0.3",
    "package,pkg:npm/rc@1.2.9",
)
THERE = ("chalk@2.4.2", "debug@2.6.9", "debug@3.1.0", "debug@3.2.6", "debug@4.1.1", "rc@1.2.8", "colors@1.4.0")


def test_a_real_sbom_has_the_stated_packages_and_none_of_the_compromised_ones(
    shared_data: Path, tmp_path: Path
) -> None:
    sbom = shared_data / "sbom-cyclonedx/SBOM/juice-shop/v11.1.2/bom.json"
    (tmp_path / "logs").symlink_to(sbom)
    assert look(tmp_path, Inventory(), *COMPROMISED).sightings == ()
    found = look(tmp_path, Inventory(), *(f"package,pkg:npm/{one}" for one in THERE))
    assert {s.indicator for s in found.sightings} == {f"pkg:npm/{one}" for one in THERE}


@pytest.mark.parametrize("aggregate", ["incomplete", "incomplete_third_party_only", "unknown", "UNKNOWN", ""])
def test_an_sbom_that_calls_itself_incomplete_clears_no_package(tmp_path: Path, aggregate: str) -> None:
    library = {"type": "library", "name": "a", "version": "1", "purl": "pkg:npm/a@1"}
    tree = {"bomFormat": "CycloneDX", "specVersion": "1.5", "metadata": {"timestamp": "2025-09-12T00:00:00Z"}}
    (tmp_path / "logs").mkdir()
    place = tmp_path / "logs" / "bom.json"
    place.write_text(json.dumps({**tree, "components": [library]}))
    assert look(tmp_path, Inventory(), COMPROMISED[0]).summary.exit == 0
    place.write_text(json.dumps({**tree, "components": [library], "compositions": [{"aggregate": aggregate}]}))
    found = look(tmp_path, Inventory(), COMPROMISED[0])
    assert found.summary.exit == 3
    assert found.assets[0].cells[0].unmet[0].reason is Reason.NOT_PROVIDED
