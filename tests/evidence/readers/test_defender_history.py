"""Detections of Defender's history."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.evidence.artefact_kit import bears_damage, read_member, read_place, shows_plant

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.defender_history import DefenderHistory
from nachsorge.evidence.windows.defender_history import START, detection_of
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Kind, Reason, Status, Telemetry

SHA256 = "5a" * 32


def field(kind, value):
    return struct.pack("<II", len(value), kind) + value + bytes(-len(value) % 8)


def text(value):
    return field(0x15, (value + "\0").encode("utf-16-le"))


def wide(value):
    raw = (value + "\0").encode("utf-16-le")
    return struct.pack("<I", len(raw)) + raw


def tracked(name, kind, raw):
    return wide(f"ThreatTracking{name}") + struct.pack("<I", kind) + raw


TABLE = field(
    0x28,
    struct.pack("<5I", 1, 20, 0, 0, 0)
    + tracked("Sha256", 6, wide(SHA256))
    + tracked("StartTime", 4, struct.pack("<Q", 133_226_336_000_000_000))
    + tracked("IsEsuSig", 5, b"\0")
    + tracked("ThreatId", 3, struct.pack("<I", 7)),
)
BODY = (
    START
    + bytes(8)
    + text("Magic.Version:1.2")
    + text("Trojan:Win64/Control")
    + field(6, bytes(4))
    + text("Magic.Version:1.2")
    + text("webfile")
    + text("C:\\d\\a.zip|https://evil.example/a.zip|pid:1,ProcessStart:2")
    + TABLE
    + text("Magic.Version:1.2")
    + text("containerfile")
    + text("C:\\d\\a.zip->b.com")
    + text("PC1\\ann")
)


def test_a_detection():
    assert DefenderHistory().accepts(BODY, "x") == 95
    assert reader_for(BODY, "x").name == "defender_history"
    (record,), reading = read_member(DefenderHistory(), BODY)
    assert (record.telemetry, reading.status) == (Telemetry.ANTIVIRUS, Status.READ)
    assert record.time == parse_instant("2023-03-07T03:33:20Z")
    assert record.event["threat"] == "Trojan:Win64/Control"
    assert {(value.kind, value.text) for value in record.values} >= {
        (Kind.HASH, SHA256),
        (Kind.PATH, "C:\\d\\a.zip"),
        (Kind.URL, "https://evil.example/a.zip"),
        (Kind.TEXT, "b.com"),
        (Kind.TEXT, "PC1\\ann"),
    }
    assert reading.seen[0].spans == ()


def test_what_is_cut_off_is_told_and_searched():
    (record,), reading = read_member(DefenderHistory(), BODY[:-8])
    assert (reading.status, reading.reason) == (Status.PARTLY, Reason.TRUNCATED)
    assert any("PC1\\" in value.text for value in record.values)


def test_others_are_none():
    assert DefenderHistory().accepts(START + bytes(300), "x") == 0
    _, reading = read_member(DefenderHistory(), b"else")
    assert reading.reason is Reason.CORRUPT


@given(st.binary(max_size=300))
def test_any_bytes_end(data):
    found = detection_of(START + data)
    assert len(found.more) + len(found.resources) <= len(data)


@pytest.mark.parametrize(
    ("name", "threat", "sha256", "url", "time"),
    [
        (
            "6AFE33A0-19BA-4FFF-892F-B700539D7D63",
            "Virus:DOS/EICAR_Test_File",
            "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f",
            "https://secure.eicar.org/eicar_com.zip",
            "2022-07-22T05:36:18.909442Z",
        ),
        (
            "FC380697-A68D-4C94-B67F-9B6449039463",
            "PUA:Win32/EICAR_Test_File",
            "d6f6c6b9fde37694e12b12009ad11ab9ec8dd0f193e7319c523933bdad8a50ad",
            "http://amtso.eicar.org/PotentiallyUnwanted.exe",
            "2022-07-22T05:32:27.654741Z",
        ),
    ],
)
def test_real_ones(shared_data, name, threat, sha256, url, time):
    place = shared_data / "plaso-host-artefacts/windefender_history" / name
    (record,), reading = read_place(DefenderHistory(), place)
    assert (record.event["threat"], record.time, reading.status) == (threat, parse_instant(time), Status.READ)
    values = {(value.kind, value.text) for value in record.values}
    assert {(Kind.HASH, sha256), (Kind.URL, url)} <= values


def test_damage_and_plant():
    bears_damage(DefenderHistory(), BODY)
    shows_plant(DefenderHistory(), BODY)
