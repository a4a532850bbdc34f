"""What the kernel makes of a block of lines at a glance: how many there are, which are malformed, what they tell of.

A survey is taken only where it says exactly what the format's own `malformed`, `classes` and the count of lines would;
where it is not sure there is none, and the block is looked at line by line.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nachsorge.evidence.blocks import Block
from nachsorge.evidence.fast import kernel
from nachsorge.evidence.line_format import LineFormat
from nachsorge.evidence.shapes import Counts, Either
from nachsorge.model.words import Telemetry

if TYPE_CHECKING:
    from nachsorge.evidence.kernel import Kernel  # noqa: TC004  the extra may be absent; nothing reads the annotation


@dataclass(frozen=True, slots=True)
class Survey:
    """A block without directives. `lines` counts those that are not empty, `ends` all.

    `every` is the telemetry of all lines, if they have one and name no host; `bad` is where malformed lines begin,
    `odd` where lines of another shape than the format's own begin.
    """

    ends: int
    lines: int
    bad: frozenset[int]
    odd: tuple[int, ...]
    every: Telemetry | None
    _block: Block
    _form: LineFormat
    _kernel: Kernel

    def count(self, start: int, end: int) -> int:
        """Count ends of lines between two offsets."""
        return self._kernel.lines(self._block.raw, self._block.base, start, end)

    def classes(self, start: int, end: int) -> list[Counted] | None:
        """Count whole lines as the format's own `classes` does; None where that has to be asked."""
        shape = self._form.shape_of()
        if self.every is None and isinstance(shape, Either):
            return self._by_shape(shape, start, end)
        if self.ends != self.lines:
            return None  # which lines are empty is not known of parts of the block
        if self.every is not None:
            return [(self.every, None, self.count(start, end))]
        if not self._form.key:
            return None
        found = self._kernel.tallied(self._block.raw, self._block.base, start, end, self._form.key)
        if found is None:
            return None
        counts: Counter[Telemetry] = Counter()
        for text, lines in found:
            counts[self._form.sort(text)] += lines
        return [(telemetry, None, lines) for telemetry, lines in sorted(counts.items())]

    def _by_shape(self, shape: Either, start: int, end: int) -> list[Counted] | None:
        counts = shape.classes(self._kernel, self._block, start, end)
        if counts is None:
            return None
        for at in self.odd[bisect_left(self.odd, start) : bisect_left(self.odd, end)]:
            line = self._block.cut(at, self._block.data.find(b"\n", at) + 1)
            for telemetry, host, records in self._form.classes(line, 1):
                counts[telemetry, host] += records
        return [(*of, lines) for of, lines in sorted(counts.items(), key=lambda item: (item[0][0], item[0][1] or ""))]


Counted = tuple[Telemetry, str | None, int]


def survey(block: Block, form: LineFormat) -> Survey | None:
    """Survey a block; None without a kernel, without a shape to go by, and where the shape cannot tell."""
    ready, shape = kernel(), form.shape_of()
    if ready is None or shape is None or not block.ready(ready):
        return None
    found = shape.odd(ready, block, form.directive[0] if form.directive else -1)
    if found is None:
        return None
    ends, lines, odd, counts = found
    bad = set()
    for start in odd:
        line = block.cut(start, block.data.find(b"\n", start))
        if not line.strip():
            return None  # blanks in an empty line: rare, and counted in a way of its own
        if any(True for _ in form.malformed(line)):
            bad.add(start)
    surveyed = Survey(ends, lines, frozenset(bad), tuple(odd), form.every(), block, form, ready)
    alone = _alone(surveyed, counts)
    return surveyed if alone is None else replace(surveyed, every=alone)


def _alone(surveyed: Survey, counts: Counts | None) -> Telemetry | None:
    """Give the one telemetry of all lines of a block, where only this block has just one and it names no host."""
    if surveyed.every is not None:
        return None
    block = surveyed._block
    sorts = [(*of, lines) for of, lines in counts.items()] if counts else surveyed.classes(block.lo, block.hi) or ()
    if len(sorts) != 1:
        return None
    telemetry, host, lines = sorts[0]
    return telemetry if host is None and lines == surveyed.lines else None
