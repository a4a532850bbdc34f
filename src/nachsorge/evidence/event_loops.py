r"""The loops of event logs, as numba compiles them: frames, heads, running numbers; see `event_kernel`.

`raw` are bytes, `base` the address of the first as a number; offsets are into `raw`. Events are lines that end in `\n`.
"""

# mypy: disable-error-code="no-untyped-def"
# ruff: noqa: ANN001, ANN201, ANN202  numba infers types

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numba import types

from nachsorge.native.bits import word

_NEWLINE, _QUOTE, _ESCAPE, _COMMA = 10, 34, 92, 44
_OPEN, _CLOSE, _ZERO, _CONTROL = 123, 125, 48, 32
_WORD, _MONTHS, _FEBRUARY, _THIRTY = 8, 12, 2, 30
_HOURS, _SIXTY, _CENTURY, _ERA = 24, 60, 100, 400
_SECOND, _FRACTION = 1_000_000, 6
_STAMP = 27
_DIGITS = 18
_SMALLEST, _MAGIC = 28, 4
_HALF, _LOW = np.uint64(32), np.uint64(0xFFFFFFFF)
_MIX = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(29)
_FIELDS = 5
"""So many numbers are kept of each kind: hash, where its texts lie, how long the first and the second are, its log."""

_memchr: Any = types.ExternalFunction("memchr", types.intp(types.intp, types.intc, types.intp))
_memcmp: Any = types.ExternalFunction("memcmp", types.intc(types.intp, types.intp, types.intp))
_memmem: Any = types.ExternalFunction("memmem", types.intp(types.intp, types.intp, types.intp, types.intp))


@numba.njit(inline="always")
def _hash(raw, base, begin, end, seed):
    """Mix the bytes; whoever finds the same hash compares them all."""
    mixed = seed ^ np.uint64(end - begin)
    at = begin
    while at + _WORD <= end:
        mixed = (mixed ^ word(base + at)) * _MIX
        mixed ^= mixed >> _SHIFT
        at += _WORD
    while at < end:
        mixed = (mixed ^ np.uint64(raw[at])) * _MIX
        at += 1
    return mixed ^ (mixed >> _SHIFT)


@numba.njit(inline="always")
def _pair(raw, at):
    """Read two digits; a hundred where they are none."""
    tens, ones = np.int64(raw[at]) - _ZERO, np.int64(raw[at + 1]) - _ZERO
    return tens * 10 + ones if 0 <= tens <= 9 and 0 <= ones <= 9 else np.int64(_CENTURY)


