"""Prefetch files of Windows XP to 11, made and real; facts of the real ones were established with libscca before."""

from __future__ import annotations

import pytest
from tests.evidence.artefact_kit import bears_damage, read_member, shows_control
from tests.evidence.windows import prefetch_kit
from tests.evidence.windows.hive_kit import TICKS

from nachsorge.evidence.readers import prefetch
from nachsorge.evidence.readers.prefetch import Prefetch
from nachsorge.model.times import SECOND, parse_instant
from nachsorge.model.words import Kind, Reason, Status, Telemetry

FACTS = [  # file, version, hash, runs, last run, loaded files, remembered runs
    ("AM_DELTA_PATCH_1.443.990.0.EX-7037CF86.pf", "31", 1, "2026-02-04T13:43:44.668632", 18, 1),
    ("BYTECODEGENERATOR.EXE-C1E9BCE6.pf", "30", 7, "2015-05-14T22:11:58.091134", 1085, 7),
    ("CMD.EXE-087B4001.pf", "17", 2, "2013-03-10T10:11:49.281250", 33, 1),
    ("NOTEPAD.EXE-D8414F97.pf", "30", 2, "2019-06-05T19:55:04.877778", 56, 2),
    ("ONEDRIVE.EXE-7E152375.pf", "30", 2, "2015-05-14T22:11:05.485278", 134, 2),
    ("PING.EXE-B29F6629.pf", "23", 14, "2012-04-06T19:00:55.932956", 27, 1),
    ("TASKHOST.EXE-3AE259FC.pf", "26", 4, "2013-10-04T15:40:09.037834", 51, 4),
    ("WUAUCLT.EXE-830BCC14.pf", "23", 25, "2012-03-15T21:17:39.807996", 103, 1),
]


WHEN = parse_instant("2023-03-29T08:00")
SECOND_TICKS = 10_000_000
APP = "3CXDESKTOPAPP.EXE"
OWN = rf"\VOLUME{{01d1-12}}\USERS\KIM\APPDATA\LOCAL\PROGRAMS\3CXDESKTOPAPP\APP\{APP}"
LOADED = [rf"\VOLUME{{01d1-12}}\WINDOWS\SYSTEM32\LIBRARY{number}.DLL" for number in range(40)]


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("version", "shorter"), [(17, False), (23, False), (26, False), (30, False), (30, True), (31, False)]
)
def test_every_version_plain_and_compressed(version, shorter, packed):
    pytest.importorskip("pyscca", reason="NOT LOOKED AT: the extra `windows` is not installed")
    times = tuple(TICKS - number * SECOND_TICKS for number in range(3))
    body = prefetch_kit.prefetch(version, APP, [*LOADED, OWN], runs=7, times=times, shorter=shorter)
    body = prefetch_kit.compressed(body) if packed else body
    assert Prefetch().accepts(body, f"{APP}-1234ABCD.pf") >= 90
    records, reading = read_member(Prefetch(), body, f"{APP}-1234ABCD.pf")
    # Up to version 23 only the last run is kept.
    kept = 1 if version < 26 else 3
    assert [record.time for record in records] == [WHEN - number * SECOND for number in range(kept)]
    assert (reading.status, reading.records, reading.seen[0].spans) == (Status.READ, kept, ())
    event = records[0].event
    assert (event["executable"], event["hash"]) == (APP, "1234ABCD")
    assert (event["format"], event["runs"], event["files"]) == (str(version), "7", "41")
    paths = [value.text for value in records[0].values]
    assert paths[0] == r"?:\USERS\KIM\APPDATA\LOCAL\PROGRAMS\3CXDESKTOPAPP\APP\3CXDESKTOPAPP.EXE"
    assert paths[1:] == [rf"?:\WINDOWS\SYSTEM32\LIBRARY{number}.DLL" for number in range(40)]
    bears_damage(Prefetch(), body, rounds=20)


@pytest.mark.parametrize(("name", "version", "runs", "last", "files", "remembered"), FACTS)
def test_real_files(shared_data, name, version, runs, last, files, remembered):
    pytest.importorskip("pyscca", reason="NOT LOOKED AT: the extra `windows` is not installed")
    body = (shared_data / "plaso-host-artefacts/winprefetch" / name).read_bytes()
    assert Prefetch().accepts(body, name) >= 90
    records, reading = read_member(Prefetch(), body, name)
    assert (reading.status, reading.records, len(records)) == (Status.READ, remembered, remembered)
    assert reading.seen[0].spans == ()  # it proves, and never clears
    first = records[0]
    executable, digits = name.removesuffix(".pf").rsplit("-", 1)
    assert first.telemetry is Telemetry.PROGRAM_EXECUTION
    # A FILETIME has a seventh digit: stated rounded, read cut off.
    assert first.time is not None and 0 <= parse_instant(last) - first.time <= 1
    assert [record.time for record in records] == sorted((record.time for record in records), reverse=True)  # type: ignore[type-var]
    event = first.event
    assert (event["executable"], event["hash"], event["format"]) == (executable, digits, version)
    assert (event["runs"], event["files"]) == (str(runs), str(files))
    paths = [value.text for value in first.values if value.kind is Kind.PATH]
    # The file of an updater with a cut name does not end in that name, so it stands beside it.
    assert len(paths) == files + (name[:2] == "AM") and len(records[-1].values) == (1 if remembered > 1 else len(paths))


def test_paths_have_no_invented_drive(shared_data):
    pytest.importorskip("pyscca", reason="NOT LOOKED AT: the extra `windows` is not installed")
    body = (shared_data / "plaso-host-artefacts/winprefetch/CMD.EXE-087B4001.pf").read_bytes()
    records, _ = read_member(Prefetch(), body, "CMD.EXE-087B4001.pf")
    assert records[0].values[0].text == r"?:\WINDOWS\SYSTEM32\CMD.EXE"


def test_without_the_extra_it_is_named_as_unread(monkeypatch):
    monkeypatch.setattr(prefetch, "pyscca", None)
    _, reading = read_member(Prefetch(), b"\x11\0\0\0SCCA" + bytes(100), "X.EXE-0.pf")
    assert (reading.status, reading.reason) == (Status.UNREAD, Reason.MISSING_EXTRA)
    assert "pip install 'nachsorge[windows]'" in reading.note
    assert list(Prefetch().control_records(None)) == []  # type: ignore[arg-type]


def test_what_would_unpack_too_large_is_not_unpacked():
    _, reading = read_member(Prefetch(), b"MAM\x04" + b"\xff\xff\xff\x7f" + bytes(50), "X.EXE-0.pf")
    assert reading.reason is Reason.LIMIT


def test_damage(shared_data):
    for name in ("CMD.EXE-087B4001.pf", "NOTEPAD.EXE-D8414F97.pf"):
        bears_damage(Prefetch(), (shared_data / "plaso-host-artefacts/winprefetch" / name).read_bytes())


def test_the_control():
    pytest.importorskip("pyscca", reason="NOT LOOKED AT: the extra `windows` is not installed")
    shows_control(Prefetch())
    assert Prefetch().plant(b"", None) is None  # type: ignore[arg-type]
