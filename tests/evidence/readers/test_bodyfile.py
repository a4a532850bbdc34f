"""Lists of a file system's files, as UAC and The Sleuth Kit write them."""

from __future__ import annotations

import pytest
from tests.evidence.artefact_kit import read_member, shows_plant
from tests.evidence.reader_contract import holds_with_and_without_sieve, survives_anything
from tests.evidence_kit import read_bytes

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.bodyfile import Bodyfile
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Kind, Status, Telemetry

READER = Bodyfile()
MD5 = "0123456789abcdef" * 2
UAC = (
    b"0|/etc/passwd|12|-rw-r--r--|0|0|1820|1680084672|1680084600|1680084601|0\n"
    b"0|/usr/bin/evil-tool|13|-rwxr-xr-x|0|0|99|1680084672|1680084672|1680084672|1680084672\n"
    b"0|/etc/mtab -> /proc/self/mounts|14|lrwxrwxrwx|0|0|19|1|2|3|4\n"
    b"0|'/tmp/odd|name'|15|-rw-r--r--|0|0|0|0|0|0|0\n"
)
FLS = (
    MD5.encode() + b"|C:/Users/a/evil.exe (deleted)|77-128-1|r/rrwxrwxrwx|0|0|4096|1680084672|1680084672|0|0\n"
    b"0|C:/Windows/x.dll ($FILE_NAME)|78-48-2|r/rrwxrwxrwx|0|0|1|1680084672.5|1680084672.25|0|0\n"
)


@pytest.mark.parametrize("body", [UAC, FLS])
def test_it_is_known_by_its_columns_whatever_it_is_called(body: bytes):
    assert reader_for(body, "bodyfile.txt").name == "bodyfile"
    assert reader_for(body, "x").name == "bodyfile"


def test_names_targets_hashes_and_times():
    passwd, tool, link, odd = read_bytes(READER, UAC)[0]
    assert (passwd.telemetry, passwd.time) == (Telemetry.FILESYSTEM, parse_instant("2023-03-29T10:10:00Z"))
    assert passwd.event["size"] == "1820" and "crtime" not in passwd.event
    assert [(v.kind, v.text) for v in tool.values] == [(Kind.PATH, "/usr/bin/evil-tool")]
    assert (link.event["path"], link.event["target"], link.time) == ("/etc/mtab", "/proc/self/mounts", None)
    assert (odd.event["path"], odd.time) == ("/tmp/odd|name", None)
    gone, other = read_bytes(READER, FLS)[0]
    assert (gone.event["path"], gone.event["deleted"]) == ("C:/Users/a/evil.exe", "yes")
    assert (Kind.HASH, MD5) in {(v.kind, v.text) for v in gone.values}
    assert other.event["path"] == "C:/Windows/x.dll" and "deleted" not in other.event
    assert other.time == parse_instant("2023-03-29T10:11:12.25Z")


def test_it_covers_nothing():
    _, reading = read_member(READER, UAC)
    assert (reading.status, reading.records, reading.first) == (Status.READ, 4, None)
    assert [seen.spans for seen in reading.seen] == [()]


def test_a_line_that_is_none_is_counted_and_searched():
    records, ledger = read_bytes(READER, UAC + b"stat: cannot stat evil.example\n")
    assert (ledger.records, ledger.unreadable, ledger.unreadable_at) == (5, 1, ["line 5"])
    assert records[-1].telemetry is Telemetry.TEXT


def test_contract():
    holds_with_and_without_sieve(READER, UAC + FLS, b"evil")
    shows_plant(READER, UAC)
    survives_anything(READER, UAC + FLS)


@pytest.mark.parametrize("body", [b"a|b|c\n1|2|3\n", b"name|size|time\n", b"|" * 400, b""])
def test_other_tables_with_bars_are_none(body: bytes):
    assert READER.accepts(body, "bodyfile.txt") == 0
