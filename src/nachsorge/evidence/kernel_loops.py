r"""The loops of the kernel, as numba compiles them: raw bytes in, counts and offsets out.

`raw` are bytes, `base` the address of the first as a number; offsets are into `raw`, `hi` exclusive. Lines end in `\n`,
and the byte before `hi` must be one. What a loop writes to is given to it, with its room; `out` takes further results.
"""

# mypy: disable-error-code="no-untyped-def"
# ruff: noqa: ANN001, ANN201, ANN202, SIM109  numba infers types, and compiles comparisons into less than a tuple

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numba import types

from nachsorge.native.bits import count, equal, moved, trailing, word

_NEWLINE, _RETURN = 10, 13
_BLANK, _COLON, _QUOTE, _ESCAPE = 32, 58, 34, 92
_OPEN, _CLOSE, _DOT, _ZERO, _NINE = 40, 41, 46, 48, 57
_TAB, _VERTICAL, _FORM, _SLASH, _MONTHS = 9, 11, 12, 47, 12
_LONGEST_LABEL = 252
_A, _T, _Z, _LOWER, _UNDERSCORE = 97, 116, 122, 32, 95
_YEAR = 5
"""A slash and four digits."""
_WIDTH = 64
"""So many bytes are looked at together, where there are so many."""
_ONE, _LAST = np.uint64(1), np.uint64(63)
_WORD = 8
_CLOSED, _ZEROS = np.uint64(0x2929292929292929), np.uint64(0x3030303030303030)
_LOW, _HIGH = np.uint64(0x0101010101010101), np.uint64(0x8080808080808080)
_OVER_NINE = np.uint64(0x7676767676767676)
"""Added to a number over 9, it sets the highest bit of its byte."""
_SECOND_TO_FOURTH = np.uint64(0x80808000)

_memchr: Any = types.ExternalFunction("memchr", types.intp(types.intp, types.intc, types.intp))
_memcpy: Any = types.ExternalFunction("memcpy", types.intp(types.intp, types.intp, types.intp))
_memmem: Any = types.ExternalFunction("memmem", types.intp(types.intp, types.intp, types.intp, types.intp))
"""The C library's, which compare 16 to 64 bytes at a time."""


def lines(raw, base, lo, hi):
    """Count ends of lines."""
    at, found = lo, np.uint64(0)
    while at + _WIDTH <= hi:
        found += count(equal(base + at, _NEWLINE))
        at += _WIDTH
    while at < hi:
        found += np.uint64(raw[at] == _NEWLINE)
        at += 1
    return found


def columns(raw, base, lo, hi, directive, separator, each, odd, room, out):
    r"""Count lines and those that are not empty, and note those that have not `each` separators, or begin with `\r`.

    Gives and writes what `walk` does.
    """
    begin, at, known, filled, strange, here = lo, lo, 0, 0, 0, np.uint64(0)
    while at < hi:
        if at + _WIDTH <= hi:
            newlines, separators = equal(base + at, _NEWLINE), equal(base + at, separator)
        else:
            newlines, separators = np.uint64(0), np.uint64(0)
            for place in range(hi - at):
                newlines |= np.uint64(raw[at + place] == _NEWLINE) << np.uint64(place)
                separators |= np.uint64(raw[at + place] == separator) << np.uint64(place)
        while newlines:
            behind = trailing(newlines)
            before = (_ONE << behind) - _ONE
            here += count(separators & before)
            separators &= ~before
            newlines &= newlines - _ONE
            end = at + np.int64(behind)
            code = raw[begin]
            if code == directive:
                return -1
            known += 1
            if end > begin and not (code == _RETURN and end == begin + 1):
                filled += 1
                if code == _RETURN or here != np.uint64(each):
                    if strange == room:
                        return -1
                    odd[strange] = begin
                    strange += 1
            begin, here = end + 1, np.uint64(0)
        here += count(separators)
        at += _WIDTH
    out[0], out[1] = filled, strange
    return known


