"""Windows' web cache: rows as the child process gives them. Nothing writes such databases; see also `test_srum`."""

from __future__ import annotations

import pytest
from tests.evidence.artefact_kit import read_member
from tests.evidence_kit import PLANT

from nachsorge.evidence.readers.web_cache import WebCache, address_of
from nachsorge.evidence.windows import ese
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Kind, Reason, Status, Telemetry

TIME = 133_200_000_000_000_000
NAME = "WebCacheV01.dat"
BODY = ((bytes(4) + ese.MAGIC + bytes(8)).ljust(52, b"\0") + b"\x03\0\0\0").ljust(8192, b"\0")


def lines() -> list[list[object]]:
    said = (
        "junk".encode("utf-16-le") + b"\0\0\x07\0" + "C:\\Users\\x\\Downloads\\evil.exe".encode("utf-16-le") + b"\0\0"
    )
    return [
        ["table", "Containers", 3, ""],
        ["row", {"ContainerId": 1, "Name": "tContent"}],
        ["row", {"ContainerId": 2, "Name": "x" + "History\0".encode("utf-16-le").hex()}],
        ["row", {"ContainerId": 3, "Name": "tiedownload"}],
        ["table", "Container_1", 2, ""],
        [
            "row",
            {
                "Url": "thttps://evil.example/a.exe?token=1",
                "Filename": "ta[1].exe",
                "AccessedTime": TIME,
                "FileSize": 9,
            },
        ],
        ["row", {"Url": None, "AccessedTime": TIME}],
        ["bad", 2],
        ["table", "Container_2", 1, ""],
        ["row", {"Url": "tVisited: x@file:///C:/Users/x/secret%20plan.docx", "ModifiedTime": TIME}],
        ["table", "Container_3", 1, ""],
        ["row", {"Url": "tiedownload:{GUID}", "ResponseHeaders": "x" + said.hex()}],
    ]


@pytest.fixture
def given(monkeypatch):
    rows = lines()
    monkeypatch.setattr(ese, "rows", lambda stream: iter(rows))
    return rows


def test_entries_become_visits_and_opened_files(given):
    records, reading = read_member(WebCache(), BODY, NAME)
    content, opened, download = records
    assert (content.telemetry, content.time) == (Telemetry.BROWSER_HISTORY, parse_instant("2023-02-04T16:00:00Z"))
    values = {(v.kind, v.text) for v in content.values}
    assert values == {(Kind.URL, "https://evil.example/a.exe?token=1"), (Kind.PATH, "a[1].exe")}
    assert content.event["url"] == "https://evil.example/a.exe" and content.event["container"] == "Content"
    assert [(v.kind, v.text) for v in opened.values] == [(Kind.PATH, r"C:\Users\x\secret plan.docx")]
    assert opened.event["container"] == "History" and opened.time == content.time
    assert (Kind.PATH, r"C:\Users\x\Downloads\evil.exe") in {(v.kind, v.text) for v in download.values}
    assert (reading.records, reading.unreadable, reading.unreadable_at) == (4, 1, ("Container_1 row 3",))
    assert reading.seen[0].spans == () and "1 entries without an address were left out" in reading.note


def test_a_cache_whose_entries_hold_no_address_is_not_taken_for_an_empty_one(given):
    del given[5], given[6:]
    given[5] = ["row", {"Address": "thttps://evil.example/"}]
    _, reading = read_member(WebCache(), BODY, NAME)
    assert (reading.status, reading.reason) == (Status.UNREAD, Reason.NOT_SUPPORTED)
    given[:] = [["table", "{0}", 0, ""]]
    _, reading = read_member(WebCache(), BODY, NAME)
    assert "without the tables of a web cache" in reading.note


def test_addresses_are_taken_out_of_their_entries():
    assert address_of("Visited: some user@http://a.example/x@y") == "http://a.example/x@y"
    assert address_of(":2023040120230402: x@https://a.example/") == "https://a.example/"
    assert address_of("Cookie:x@a.example/") == "a.example/"
    assert address_of("https://x@a.example/") == "https://x@a.example/" and address_of("") == ""


def test_which_files_it_takes(monkeypatch):
    assert WebCache().accepts(BODY, "C/Users/x/AppData/Local/Microsoft/Windows/WebCache/WebCacheV01.dat") == 90
    assert WebCache().accepts(BODY, "SRUDB.dat") == 0 and WebCache().accepts(bytes(4096), NAME) == 0
    monkeypatch.setattr(ese, "available", lambda: False)
    _, reading = read_member(WebCache(), BODY, NAME)
    assert reading.reason is Reason.MISSING_EXTRA and list(WebCache().control_records(PLANT)) == []


def test_the_control():
    pytest.importorskip("pyesedb", reason="NOT LOOKED AT: the extra `windows` is not installed")
    (record,) = WebCache().control_records(PLANT)
    assert [(v.kind, v.text) for v in record.values] == [(Kind.URL, f"http://{PLANT.host}/")]
    assert WebCache().plant(b"", PLANT) is None
