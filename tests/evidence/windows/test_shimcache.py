"""The compatibility cache in its layouts."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.evidence.windows.hive_kit import TICKS

from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.windows.shimcache import Shim, entries
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Reason

PATH = r"C:\x.exe"
RAW = PATH.encode("utf-16-le")
WHEN = parse_instant("2023-03-29T08:00")


def seven(wide: bool) -> bytes:
    size = 48 if wide else 32
    form = "<HH4xQQII" if wide else "<HHIQII"
    body = struct.pack(form, len(RAW), len(RAW) + 2, 128 + size, TICKS, 2, 0).ljust(size, b"\0")
    return struct.pack("<II", 0xBADC0FEE, 1).ljust(128, b"\0") + body + RAW


def vista(wide: bool) -> bytes:
    size = 32 if wide else 24
    # What Windows 2003 keeps behind the time is the file's size, which holds the flag of later layouts by chance.
    body = struct.pack("<HH4xQQQ" if wide else "<HHIQQ", len(RAW), len(RAW) + 2, 8 + size, TICKS, 2)
    return struct.pack("<II", 0xBADC0FFE, 1) + body + RAW


def xp() -> bytes:
    # Behind the path's end stands what the room held before.
    room = (RAW + b"\0\0" + "old.exe".encode("utf-16-le")).ljust(528, b"\0")
    return struct.pack("<II", 0xDEADBEEF, 1).ljust(400, b"\0") + room + struct.pack("<QQQ", TICKS, 2, TICKS)


def eight(newer: bool, flags: int = 2) -> bytes:
    body = struct.pack("<H", len(RAW)) + RAW + (struct.pack("<H", 4) + b"ab\0\0" if newer else b"")
    body += struct.pack("<IIQI", flags, 0, TICKS, 0)
    return bytes([0x80]).ljust(128, b"\0") + (b"10ts" if newer else b"00ts") + struct.pack("<II", 0, len(body)) + body


def ten(head: int = 0x34) -> bytes:
    body = struct.pack("<H", len(RAW)) + RAW + struct.pack("<QI", TICKS, 0)
    return struct.pack("<I", head).ljust(head, b"\0") + b"10ts" + struct.pack("<II", 0, len(body)) + body


@pytest.mark.parametrize(
    ("data", "ran"),
    [
        (xp(), False),
        (vista(True), False),
        (vista(False), False),
        (seven(True), True),
        (seven(False), True),
        (eight(False), True),
        (eight(True, 0), False),
        (ten(), False),
        (ten(0x30), False),
    ],
)
def test_each_layout(data, ran):
    ledger = Ledger()
    assert list(entries(data, ledger)) == [Shim(0, PATH, WHEN, ran)]
    assert not ledger.gaps


@pytest.mark.parametrize("data", [xp(), vista(True), vista(False), seven(True), eight(True), ten()])
def test_a_cut_entry_is_a_gap(data):
    ledger = Ledger()
    assert list(entries(data[:-14], ledger)) == []
    assert [gap.reason for gap in ledger.gaps] == [Reason.CORRUPT]


def test_a_cache_without_entries_is_none_and_no_gap():
    ledger = Ledger()
    assert list(entries(struct.pack("<II", 0xBADC0FFE, 0), ledger)) == [] and not ledger.gaps


def test_entries_that_share_one_long_path_do_not_take_without_end():
    long = b"x\0" * 30_000
    for magic, head, form in ((0xBADC0FFE, 8, "<HH4xQQQ"), (0xBADC0FEE, 128, "<HH4xQQII16x")):
        size = struct.calcsize(form)
        rest = (2,) if magic == 0xBADC0FFE else (2, 0)
        rows = b"".join(struct.pack(form, len(long), 0, head + 1000 * size, TICKS, *rest) for _ in range(1000))
        ledger = Ledger()
        found = list(entries(struct.pack("<II", magic, 1000).ljust(head, b"\0") + rows + long, ledger))
        assert len(found) < 5 and [gap.reason for gap in ledger.gaps] == [Reason.CORRUPT]


def test_another_layout_is_a_gap():
    ledger = Ledger()
    assert list(entries(b"\x0c\0\0\0" + bytes(500), ledger)) == []
    assert [gap.reason for gap in ledger.gaps] == [Reason.NOT_SUPPORTED]


@given(
    st.sampled_from([xp(), vista(True), seven(True), seven(False), eight(True), ten()]),
    st.binary(max_size=60),
    st.integers(0, 250),
)
def test_any_bytes_are_borne(data, noise, at):
    body = bytearray(data)
    body[at : at + len(noise)] = noise
    for _ in zip(entries(bytes(body), Ledger()), range(100_000), strict=False):
        pass