def cells(raw, base, lo, hi, directive, separator, each, odd, room, out):
    r"""Count lines, and note those that have not `each` separators with something before, between and behind them.

    A quote, blanks other than the separator, and a `\r` that is not the line's last byte make a line odd as well. Gives
    and writes what `walk` does.
    """
    begin, at, known, filled, strange, here, wrong = lo, lo, 0, 0, 0, np.uint64(0), np.uint64(0)
    # The byte before: 1 where it began a line, was a separator, was a return.
    started, parted, returned = _ONE, np.uint64(0), np.uint64(0)
    while at < hi:
        if at + _WIDTH <= hi:
            newlines, separators, returns = (
                equal(base + at, _NEWLINE),
                equal(base + at, separator),
                equal(base + at, _RETURN),
            )
            bad = equal(base + at, _QUOTE) | equal(base + at, _TAB)
            bad |= equal(base + at, _VERTICAL) | equal(base + at, _FORM)
        else:
            newlines, separators, returns, bad = np.uint64(0), np.uint64(0), np.uint64(0), np.uint64(0)
            for place in range(hi - at):
                code, bit = raw[at + place], _ONE << np.uint64(place)
                newlines |= bit * np.uint64(code == _NEWLINE)
                separators |= bit * np.uint64(code == separator)
                returns |= bit * np.uint64(code == _RETURN)
                bad |= bit * np.uint64(code == _QUOTE or code == _TAB or code == _VERTICAL or code == _FORM)
        after = (separators << _ONE) | parted
        bad |= (separators & (after | (newlines << _ONE) | started)) | ((newlines | returns) & after)
        bad |= ((returns << _ONE) | returned) & ~newlines
        started, parted, returned = newlines >> _LAST, separators >> _LAST, returns >> _LAST
        while newlines:
            behind = trailing(newlines)
            before = (_ONE << behind) - _ONE
            here += count(separators & before)
            wrong |= bad & (before | (_ONE << behind))
            separators &= ~before
            bad &= ~(before | (_ONE << behind))
            newlines &= newlines - _ONE
            end = at + np.int64(behind)
            code = raw[begin]
            if code == directive:
                return -1
            known += 1
            if end > begin and not (code == _RETURN and end == begin + 1):
                filled += 1
                if wrong or code == _RETURN or here != np.uint64(each):
                    if strange == room:
                        return -1
                    odd[strange] = begin
                    strange += 1
            begin, here, wrong = end + 1, np.uint64(0), np.uint64(0)
        here += count(separators)
        wrong |= bad
        at += _WIDTH
    out[0], out[1] = filled, strange
    return known


def walk(raw, base, lo, hi, directive, first, last, odd, room, out):
    """Count lines, and those that are not empty, and note those that do not run from `first` to `last` (-1: any).

    Gives the lines, and writes (filled ones, odd ones); -1 where one begins with `directive`, or more are odd than have
    room.
    """
    at, count, filled, strange = lo, 0, 0, 0
    while at < hi:
        end = _memchr(base + at, _NEWLINE, hi - at) - base
        code = raw[at]
        if code == directive:
            return -1
        count += 1
        if end == at or (code == _RETURN and end == at + 1):
            at = end + 1
            continue
        filled += 1
        if code == _RETURN or (first >= 0 and (code != first or raw[end - 1] != last)):
            if strange == room:
                return -1
            odd[strange] = at
            strange += 1
        at = end + 1
    out[0], out[1] = filled, strange
    return count


