r"""The loop that sorts lines by their shape, as numba compiles it: walked step by step, or compared with a layout.

What a layout is stands in `layouts`. Lines end in `\n`, and the byte before `hi` must be one; no step takes it.
"""

# mypy: disable-error-code="no-untyped-def"
# ruff: noqa: ANN001, ANN202, ANN201  numba infers types

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numba import types

from nachsorge.evidence.layouts import CHUNKS, DRAWING, HEAD, LAYOUT, PIECE, PIECES, WIDTH
from nachsorge.native.bits import equal, ranged, trailing

_NEWLINE, _RETURN = 10, 13
_CODES = 256
_LONGEST_FIXED = 32
"""A step that takes more is held to vary before it has."""

_memchr: Any = types.ExternalFunction("memchr", types.intp(types.intp, types.intc, types.intp))
_memmem: Any = types.ExternalFunction("memmem", types.intp(types.intp, types.intp, types.intp, types.intp))


def sort(
    raw,
    base,
    lo,
    hi,
    directive,
    table,
    least,
    most,
    lengths,
    sequences,
    longest,
    captures,
    bare,
    words,
    ends,
    named,
    several,
    planes,
    planes_at,
    laid,
    usual,
    varies,
    pieces,
    drawn,
    drawn_at,
    ahead,
    taken_each,
    odd,
    room,
    which,
    places,
    sizes,
    counts,
    groups,
    out,
):
    """Sort lines by the first of several sequences of steps with which they begin; note those with none.

    Step `s` of sequence `q` (of `longest` each) is a run of `least` to `most` bytes for which its row of `table` holds
    1, as long as there are any; where `most` is 0, the next byte must be such a one, and stays. The text of the steps
    from the first to the second of the sequence's `captures` is told apart. No line counts that holds one of the
    `named` words, which lie one behind the other and end at `ends`, where the sequence is `bare`.

    Nearly every line is laid out as those before it. So it is compared with the layouts that were learned of them, 64
    bytes at a time, and walked step by step only if none fits. `several` and `planes` say which ranges of bytes each
    step takes; from `laid` to `drawn_at` is what was learned: nothing of a sequence yet where `laid` holds 0, and it is
    to be walked always where that is -1. `ahead` and `taken_each` are room for a number of every word and step.

    Gives the lines, and writes (filled ones, odd ones, groups); a group is a sequence (`which`) and a text (`places`,
    `sizes`). -1 as `walk`, and where there are more groups than room.
    """
    at, known, filled, strange, distinct, latest, last = lo, 0, 0, 0, 0, 0, 0
    for word in range(named):
        ahead[word] = -1
    while at < hi:
        start, found, end, begun, taken = at, -1, at, at, at
        code = raw[at]
        if code == directive:
            return -1
        known += 1
        if code == _NEWLINE or (code == _RETURN and raw[at + 1] == _NEWLINE):
            at += 1 + np.int64(code == _RETURN)
            continue
        filled += 1
        for turn in range(sequences + 1):
            sequence = last if turn == 0 else turn - 1
            if laid[sequence] == 1 and (turn == 0 or sequence != last):
                end, begun, taken = _fits(
                    base, start, hi, sequence, longest, least, most, several, planes_at, pieces, drawn_at
                )
                if end >= 0:
                    found, last = sequence, sequence
                    break
        stop = _newline(base, max(end, start), hi)
        at = stop + 1
        if found < 0:
            for sequence in range(sequences):
                fits, begun, taken = _walked(
                    raw, start, sequence, table, least, most, lengths, longest, captures, taken_each
                )
                if fits:
                    found = sequence
                    break
            if found >= 0 and laid[found] >= 0:
                last = found
                laid[found] = _learned(
                    *(found, lengths[found], longest, least, most, several, planes, captures),
                    *(laid[found], usual, varies, pieces, drawn, taken_each),
                )
        if found >= 0 and bare[found] and _named_in(base, start, stop, hi, words, ends, named, ahead):
            found = -1
        if found < 0:
            if strange == room:
                return -1
            odd[strange] = start
            strange += 1
            continue
        if captures[2 * found] < 0:
            begun, taken = start, start
        size, chosen = taken - begun, distinct
        for turn in range(distinct + 1):
            group = latest if turn == 0 else turn - 1
            if group < distinct and which[group] == found and sizes[group] == size:
                same = 0
                while same < size and raw[places[group] + same] == raw[begun + same]:
                    same += 1
                if same == size:
                    chosen = group
                    break
        if chosen == distinct:
            if distinct == groups:
                return -1
            which[distinct], places[distinct], sizes[distinct], counts[distinct] = found, begun, size, 0
            distinct += 1
        counts[chosen] += 1
        latest = chosen
    out[0], out[1], out[2] = filled, strange, distinct
    return known


@numba.njit
def _newline(base, at, hi):
    """Give where the line ends in which `at` stands."""
    while at + WIDTH <= hi:
        found = equal(base + at, _NEWLINE)
        if found:
            return at + np.int64(trailing(found))
        at += WIDTH
    return _memchr(base + at, _NEWLINE, hi - at) - base


@numba.njit
def _named_in(base, start, stop, hi, words, ends, named, ahead):
    """Tell whether a line holds a word; `ahead` keeps where each of them comes next."""
    begin = 0
    for word in range(named):
        if ahead[word] < start:
            found = _memmem(base + start, hi - start, words + begin, ends[word] - begin)
            ahead[word] = hi if found == 0 else found - base
        if ahead[word] < stop:
            return True
        begin = ends[word]
    return False


