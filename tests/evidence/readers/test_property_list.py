"""Binary property lists that no other reader knows."""

from __future__ import annotations

import plistlib
import struct

from tests.evidence.artefact_kit import bears_damage, read_member, shows_plant
from tests.evidence_kit import read_bytes

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.property_list import PropertyList
from nachsorge.model.words import Reason, Status, Telemetry

READER = PropertyList()
TREE = {"Server": "https://evil.example/ä", "Nested": [{"Path": "/tmp/.x/evil"}, b"raw evil.example bytes", 7, True]}
BODY = plistlib.dumps(TREE, fmt=plistlib.FMT_BINARY)


def test_every_key_and_text_is_searched_whatever_its_encoding_in_the_file():
    assert b"evil.example/" not in BODY.replace(b"raw evil.example", b""), "the address is stored in two bytes a letter"
    found = reader_for(BODY, "Library/Preferences/com.x.plist")
    assert found is not None and found.name == "property_list"
    records, reading = read_member(READER, BODY)
    assert {record.event["text"] for record in records} == {
        *("Server", "https://evil.example/ä", "Nested", "Path", "/tmp/.x/evil", "raw evil.example bytes"),
    }
    assert {record.telemetry for record in records} == {Telemetry.TEXT}
    assert (reading.status, reading.records) == (Status.READ, 6) and all(not seen.spans for seen in reading.seen)
    assert len(read_bytes(READER, BODY, b"evil.example")[0]) == 2


def test_lists_in_xml_and_lists_that_others_know_are_left_to_them():
    assert READER.accepts(plistlib.dumps(TREE), "x.plist") == 0
    item = plistlib.dumps({"Label": "x", "Program": "/y"}, fmt=plistlib.FMT_BINARY)
    found = reader_for(item, "Library/LaunchAgents/x.plist")
    assert found is not None and found.name == "launch_items"


def test_a_part_that_is_named_a_million_times_is_looked_at_once():
    long, raw = "x" * 100_000, b"y" * 100_000
    body = bomb(plistlib.dumps([long, raw], fmt=plistlib.FMT_BINARY), 200_000)
    records, reading = read_member(READER, body)
    assert [len(record.event["text"]) for record in records] == [100_000, 100_000]
    assert reading.status is Status.READ


def bomb(body: bytes, times: int) -> bytes:
    """Make the list of two parts one that names each of them so many times."""
    offset_size, ref_size, count, _, table = struct.unpack(">6xBBQQQ", body[-32:])
    offsets = [
        int.from_bytes(body[table + offset_size * n : table + offset_size * (n + 1)], "big") for n in range(count)
    ]
    start = len(body) - 32 - offset_size * count
    refs = body[offsets[0] + 1 : offsets[0] + 1 + 2 * ref_size]
    new = body[:start] + b"\xaf\x13" + struct.pack(">Q", 2 * times) + refs * times
    places = b"".join(struct.pack(">I", place) for place in [start, *offsets[1:]])
    return new + places + struct.pack(">6xBBQQQ", 4, ref_size, count, 0, len(new))


def test_damage_is_named():
    assert read_member(READER, BODY[:-20])[1].reason is Reason.CORRUPT
    bears_damage(READER, BODY)
    shows_plant(READER, b"bplist00")
