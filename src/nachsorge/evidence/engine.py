"""Hyperscan where there is a wheel for this platform, else None; those that use it have a pure path.

Beside it the two searches that the line engine runs over whole blocks. Hyperscan goes through a block at 4 to 10 GB/s
where nothing is found; `bytes.find` of two bytes manages 1.2 and a regular expression less.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

hyperscan: Any
try:
    import hyperscan
except ImportError:  # no wheel for this platform (design, section 7)
    hyperscan = None

__all__ = ["contains", "finder", "hyperscan", "present"]


@lru_cache(maxsize=64)
def finder(literals: tuple[bytes, ...]) -> Callable[[bytes | memoryview], list[int]]:
    """Compile byte runs, case kept, into a search that gives where each one found begins, in no order."""
    if not literals:
        return lambda block: []
    # A literal is cut at a NUL by the wrapper, and it would be found everywhere.
    if hyperscan is None or any(b"\0" in literal for literal in literals):
        return lambda block: [at for literal in literals for at in _each(bytes(block), literal)]
    if len(literals) == 2:
        # One alone is found four times as fast as several.
        first, second = (finder((literal,)) for literal in literals)
        return lambda block: first(block) + second(block)
    database, scratch = _compiled(literals, literal=True, flag=0)

    def find(block: bytes | memoryview) -> list[int]:
        found: list[int] = []
        database.scan(
            block, match_event_handler=lambda i, _s, end, *_: found.append(end - len(literals[i])), scratch=scratch
        )
        return found

    return find


@lru_cache(maxsize=64)
def contains(*patterns: bytes) -> Callable[[bytes], bool]:
    """Compile patterns (of the syntax that `re` and Hyperscan share) into a test whether any is in a block."""
    if hyperscan is None:
        search = re.compile(b"|".join(patterns)).search
        return lambda block: search(block) is not None
    database, scratch = _compiled(patterns, literal=False, flag=hyperscan.HS_FLAG_SINGLEMATCH)

    def test(block: bytes) -> bool:
        found: list[int] = []
        database.scan(block, match_event_handler=lambda i, *_: found.append(i), scratch=scratch)
        return bool(found)

    return test


def present(patterns: tuple[bytes, ...]) -> Callable[[bytes], frozenset[int]] | None:
    """Compile patterns into a search for the numbers of those that are in a block; None without Hyperscan."""
    if hyperscan is None:
        return None
    database, scratch = _compiled(patterns, literal=False, flag=hyperscan.HS_FLAG_SINGLEMATCH)

    def search(block: bytes) -> frozenset[int]:
        found: list[int] = []
        database.scan(block, match_event_handler=lambda i, *_: found.append(i), scratch=scratch)
        return frozenset(found)

    return search


def _compiled(patterns: tuple[bytes, ...], *, literal: bool, flag: int) -> tuple[Any, Any]:
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    numbers = list(range(len(patterns)))
    database.compile(expressions=list(patterns), ids=numbers, flags=[flag] * len(patterns), literal=literal)
    return database, hyperscan.Scratch(database)


def _each(block: bytes, literal: bytes) -> list[int]:
    places, at = [], block.find(literal)
    while at >= 0:
        places.append(at)
        at = block.find(literal, at + 1)
    return places