def dates(raw, base, lo, hi):
    """Join what `_dated` says of the dates with slashes that begin lines or stand behind "at "; `lo` begins a line."""
    at, seen, known, size = lo, 0, lo, 0
    while at < hi:
        # Nearly all lines of a log begin with the date of the line before.
        same = size >= _WORD and at + _WORD + size <= hi and word(base + at) == word(base + known)
        if not same or word(base + at + size - _WORD) != word(base + known + size - _WORD):
            told, end = _dated(raw, at, hi)
            seen |= told
            if end - at >= _WORD:
                known, size = at, end - at
        at = _line_end(base, at, hi) + 1
    at = lo
    while at + _WIDTH + 2 <= hi:
        found = equal(base + at, _A) & equal(base + at + 1, _T) & equal(base + at + 2, _BLANK)
        while found:
            place = at + np.int64(trailing(found))
            if place == lo or not _in_word(raw[place - 1]):
                seen |= _dated(raw, place + 3, hi)[0]
            found &= found - _ONE
        at += _WIDTH
    while at + 3 < hi:
        if raw[at] == _A and raw[at + 1] == _T and raw[at + 2] == _BLANK and (at == lo or not _in_word(raw[at - 1])):
            seen |= _dated(raw, at + 3, hi)[0]
        at += 1
    return seen


@numba.njit
def _in_word(code):
    lower = code | _LOWER
    return (_ZERO <= code <= _NINE) or (_A <= lower <= _Z) or code == _UNDERSCORE


@numba.njit
def _line_end(base, at, hi):
    """Give where the line ends in which `at` stands; `hi` where it lacks its end."""
    while at + _WIDTH <= hi:
        found = equal(base + at, _NEWLINE)
        if found:
            return at + np.int64(trailing(found))
        at += _WIDTH
    last = _memchr(base + at, _NEWLINE, hi - at)
    return hi if last == 0 else last - base


@numba.njit
def _dated(raw, at, hi):
    """Say of a date with slashes and a blank: 1 for a first number over 12, 2 for a second, 4 if they differ; its end.

    0 of none.
    """
    first, place = _number(raw, at, hi)
    if place == at or place >= hi or raw[place] != _SLASH:
        return 0, at
    begin = place + 1
    second, place = _number(raw, begin, hi)
    if place == begin or place + _YEAR >= hi or raw[place] != _SLASH:
        return 0, at
    for digit in range(place + 1, place + _YEAR):
        if not _ZERO <= raw[digit] <= _NINE:
            return 0, at
    after = raw[place + _YEAR]
    if after != _BLANK and not _TAB <= after <= _RETURN:
        return 0, at
    return (first > _MONTHS) + 2 * (second > _MONTHS) + 4 * (first != second), place + _YEAR + 1


@numba.njit
def _number(raw, at, end):
    """Read one or two digits; gives the number and where it ends."""
    value, place = 0, at
    while place < end and place - at < 2 and _ZERO <= raw[place] <= _NINE:
        value = value * 10 + raw[place] - _ZERO
        place += 1
    return value, place


def undotted(raw, base, lo, hi, out, target, room):
    """Copy bytes, and write names in counted labels, `(6)google(3)com(0)`, with dots; gives how many were written.

    A name is `(n)` and any number of a label of 1 to 252 bytes with `(n)` behind it, n of one to three digits; it is
    rewritten where the last n is 0 and it has a label. `target` is the address of `out`, which has room for `room`
    bytes, and that for all.
    """
    at, copied, written = lo, lo, 0
    while True:
        at = _opened(base, at, hi)
        if at >= hi:
            break
        end = _counted(raw, base, at, hi)
        if end < 0:
            at += 1
            continue
        _copy(base, copied, at, hi, target, written, room)
        to, last, labels = written + at - copied, at, 0
        while True:
            label = _label_end(raw, base, end, hi)
            size = label - end
            if size < 1 or size > _LONGEST_LABEL or label >= hi or raw[label] != _OPEN:
                break
            after = _counted(raw, base, label, hi)
            if after < 0:
                break
            if labels:
                out[to] = _DOT
                to += 1
            _copy(base, end, label, hi, target, to, room)
            to += size
            last, end, labels = label, after, labels + 1
        if labels and end - last == 3 and raw[last + 1] == _ZERO:
            written, copied = to, end
        at = end
    _copy(base, copied, hi, hi, target, written, room)
    return written + hi - copied