@numba.njit(inline="always")
def _instant(raw, at, words, pattern):
    """Read `2023-03-29T01:02:03.000004Z` as microseconds; -1 for anything else, and before the year 1970."""
    for place in (4, 7, 10, 13, 16, 19, 26):
        if raw[at + place] != words[pattern + place]:
            return np.int64(-1)
    century, rest, month, day = _pair(raw, at), _pair(raw, at + 2), _pair(raw, at + 5), _pair(raw, at + 8)
    hour, minute, second = _pair(raw, at + 11), _pair(raw, at + 14), _pair(raw, at + 17)
    first, middle, last = _pair(raw, at + 20), _pair(raw, at + 22), _pair(raw, at + 24)
    if max(century, rest, first, middle, last) >= _CENTURY or max(minute, second) >= _SIXTY or hour >= _HOURS:
        return np.int64(-1)
    year = century * _CENTURY + rest
    leap = year % 4 == 0 and (year % _CENTURY != 0 or year % _ERA == 0)
    if not 1 <= month <= _MONTHS or day < 1 or year < 1970:
        return np.int64(-1)
    length = 28 + leap if month == _FEBRUARY else _THIRTY + (month + month // 8) % 2
    if day > length:
        return np.int64(-1)
    # Days since 1970, counted from March on, so that the day that comes and goes is a year's last.
    past = year - (month <= _FEBRUARY)
    era = past // _ERA
    of_era = past - era * _ERA
    of_year = (153 * (month + (9 if month <= _FEBRUARY else -3)) + 2) // 5 + day - 1
    days = era * 146097 + of_era * 365 + of_era // 4 - of_era // _CENTURY + of_year - 719468
    seconds = ((days * _HOURS + hour) * _SIXTY + minute) * _SIXTY + second
    return seconds * _SECOND + (first * _CENTURY + middle) * _CENTURY + last


@numba.njit(inline="always")
def _text_end(raw, at, hi):
    """Give where the text that begins here ends, at its quote; -1 where anything in it is escaped or is to be."""
    while at < hi:
        code = raw[at]
        if code == _QUOTE:
            return at
        if code == _ESCAPE or code < _CONTROL:
            return np.int64(-1)
        at += 1
    return np.int64(-1)


@numba.njit(inline="always")
def _channel(raw, base, at, hi, channel, length):
    """Give where the pair of the channel begins, passing over plain values and objects; -1 where it does not stand."""
    depth = 0
    while at + length < hi:
        code = raw[at]
        if code == _COMMA and depth == 0 and _memcmp(base + at, channel, length) == 0:
            return at
        if code == _QUOTE:
            at = _text_end(raw, at + 1, hi)
            if at < 0:
                return np.int64(-1)
        elif code == _OPEN:
            depth += 1
        elif code == _CLOSE:
            depth -= 1
            if depth < 0:
                return np.int64(-1)
        elif code < _CONTROL or code == _ESCAPE:
            return np.int64(-1)
        at += 1
    return np.int64(-1)


def heads(
    raw,
    base,
    size,
    words,
    words_base,
    ends,
    arena,
    arena_base,
    known,
    slots,
    mask,
    asked_of,
    ids,
    numbers,
    times,
    odd,
    asked,
    parts,
    room,
    out,
):
    """Read the events of some lines: kind, number and time of each, with -1 as the kind of those that are `odd`.

    `words` are the texts between which things stand, ending at `ends`; `known` are kinds, `slots` their places by hash.
    Of an odd one that is only of an unknown kind, `parts` says where its two texts lie, and their hash; else -1.
    Gives the lines, or -1 where they are more than `room`. Writes (odd ones, asked ones, is all of one log).
    """
    stamp, behind_time = ends[0], ends[1]
    channel, computer = ends[2], ends[3]
    at, count, strange, wanted, log, same = np.int64(0), 0, 0, 0, np.int64(-1), 1
    while at < size:
        if count == room:
            return -1
        found = _memchr(base + at, _NEWLINE, size - at)
        end = found - base if found else size
        kind, time, number = np.int64(-1), np.int64(-1), np.int64(0)
        first, second, third, mixed = np.int64(-1), np.int64(0), np.int64(0), np.uint64(0)
        found = _memmem(base + at, end - at, words_base, stamp)
        if found:
            begin = found - base + stamp
            if begin + _STAMP + 64 < end:
                time = _instant(raw, begin, words, computer)
            here = begin + _STAMP
            if time >= 0 and _memcmp(base + here, words_base + stamp, behind_time - stamp) == 0:
                here += behind_time - stamp
                start = here
                while here < end and 0 <= np.int64(raw[here]) - _ZERO <= 9:
                    number = number * 10 + np.int64(raw[here]) - _ZERO
                    here += 1
                digits = here - start
                plain = 1 <= digits <= _DIGITS and (digits == 1 or raw[start] != _ZERO)
                name = np.int64(-1)
                if plain:
                    name = _channel(raw, base, here, end, words_base + behind_time, channel - behind_time)
                if name >= 0:
                    stop = _text_end(raw, name + channel - behind_time, end)
                    if (
                        stop >= 0
                        and stop + computer - channel < end
                        and (_memcmp(base + stop, words_base + channel, computer - channel) == 0)
                    ):
                        stop = _text_end(raw, stop + computer - channel, end)
                        if stop >= 0 and stop + 1 < end and (raw[stop + 1] == _COMMA or raw[stop + 1] == _CLOSE):
                            first, second, third = begin, name, stop + 1
        if first >= 0:
            mixed = _hash(raw, base, at, first, np.uint64(0))
            mixed = _hash(raw, base, second, third, mixed)
            slot = np.int64(mixed & np.uint64(mask))
            while slots[slot] >= 0:
                entry = slots[slot] * _FIELDS
                if np.uint64(known[entry]) == mixed:
                    place, one, two = known[entry + 1], known[entry + 2], known[entry + 3]
                    if (
                        one == first - at
                        and two == third - second
                        and _memcmp(base + at, arena_base + place, one) == 0
                        and _memcmp(base + second, arena_base + place + one, two) == 0
                    ):
                        kind = slots[slot]
                        break
                slot = (slot + 1) & mask
        ids[count], numbers[count], times[count] = kind, number, time
        if kind < 0:
            odd[strange] = count
            parts[strange * 4] = first if first < 0 else first - at
            parts[strange * 4 + 1], parts[strange * 4 + 2] = second - at, third - at
            parts[strange * 4 + 3] = np.int64(mixed)
            strange += 1
        else:
            if asked_of[kind]:
                asked[wanted] = count
                wanted += 1
            if log < 0:
                log = known[kind * _FIELDS + 4]
            elif log != known[kind * _FIELDS + 4]:
                same = 0
        count += 1
        at = end + 1
    out[0], out[1], out[2] = strange, wanted, same
    return count


def tally(ids, times, count, counts, lows, highs):
    """Add events to what is counted of their kinds, with the first and the last time of each."""
    for at in range(count):
        kind, time = ids[at], times[at]
        if counts[kind] == 0:
            lows[kind], highs[kind] = time, time
        counts[kind] += 1
        lows[kind] = min(lows[kind], time)
        highs[kind] = max(highs[kind], time)
    return count


def frames(raw, base, at, end, chunk, magic, found):
    """Follow the frames of a chunk, and write (number, begin, end) of each; where the chain breaks, go on at the next.

    The size stands at both ends of a record. There must be room for as many as a chunk has, each of the smallest size.
    """
    count = 0
    while 0 <= at <= end - _SMALLEST:
        size = np.int64(word(base + at) >> _HALF)
        after = at + size
        if (
            _memcmp(base + at, magic, _MAGIC) == 0
            and size >= _SMALLEST
            and after <= chunk
            and np.int64(word(base + after - _WORD) >> _HALF) == size
        ):
            found[3 * count], found[3 * count + 1], found[3 * count + 2] = np.int64(word(base + at + _WORD)), at, after
            count += 1
            at = after
        else:
            met = _memmem(base + at + 1, end - at - 1, magic, _MAGIC)
            at = met - base if met else -1
    return count


def circled(raw, base, buckets, count, last, marks):
    """Follow chains of names; each name begins with the place of the next. Tells whether one leads back into itself.

    A link to itself ends a chain. `marks` is room for a byte each up to `last`, all zero.
    """
    for bucket in range(count):
        at = np.int64(word(base + buckets + 4 * bucket) & _LOW)
        while 0 < at <= last and marks[at] == 0:
            marks[at] = bucket + 1
            following = np.int64(word(base + at) & _LOW) if at <= last - 4 else np.int64(word(base + at - 4) >> _HALF)
            at = np.int64(0) if following == at else following
        if 0 < at <= last and marks[at] == bucket + 1:
            return 1
    return 0


def falls(numbers, count, found, room):
    """Write where a number is not above the one before, and say how often; -1 where that is more than has room.

    Writes nothing where none is below the one before.
    """
    known, falling = 0, 0
    for at in range(1, count):
        if numbers[at - 1] >= numbers[at]:
            falling |= numbers[at - 1] > numbers[at]
            if known == room:
                return -1
            found[known] = at
            known += 1
    return known if falling else 0


def cuts(numbers, times, count, backwards, found, room):
    """Write where numbers jump or times fall by more than `backwards`; -1 where that is more often than has room."""
    known = 0
    for at in range(1, count):
        if numbers[at] - numbers[at - 1] > 1 or times[at - 1] - times[at] > backwards:
            if known == room:
                return -1
            found[known] = at
            known += 1
    return known
