r"""The loops of the token sieve, as numba compiles them: raw bytes in, the ends of known tokens out.

A first pass tells of 64 bytes at a time which belong to tokens, and which are worth a look: dots, and runs long enough
for a hash. Only tokens with one of these are looked at again; most are numbers and words, and cost nothing. `base` is
the address of `raw`; offsets are into `raw`.

A table of tokens is `bitmap`, of which two bits of one word tell of most tokens that they are unknown, and `table` of
hashes; the sizes of both are powers of two. Neither fits the processor's nearest memory. So what is asked of short
tokens is written down and answered by the thousand: the processor waits for many answers at once, not for each in turn.
"""

# mypy: disable-error-code="no-untyped-def"
# ruff: noqa: ANN001, ANN201, ANN202, SIM109  numba infers types, and compiles comparisons into less than a tuple

from __future__ import annotations

import numba
import numpy as np

from nachsorge.native.bits import count, digits, dots, equal, leading, marks, names, trailing, word

_PRIME = np.uint64(0x9E3779B97F4A7C15)
_SEED = np.uint64(0xCBF29CE484222325)
_CASE = np.uint64(0x2020202020202020)
"""Makes letters small, and leaves all other signs of tokens different from each other."""
_ESCAPED = np.uint64(8)
"""So many characters at the beginning of a token may belong to an escape before it (`n`, `u2028`, `011`)."""
_PAIRS = np.uint64(14)
"""An MD5 has 16 pairs, of which the first and the last may be glued to something else."""
_AROUND = np.uint64(64)
"""Within so many bytes on either side stand 14 pairs, with a mark between any two, if they stand anywhere."""
# Everything is unsigned: for signed indexes numba would look at each whether it counts from the end.
_0, _1, _2, _3, _6, _7, _8, _15, _16, _32, _40, _52, _56, _58, _63, _64 = (
    np.uint64(n) for n in (0, 1, 2, 3, 6, 7, 8, 15, 16, 32, 40, 52, 56, 58, 63, 64)
)
_ALL = np.uint64(2**64 - 1)
_DOT, _HYPHEN, _UNDERSCORE, _BACKSLASH, _SHARP, _COLON, _BLANK = (np.uint8(ord(c)) for c in ".-_\\#: ")
_SMALL = np.uint8(0x20)
_UNIT = np.uint8(0x1F)
"""What an index puts before the digit that a sign of its own stands for."""
_SIZES = (_32, _40, _64)
_LONGEST = np.uint64(208)
"""No token of a list is longer."""
_BATCH = np.uint64(1 << 10)
"""So many questions are written down before they are answered; `scan` needs as much room for them."""
_LANES = np.uint64(0x0001000100010001)
_LAST = np.uint64(0x8000800080008000)
_PERIODS = tuple(np.uint64(0x0001000100010001 * sum(1 << n for n in range(16) if n % 3 != gap)) for gap in range(3))
"""Sixteen bytes of pairs with a mark between any two begin in one of three ways."""


@numba.njit
def _stirred(h, text):
    h = (h ^ text) * _PRIME
    return h ^ h >> _32


@numba.njit
def _rest(raw, base, start, end):
    """Give fewer than eight bytes as a number, the first of them lowest."""
    size = end - start
    if size == _0:
        return _0
    if end >= _8:
        return (word(base + np.int64(end - _8)) | _CASE) >> (_64 - _8 * size)
    text = _0
    while end > start:
        end -= _1
        text = text << _8 | np.uint64(raw[end] | _SMALL)
    return text


@numba.njit
def _onward(h, base, start, at):
    """Hash whole words from `at` backwards that do not begin before `start`; gives the hash and where it stopped."""
    while at - start >= _8:
        at -= _8
        h = _stirred(h, word(base + np.int64(at)) | _CASE)
    return h, at


@numba.njit
def _finished(h, raw, base, start, at, size):
    """Hash what is left before `at`; never 0, which stands for an empty slot."""
    return _stirred(h, _rest(raw, base, start, at) | size << _56) | _1


@numba.njit
def _hash(raw, base, start, end):
    h, at = _onward(_SEED, base, start, end)
    return _finished(h, raw, base, start, at, end - start)


@numba.njit
def _bits(h):
    return _1 << (h >> _52 & _63) | _1 << (h >> _58)


@numba.njit
def _may_be(h, bitmap, words):
    some = _bits(h)
    return bitmap[h >> _16 & (words - _1)] & some == some


@numba.njit
def _is_filed(h, table, slots):
    mask = slots - _1
    slot = h >> _1 & mask
    while table[slot]:
        if table[slot] == h:
            return True
        slot = slot + _1 & mask
    return False


@numba.njit
def _known(h, bitmap, words, table, slots):
    return _may_be(h, bitmap, words) and _is_filed(h, table, slots)


