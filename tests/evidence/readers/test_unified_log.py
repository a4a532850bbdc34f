"""The unified log of macOS in its printed forms."""

from __future__ import annotations

import json

import pytest
from tests.evidence.artefact_kit import read_member, shows_plant
from tests.evidence.reader_contract import holds_with_and_without_sieve, survives_anything
from tests.evidence_kit import read_bytes

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.unified_log import UnifiedLog
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Kind, Platform, Reason, Status, Telemetry

READER = UnifiedLog()


def message(text: str, second: int = 0) -> dict[str, object]:
    return {
        "timestamp": f"2023-03-29 12:00:{second:02}.123456+0200",
        "machTimestamp": 4711,
        "traceID": 9,
        "messageType": "Default",
        "processImagePath": "/Applications/3CX Desktop App.app/Contents/MacOS/3CX Desktop App",
        "senderImagePath": "/usr/lib/libnetwork.dylib",
        "subsystem": "com.apple.network",
        "category": "connection",
        "eventMessage": text,
        "backtrace": {"frames": [{"imageOffset": 1}]},
    }


MESSAGES = [message("connect to evil.example:443"), message("quiet", 1)]
NDJSON = "".join(json.dumps(one) + "\n" for one in MESSAGES).encode()
ARRAY = json.dumps(MESSAGES, indent=2).encode()
SYSLOG = (
    b"Timestamp                       (process)[PID]    \n"
    b"2023-03-29 12:00:00.123456+0200  localhost sshd[77]: (libsystem.dylib) [com.apple.x:auth] from evil.example\n"
    b"2023-03-29 12:00:01.123456+0200  mac1 kernel[0]: (AppleACPI) quiet\n"
)
COLUMNS = (
    b"Timestamp                       Thread     Type        Activity             PID    TTL  \n"
    b"2023-03-29 12:00:00.123456+0200 0x1a2      Default     0x0                  77     0    "
    b"3CX Desktop App: (libnetwork.dylib) [com.apple.network:connection] connect to evil.example\n"
    b"2023-03-29 12:00:01.123456+0200 0x1a2      Error       0x0                  77     0    sshd: (sshd) quiet\n"
)
COMPACT = (
    b"Timestamp               Ty Process[PID:TID]\n"
    b"2023-03-29 10:00:00.123 Df 3CX Desktop App[77:1a2] (libnetwork.dylib) [com.apple.network:connection] connect to "
    b"evil.example\n"
    b"2023-03-29 10:00:01.123 E  kernel[0:1a3] (AppleACPI) quiet\n"
)
FORMS = {"ndjson": NDJSON, "json": ARRAY, "syslog": SYSLOG, "columns": COLUMNS}


@pytest.mark.parametrize("form", FORMS)
def test_each_form_gives_time_process_and_message(form: str):
    assert reader_for(FORMS[form], "unified.log").name == "unified_log"
    records, ledger = read_bytes(READER, FORMS[form])
    found = [r for r in records if "evil.example" in r.event.get("eventMessage", "")]
    assert [(r.telemetry, r.time) for r in found] == [(Telemetry.SYSLOG, parse_instant("2023-03-29T10:00:00.123456Z"))]
    assert found[0].service in ("3CX Desktop App", "sshd") and found[0].provider.startswith("com.apple.")
    assert ledger.platform is Platform.MACOS and ledger.unreadable == 0
    assert ledger.last == parse_instant("2023-03-29T10:00:01.123456Z")


def test_the_compact_style_has_milliseconds_and_no_zone():
    assert reader_for(COMPACT, "unified.log").name == "unified_log"
    (_, one, two), reading = read_member(READER, COMPACT)
    assert one.event["eventMessage"] == "connect to evil.example" and one.provider == "com.apple.network"
    assert (one.service, one.event["processID"], one.event["messageType"]) == ("3CX Desktop App", "77", "Df")
    assert (one.time, two.service) == (parse_instant("2023-03-29T10:00:00.123Z"), "kernel")
    assert "without a zone were taken as UTC" in reading.note
    assert "without a zone" not in read_member(READER, SYSLOG)[1].note
    holds_with_and_without_sieve(READER, COMPACT, b"evil.example")
    survives_anything(READER, COMPACT)


@pytest.mark.parametrize("form", FORMS)
def test_what_a_command_printed_may_have_been_filtered_and_covers_nothing(form: str):
    _, ledger = read_bytes(READER, FORMS[form])
    assert ledger.records and not any(seen.spans for seen in ledger.seen())


def test_the_path_of_the_program_is_a_path_and_bookkeeping_is_not_shown():
    (first, _), _ = read_bytes(READER, NDJSON)
    assert (Kind.PATH, MESSAGES[0]["processImagePath"]) in {(v.kind, v.text) for v in first.values}
    assert not {"machTimestamp", "backtrace.frames.imageOffset"} & set(first.event)


def test_lines_that_go_on_a_message_are_searched_as_text():
    records, ledger = read_bytes(READER, SYSLOG + b"    second line evil.example\n", b"evil.example")
    assert [r.telemetry for r in records] == [Telemetry.SYSLOG, Telemetry.TEXT] and ledger.unreadable == 0


def test_an_array_that_breaks_off_is_told():
    _, reading = read_member(READER, ARRAY[:-40])
    assert reading.status is Status.PARTLY and reading.reason is Reason.TRUNCATED


def test_a_binary_trace_is_named_with_its_remedy():
    head = b"\x00\x10\x00\x00\x11\x00\x00\x00" + bytes(100)
    assert reader_for(head, "0001.tracev3").name == "unified_log"
    _, reading = read_member(READER, head)
    assert reading.reason is Reason.NOT_SUPPORTED and "log show --archive" in reading.note


@pytest.mark.parametrize("form", ["ndjson", "json", "syslog"])
def test_contract(form: str):
    holds_with_and_without_sieve(READER, FORMS[form], b"evil.example")
    survives_anything(READER, FORMS[form]) if form != "json" else None
    shows_plant(READER, FORMS[form])


def test_the_plant_of_columns():
    shows_plant(READER, COLUMNS)
