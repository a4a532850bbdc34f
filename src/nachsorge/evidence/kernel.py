r"""The compiled part of the line engine: whole lines are walked, counted and checked at the speed of memory.

Every function is a shortcut that may give up: it tells which lines it is not sure of, and those are looked at by the
format itself, so that nobody can tell from the result whether it was used. Needs numba and numpy (the extra
`big-lists`); compiled once a process, or once a machine where a folder is given. The interpreter's lock is released.

Lines end in `\n`. `raw` is an array of bytes, `base` the address of its first; offsets are into `raw`, `hi` exclusive,
and the byte before `hi` must be `\n`.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nachsorge.evidence.layouts import CHUNKS, DRAWING, LAYOUT, RANGES, WIDTH, layable, ranges_of
from nachsorge.native import is_kept, loops

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nachsorge.evidence.blocks import Block
    from nachsorge.evidence.shapes import Steps

ODD = 512
"""So many lines of a block may be odd before the block is looked at line by line."""
VALUES = 64
"""So many different values of a key are counted in a block."""
_TURNS = 256
"""So many times layouts are used before they are learned anew."""
_SHAPES = 64
"""Of so many shapes layouts are known at a time."""

_MODULE = "nachsorge.evidence.kernel_loops"
_LOOPS = {
    "lines": "bnnn",
    "columns": "bnnnnnnlnl",
    "cells": "bnnnnnnlnl",
    "walk": "bnnnnnnlnl",
    "dates": "bnnn",
    "undotted": "bnnnbnn",
    "tallied": "bnnnnnllln",
}
_SORT = "nachsorge.evidence.layout_loops"
_SORTS = {"sort": "bnnnnblllnnlbnlnlbnllblbnlllnllllnl"}
_BESIDE = ("nachsorge.evidence.layouts",)


def kept(folder: str | None) -> bool:
    """Tell whether the functions need not be compiled."""
    return folder is not None and is_kept(_MODULE, _LOOPS, folder) and is_kept(_SORT, _SORTS, folder, _BESIDE)


class _Room(threading.local):
    """What the functions write to, with its addresses; each thread has its own."""

    def __init__(self) -> None:
        self.odd = np.empty(ODD, np.int64)
        self.which, self.places, self.sizes, self.counts = (np.empty(VALUES, np.int64) for _ in range(4))
        self.out = np.empty(3, np.int64)
        self.odd_at, self.out_at = address(self.odd), address(self.out)
        self.found_at = tuple(address(each) for each in (self.places, self.sizes, self.counts))
        self.which_at = address(self.which)

        self._layouts: dict[Sequences, Layouts] = {}

    def layouts(self, sequences: Sequences) -> Layouts:
        """Give what was learned of lines of these sequences; it is forgotten now and then, for files differ."""
        layouts = self._layouts.get(sequences)
        if layouts is None or not layouts.turns:
            if len(self._layouts) >= _SHAPES:
                self._layouts.clear()
            layouts = self._layouts[sequences] = Layouts(sequences)
        layouts.turns -= 1
        return layouts

    def spans(self, raw: Any, known: int) -> list[bytes]:
        """Give the texts that were told apart."""
        spans = zip(self.places[:known].tolist(), self.sizes[:known].tolist(), strict=True)
        return [raw[place : place + size].tobytes() for place, size in spans]


class Kernel:
    """The functions, compiled. `folder` keeps what was compiled for all later processes."""

    def __init__(self, folder: str | None) -> None:
        """Compile, or load; two seconds without a folder that holds it."""
        ready = loops(_MODULE, _LOOPS, folder)
        self._lines, self._columns, self._walk = ready["lines"], ready["columns"], ready["walk"]
        self._cells = ready["cells"]
        self._sort = loops(_SORT, _SORTS, folder, _BESIDE)["sort"]
        self._dates, self._undotted, self._tallied = ready["dates"], ready["undotted"], ready["tallied"]
        self._room = _Room()

    def array(self, data: bytes | bytearray | memoryview) -> tuple[Any, int]:
        """Give a buffer as the functions want it: an array over it, and its address."""
        raw = np.frombuffer(data, np.uint8)
        return raw, address(raw)

    def lines(self, raw: Any, base: int, lo: int, hi: int) -> int:
        """Count ends of lines."""
        return self._lines(base, base, lo, hi)

    def columns(
        self, raw: Any, base: int, lo: int, hi: int, directive: int, columns: tuple[int, int]
    ) -> tuple[int, int, list[int]] | None:
        """Do what `walk` does, and note lines that have not the separator so often as `columns` says."""
        room = self._room
        return self._walked(self._columns(base, base, lo, hi, directive, *columns, room.odd_at, ODD, room.out_at))

    def cells(
        self, raw: Any, base: int, lo: int, hi: int, directive: int, columns: tuple[int, int]
    ) -> tuple[int, int, list[int]] | None:
        """Do what `columns` does, and note lines with an empty cell, a quote or other blanks as well."""
        room = self._room
        return self._walked(self._cells(base, base, lo, hi, directive, *columns, room.odd_at, ODD, room.out_at))

    def walk(
        self, raw: Any, base: int, lo: int, hi: int, directive: int, ends: tuple[int, int]
    ) -> tuple[int, int, list[int]] | None:
        """Count lines and filled lines, and give where those begin that do not run from one to the other of `ends`.

        None where too many do not.
        """
        room = self._room
        return self._walked(self._walk(base, base, lo, hi, directive, *ends, room.odd_at, ODD, room.out_at))

    def _walked(self, lines: int) -> tuple[int, int, list[int]] | None:
        if lines < 0:
            return None
        filled, odd, _ = self._room.out.tolist()
        return lines, filled, self._room.odd[:odd].tolist()

    def sort(self, raw: Any, base: int, lo: int, hi: int, directive: int, sequences: Sequences) -> Sorted | None:
        """Sort lines by how they begin; None where too many are odd, or too many different."""
        room = self._room
        lines = self._sort(
            *(base, base, lo, hi, directive, *sequences.given, *room.layouts(sequences).given),
            *(room.odd_at, ODD, room.which_at, *room.found_at, VALUES, room.out_at),
        )
        if lines < 0:
            return None
        filled, odd, known = room.out.tolist()
        groups = zip(room.which[:known].tolist(), room.spans(raw, known), room.counts[:known].tolist(), strict=True)
        return Sorted(lines, filled, room.odd[:odd].tolist(), list(groups))

    def dates(self, block: Block) -> tuple[bool, bool, bool]:
        """Say of dates with slashes: is a first number over 12, a second one, do any two differ."""
        raw, base = self.array(block.data)
        found = self._dates(base, base, block.lo, block.hi)
        del raw
        return bool(found & 1), bool(found & 2), bool(found & 4)

    def undotted(self, block: Block, view: memoryview) -> int:
        """Write names in counted labels with dots, into a view that has room for the whole block; gives the size."""
        source, base = self.array(block.data)
        out, target = self.array(view)
        size = self._undotted(base, base, block.lo, block.hi, target, target, out.size)
        del source, out
        return size

    def tallied(self, raw: Any, base: int, lo: int, hi: int, key: bytes) -> list[tuple[bytes, int]] | None:
        """Count lines by the text under a key; None where a line has none that can be read at a glance."""
        sought, room = np.frombuffer(key, np.uint8), self._room
        known = self._tallied(base, base, lo, hi, address(sought), len(key), *room.found_at, VALUES)
        if known < 0:
            return None
        return list(zip(room.spans(raw, known), room.counts[:known].tolist(), strict=True))


def address(array: Any) -> int:
    """Tell where an array lies; whoever asks holds it as long as the address is used."""
    return int(array.ctypes.data)


@dataclass(frozen=True, slots=True)
class Sorted:
    """Lines, those that are not empty, where the odd ones begin, and groups: (sequence, text, lines)."""

    lines: int
    filled: int
    odd: list[int]
    groups: list[tuple[int, bytes, int]]


@dataclass(frozen=True, eq=False)
class Sequences:
    """Sequences of runs as arrays, and as `sort` takes them; `layable` are those that may be compared with layouts."""

    arrays: tuple[Any, ...]
    given: tuple[int, ...]
    layable: tuple[bool, ...]
    longest: int


class Layouts:
    """How lines of some sequences are laid out, as `sort` learns it; for so many more `turns`."""

    def __init__(self, sequences: Sequences) -> None:
        """Know nothing yet."""
        several, longest = len(sequences.layable), sequences.longest
        self.turns = _TURNS
        laid = np.where(np.array(sequences.layable), 0, -1)
        usual, varies = np.zeros(several * longest, np.int64), np.zeros(several * longest, np.bool_)
        pieces, drawn = np.zeros(several * LAYOUT, np.int64), np.zeros(several * CHUNKS * DRAWING, np.uint8)
        room = np.zeros((2, longest), np.int64)
        self._arrays = (laid, usual, varies, pieces, drawn, drawn, room[0], room[1])
        self.given = tuple(address(array) for array in self._arrays)


def sequences(each: Sequence[Steps], words: Sequence[bytes]) -> Sequences:
    """Make the arrays of some steps and of the words that bare ones do not hold."""
    longest = max(len(words), *(len(steps.runs) for steps in each))
    table = np.zeros((len(each), longest, 256), np.uint8)
    least, most, several = np.zeros((3, len(each), longest), np.int64)
    planes = np.zeros((len(each), longest, DRAWING), np.uint8)
    for number, steps in enumerate(each):
        for step, run in enumerate(steps.runs):
            table[number, step, list(run.codes)] = 1
            least[number, step], most[number, step] = run.least, run.most
            ranges = ranges_of(run.codes)[:RANGES]
            several[number, step] = len(ranges)
            planes[number, step] = np.repeat(np.array((ranges * RANGES)[:RANGES], np.uint8).ravel(), WIDTH)
    joined = np.frombuffer(b"".join(words) + b"\0", np.uint8)
    ends = np.cumsum(np.array([len(word) for word in words], np.int64))
    lengths = np.array([len(steps.runs) for steps in each], np.int64)
    captures = np.array([steps.host or (-1, -1) for steps in each], np.int64)
    bare = np.array([steps.bare for steps in each], np.bool_)
    arrays = (table, least, most, lengths, captures, bare, joined, ends, several, planes, planes)
    at = [address(array) for array in arrays]
    given = (*at[:4], len(each), longest, *at[4:8], len(words), *at[8:])
    return Sequences(arrays, given, layable(each, words), longest)
