"""The 3CX manifest: a due time that can be read, or a gap; never silence."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.evidence_kit import PLANT, read_bytes

from nachsorge.evidence.readers.threecx import EARLIEST, LATEST, ThreeCx, due_time, is_manifest
from nachsorge.evidence.seams import ReadError
from nachsorge.model.evidence import Software, Value
from nachsorge.model.times import SECOND, parse_instant
from nachsorge.model.words import Kind, Platform, Reason, Telemetry

PLACE = "C/Users/x/AppData/Local/Programs/3CXDesktopApp/app/manifest"
DUE = parse_instant("2023-04-09T12:30:45")
SECONDS = DUE // SECOND


@pytest.mark.parametrize(
    "body",
    [
        struct.pack("<I", SECONDS),
        struct.pack("<q", SECONDS),
        str(SECONDS).encode(),
        f"{SECONDS}\r\n".encode(),
        b"2023-04-09T12:30:45Z",
        b"2023-04-09 14:30:45+02:00\n",
    ],
)
def test_every_accepted_encoding(body):
    (record,), ledger = read_bytes(ThreeCx(), body, name=PLACE)
    assert record.telemetry is Telemetry.FILESYSTEM
    assert record.values == (Value(Kind.INSTANT, "due", "2023-04-09T12:30:45Z"), Value(Kind.PATH, "path", PLACE))
    assert ledger.records == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\0" * 8,
        b"abc",
        b"abcd",
        b"{}",
        b"1",
        b"99999999999",
        b"2019-12-31",
        b"2036-01-01",
        b"x" * 65,
        struct.pack(">I", SECONDS),
        struct.pack("<q", SECONDS * 1000),
        struct.pack("<q", SECONDS) + b"x",
    ],
)
def test_anything_else_is_a_gap_and_never_no_due_time(body):
    with pytest.raises(ReadError) as caught:
        read_bytes(ThreeCx(), body, name=PLACE)
    assert caught.value.reason is Reason.CORRUPT


@given(st.binary(max_size=80))
def test_any_bytes_are_a_plausible_time_or_a_read_error(body):
    try:
        (record,), _ = read_bytes(ThreeCx(), body, name=PLACE)
    except ReadError as problem:
        assert problem.reason is Reason.CORRUPT
    else:
        assert EARLIEST <= parse_instant(record.values[0].text) < LATEST


@given(st.integers(EARLIEST // SECOND, LATEST // SECOND - 1))
def test_every_plausible_second_survives_in_eight_bytes_and_in_digits(second):
    assert due_time(struct.pack("<q", second)) == due_time(str(second).encode()) == second * SECOND


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=4, max_size=4))
def test_four_letters_are_never_a_time(text):
    due = due_time(text.encode())
    assert due is None or text.strip().isdigit()


@pytest.mark.parametrize(
    ("path", "is_one"),
    [
        (PLACE, True),
        ("C:\\x\\3cxdesktopapp\\App\\manifest", True),
        ("a.zip!3CXDesktopApp/app/manifest", True),
        ("x/app/manifest", False),
        ("3CXDesktopApp/app/manifest.json", False),
        ("not3CXDesktopApp/app/manifest", False),
    ],
)
def test_the_place(path, is_one):
    assert is_manifest(path) is is_one


def test_who_accepts():
    reader = ThreeCx()
    assert reader.accepts(b"x" * 500, PLACE) == 95
    assert reader.accepts(b"1680000000", "manifest") > 0
    assert reader.accepts(b"x" * 65, "manifest") == 0
    assert reader.accepts(b"1680000000", "other") == 0


def test_another_programs_manifest_is_searched_as_text():
    (record,), _ = read_bytes(ThreeCx(), b"1680000000 www.example.com", name="other/manifest")
    assert record.telemetry is Telemetry.TEXT
    assert "www.example.com" in record.values[0].text


STATE = "Library/Application Support/3CX Desktop App/.main_storage"


def test_the_state_of_the_macos_library():
    plain = b"12345678-ABCD-ABCD-ABCD-1234567890AB".ljust(56, b"\0")
    body = bytes(byte ^ 0x7A for byte in plain)
    (record,), ledger = read_bytes(ThreeCx(), body, name=STATE)
    assert ThreeCx().accepts(body, STATE) == 95
    assert record.event["state"] == "12345678-ABCD-ABCD-ABCD-1234567890AB"
    assert Value(Kind.PATH, "path", STATE) in record.values and not ledger.notes


@pytest.mark.parametrize("body", [b"", b"evil.example", bytes(57)])
def test_a_state_of_another_size_is_still_a_trace_and_is_searched(body):
    (record,), ledger = read_bytes(ThreeCx(), body, name=STATE)
    assert Value(Kind.PATH, "path", STATE) in record.values
    assert any(value.text == body.decode() for value in record.values)
    assert "not decoded" in ledger.notes[0]


@pytest.mark.parametrize(
    ("place", "platform"),
    [
        ("C/Users/x/AppData/Roaming/3CXDesktopApp/config.json", Platform.WINDOWS),
        ("Users/x/Library/Application Support/3CX Desktop App/config.json", Platform.MACOS),
    ],
)
def test_the_settings_show_that_the_app_was_set_up_and_no_version(place, platform):
    body = b'{"a":[{"AccountName":"ann","url":"https://pbx.example/","token":"odd.example"}],"n":null}'
    assert ThreeCx().accepts(body, place) == 95
    (record,), ledger = read_bytes(ThreeCx(), body, name=place)
    assert record.software == Software(name="3CX Desktop App", version="", platform=platform)
    assert {Value(Kind.URL, "a.url", "https://pbx.example/"), Value(Kind.TEXT, "a.token", "odd.example")} <= set(
        record.values
    )
    assert record.event == {"path": place, "a.AccountName": "ann", "a.url": "https://pbx.example/"}
    assert ledger.seen()[0].spans == ()


@pytest.mark.parametrize("body", [b"{", b"{" * 100_000, b'{"a":' * 5000])
def test_settings_that_are_no_json_are_a_gap(body):
    with pytest.raises(ReadError) as caught:
        read_bytes(ThreeCx(), body, name="3CXDesktopApp/config.json")
    assert caught.value.reason is Reason.CORRUPT


def test_settings_of_another_program_are_not_taken():
    assert ThreeCx().accepts(b"{}", "OtherApp/config.json") == 0
    assert ThreeCx().accepts(b"text", "3CXDesktopApp/config.json") == 0


def test_nothing_can_be_planted():
    assert ThreeCx().plant(b"", PLANT) is None
