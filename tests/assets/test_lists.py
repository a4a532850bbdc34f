"""Lists of other programs as inventories: mappings, guesses that are told, exports, several lists together."""

from __future__ import annotations

import json

import pytest
from tests.builders import span, t

from nachsorge.assets.inventory import load_inventory, merged
from nachsorge.assets.mapping import load_mapping
from nachsorge.assets.sensors import Sensor
from nachsorge.errors import InventoryError
from nachsorge.model.evidence import Lease
from nachsorge.model.times import Span
from nachsorge.model.words import SENSOR, Platform, Telemetry

INTUNE = (
    "Device ID,Device name,Last check-in,OS,OS version,Serial number,Wi-Fi MAC,Ownership\n"
    "1,PC1,2023-03-29T10:00:00Z,Windows,10.0,C02AAA,001122334401,Corporate\n"
    "2,PC1,2023-03-30T10:00:00Z,Windows,10.0,C02BBB,001122334402,Corporate\n"
    "3,PC1,2023-01-01T10:00:00Z,Windows,10.0,C02AAA,,Corporate\n"
    "4,MAC1,never,iOS,16,To be filled by O.E.M.,,Personal\n"
)


@pytest.fixture
def given(tmp_path):
    """Write files and load the first as an inventory, with the mapping where there is one."""

    def _given(text, mapping=None, name="hosts.csv"):
        path = tmp_path / name
        path.write_text(text if isinstance(text, str) else json.dumps(text))
        place = None
        if mapping is not None:
            place = tmp_path / "map.yaml"
            place.write_text(mapping if isinstance(mapping, str) else json.dumps(mapping))
        return load_inventory(path, place)

    return _given


def problems(call, *words, **more):
    with pytest.raises(InventoryError) as caught:
        call(*words, **more)
    return [one.message for one in caught.value.problems]


def test_guessed_columns_are_told_and_two_machines_with_one_name_stay_two(given):
    found = given(INTUNE)
    assert [one.id for one in found.assets] == ["PC1 (serial number C02AAA)", "PC1 (serial number C02BBB)", "MAC1"]
    assert found.assets[0].names == ("PC1",)
    assert found.assets[0].attributes["card"] == "00:11:22:33:44:01"
    assert found.assets[0].attributes["ownership"] == "Corporate"
    assert [one.platform for one in found.assets] == [Platform.WINDOWS, Platform.WINDOWS, None]
    told = " | ".join(found.remarks)
    assert "asset from 'Device name'" in told and "serial from 'Serial number'" in told
    assert "1 rows are of a machine that stands there already" in told
    assert "share their name with another machine" in told
    assert "unknown platform" in told and "no time" in told and "tell no machine from another" in told


def test_an_address_of_an_export_is_true_when_it_was_seen_and_not_for_ever(given):
    rows = "pc1,10.0.0.5,2023-03-29T10:00:00Z\npc2,10.0.0.5,2023-03-30\npc3,10.0.0.9,\n"
    found = given(f"hostname,primary_ip,seen_time\n{rows}")
    moment = t("2023-03-29T10:00:00Z")
    assert found.leases[0] == Lease(address="10.0.0.5", host="pc1", span=Span(moment, moment))
    assert [one.addresses for one in found.assets] == [(), (), ()]
    assert "1 addresses have no time at which they were true" in " ".join(found.remarks)


def test_a_guessed_address_of_two_machines_is_neithers(given):
    found = given("Computer Name,IPv4 Address\npc1,10.0.0.5\npc2,10.0.0.5\npc3,10.0.0.6\n")
    assert [one.addresses for one in found.assets] == [(), (), ("10.0.0.6",)]
    assert "10.0.0.5 is the address of" in " ".join(found.remarks)


def test_our_own_header_is_no_guess_and_stays_strict(given):
    assert given("asset,platform\npc1,windows\n").remarks == ()
    assert problems(given, "asset,platform\npc1,amiga\n") == ["unknown platform 'amiga'"]


MAP = """
mapping:
  columns: {asset: Gerät, addresses: [IP 1, IP 2], serial: SN, seen: Stand}
  platforms: {Win10 LTSC: windows}
  delimiter: "|"
  sensors:
    - {path: site-b, telemetry: [dns_query], networks: [10.2.0.0/16, "fd00::/8"]}
    - path: proxy.log
"""


def test_a_mapping_says_it_all_and_nothing_is_guessed(given):
    found = given("Gerät|IP 1|IP 2|SN|Stand|OS\nPC 1|10.2.0.5|10.2.0.6|X1|2023-03-29|Windows\n", MAP)
    (one,) = found.assets
    assert (one.id, one.platform, one.attributes) == ("PC 1", None, {"os": "Windows", "serial": "X1"})
    assert [lease.address for lease in found.leases] == ["10.2.0.5", "10.2.0.6"]
    assert found.sensors == (
        Sensor(part="site-b", telemetry=(Telemetry.DNS_QUERY,), networks=("10.2.0.0/16", "fd00::/8")),
        Sensor(part="proxy.log", telemetry=tuple(sorted(SENSOR)), networks=()),
    )
    assert "its columns are as" in found.remarks[0]


