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

import numba
import numpy as np

from nachsorge.evidence import kernel_loops as loops

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nachsorge.evidence.shapes import Steps

ODD = 512
"""So many lines of a block may be odd before the block is looked at line by line."""
VALUES = 64
"""So many different values of a key are counted in a block."""


class _Room(threading.local):
    """What the functions write to; each thread has its own."""

    def __init__(self) -> None:
        self.odd = np.empty(ODD, np.int64)
        self.which, self.places, self.sizes, self.counts = (np.empty(VALUES, np.int64) for _ in range(4))
        self.flags = np.empty(0, np.bool_)


class Kernel:
    """The functions, compiled. `folder` keeps what was compiled for all later processes."""

    def __init__(self, folder: str | None) -> None:
        """Compile on first use, two seconds without a folder that holds it."""
        if folder is not None:
            numba.config.CACHE_DIR = folder  # type: ignore[attr-defined]
        ready = numba.njit(nogil=True, cache=folder is not None)
        self._lines, self._walk, self._sort = (ready(loop) for loop in (loops.lines, loops.walk, loops.sort))
        self._tallied, self._undotted, self._dates = (
            ready(loop) for loop in (loops.tallied, loops.undotted, loops.dates)
        )
        self._room = _Room()
        self._keys: dict[bytes, Any] = {}

    def array(self, data: bytes | bytearray) -> tuple[Any, int]:
        """Give a buffer as the functions want it: an array over it, and its address."""
        raw = np.frombuffer(data, np.uint8)
        return raw, int(raw.ctypes.data)

    def lines(self, raw: Any, base: int, lo: int, hi: int) -> int:
        """Count ends of lines."""
        return int(self._lines(raw, lo, hi, base))

    def count(self, raw: Any, byte: int, lo: int, hi: int) -> int:
        """Count a byte."""
        room = self._room
        if room.flags.size < hi - lo:
            room.flags = np.empty(hi - lo, np.bool_)
        return int(np.count_nonzero(np.equal(raw[lo:hi], byte, out=room.flags[: hi - lo])))

    def walk(
        self, raw: Any, base: int, lo: int, hi: int, directive: int, ends: tuple[int, int]
    ) -> tuple[int, int, list[int]] | None:
        """Count lines and filled lines, and give where those begin that do not run from one to the other of `ends`.

        None where too many do not.
        """
        lines, filled, odd = self._walk(raw, lo, hi, base, directive, ends[0], ends[1], self._room.odd)
        return None if lines < 0 else (lines, filled, self._room.odd[:odd].tolist())

    def sort(self, raw: Any, base: int, lo: int, hi: int, directive: int, sequences: Sequences) -> Sorted | None:
        """Sort lines by how they begin; None where too many are odd, or too many different."""
        room = self._room
        lines, filled, odd, known = self._sort(
            *(raw, lo, hi, base, directive, sequences.table, sequences.least, sequences.most, sequences.lengths),
            *(sequences.captures, sequences.bare, sequences.words, sequences.ends),
            *(room.odd, room.which, room.places, room.sizes, room.counts),
        )
        if lines < 0:
            return None
        spans = zip(room.places[:known].tolist(), room.sizes[:known].tolist(), strict=True)
        texts = [raw[place : place + size].tobytes() for place, size in spans]
        groups = zip(room.which[:known].tolist(), texts, room.counts[:known].tolist(), strict=True)
        return Sorted(lines, filled, room.odd[:odd].tolist(), list(groups))

    def dates(self, data: bytes) -> tuple[bool, bool, bool]:
        """Say of dates with slashes that begin lines: is a first number over 12, a second one, do any two differ."""
        raw, base = self.array(data)
        left, right, differ = self._dates(raw, 0, raw.size, base)
        return bool(left), bool(right), bool(differ)

    def undotted(self, data: bytes) -> bytes:
        """Write names in counted labels with dots."""
        raw = np.frombuffer(data, np.uint8)
        out = np.empty(raw.size, np.uint8)
        return out[: self._undotted(raw, 0, raw.size, out)].tobytes()

    def tallied(self, raw: Any, base: int, lo: int, hi: int, key: bytes) -> list[tuple[bytes, int]] | None:
        """Count lines by the text under a key; None where a line has none that can be read at a glance."""
        sought = self._keys.setdefault(key, np.frombuffer(key, np.uint8))
        room = self._room
        known = self._tallied(raw, lo, hi, base, sought, room.places, room.sizes, room.counts)
        if known < 0:
            return None
        spans = zip(room.places[:known].tolist(), room.sizes[:known].tolist(), strict=True)
        texts = [raw[place : place + size].tobytes() for place, size in spans]
        return list(zip(texts, room.counts[:known].tolist(), strict=True))


@dataclass(frozen=True, slots=True)
class Sorted:
    """Lines, those that are not empty, where the odd ones begin, and groups: (sequence, text, lines)."""

    lines: int
    filled: int
    odd: list[int]
    groups: list[tuple[int, bytes, int]]


@dataclass(frozen=True, slots=True)
class Sequences:
    """Sequences of runs as arrays; see `_sorted`."""

    table: Any
    least: Any
    most: Any
    lengths: Any
    captures: Any
    bare: Any
    words: Any
    ends: Any


def sequences(each: Sequence[Steps], words: Sequence[bytes]) -> Sequences:
    """Make the arrays of some steps and of the words that bare ones do not hold."""
    longest = max(len(steps.runs) for steps in each)
    table = np.zeros((len(each), longest, 256), np.uint8)
    least, most = np.zeros((len(each), longest), np.uint64), np.zeros((len(each), longest), np.uint64)
    for number, steps in enumerate(each):
        for step, run in enumerate(steps.runs):
            table[number, step, list(run.codes)] = 1
            least[number, step], most[number, step] = run.least, run.most
    joined = np.frombuffer(b"".join(words) + b"\0", np.uint8)
    ends = np.cumsum(np.array([len(word) for word in words], np.int64))
    lengths = np.array([len(steps.runs) for steps in each], np.int64)
    captures = np.array([steps.host or (-1, -1) for steps in each], np.int64)
    bare = np.array([steps.bare for steps in each], np.bool_)
    return Sequences(table, least, most, lengths, captures, bare, joined, ends)
