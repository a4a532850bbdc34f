"""HTML -> its visible lines, each with the line of the file on which it begins.

A plain scan that looks at every character once: a report is foreign input, and tree builders take quadratic time on
broken markup. What a `>` within an attribute leaves behind is text that holds no indicator.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME = re.compile(r"/?([A-Za-z][A-Za-z0-9]*)")
_SILENT = frozenset({"script", "style", "template", "noscript", "svg"})
_INLINE_WORDS = "a abbr b bdi code em font i mark s samp small span strong sub sup tt u var wbr kbd cite q"
_INLINE = frozenset(_INLINE_WORDS.split())
_CELLS = frozenset({"td", "th"})


def lines(source: str) -> Iterator[tuple[int, str]]:
    """Give the lines of text that a reader sees, with the line numbers of the source."""
    parts: list[str] = []
    number = started = 1
    for text, tag in _tokens(source):
        if text and not parts:
            started = number + _leading(text)
        if text:
            parts.append(text)
            number += text.count("\n")
        name = _NAME.match(tag)
        word = name[1].lower() if name else ""
        if word in _CELLS and parts:
            parts.append(" | ")
        elif tag and word and word not in _INLINE:
            yield from _flushed(parts, started)
            parts = []
        number += tag.count("\n")
    yield from _flushed(parts, started)


def _leading(text: str) -> int:
    return text[: len(text) - len(text.lstrip())].count("\n")


def _flushed(parts: list[str], line: int) -> Iterator[tuple[int, str]]:
    text = " ".join(html.unescape("".join(parts)).split())
    if text.strip(" |"):
        yield line, text


def _tokens(source: str) -> Iterator[tuple[str, str]]:
    """Give pairs of a text and the tag (or comment, or silent element) that follows it."""
    at, lowered = 0, source.lower()
    while True:
        opening = source.find("<", at)
        if opening < 0:
            yield source[at:], ""
            return
        end = _end(lowered, opening)
        if end < 0:
            yield source[at:opening], ""
            return
        yield source[at:opening], source[opening + 1 : end]
        at = end + (source[end : end + 1] == ">")


def _end(lowered: str, opening: int) -> int:
    """Give the place of the `>` that ends what begins here; -1 where nothing does."""
    if lowered.startswith("<!--", opening):
        found = lowered.find("-->", opening + 4)
        return found + 2 if found >= 0 else -1
    name = _NAME.match(lowered, opening + 1)
    if name and name[1] in _SILENT and lowered[opening + 1] != "/":
        close = lowered.find(f"</{name[1]}", opening)
        return lowered.find(">", close) if close >= 0 else -1
    return lowered.find(">", opening + 1)
