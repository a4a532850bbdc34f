"""Background and login items of macOS."""

from __future__ import annotations

import struct
from plistlib import FMT_BINARY, UID, dumps

from tests.evidence.artefact_kit import bears_damage, read_member, shows_plant

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.macos.bookmarks import path_of
from nachsorge.evidence.readers.background_items import BackgroundItems
from nachsorge.model.words import Kind, Platform, Reason, Telemetry

READER = BackgroundItems()


def bookmark(*parts: str) -> bytes:
    """Make the smallest bookmark: the parts of a path, the list of them, and a table with one key."""
    data, places = b"\0" * 4, []
    for part in parts:
        places.append(len(data))
        data += struct.pack("<II", len(part), 0x0101) + part.encode() + b"\0" * (-len(part) % 4)
    listed = len(data)
    data += struct.pack("<II", 4 * len(parts), 0x0601) + struct.pack(f"<{len(parts)}I", *places)
    table = len(data)
    data += struct.pack("<IIIII", 20, 0xFFFFFFFE, 1, 0, 1) + struct.pack("<III", 0x1004, listed, 0)
    return b"book" + b"\0" * 44 + struct.pack("<I", table) + data[4:]


def archive(*objects: object) -> bytes:
    tree = {
        "$version": 100_000,
        "$archiver": "NSKeyedArchiver",
        "$top": {"root": UID(1)},
        "$objects": ["$null", *objects],
    }
    return dumps(tree, fmt=FMT_BINARY)


MARK = bookmark("Applications", "Evil.app", "Contents")
BTM = archive(
    {"NS.objects": [UID(2), UID(3)], "version": "backgroundItems"},
    {"bookmark": UID(4), "hidden": False, "container": UID(1)},
    {"executablePath": UID(5), "programArguments": UID(6), "bookmark": UID(0), "container": UID(2)},
    {"data": MARK},
    "/Library/Evil/agent",
    {"NS.objects": [UID(7)]},
    "--url=http://evil.example/",
)


def test_items_of_an_archive():
    assert reader_for(BTM, "backgrounditems.btm").name == "background_items"
    (marked, named), reading = read_member(READER, BTM)
    assert (reading.records, reading.platform) == (2, Platform.MACOS)
    assert (Kind.PATH, "/Applications/Evil.app/Contents") in {(v.kind, v.text) for v in marked.values}
    shown = {(value.kind, value.text) for value in named.values}
    assert {(Kind.PATH, "/Library/Evil/agent"), (Kind.TEXT, "--url=http://evil.example/")} <= shown
    assert named.telemetry is Telemetry.PERSISTENCE and reading.seen[0].spans == ()


def test_older_lists_of_login_items():
    items = [{"Name": "Helper", "Alias": b"\0\0 file:///Applications/Evil%20App.app/x\0more than sixteen"}]
    body = dumps({"SessionItems": {"CustomListItems": items}}, fmt=FMT_BINARY)
    assert reader_for(body, "com.apple.loginitems.plist").name == "background_items"
    (record,), _ = read_member(READER, body)
    assert record.event["Name"] == "Helper"
    assert (Kind.PATH, "/Applications/Evil App.app/x") in {(v.kind, v.text) for v in record.values}


def test_bookmarks():
    assert path_of(MARK) == "/Applications/Evil.app/Contents"
    for cut in range(len(MARK)):
        assert path_of(MARK[:cut]) in ("", "/Applications/Evil.app/Contents", "/Applications/Evil.app/Conten"[:cut])
    assert path_of(b"book" + b"\xff" * 200) == ""


def test_objects_that_hold_each_other_end():
    body = archive({"bookmark": UID(2), "backgroundItems": UID(1)}, {"data": UID(1), "more": UID(2)})
    _, reading = read_member(READER, body)
    assert reading.reason is not Reason.FAILED and reading.records >= 1


def test_other_property_lists_are_not_taken():
    assert READER.accepts(dumps({"Label": "x", "Program": "/x"}), "x.plist") == 0


def test_damage_and_plant():
    bears_damage(READER, BTM, 40)
    shows_plant(READER, BTM)
