"""Images of memory, by their strings."""

from __future__ import annotations

import io
import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.evidence.artefact_kit import read_member, shows_plant
from tests.evidence_kit import Everything, Literals, read_bytes

from nachsorge.evidence import strings as module
from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.memory_image import MemoryImage
from nachsorge.evidence.strings import Found, strings
from nachsorge.matching import tokens
from nachsorge.matching.store import NOWHERE
from nachsorge.model.words import Kind, Reason, Status, Telemetry

READER = MemoryImage()
WANTED = b"evil.example"
LIME = b"EMiL\x01\0\0\0" + bytes(5000) + b"GET http://evil.example/a\0" + bytes(5000)


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BLOCK", 12_288)


def found(body: bytes, *literals: bytes) -> list[Found]:
    sieve = Literals(literals) if literals else Everything()
    return [one for one in strings(io.BytesIO(body), sieve) if one is not None]


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("encoding", ["ascii", "utf-16-le"])
def test_a_string_is_found_wherever_it_lies(encoding: str):
    text = WANTED.decode().encode(encoding)
    for at in [*range(0, 200), *range(1_000, 1_300), *range(12_000, 12_600), *range(8_100, 8_300, 3), 30_000]:
        body = bytearray(30_100)
        body[at : at + len(text)] = text
        if len(body) > 30_100:
            continue
        assert {(one.offset, one.text) for one in found(bytes(body), WANTED)} == {(at, "evil.example")}, at


@pytest.mark.skipif(not tokens.available(), reason="the extra big-lists is not installed")
@pytest.mark.parametrize("beside", [b"", b"\x65\x4e", b"e", b"-\x01", b"\0e\x65"])
@pytest.mark.parametrize("odd", [0, 1])
def test_names_are_found_by_a_table_whatever_bytes_touch_them(beside: bytes, odd: int):
    sieve = tokens.TokenSieve([{"evil.example"}], (), NOWHERE)
    for text in (b"to evil.example now", "evil.example".encode("utf-16-le"), "to evil.example".encode("utf-16-le")):
        wide = beside if text[1:2] == b"\0" else b"\0" + beside + b"\0"
        body = bytes(64 + odd) + wide + text + wide + bytes(64)
        every, some = ([one for one in strings(io.BytesIO(body), each) if one] for each in (Everything(), sieve))
        met = [one for one in every if re.search(r"(?<![\w.-])evil\.example(?![\w.-])", one.text)]
        assert met or beside == b"e"  # in ASCII, that would be another name
        assert [one for one in some if one in met] == met


@pytest.mark.usefixtures("small_blocks")
@given(st.integers(0, 2**32))
def test_the_sieve_chooses_among_the_same_strings(seed: int):
    chance = random.Random(seed)
    body = bytearray(chance.randbytes(30_000))
    for number in range(30):
        text = b"x" * chance.randrange(2_000) + b" to evil.example:443 " + b"y" * chance.randrange(400)
        text = text.decode().encode("utf-16-le") if number % 3 == 0 else text
        at = chance.randrange(len(body) - len(text) - 1) if len(text) < 29_000 else 0
        body[at : at + len(text)] = text
    every, some = found(bytes(body)), found(bytes(body), WANTED)
    assert set(some) <= set(every)
    assert {one for one in every if "evil.example" in one.text} == {one for one in some if "evil.example" in one.text}
    assert bool(some) == bool(re.search(rb"evil\.example|e\0v\0i\0l\0\.\0e\0x", body))


def test_a_long_run_is_cut_between_words():
    body = bytes(2_000) + b"word-" * 200 + b"notevil.example " * 300 + bytes(2_000)
    for one in found(body, WANTED):
        assert not re.search(r"(?<![a-z-])evil\.example", one.text)


def test_what_is_met_is_a_weak_record():
    assert reader_for(LIME, "host.lime").name == "memory_image"
    (record,), reading = read_member(READER, LIME)
    assert (record.telemetry, record.locator) == (Telemetry.TEXT, "offset 0x1390")
    assert record.weak and [(v.kind, v.text) for v in record.values] == [(Kind.TEXT, "GET http://evil.example/a")]
    assert (reading.status, reading.reason) == (Status.PARTLY, Reason.NOT_SUPPORTED)
    assert "cover nothing" in reading.note and "LiME" in reading.note
    assert all(seen.spans == () for seen in reading.seen)


def test_a_string_is_given_once():
    body = b"PAGEDU64" + (bytes(3_000) + b"evil.example\0") * 20
    assert len(read_bytes(READER, body, WANTED)[0]) == 1


@pytest.mark.parametrize(
    ("head", "name", "taken"),
    [
        (b"PAGEDU64" + bytes(99), "MEMORY.DMP", True),
        (b"PAGEDUMP" + bytes(99), "x", True),
        (b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x04\x00" + bytes(99), "core", True),
        (bytes(9_000), "pc.vmem", True),
        (bytes(9_000), "pc.bin", False),
        (b"text in a file" * 900, "pc.raw", False),
        (b"\x7c" + bytes(9_000), "RamCapture.bin", True),
        (b"\x7c" + bytes(9_000), "PC17-MEM-2023.dd", True),
        (b"\x7c" + bytes(9_000), "program.bin", False),
        (b"\x7c" + bytes(9_000), "firmware.img", False),
        (bytes(510) + b"\x55\xaa" + bytes(9_000), "disk.raw", False),
        (bytes(3) + b"NTFS    " + bytes(9_000), "disk.raw", False),
        (bytes(1_080) + b"\x53\xef" + bytes(9_000), "disk.raw", False),
    ],
)
def test_what_is_taken_for_memory(head: bytes, name: str, taken: bool):
    assert (READER.accepts(head, name) > 0) is taken


def test_compressed_images_are_named_with_their_remedy():
    for magic in (b"KDUMP   ", b"AVML\x02\0", b"HIBR"):
        _, reading = read_member(READER, magic + bytes(500))
        assert (reading.status, reading.reason) == (Status.UNREAD, Reason.NOT_SUPPORTED) and "unpack it" in reading.note


def test_anything_is_borne():
    chance = random.Random(1)
    for size in (0, 1, 7, 4_095, 4_096, 8_193):
        records, reading = read_member(READER, chance.randbytes(size))
        assert reading.reason is not Reason.FAILED and (records == [] or size)
    assert READER.accepts(b"", "x.raw") == 0
    shows_plant(READER, LIME)
