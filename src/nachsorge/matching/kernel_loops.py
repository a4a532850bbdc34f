r"""The loops of the token sieve, as numba compiles them: raw bytes in, the ends of known tokens out.

A table of tokens is `bitmap` of `bits` bits, of which one tells of most tokens that they are unknown, and `table` of
`slots` hashes, both powers of two.
"""

# mypy: disable-error-code="no-untyped-def"
# ruff: noqa: ANN001, ANN201, ANN202, SIM109  numba infers types, and compiles comparisons into less than a tuple

from __future__ import annotations

import numba
import numpy as np

_PRIME = np.uint64(0x9E3779B97F4A7C15)
_SEED = np.uint64(0xCBF29CE484222325)
_ESCAPED = np.uint64(8)
"""So many characters at the beginning of a token may belong to an escape before it (`n`, `u2028`, `011`)."""
_PAIRS = np.uint64(14)
"""An MD5 has 16 pairs, of which the first and the last may be glued to something else."""
# Everything is unsigned: for signed indexes numba would look at each whether it counts from the end.
_0, _1, _2, _3, _7, _20, _24, _32, _40, _64 = (np.uint64(n) for n in (0, 1, 2, 3, 7, 20, 24, 32, 40, 64))
_DOT, _HYPHEN, _UNDERSCORE, _BACKSLASH, _SHARP, _COLON, _BLANK = (np.uint8(ord(c)) for c in ".-_\\#: ")
NONE, IN_TOKEN, IS_DOT, NO_DIGIT = (np.uint8(n) for n in (0, 1, 2, 4))
_SIZES = (_32, _40, _64)


@numba.njit
def _known(h, bitmap, bits, table, slots):
    bit = h >> _24 & (bits - _1)
    if not bitmap[bit >> _3] >> np.uint8(bit & _7) & np.uint8(1):
        return False
    mask = slots - _1
    slot = h >> _20 & mask
    while table[slot]:
        if table[slot] == h:
            return True
        slot = slot + _1 & mask
    return False


def fill(text, size, bitmap, bits, table, slots):
    """File tokens that zero bytes end."""
    bits, slots = np.uint64(bits), np.uint64(slots)
    mask = slots - _1
    start = _0
    for place in range(size):
        end = np.uint64(place)
        if text[end]:
            continue
        h, at = _SEED, end
        while at > start:
            at -= _1
            h = (h ^ np.uint64(text[at])) * _PRIME
        start = end + _1
        bit = h >> _24 & (bits - _1)
        bitmap[bit >> _3] |= np.uint8(1) << np.uint8(bit & _7)
        slot = h >> _20 & mask
        while table[slot] and table[slot] != h:
            slot = slot + _1 & mask
        table[slot] = h
    return 0


@numba.njit
def _dotted(raw, start, end, glued, low, bitmap, bits, table, slots):
    """Tell whether a part of a dotted token is known that begins at a label and runs to the token's end."""
    while end > start and (raw[end - _1] == _DOT or raw[end - _1] == _HYPHEN):
        end -= _1
    h, dots, at = _SEED, False, end
    while at > start:
        at -= _1
        code = raw[at]
        if code == _DOT or code == _HYPHEN:
            if dots and _known(h, bitmap, bits, table, slots):
                return True
            dots |= code == _DOT
            if code == _DOT and at > start and raw[at - _1] == _DOT:  # two dots end a name
                while at > start and (raw[at - _1] == _DOT or raw[at - _1] == _HYPHEN):
                    at -= _1
                h, dots = _SEED, False
                continue
        elif glued and dots and at - start < _ESCAPED and _known(h, bitmap, bits, table, slots):
            return True
        h = (h ^ np.uint64(low[code])) * _PRIME
    return dots and _known(h, bitmap, bits, table, slots)


@numba.njit
def _numeric(raw, start, end, low, bitmap, bits, table, slots):
    """Tell whether digits and dots that begin and end in a digit are a known IPv4 address."""
    h, at, dots, double = _SEED, end, _0, False
    while at > start:
        at -= _1
        if raw[at] == _DOT:
            dots += _1
            double |= raw[at + _1] == _DOT
        h = (h ^ np.uint64(raw[at])) * _PRIME
    if double:  # two dots end an address
        return _dotted(raw, start, end, False, low, bitmap, bits, table, slots)
    return dots == _3 and _known(h, bitmap, bits, table, slots)


@numba.njit
def _hashes(raw, start, end, glued, low, bitmap, bits, table, slots):
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
                if _known(h, bitmap, bits, table, slots):
                    return True
        at += _1
        begin = at
    return False


def scan(raw, end, place, low, classes, bitmap, bits, table, slots, found, room, out):
    """Write the ends of known tokens from `place` on, and where it stopped for lack of room; gives how many."""
    bits, slots = np.uint64(bits), np.uint64(slots)
    count, pairs, size, at = 0, _0, np.uint64(end), np.uint64(place)
    while at < size:
        while at < size and classes[raw[at]] == NONE:
            at += _1
        start, seen = at, NONE
        while at < size:
            code = classes[raw[at]]
            if code == NONE:
                break
            seen |= code
            at += _1
        length = at - start
        if length == _2 and start > _0 and (raw[start - _1] == _COLON or raw[start - _1] == _BLANK):
            pairs += _1
        else:
            pairs = _0
        dots = seen & IS_DOT != NONE
        if not dots and length < _32 and pairs < _PAIRS:
            continue
        glued = start > _0 and (raw[start - _1] == _BACKSLASH or raw[start - _1] == _SHARP)
        hit = pairs >= _PAIRS
        if dots and not hit:
            if seen & NO_DIGIT == NONE and not glued and raw[start] != _DOT and raw[at - _1] != _DOT:
                hit = _numeric(raw, start, at, low, bitmap, bits, table, slots)
            else:
                hit = _dotted(raw, start, at, glued, low, bitmap, bits, table, slots)
        if length >= _32 and not hit:
            hit = _hashes(raw, start, at, glued, low, bitmap, bits, table, slots)
        if hit:
            found[count] = at
            count += 1
            if count == room:
                break
    out[0] = at
    return count
