"""What a kernel must know of a shape to compare lines with the layout of others, 64 bytes at a time.

A line that fits a layout has the same steps as the line of which the layout was learned, each as long as that line's,
or as long as it goes where lengths vary. That says the same as walking it step by step only where no step could have
gone on at its end, and only where no earlier sequence of the shape might fit the line as well and would say something
else. Both are settled here, for all lines at once.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nachsorge.evidence.shapes import Run, Steps

WIDTH = 64
"""So many bytes are compared together."""
RANGES = 5
"""So many ranges of bytes a step may take."""
PIECES, CHUNKS = 24, 16
"""So many pieces may a layout have, and so many times 64 bytes."""
DRAWING = RANGES * 2 * WIDTH
"""Bytes of 64 places: for each range the lowest of every place, and how far it goes."""
HEAD, PIECE = 5, 5
LAYOUT = HEAD + PIECES * PIECE
"""Numbers of a layout: how many pieces; in which piece, and where in it, the captured text begins and ends (-1: where
what varies does); of every piece its bytes, its times 64 bytes, their ranges, which are its first, and the step behind.
"""


def ranges_of(codes: bytes) -> list[tuple[int, int]]:
    """Give the ranges of some bytes: the lowest, and how far it goes; one may go on from 255 to 0."""
    held = sorted(set(codes))
    starts = [held[0], *(b for a, b in pairwise(held) if b != a + 1)]
    ends = [*(a for a, b in pairwise(held) if b != a + 1), held[-1]]
    if len(starts) > 1 and starts[0] == 0 and ends[-1] == 0xFF:
        starts, ends = [*starts[1:-1], starts[-1]], [*ends[1:-1], ends[0]]
    return [(start, (end - start) % 256) for start, end in zip(starts, ends, strict=True)]


def layable(each: Sequence[Steps], words: Sequence[bytes]) -> tuple[bool, ...]:
    """Tell of each sequence whether lines of it may be compared with a layout."""
    return tuple(
        _plain(steps) and all(_clear(earlier, steps, words) for earlier in each[:number])
        for number, steps in enumerate(each)
    )


def _plain(steps: Steps) -> bool:
    """Tell whether every step ends where it must, whatever follows, and can be told by a few ranges."""
    runs, last = steps.runs, len(steps.runs) - 1
    if any(len(ranges_of(run.codes)) > RANGES or (run.most and b"\n" in run.codes) for run in runs):
        return False
    if any(run.most == 0 for run in runs[:-1]) or (steps.host and steps.host[1] >= last):
        return False
    return all(_stops(run, runs[number + 1 :]) for number, run in enumerate(runs[:-1]) if run.least < run.most)


def _stops(run: Run, following: Sequence[Run]) -> bool:
    """Tell whether a byte must follow, and it cannot be one that the run would take."""
    for other in following:
        if set(run.codes) & set(other.codes):
            return False
        if other.least:
            return True
    return False


def _clear(earlier: Steps, steps: Steps, words: Sequence[bytes]) -> bool:
    """Tell whether a line of the later steps is none of the earlier ones, or counts the same."""
    same = next((n for n, (a, b) in enumerate(zip(earlier.runs, steps.runs, strict=False)) if a != b), None)
    if same is not None:
        mine, other = steps.runs[same], earlier.runs[same]
        if mine.least and other.least and not set(mine.codes) & set(other.codes):
            return True
    if steps.bare and any(word in _spelled(earlier) for word in words):
        return True
    alike = (earlier.telemetry, earlier.host, earlier.bare) == (steps.telemetry, steps.host, steps.bare)
    return alike and (steps.host is None or same is None or steps.host[1] < same)


def _spelled(steps: Steps) -> bytes:
    """Give the words of a sequence, with an end of line wherever a byte may be another."""
    fixed = (run.codes if len(run.codes) == run.least == run.most == 1 else b"\n" for run in steps.runs)
    return b"".join(fixed)
