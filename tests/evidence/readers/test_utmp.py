"""Logins of Linux and macOS."""

from __future__ import annotations

import struct
from ipaddress import ip_address

import pytest
from tests.evidence.artefact_kit import bears_damage, read_member, shows_plant
from tests.evidence_kit import read_bytes

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.linux.utmp_rows import LAYOUTS, SIGNATURE, Layout
from nachsorge.evidence.readers.utmp import Utmp
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Kind, Platform, Reason, Status

READER = Utmp()


def row(layout: Layout, kind: int, seconds: int, address: str = "", **texts: str) -> bytes:
    raw = bytearray(layout.size)
    for name, text in texts.items():
        start, size = layout.texts[name]
        raw[start : start + len(text)] = text.encode()[:size]
    struct.pack_into(f"{layout.order}h", raw, layout.kind, kind)
    struct.pack_into(f"{layout.order}i", raw, layout.pid, 77)
    struct.pack_into(f"{layout.order}{layout.time}", raw, layout.at, seconds, 500_000)
    if address and layout.address is not None:
        packed = ip_address(address).packed
        raw[layout.address : layout.address + len(packed)] = packed
    return bytes(raw)


def log(layout: Layout) -> bytes:
    boot = row(layout, 2, 1_680_000_000, user="reboot", line="~", host="6.1.0-21-amd64")
    login = row(layout, 7, 1_680_000_100, "192.0.2.9", user="kim", line="pts/0", host="pc.example")
    six = row(layout, 7, 1_680_000_200, "2001:db8::9", user="lee", line="pts/1", host="2001:db8::9")
    return (SIGNATURE.ljust(layout.size, b"\0") if layout.name == "macos" else b"") + boot + login + six


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_each_layout(layout: Layout):
    body = log(layout)
    assert reader_for(body, "var/log/wtmp").name == "utmp"
    (boot, kim, lee), ledger = read_bytes(READER, body, name="wtmp")
    assert (boot.event["type"], boot.time) == ("boot", parse_instant("2023-03-28T10:40:00.5Z"))
    assert Kind.HOST not in {v.kind for v in boot.values}  # a kernel's version is no host
    assert {(Kind.HOST, "pc.example"), (Kind.TEXT, "kim")} <= {(v.kind, v.text) for v in kim.values}
    assert (Kind.ADDRESS, "2001:db8::9") in {(v.kind, v.text) for v in lee.values}
    if layout.address is not None:
        assert (kim.event["address"], lee.event["address"]) == ("192.0.2.9", "2001:db8::9")
    assert ledger.platform is (Platform.MACOS if layout.name == "macos" else Platform.LINUX)
    assert all(seen.spans == () for seen in ledger.seen())  # a login is a proof; its absence is none
    assert ledger.last == parse_instant("2023-03-28T10:43:20.5Z")


def test_failed_logins_say_so():
    assert read_bytes(READER, log(LAYOUTS[1]), name="btmp")[0][1].event["outcome"] == "failed"


def test_a_damaged_row_and_a_torn_end_are_told_and_searched():
    layout = LAYOUTS[1]
    bad = bytearray(row(layout, 99, 1, user="evil"))
    records, reading = read_member(READER, log(layout) + bytes(bad) + b"torn", "wtmp")
    assert (reading.status, reading.reason, reading.unreadable_at) == (Status.PARTLY, Reason.TRUNCATED, ("row 4",))
    assert "evil" in records[-1].event["text"] and len(records) == reading.records


def test_what_is_no_such_file():
    assert READER.accepts(bytes(2000), "wtmp") == 0
    assert READER.accepts(b"plain text " * 200, "wtmp") == 0


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_damage_and_plant(layout: Layout):
    body = log(layout)
    for cut in range(0, len(body), 37):
        _, reading = read_member(READER, body[:cut])
        assert reading.reason is not Reason.FAILED
        assert reading.status is not Status.READ or not cut % layout.size
    bears_damage(READER, body, 20)
    shows_plant(READER, body)
