"""Binary files of the systemd journal."""

from __future__ import annotations

import lzma
import struct

import pytest
import zstandard
from tests.evidence.artefact_kit import bears_damage, read_member, shows_control
from tests.evidence_kit import read_bytes

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.journal_file import JournalFile
from nachsorge.model.times import Span
from nachsorge.model.words import Kind, Reason, Status, Telemetry

READER = JournalFile()
START = 1_680_000_000_000_000
HEAD = 208


def lz4(raw: bytes) -> bytes:
    """Write one sequence of literals, the first of which are repeated up to the last twelve, as journald stores it."""
    period = 15 if raw.startswith(b"MESSAGE=") else 0
    head, tail = raw[: 8 + period], raw[-12:]
    copied = len(raw) - len(head) - len(tail)
    block = bytes([(15 << 4) | 15, len(head) - 15]) + head + struct.pack("<HB", period, copied - 4 - 15)
    return struct.pack("<Q", len(raw)) + block + bytes([12 << 4]) + tail


PACKED = {"plain": (0, bytes), "xz": (1, lzma.compress), "lz4": (2, lz4), "zstd": (4, zstandard.compress)}
LONG = "a long message " * 9 + "evil.example"
ENTRIES = [
    {"_HOSTNAME": "web1", "SYSLOG_IDENTIFIER": "sshd", "MESSAGE": LONG, "_EXE": "/usr/sbin/sshd"},
    {"_HOSTNAME": "web1", "SYSLOG_IDENTIFIER": "cron", "MESSAGE": "quiet"},
]


def journal(entries: list[dict[str, str]], packing: str = "plain", *, compact: bool = False, online: bool = False):
    """Write objects as journald does; a field that was written before is shared."""
    flag, pack = PACKED[packing]
    body, known, tail = b"", {}, 0
    for number, fields in enumerate(entries, 1):
        for name, text in fields.items():
            if (name, text) not in known:
                known[name, text] = HEAD + len(body)
                raw = f"{name}={text}".encode()
                data = pack(raw) if len(raw) > 80 else raw  # type: ignore[operator]
                size = (72 if compact else 64) + len(data)
                one = bytes([1, flag if len(raw) > 80 else 0]) + bytes(6) + struct.pack("<Q", size)
                body += one + bytes(56 if compact else 48) + data
                body += bytes(-len(body) % 8)
        tail = HEAD + len(body)
        items = [known[pair] for pair in fields.items()]
        cells = b"".join(struct.pack("<I" if compact else "<QQ", *([at] if compact else [at, 0])) for at in items)
        body += b"\3" + bytes(7) + struct.pack("<QQQ", 64 + len(cells), number, START + number) + bytes(32) + cells
        body += bytes(-len(body) % 8)
    head = bytearray(HEAD)
    head[:8] = b"LPKSHHRH"
    struct.pack_into("<IB", head, 12, (16 if compact else 0) | 8, 1 if online else 0)
    struct.pack_into("<Q", head, 88, HEAD)
    struct.pack_into("<QQQ", head, 136, tail, len(known) + len(entries), len(entries))
    return bytes(head) + body


@pytest.mark.parametrize("compact", [False, True])
@pytest.mark.parametrize("packing", PACKED)
def test_entries_and_their_shared_fields(packing: str, compact: bool):
    body = journal(ENTRIES, packing, compact=compact)
    assert reader_for(body, "system.journal").name == "journal_file"
    (one, two), reading = read_member(READER, body)
    assert (one.telemetry, one.host, one.service, one.time) == (Telemetry.SYSLOG, "web1", "sshd", START + 1)
    assert one.event["MESSAGE"].endswith("evil.example") and (two.locator, two.event["MESSAGE"]) == ("entry 2", "quiet")
    assert (Kind.PATH, "/usr/sbin/sshd") in {(v.kind, v.text) for v in one.values}
    assert (reading.status, reading.records, reading.unreadable) == (Status.READ, 2, 0)
    assert reading.seen[0].spans == (Span(START + 1, START + 2),) and reading.seen[0].host == "web1"
    assert [r.locator for r in read_bytes(READER, body, b"evil.example")[0]] == ["entry 1"]


def test_a_field_whose_compression_is_damaged_is_counted_and_the_rest_is_given():
    body = journal(ENTRIES, "lz4").replace(struct.pack("<Q", len("MESSAGE=" + LONG)), struct.pack("<Q", 7))
    records, reading = read_member(READER, body)
    assert (reading.status, reading.unreadable, reading.unreadable_at) == (Status.PARTLY, 1, ("entry 1",))
    assert "damaged" in reading.note and "MESSAGE" not in records[0].event and records[0].service == "sshd"


def test_a_file_that_is_cut_or_in_use_says_so():
    body = journal(ENTRIES)
    assert read_member(READER, body[:-100])[1].reason is Reason.CORRUPT
    assert read_member(READER, body[:100])[1].reason is Reason.TRUNCATED
    assert "was in use" in read_member(READER, journal(ENTRIES, online=True))[1].note


def test_features_that_nobody_knows_yet_are_named():
    body = bytearray(journal(ENTRIES))
    body[13] = 1
    _, reading = read_member(READER, bytes(body))
    assert reading.reason is Reason.NOT_SUPPORTED and "export it" in reading.note


def test_entries_that_the_head_promises_and_nobody_finds_are_a_gap():
    body = bytearray(journal(ENTRIES))
    struct.pack_into("<Q", body, 152, 7)
    _, reading = read_member(READER, bytes(body))
    assert reading.reason is Reason.CORRUPT and "5 of 7 entries" in reading.note


def test_damage_and_control():
    bears_damage(READER, journal(ENTRIES, "zstd"), 60)
    bears_damage(READER, journal(ENTRIES, "lz4"), 60)
    shows_control(READER)


def test_a_head_that_names_no_last_object_hides_no_entry():
    body = bytearray(journal(ENTRIES))
    for place in (136, 144, 152):
        struct.pack_into("<Q", body, place, 0)
    records, reading = read_member(READER, bytes(body))
    assert len(records) == len(ENTRIES) == reading.records
    assert reading.reason is Reason.CORRUPT and "behind the one that its head calls the last" in reading.note
    body[16] = 1  # in use: journald writes the head last
    assert read_member(READER, bytes(body))[1].status is Status.READ


def test_what_stands_behind_the_objects_is_named():
    body = bytearray(journal(ENTRIES))
    for place in (136, 144, 152):
        struct.pack_into("<Q", body, place, 0)
    body[HEAD] = 0
    records, reading = read_member(READER, bytes(body))
    assert not records and (reading.status, reading.reason) == (Status.UNREAD, Reason.CORRUPT)
    assert "what stands behind byte 208" in reading.note
    _, reading = read_member(READER, journal(ENTRIES) + bytes(4096))
    assert reading.status is Status.READ
