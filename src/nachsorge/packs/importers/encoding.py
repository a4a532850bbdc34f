"""Bytes of an indicator file -> text as it is read, in the encodings that spreadsheets and shells really write."""

from __future__ import annotations

import codecs
import io
import re
from contextlib import suppress
from typing import TYPE_CHECKING, BinaryIO

from nachsorge.packs.row_problem import RowProblem

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_LINE = 16_000_000
"""Characters. The longest lines in use are records of JSON lines, of a hundredth of that."""

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_NOT_UTF8 = re.compile("[\udc80-\udcff]+")
"""How undecodable bytes come out of `surrogateescape`."""


def decode(content: bytes) -> str:
    """Give the text of a file's beginning; bytes that are not UTF-8 are read as Windows-1252."""
    if content.startswith(_UTF16):
        return content.decode("utf-16", errors="replace")
    return _mended(content.decode("utf-8-sig", errors="surrogateescape"))


class Text:
    """A file as text, read piece by piece; the source stays open.

    `foreign` is the first line that was not UTF-8; 0 where all of it is.
    """

    def __init__(self, source: BinaryIO) -> None:
        """Begin at the start of the source."""
        source.seek(0)
        utf16 = source.read(2).startswith(_UTF16)
        source.seek(0)
        encoding, errors = ("utf-16", "replace") if utf16 else ("utf-8-sig", "surrogateescape")
        # Line ends stay as they are: CSV has them within quotes.
        self._text = io.TextIOWrapper(source, encoding, errors, newline="")
        self._line = 1
        self.foreign = 0

    def __del__(self) -> None:
        """Let go of the source, which belongs to whoever opened it."""
        with suppress(AttributeError, ValueError):  # it could not be read, or was closed before
            self._text.detach()

    def read(self, size: int) -> str:
        """Give the next characters; empty at the end."""
        piece = self._text.read(size)
        if not piece.isascii() and not self.foreign and (found := _NOT_UTF8.search(piece)):
            self.foreign = self._line + piece.count("\n", 0, found.start())
        if not self.foreign:
            self._line += piece.count("\n")
        return piece if piece.isascii() else _mended(piece)

    def raw_lines(self) -> Iterator[str]:
        """Give line by line with its line end.

        Raises:
            RowProblem: a line is longer than any list has.
        """
        number = 0
        while line := self._text.readline(LONGEST_LINE):
            number += 1
            if len(line) == LONGEST_LINE:
                message = f"line {number}: longer than {LONGEST_LINE:,} characters"
                raise RowProblem(message, "is it text?", line=number)
            if not line.isascii():
                if not self.foreign and _NOT_UTF8.search(line):
                    self.foreign = number
                line = _mended(line)
            yield line

    def lines(self) -> Iterator[tuple[int, str]]:
        """Give line by line with its number, without its line end."""
        for number, line in enumerate(self.raw_lines(), 1):
            yield number, line.rstrip("\r\n")

    def note(self) -> str:
        """Say what had to be assumed on the encoding so far; empty where nothing had."""
        return f"line {self.foreign}: not UTF-8; read as Windows-1252" if self.foreign else ""


def _mended(text: str) -> str:
    return _NOT_UTF8.sub(_windows, text)


def _windows(found: re.Match[str]) -> str:
    return found[0].encode("utf-8", "surrogateescape").decode("cp1252", errors="replace")