@numba.njit
def _answered(hashes, places, asked, bitmap, words, table, slots, found, known):
    """Write down the places of what was asked and is known; gives how many places there are then."""
    left = _0
    for at in range(asked):
        h = hashes[at]
        hashes[left], places[left] = h, places[at]
        left += np.uint64(_may_be(h, bitmap, words))
    for at in range(left):
        if _is_filed(hashes[at], table, slots):
            found[known] = places[at]
            known += 1
    return known


def fill(text, base, size, bitmap, words, table, slots):
    """File tokens that zero bytes end."""
    words, slots = np.uint64(words), np.uint64(slots)
    mask, start = slots - _1, _0
    for place in range(size):
        end = np.uint64(place)
        if text[end]:
            continue
        h = _hash(text, base, start, end)
        start = end + _1
        bitmap[h >> _16 & (words - _1)] |= _bits(h)
        slot = h >> _1 & mask
        while table[slot] and table[slot] != h:
            slot = slot + _1 & mask
        table[slot] = h
    return 0


@numba.njit
def _is_mark(code):
    return code == _DOT or code == _HYPHEN


@numba.njit
def _labels_to(raw, base, start, end, glued, bitmap, words, table, slots):
    """Tell whether a part of a dotted token is known that begins at a label and runs to the token's end."""
    while end > start and _is_mark(raw[end - _1]):
        end -= _1
    h, done, seen, at = _SEED, end, False, end
    while at > start:
        at -= _1
        code = raw[at]
        mark = _is_mark(code)
        if seen and (mark or (glued and at - start < _ESCAPED)):
            h, done = _onward(h, base, at + _1, done)
            if _known(_finished(h, raw, base, at + _1, done, end - at - _1), bitmap, words, table, slots):
                return True
        seen |= code == _DOT
        if code == _DOT and at > start and raw[at - _1] == _DOT:  # two dots end a name
            while at > start and _is_mark(raw[at - _1]):
                at -= _1
            h, done, end, seen = _SEED, at, at, False
    return seen and _known(_hash(raw, base, start, end), bitmap, words, table, slots)


@numba.njit
def _labels(raw, base, start, end, glued, bitmap, words, table, slots):
    """Tell the same, also of what ends at a dot that no letter or digit follows, as a file's name may in a sentence."""
    if _labels_to(raw, base, start, end, glued, bitmap, words, table, slots):
        return True
    at = end
    while at > start + _1:
        at -= _1
        if (raw[at] == _UNDERSCORE or raw[at] == _HYPHEN) and raw[at - _1] == _DOT:
            before = at - _1
            low = before - min(before - start, _LONGEST)
            if _labels_to(raw, base, low, before, glued and low == start, bitmap, words, table, slots):
                return True
    return False


@numba.njit
def _ask_labels(raw, base, start, end, dotted, marked, hashes, places, asked):
    """Ask the same of a token of at most 64 bytes whose dots are known, and each followed by a letter or digit.

    Gives how many questions there are then: at most 64 more.
    """
    place = end
    while marked:
        at = _63 - leading(marked)
        if start + at + _1 != end:
            break
        marked ^= _1 << at
        end -= _1
    h, done, seen = _SEED, end, False
    while marked:
        at = _63 - leading(marked)
        marked ^= _1 << at
        if seen:
            begin = start + at + _1
            h, done = _onward(h, base, begin, done)
            hashes[asked], places[asked] = _finished(h, raw, base, begin, done, end - begin), place
            asked += _1
        seen |= dotted >> at & _1 != _0
    if seen and start != end:
        h, done = _onward(h, base, start, done)
        hashes[asked], places[asked] = _finished(h, raw, base, start, done, end - start), place
        asked += _1
    return asked


@numba.njit
def _ask_dotted(raw, base, start, end, dotted, hashes, places, asked):
    """Ask for a short token that may be an IPv4 address, or end in a name; gives how many questions there are then."""
    address = base + np.int64(start)
    window = _ALL >> (_64 - (end - start))
    if names(address) & window == _0 and raw[start] != _DOT and raw[end - _1] != _DOT:  # only an address can be meant
        if count(dotted) == _3:
            hashes[asked], places[asked] = _hash(raw, base, start, end), end
            asked += _1
        return asked
    return _ask_labels(raw, base, start, end, dotted, marks(address) & window, hashes, places, asked)


@numba.njit
def _hashes(raw, base, start, end, glued, bitmap, words, table, slots):
    """Tell whether a run of letters and digits within a token is a known hash, or pairs of digits may be one."""
    begin, pairs, at = start, _0, start
    while at <= end:
        if at < end and not _is_mark(raw[at]) and raw[at] != _UNDERSCORE:
            at += _1
            continue
        size = at - begin
        pairs = pairs + _1 if size == _2 else _0
        if pairs >= _PAIRS:
            return True
        for some in _SIZES:
            if size < some:
                break
            more = size - some
            fits = more == _0 or more == _2 or (glued and begin == start and more <= _ESCAPED)
            if fits and _known(_hash(raw, base, at - some, at), bitmap, words, table, slots):
                return True
        at += _1
        begin = at
    return False


