"""The list of recent programs of Windows 7."""

from __future__ import annotations

import pytest
from tests.evidence.artefact_kit import bears_damage, read_member, shows_plant

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.recent_file_cache import MAGIC, RecentFileCache
from nachsorge.model.evidence import Value
from nachsorge.model.words import Kind, Platform, Reason, Status, Telemetry

PATHS = [r"c:\users\kim\appdata\local\programs\3cxdesktopapp\app\3cxdesktopapp.exe", r"c:\ä\x.exe"]
HEAD = MAGIC + b"\1\0\0\0\0\0\0\0"
BODY = HEAD + b"".join(len(path).to_bytes(4, "little") + (path + "\0").encode("utf-16-le") for path in PATHS)


def test_paths_of_programs():
    records, reading = read_member(RecentFileCache(), BODY, "RecentFileCache.bcf")
    assert [record.values for record in records] == [(Value(Kind.PATH, "path", path),) for path in PATHS]
    assert {(record.telemetry, record.time, record.event["proves"]) for record in records} == {
        (Telemetry.PROGRAM_EXECUTION, None, "presence")
    }
    assert (reading.status, reading.records, reading.platform) == (Status.READ, 2, Platform.WINDOWS)
    assert reading.seen[0].spans == ()


@pytest.mark.parametrize(
    "body", [BODY[:-10], BODY[:-1], BODY[:-2], BODY + b"\1", BODY + b"\0\0\0\0", BODY + b"\xff\xff\xff\xff"]
)
def test_what_does_not_fit_is_a_gap_and_what_came_before_is_kept(body):
    records, reading = read_member(RecentFileCache(), body)
    assert records and records[0].event["path"] == PATHS[0]
    assert (reading.status, reading.reason) == (Status.PARTLY, Reason.TRUNCATED)


def test_an_empty_list_is_read():
    records, reading = read_member(RecentFileCache(), HEAD)
    assert (records, reading.status) == ([], Status.READ)


def test_who_reads_it():
    assert reader_for(BODY, "x").name == "recent_file_cache"
    _, reading = read_member(RecentFileCache(), b"other")
    assert (reading.status, reading.reason) == (Status.UNREAD, Reason.CORRUPT)


def test_damage_and_plant():
    bears_damage(RecentFileCache(), BODY)
    shows_plant(RecentFileCache(), BODY)
