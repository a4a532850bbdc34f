"""EVTX: every record is rendered or named; numbers, clearings and clocks are seen. The logs are real, and not ours."""

from __future__ import annotations

import csv
import struct
import zlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.evidence_kit import PLANT, Literals, opened, read_bytes

from nachsorge.evidence import evtx_render
from nachsorge.evidence.evtx_file import CHUNK, HEADER
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.readers.evtx import Evtx
from nachsorge.evidence.seams import ReadError
from nachsorge.model.words import Reason, Telemetry

if TYPE_CHECKING:
    from pathlib import Path

EMPTY = b"ElfFile\x00".ljust(32, b"\x00") + struct.pack("<IHHHH", 128, 1, 3, 4096, 0)


def read(body: bytes, *literals: bytes):
    return read_bytes(Evtx(), body, *literals)


@pytest.fixture(scope="module")
def system(shared_data: Path) -> bytes:
    return (shared_data / "evtx-plaso-benign" / "System.evtx").read_bytes()


@pytest.fixture(scope="module")
def short(system: bytes) -> bytes:
    """Three whole chunks of it, and a header that says so."""
    body = bytearray(system[: HEADER + 3 * CHUNK])
    struct.pack_into("<H", body, 42, 3)
    return bytes(body)


def reasons(ledger) -> set[Reason]:
    return {gap.reason for gap in ledger.gaps}


def test_accepts_by_content(system):
    assert Evtx().accepts(system[:65536], "renamed.bin") > 90
    assert Evtx().accepts(b"LfLe" + bytes(100), "x.evtx") == 0


def test_attack_samples(shared_data):
    folder = shared_data / "evtx-attack-samples"
    files = sorted(folder.rglob("*.evtx"))
    read_all = {file.relative_to(folder).as_posix(): read(file.read_bytes()) for file in files}
    assert len(files) == 76
    assert sum(ledger.records for _, ledger in read_all.values()) == 502
    assert sum(len(records) for records, _ in read_all.values()) == 502
    assert sum(ledger.unreadable for _, ledger in read_all.values()) == 0
    with (folder / "EXPECTED_indicators.tsv").open() as rows:
        for row in csv.DictReader(rows, delimiter="\t"):
            records, _ = read_all[row["file"]]
            wanted = row["indicator"].lower()
            found = sum(any(wanted in value.text.lower() for value in record.values) for record in records)
            assert found == int(row["records"]), row


def test_clearings_of_real_logs(shared_data):
    folder = shared_data / "evtx-attack-samples"
    _, ledger = read((folder / "Defense Evasion" / "DE_104_system_log_cleared.evtx").read_bytes())
    assert reasons(ledger) == {Reason.LOG_CLEARED}
    _, ledger = read((folder / "Discovery" / "discovery_bloodhound.evtx").read_bytes())
    assert Reason.LOG_CLEARED in reasons(ledger)


def test_a_benign_system_log(system):
    records, ledger = read(system)
    assert (len(records), ledger.records, ledger.unreadable) == (5009, 5009, 0)
    # Installed services (7045) are pieces of what starts by itself; the log covers itself only.
    assert {seen.telemetry for seen in ledger.seen() if seen.spans} == {Telemetry.WINDOWS_EVENT}
    assert {seen.telemetry for seen in ledger.seen()} == {Telemetry.WINDOWS_EVENT, Telemetry.PERSISTENCE}
    assert reasons(ledger) == {Reason.CLOCK}
    assert min(record.time for record in records if record.time) == ledger.first
    # Numbers run on over weeks of silence.
    assert all(len(seen.spans) == 1 for seen in ledger.seen() if seen.spans)


def test_a_log_that_ends_early_gives_what_is_there_and_says_what_is_not(shared_data):
    body = (shared_data / "evtx-plaso-benign" / "System2.evtx").read_bytes()
    records, ledger = read(body)
    assert {record.event["Channel"] for record in records if record.telemetry is not Telemetry.TEXT} == {"Security"}
    # The library alone passes over the chunk that is cut off, without a word: 194 records.
    _, whole = read(body[: HEADER + 2 * CHUNK])
    assert (whole.records, whole.unreadable) == (194, 0)
    assert (ledger.records, ledger.unreadable) == (285, 1)
    notes = " ".join(gap.note for gap in ledger.gaps if gap.reason is Reason.TRUNCATED)
    assert "the header says 96 chunks, 3 are there" in notes
    assert "64832 of 65536 bytes" in notes
    assert any("dirty" in note for note in ledger.notes)


