"""JSON as a stream of the objects in it, each with the line it begins on; the file never becomes one tree.

RFC 8259. Parsed piece by piece, so that a file that breaks off gives what stands before the break, and its place.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from nachsorge.packs.rows import RowProblem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Path: TypeAlias = tuple[str, ...]
"""Keys from the root; the entries of a list stand under `*`."""

_SPACE = re.compile(r"[ \t\r\n]*")
_DECODE = json.JSONDecoder().raw_decode
DEEPEST = 32
"""Containers that are entered one by one; the values within them may nest as deeply as the decoder allows."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A value, where it stands in the tree and on which line it begins; `at` numbers the entries of the lists above."""

    path: Path
    value: Any
    line: int
    at: tuple[int, ...] = ()


class Broken(RowProblem):
    """The text is no JSON from a place on."""


class JsonText:
    """Gives the values of a JSON text one by one; containers for which `enter` says so are walked through."""

    def __init__(self, text: str, enter: Callable[[Path], bool]) -> None:
        """Begin at the start of the text."""
        self._text = text
        self._enter = enter
        self._at = 0
        self._line = 1
        self._counted = 0

    def pieces(self) -> Iterator[Piece]:
        """Give the values in order.

        Raises:
            Broken: with line and column, after the values before the break were given.
        """
        yield from self._value((), ())
        self._skip()
        if self._at < len(self._text):
            raise self._broken("more text after the end of the document")

    def _value(self, path: Path, at: tuple[int, ...]) -> Iterator[Piece]:
        self._skip()
        opening = self._text[self._at : self._at + 1]
        if opening and opening in "{[" and len(path) < DEEPEST and self._enter(path):
            self._at += 1
            yield from self._members(path, at) if opening == "{" else self._entries(path, at)
        else:
            line = self.line()
            yield Piece(path, self._decoded(), line, at)

    def _members(self, path: Path, at: tuple[int, ...]) -> Iterator[Piece]:
        while not self._ends("}"):
            if self._text[self._at : self._at + 1] != '"':
                raise self._broken("a key in quotes should stand here")
            key = self._decoded()
            self._skip()
            if self._text[self._at : self._at + 1] != ":":
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
        self._skip()
        if self._text[self._at : self._at + 1] == closing:
            self._at += 1
            return True
        return False

    def _comma(self, closing: str) -> None:
        self._skip()
        here = self._text[self._at : self._at + 1]
        if here == ",":
            self._at += 1
        elif here != closing:
            raise self._broken(f"a comma or {closing} should stand here" if here else "the text breaks off")

    def _decoded(self) -> Any:
        try:
            value, self._at = _DECODE(self._text, self._at)
        except json.JSONDecodeError as error:
            self._at = min(error.pos, len(self._text))
            ended = not self._text[self._at :].strip()
            raise self._broken("the text breaks off" if ended else error.msg) from error
        except RecursionError:
            raise self._broken("nested too deeply") from None
        except ValueError as error:
            raise self._broken(str(error)) from error  # a number of thousands of digits
        return value

    def _skip(self) -> None:
        self._at = _SPACE.match(self._text, self._at).end()  # type: ignore[union-attr]

    def line(self) -> int:
        """Give the line of the place reached; each stretch of the text is counted once."""
        if self._at >= self._counted:
            self._line += self._text.count("\n", self._counted, self._at)
            self._counted = self._at
        return self._line

    def _broken(self, why: str) -> Broken:
        line = self.line()
        column = self._at - (self._text.rfind("\n", 0, self._at) + 1) + 1
        return Broken(f"not JSON at line {line}, column {column}: {why}", "fetch the file again", line=line)


def texts(value: Any) -> list[str]:
    """Give the texts in a value that should be a list of texts; what else stands there is left out."""
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def text(value: Any) -> str:
    """Give a value that should be text, or a number as text; empty where it is neither."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else ""
