"""Real logs and artefacts of Windows through the whole line: who reads them, what they hold; they clear nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nachsorge.assets.inventory import Inventory
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Status, Telemetry
from nachsorge.packs.library import resolve
from nachsorge.sweep import Options, sweep

if TYPE_CHECKING:
    from pathlib import Path

    from nachsorge.model.assessment import Assessment
    from nachsorge.model.evidence import Reading

# By path below the folder: who reads it, and how many records it holds (counted with other tools: grep, plaso's tests).
READ = {
    "wintask.job": ("task_job", 2),
    "windefender_history/6AFE33A0-19BA-4FFF-892F-B700539D7D63": ("defender_history", 1),
    "windefender_history/FC380697-A68D-4C94-B67F-9B6449039463": ("defender_history", 1),
    "powershell_transcript.txt": ("powershell_transcript", 24),
    "windows_firewall.log": ("windows_firewall", 15),
}
BITS = "evtx-attack-samples/Execution/windows_bits_4_59_60_lolbas desktopimgdownldr.evtx"
# What is known of these files: threats, hashes, addresses, programs. No file of the folder holds the last two.
LIST = """type,value
sha256,275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f
url,https://secure.eicar.org/eicar_com.zip
domain,amtso.eicar.org
file_name,GoogleUpdate.exe
file_name,VBoxDrvInst.exe
ip,123.156.78.255
domain,a.uguu.se
domain,absent.example
ip,192.0.2.1
"""


@pytest.fixture(scope="module")
def assessment(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Assessment:
    path = tmp_path_factory.mktemp("list") / "list.csv"
    path.write_text(LIST)
    folder = shared_data / "plaso-host-artefacts"
    files = [str(folder / name) for name in (*READ, "setupapi.dev.log")] + [str(shared_data / BITS)]
    return sweep([resolve(str(path))], files, Inventory(), Options(jobs=1))


@pytest.fixture(scope="module")
def readings(assessment: Assessment) -> dict[str, Reading]:
    return {source.reading.path.partition("plaso-host-artefacts/")[2]: source.reading for source in assessment.sources}


def test_each_is_read_by_its_own_reader_and_whole(readings: dict[str, Reading]) -> None:
    assert {name: (readings[name].reader, readings[name].records) for name in READ} == READ
    assert {readings[name].status for name in READ} == {Status.READ}
    assert (readings["setupapi.dev.log"].reader, readings["setupapi.dev.log"].status) == ("setupapi_log", Status.READ)


def test_none_of_them_covers_any_time(readings: dict[str, Reading]) -> None:
    assert not any(seen.spans for name in READ for seen in readings[name].seen)


def test_what_is_in_them_is_found_where_it_is(assessment: Assessment) -> None:
    found = {(sighting.indicator, sighting.telemetry) for sighting in assessment.sightings}
    assert found == {
        ("275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f", Telemetry.ANTIVIRUS),
        ("https://secure.eicar.org/eicar_com.zip", Telemetry.ANTIVIRUS),
        ("amtso.eicar.org", Telemetry.ANTIVIRUS),
        ("GoogleUpdate.exe", Telemetry.PERSISTENCE),
        ("GoogleUpdate.exe", Telemetry.PROGRAM_EXECUTION),
        ("VBoxDrvInst.exe", Telemetry.SOFTWARE_INSTALL),
        ("123.156.78.255", Telemetry.NETWORK_CONNECTION),
        ("a.uguu.se", Telemetry.FILE_TRANSFER),
    }


def test_times_are_those_that_the_artefacts_hold(assessment: Assessment) -> None:
    times = {sighting.indicator: sighting.time for sighting in assessment.sightings if sighting.time is not None}
    assert times["amtso.eicar.org"] == parse_instant("2022-07-22T05:32:27.654741Z")
    assert times["123.156.78.255"] is not None and times["a.uguu.se"] is not None
    runs = [s.time for s in assessment.sightings if s.telemetry is Telemetry.PROGRAM_EXECUTION]
    assert runs == [parse_instant("2013-08-24T12:42:00.112Z")]


def test_every_positive_control_is_seen(assessment: Assessment) -> None:
    assert all(control.seen for control in assessment.controls if control.seen is not None)
    assert len([control for control in assessment.controls if control.seen]) >= len(READ)


def test_a_log_of_bits_covers_no_file_transfers(assessment: Assessment) -> None:
    reading = next(source.reading for source in assessment.sources if source.reading.reader == "evtx")
    transfers = [seen for seen in reading.seen if seen.telemetry is Telemetry.FILE_TRANSFER]
    assert [(seen.records, seen.spans) for seen in transfers] == [(2, ())]
    assert any(seen.spans for seen in reading.seen if seen.telemetry is Telemetry.WINDOWS_EVENT)
