r"""The sieve for long lists: names, addresses, hashes, files are looked up as whole tokens, not searched as literals.

A multi-pattern search leaves the processor's caches at some ten thousand literals. Here every token of the raw bytes is
hashed and looked up in a table, so that the cost hardly depends on how long the list is. A token is a run of letters,
digits, `_`, `-` and dots; of a dotted one every part is looked up that begins a label and runs to the end, as the
matcher's parent domains do. It admits a superset of what the matcher can meet:

- what stands behind a backslash or a `#` may begin with the rest of an escape (`\nevil.example`, `#011evil.example`),
  and what stands behind a colon with an underscore (`file:_evil.exe`);
- a name may end at a dot that no letter or digit follows (`evil.exe._`);
- pairs of hex digits (`ab:cd:...`) are admitted unseen, if they are enough for an MD5;
- values for which `necessary` knows no token, and IPv4 written as IPv6 in hexadecimal, stay literals, searched beside.

Needs numba and numpy (the extra `big-lists`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Union

from nachsorge.matching import normal
from nachsorge.matching.bulk import name_of
from nachsorge.matching.literals import Literals, literals_of, mapped_literals
from nachsorge.matching.necessary import split, token_of
from nachsorge.matching.sieve import DELIMITED, LiteralSieve, OpenSieve, make_sieve
from nachsorge.matching.store import NOWHERE, Store
from nachsorge.matching.tests import CONTROL, apart, lists

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from nachsorge.matching.tests import Rows, Test

MANY = 10_000
"""From so many tokens on there is a table. At 5,000 hyperscan searches as fast, and is there at once; at 10,000 it
takes twice as long, and at 1,000,000 it compiles for 50 s, into 1.9 GB (docs/reference/performance.md)."""

_HASHED = "names-of-files-too"
"""How tables are filled: one that was kept after another fashion would find nothing."""
_MAPPED = 4096
_ANY_MAPPED = frozenset({"ffff:"})

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
    if enabled and lists(tests):
        return _of_lists(tests, rule_literals, many, store or NOWHERE)
    if enabled and len(tests) >= many and available():
        tokens, rest = split(tests)
        if len(tokens) >= many:
            literals: set[str] = set(DELIMITED)
            for part in (*(literals_of(test, rule_literals) for test in rest), _addresses(tokens)):
                if part is None:
                    return OpenSieve()
                literals |= part
            return TokenSieve([tokens], literals, store or NOWHERE)
    return make_sieve(((test, literals_of(test, rule_literals)) for test in tests), enabled, store)


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
    tokens, rest = split(_typed(rows)) if len(rows) >= many and available() else (set[str](), [])
    if not tokens or len(tokens) < many:
        return Listed(_joined(rows, _typed(rows)), [])
    literals = _joined(rows, rest)
    beside = _addresses(tokens)
    tokens.update(extra)
    table = _filled(tokens, store)
    return Listed(None if literals is None else DELIMITED | literals | beside, [Columns(*table.columns)])


def _typed(rows: Rows) -> Iterator[_Row]:
    return (_Row(kind, value, number) for number, (kind, value) in enumerate(rows.values()))


def _joined(rows: Rows, some: Iterable[_Row]) -> Literals | None:
    joined: set[str] = set()
    for row in some:
        part = literals_of(rows[row.number], lambda _: frozenset())
        if part is None:
            return None
        joined |= part
    return frozenset(joined)


def _filled(tokens: Iterable[str], store: Store) -> Any:
    text = "\0".join(tokens).encode()
    return _kernel(store).Table(text + b"\0" if text else b"")


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
