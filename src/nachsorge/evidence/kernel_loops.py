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

from nachsorge.native.bits import count, equal, trailing

_NEWLINE, _RETURN = 10, 13
_BLANK, _COLON, _QUOTE, _ESCAPE = 32, 58, 34, 92
_OPEN, _CLOSE, _DOT, _ZERO, _NINE = 40, 41, 46, 48, 57
_TAB, _SLASH, _MONTHS = 9, 47, 12
_LONGEST_LABEL = 252
_CODES = 256
_WIDTH = 64
"""So many bytes are looked at together, where there are so many."""
_ONE = np.uint64(1)

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
    """Say of dates with slashes that begin lines: 1 if a first is over 12, 2 if a second, 4 if any two differ."""
    at = lo
    left, right, differ = False, False, False
    while at < hi:
        found = _memchr(base + at, _NEWLINE, hi - at)
        end = hi if found == 0 else found - base
        first, place = _number(raw, at, end)
        if place < end and place > at and raw[place] == _SLASH:
            begin = place + 1
            second, place = _number(raw, begin, end)
            if place < end and place > begin and raw[place] == _SLASH:
                digits = place + 1
                while digits < end and _ZERO <= raw[digits] <= _NINE:
                    digits += 1
                blank = digits < end and (raw[digits] == _BLANK or _TAB <= raw[digits] <= _RETURN)
                if digits - place == 5 and (blank or (digits == end and found != 0)):
                    left |= first > _MONTHS
                    right |= second > _MONTHS
                    differ |= first != second
        at = end + 1
    return left + 2 * right + 4 * differ


@numba.njit
def _number(raw, at, end):
    """Read one or two digits; gives the number and where it ends."""
    value, place = 0, at
    while place < end and place - at < 2 and _ZERO <= raw[place] <= _NINE:
        value = value * 10 + raw[place] - _ZERO
        place += 1
    return value, place


def undotted(raw, base, hi, out, target):
    """Copy bytes, and write names in counted labels, `(6)google(3)com(0)`, with dots; gives how many were written.

    A name is `(n)` and any number of a label of 1 to 252 bytes with `(n)` behind it, n of one to three digits; it is
    rewritten where the last n is 0 and it has a label. `target` is the address of `out`.
    """
    at, copied, written = 0, 0, 0
    while at < hi:
        found = _memchr(base + at, _OPEN, hi - at)
        if found == 0:
            break
        at = found - base
        end = _counted(raw, at, hi)
        if end < 0:
            at += 1
            continue
        last, labels = at, 0
        while True:
            label = end
            while label < hi and label - end <= _LONGEST_LABEL and not _ends_label(raw[label]):
                label += 1
            size = label - end
            if size < 1 or size > _LONGEST_LABEL or label >= hi or raw[label] != _OPEN:
                break
            after = _counted(raw, label, hi)
            if after < 0:
                break
            last, end, labels = label, after, labels + 1
        if labels and end - last == 3 and raw[last + 1] == _ZERO:
            _memcpy(target + written, base + copied, at - copied)
            written += at - copied
            copied = end
            first, place = True, _counted(raw, at, hi)
            while place < end:
                if not first:
                    out[written] = _DOT
                    written += 1
                first = False
                while raw[place] != _OPEN:
                    out[written] = raw[place]
                    written += 1
                    place += 1
                place = _counted(raw, place, hi)
        at = end
    _memcpy(target + written, base + copied, hi - copied)
    return written + hi - copied


@numba.njit
def _ends_label(code):
    return code == _OPEN or code == _CLOSE or code == _NEWLINE or code == _RETURN


@numba.njit
def _counted(raw, at, hi):
    """Give where `(`, one to three digits and `)` end; -1 where they do not stand there."""
    place = at + 1
    while place < hi and place - at <= 3 and _ZERO <= raw[place] <= _NINE:
        place += 1
    if place == at + 1 or place >= hi or raw[place] != _CLOSE:
        return -1
    return place + 1


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
