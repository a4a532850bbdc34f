"""Records of macOS of changed files."""

from __future__ import annotations

import gzip
import struct

import pytest
from tests.evidence.artefact_kit import bears_damage, read_member, shows_plant
from tests.evidence_kit import read_bytes

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.fsevents import Fsevents
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Kind, Reason, Status, Telemetry

READER = Fsevents()
TAILS = {b"1SLD": 0, b"2SLD": 8, b"3SLD": 12}


def page(magic: bytes, *records: tuple[str, int]) -> bytes:
    body = b"".join(
        path.encode() + b"\0" + struct.pack("<QI", number, flags) + bytes(TAILS[magic])
        for number, (path, flags) in enumerate(records, 1)
    )
    return magic + bytes(4) + struct.pack("<I", 12 + len(body)) + body


@pytest.mark.parametrize("magic", TAILS)
def test_each_version(magic: bytes):
    body = page(magic, ("Users/kim/evil.dmg", 0x00800001), ("private/tmp", 0x01000080)) + page(magic, ("a", 0x00800002))
    assert reader_for(body, "0000000000a1").name == "fsevents"
    records, ledger = read_bytes(READER, body, modified=parse_instant("2023-04-01"))
    assert [r.event["path"] for r in records] == ["/Users/kim/evil.dmg", "/private/tmp", "/a"]
    assert [r.event["flags"] for r in records] == ["created, file", "folder created, folder", "removed, file"]
    assert (records[0].telemetry, records[0].time) == (Telemetry.FILE_EVENT, None)
    assert records[0].event["before"] == "2023-04-01T00:00:00Z"
    assert (Kind.PATH, "/Users/kim/evil.dmg") in {(v.kind, v.text) for v in records[0].values}
    assert all(seen.spans == () for seen in ledger.seen()) and "no time" in ledger.notes[0]
    assert len(read_bytes(READER, body, b"evil")[0]) == 1


def test_what_is_cut_or_broken_is_told():
    body = page(b"2SLD", ("a", 1), ("b", 1))
    assert read_member(READER, body[:-3])[1].reason is Reason.CORRUPT
    _, reading = read_member(READER, body + b"junk that is no page")
    assert (reading.status, reading.records) == (Status.PARTLY, 2) and "20 bytes" in reading.note


def test_real_files(shared_data):
    for name, records in (("fsevents-00000000001a0b79", 6), ("fsevents-0000000002d89b58", 12)):
        raw = gzip.decompress((shared_data / "plaso-host-artefacts/fsevents" / name).read_bytes())
        found, reading = read_member(READER, raw, name)
        assert (len(found), reading.status) == (records, Status.READ)
        told = {r.event["path"]: r.event["flags"] for r in found}
        assert told["/"] == "mount" and told["/untitled folder"] == "renamed, folder created, folder"


def test_damage_and_plant():
    bears_damage(READER, page(b"1SLD", ("a/b", 1), ("c", 2)), 40)
    shows_plant(READER, b"3SLD")
