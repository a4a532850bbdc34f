"""The last login of each user of Linux."""

from __future__ import annotations

import struct

import pytest
from tests.evidence.artefact_kit import bears_damage, read_member, shows_plant
from tests.evidence_kit import read_bytes

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers import lastlog
from nachsorge.evidence.readers.lastlog import ROW, Lastlog
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Kind, Platform, Reason, Status

READER = Lastlog()


def row(seconds: int = 1_680_000_000, terminal: str = "pts/0", host: str = "pc.example", order: str = "<") -> bytes:
    return struct.pack(f"{order}I32s256s", seconds, terminal.encode(), host.encode())


def log(order: str = "<") -> bytes:
    rows = {
        0: row(order=order),
        1000: row(1_680_000_100, "pts/1", "192.0.2.9", order),
        1002: row(1_670_000_000, "tty1", "", order),
    }
    return b"".join(rows.get(number, bytes(ROW)) for number in range(1003))


@pytest.mark.parametrize("order", ["<", ">"])
def test_rows_by_the_number_of_their_user(order: str) -> None:
    assert reader_for(log(order)[:65536], "var/log/lastlog").name == "lastlog"
    (root, kim, lee), ledger = read_bytes(READER, log(order), name="lastlog")
    assert [record.locator for record in (root, kim, lee)] == ["user 0", "user 1000", "user 1002"]
    assert (root.event["host"], root.event["terminal"], root.time) == (
        "pc.example",
        "pts/0",
        parse_instant("2023-03-28T10:40:00Z"),
    )
    assert (Kind.HOST, "pc.example") in {(v.kind, v.text) for v in root.values}
    assert (Kind.ADDRESS, "192.0.2.9") in {(v.kind, v.text) for v in kim.values}
    assert "host" not in lee.event
    assert ledger.platform is Platform.LINUX and ledger.records == 3 and not ledger.gaps
    assert all(seen.spans == () for seen in ledger.seen()), "a login is a proof; its absence is none"
    assert (ledger.first, ledger.last) == (lee.time, kim.time)


def test_it_is_known_by_its_rows_where_the_first_user_logged_in_and_by_name_otherwise() -> None:
    assert reader_for(log()[:65536], "renamed").name == "lastlog"
    later = bytes(ROW * 1000) + row()
    assert reader_for(later[:65536], "var/log/lastlog").name == "lastlog"
    assert reader_for(bytes(65536), "zeros.bin") is None
    assert READER.accepts(row()[:200], "lastlog") == 0
    assert READER.accepts(b"\x7fELF\x02\x01\x01" + b"\x03\x80\xff\x07" * 1000, "usr/bin/lastlog") == 0, "the program"


def test_the_planted_row_is_read_in_the_same_order() -> None:
    shows_plant(READER, log())
    shows_plant(READER, log(">"))


def test_damage_is_told() -> None:
    bears_damage(READER, log()[: ROW * 3] + row())
    records, reading = read_member(READER, log() + row()[:100], "lastlog")
    assert len(records) == 3
    assert [gap.reason for gap in reading.gaps] == [Reason.TRUNCATED] and "100 bytes" in reading.note


@pytest.mark.parametrize("bad", [row(seconds=7), row(terminal=""), b"\1" * ROW])
def test_a_row_that_makes_no_sense_is_searched_as_text(bad: bytes) -> None:
    records, reading = read_member(READER, row() + bad, "lastlog")
    assert (reading.records, reading.unreadable, reading.unreadable_at) == (2, 1, ("user 1",))
    assert reading.status is Status.PARTLY and len(records) == 2


def test_numbers_beyond_the_limit_are_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lastlog, "MOST", 4096)
    records, reading = read_member(READER, row() + bytes(ROW * 5000) + row(), "lastlog")
    assert len(records) == 1
    assert [gap.reason for gap in reading.gaps] == [Reason.LIMIT] and "from 4096 on" in reading.note
