"""The sieve: one compiled search for all literals, handed to readers.

Hyperscan where there is a wheel (it releases the interpreter lock and costs the same for ten or a thousand literals),
else one regular expression. What cannot be named by a literal makes the sieve admit everything.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from nachsorge.matching.borders import borders, stands
from nachsorge.matching.store import NOWHERE, Store, digest_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nachsorge.matching.borders import Borders, Token
    from nachsorge.matching.necessary import Valued

_LONG = 5_000
"""From so many literals on, compiling takes longer than loading what was compiled."""

DELIMITED = frozenset({"leef:2", "leef: 2"})
"""LEEF 2 may put any sign between its pairs, also one that belongs to a token: its lines are looked at whole."""

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

    def __init__(self, literals: Iterable[str], store: Store | None = None, borders: Borders | None = None) -> None:
        """Compile the literals, or load them compiled; none at all admits nothing. Some count within `borders` only."""
        ordered = sorted({literal.encode() for literal in literals})
        known = borders or {}
        within = [known.get(literal.decode()) for literal in ordered]
        self._search: Search = lambda block: []
        if ordered:
            self._search = _portable(ordered) if hyperscan is None else _native(ordered, within, store or NOWHERE)

    def ends(self, block: bytes | memoryview) -> list[int]:
        """Give the end offsets of all literals in the block, sorted."""
        return self._search(block)

    def admits(self, raw: bytes) -> bool:
        """Tell whether one record holds a literal."""
        return bool(self._search(raw))


def make_sieve(
    tests: Iterable[tuple[Valued, frozenset[str] | None]], enabled: bool = True, store: Store | None = None
) -> OpenSieve | LiteralSieve:
    """Join the literals of all tests; a test without any, or `enabled` off, opens the sieve."""
    named: list[tuple[Valued, frozenset[str]]] = []
    for test, part in tests:
        if part is None or not enabled:
            return OpenSieve()
        named.append((test, part))
    joined: set[str] = set().union(*(part for _, part in named))
    bordered = borders(named)
    return LiteralSieve(joined | DELIMITED if bordered else joined, store, bordered)


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


def _native(ordered: list[bytes], within: Sequence[Sequence[Token] | None], store: Store) -> Search:
    database = _kept_database(ordered, store) if len(ordered) >= _LONG else _database(ordered)
    scratch = hyperscan.Scratch(database)

    def search(block: bytes | memoryview) -> list[int]:
        found: list[tuple[int, int]] = []
        database.scan(block, match_event_handler=lambda i, _s, end, *_: found.append((i, end)), scratch=scratch)
        return sorted(end for i, end in found if (tokens := within[i]) is None or stands(block, end, tokens))

    return search


def _portable(ordered: list[bytes]) -> Search:
    # Whatever stands over the end of what it finds is not found: so borders are not looked at here.
    pattern = re.compile(b"|".join(re.escape(literal) for literal in ordered), re.IGNORECASE)
    return lambda block: [found.end() for found in pattern.finditer(block)]