@numba.njit
def _walked(raw, start, sequence, table, least, most, lengths, longest, captures, sizes):
    """Take a line step by step: whether it has all of them, the captured text; how much each took goes to `sizes`."""
    at, begun, taken = start, start, start
    for step in range(lengths[sequence]):
        place = sequence * longest + step
        row, begin, top = place * _CODES, at, at + most[place]
        if begin == top:  # only a look at what comes next
            if not table[row + raw[at]]:
                return False, start, start
            continue
        while at < top and table[row + raw[at]]:
            at += 1
        sizes[step] = at - begin
        if at - begin < least[place]:
            return False, start, start
        if step == captures[2 * sequence]:
            begun = begin
        if step == captures[2 * sequence + 1]:
            taken = at
    return True, begun, taken


@numba.njit
def _holds(address, planes, several):
    """Tell of 64 bytes which of them stand in one of the ranges that their places have."""
    held = np.uint64(0)
    for plane in range(several):
        held |= ranged(address, planes + plane * 2 * WIDTH, planes + plane * 2 * WIDTH + WIDTH)
    return held


@numba.njit
def _fits(base, at, hi, sequence, longest, least, most, several, planes, pieces, drawn):
    """Compare a line with a layout: where its steps end (-1: it does not fit), and the captured text."""
    layout = sequence * LAYOUT
    begun, taken = at, at
    for piece in range(pieces[layout]):
        row = layout + HEAD + piece * PIECE
        drawing = drawn + (sequence * CHUNKS + pieces[row + 3]) * DRAWING
        chunks = pieces[row + 1]
        if at + chunks * WIDTH > hi:
            return -1, at, at
        for chunk in range(chunks):
            if ~_holds(base + at + chunk * WIDTH, drawing + chunk * DRAWING, pieces[row + 2]):
                return -1, at, at
        if piece == pieces[layout + 1]:
            begun = at + pieces[layout + 2]
        if piece == pieces[layout + 3]:
            taken = at + pieces[layout + 4]
        at += pieces[row]
        step = pieces[row + 4]
        if step < 0:
            continue
        place, begin = sequence * longest + step, at
        while True:
            if at + WIDTH > hi:
                return -1, at, at
            others = ~_holds(base + at, planes + place * DRAWING, several[place])
            if others:
                at += np.int64(trailing(others))
                break
            at += WIDTH
        if at - begin < least[place] or at - begin > most[place]:
            return -1, at, at
        if piece == pieces[layout + 3] and pieces[layout + 4] < 0:
            taken = at
    return at, begun, taken


@numba.njit
def _learned(
    sequence, steps, longest, least, most, several, planes, captures, laid, usual, varies, pieces, drawn, sizes
):
    """Lay a sequence out as a line that was walked is, where what differs from the last one varies; -1: too long."""
    changed = laid == 0
    for step in range(steps):
        place = sequence * longest + step
        if laid == 0:
            usual[place], varies[place] = sizes[step], sizes[step] > _LONGEST_FIXED
        elif not varies[place] and usual[place] != sizes[step]:
            varies[place], changed = True, True
    if not changed:
        return 1
    layout, piece, at, first, chunks, ranges = sequence * LAYOUT, 0, 0, 0, 0, 1
    pieces[layout + 1], pieces[layout + 3] = -1, -1
    for step in range(steps):
        place, look = sequence * longest + step, most[sequence * longest + step] == 0
        if step == captures[2 * sequence]:
            pieces[layout + 1], pieces[layout + 2] = piece, at
        if varies[place] and step < steps - 1:
            if step == captures[2 * sequence + 1]:
                pieces[layout + 3], pieces[layout + 4] = piece, -1
            if piece == PIECES - 1:
                return -1
            _close(pieces, layout + HEAD + piece * PIECE, at, chunks, ranges, first, step)
            piece, at, first, chunks, ranges = piece + 1, 0, first + chunks, 0, 1
            continue
        length = usual[place] if step < steps - 1 else 1 if look else least[place]
        for byte in range(at, at + length):
            if byte == chunks * WIDTH:
                if first + chunks == CHUNKS:
                    return -1
                for offset in range(DRAWING):
                    drawn[(sequence * CHUNKS + first + chunks) * DRAWING + offset] = 255 * (offset // WIDTH % 2)
                chunks += 1
            drawing = (sequence * CHUNKS + first + byte // WIDTH) * DRAWING + byte % WIDTH
            for half in range(DRAWING // WIDTH):
                drawn[drawing + half * WIDTH] = planes[place * DRAWING + half * WIDTH]
        if length:
            ranges = max(ranges, several[place])
        if not look:
            at += length
        if step == captures[2 * sequence + 1]:
            pieces[layout + 3], pieces[layout + 4] = piece, at
    _close(pieces, layout + HEAD + piece * PIECE, at, chunks, ranges, first, -1)
    pieces[layout] = piece + 1
    return 1


@numba.njit
def _close(pieces, row, size, chunks, ranges, first, step):
    """Write down a piece: its size, its drawing, and the step behind it, if any."""
    pieces[row], pieces[row + 1], pieces[row + 2] = size, chunks, ranges
    pieces[row + 3], pieces[row + 4] = first, step