@numba.njit
def _copy(base, begin, end, hi, target, to, room):
    """Copy bytes; those behind them may be copied as well, where there is room, and are written over later."""
    size = end - begin
    if begin + size + _WIDTH > hi or to + size + _WIDTH > room or size > 4 * _WIDTH:
        _memcpy(target + to, base + begin, size)
        return
    done = 0
    while done < size:
        done += moved(base + begin + done, target + to + done)


@numba.njit
def _opened(base, at, hi):
    """Give where the next bracket opens; `hi` where none does."""
    while at + _WIDTH <= hi:
        found = equal(base + at, _OPEN)
        if found:
            return at + np.int64(trailing(found))
        at += _WIDTH
    last = _memchr(base + at, _OPEN, hi - at) if at < hi else 0
    return hi if last == 0 else last - base


@numba.njit
def _label_end(raw, base, at, hi):
    """Give where a bracket or an end of line stands next."""
    while at + _WIDTH <= hi:
        found = equal(base + at, _OPEN) | equal(base + at, _CLOSE)
        found |= equal(base + at, _NEWLINE) | equal(base + at, _RETURN)
        if found:
            return at + np.int64(trailing(found))
        at += _WIDTH
    while at < hi and not (raw[at] == _OPEN or raw[at] == _CLOSE or raw[at] == _NEWLINE or raw[at] == _RETURN):
        at += 1
    return at


@numba.njit
def _counted(raw, base, at, hi):
    """Give where `(`, one to three digits and `)` end; -1 where they do not stand there."""
    if at + 1 + _WORD > hi:
        place = at + 1
        while place < hi and place - at <= 3 and _ZERO <= raw[place] <= _NINE:
            place += 1
        return place + 1 if place > at + 1 and place < hi and raw[place] == _CLOSE else -1
    # Eight bytes at once, for nobody can foretell whether a label is counted with one digit or two.
    behind = word(base + at + 1)
    other = behind ^ _CLOSED
    closed = (other - _LOW) & ~other & _SECOND_TO_FOURTH
    if not closed:
        return -1
    before = (_ONE << (trailing(closed) - np.uint64(7))) - _ONE
    digits = behind ^ _ZEROS
    if ((digits + _OVER_NINE) | digits) & _HIGH & before:
        return -1
    return at + 2 + np.int64(trailing(closed) >> np.uint64(3))


def tallied(raw, base, lo, hi, key, key_size, places, sizes, counts, room):
    """Count lines by the text that follows the first `key` in them; gives how many different texts there are.

    `key` is a JSON key with its quotes. -1 where a line has no such key, a text is escaped or there are too many.
    """
    at, known, latest = lo, 0, 0
    while at < hi:
        end = _memchr(base + at, _NEWLINE, hi - at) - base
        place = _memmem(base + at, end - at, key, key_size)
        if place == 0:
            return -1
        begin = place - base + key_size
        while raw[begin] == _BLANK:
            begin += 1
        if raw[begin] != _COLON:
            return -1
        begin += 1
        while raw[begin] == _BLANK:
            begin += 1
        if raw[begin] != _QUOTE:
            return -1
        begin += 1
        stop = begin
        while stop < end and raw[stop] != _QUOTE and raw[stop] != _ESCAPE:
            stop += 1
        if stop == end or raw[stop] != _QUOTE:
            return -1
        size, which = stop - begin, latest
        for turn in range(known + 1):
            which = latest if turn == 0 else turn - 1
            if which < known and sizes[which] == size:
                same = 0
                while same < size and raw[places[which] + same] == raw[begin + same]:
                    same += 1
                if same == size:
                    break
            which = known
        if which == known:
            if known == room:
                return -1
            places[known], sizes[known], counts[known] = begin, size, 0
            known += 1
        counts[which] += 1
        latest = which
        at = end + 1
    return known
