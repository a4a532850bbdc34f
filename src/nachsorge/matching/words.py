"""Free text: find values in it on word boundaries, at a cost that does not grow with the number of values.

Each value is filed under one of its words (longest run of letters, digits and underscores). A text is cut into words
once; only values filed under one of these are tried as a pattern.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from nachsorge.matching import normal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_WORD = re.compile(r"[0-9A-Za-z_]+")
_LETTERS = (
    r"\u00aa\u00b5\u00b7\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u1fff\u200c\u200d\u2070-\u2fff\u3005-\u3007"
    r"\u3021-\ufefe\uff10-\uff19\uff21-\ufffc\U00010000-\U0010ffff"
)
"""What may stand in a name beyond ASCII: all but quotation marks, dashes, blanks and other signs beside it."""
_LABEL = rf"[0-9A-Za-z_\-{_LETTERS}]+"
_NAME = rf"(?<![0-9A-Za-z_.-])(?:\*?\.|-+)?({_LABEL}(?:\.{_LABEL})+"
_HOST = re.compile(rf"(?:\*\.)?[0-9A-Za-z_.\-{_LETTERS}]+\Z")
_NAMES = re.compile(_NAME + r")\.?(?![0-9A-Za-z_-])")
_ADDRESSES6 = re.compile(
    r"(?<![0-9A-Za-z:.])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?:\.\d{1,3}){0,3}(?![0-9A-Za-z:])"
)
_URLS = re.compile(_NAME + r"\.?(?::\d+)?/[^\s\"'<>|\\]*)")

Entry = tuple[re.Pattern[str], int]
"""A pattern over folded text, and whose it is."""


def plain_host(text: str) -> bool:
    """Tell whether the text has only what a host name, a wildcard of a certificate or an IPv4 address may hold."""
    return _HOST.match(text) is not None


def names(text: str) -> Iterator[str]:
    """Yield what could be a dotted host name or an IPv4 address, whole: never the middle of a longer one."""
    for found in _NAMES.finditer(text):
        yield found[1].rstrip("-")


def addresses6(text: str) -> Iterator[str]:
    """Yield what could be an IPv6 address."""
    for found in _ADDRESSES6.finditer(text):
        yield found[0] if found[0].endswith("::") else found[0].removesuffix(":")


def urls(text: str) -> Iterator[str]:
    """Yield host/path, without the scheme."""
    for found in _URLS.finditer(text):
        yield found[1]


class WordIndex:
    """Values to be found anywhere in a text, each on word boundaries, case folded in ASCII."""

    def __init__(self) -> None:
        """Begin empty."""
        self._by_word: dict[str, list[Entry]] = defaultdict(list)
        self._wordless: list[Entry] = []

    def __bool__(self) -> bool:
        """Tell whether anything is filed."""
        return bool(self._by_word or self._wordless)

    def add(self, value: str, test: int, expression: str | None = None, words: Sequence[str] | None = None) -> None:
        """File a value (or a pattern that stands for it) under its longest word.

        `words` are folded ones that stand whole in every text that the expression matches; else those of the value.
        """
        folded = normal.fold(value)
        entry = compiled(expression or bounded(folded)), test
        filed = filed_under(_WORD.findall(folded) if words is None else words)
        (self._by_word[filed] if filed else self._wordless).append(entry)

    def stand_on(self, change: Callable[[dict[str, list[Entry]]], dict[str, list[Entry]]]) -> None:
        """Change the table of words for another that holds it."""
        self._by_word = change(self._by_word)

    def find(self, text: str) -> Iterator[int]:
        """Yield the tests whose value stands in the text."""
        if not self:
            return
        folded = normal.fold(text)
        entries = list(self._wordless)
        if self._by_word:
            for word in set(_WORD.findall(folded)):
                entries += self._by_word.get(word, ())
        for pattern, test in entries:
            if pattern.search(folded):
                yield test


def filed_under(words: Sequence[str]) -> str:
    """Choose the word that a value is filed under."""
    return max(words, key=len, default="")


def compiled(expression: str) -> re.Pattern[str]:
    """Compile an expression for folded text."""
    return re.compile(expression, re.ASCII | re.IGNORECASE)


def bounded(value: str) -> str:
    """Give a pattern for the value that no word character may touch where the value itself begins or ends in one.

    So `Trojan:Win64/Family` is found in `Trojan:Win64/Family.EM!MTB`, and not in `Trojan:Win64/FamilyTwo`.
    """
    before = rf"(?<![0-9A-Za-z_{_LETTERS}])" if _WORD.match(value[:1]) else ""
    after = rf"(?![0-9A-Za-z_{_LETTERS}])" if _WORD.match(value[-1:]) else ""
    return before + re.escape(value) + after
