"""Texts of an index in blocks of lines: fetched ahead of whoever searches them, and some found by their numbers."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from nachsorge.index.shapes import text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from nachsorge.index.found import Key

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Block:
    """Texts of a domain, numbered from `first` on, each a line of `texts`."""

    domain: str
    first: int
    texts: bytes


def texts_in(blocks: Iterable[tuple[Block, int]], wanted: Iterable[Key]) -> dict[Key, str]:
    """Give some texts of blocks, each of which comes with a number behind its last (`bounded`, `unbounded`)."""
    asked: dict[str, list[int]] = defaultdict(list)
    for domain, number in sorted(set(wanted)):
        asked[domain].append(number)
    found: dict[Key, str] = {}
    for block, end in blocks:
        numbers = asked[block.domain]
        within = numbers[bisect_left(numbers, block.first) : bisect_left(numbers, end)]
        lines = block.texts.split(b"\n") if within else []
        for number in within:
            if number - block.first < len(lines):
                found[block.domain, number] = text_of(lines[number - block.first].decode())
    return found


def ahead(fetch: Callable[[], list[_T]]) -> Iterator[list[_T]]:
    """Fetch until there is nothing, the next while this one is looked at."""
    with ThreadPoolExecutor(1, "ahead") as thread:
        waiting = thread.submit(fetch)
        while listed := waiting.result():
            waiting = thread.submit(fetch)
            yield listed


def bounded(blocks: Sequence[Block]) -> Iterator[tuple[Block, int]]:
    """Give each block with the number behind its last, which is the first of the next."""
    ends: dict[str, int] = {}
    for block in sorted(blocks, key=lambda block: block.first, reverse=True):
        yield block, ends.get(block.domain, block.first + len(block.texts) + 1)
        ends[block.domain] = block.first


def unbounded(blocks: Iterable[Block]) -> Iterator[tuple[Block, int]]:
    """Give each block with a number behind its last: it has no more lines than bytes and one."""
    return ((block, block.first + len(block.texts) + 1) for block in blocks)
