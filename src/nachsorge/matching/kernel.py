"""The compiled part of the token sieve: raw bytes in, the ends of known tokens out. Imports numba and numpy.

All functions work on arrays of bytes and release the interpreter's lock. They are compiled once a process, or once a
machine where `keep` has named a folder before the first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numba
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

# ruff: noqa: SIM109  numba compiles two comparisons into less than a tuple

_PRIME = np.uint64(0x9E3779B97F4A7C15)
_SEED = np.uint64(0xCBF29CE484222325)
_ESCAPED = np.uint64(8)
"""So many characters at the beginning of a token may belong to an escape before it (`n`, `u2028`, `011`)."""
_PAIRS = np.uint64(14)
"""An MD5 has 16 pairs, of which the first and the last may be glued to something else."""
_ROOM = 1 << 14

# Everything is unsigned: for signed indexes numba would look at each whether it counts from the end.
_0, _1, _2, _3, _7, _20, _24, _32, _40, _64 = (np.uint64(n) for n in (0, 1, 2, 3, 7, 20, 24, 32, 40, 64))
_DOT, _HYPHEN, _UNDERSCORE, _BACKSLASH, _SHARP, _COLON, _BLANK = (np.uint8(ord(c)) for c in ".-_\\#: ")
_NONE, _IN_TOKEN, _IS_DOT, _NO_DIGIT = (np.uint8(n) for n in (0, 1, 2, 4))
_SIZES = (_32, _40, _64)


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


@numba.njit(inline="always")
def _known(h, bitmap, table):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    bit = h >> _24 & np.uint64(bitmap.size * 8 - 1)
    if not bitmap[bit >> _3] >> np.uint8(bit & _7) & np.uint8(1):
        return False
    mask = np.uint64(table.size - 1)
    slot = h >> _20 & mask
    while table[slot]:
        if table[slot] == h:
            return True
        slot = slot + _1 & mask
    return False


def _fill(text, bitmap, table):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    """File tokens that zero bytes end."""
    mask = np.uint64(table.size - 1)
    start = _0
    for place in range(text.size):
        end = np.uint64(place)
        if text[end]:
            continue
        h, at = _SEED, end
        while at > start:
            at -= _1
            h = (h ^ np.uint64(text[at])) * _PRIME
        start = end + _1
        bit = h >> _24 & np.uint64(bitmap.size * 8 - 1)
        bitmap[bit >> _3] |= np.uint8(1) << np.uint8(bit & _7)
        slot = h >> _20 & mask
        while table[slot] and table[slot] != h:
            slot = slot + _1 & mask
        table[slot] = h


@numba.njit(inline="always")
def _dotted(raw, start, end, glued, low, bitmap, table):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    """Tell whether a part of a dotted token is known that begins at a label and runs to the token's end."""
    while end > start and (raw[end - _1] == _DOT or raw[end - _1] == _HYPHEN):
        end -= _1
    h, dots, at = _SEED, False, end
    while at > start:
        at -= _1
        code = raw[at]
        if code == _DOT or code == _HYPHEN:
            if dots and _known(h, bitmap, table):
                return True
            dots |= code == _DOT
            if code == _DOT and at > start and raw[at - _1] == _DOT:  # two dots end a name
                while at > start and (raw[at - _1] == _DOT or raw[at - _1] == _HYPHEN):
                    at -= _1
                h, dots = _SEED, False
                continue
        elif glued and dots and at - start < _ESCAPED and _known(h, bitmap, table):
            return True
        h = (h ^ np.uint64(low[code])) * _PRIME
    return dots and _known(h, bitmap, table)


@numba.njit(inline="always")
def _numeric(raw, start, end, low, bitmap, table):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    """Tell whether digits and dots that begin and end in a digit are a known IPv4 address."""
    h, at, dots, double = _SEED, end, _0, False
    while at > start:
        at -= _1
        if raw[at] == _DOT:
            dots += _1
            double |= raw[at + _1] == _DOT
        h = (h ^ np.uint64(raw[at])) * _PRIME
    if double:  # two dots end an address
        return _dotted(raw, start, end, False, low, bitmap, table)
    return dots == _3 and _known(h, bitmap, table)


