from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.evidence.capture_kit import START, asked, block, hello, pcapng
from tests.evidence.reader_contract import holds_with_and_without_sieve, shows_its_plant, survives_anything
from tests.evidence_kit import PLANT, read_bytes

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.pcapng import Pcapng
from nachsorge.model.times import SECOND
from nachsorge.model.words import Reason, Telemetry

BODY = pcapng(asked("evil.example"), asked("good.example", sport=2), asked("evil.example", sport=3))


def option(code: int, value: bytes, order: str = "<") -> bytes:
    return struct.pack(order + "HH", code, len(value)) + value + bytes(-len(value) % 4)


@pytest.mark.parametrize("order", ["<", ">"])
def test_it_is_recognised_in_both_byte_orders_and_holds_the_contract(order: str) -> None:
    body = pcapng(asked("a.example"), order=order)
    reader = reader_for(body, "x.log")
    assert reader is not None and reader.name == "pcapng"
    shows_its_plant(Pcapng(), body)
    planted = Pcapng().plant(body, PLANT)
    assert planted is not None and planted[8:12] == body[8:12]


def test_the_contract() -> None:
    holds_with_and_without_sieve(Pcapng(), BODY, b"good")
    survives_anything(Pcapng(), BODY)


@pytest.mark.parametrize(("resolution", "units"), [(9, 10**9), (3, 1000), (0x80 | 20, 1 << 20)])
def test_time_stamps_of_any_resolution_and_offset(resolution: int, units: int) -> None:
    options = option(9, bytes([resolution])) + option(14, struct.pack("<q", 100))
    time, raw = START * units, asked("a.example")
    packet = block(6, struct.pack("<5I", 0, time >> 32, time & 0xFFFFFFFF, len(raw), len(raw)) + raw)
    records, _ = read_bytes(Pcapng(), pcapng(options=options, more=packet))
    assert records[0].time == (START + 100) * SECOND


def statistics(received: int, dropped: int) -> bytes:
    return block(5, bytes(12) + option(4, struct.pack("<Q", received)) + option(5, struct.pack("<Q", dropped)))


def test_lost_packets_are_a_gap_and_many_of_them_take_the_time_away() -> None:
    for dropped, covers_nothing in ((3, False), (400, True)):
        _, ledger = read_bytes(Pcapng(), pcapng(asked("a.example"), more=statistics(1000, dropped)))
        (gap,) = ledger.gaps
        assert gap.reason is Reason.RECORD_JUMP and gap.note.endswith(f"lost {dropped} packets of 1000")
        assert (gap.span is not None) is covers_nothing


def test_the_last_counters_of_an_interface_count() -> None:
    _, ledger = read_bytes(Pcapng(), pcapng(asked("a.example"), more=statistics(10, 1) + statistics(1000, 2)))
    assert "lost 2 packets of 1000" in ledger.gaps[0].note


def test_packets_without_time_and_of_the_old_kind() -> None:
    raw = asked("a.example")
    simple = block(3, struct.pack("<I", len(raw)) + raw)
    stamp = START * SECOND
    old = block(2, struct.pack("<HHIIII", 0, 5, stamp >> 32, stamp & 0xFFFFFFFF, len(raw), len(raw)) + raw)
    records, ledger = read_bytes(Pcapng(), pcapng(more=simple + old))
    times = [r.time for r in records if r.telemetry is Telemetry.DNS_QUERY]
    assert times == [None, stamp]
    assert {gap.reason for gap in ledger.gaps} == {Reason.NO_TIME, Reason.RECORD_JUMP}


def test_sections_of_two_byte_orders_and_two_link_types() -> None:
    body = pcapng(asked("a.example")) + pcapng(asked("b.example", sport=5)[14:], order=">", link=101)
    records, _ = read_bytes(Pcapng(), body)
    assert [r.event["query"] for r in records if r.telemetry is Telemetry.DNS_QUERY] == ["a.example", "b.example"]


def test_what_is_passed_over_is_named() -> None:
    body = pcapng(asked("a.example"), options=option(11, b"\0port 53"), more=block(4, bytes(4)) + block(10, bytes(8)))
    _, ledger = read_bytes(Pcapng(), body)
    assert "the capture was filtered: port 53" in ledger.notes
    assert {"1 blocks were passed over: name resolution", "1 blocks were passed over: decryption secrets"} < set(
        ledger.notes
    )


@pytest.mark.parametrize("cut", [3, 9, 30])
def test_a_file_that_breaks_off_says_so(cut: int) -> None:
    records, ledger = read_bytes(Pcapng(), BODY[:-cut])
    assert ledger.gaps[0].reason is Reason.TRUNCATED and len(records) == 4


def test_a_block_of_impossible_length_ends_the_reading_with_a_gap() -> None:
    _, ledger = read_bytes(Pcapng(), BODY + struct.pack("<II", 6, 0xFFFFFFFF) + bytes(50))
    assert ledger.gaps[0].reason is Reason.CORRUPT and "not read" in ledger.gaps[0].note


def test_a_packet_of_an_unknown_interface_is_a_gap() -> None:
    raw = asked("a.example")
    _, ledger = read_bytes(Pcapng(), pcapng(more=block(6, struct.pack("<5I", 9, 0, 0, len(raw), len(raw)) + raw)))
    assert ledger.gaps[0].reason is Reason.CORRUPT


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([1, 2, 3, 4, 5, 6, 10, 77]), st.binary(max_size=80)), max_size=8))
def test_any_bytes_in_blocks_never_raise(blocks: list[tuple[int, bytes]]) -> None:
    body = pcapng(hello("a.example"), more=b"".join(block(kind, content) for kind, content in blocks))
    records, ledger = read_bytes(Pcapng(), body)
    assert len(records) == ledger.records


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_behind_the_header_never_raise(junk: bytes) -> None:
    read_bytes(Pcapng(), pcapng() + junk)
