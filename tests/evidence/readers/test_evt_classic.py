"""Event logs before Windows Vista: rings of records, made here and real."""

from __future__ import annotations

import struct

from hypothesis import given
from hypothesis import strategies as st
from tests.evidence.artefact_kit import bears_damage, read_member, read_place, shows_plant
from tests.evidence_kit import read_bytes

from nachsorge.evidence.readers.evt_classic import EvtClassic
from nachsorge.evidence.windows.evt_file import log_of, records_of
from nachsorge.model.evidence import Software
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Platform, Reason, Status, Telemetry

SECONDS = 1_680_076_800
WHEN = parse_instant("2023-03-29T08:00")
INSTALLED = ("3CX Desktop App", "18.12.416", "1033", "0", "3CX Ltd")


def record(
    number: int, source: str, event: int, texts: tuple[str, ...] = (), data: bytes = b"", kind: int = 4
) -> bytes:
    names = (source + "\0PC-9\0").encode("utf-16-le")
    filled = "".join(text + "\0" for text in texts).encode("utf-16-le")
    at = 56 + len(names)
    size = -(-(at + len(filled) + len(data) + 4) // 4) * 4
    fields = (size, b"LfLe", number, SECONDS + number, SECONDS, event, kind, len(texts), 0, 0, 0, at, 0, 0)
    body = struct.pack("<I4sIIIIHHHHIIIIII", *fields, len(data), at + len(filled)) + names + filled + data
    return body.ljust(size - 4, b"\0") + struct.pack("<I", size)


def log(*records: bytes, oldest: int = 1, following: int | None = None, flags: int = 0, shift: int = 0) -> bytes:
    """Write a log; `shift` turns the ring, so that a record begins at its end and goes on behind the header."""
    ring = b"".join(records)
    ring = ring[-shift:] + ring[:-shift] if shift else ring
    counted = oldest + len(records) if following is None else following
    numbers = (48, b"LfLe", 1, 1, 48, 48, counted, oldest, 48 + len(ring), flags, 0, 48)
    return struct.pack("<I4s10I", *numbers) + ring


BODY = log(
    record(1, "MsiInstaller", 0x400 << 16 | 1033, INSTALLED),
    record(2, "Other", 7, ("evil.example",), b"\x01\x02", kind=2),
    record(3, "Other", 8),
)


def test_events_with_their_values():
    records, reading = read_member(EvtClassic(), BODY, "AppEvent.Evt")
    installed, other, bare = records
    assert installed.telemetry is Telemetry.SOFTWARE_INSTALL
    assert installed.software == Software(
        name="3CX Desktop App", version="18.12.416", platform=Platform.WINDOWS, publisher="3CX Ltd"
    )
    assert (installed.time, installed.host, installed.locator) == (WHEN + 1_000_000, "PC-9", "record 1")
    assert (other.event["Data"], other.event["Binary"], other.event["Level"]) == ("evil.example", "0102", "Warning")
    assert (other.event["EventID"], other.event["Channel"], bare.values != ()) == ("7", "Application", True)
    assert (reading.status, reading.records, reading.first, reading.last) == (
        Status.READ,
        3,
        WHEN + 1_000_000,
        WHEN + 3_000_000,
    )
    assert all(seen.spans == () for seen in reading.seen)
    assert ("application", 1033, 1) in {(one.service, one.number, one.records) for one in reading.logged}


def test_a_record_that_goes_round_the_ring_is_whole():
    parts = [record(n, "Other", n, ("x" * 50,)) for n in (1, 2, 3)]
    records, reading = read_member(EvtClassic(), log(*parts, shift=40))
    assert sorted(r.locator for r in records) == ["record 1", "record 2", "record 3"] and reading.status is Status.READ


def test_what_the_header_counts_and_is_not_there_is_a_gap():
    records, reading = read_member(EvtClassic(), log(record(1, "Other", 1), following=4))
    assert len(records) == 1 and (reading.status, reading.reason) == (Status.PARTLY, Reason.CORRUPT)
    assert "counts 2 records more" in reading.note


def test_remnants_beside_a_whole_ring_are_told_and_no_gap():
    torn = record(9, "Other", 9, ("longer than the first",))[:-4]
    records, reading = read_member(EvtClassic(), log(record(1, "Other", 1), torn, following=2, flags=1))
    assert (len(records), reading.status, reading.unreadable) == (1, Status.READ, 0)
    assert "1 remnants of records" in reading.note and "dirty flag" in reading.note


def test_a_copy_of_a_record_in_the_ring_counts_once():
    twice = record(1, "Other", 1)
    records, _ = read_member(EvtClassic(), log(twice, twice, following=2))
    assert len(records) == 1


def test_a_cleared_log_says_so():
    _, reading = read_member(EvtClassic(), log(record(1, "Security", 517)), "SecEvent.Evt")
    assert [gap.reason for gap in reading.gaps] == [Reason.LOG_CLEARED]


def test_the_sieve_gives_fewer_records_and_the_same_account():
    some, ledger = read_bytes(EvtClassic(), BODY, b"evil.example")
    every, whole = read_bytes(EvtClassic(), BODY)
    assert [r.locator for r in some] == ["record 2"] and len(every) == 3 and ledger.seen() == whole.seen()


def test_who_accepts():
    assert EvtClassic().accepts(BODY, "x.evt") > 90
    assert EvtClassic().accepts(b"ElfFile\x00", "x.evt") == 0
    _, reading = read_member(EvtClassic(), BODY[:40])
    assert (reading.status, reading.reason) == (Status.UNREAD, Reason.TRUNCATED)


@given(st.integers(0, len(BODY)), st.binary(max_size=40))
def test_any_bytes_end(at, noise):
    body = BODY[:at] + noise + BODY[at + len(noise) :]
    if len(body) >= 48:
        assert sum(1 for _ in records_of(log_of(body))) < 20


def test_a_real_one(shared_data):
    """The header's counts are stale, for it was copied while in use: numbers 1392 to 7429; older ones are left over."""
    records, reading = read_place(EvtClassic(), shared_data / "evtx-plaso-benign" / "SysEvent.Evt", None)
    numbers = {int(record.locator.removeprefix("record ")) for record in records}
    assert set(range(1392, 7430)) <= numbers and len(records) >= 6063
    assert {record.host for record in records} == {"WKS-WINXP32BIT"}
    assert (reading.status, reading.unreadable) == (Status.READ, 0) and "dirty flag" in reading.note


def test_damage_and_plant():
    bears_damage(EvtClassic(), BODY)
    shows_plant(EvtClassic(), BODY)