def test_a_mapping_beside_the_list_is_taken(tmp_path):
    (tmp_path / "hosts.csv").write_text("X\npc1\n")
    (tmp_path / "hosts.csv.mapping.json").write_text('{"columns": {"asset": "X"}}')
    assert [one.id for one in load_inventory(tmp_path / "hosts.csv").assets] == ["pc1"]


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("columns: {aset: X}", ["columns: unknown field 'aset'", "columns: no column for `asset`"]),
        ("column: {asset: X}", ["unknown key 'column'"]),
        ("columns: [X]", ["columns: is no table", "columns: no column for `asset`"]),
        ("[]", ["holds no mapping"]),
        ("columns: {asset: {}}", ["columns.asset: is no column's name"]),
        ("platforms: {x: amiga}", ["platforms.x: unknown platform 'amiga'"]),
        ("sensors: 5", ["sensors: is no list"]),
        ("sensors: [{telemetry: [dns_query]}]", ["sensors, number 1: no `path`"]),
        ("sensors: [{path: a, telemetry: [dns]}]", ["sensors, number 1: 'dns' is nothing a sensor watches"]),
        ("sensors: [{path: a, networks: [10.2.0.1/16]}]", ["sensors, number 1: '10.2.0.1/16' is no network"]),
    ],
)
def test_all_that_is_wrong_with_a_mapping_is_told(tmp_path, text, messages):
    place = tmp_path / "map.yaml"
    place.write_text(text)
    found = problems(load_mapping, place)
    assert len(found) == len(messages)
    assert all(one.startswith(message) for one, message in zip(found, messages, strict=True))


def test_a_mapping_that_is_no_yaml_or_names_a_column_that_is_not_there(tmp_path, given):
    assert problems(given, "X\npc1\n", "columns: {asset: Y}") == ["no column 'Y', which the mapping names"]
    assert problems(given, "X\npc1\n", "a: [")[0].startswith("cannot be read")
    assert problems(given, "X\npc1\n", "a: 1\na: 2\n")[0].startswith("cannot be read")


FLEET = {
    "hosts": [
        {"hostname": "pc1", "computer_name": "PC-ONE", "platform": "ubuntu", "hardware_serial": "S1", "uuid": "x"},
        {"hostname": "pc2", "platform": "darwin", "software": [{"name": "x"}], "labels": ["a", "b"], "team": {"id": 1}},
    ]
}


@pytest.mark.parametrize("tree", [FLEET, FLEET["hosts"], {"data": FLEET["hosts"]}])
def test_json_exports(given, tree):
    one, two = given(tree, name="hosts.json").assets
    assert (one.names, one.platform, one.attributes) == (("pc1", "PC-ONE"), Platform.LINUX, {"serial": "S1"})
    assert (two.platform, two.attributes) == (Platform.MACOS, {"labels": "a;b", "team.id": "1"})


def test_json_lines_a_path_to_the_rows_and_what_is_no_list(given):
    lines = "\n".join(json.dumps({"kind": "host", "spec": host}) for host in FLEET["hosts"])
    assert [one.id for one in given(lines).assets] == ["pc1", "pc2"]
    deep = {"answer": {"rows": FLEET["hosts"]}}
    assert len(given(deep, {"records": "answer.rows"}).assets) == 2
    assert "no list of rows at 'answer.x'" in problems(given, deep, {"records": "answer.x"})[0]
    assert "no JSON" in problems(given, "[1, ")[0]
    assert "a row that is no object" in problems(given, "[1]")[0]


def test_further_pages_of_an_export_are_missed(given):
    graph = {"@odata.nextLink": "https://graph.example/next", "value": [{"deviceName": "pc1"}]}
    assert "further pages" in " ".join(given(graph).remarks)
    assert "further pages" in " ".join(given({**FLEET, "meta": {"has_next_results": True}}).remarks)


def test_a_row_with_networks_is_a_sensor_and_no_asset(given):
    found = given("asset,watched,networks\nsite-b,dns_query,10.2.0.0/16;10.3.0.0/16\npc1,,\n")
    assert [one.id for one in found.assets] == ["pc1"]
    assert found.sensors == (
        Sensor(part="site-b", telemetry=(Telemetry.DNS_QUERY,), networks=("10.2.0.0/16", "10.3.0.0/16")),
    )
    assert problems(given, "asset,networks\nsite-b,10.2/16\n")[0].startswith("'10.2/16' is no network")


def test_several_lists_are_one_and_the_first_word_counts(given):
    own = given("asset,role,addresses\npc1,pbx,10.0.0.1@2023-01-01/2023-01-02\nweb.site-a.example,,\n")
    export = given(INTUNE.replace("PC1,2023-03-30", "PC2,2023-03-30"))
    found = merged([own, export])
    assert [one.id for one in found.assets] == ["pc1", "web.site-a.example", "PC2", "MAC1"]
    assert (found.assets[0].role, found.assets[0].attributes["serial"]) == ("pbx", "C02AAA")
    assert found.leases[0].span == span("2023-01-01", "2023-01-02")
    assert export.remarks[0] in found.remarks


def test_two_lists_whose_marks_contradict_name_two_machines(given):
    one, two = (given(f"asset,serial,addresses\npc1,{serial},10.0.0.5\n") for serial in ("A", "B"))
    assert problems(merged, [one, two]) == ["10.0.0.5 is the address of 'pc1' and of 'pc1 (serial number B)'"]
    found = merged([given("asset,serial\npc1,A\n"), given("asset,serial\npc1,B\n")])
    assert [one.id for one in found.assets] == ["pc1", "pc1 (serial number B)"]
    assert "kept apart" in found.remarks[-1]
