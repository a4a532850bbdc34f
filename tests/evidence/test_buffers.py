"""Blocks come whole and in order, also where two streams are read at once."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, BinaryIO, cast

from hypothesis import given
from hypothesis import strategies as st

from nachsorge.evidence.buffers import borrowed

if TYPE_CHECKING:
    from pathlib import Path

LONG = bytes(range(251)) * 4096


def _read(stream: BinaryIO) -> bytes:
    return b"".join(map(bytes, borrowed(stream)))


@given(size=st.integers(0, len(LONG)))
def test_all_bytes_come(size: int) -> None:
    assert _read(io.BytesIO(LONG[:size])) == LONG[:size]


def test_files_of_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "long.bin"
    path.write_bytes(LONG)
    with path.open("rb") as stream:
        assert _read(stream) == LONG


def test_a_stream_that_only_reads() -> None:
    class Slow:
        def __init__(self) -> None:
            self.inner = io.BytesIO(LONG)

        def read(self, size: int) -> bytes:
            return self.inner.read(min(size, 1000))

    assert _read(cast("BinaryIO", Slow())) == LONG


def test_two_at_once_do_not_share_a_buffer() -> None:
    one, other = borrowed(io.BytesIO(LONG)), borrowed(io.BytesIO(LONG[::-1]))
    first, second = next(one), next(other)
    assert bytes(first) == LONG[: len(first)]
    assert bytes(second) == LONG[::-1][: len(second)]


def test_every_thread_has_its_own() -> None:
    texts = [bytes([number]) * len(LONG) for number in range(8)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda text: _read(io.BytesIO(text)), texts)) == texts


def test_left_half_way_the_buffer_is_free_again() -> None:
    some = borrowed(io.BytesIO(LONG))
    next(some)
    some.close()  # type: ignore[attr-defined]
    assert isinstance(next(borrowed(io.BytesIO(LONG))), memoryview)