@numba.njit
def _hashes(raw, start, end, glued, low, bitmap, table):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    """Tell whether a run of letters and digits within a token is a known hash, or pairs of digits may be one."""
    begin, pairs, at = start, _0, start
    while at <= end:
        if at < end and raw[at] != _DOT and raw[at] != _HYPHEN and raw[at] != _UNDERSCORE:
            at += _1
            continue
        size = at - begin
        pairs = pairs + _1 if size == _2 else _0
        if pairs >= _PAIRS:
            return True
        for digits in _SIZES:
            if size < digits:
                break
            more = size - digits
            if more == _0 or more == _2 or (glued and begin == start and more <= _ESCAPED):
                h, place = _SEED, at
                while place > at - digits:
                    place -= _1
                    h = (h ^ np.uint64(low[raw[place]])) * _PRIME
                if _known(h, bitmap, table):
                    return True
        at += _1
        begin = at
    return False


def _scan(raw, place, low, classes, bitmap, table, found):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    """Write the ends of known tokens from `place` on; gives how many, and where it stopped for lack of room."""
    count, pairs, size, at = 0, _0, np.uint64(raw.size), np.uint64(place)
    while at < size:
        while at < size and classes[raw[at]] == _NONE:
            at += _1
        start, seen = at, _NONE
        while at < size:
            code = classes[raw[at]]
            if code == _NONE:
                break
            seen |= code
            at += _1
        length = at - start
        if length == _2 and start > _0 and (raw[start - _1] == _COLON or raw[start - _1] == _BLANK):
            pairs += _1
        else:
            pairs = _0
        dots = seen & _IS_DOT != _NONE
        if not dots and length < _32 and pairs < _PAIRS:
            continue
        glued = start > _0 and (raw[start - _1] == _BACKSLASH or raw[start - _1] == _SHARP)
        hit = pairs >= _PAIRS
        if dots and not hit:
            if seen & _NO_DIGIT == _NONE and not glued and raw[start] != _DOT and raw[at - _1] != _DOT:
                hit = _numeric(raw, start, at, low, bitmap, table)
            else:
                hit = _dotted(raw, start, at, glued, low, bitmap, table)
        if length >= _32 and not hit:
            hit = _hashes(raw, start, at, glued, low, bitmap, table)
        if hit:
            found[count] = at
            count += 1
            if count == found.size:
                break
    return count, at


_compiled: dict[str, Any] = {}


def keep(folder: str) -> None:
    """Keep compiled code in this folder, for all later processes; else each compiles for itself (two seconds)."""
    numba.config.CACHE_DIR = folder  # type: ignore[attr-defined]
    _compiled["cache"] = True


def _function(plain: Any) -> Any:
    name = plain.__name__
    if name not in _compiled:
        _compiled[name] = numba.njit(nogil=True, cache=_compiled.get("cache", False))(plain)
    return _compiled[name]


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
            _function(_fill)(text, self._bitmap, self._table)

    @classmethod
    def of(cls, bitmap: bytes | memoryview, hashes: bytes | memoryview) -> Table:
        """Take a table as `columns` gave it. Writable memory is taken as it is, and not written to."""
        made = cls(())
        made._bitmap = np.frombuffer(bitmap, np.uint8)
        made._table = np.frombuffer(hashes, np.uint64)
        return made

    @property
    def columns(self) -> tuple[memoryview, memoryview]:
        """Give the table's bits and its hashes, as bytes: writable ones, for which alone the search is compiled."""
        return memoryview(bytearray(self._bitmap.tobytes())), memoryview(bytearray(self._table.tobytes()))

    def ends(self, block: bytes | memoryview) -> list[int]:
        """Give where tokens of the block end that are filed, or may be one in another spelling; in order."""
        raw = np.frombuffer(block, np.uint8)
        found = np.empty(_ROOM, np.int64)
        ends: list[int] = []
        at = 0
        while at < raw.size:
            count, at = _function(_scan)(raw, at, _LOWERED, _CLASSES, self._bitmap, self._table, found)
            ends += found[:count].tolist()
        return ends
