"""The line over real evidence (see the fixture `shared_data`): what has to be found is found, and nothing else."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nachsorge.assets.inventory import Inventory
from nachsorge.model.words import Standing, Status
from nachsorge.packs.library import resolve
from nachsorge.sweep import Options, sweep

if TYPE_CHECKING:
    from nachsorge.model.assessment import Assessment

ABOUT = ("SOURCE.md", "LICENSE.upstream.txt")
"""Files that we were given beside the evidence; they name indicators and are no evidence."""


def look(pack: str | Path, *paths: Path, sieve: bool = True) -> Assessment:
    return sweep([resolve(str(pack))], [str(path) for path in paths], Inventory(), Options(jobs=1, sieve=sieve))


def evidence(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file() and p.name not in ABOUT and "EXPECTED" not in p.name)


def indicator_list(path: Path, *rows: str) -> Path:
    path.write_text("type,value\n" + "\n".join(rows) + "\n")
    return path


def kind_of(value: str) -> str:
    if len(value) == 64:
        return "sha256"
    return "ip" if value.replace(".", "").isdigit() else "file_name" if value.endswith(".dll") else "domain"


def test_expected_indicators_in_event_logs(shared_data: Path, tmp_path: Path) -> None:
    """Every row of the list that two independent parsers agree on; all of them are field matches, none is text."""
    folder = shared_data / "evtx-attack-samples"
    with (folder / "EXPECTED_indicators.tsv").open() as stream:
        rows = list(csv.DictReader(stream, delimiter="\t"))
    values = sorted({row["indicator"] for row in rows})
    pack = indicator_list(tmp_path / "list.csv", *(f"{kind_of(value)},{value}" for value in values))
    assessment = look(pack, *evidence(folder))
    paths = {source.id: source.reading.path for source in assessment.sources}
    found = Counter((s.indicator, str(Path(paths[s.source]).relative_to(folder))) for s in assessment.sightings)
    assert found == {(row["indicator"], row["file"]): int(row["records"]) for row in rows}
    assert not any(sighting.as_text for sighting in assessment.sightings)
    assert all(source.reading.status is Status.READ for source in assessment.sources)


def test_zeek_logs_of_a_contest(shared_data: Path, tmp_path: Path) -> None:
    folder = shared_data / "zeek-logs-wrccdc2018"
    pack = indicator_list(tmp_path / "list.csv", "domain,ise.wrccdc.org", "domain,whatismyipaddress.com")
    assessment = look(pack, folder / "dns.log.gz", folder / "ssl.log.gz")
    names = {source.id: Path(source.reading.path).name for source in assessment.sources}
    found = Counter((s.indicator, names[s.source]) for s in assessment.sightings)
    assert found["ise.wrccdc.org", "dns.log.gz"] == 22_160
    assert found["whatismyipaddress.com", "dns.log.gz"] == 34
    (dns,) = (s.reading for s in assessment.sources if s.reading.path.endswith("dns.log.gz"))
    assert (dns.records, dns.unreadable) == (53_477, 0)


def test_the_3cx_pack_finds_nothing_there_and_says_what_is_open(shared_data: Path) -> None:
    assessment = look("3cx-2023", *evidence(shared_data / "zeek-logs-wrccdc2018"))
    assert not assessment.sightings
    assert assessment.summary.exit == 3
    (row,) = assessment.assets
    open_cells = {cell.stage for cell in row.cells if cell.standing is Standing.OPEN}
    assert open_cells == {"installed", "served", "loaded", "dead-drop", "beacon", "stealer", "second-stage", "hands-on"}
    assert all(cell.unmet for cell in row.cells if cell.standing is Standing.OPEN)


@pytest.mark.parametrize(
    ("folder", "statuses"),
    [
        ("otrf-security-datasets/atomic", {Status.READ: 8}),
        ("osquery-results-beats", {Status.READ: 1}),
        ("osquery-results-msticpy", {Status.READ: 1}),
        ("suricata-eve-alerts", {Status.READ: 2}),
        ("zeek-btest-logs", {Status.READ: 86}),
        # System.evtx is whole; System2.evtx ends inside its third chunk; SysEvent.Evt is of the old form.
        ("evtx-plaso-benign", {Status.READ: 2, Status.PARTLY: 1}),
    ],
)
def test_every_file_has_a_truthful_status_and_3cx_is_nowhere(
    shared_data: Path, folder: str, statuses: dict[Status, int]
) -> None:
    assessment = look("3cx-2023", *evidence(shared_data / folder))
    assert not assessment.sightings
    assert Counter(source.reading.status for source in assessment.sources) == statuses
    assert all(control.seen for control in assessment.controls)
    assert assessment.summary.exit == 3


def test_record_counts_of_benign_event_logs(shared_data: Path) -> None:
    """5,009 as stated; System2 holds 194 in its two whole chunks, and 91 more in the third, which is cut off."""
    folder = shared_data / "evtx-plaso-benign"
    readings = {Path(s.reading.path).name: s.reading for s in look("3cx-2023", *evidence(folder)).sources}
    assert (readings["System.evtx"].records, readings["System.evtx"].unreadable) == (5_009, 0)
    assert (readings["System2.evtx"].records, readings["System2.evtx"].unreadable) == (285, 1)


@pytest.mark.parametrize(("folder", "captures"), [("zeek-btest-pcaps", 165), ("suricata-verify-pcaps", 25)])
def test_captures_hold_nothing_of_3cx_though_one_asks_for_its_shared_host(
    shared_data: Path, folder: str, captures: int
) -> None:
    paths = [path for path in evidence(shared_data / folder) if path.suffix in (".pcap", ".pcapng")]
    assert len(paths) == captures
    assessment = look("3cx-2023", *paths)
    assert (assessment.sightings, assessment.summary.exit) == ((), 3)
    assert {source.reading.status for source in assessment.sources} <= {Status.READ, Status.PARTLY}
    partly = [source.reading for source in assessment.sources if source.reading.status is Status.PARTLY]
    assert all(reading.note or reading.unreadable_at for reading in partly)
    assert all(control.seen for control in assessment.controls)


def test_the_name_of_that_host_is_found_in_the_capture_that_was_laid_as_a_trap(
    shared_data: Path, tmp_path: Path
) -> None:
    pack = indicator_list(tmp_path / "list.csv", "domain,raw.githubusercontent.com")
    assessment = look(pack, *sorted((shared_data / "suricata-verify-pcaps").glob("*.pcap")))
    paths = {source.id: Path(source.reading.path).name for source in assessment.sources}
    assert {paths[s.source] for s in assessment.sightings} == {"bug-2646-01.pcap"}
    assert any("server_name" in sighting.fields for sighting in assessment.sightings)


def test_the_shared_host_of_the_icon_files_is_no_sighting(shared_data: Path, tmp_path: Path) -> None:
    """Three events ask for raw.githubusercontent.com; only the path below it is the indicator."""
    pack = indicator_list(
        tmp_path / "list.csv",
        "url_pattern,raw.githubusercontent.com/IconStorages/images/main/icon%d.ico",
        "ip,10.10.10.5",
    )
    assessment = look(pack, *evidence(shared_data / "otrf-security-datasets" / "atomic"))
    assert {sighting.type for sighting in assessment.sightings} == {"ip"}


def test_alerts_as_one_json_array(shared_data: Path, tmp_path: Path) -> None:
    pack = indicator_list(tmp_path / "list.csv", "domain,coin-hive.com", "domain,ipinfo.io")
    assessment = look(pack, *evidence(shared_data / "suricata-eve-alerts" / "wrccdc-2018"))
    fields = Counter((s.indicator, "tls.sni" in s.fields) for s in assessment.sightings)
    # Two each by TLS name, as stated; one request for ipinfo.io more by HTTP host.
    assert fields == {("coin-hive.com", True): 2, ("ipinfo.io", True): 2, ("ipinfo.io", False): 1}
    assert sum(source.reading.records for source in assessment.sources) == 207


@pytest.mark.slow
@pytest.mark.parametrize(
    "folder", ["zeek-btest-logs", "suricata-eve-alerts", "osquery-results-msticpy", "evtx-attack-samples"]
)
def test_with_and_without_the_sieve_the_assessment_is_the_same(shared_data: Path, folder: str) -> None:
    paths = evidence(shared_data / folder)
    assert look("3cx-2023", *paths) == look("3cx-2023", *paths, sieve=False)
