"""Runs of readable characters in bytes that no format explains: ASCII, and UTF-16 in Windows' byte order.

A block is searched three times by the sieve: as it is, and each half of its bytes (every second one), in which text in
UTF-16 stands without the zeros between, and nothing else: a name beside other bytes would have no borders. Only what
surrounds a find is looked at further, in cells of a fixed grid, so that the same strings come out whether the sieve
chose the cells or all are asked for. Text beyond ASCII is not found.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nachsorge.evidence.seams import Sieve

BLOCK = 4 * 1024 * 1024
CELL = 1024
"""A longer run of characters is given in pieces of this size."""

MARGIN = 256
"""A piece reaches so far into its neighbours: what stands at a border is whole in one of them."""

_UNIT = 4 * CELL
_ASCII = re.compile(rb"[\x20-\x7e]{6,}")
_BETWEEN = re.compile(rb"[^0-9A-Za-z_.-]")
_WORD = re.compile(rb"[0-9A-Za-z_.-]*\Z")
_KEPT = b"\xff" + bytes(255)
_UTF16 = re.compile(rb"(?:[\x20-\x7e]\x00){6,}")


class Found(NamedTuple):
    """One string: where it begins, in which encoding, and its text."""

    offset: int
    encoding: str
    text: str


def strings(stream: BinaryIO, sieve: Sieve) -> Iterator[Found | None]:
    """Yield the strings that the sieve admits, and None behind each block, so that the caller can count them."""
    block, base = stream.read(BLOCK), 0
    while block:
        more = stream.read(BLOCK)
        low = _UNIT if base else 0
        limit = (len(block) - _UNIT) // _UNIT * _UNIT if more else len(block)
        if limit > low:
            yield from _of_block(block, base, low, limit, sieve)
            keep = limit - _UNIT if more else 0
            base, block = base + keep, block[keep:]
        yield None
        block = block + more if more else b""


def _of_block(block: bytes, base: int, low: int, limit: int, sieve: Sieve) -> Iterator[Found]:
    for cell, places in _cells(block, low, limit, sieve):
        for start, end in _pieces(block, cell, 1, 0, places):
            yield Found(base + start, "ascii", block[start:end].decode("ascii"))
    for odd in (0, 1):
        for cell, places in _cells(_half(block, odd), low // 2, (limit + 1) // 2, sieve):
            for start, end in _pieces(block, cell, 2, odd, places):
                yield Found(base + start, "utf-16le", block[start:end:2].decode("ascii"))


def _half(block: bytes, odd: int) -> bytes:
    """Give every second byte from `odd` on; those that no zero follows, which are no ASCII in UTF-16, as zeros."""
    low = block[odd::2]
    kept = block[odd + 1 :: 2].translate(_KEPT).ljust(len(low), b"\0")
    return (int.from_bytes(low, "little") & int.from_bytes(kept, "little")).to_bytes(len(low), "little")


def _cells(data: bytes, low: int, limit: int, sieve: Sieve) -> Iterable[tuple[int, list[int] | None]]:
    """Give the cells that begin in [low, limit) and the places of finds in each; None for all places."""
    if sieve.everything:
        return [(start, None) for start in range(low, limit, CELL)]
    cells: defaultdict[int, list[int]] = defaultdict(list)
    for end in sieve.ends(data):
        place = end - 1
        for number in range(max(place - MARGIN, 0) // CELL, (place + MARGIN) // CELL + 1):
            if low <= number * CELL < limit:
                cells[number * CELL].append(place)
    return sorted(cells.items())


def _pieces(block: bytes, cell: int, width: int, odd: int, places: list[int] | None) -> Iterator[tuple[int, int]]:
    """Give the bounds, in bytes, of the runs in one cell and its margins, of those alone that hold a place.

    `width` is bytes a character; cells and places count characters of the half that begins at `odd`.
    """
    first, last = max(cell - MARGIN, 0) * width + odd, (cell + CELL + MARGIN) * width + odd
    inner = (cell * width + odd, (cell + CELL) * width + odd)
    window = block[first:last]
    for run in (_ASCII if width == 1 else _UTF16).finditer(window):
        start, end = first + run.start(), first + run.end()
        if (width == 2 and run.start() % 2) or end <= inner[0] or start >= inner[1]:
            continue  # of the other half, or of a neighbour alone
        if start == first and cell:
            start = _behind(block, start, inner[0], width)
        if end > last - width:
            end = _before(block, inner[1], end, width)
        if places is None or any(start <= place * width + odd < end for place in places):
            yield start, end


def _behind(block: bytes, start: int, inner: int, width: int) -> int:
    """Leave out the word that the margin may cut at its left, where it ends before the cell."""
    found = _BETWEEN.search(block[start:inner:width])
    return start + found.end() * width if found else start


def _before(block: bytes, inner: int, end: int, width: int) -> int:
    """Leave out the word that the margin may cut at its right, where it begins behind the cell."""
    margin = block[inner:end:width]
    word = _WORD.search(margin)
    return inner + word.start() * width if word and word.start() else end
