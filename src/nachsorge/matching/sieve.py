"""The sieve: one compiled search for all literals, handed to readers.

Hyperscan where there is a wheel (it releases the interpreter lock and costs the same for ten or a thousand literals),
else one regular expression. What cannot be named by a literal makes the sieve admit everything.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from nachsorge.matching.store import NOWHERE, Store, digest_of

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONG = 5_000
"""From so many literals on, compiling takes longer than loading what was compiled."""

Search = Callable[[bytes | memoryview], list[int]]

hyperscan: Any
try:
    import hyperscan
except ImportError:  # no wheel for this platform (design, section 7)
    hyperscan = None


class OpenSieve:
    """Admits everything (`--no-sieve`, or a test without a literal)."""

    everything = True

    def ends(self, block: bytes | memoryview) -> list[int]:
        """Is never asked, since everything is read."""
        return []

    def admits(self, raw: bytes) -> bool:
        """Admit it."""
        return True


class LiteralSieve:
    """Finds any of the literals, ASCII case ignored."""

    everything = False

    def __init__(self, literals: Iterable[str], store: Store | None = None) -> None:
        """Compile the literals, or load them compiled; none at all admits nothing."""
        ordered = sorted({literal.encode() for literal in literals})
        self._search: Search = lambda block: []
        if ordered:
            self._search = _portable(ordered) if hyperscan is None else _native(ordered, store or NOWHERE)

    def ends(self, block: bytes | memoryview) -> list[int]:
        """Give the end offsets of all literals in the block, sorted."""
        return self._search(block)

    def admits(self, raw: bytes) -> bool:
        """Tell whether one record holds a literal."""
        return bool(self._search(raw))


def make_sieve(
    literals: Iterable[frozenset[str] | None], enabled: bool = True, store: Store | None = None
) -> OpenSieve | LiteralSieve:
    """Join the literals of all tests; a test without any, or `enabled` off, opens the sieve."""
    joined: set[str] = set()
    for part in literals:
        if part is None or not enabled:
            return OpenSieve()
        joined |= part
    return LiteralSieve(joined, store)


def _database(ordered: list[bytes]) -> Any:
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(
        expressions=ordered,
        ids=list(range(len(ordered))),
        flags=[hyperscan.HS_FLAG_CASELESS] * len(ordered),
        literal=True,
    )
    return database


def _kept_database(ordered: list[bytes], store: Store) -> Any:
    name = digest_of((hyperscan.__version__.encode(), *ordered))
    kept = store.get("literals", name)
    if kept is not None:
        try:
            return hyperscan.loadb(kept, hyperscan.HS_MODE_BLOCK)
        except hyperscan.error:
            pass  # of another processor, or damaged: compiled anew
    database = _database(ordered)
    store.put("literals", name, hyperscan.dumpb(database))
    return database


def _native(ordered: list[bytes], store: Store) -> Search:
    database = _kept_database(ordered, store) if len(ordered) >= _LONG else _database(ordered)
    scratch = hyperscan.Scratch(database)

    def search(block: bytes | memoryview) -> list[int]:
        ends: list[int] = []
        database.scan(block, match_event_handler=lambda _i, _s, end, *_: ends.append(end), scratch=scratch)
        ends.sort()
        return ends

    return search


def _portable(ordered: list[bytes]) -> Search:
    pattern = re.compile(b"|".join(re.escape(literal) for literal in ordered), re.IGNORECASE)
    return lambda block: [found.end() for found in pattern.finditer(block)]