@numba.njit
def _in_token(tokens, at):
    return tokens[at >> _6] >> (at & _63) & _1 != _0


@numba.njit
def _paired(raw, size, place, tokens):
    """Give where pairs end that have a colon or a blank before each, and run by a place; 0 where they are not 14."""
    at, end = place - min(place, _AROUND), min(size, place + _AROUND)
    pairs, behind = _0, _0
    while at < end:
        while at < end and not _in_token(tokens, at):
            at += _1
        start = at
        while at < end and _in_token(tokens, at):
            at += _1
        apart = start > _0 and (raw[start - _1] == _COLON or raw[start - _1] == _BLANK)
        if not apart or at - start != _2:
            if start > place:
                break
            pairs, behind = _0, _0
            continue
        pairs += _1
        if pairs >= _PAIRS:
            behind = at
    return behind


@numba.njit
def _any_lane(bits):
    """Mark the last bit of the lanes of 16 bits that are all zero (and perhaps of one above such a lane)."""
    return (bits - _LANES) & ~bits & _LAST


@numba.njit
def _survey(base, tokens, signs, place):
    dotted = dots(base)
    some = names(base) | digits(base) | dotted
    tokens[place] = some
    for period in _PERIODS:
        dotted |= _any_lane(some ^ period)
    signs[place] = dotted | _any_lane(~some)


def survey(base, size, tail, tokens, signs):
    """Write what belongs to tokens, and what is worth a look; `tail` is the address of the last bytes, and noughts."""
    whole = size >> 6
    for place in range(whole):
        _survey(base + 64 * place, tokens, signs, place)
    if size & 63:
        _survey(tail, tokens, signs, whole)
    return 0


@numba.njit
def _begins(tokens, at):
    """Give where the token begins to which a byte belongs."""
    place = at >> _6
    before = ~tokens[place] << (_63 - (at & _63))
    while before == _0:
        if place == _0:
            return _0
        place -= _1
        at = (place << _6) + _63
        before = ~tokens[place]
    return at + _1 - leading(before)


@numba.njit
def _ends(tokens, at, size):
    """Give where the token ends to which a byte belongs."""
    place, last = at >> _6, size - _1 >> _6
    behind = ~tokens[place] >> (at & _63)
    while behind == _0:
        if place == last:
            return size
        place += _1
        at = place << _6
        behind = ~tokens[place]
    return min(size, at + trailing(behind))


@numba.njit
def _is_glued(raw, start):
    """Tell whether a token may begin with the rest of an escape, or of a mark (`file:_evil.exe`)."""
    if start == _0:
        return False
    before = raw[start - _1]
    if before == _BACKSLASH or before == _SHARP or before == _UNIT:
        return True
    return before == _COLON and raw[start] == _UNDERSCORE


def scan(raw, base, size, place, tokens, signs, bitmap, words, table, slots, hashes, places, found, room, out):
    """Write the ends of known tokens from `place` on, in any order, some twice, and where it stopped for lack of room.

    Gives how many. `hashes` and `places` have room for a batch of questions, `found` for twice as many at least.
    """
    size, words, slots = np.uint64(size), np.uint64(words), np.uint64(slots)
    at, asked, known = np.uint64(place), _0, 0
    enough = room - np.int64(_BATCH) - 1
    while at < size and known < enough:
        group = at >> _6
        signed = signs[group] & _ALL << (at & _63)
        while signed == _0:
            group += _1
            if group << _6 >= size:
                break
            signed = signs[group]
        if signed == _0:
            at = size
            break
        at = (group << _6) + trailing(signed)
        if not _in_token(tokens, at):
            end = _paired(raw, size, at, tokens)
            hit, at = end > _0, max(at + _1, end)
        else:
            start, at = _begins(tokens, at), _ends(tokens, at, size)
            glued, hit = _is_glued(raw, start), False
            dotted = _0
            if not glued and at - start <= _64 and start + _64 <= size:
                address = base + np.int64(start)
                window = _ALL >> (_64 - (at - start))
                dotted = dots(address) & window
                if dotted & (marks(address) | equal(address, _UNDERSCORE)) >> _1 & window:
                    hit = _labels(raw, base, start, at, False, bitmap, words, table, slots)
                elif dotted:
                    asked = _ask_dotted(raw, base, start, at, dotted, hashes, places, asked)
            else:
                hit = _labels(raw, base, start, at, glued, bitmap, words, table, slots)
            if not hit and at - start >= _32:
                hit = _hashes(raw, base, start, at, glued, bitmap, words, table, slots)
            if not hit and at - start == _2:
                hit = _paired(raw, size, start, tokens) > _0
        if hit:
            found[known] = at
            known += 1
        if asked + _64 > _BATCH:
            known = _answered(hashes, places, asked, bitmap, words, table, slots, found, known)
            asked = _0
    out[0] = at
    return _answered(hashes, places, asked, bitmap, words, table, slots, found, known)
