"""Real artefacts of Linux and macOS through the whole line: who reads them, how many records, and what they cover."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nachsorge.assets.inventory import Inventory
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Reason, Status, Telemetry, Verdict, Weight
from nachsorge.packs.library import resolve
from nachsorge.sweep import Options, sweep

if TYPE_CHECKING:
    from pathlib import Path

    from nachsorge.model.assessment import Assessment
    from nachsorge.model.evidence import Reading

READ = {  # by path below the folder: who reads it, and how many records it holds
    "audit_enriched.log": ("auditd", 12),
    "apt_history.log": ("apt_history", 815),
    "santa.log": ("santa", 194),
    "santa2.log": ("santa", 11),
    "cri.log": ("cri_log", 16),
    "backgrounditems.btm": ("background_items", 1),
    "plist/com.apple.loginitems.plist": ("background_items", 1),
    "utmp/utmp": ("utmp", 14),
    "utmp/utmp_aarch64": ("utmp", 5),
    "utmp/utmp_s390": ("utmp", 5),
    "utmp/utmp_x86_64": ("utmp", 5),
    "utmpx_mac": ("utmp", 6),
    "applesystemlog.asl": ("asl", 2),
    "plist/History.plist": ("safari_history", 18),
}
PARTLY = {  # the files themselves are damaged, on purpose
    "selinux.log": ("auditd", Reason.CORRUPT, 4),
    "utmp/utmp_corrupted": ("utmp", Reason.TRUNCATED, 2),
    "utmp/wtmp.1": ("utmp", Reason.TRUNCATED, 0),
}


@pytest.fixture(scope="module")
def assessment(shared_data: Path) -> Assessment:
    folder = shared_data / "plaso-host-artefacts"
    return sweep([resolve("3cx-2023")], [str(folder / name) for name in (*READ, *PARTLY)], Inventory(), Options(jobs=1))


@pytest.fixture(scope="module")
def readings(assessment: Assessment) -> dict[str, Reading]:
    return {s.reading.path.partition("plaso-host-artefacts/")[2]: s.reading for s in assessment.sources}


def test_every_artefact_is_read_whole(readings: dict[str, Reading]) -> None:
    assert {name: (readings[name].reader, readings[name].records) for name in READ} == READ
    assert {name for name in READ if (readings[name].status, readings[name].unreadable) != (Status.READ, 0)} == set()


def test_damaged_ones_say_how(readings: dict[str, Reading]) -> None:
    found = {name: (readings[name].reader, readings[name].reason, readings[name].unreadable) for name in PARTLY}
    assert found == PARTLY
    assert all(readings[name].status is Status.PARTLY for name in PARTLY)


def test_only_logs_that_record_everything_cover_time(readings: dict[str, Reading]) -> None:
    covered = {(name, seen.telemetry) for name in READ for seen in readings[name].seen if seen.spans}
    assert {name for name, telemetry in covered if telemetry is Telemetry.PROCESS_CREATION} == {
        "santa.log",
        "santa2.log",
    }
    assert {name for name, telemetry in covered if telemetry is Telemetry.SOFTWARE_INSTALL} == {"apt_history.log"}
    assert not {name for name, _ in covered if name.startswith(("utmp", "backgrounditems", "audit", "plist"))}


def test_what_the_logger_discarded_is_a_gap(readings: dict[str, Reading]) -> None:
    gaps = [gap for gap in readings["santa.log"].gaps if gap.telemetry is Telemetry.PROCESS_CREATION]
    times = [gap.span.start for gap in gaps if gap.span is not None and gap.reason is Reason.RECORD_JUMP]
    assert times == [
        parse_instant(f"2018-08-19T{clock}Z") for clock in ("03:13:12.253", "04:02:31.907", "04:02:48.361")
    ]


def test_times_are_those_that_other_tools_read(readings: dict[str, Reading]) -> None:
    spans = {
        "audit_enriched.log": ("2026-07-07T08:56:13.076Z", "2026-07-07T09:23:37.830Z"),
        "utmp/utmp": ("2013-12-13T14:45:09Z", "2013-12-18T22:49:44.251947Z"),
        "utmpx_mac": ("2013-11-13T17:52:34Z", "2013-11-14T04:32:56.641464Z"),
        "cri.log": ("2016-10-06T00:17:09.669794Z", "2024-04-16T06:25:44.094383Z"),
    }
    for name, (first, last) in spans.items():
        assert (readings[name].first, readings[name].last) == (parse_instant(first), parse_instant(last)), name


def test_no_sighting_and_every_control_seen(assessment: Assessment) -> None:
    assert not assessment.sightings
    assert all(control.seen for control in assessment.controls)


def test_what_is_met_in_memory_is_a_hint_even_where_the_list_calls_it_proof(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("type,value,weight\ndomain,evil.example,proof\n")
    (tmp_path / "host.lime").write_bytes(b"EMiL" + bytes(9_000) + "at evil.example".encode("utf-16-le") + bytes(9_000))
    result = sweep([resolve(str(tmp_path / "list.csv"))], [str(tmp_path / "host.lime")], Inventory(), Options(jobs=1))
    (sighting,) = result.sightings
    assert sighting.weight is Weight.HINT and "memory image" in sighting.note
    assert all(control.seen for control in result.controls)
    assert all(asset.verdict is Verdict.SUSPECTED for asset in result.assets)


def test_the_sieve_changes_nothing_and_what_is_hidden_is_met(shared_data: Path, tmp_path: Path) -> None:
    """One value is written as hex in the audit log, one is a package among hundreds on a line."""
    sha256 = "df9066f055c53cf3cf8d989bb4ada04aeeac48857bbe33a1d6044c469f593795"
    package = "pkg:deb/debian/vim-common@2:8.0.0197-4+deb9u3"
    listed = ["string,my report.txt", f"package,{package}", f"sha256,{sha256}", "ip,10.10.122.1"]
    (tmp_path / "list.csv").write_text("\n".join(["type,value", *listed, ""]))
    files = [str(shared_data / "plaso-host-artefacts" / name) for name in (*READ, *PARTLY)]
    pack = resolve(str(tmp_path / "list.csv"))
    some, every = (sweep([pack], files, Inventory(), Options(jobs=1, sieve=sieve)) for sieve in (True, False))
    assert some.sightings == every.sightings and some.coverage == every.coverage
    readers = {source.id: source.reading.reader for source in some.sources}
    assert {(found.indicator, readers[found.source]) for found in some.sightings} == {
        ("my report.txt", "auditd"),
        (package, "apt_history"),
        (sha256, "santa"),
        ("10.10.122.1", "utmp"),
    }
