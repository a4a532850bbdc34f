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
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar, Union

from nachsorge.matching import normal
from nachsorge.matching.bulk import name_of
from nachsorge.matching.literals import Literals, literals_of, mapped_literals
from nachsorge.matching.sieve import LiteralSieve, OpenSieve, make_sieve
from nachsorge.matching.store import NOWHERE, Store
from nachsorge.matching.tests import CONTROL, apart, lists

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from nachsorge.matching.tests import Rows, Test

MANY = 20_000
"""From so many tokens on there is a table. Below, hyperscan searches as fast, and is there at once; at 100,000 it takes
five times as long, compiles for 9 s, and 1,000,000 for 50 s, into 1.9 GB (docs/reference/performance.md)."""

_HASHED = "eight-bytes-two-bits"
"""How tables are filled: one that was kept after another fashion would find nothing."""
_POPULAR = 8
"""A host with more URLs than this in the lists is in many lines: its URLs are searched by what is rarest in them."""
_MAPPED = 4096
_ANY_MAPPED = frozenset({"ffff:"})
_DELIMITED = frozenset({"leef:2", "leef: 2"})
"""LEEF 2 may put any sign between its pairs, also one that belongs to a token."""

_DOTTED = re.compile(r"(?!(?:.*\.)?xn--)(?=.{3,200}\Z)(?![-.])[0-9a-z_-]+(?:\.[0-9a-z_-]+)+(?<!-)\Z")
_HASH = re.compile(r"(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})\Z")


Sieve = Union[OpenSieve, LiteralSieve, "TokenSieve"]


class Valued(Protocol):
    """What is known of a test by its look: its type and its value."""

    @property
    def type(self) -> str:
        """What the value is."""

    @property
    def value(self) -> str:
        """The value."""


V = TypeVar("V", bound=Valued)


def choose_sieve(
    tests: Sequence[Test],
    rule_literals: Callable[[Test], Literals | None],
    *,
    enabled: bool = True,
    many: int = MANY,
    store: Store | None = None,
) -> Sieve:
    """Compile the sieve that suits the number of tests."""
    if enabled and lists(tests):
        return _of_lists(tests, rule_literals, many, store or NOWHERE)
    if enabled and len(tests) >= many and available():
        tokens, rest = split(tests)
        if len(tokens) >= many:
            literals: set[str] = set(_DELIMITED)
            for part in (*(literals_of(test, rule_literals) for test in rest), _addresses(tokens)):
                if part is None:
                    return OpenSieve()
                literals |= part
            return TokenSieve([tokens], literals, store or NOWHERE)
    return make_sieve((literals_of(test, rule_literals) for test in tests), enabled, store)


def _of_lists(
    tests: Sequence[Test], rule_literals: Callable[[Test], Literals | None], many: int, store: Store
) -> Sieve:
    """Compile long lists each for itself, as they are kept, and the rest beside them."""
    literals: set[str] = set()
    tables: list[Columns] = []
    # The planted values go the way of the list's own, or the control would prove nothing of the table.
    planted = [test for _, test in apart(tests) if test.pack == CONTROL]
    for _, rows in lists(tests):
        kept = listed(rows, planted, many, store)
        if kept.literals is None:
            return OpenSieve()
        literals |= kept.literals
        tables += kept.table
    filed = {id(test) for test in planted if tables and token_of(test) is not None}
    for test in (test for _, test in apart(tests) if id(test) not in filed):
        part = literals_of(test, rule_literals)
        if part is None:
            return OpenSieve()
        literals |= part
    return TokenSieve(tables, literals, store) if tables else LiteralSieve(literals, store)


def available() -> bool:
    """Tell whether the extra is installed."""
    try:
        from nachsorge.matching import kernel  # noqa: F401
    except ImportError:
        return False
    return True


def split(tests: Iterable[V]) -> tuple[set[str], list[V]]:
    """Part tests into the tokens that must stand in what they match, and those for which no token is known."""
    tokens: set[str] = set()
    rest: list[V] = []
    urls: list[tuple[str, V]] = []
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


def token_of(test: Valued) -> str | None:
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


class Columns(NamedTuple):
    """A filled table of tokens, as it is kept."""

    bitmap: bytes | memoryview
    hashes: bytes | memoryview


class _Row(NamedTuple):
    type: str
    value: str
    number: int


class Listed(NamedTuple):
    """What a long list must be met by: literals (None: everything), and a table of tokens if it has many."""

    literals: Literals | None
    table: list[Columns]


def listed(rows: Rows, planted: Iterable[Test], many: int, store: Store) -> Listed:
    """Compile a long list, with the planted tokens, or take what was compiled last time."""
    extra = sorted(token for token in map(token_of, planted) if token is not None)
    name = name_of(rows, _HASHED, str(many), str(available()), *extra)
    columns = store.columns("sieves", name)
    if columns is None:
        found = _compiled(rows, extra, many, store)
        literals = b"" if found.literals is None else "\n".join(("", *sorted(found.literals))).encode()
        store.put_columns("sieves", name, [literals, *(part for table in found.table for part in table)])
        return found
    # An empty column: everything is admitted. Else a line break stands before each literal; none holds one.
    kept = bytes(columns[0]).decode()
    return Listed(frozenset(kept.split("\n")[1:]) if kept else None, [Columns(*columns[1:])] if columns[1:] else [])


def _compiled(rows: Rows, extra: Iterable[str], many: int, store: Store) -> Listed:
    typed = [_Row(kind, value, number) for number, (kind, value) in enumerate(rows.values())]
    tokens, rest = split(typed) if len(rows) >= many and available() else (set[str](), typed)
    if not tokens or len(tokens) < many:
        return Listed(_joined(rows, typed), [])
    literals = _joined(rows, rest)
    beside = _addresses(tokens)
    table = _filled(tokens.union(extra), store)
    return Listed(None if literals is None else _DELIMITED | literals | beside, [Columns(*table.columns)])


def _joined(rows: Rows, some: Iterable[_Row]) -> Literals | None:
    joined: set[str] = set()
    for row in some:
        part = literals_of(rows[row.number], lambda _: frozenset())
        if part is None:
            return None
        joined |= part
    return frozenset(joined)


def _filled(tokens: Iterable[str], store: Store) -> Any:
    return _kernel(store).Table(token.encode() for token in tokens)


def _kernel(store: Store) -> Any:
    from nachsorge.matching import kernel

    folder = store.path("kernel")
    if folder is not None:
        kernel.keep(str(folder))
    return kernel


class TokenSieve:
    """Finds any of the tokens, and any of the literals beside them; ASCII case ignored."""

    everything = False

    def __init__(self, tables: Iterable[Iterable[str] | Columns], literals: Iterable[str], store: Store) -> None:
        """Fill a table with the tokens, or take one that was filled; compile the literals."""
        self._tables = [
            _kernel(store).Table.of(*each) if isinstance(each, Columns) else _filled(each, store) for each in tables
        ]
        self._beside = LiteralSieve(literals, store)

    def ends(self, block: bytes | memoryview) -> list[int]:
        """Give where tokens and literals end, sorted."""
        return sorted(end for part in (*self._tables, self._beside) for end in part.ends(block))

    def admits(self, raw: bytes) -> bool:
        """Tell whether one record holds any."""
        return self._beside.admits(raw) or any(table.ends(raw) for table in self._tables)
