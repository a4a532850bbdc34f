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
    from collections.abc import Iterator

_WORD = re.compile(r"[0-9A-Za-z_]+")
_MARKS = r"\u0080-\u00a9\u00ab-\u00b4\u00b6\u00b8\u00b9\u00bb-\u00bf\u00d7\u00f7\u2000-\u200b\u200e-\u206f\u3000-\u3004\u3008-\u3020\ufeff\uff00-\uff0f\ufffd"
"""Signs beyond ASCII that stand beside a name and are no part of it: quotation marks, dashes, blanks."""
_LABEL = rf"(?:(?![{_MARKS}])[0-9A-Za-z_\-\u0080-\U0010ffff])+"
_NAME = rf"(?<![0-9A-Za-z_.-])(?:\*?\.|-+)?({_LABEL}(?:\.{_LABEL})+"
_NAMES = re.compile(_NAME + r")\.?(?![0-9A-Za-z_-])")
_ADDRESSES6 = re.compile(
    r"(?<![0-9A-Za-z:.])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?:\.\d{1,3}){0,3}(?![0-9A-Za-z:])"
)
_URLS = re.compile(_NAME + r"(?::\d+)?/[^\s\"'<>|\\]*)")


def names(text: str) -> Iterator[str]:
    """Yield what could be a dotted host name or an IPv4 address, whole: never the middle of a longer one."""
    for found in _NAMES.finditer(text):
        yield found[1].rstrip("-")


def addresses6(text: str) -> Iterator[str]:
    """Yield what could be an IPv6 address."""
    for found in _ADDRESSES6.finditer(text):
        yield found[0]


def urls(text: str) -> Iterator[str]:
    """Yield host/path, without the scheme."""
    for found in _URLS.finditer(text):
        yield found[1]


class WordIndex:
    """Values to be found anywhere in a text, each on word boundaries, case folded in ASCII."""

    def __init__(self) -> None:
        """Begin empty."""
        self._by_word: dict[str, list[tuple[re.Pattern[str], int]]] = defaultdict(list)
        self._wordless: list[tuple[re.Pattern[str], int]] = []

    def __bool__(self) -> bool:
        """Tell whether anything is filed."""
        return bool(self._by_word or self._wordless)

    def add(self, value: str, test: int, expression: str | None = None) -> None:
        """File a value (or a pattern that stands for it) under its longest word."""
        folded = normal.fold(value)
        compiled = re.compile(expression or bounded(folded), re.ASCII | re.IGNORECASE)
        words = _WORD.findall(folded)
        if words:
            self._by_word[max(words, key=len)].append((compiled, test))
        else:
            self._wordless.append((compiled, test))

    def find(self, text: str) -> Iterator[int]:
        """Yield the tests whose value stands in the text."""
        if not self._by_word and not self._wordless:
            return
        folded = normal.fold(text)
        for pattern, test in self._wordless:
            if pattern.search(folded):
                yield test
        if not self._by_word:
            return
        for word in set(_WORD.findall(folded)):
            for pattern, test in self._by_word.get(word, ()):
                if pattern.search(folded):
                    yield test


def bounded(value: str) -> str:
    """Give a pattern for the value that no word character may touch where the value itself begins or ends in one."""
    before = r"(?<![0-9A-Za-z_])" if _WORD.match(value[:1]) else ""
    after = r"(?![0-9A-Za-z_])" if _WORD.match(value[-1:]) else ""
    return before + re.escape(value) + after
