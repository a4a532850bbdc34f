"""JSON as a stream of the objects in it, each with the line it begins on; neither text nor tree is ever whole.

RFC 8259. Parsed piece by piece, so that a file that breaks off gives what stands before the break, and its place.
Libraries that stream JSON (ijson) give no places; the values themselves are decoded by the standard library's scanner.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from nachsorge.packs.importers.seams import BreaksOff

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Path: TypeAlias = tuple[str, ...]
"""Keys from the root; the entries of a list stand under `*`."""

_SPACE = re.compile(r"[ \t\r\n]*")
_DECODE = json.JSONDecoder().raw_decode
DEEPEST = 32
"""Containers that are entered one by one; the values within them may nest as deeply as the decoder allows."""
CHUNK = 1 << 18
"""Characters that are read at once; more where a single value is longer."""
LARGEST_VALUE = 64 << 20
"""Characters of one value that is not entered."""
_CUT = 16
"""Characters before the end of what was read in which a fault may come from reading no further: `fal`, `\\u00`, `-`."""


class Reads(Protocol):
    """Something that gives text piece by piece."""

    def read(self, size: int, /) -> str:
        """Give the next characters; empty at the end."""
        ...


@dataclass(frozen=True, slots=True)
class Piece:
    """A value, where it stands in the tree and on which line it begins; `at` numbers the entries of the lists above."""

    path: Path
    value: Any
    line: int
    at: tuple[int, ...] = ()


class JsonText:
    """Gives the values of a JSON text one by one; containers for which `enter` says so are walked through."""

    def __init__(self, source: Reads, enter: Callable[[Path], bool]) -> None:
        """Begin at the start of the text."""
        self._source = source
        self._enter = enter
        self._text = ""
        self._at = 0
        self._ended = False
        self._line = 1
        self._counted = 0
        self._before = 0  # characters of the line reached that were let go
        self.broken: BreaksOff | None = None

    def until_broken(self) -> Iterator[Piece]:
        """Give the values in order, up to where the text is no JSON; `broken` holds that place then."""
        try:
            yield from self.pieces()
        except BreaksOff as error:
            self.broken = error

    def pieces(self) -> Iterator[Piece]:
        """Give the values in order.

        Raises:
            BreaksOff: with line and column, after the values before the break were given.
        """
        yield from self._value((), ())
        if self._here():
            raise self._broken("more text after the end of the document")

    def _value(self, path: Path, at: tuple[int, ...]) -> Iterator[Piece]:
        opening = self._here()
        if opening and opening in "{[" and len(path) < DEEPEST and self._enter(path):
            self._at += 1
            yield from self._members(path, at) if opening == "{" else self._entries(path, at)
        else:
            line = self.line()
            yield Piece(path, self._decoded(), line, at)

    def _members(self, path: Path, at: tuple[int, ...]) -> Iterator[Piece]:
        while not self._ends("}"):
            if self._here() != '"':
                raise self._broken("a key in quotes should stand here")
            key = self._decoded()
            if self._here() != ":":
                raise self._broken("a colon should stand here")
            self._at += 1
            yield from self._value((*path, key), at)
            self._comma("}")

    def _entries(self, path: Path, at: tuple[int, ...]) -> Iterator[Piece]:
        number = 0
        while not self._ends("]"):
            yield from self._value((*path, "*"), (*at, number))
            number += 1
            self._comma("]")

    def _ends(self, closing: str) -> bool:
        if self._here() == closing:
            self._at += 1
            return True
        return False

    def _comma(self, closing: str) -> None:
        here = self._here()
        if here == ",":
            self._at += 1
        elif here != closing:
            raise self._broken(f"a comma or {closing} should stand here" if here else "the text breaks off")

    def _decoded(self) -> Any:
        while True:
            try:
                value, end = _DECODE(self._text, self._at)
            except json.JSONDecodeError as error:
                if self._cut(error) and self._more():
                    continue
                raise self._undecoded(error) from error
            except RecursionError:
                raise self._broken("nested too deeply") from None
            except ValueError as error:
                raise self._broken(str(error)) from error  # a number of thousands of digits
            if end == len(self._text) and self._more():
                continue  # the number may have more digits
            self._at = end
            return value

    def _cut(self, error: json.JSONDecodeError) -> bool:
        return error.pos >= len(self._text) - _CUT or error.msg.startswith("Unterminated string")

    def _undecoded(self, error: json.JSONDecodeError) -> BreaksOff:
        self._at = min(error.pos, len(self._text))
        ended = not self._text[self._at :].strip()
        return self._broken("the text breaks off" if ended else error.msg)

    def _here(self) -> str:
        """Give the next character that is no space, reading on where needed; empty at the end of the text."""
        while True:
            self._at = _SPACE.match(self._text, self._at).end()  # type: ignore[union-attr]
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def _more(self) -> bool:
        """Read on, and let go what lies behind; as much again as is kept, so that a long value is not read often."""
        if self._ended:
            return False
        kept = len(self._text) - self._at
        if kept > LARGEST_VALUE:
            raise self._broken(f"a value of more than {LARGEST_VALUE:,} characters")
        piece = self._source.read(max(CHUNK, kept))
        if not piece:
            self._ended = True
            return False
        self.line()
        self._before = self._column() - 1
        self._text, self._at, self._counted = self._text[self._at :] + piece, 0, 0
        return True

    def line(self) -> int:
        """Give the line of the place reached; each stretch of the text is counted once."""
        if self._at >= self._counted:
            self._line += self._text.count("\n", self._counted, self._at)
            self._counted = self._at
        return self._line

    def _column(self) -> int:
        line_end = self._text.rfind("\n", 0, self._at)
        return self._at - line_end if line_end >= 0 else self._before + self._at + 1

    def _broken(self, why: str) -> BreaksOff:
        line = self.line()
        return BreaksOff(f"not JSON at line {line}, column {self._column()}: {why}", "fetch the file again", line=line)


def texts(value: Any) -> list[str]:
    """Give the texts in a value that should be a list of texts; what else stands there is left out."""
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def text(value: Any) -> str:
    """Give a value that should be text, or a number as text; empty where it is neither."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else ""
