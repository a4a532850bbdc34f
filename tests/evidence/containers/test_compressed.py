"""gzip, bzip2, xz, zstd: all bytes, and before damage all that can be had."""

from __future__ import annotations

import bz2
import gzip
import lzma
import random
import struct
import zlib
from typing import TYPE_CHECKING

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.evidence_kit import opened

from nachsorge.evidence.containers import Limits, container_of, leaves
from nachsorge.evidence.containers.streams import read_whole
from nachsorge.evidence.containers.zstd import Frame
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.seams import Opened, ReadError
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Callable

BODY = random.Random(1).randbytes(70_000) + b"2023-03-29 a line of a log\n" * 30_000
FORMS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstandard.ZstdCompressor(write_checksum=True).compress,
}


def drain(source: Opened, step: int = 1 << 20) -> tuple[bytes, Reason | None]:
    """Read like a reader does: block by block until nothing comes, or an error does."""
    parts: list[bytes] = []
    with source.open() as stream:
        try:
            while data := stream.read(step):
                parts.append(data)
        except ReadError as problem:
            return b"".join(parts), problem.reason
    return b"".join(parts), None


def only(body: bytes, name: str) -> Opened:
    (leaf,) = leaves(opened(body, name), Limits(), Ledger())
    return leaf


@pytest.mark.parametrize("form", FORMS)
def test_one_stream_gives_its_bytes_and_can_be_opened_again(form):
    leaf = only(FORMS[form](BODY), f"dns.log.{form}")
    assert (leaf.name, leaf.path) == ("dns.log", f"dns.log.{form}")
    assert drain(leaf) == (BODY, None)
    assert drain(leaf, 777) == (BODY, None)


@pytest.mark.parametrize("form", FORMS)
def test_streams_one_behind_the_other_all_count(form):
    assert drain(only(FORMS[form](BODY) + FORMS[form](b"second"), f"x.{form}")) == (BODY + b"second", None)
    assert drain(only(FORMS[form](b"") + FORMS[form](b"second") + bytes(16), f"x.{form}")) == (b"second", None)


@pytest.mark.parametrize("form", FORMS)
def test_what_came_before_a_cut_stays(form):
    packed = FORMS[form](b"first" * 1000) + FORMS[form](BODY)
    got, reason = drain(only(packed[: len(packed) - 20], f"x.{form}"))
    assert reason is Reason.TRUNCATED
    assert got.startswith(b"first" * 1000)
    assert (b"first" * 1000 + BODY).startswith(got)


@pytest.mark.parametrize("form", FORMS)
def test_foreign_bytes_behind_the_end_are_told(form):
    assert drain(only(FORMS[form](b"good") + b"foreign bytes", f"x.{form}")) == (b"good", Reason.CORRUPT)


def test_a_wrong_gzip_checksum_is_told_behind_the_bytes():
    packed = bytearray(gzip.compress(b"all of it"))
    packed[-5] ^= 1
    assert drain(only(bytes(packed), "x.gz")) == (b"all of it", Reason.CORRUPT)


def test_damage_in_the_middle_of_gzip_gives_everything_up_to_it():
    engine = zlib.compressobj(wbits=31)
    packed = engine.compress(b"before the damage\n" * 100) + engine.flush(zlib.Z_FULL_FLUSH)
    got, reason = drain(only(packed + b"\xff" * 30, "x.gz"))
    assert (got, reason) == (b"before the damage\n" * 100, Reason.CORRUPT)


def test_gzip_headers_with_all_optional_fields_are_passed_over():
    plain = gzip.compress(b"body")
    head = plain[:3] + bytes([2 | 4 | 8 | 16]) + plain[4:10]
    full = head + struct.pack("<H", 5) + b"extra" + b"name\0" + b"comment\0" + b"cc" + plain[10:]
    assert drain(only(full, "x.gz")) == (b"body", None)


def test_zstd_skippable_frames_are_passed_over():
    skip = b"\x53\x2a\x4d\x18" + struct.pack("<I", 3) + b"abc"
    assert drain(only(skip + FORMS["zst"](b"body") + skip, "x.zst")) == (b"body", None)


