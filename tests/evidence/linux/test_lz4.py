"""Blocks of LZ4."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nachsorge.evidence.linux.lz4 import unpacked


def packed(parts: list[tuple[bytes, int, int]], tail: bytes) -> bytes:
    """Write a block: literals, how far back, how much (at least four), and literals at the end."""
    made = b""
    for literals, back, count in parts:
        made += _token(len(literals), count - 4) + literals + back.to_bytes(2, "little") + _more(count - 4)
    return made + _token(len(tail), 0) + tail


def _token(literals: int, copied: int) -> bytes:
    return bytes([min(literals, 15) << 4 | min(copied, 15)]) + _more(literals)


def _more(length: int) -> bytes:
    if length < 15:
        return b""
    return b"\xff" * ((length - 15) // 255) + bytes([(length - 15) % 255])


@given(
    st.lists(st.tuples(st.binary(min_size=1, max_size=400), st.integers(1, 500), st.integers(4, 700)), max_size=5),
    st.binary(max_size=300),
)
def test_what_was_packed_comes_back(steps, tail):
    whole, parts = bytearray(), []
    for literals, back, count in steps:
        whole += literals
        back = min(back, len(whole))
        parts.append((literals, back, count))
        for _ in range(count):
            whole.append(whole[-back])
    whole += tail
    assert unpacked(packed(parts, tail), len(whole)) == bytes(whole)


@pytest.mark.parametrize("length", [14, 15, 16, 29, 30, 31, 269, 270, 271, 285, 524, 525, 526])
def test_lengths_of_every_width(length):
    body = bytes(number % 251 for number in range(length))
    assert unpacked(packed([(body, 3, length + 4)], b"end"), 2 * length + 7) is not None
    assert unpacked(packed([], body), length) == body


@pytest.mark.parametrize(
    ("block", "size"),
    [
        (b"", 1),
        (b"\x50abc", 5),  # fewer literals than promised
        (b"\x10a\x02\x00\x00", 5),  # from before the beginning
        (b"\x10a\x00\x00\x00", 5),  # no distance
        (b"\x1fa\x01\x00\xff\xff", 600),  # a length that breaks off
        (packed([(b"a", 1, 600)], b""), 599),
        (packed([], b"abc"), 2),
    ],
)
def test_what_is_damaged_is_nothing(block, size):
    assert unpacked(block, size) is None


@given(st.binary(max_size=200), st.integers(0, 5000))
def test_any_bytes_end_in_the_stated_size_or_nothing(block, size):
    found = unpacked(block, size)
    assert found is None or len(found) == size
