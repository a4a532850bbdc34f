"""Which of the addresses we ask for appear in a stretch of raw bytes: exact to the address, one answer each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from nachsorge.evidence.engine import hyperscan
from nachsorge.evidence.fields import is_address

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


@dataclass(frozen=True)
class Scan:
    """Tells which of the addresses stand in a block. `wanted` are they by their lower-case bytes; None means all."""

    addresses: frozenset[str]

    @cached_property
    def wanted(self) -> dict[bytes, str] | None:
        """Give the addresses by how they are written."""
        return None if isinstance(self.addresses, Everyone) else {a.lower().encode(): a for a in self.addresses}

    @cached_property
    def _scan(self) -> Callable[[bytes], set[str]]:
        ordered = sorted(self.addresses)
        if not ordered:
            return lambda _: set()
        return _native(ordered) if hyperscan is not None else _portable(ordered)

    def __call__(self, block: bytes) -> set[str] | Everyone:
        """Look for them; the search is compiled when it is first needed, a fifth of a second for ten thousand."""
        return self.addresses if isinstance(self.addresses, Everyone) else self._scan(block)


class Everyone(frozenset[str]):
    """Stands for all addresses there are, where nobody knows yet which ones will be asked for."""

    def __bool__(self) -> bool:
        """Tell that there are some."""
        return True

    def __eq__(self, other: object) -> bool:
        """Compare as what it is: it is no empty set."""
        return isinstance(other, Everyone)

    def __hash__(self) -> int:
        """Hash apart from the empty set."""
        return hash("everyone")

    def intersection(self, *others: Iterable[object]) -> frozenset[str]:
        """Give what is an address in all the others."""
        common = frozenset.intersection(*map(frozenset, others))
        return frozenset(text for text in common if isinstance(text, str) and is_address(text))


@lru_cache(maxsize=4)
def scanner(addresses: frozenset[str]) -> Scan:
    """Compile addresses into a scan that returns those present, bounded so that 10.0.2.17 is not in 10.0.2.170."""
    return Scan(addresses)


_BEFORE = rb"[^0-9A-Za-z.:]"
_AFTER4 = rb"(?:[^0-9A-Za-z.]|\.[^0-9A-Za-z.])"
_AFTER6 = rb"(?:[^0-9A-Za-z.:]|[.:][^0-9A-Za-z.:])"
"""What may stand beside an address: `10.0.2.17:443` and a full stop, but no further octet, group or label."""


def _native(ordered: list[str]) -> Callable[[bytes], set[str]]:
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    flags = hyperscan.HS_FLAG_SINGLEMATCH | hyperscan.HS_FLAG_CASELESS
    # Hyperscan has no look-behind, so the bounds are consumed; each pattern for itself, so neighbours may share one.
    # The block is padded to give its ends some.
    patterns = [_BEFORE + re.escape(a).encode() + (_AFTER6 if ":" in a else _AFTER4) for a in ordered]
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


_TOKEN4 = re.compile(rb"(?<![0-9A-Za-z.:])\d{1,3}(?:\.\d{1,3}){3}(?![0-9A-Za-z]|\.[0-9A-Za-z.])")
_TOKEN6 = re.compile(rb"(?<![0-9A-Za-z.:])[0-9A-Za-z.:]*:[0-9A-Za-z.:]*")


def _portable(ordered: list[str]) -> Callable[[bytes], set[str]]:
    wanted = {a.lower().encode(): a for a in ordered}
    six = any(":" in a for a in ordered)

    def scan(block: bytes) -> set[str]:
        tokens = set(_TOKEN4.findall(block))
        for token in set(_TOKEN6.findall(block)) if six else ():
            tokens |= {token.lower(), token.lower()[:-1] if token.endswith((b".", b":")) else token.lower()}
        return {wanted[token] for token in tokens if token in wanted}

    return scan


def anyone(block: bytes) -> set[str]:
    """Give every address in a block, in lower case."""
    found = {token.decode() for token in set(_TOKEN4.findall(block))}
    for token in {token.lower() for token in _TOKEN6.findall(block)} if b":" in block else ():
        text = token.decode()
        found |= {each for each in (text, text[:-1] if text[-1] in ".:" else text) if is_address(each)}
    return found