def test_a_wiped_chunk_is_a_gap_and_a_jump(short):
    body = bytearray(short)
    body[HEADER + CHUNK : HEADER + 2 * CHUNK] = bytes(CHUNK)
    _, whole = read(short)
    _, ledger = read(bytes(body))
    assert ledger.records < whole.records
    assert {Reason.CORRUPT, Reason.RECORD_JUMP} <= reasons(ledger)
    assert any("wiped" in gap.note for gap in ledger.gaps)


def test_a_missing_chunk_is_told_by_the_header(short):
    _, ledger = read(short[: HEADER + 2 * CHUNK])
    assert "the header says 3 chunks, 2 are there" in {gap.note for gap in ledger.gaps}


def test_a_damaged_record_is_counted_named_and_searched(short):
    at = short.find(b"\x2a\x2a\x00\x00", HEADER + CHUNK + 20000)
    (number,) = struct.unpack_from("<Q", short, at + 8)
    body = bytearray(short)
    body[at + 30 : at + 50] = b"\xff" * 20
    _, whole = read(short)
    records, ledger = read(bytes(body))
    assert (ledger.records, ledger.unreadable, ledger.unreadable_at) == (whole.records, 1, [f"record {number}"])
    assert [r.locator for r in records if r.telemetry is Telemetry.TEXT] == [f"record {number}"]
    assert {Reason.CORRUPT, Reason.RECORD_JUMP} <= reasons(ledger)


def test_a_chunk_without_signature_is_searched_as_text(short):
    body = bytearray(short)
    body[HEADER + CHUNK : HEADER + CHUNK + 8] = b"????????"
    _, whole = read(short)
    records, ledger = read(bytes(body))
    assert ledger.records == whole.records
    text = [record for record in records if record.telemetry is Telemetry.TEXT]
    assert ledger.unreadable > 100
    # A record without any readable string leaves nothing to search.
    assert ledger.unreadable - 5 < len(text) <= ledger.unreadable
    assert any("no chunk signature" in gap.note for gap in ledger.gaps)


def circled(body: bytes) -> bytes:
    """Let the first two names of the first chunk lead to each other, and put its checksums right."""
    chunk = bytearray(body[HEADER : HEADER + CHUNK])
    one, two = [at for at in struct.unpack_from("<64I", chunk, 128) if at][:2]
    struct.pack_into("<I", chunk, one, two)
    struct.pack_into("<I", chunk, two, one)
    (free,) = struct.unpack_from("<I", chunk, 48)
    struct.pack_into("<I", chunk, 52, zlib.crc32(chunk[512:free]))
    struct.pack_into("<I", chunk, 124, zlib.crc32(chunk[128:512], zlib.crc32(chunk[:120])))
    return body[:HEADER] + bytes(chunk) + body[HEADER + CHUNK :]


def test_names_that_lead_to_each_other_do_not_hold_the_run(short):
    """The library would follow them for ever: the chunk is searched as text, and named."""
    (whole, all_of_it), (records, ledger) = read(short), read(circled(short))
    assert (len(whole), ledger.records) == (all_of_it.records, all_of_it.records)
    texts = [record for record in records if record.telemetry is Telemetry.TEXT]
    assert 100 < ledger.unreadable < ledger.records
    assert ledger.unreadable - len(texts) <= 2, "what holds no text cannot be searched"
    notes = [gap.note for gap in ledger.gaps if gap.reason is Reason.CORRUPT]
    assert "chunk 0 links its names in a circle" in notes
    assert f"chunk 0: {ledger.unreadable} records could not be rendered" in notes


