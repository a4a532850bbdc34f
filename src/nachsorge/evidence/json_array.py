"""JSON objects that are not one a line: the elements of one array, or pretty-printed one after another.

Elements are found one by one in a growing buffer, so that a file of any size is read in little memory, and a file that
breaks off, or is broken in the middle, still gives every whole element.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from json import JSONDecodeError, JSONDecoder
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator

CHUNK = 1024 * 1024
LONGEST_ELEMENT = 16 * 1024 * 1024
"""A longer element is none: what stands there is broken."""

_DEEP = 500
"""Nested too deep to be decoded means more than so many characters, and no element of its own begins in them."""

_PATIENCE = 20
"""So often each character may be looked at in search of elements within broken ones; then those are not looked for."""

_BEHIND = 64 * 1024
"""No more text than this is kept before a broken element: each error costs as much, since Python counts its lines."""

_BETWEEN = re.compile(r"[\s,\[\]\ufeff]*")


@dataclass(frozen=True, slots=True)
class Element:
    """One element's own bytes (UTF-8), or, where `broken`, a stretch that could not be decoded."""

    raw: bytes
    broken: bool = False


class Elements:
    """Iterate once over a stream's elements; afterwards `complete` tells whether an opened array was closed again."""

    def __init__(self, stream: BinaryIO, start: str) -> None:
        """Read from the stream; `start` is a pattern of how an element begins, for going on after a broken one."""
        self.complete = True
        self._stream = stream
        self._start = re.compile(start)
        self._decode = codecs.getincrementaldecoder("utf-8")("replace")
        self._parse = JSONDecoder(strict=False)
        self._text = ""
        self._at = 0
        self._ended = False
        self._held = 0
        self._wasted = 0

    def __iter__(self) -> Iterator[Element]:
        """Yield whole elements and broken stretches, in order."""
        opened = 0
        while True:
            between = self._skip()
            opened += between.count("[") - between.count("]")
            if self._at >= len(self._text) and self._ended:
                break
            yield self._element()
        self.complete = self.complete and opened <= 0

    def _fill(self) -> None:
        chunk = self._stream.read(CHUNK)
        self._ended = not chunk
        more = self._decode.decode(chunk, final=self._ended)
        self._held += len(more)
        self._text = self._text[self._at :] + more
        self._at = 0

    def _skip(self) -> str:
        skipped = ""
        while True:
            found = _BETWEEN.match(self._text, self._at)
            assert found is not None  # the pattern matches the empty text
            skipped += found[0].strip()
            self._at = found.end()
            if self._at < len(self._text) or self._ended:
                return skipped
            self._fill()

    def _element(self) -> Element:
        while True:
            reached = self._at
            try:
                _, end = self._parse.raw_decode(self._text, self._at)
            except JSONDecodeError as error:
                end, reached = -1, error.pos
                self._wasted += reached - self._at
            except RecursionError:
                return self._broken(self._at + _DEEP)
            except ValueError:  # a number of thousands of digits
                return self._broken(self._at + 1)
            # A number at the end of the buffer may go on in the next chunk.
            if end > 0 and (end < len(self._text) or self._ended):
                return self._take(end, broken=False)
            if self._ended or len(self._text) - self._at > LONGEST_ELEMENT:
                patient = self._wasted <= _PATIENCE * self._held
                return self._broken(self._at + 1 if patient else max(reached, self._at + 1))
            self._fill()

    def _broken(self, after: int) -> Element:
        following = self._start.search(self._text, after)
        if following:
            return self._take(following.start(), broken=True)
        if self._ended:
            self.complete = False
            return self._take(len(self._text), broken=True)
        # Cut between two members, so that no word is cut in two.
        comma = self._text.rfind(",", self._at + 1)
        return self._take(comma if comma > 0 else len(self._text), broken=True)

    def _take(self, end: int, broken: bool) -> Element:
        raw = self._text[self._at : end].encode("utf-8", "replace")
        self._at = end
        if broken and self._at > _BEHIND:
            self._text, self._at = self._text[self._at :], 0
        return Element(raw, broken)
