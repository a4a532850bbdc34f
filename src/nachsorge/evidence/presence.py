"""Which of the addresses we ask for appear in a stretch of raw bytes: exact to the address, one answer each."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from nachsorge.evidence.engine import hyperscan

Scan = Callable[[bytes], set[str]]


@lru_cache(maxsize=4)
def scanner(addresses: frozenset[str]) -> Scan:
    """Compile addresses into a scan that returns those present, bounded so that 10.0.2.17 is not in 10.0.2.170."""
    ordered = sorted(addresses)
    if not ordered:
        return lambda _: set()
    return _native(ordered) if hyperscan is not None else _portable(ordered)


def _native(ordered: list[str]) -> Scan:
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    flags = hyperscan.HS_FLAG_SINGLEMATCH | hyperscan.HS_FLAG_CASELESS
    # Hyperscan has no look-behind, so the bounds are consumed; the block is padded to give its ends some.
    patterns = [rb"[^0-9A-Za-z.:]" + re.escape(a).encode() + rb"(?:[^0-9A-Za-z.:]|[.:][^0-9])" for a in ordered]
    database.compile(expressions=patterns, ids=list(range(len(patterns))), flags=[flags] * len(patterns))
    scratch = hyperscan.Scratch(database)

    def scan(block: bytes) -> set[str]:
        found: set[str] = set()
        database.scan(
            b"\n" + block + b"\n\n",
            match_event_handler=lambda i, *_: found.add(ordered[i]),
            scratch=scratch,
        )
        return found

    return scan


def _portable(ordered: list[str]) -> Scan:
    wanted = {a.lower().encode(): a for a in ordered}
    token = re.compile(rb"(?<![0-9A-Za-z.:])[0-9A-Fa-f]{1,4}(?:[.:]{1,2}[0-9A-Fa-f]{1,4})+(?![0-9A-Za-z]|[.:][0-9])")
    return lambda block: {wanted[t] for t in {m.lower() for m in token.findall(block)} if t in wanted}
