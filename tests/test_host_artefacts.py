"""A folder of real host artefacts through the whole line: a truthful status for every file, and no false sighting."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nachsorge.assets.inventory import Inventory
from nachsorge.model.words import Reason, Status
from nachsorge.packs.library import resolve
from nachsorge.sweep import Options, sweep

if TYPE_CHECKING:
    from pathlib import Path

    from nachsorge.model.assessment import Assessment
    from nachsorge.model.evidence import Reading

READ = {  # by path below the folder: who reads it, and how many records it holds
    "NTUSER.DAT": ("registry_hives", 1138),
    "regf/100_sub_keys.hiv": ("registry_hives", 101),
    "winreg/win10-Amcache.hve": ("amcache", 105),
    "winprefetch/AM_DELTA_PATCH_1.443.990.0.EX-7037CF86.pf": ("prefetch", 1),
    "winprefetch/BYTECODEGENERATOR.EXE-C1E9BCE6.pf": ("prefetch", 7),
    "winprefetch/CMD.EXE-087B4001.pf": ("prefetch", 1),
    "winprefetch/NOTEPAD.EXE-D8414F97.pf": ("prefetch", 2),
    "winprefetch/ONEDRIVE.EXE-7E152375.pf": ("prefetch", 2),
    "winprefetch/PING.EXE-B29F6629.pf": ("prefetch", 1),
    "winprefetch/TASKHOST.EXE-3AE259FC.pf": ("prefetch", 4),
    "winprefetch/WUAUCLT.EXE-830BCC14.pf": ("prefetch", 1),
    "NeroInfoTool.lnk": ("lnk", 1),
    "wintask.job": ("task_job", 2),
    "example.lnk": ("lnk", 1),
    "chrome/History": ("browser_history", 71),
    "chrome/History-57.0.2987.133": ("browser_history", 2),
    "chrome/History-58.0.3029.96": ("browser_history", 2),
    "chrome/History-59.0.3071.86": ("browser_history", 2),
    "chrome/History-59_added-fake-column": ("browser_history", 2),
    "firefox/places.sqlite": ("browser_history", 1),
    "firefox/downloads.sqlite": ("browser_history", 1),
    "safari/History.db": ("browser_history", 25),
    "sqlite/quarantine.db": ("quarantine", 14),
    "macos/TCC-test.db": ("mac_usage", 21),
    "macos/application_usage.sqlite": ("mac_usage", 5),
    "plist/launchd.plist": ("launch_items", 1),
    "plist/launchd.minimal.plist": ("launch_items", 1),
    "plist/launchd.noprogram.plist": ("launch_items", 1),
    "dpkg.log": ("dpkg", 4),
    "bash_history": ("shell_history", 4),
    "zsh_extended_history.txt": ("shell_history", 4),
    "fish_history": ("shell_history", 10),
}
# Not read, and said so: cookies, caches, other clouds' and vendors' databases.
UNKNOWN = (
    "Cookies.binarycookies",
    "chrome/Cookies-68.0.3440.106",
    "chrome/cookies.db",
    "firefox/firefox_10_cookies.sqlite",
    "mac_notificationcenter.db",
    "sqlite/snapshot.db",
    "windows/ActivitiesCache.db",
    "msiecf/Content.IE5/index.dat",
    "openbsm.bsm",
)


@pytest.fixture(scope="module")
def assessment(shared_data: Path) -> Assessment:
    folder = shared_data / "plaso-host-artefacts"
    about = ("SOURCE.md", "EXPECTED.md", "LICENSE.upstream.txt")
    files = sorted(str(p) for p in folder.rglob("*") if p.is_file() and p.name not in about)
    return sweep([resolve("3cx-2023")], files, Inventory(), Options(jobs=1))


@pytest.fixture(scope="module")
def readings(assessment: Assessment) -> dict[str, Reading]:
    return {s.reading.path.partition("plaso-host-artefacts/")[2]: s.reading for s in assessment.sources}


def test_every_artefact_of_a_known_kind_is_read_whole(readings: dict[str, Reading]) -> None:
    pytest.importorskip("pyscca", reason="NOT LOOKED AT: the extra `windows` is not installed")
    found = {name: (readings[name].reader, readings[name].records) for name in READ}
    assert found == READ
    assert {name for name in READ if readings[name].status is not Status.READ} == set()


def test_a_dirty_hive_without_its_logs_is_partly_read(readings: dict[str, Reading]) -> None:
    reading = readings["winreg/Amcache.hve"]
    assert (reading.status, reading.reason, reading.unreadable) == (Status.PARTLY, Reason.MISSING, 0)


def test_every_file_has_a_status_and_what_is_not_read_says_why(readings: dict[str, Reading]) -> None:
    assert len(readings) >= 145
    for name, reading in readings.items():
        assert reading.reason is not Reason.FAILED, name
        assert reading.status is Status.READ or reading.note or reading.reason, name
    for name in UNKNOWN:
        assert readings[name].status in (Status.UNKNOWN_FORMAT, Status.UNREAD), name


def test_artefacts_of_execution_and_histories_cover_no_time(readings: dict[str, Reading]) -> None:
    proofs = {"program_execution", "browser_history", "persistence", "registry_set", "file_event"}
    for name in READ:
        assert not any(seen.spans for seen in readings[name].seen if seen.telemetry in proofs), name


def test_no_indicator_of_3cx_is_met_not_even_the_shared_host(assessment: Assessment) -> None:
    """Three histories name raw.githubusercontent.com; only a path below it is an indicator."""
    assert not assessment.sightings
    assert all(control.seen for control in assessment.controls)
