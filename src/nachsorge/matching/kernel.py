"""The compiled part of the token sieve: raw bytes in, the ends of known tokens out. Needs the extra `big-lists`.

All functions release the interpreter's lock. They are compiled once a process, or once a machine where `keep` has named
a folder before the first use.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from nachsorge.native import loops

if TYPE_CHECKING:
    from collections.abc import Callable

_ROOM = 1 << 14
_BATCH = 1 << 10
"""As `kernel_loops` has it."""
_LOOPS = {"fill": "bnnunun", "survey": "nnnuu", "scan": "bnnnuuununuulnl"}
_WIDTH = 64
"""The loops look at so many bytes at once."""
_PER_TOKEN = 16
"""Bits of the bitmap; two of them are set for each token."""

_kept: list[str] = []


def keep(folder: str) -> None:
    """Keep compiled code in this folder, for all later processes; else each compiles for itself (two seconds)."""
    _kept[:] = [folder]


@cache
def _functions(folder: str | None) -> dict[str, Callable[..., int]]:
    return loops("nachsorge.matching.kernel_loops", _LOOPS, folder)


def _function(name: str) -> Callable[..., int]:
    return _functions(_kept[0] if _kept else None)[name]


class Table:
    """Tokens by their hash: two bits tell of most that they are unknown, 64 bits of the rest."""

    def __init__(self, tokens: bytes) -> None:
        """File the tokens, which must be lower-case, each with a zero byte behind it."""
        number = tokens.count(b"\0")
        bits = max(1 << 16, 1 << (number * _PER_TOKEN - 1).bit_length())
        self._bitmap = np.zeros(bits // 64, np.uint64)
        self._table = np.zeros(max(1 << 10, 1 << (number * 2 - 1).bit_length()), np.uint64)
        if number:
            text = np.frombuffer(tokens, np.uint8)
            _function("fill")(_at(text), _at(text), text.size, *self._given())

    @classmethod
    def of(cls, bitmap: bytes | memoryview, hashes: bytes | memoryview) -> Table:
        """Take a table as `columns` gave it; its memory is taken as it is, and not written to."""
        made = cls(b"")
        made._bitmap = np.frombuffer(bitmap, np.uint64)
        made._table = np.frombuffer(hashes, np.uint64)
        return made

    @property
    def columns(self) -> tuple[memoryview, memoryview]:
        """Give the table's bits and its hashes, as bytes."""
        return memoryview(self._bitmap.tobytes()), memoryview(self._table.tobytes())

    def ends(self, block: bytes | memoryview) -> list[int]:
        """Give where tokens of the block end that are filed, or may be one in another spelling; in order."""
        raw = np.frombuffer(block, np.uint8)
        tail = np.zeros(_WIDTH, np.uint8)
        tail[: raw.size % _WIDTH] = raw[raw.size - raw.size % _WIDTH :]
        tokens, signs = np.empty((2, -(-raw.size // _WIDTH)), np.uint64)
        _function("survey")(_at(raw), raw.size, _at(tail), _at(tokens), _at(signs))
        hashes, places = np.empty((2, _BATCH), np.uint64)
        found, stopped = np.empty(_ROOM, np.int64), np.zeros(1, np.int64)
        ends: set[int] = set()
        while (at := int(stopped[0])) < raw.size:
            place = (_at(raw), _at(raw), raw.size, at, _at(tokens), _at(signs))
            room = (_at(hashes), _at(places), _at(found), _ROOM, _at(stopped))
            count = _function("scan")(*place, *self._given(), *room)
            ends.update(found[:count].tolist())
        return sorted(ends)

    def _given(self) -> tuple[int, int, int, int]:
        return _at(self._bitmap), self._bitmap.size, _at(self._table), self._table.size


def _at(array: Any) -> int:
    return int(array.ctypes.data)
