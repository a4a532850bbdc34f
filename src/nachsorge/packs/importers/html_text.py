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

    from nachsorge.packs.importers.json_text import Reads

CHUNK = 1 << 16
LONGEST_LINE = 1 << 20
LARGEST_ELEMENT = 16 << 20
"""Characters of a tag, a comment or a script; pages carry pictures in them."""

_NAME = re.compile(r"/?([A-Za-z][A-Za-z0-9]*)")
_SILENT = {name: re.compile(f"</{name}", re.I) for name in ("script", "style", "template", "noscript", "svg")}
_INLINE_WORDS = "a abbr b bdi code em font i mark s samp small span strong sub sup tt u var wbr kbd cite q"
_INLINE = frozenset(_INLINE_WORDS.split())
_CELLS = frozenset({"td", "th"})


class Visible:
    """The lines of text that a reader of the page sees. `unread` says where an element began that never ends."""

    def __init__(self, source: Reads) -> None:
        """Begin at the start of the text."""
        self._source = source
        self._text = ""
        self._at = 0
        self._ended = False
        self._number = 1
        self.title = ""
        self.title_line = 0
        self.unread = 0

    def lines(self) -> Iterator[tuple[int, str]]:
        """Give the lines with the line numbers of the source."""
        parts: list[str] = []
        started, length, titled = 1, 0, False
        for text, tag in self._tokens():
            if text and not parts:
                started = self._number + _leading(text)
            if text:
                parts.append(text)
                length += len(text)
                self._number += text.count("\n")
            name = _NAME.match(tag)
            word = name[1].lower() if name else ""
            if word in _CELLS and parts:
                parts.append(" | ")
            elif (tag and word and word not in _INLINE) or length > LONGEST_LINE:
                if titled and not self.title:
                    self.title, self.title_line = _plain(parts), started
                titled = word == "title" and not tag.startswith("/")
                yield from _flushed(parts, started)
                parts, length = [], 0
            self._number += tag.count("\n")
        yield from _flushed(parts, started)

    def _tokens(self) -> Iterator[tuple[str, str]]:
        """Give pairs of a text and the tag (or comment, or silent element) that follows it."""
        while True:
            opening = self._text.find("<", self._at)
            if opening < 0:
                yield self._text[self._at :], ""
                self._at = len(self._text)
                if not self._more():
                    return
                continue
            yield self._text[self._at : opening], ""
            self._at = opening
            end = self._end()
            if end < 0:
                self.unread = self._number
                return
            tag = self._text[self._at + 1 : end]
            self._at = end + 1
            yield "", tag

    def _end(self) -> int:
        """Give the place of the `>` that ends what begins here, reading on to it; -1 where nothing does."""
        while (found := _end(self._text, self._at)) < 0:
            if len(self._text) - self._at > LARGEST_ELEMENT or not self._more():
                return -1
        return found

    def _more(self) -> bool:
        if self._ended:
            return False
        # As much again as is kept, so that a long element is not looked through often.
        piece = self._source.read(max(CHUNK, len(self._text) - self._at))
        self._ended = not piece
        self._text, self._at = self._text[self._at :] + piece, 0
        return bool(piece)


def _leading(text: str) -> int:
    return text[: len(text) - len(text.lstrip())].count("\n")


def _plain(parts: list[str]) -> str:
    return " ".join(html.unescape("".join(parts)).split())


def _flushed(parts: list[str], line: int) -> Iterator[tuple[int, str]]:
    text = _plain(parts)
    if text.strip(" |"):
        yield line, text


def _end(text: str, opening: int) -> int:
    if text.startswith("<!--", opening):
        found = text.find("-->", opening + 4)
        return found + 2 if found >= 0 else -1
    name = _NAME.match(text, opening + 1)
    silent = _SILENT.get(name[1].lower()) if name else None
    if silent is not None and text[opening + 1] != "/":
        close = silent.search(text, opening)
        return text.find(">", close.end()) if close else -1
    return text.find(">", opening + 1)
