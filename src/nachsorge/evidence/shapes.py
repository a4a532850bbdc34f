"""Shapes that whole runs of lines have, said once and checked by two engines: a regular expression, and the kernel.

A shape is a short cut. Lines that have it need not be looked at one by one; lines that have not are odd, and the format
itself decides what they are. So a shape may be narrower than what a format takes, never wider.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from nachsorge.model.words import Telemetry

if TYPE_CHECKING:
    from nachsorge.evidence.blocks import Block
    from nachsorge.evidence.kernel import Kernel, Sequences, Sorted

DIGITS = b"0123456789"
CAPITALS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
VISIBLE = bytes(range(0x21, 0x100))
"""Everything but blanks and control characters."""
LONGEST = 1 << 30


def without(codes: bytes, some: bytes) -> bytes:
    """Give the bytes that are not among some others."""
    return bytes(code for code in codes if code not in some)


@dataclass(frozen=True, slots=True)
class Run:
    """`least` to `most` of these bytes, as many as there are; `most` 0 only looks at the next byte, which must be one.

    No run takes the end of a line.
    """

    codes: bytes
    least: int = 1
    most: int = LONGEST


@dataclass(frozen=True)
class Steps:
    """A line begins with these runs, one after the other; each takes all it can, and none gives back.

    Of a format whose lines differ, lines of these steps are `telemetry`, of the host whose name the runs from one to
    another of `host` hold. `bare` lines hold none of the words that an `Either` names.
    """

    runs: tuple[Run, ...]
    telemetry: Telemetry | None = None
    host: tuple[int, int] | None = None
    bare: bool = False

    @cached_property
    def lines(self) -> re.Pattern[bytes]:
        """Match as many whole lines of this shape as there are, with their ends; the pure engine."""
        return re.compile(b"(?:" + b"".join(map(_expressed, self.runs)) + rb"[^\n]*+\n)*+")


@dataclass(frozen=True)
class Either:
    """A line begins with one of several steps, the first that fits; `words` are those that bare lines do not hold."""

    steps: tuple[Steps, ...]
    words: tuple[bytes, ...] = ()

    def odd(self, kernel: Kernel, block: Block, directive: int) -> Found:
        """Count lines and find those of another shape."""
        found = kernel.sort(block.raw, block.base, block.lo, block.hi, directive, self._sequences)
        return None if found is None else (found.lines, found.filled, found.odd, self._counted(found))

    def classes(self, kernel: Kernel, block: Block, start: int, end: int) -> Counts | None:
        """Count whole lines of the shape by telemetry and host; None where they are too many for that."""
        found = kernel.sort(block.raw, block.base, start, end, -1, self._sequences)
        return None if found is None else self._counted(found)

    def _counted(self, found: Sorted) -> Counts:
        counts: Counts = Counter()
        for which, text, lines in found.groups:
            telemetry = self.steps[which].telemetry
            if telemetry is not None:
                counts[telemetry, text.decode("latin-1") or None] += lines
        return counts

    @cached_property
    def _sequences(self) -> Sequences:
        from nachsorge.evidence.kernel import sequences  # needs an extra, which whoever holds a kernel has

        return sequences(self.steps, self.words)


@dataclass(frozen=True, slots=True)
class Objects:
    """A line runs from `{` to `}`."""

    def odd(self, kernel: Kernel, block: Block, directive: int) -> Found:
        """Count lines and find those of another shape."""
        found = kernel.walk(block.raw, block.base, block.lo, block.hi, directive, (ord("{"), ord("}")))
        return None if found is None else (*found, None)


@dataclass(frozen=True, slots=True)
class Columns:
    """Every line has so many separators."""

    separator: int
    each: int

    def odd(self, kernel: Kernel, block: Block, directive: int) -> Found:
        """Count lines and find those with more or fewer; None where one is empty."""
        found = kernel.columns(block.raw, block.base, block.lo, block.hi, directive, (self.separator, self.each))
        return None if found is None or found[0] != found[1] else (*found, None)


@dataclass(frozen=True, slots=True)
class Cells:
    r"""Every line is so many cells with one blank between them; none is empty, or holds a quote or another blank.

    `\r` may end the line.
    """

    cells: int

    def odd(self, kernel: Kernel, block: Block, directive: int) -> Found:
        """Count lines and find those of another shape."""
        found = kernel.cells(block.raw, block.base, block.lo, block.hi, directive, (ord(" "), self.cells - 1))
        return None if found is None else (*found, None)


Counts = Counter[tuple[Telemetry, str | None]]
"""Lines by telemetry and host."""

Found = tuple[int, int, list[int], Counts | None] | None
"""How many lines, how many not empty, the offsets of odd ones, and what the others are; None where it cannot tell."""

Shape = Either | Objects | Columns | Cells


@lru_cache(maxsize=64)
def either(*steps: Steps) -> Either:
    """Make one shape of several, once."""
    return Either(steps)


def literal(text: bytes) -> tuple[Run, ...]:
    """Give the runs of a word."""
    return tuple(Run(bytes((code,)), 1, 1) for code in text)


def _expressed(run: Run) -> bytes:
    codes = b"[" + b"".join(b"\\x%02x" % code for code in run.codes) + b"]"
    if run.most == 0:
        return b"(?=" + codes + b")"
    return codes + (b"{%d,}+" % run.least if run.most == LONGEST else b"{%d,%d}+" % (run.least, run.most))
