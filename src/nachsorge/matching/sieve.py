"""The sieve: one compiled search for all literals, handed to readers.

Hyperscan where there is a wheel (it releases the interpreter lock and costs the same for ten or a thousand literals),
else one regular expression. What cannot be named by a literal makes the sieve admit everything.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

Search = Callable[[bytes], list[int]]

hyperscan: Any
try:
    import hyperscan
except ImportError:  # no wheel for this platform (design, section 7)
    hyperscan = None


class OpenSieve:
    """Admits everything (`--no-sieve`, or a test without a literal)."""

    everything = True

    def ends(self, block: bytes) -> list[int]:
        """Is never asked, since everything is read."""
        return []

    def admits(self, raw: bytes) -> bool:
        """Admit it."""
        return True


class LiteralSieve:
    """Finds any of the literals, ASCII case ignored."""

    everything = False

    def __init__(self, literals: Iterable[str]) -> None:
        """Compile the literals; none at all admits nothing."""
        ordered = sorted({literal.encode() for literal in literals})
        build = _portable if hyperscan is None else _native
        self._search: Search = build(ordered) if ordered else lambda block: []

    def ends(self, block: bytes) -> list[int]:
        """Give the end offsets of all literals in the block, sorted."""
        return self._search(block)

    def admits(self, raw: bytes) -> bool:
        """Tell whether one record holds a literal."""
        return bool(self._search(raw))


def make_sieve(literals: Iterable[frozenset[str] | None], enabled: bool = True) -> OpenSieve | LiteralSieve:
    """Join the literals of all tests; a test without any, or `enabled` off, opens the sieve."""
    joined: set[str] = set()
    for part in literals:
        if part is None or not enabled:
            return OpenSieve()
        joined |= part
    return LiteralSieve(joined)


def _native(ordered: list[bytes]) -> Search:
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(
        expressions=ordered,
        ids=list(range(len(ordered))),
        flags=[hyperscan.HS_FLAG_CASELESS] * len(ordered),
        literal=True,
    )
    scratch = hyperscan.Scratch(database)

    def search(block: bytes) -> list[int]:
        ends: list[int] = []
        database.scan(block, match_event_handler=lambda _i, _s, end, *_: ends.append(end), scratch=scratch)
        ends.sort()
        return ends

    return search


def _portable(ordered: list[bytes]) -> Search:
    pattern = re.compile(b"|".join(re.escape(literal) for literal in ordered), re.IGNORECASE)
    return lambda block: [found.end() for found in pattern.finditer(block)]
