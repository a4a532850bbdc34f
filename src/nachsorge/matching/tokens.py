r"""The sieve for large lists: names, IPv4 addresses and hashes are looked up as whole tokens, not searched as literals.

A multi-pattern search leaves the processor's caches at some ten thousand literals. Here every token of the raw bytes is
hashed and looked up in a table, so that the cost hardly depends on how long the list is. A token is a run of letters,
digits, `_`, `-` and dots; of a dotted one every part is looked up that begins a label and runs to the end, as the
matcher's parent domains do. It admits a superset of what the matcher can meet:

- what stands behind a backslash or a `#` may begin with the rest of an escape (`\nevil.example`, `#011evil.example`);
- pairs of hex digits (`ab:cd:...`) are admitted unseen, if they are enough for an MD5;
- indicators of other types, names beyond ASCII and IPv4 written as IPv6 in hexadecimal stay literals, searched beside.

Needs numba and numpy (the extra `big-lists`).
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Union

from nachsorge.matching import normal
from nachsorge.matching.literals import Literals, literals_of, mapped_literals
from nachsorge.matching.sieve import LiteralSieve, OpenSieve, make_sieve
from nachsorge.matching.store import NOWHERE, Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from nachsorge.matching.tests import Test

MANY = 150_000
"""From so many tokens on there is a table. Hyperscan searches faster up to there, but compiles 100,000 for 3.4 s and
1,000,000 for 50 s, into 1.9 GB (docs/reference/performance.md)."""

_POPULAR = 8
"""A host with more URLs than this in the lists is in many lines: its URLs are searched by what is rarest in them."""
_MAPPED = 4096
_ANY_MAPPED = frozenset({"ffff:"})
_DELIMITED = frozenset({"leef:2", "leef: 2"})
"""LEEF 2 may put any sign between its pairs, also one that belongs to a token."""

_DOTTED = re.compile(r"(?!(?:.*\.)?xn--)(?=.{3,200}\Z)(?![-.])[0-9a-z_-]+(?:\.[0-9a-z_-]+)+(?<!-)\Z")
_HASH = re.compile(r"(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})\Z")


Sieve = Union[OpenSieve, LiteralSieve, "TokenSieve"]


def choose_sieve(
    tests: Sequence[Test],
    rule_literals: Callable[[Test], Literals | None],
    *,
    enabled: bool = True,
    many: int = MANY,
    store: Store | None = None,
) -> Sieve:
    """Compile the sieve that suits the number of tests."""
    if enabled and len(tests) >= many and available():
        tokens, rest = split(tests)
        if len(tokens) >= many:
            literals: set[str] = set(_DELIMITED)
            for part in (*(literals_of(test, rule_literals) for test in rest), _addresses(tokens)):
                if part is None:
                    return OpenSieve()
                literals |= part
            return TokenSieve(tokens, literals, store or NOWHERE)
    return make_sieve((literals_of(test, rule_literals) for test in tests), enabled, store)


def available() -> bool:
    """Tell whether the extra is installed."""
    try:
        from nachsorge.matching import kernel  # noqa: F401
    except ImportError:
        return False
    return True


def split(tests: Iterable[Test]) -> tuple[set[str], list[Test]]:
    """Part tests into the tokens that must stand in what they match, and those for which no token is known."""
    tokens: set[str] = set()
    rest: list[Test] = []
    urls: list[tuple[str, Test]] = []
    for test in tests:
        token = token_of(test)
        if token is None:
            rest.append(test)
        elif test.type in ("url", "url_pattern"):
            urls.append((token, test))
        else:
            tokens.add(token)
    count = Counter(token for token, _ in urls)
    for token, test in urls:
        if count[token] > _POPULAR:
            rest.append(test)
        else:
            tokens.add(token)
    return tokens, rest


def token_of(test: Test) -> str | None:
    """Give the token without which nothing meets the test; None where there is no one such token."""
    match test.type:
        case "domain":
            name = normal.host(test.value)
            return None if name.rpartition(".")[2].isdigit() else _dotted(name)  # `1.2` may end an address
        case "ip":
            return _dotted(normal.address(test.value) or test.value)
        case "sha256" | "sha1" | "md5":
            digits = normal.fold(test.value.strip())
            return digits if _HASH.match(digits) else None
        case "url" | "url_pattern":
            parts = normal.url(test.value)
            return None if parts is None or "%" in parts[0] else _dotted(parts[0])
        case _:
            return None


def _dotted(name: str) -> str | None:
    # Of what is all digits, the kernel looks up only what can be an address.
    plain = _DOTTED.match(name) and not (name.rpartition(".")[2].isdigit() and normal.address(name) is None)
    return name if plain else None


def _addresses(tokens: Iterable[str]) -> Literals:
    """Give what IPv4 addresses among the tokens begin with where they are written as IPv6 in hexadecimal."""
    found: set[str] = set()
    for token in tokens:
        if token[-1].isdigit() and normal.address(token) is not None:
            found |= mapped_literals(token)
            if len(found) > _MAPPED:
                return _ANY_MAPPED
    return frozenset(found)


class TokenSieve:
    """Finds any of the tokens, and any of the literals beside them; ASCII case ignored."""

    everything = False

    def __init__(self, tokens: Iterable[str], literals: Iterable[str], store: Store) -> None:
        """Fill the table and compile the literals."""
        from nachsorge.matching import kernel

        folder = store.path("kernel")
        if folder is not None:
            kernel.keep(str(folder))
        self._table: Any = kernel.Table(token.encode() for token in tokens)
        self._beside = LiteralSieve(literals, store)

    def ends(self, block: bytes | memoryview) -> list[int]:
        """Give where tokens and literals end, sorted."""
        return sorted(self._table.ends(block) + self._beside.ends(block))

    def admits(self, raw: bytes) -> bool:
        """Tell whether one record holds any."""
        return self._beside.admits(raw) or bool(self._table.ends(raw))
