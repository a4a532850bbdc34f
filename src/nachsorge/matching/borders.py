r"""Where a literal must stand to matter: within the token that every match of its test holds, with its borders.

A literal is one word of a value, so it also stands in longer words, and beside another ending (`notevil.example`,
`evil.test` for `evil.example`). Decoding such a line costs more than all that was done with a megabyte before it. So
where `necessary` knows a test's token, what was found is looked at again, by the borders that the sieve of long lists
(`tokens`) goes by: no letter, digit or `_` may touch it, unless the rest of an escape stands before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from nachsorge.matching.necessary import tokens_of

if TYPE_CHECKING:
    from nachsorge.matching.literals import Literals
    from nachsorge.matching.necessary import Valued

_WORD = frozenset(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz")
_TOKEN = _WORD | frozenset(b".-")
_ESCAPES = frozenset(b"\\#\x1f")
"""What begins an escape, and what an index puts before the digit that a sign of its own stands for."""
_COLON, _UNDERSCORE = ord(":"), ord("_")
_ESCAPED = 8
"""So many characters behind it may belong to the escape (`n`, `u2028`, `011`)."""
_HASHES = frozenset({"md5", "sha1", "sha256"})


class Token(NamedTuple):
    """A token, and how much of it stands before the end of the literal."""

    before: int
    text: bytes


Borders = Mapping[str, Sequence[Token]]
"""The tokens of which one must stand about a literal; a literal that is not in it matters wherever it stands."""


def borders(tests: Iterable[tuple[Valued, Literals]]) -> Borders:
    """Find the tokens about the literals of tests; a literal must lie within one of them for all of its tests."""
    known: dict[str, set[Token]] = {}
    free: set[str] = set()
    for test, literals in tests:
        tokens = () if test.type in _HASHES else tokens_of(test)
        for literal in literals:
            found = {Token(end, token.encode()) for token in tokens for end in _ends(literal, token)}
            known.setdefault(literal, set()).update(found)
            if not found:
                free.add(literal)
    return {literal: tuple(found) for literal, found in known.items() if literal not in free}


def _ends(literal: str, token: str) -> Iterator[int]:
    at = token.find(literal)
    while at >= 0:
        yield at + len(literal)
        at = token.find(literal, at + 1)


def stands(block: bytes | memoryview, end: int, tokens: Sequence[Token]) -> bool:
    """Tell whether one of the tokens stands, with its borders, about a literal that ends here."""
    return any(_stands(block, end - token.before, token.text) for token in tokens)


def _stands(block: bytes | memoryview, start: int, token: bytes) -> bool:
    stop = start + len(token)
    if start < 0 or bytes(block[start:stop]).lower() != token or (stop < len(block) and block[stop] in _WORD):
        return False
    return start == 0 or block[start - 1] not in _WORD or _glued(block, start)


def _glued(block: bytes | memoryview, start: int) -> bool:
    """Tell whether what touches a token may be the rest of an escape, or of a mark (`file:_evil.exe`)."""
    begin = start
    while begin > 0 and start - begin <= _ESCAPED and block[begin - 1] in _TOKEN:
        begin -= 1
    if begin == 0 or start - begin > _ESCAPED:
        return False
    before = block[begin - 1]
    return before in _ESCAPES or (before == _COLON and block[begin] == _UNDERSCORE)
