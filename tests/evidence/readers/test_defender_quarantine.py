"""Defender's quarantine: entries and the files that were taken, written here as Defender enciphers them."""

from __future__ import annotations

import hashlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.evidence.artefact_kit import bears_damage, read_member, shows_plant
from tests.evidence.windows.hive_kit import TICKS

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers import defender_quarantine
from nachsorge.evidence.readers.defender_quarantine import DefenderQuarantine
from nachsorge.evidence.windows.defender_quarantine import CONTENT, ENTRY, content_of, decipher, entry_of
from nachsorge.model.evidence import Value
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Kind, Reason, Status, Telemetry

PATH = r"C:\Users\kim\AppData\Local\Programs\3CXDesktopApp\app\ffmpeg.dll"
WHEN = parse_instant("2023-03-29T08:00")
MALWARE = b"MZ made up"
SHA256 = hashlib.sha256(MALWARE).hexdigest()


def field(number: int, kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", len(body), number | kind << 12) + body


def taken(path: str, at: int, kind: bytes = b"file") -> bytes:
    body = path.encode("utf-16-le") + struct.pack("<2xH", 3) + kind + b"\0"
    for one in (field(0x02, 5, bytes(range(20))), field(0x11, 6, struct.pack("<Q", TICKS)), field(0x0A, 3, bytes(4))):
        body += bytes(-(at + len(body)) % 4) + one
    return body


def entry(*paths: str, threat: bytes = b"Trojan:Win64/SamScissors", count: int | None = None) -> bytes:
    first = bytes(32) + struct.pack("<QQI", TICKS, 2147842777, 1) + threat + b"\0"
    places, second = [], b""
    for path in paths:
        places.append(4 + 4 * len(paths) + len(second))
        second += taken(path, places[-1])
        second += bytes(-len(second) % 4)
    second = struct.pack(f"<I{len(paths)}I", len(paths) if count is None else count, *places) + second
    head = bytes.fromhex("dbe8c501") + b"\1\0\1\0" + bytes(32) + struct.pack("<IIII", len(first), len(second), 0, 0)
    return b"".join(map(decipher, (head + bytes(4), first, second)))


def stream(kind: int, marks: int, body: bytes, name: str = "") -> bytes:
    wide = name.encode("utf-16-le")
    return struct.pack("<IIQI", kind, marks, len(body), len(wide)) + wide + body


def content(file: bytes = MALWARE) -> bytes:
    zone = b"[ZoneTransfer]\r\nZoneId=3\r\nHostUrl=https://pbx.example/3CXDesktopApp-18.12.416.msi\r\n"
    return decipher(stream(3, 2, bytes(20)) + stream(1, 0, file) + stream(4, 0, zone, ":Zone.Identifier:$DATA"))


ONE, FILE = entry(PATH), content()


def test_the_cipher_is_rc4():
    # RFC 6229 has no key of 256 bytes; these first bytes are what public descriptions of the quarantine name.
    assert decipher(bytes.fromhex("dbe8c501")) == ENTRY and decipher(bytes.fromhex("0300000002000000")) == CONTENT


def test_an_entry_says_what_was_taken_from_where_and_when():
    (record,), reading = read_member(DefenderQuarantine(), ONE, "{8001}")
    assert (record.telemetry, record.time) == (Telemetry.ANTIVIRUS, WHEN)
    assert {Value(Kind.PATH, "path", PATH), Value(Kind.TEXT, "threat", "Trojan:Win64/SamScissors")} == {*record.values}
    assert record.event["content"] == bytes(range(20)).hex().upper()
    assert (record.event["modified"], record.event["threat_id"]) == ("2023-03-29T08:00:00Z", "2147842777")
    assert (reading.status, reading.records, reading.seen[0].spans) == (Status.READ, 1, ())


def test_every_thing_taken_is_a_record():
    records, reading = read_member(DefenderQuarantine(), entry(PATH, r"C:\b.exe", r"C:\cc.exe"))
    assert [record.event["path"] for record in records] == [PATH, r"C:\b.exe", r"C:\cc.exe"]
    assert (reading.status, reading.records) == (Status.READ, 3)


def test_a_file_that_was_taken_meets_its_hash_and_where_it_came_from():
    (record,), reading = read_member(DefenderQuarantine(), FILE, "0011")
    assert Value(Kind.HASH, "sha256", SHA256) in record.values
    assert (Kind.URL, "https://pbx.example/3CXDesktopApp-18.12.416.msi") in {(v.kind, v.text) for v in record.values}
    assert (record.event["size"], reading.status) == (str(len(MALWARE)), Status.READ)


@pytest.mark.parametrize("cut", [1, 90, len(FILE) - 25])
def test_a_file_that_is_cut_off_says_so(cut):
    _, reading = read_member(DefenderQuarantine(), FILE[:-cut])
    assert (reading.status, reading.reason) == (Status.PARTLY, Reason.TRUNCATED)


def test_a_file_that_is_too_large_is_a_gap(monkeypatch):
    monkeypatch.setattr(defender_quarantine, "LARGEST", len(FILE) - 1)
    records, reading = read_member(DefenderQuarantine(), FILE)
    assert (records, reading.status, reading.reason) == ([], Status.UNREAD, Reason.LIMIT)


def test_an_entry_that_cannot_be_followed_keeps_its_threat():
    for body in (ONE[:-30], entry(PATH, count=9_999), entry(PATH, count=0xFFFFFFF)):
        records, reading = read_member(DefenderQuarantine(), body)
        assert (reading.status, reading.reason) == (Status.PARTLY, Reason.CORRUPT)
        assert records[0].event["threat"] == "Trojan:Win64/SamScissors"


@pytest.mark.parametrize("path", ["x" * 40_000, "x"])
def test_an_entry_whose_parts_lie_over_one_another_ends(path):
    text, fields = path.encode("utf-16-le"), 65_535
    second = struct.pack("<I", 9_999) + struct.pack("<I", 4 + 4 * 9_999) * 9_999
    second += text + struct.pack("<2xH", fields) + b"file\0" + bytes(4 * fields + 8)
    first = bytes(32) + struct.pack("<QQI", TICKS, 1, 1) + b"T\0"
    head = bytes.fromhex("dbe8c501") + bytes(36) + struct.pack("<IIII4x", len(first), len(second), 0, 0)
    records, reading = read_member(DefenderQuarantine(), b"".join(map(decipher, (head, first, second))))
    assert len(records) <= 2 and (reading.status, reading.reason) == (Status.PARTLY, Reason.CORRUPT)


def test_an_entry_of_nothing_but_its_head_is_unread():
    _, reading = read_member(DefenderQuarantine(), ONE[:70])
    assert (reading.status, reading.reason) == (Status.UNREAD, Reason.CORRUPT)


def test_who_accepts():
    assert reader_for(ONE, "{8001}").name == reader_for(FILE, "0011").name == "defender_quarantine"
    assert DefenderQuarantine().accepts(bytes(100), "Quarantine/Entries/{8001}") == 0


@given(st.sampled_from([ONE, FILE]), st.integers(0, 200), st.binary(max_size=30))
def test_any_bytes_are_borne(body, at, noise):
    plain = bytearray(decipher(body))
    plain[at : at + len(noise)] = noise
    content_of(decipher(bytes(plain)))
    try:
        entry_of(body[:at] + noise + body[at + len(noise) :])
    except ValueError:
        return


def test_damage_and_plant():
    for body in (ONE, FILE):
        bears_damage(DefenderQuarantine(), body)
        shows_plant(DefenderQuarantine(), body)
