"""Streams over chunks: however they are read, they give the same bytes, and the damage behind the last of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nachsorge.evidence.containers.streams import Pull
from nachsorge.evidence.seams import ReadError
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

CHUNKS = st.lists(st.binary(min_size=1, max_size=9), max_size=8)


def stream(chunks: list[bytes], damaged: bool) -> Pull:
    def made() -> Iterator[bytes]:
        yield from chunks
        if damaged:
            raise ReadError(Reason.CORRUPT, "damage")

    return Pull(made)


@given(CHUNKS, st.booleans(), st.lists(st.integers(1, 20), min_size=1))
def test_a_buffer_is_filled_as_far_as_reading_would(chunks, damaged, sizes):
    read, filled = stream(chunks, damaged), stream(chunks, damaged)
    for turn in range(200):
        size = sizes[turn % len(sizes)]
        buffer = bytearray(size)
        try:
            expected = read.read(size)
        except ReadError:
            with pytest.raises(ReadError):
                filled.readinto(buffer)
            break
        assert bytes(buffer[: filled.readinto(buffer)]) == expected
        assert filled.tell() == read.tell()
        if not expected:
            break
    else:
        pytest.fail("no end")
    assert damaged or read.tell() == len(b"".join(chunks))


def test_nothing_is_asked_of_a_stream_by_an_empty_buffer():
    assert stream([b"a"], damaged=True).readinto(bytearray()) == 0
