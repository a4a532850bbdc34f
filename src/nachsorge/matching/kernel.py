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
    from collections.abc import Callable, Iterable

_ROOM = 1 << 14
_LOOPS = {"fill": "bnbnun", "scan": "bnnbbbnunlnl"}
_NONE, _IN_TOKEN, _IS_DOT, _NO_DIGIT = 0, 1, 2, 4
"""What kernel_loops calls the classes of bytes."""


def _lowered() -> Any:
    return np.frombuffer(bytes(range(256)).lower(), np.uint8).copy()


def _classes() -> Any:
    table = np.zeros(256, np.uint8)
    table[list(b"0123456789")] = _IN_TOKEN
    table[list(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-")] = _IN_TOKEN | _NO_DIGIT
    table[ord(".")] = _IN_TOKEN | _IS_DOT
    return table


_LOWERED = _lowered()
_CLASSES = _classes()

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
    """Tokens by their hash: one bit tells of most that they are unknown, 64 bits of the rest."""

    def __init__(self, tokens: Iterable[bytes]) -> None:
        """File the tokens, which must be lower-case and hold no zero byte."""
        ordered = list(tokens)
        text = np.frombuffer(b"".join(token + b"\0" for token in ordered) or b"\0", np.uint8)
        bits = max(1 << 16, 1 << (len(ordered) * 16 - 1).bit_length())
        self._bitmap = np.zeros(bits // 8, np.uint8)
        self._table = np.zeros(max(1 << 10, 1 << (len(ordered) * 2 - 1).bit_length()), np.uint64)
        if ordered:
            _function("fill")(_at(text), text.size, *self._given())

    @classmethod
    def of(cls, bitmap: bytes | memoryview, hashes: bytes | memoryview) -> Table:
        """Take a table as `columns` gave it; its memory is taken as it is, and not written to."""
        made = cls(())
        made._bitmap = np.frombuffer(bitmap, np.uint8)
        made._table = np.frombuffer(hashes, np.uint64)
        return made

    @property
    def columns(self) -> tuple[memoryview, memoryview]:
        """Give the table's bits and its hashes, as bytes."""
        return memoryview(self._bitmap.tobytes()), memoryview(self._table.tobytes())

    def ends(self, block: bytes | memoryview) -> list[int]:
        """Give where tokens of the block end that are filed, or may be one in another spelling; in order."""
        raw = np.frombuffer(block, np.uint8)
        found, stopped = np.empty(_ROOM, np.int64), np.zeros(1, np.int64)
        tables = (_at(_LOWERED), _at(_CLASSES), *self._given())
        ends: list[int] = []
        at = 0
        while at < raw.size:
            count = _function("scan")(_at(raw), raw.size, at, *tables, _at(found), _ROOM, _at(stopped))
            at = int(stopped[0])
            ends += found[:count].tolist()
        return ends

    def _given(self) -> tuple[int, int, int, int]:
        return _at(self._bitmap), self._bitmap.size * 8, _at(self._table), self._table.size


def _at(array: Any) -> int:
    return int(array.ctypes.data)
