import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.evidence.reader_contract import shows_its_plant, typed_values
from tests.evidence_kit import opened, read_bytes

from nachsorge.evidence.readers.windns import Windns, date_order
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Kind, Reason, Telemetry

READER = Windns()
HEAD = b"\
DNS Server log file creation at 3/29/2023 10:00:00 AM\r\nLog file wrap at 3/29/2023 10:00:00 AM\r\n\r\n\
Message logging key (for packets - other items use a subset of these fields):\r\n\
\tField #  Information         Values\r\n"
PACKET = (
    b"0F48 PACKET  00000000028657F0 UDP Rcv 10.0.0.5       0002   Q [0001   D   NOERROR] A      "
    b"(4)evil(7)example(0)\r\n"
)
GOOD = PACKET.replace(b"(4)evil", b"(4)good").replace(b" Q [0001   D ", b" R Q [8081   DR")
DETAIL = b'UDP question info at 00000000028657F0\r\n  Socket = 508\r\n    Name      "(4)evil(7)example(0)"\r\n'
BODY = HEAD + b"3/29/2023 1:11:12 PM " + PACKET + DETAIL + b"3/29/2023 1:11:13 PM " + GOOD


@pytest.mark.parametrize(
    ("stamp", "time"),
    [
        ("3/29/2023 10:11:12 AM ", "2023-03-29T10:11:12Z"),
        ("3/29/2023 12:11:12 AM ", "2023-03-29T00:11:12Z"),
        ("29/03/2023 10:11:12 ", "2023-03-29T10:11:12Z"),
        ("03.04.2023 10:11:12 ", "2023-04-03T10:11:12Z"),
        ("2023-04-03 10:11:12 ", "2023-04-03T10:11:12Z"),
    ],
)
def test_every_spelling_of_a_time(stamp, time):
    (record,), ledger = read_bytes(READER, stamp.encode() + PACKET)
    assert record.time == parse_instant(time)
    assert record.telemetry is Telemetry.DNS_QUERY
    assert record.addresses == ("10.0.0.5",)
    assert {(Kind.HOST, "evil.example"), (Kind.ADDRESS, "10.0.0.5")} <= typed_values([record])
    assert (ledger.unreadable, ledger.gaps) == (0, [])
    assert any("taken as UTC" in note for note in ledger.notes)
    assert READER.accepts(stamp.encode() + PACKET, "") > 0


def test_where_day_and_month_cannot_be_told_apart_no_time_is_used():
    records, ledger = read_bytes(READER, b"3/4/2023 10:11:12 AM " + PACKET)
    assert records[0].time is None
    assert Reason.CLOCK in {gap.reason for gap in ledger.gaps}
    assert all(not seen.spans for seen in ledger.seen())
    assert (Kind.HOST, "evil.example") in typed_values(records)


@given(st.lists(st.tuples(st.integers(1, 31), st.integers(1, 31)), min_size=1, max_size=6))
def test_the_order_is_what_every_date_of_the_file_allows(dates):
    body = b"".join(b"%d/%d/2023 10:11:12 AM " % date + PACKET for date in dates)
    order = date_order(opened(body))
    if order == "mdy":
        assert all(month <= 12 for month, _ in dates)
    if order == "dmy":
        assert all(month <= 12 for _, month in dates)


def test_text_at_the_head_and_details_are_searched_and_not_unreadable():
    records, ledger = read_bytes(READER, BODY)
    assert (ledger.unreadable, ledger.records) == (0, 2)
    assert any('"evil.example"' in value.text for r in records for value in r.values)
    assert [r.locator for r in records if r.telemetry is Telemetry.DNS_QUERY] == ["line 6", "line 10"]


def test_unreadable_lines_are_counted_and_located():
    body = BODY + b"3/29/2023 1:11:14 PM 0F48 PACKET  evil.example\r\n"
    every, all_ledger = read_bytes(READER, body)
    some, ledger = read_bytes(READER, body, b"good.example")
    assert (ledger.unreadable, ledger.unreadable_at) == (1, ["line 11"])
    assert (ledger.unreadable, ledger.records, ledger.seen()) == (1, all_ledger.records, all_ledger.seen())
    assert [r.locator for r in some] == ["line 10", "line 11"]
    assert [r for r in every if r in some] == some


def test_presence_is_noted():
    _, ledger = read_bytes(READER, BODY, addresses=frozenset({"10.0.0.5", "10.0.0.50"}))
    assert {p.address for p in ledger.presence()} == {"10.0.0.5"}


@given(st.binary(max_size=300), st.integers(0, len(BODY)))
def test_nothing_raises(junk, cut):
    read_bytes(READER, junk)
    read_bytes(READER, BODY[:cut] + junk)
    READER.accepts(junk, "")


def test_the_plant_is_seen():
    shows_its_plant(READER, BODY)
