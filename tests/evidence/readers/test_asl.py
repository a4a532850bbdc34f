"""Binary files of the Apple System Log."""

from __future__ import annotations

import struct
from itertools import pairwise

import pytest
from tests.evidence.artefact_kit import bears_damage, read_member, read_place, shows_control
from tests.evidence_kit import read_bytes

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.asl import Asl
from nachsorge.model.times import SECOND, parse_instant
from nachsorge.model.words import Kind, Platform, Reason, Status, Telemetry

READER = Asl()
START = 1_680_000_000


def asl(messages: list[dict[str, str]], version: int = 2) -> bytes:
    """Write messages as syslogd does: their strings before them, each chained to the next."""
    body, places, at = bytearray(80), [], 0
    body[:12] = b"ASL DB\0\0\0\0\0\0"
    for number, fields in enumerate(messages, 1):
        extra = {name: text for name, text in fields.items() if name[0].isupper()}

        def put(text: str) -> int:
            raw = text.encode()
            if not raw:
                return 0
            if len(raw) <= 7:
                return int.from_bytes((bytes([0x80 | len(raw)]) + raw).ljust(8, b"\0"), "big")
            place = len(body)
            body.extend(struct.pack(">HI", 1, len(raw) + 1) + raw + b"\0")
            return place

        strings = [put(fields.get(name, "")) for name in ("host", "sender", "facility", "message")]
        pairs = [put(text) for pair in extra.items() for text in pair]
        before, at = at, len(body)
        places.append(at)
        cells = (0, 116 + 8 * len(pairs), 0, number, START + number, 123_456_789, 4, 0, 77, 501, 20, 501, 20, 0)
        body.extend(struct.pack(">HIQQQIHHIIIIIIIQQQQQQ", *cells, len(pairs), *strings, 0, 0))
        body.extend(struct.pack(f">{len(pairs)}QQ", *pairs, before))
    for here, following in pairwise(places):
        struct.pack_into(">Q", body, here + 6, following)
    struct.pack_into(">IQQIQ", body, 12, version, places[0] if places else 0, START, 256, at)
    return bytes(body)


MESSAGES = [
    {
        "host": "mac1.local",
        "sender": "sshd",
        "facility": "auth",
        "message": "Accepted for kim",
        "Z": "1",
    },
    {
        "host": "mac1.local",
        "sender": "3CX Desktop App",
        "message": "connect evil.example",
        "URL": "https://evil.example/x",
    },
]
BODY = asl(MESSAGES)


def test_messages_with_their_strings_and_times():
    found = reader_for(BODY, "renamed.bin")
    assert found is not None and found.name == "asl"
    (one, two), reading = read_member(READER, BODY)
    assert (one.telemetry, one.host, one.service, one.provider) == (Telemetry.SYSLOG, "mac1.local", "sshd", "auth")
    assert one.time == (START + 1) * SECOND + 123_456
    assert (one.event["message"], one.event["level"], one.event["pid"], one.event["Z"]) == (
        "Accepted for kim",
        "warning",
        "77",
        "1",
    )
    assert (Kind.URL, "https://evil.example/x") in {(value.kind, value.text) for value in two.values}
    assert (reading.status, reading.records, reading.platform) == (Status.READ, 2, Platform.MACOS)
    assert all(not seen.spans for seen in reading.seen), "settings decide what is kept, so it clears nothing"
    assert reading.first == one.time and reading.last == two.time
    assert [r.locator for r in read_bytes(READER, BODY, b"evil.example")[0]] == ["message 2"]


def test_a_real_file(shared_data):
    records, reading = read_place(READER, shared_data / "plaso-host-artefacts/applesystemlog.asl")
    assert (len(records), reading.status, reading.unreadable) == (2, Status.READ, 0)
    first = records[0]
    assert (first.host, first.service) == ("DarkTemplar-2.local", "locationd")
    assert first.event["message"].startswith("Incorrect NSStringEncoding value 0x8000100 detected.")
    assert first.time == parse_instant("2013-11-25T09:45:35.705481Z")
    assert first.event["CFLog Local Time"] == "2013-11-25 09:45:35.701"


def test_a_file_that_breaks_off_or_goes_in_a_circle_is_told():
    records, reading = read_member(READER, BODY[:-60])
    assert len(records) == 1 and reading.reason is Reason.CORRUPT and "breaks off" in reading.note
    first = int.from_bytes(BODY[16:24], "big")
    circle = bytearray(BODY)
    struct.pack_into(">Q", circle, first + 6, first)
    records, reading = read_member(READER, bytes(circle))
    assert len(records) == 1 and "goes back" in reading.note
    struct.pack_into(">Q", circle, first + 6, 0)
    assert "its head says" in read_member(READER, bytes(circle))[1].note


def test_a_string_that_is_not_there_is_counted():
    body = BODY.replace(struct.pack(">HI", 1, len("connect evil.example") + 1), struct.pack(">HI", 1, 2**30))
    records, reading = read_member(READER, body)
    assert (reading.status, reading.unreadable_at) == (Status.PARTLY, ("message 2",))
    assert "message" not in records[1].event


@pytest.mark.parametrize(("body", "reason"), [(BODY[:50], Reason.TRUNCATED), (asl([], 1), Reason.NOT_SUPPORTED)])
def test_heads_that_cannot_be_read(body: bytes, reason: Reason):
    assert read_member(READER, body)[1].reason is reason


def test_an_empty_log_is_read_and_damage_is_borne():
    assert read_member(READER, asl([]))[1].status is Status.READ
    bears_damage(READER, BODY)
    shows_control(READER)