def test_zstd_that_wants_a_huge_window_is_a_limit():
    parameters = zstandard.ZstdCompressionParameters.from_level(1, window_log=28)
    packed = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    body = packed.compress(b"x" * 1000) + packed.flush()
    assert drain(only(body, "x.zst")) == (b"", Reason.LIMIT)


@given(
    body=st.binary(max_size=2000),
    cut=st.integers(0, 4000),
    form=st.sampled_from(sorted(FORMS)),
    flip=st.integers(0, 4000),
)
def test_damage_never_raises_anything_else(body, cut, form, flip):
    packed = bytearray(FORMS[form](body))
    if flip < len(packed):
        packed[flip] ^= 0x55
    source = opened(bytes(packed[: len(packed) - cut % len(packed)]), f"x.{form}")
    for leaf in leaves(source, Limits(), Ledger()):
        drain(leaf)


@given(
    head=st.sampled_from(
        [b"\x1f\x8b\x08", b"BZh91AY&SY", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd", b"PK\3\4", b"PK\5\6", b""]
    ),
    rest=st.binary(max_size=600),
)
def test_any_bytes_raise_nothing_else(head, rest):
    for leaf in leaves(opened(head + rest, "x"), Limits(), Ledger()):
        drain(leaf)


def test_only_the_content_decides():
    assert container_of(b"plain text, whatever it is called", "x.gz") is None


def test_lines_and_seeking_work_on_the_unpacked_stream():
    leaf = only(gzip.compress(b"one\ntwo\nthree"), "x.gz")
    with leaf.open() as stream:
        assert [stream.readline(), stream.read(2), stream.tell()] == [b"one\n", b"tw", 6]
        assert stream.seek(-5, 2) == 8
        assert stream.read() == b"three"
        stream.seek(0)
        assert list(stream) == [b"one\n", b"two\n", b"three"]


def test_reading_all_of_a_damaged_stream_is_an_error_and_no_short_answer():
    leaf = only(gzip.compress(BODY)[:-4], "x.gz")
    with leaf.open() as stream, pytest.raises(ReadError):
        stream.read()
    with leaf.open() as stream, pytest.raises(ReadError):
        read_whole(stream, 1 << 30)


def test_real_zeek_logs_open_to_what_zlib_gives(shared_data):
    logs = sorted((shared_data / "zeek-logs-wrccdc2018").glob("*.gz"))
    assert logs
    for log in logs:
        packed = log.read_bytes()
        assert drain(only(packed, log.name)) == (zlib.decompress(packed, wbits=31), None)


BLOCK = 128 * 1024


def repeated(blocks: int) -> bytes:
    """A zstd frame of blocks that four bytes stand for."""
    body = b"".join(
        ((BLOCK << 3) | 2 | (number == blocks - 1)).to_bytes(3, "little") + b"x" for number in range(blocks)
    )
    return b"\x28\xb5\x2f\xfd\x00\x58" + body


def test_four_bytes_that_stand_for_a_block_give_one_block_at_a_time():
    frame, data, total = Frame(), repeated(1000), 0
    while not frame.eof:
        total += len(frame.decompress(data, BLOCK * 10))
        assert len(frame._output) <= BLOCK
        data = b""
    assert total == 1000 * BLOCK


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=2000), st.integers(1, 300), st.booleans(), st.integers(1, 19), st.integers(1, 5000))
def test_wherever_the_input_of_zstd_is_cut(piece, times, checksum, level, cut):
    body = piece * times
    packed = zstandard.ZstdCompressor(level=level, write_checksum=checksum).compress(body) + b"tail"
    frame, given, at = Frame(), b"", 0
    while not frame.eof:
        data = packed[at : at + cut] if frame.needs_input else b""
        at += len(data)
        given += frame.decompress(data, 1 << 18)
    assert given == body
    assert frame.unused_data + packed[at:] == b"tail"