def test_records_beyond_a_stale_chunk_header_are_read(short):
    """A log copied while in use: the header of its last chunk is older than its records."""
    _, whole = read(short)
    body, at = bytearray(short), HEADER + 2 * CHUNK
    (last,) = struct.unpack_from("<Q", body, at + 32)
    starts, position = [], 512
    while body[at + position : at + position + 4] == b"\x2a\x2a\x00\x00":
        starts.append(position)
        position += struct.unpack_from("<I", body, at + position + 4)[0]
    struct.pack_into("<Q", body, at + 32, last - 3)
    struct.pack_into("<I", body, at + 48, starts[-3])
    _, ledger = read(bytes(body))
    assert (ledger.records, ledger.unreadable) == (whole.records, 0)
    assert any("3 records more than its header says" in gap.note for gap in ledger.gaps)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    damage=st.lists(st.tuples(st.integers(0, CHUNK - 17), st.binary(min_size=1, max_size=16)), min_size=1, max_size=6)
)
def test_damage_never_makes_records_vanish_in_silence(short, damage):
    body = bytearray(short[: HEADER + CHUNK])
    struct.pack_into("<H", body, 42, 1)
    _, whole = read(bytes(body))
    for offset, noise in damage:
        body[HEADER + offset : HEADER + offset + len(noise)] = noise
    records, ledger = read(bytes(body))
    readable = ledger.records - ledger.unreadable
    assert readable == whole.records or Reason.CORRUPT in reasons(ledger)
    assert sum(record.telemetry is not Telemetry.TEXT for record in records) <= ledger.records


def test_an_empty_log_covers_nothing_and_says_so():
    records, ledger = read(EMPTY.ljust(HEADER, b"\x00"))
    assert (records, ledger.seen(), ledger.notes) == ([], (), ["the log holds no record"])


def test_a_file_that_ends_in_its_header_is_unread():
    with pytest.raises(ReadError) as error:
        read(EMPTY)
    assert error.value.reason is Reason.TRUNCATED


@pytest.mark.parametrize("literal", [b"winlogon.exe", b"GREENDALE", b"not there at all", b"\xe2\x80\x8e8/"])
def test_the_sieve_changes_nothing_but_the_work(system, literal):
    records, ledger = read(system)
    sieved, same = read(system, literal)
    assert [r for r in records if literal.lower() in "\n".join(r.event.values()).encode().lower()] == sieved
    assert (ledger.seen(), ledger.gaps, ledger.records, ledger.first) == (
        same.seen(),
        same.gaps,
        same.records,
        same.first,
    )


class ByOrigin(Literals):
    """Admits events of one number whatever they hold, of the others those that hold a literal."""

    def concerns(self, telemetry: Telemetry, product: str, service: str, number: int) -> bool:
        return number == 7036

    def admits_from(self, raw: str, telemetry: Telemetry, product: str, service: str, number: int) -> bool:
        return self.concerns(telemetry, product, service, number) or self.admits(raw.encode())


def test_a_sieve_that_knows_log_sources_is_asked_about_each(system):
    records, ledger = read(system)
    sieved = Ledger()
    found = list(Evtx().read(opened(system), ByOrigin((b"winlogon.exe",)), sieved))
    texts = {record.locator: "\n".join(record.event.values()).lower() for record in records}
    wanted = [r for r in records if r.event["EventID"] == "7036" or "winlogon.exe" in texts[r.locator]]
    assert found == wanted
    assert 0 < len(found) < len(records)
    assert (sieved.seen(), sieved.gaps, sieved.logged) == (ledger.seen(), ledger.gaps, ledger.logged)


@pytest.mark.parametrize("group", [1, 3, 100_000])
def test_how_many_are_taken_at_a_time_changes_nothing(short, monkeypatch, group):
    records, ledger = read(short, b"winlogon.exe")
    monkeypatch.setattr(evtx_render, "GROUP", group)
    monkeypatch.setattr(evtx_render, "GROUP_TEXT", group * 700)
    again, same = read(short, b"winlogon.exe")
    assert again == records
    assert (ledger.seen(), ledger.gaps, ledger.records, ledger.logged) == (
        same.seen(),
        same.gaps,
        same.records,
        same.logged,
    )


def test_the_control_takes_the_way_of_all_records():
    (record,) = Evtx().control_records(PLANT)
    texts = {value.text for value in record.values}
    assert {PLANT.host, PLANT.address, PLANT.path} <= texts
    assert record.telemetry is Telemetry.DNS_QUERY
    assert list(Evtx().control_records(PLANT, Literals((PLANT.host.encode(),)))) == [record]
    assert list(Evtx().control_records(PLANT, Literals((b"something else",)))) == []
