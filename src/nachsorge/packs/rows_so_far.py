"""The rows of an indicator file while it is read: columns, in which a row costs little more than its value."""

from __future__ import annotations

from array import array
from dataclasses import fields, replace
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeAlias

from nachsorge.model.columns import LONG, Indicators
from nachsorge.model.pack import Indicator, Trace
from nachsorge.model.words import Weight

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nachsorge.model.words import IndicatorType, Rung
    from nachsorge.packs.importers import Item

SEEN = "seen"
"""The stage of an indicator file that names none."""

Place: TypeAlias = tuple[str, str, Weight]
"""The trace that an item names (or none), its stage and its weight."""

_ALIKE = 8
"""At least so many rows a sample must there be on average, or columns save nothing."""


class Texts:
    """Many short texts in two blocks of memory."""

    def __init__(self) -> None:
        """Begin with none."""
        self.text = bytearray()
        self.ends = array("Q")

    def append(self, text: str) -> None:
        """Take one more."""
        self.text += text.encode("utf-8", "surrogatepass")
        self.ends.append(len(self.text))

    def __len__(self) -> int:
        """Count them."""
        return len(self.ends)

    def __getitem__(self, at: int) -> str:
        """Give one."""
        start = self.ends[at - 1] if at else 0
        return self.text[start : self.ends[at]].decode("utf-8", "surrogatepass")


class Index:
    """Finds rows by a hash in twelve bytes a row (a dict of numbers takes a hundred); open addressing, half empty."""

    def __init__(self) -> None:
        """Begin with no row."""
        self._hashes = array("q")
        self._slots = array("I", bytes(4 * 1024))

    def candidates(self, hashed: int) -> Sequence[int]:
        """Give the rows of this hash; rows that only share it are among them."""
        slots, hashes = self._slots, self._hashes
        mask = len(slots) - 1
        at = hashed & mask
        found = []
        while row := slots[at]:
            if hashes[row - 1] == hashed:
                found.append(row - 1)
            at = (at + 1) & mask
        return found

    def append(self, hashed: int) -> None:
        """Take the next row."""
        self._hashes.append(hashed)
        if len(self._hashes) * 2 > len(self._slots):
            self._slots = array("I", bytes(8 * len(self._slots)))
            for row, each in enumerate(self._hashes, 1):
                self._put(row, each)
        else:
            self._put(len(self._hashes), hashed)

    def _put(self, row: int, hashed: int) -> None:
        slots = self._slots
        mask = len(slots) - 1
        at = hashed & mask
        while slots[at]:
            at = (at + 1) & mask
        slots[at] = row


class Traces:
    """The trace of every item: the one that it names, else one for its stage and weight.

    A name that stands for two things in the file is given to the first of them.
    """

    def __init__(self) -> None:
        """Begin with none."""
        self._of: dict[Place, Trace] = {}
        self._named: dict[str, Place] = {}
        self._taken: dict[str, Trace] = {}

    def of(self, item: Item) -> Trace:
        """Give the trace of an item."""
        place = (item.trace, item.stage or SEEN, item.weight)
        found = self._of.get(place)
        if found is None:
            found = self._of[place] = self._made(place)
        return found

    def all(self) -> tuple[Trace, ...]:
        """Give all traces in the order in which they were met."""
        return tuple({trace.id: trace for trace in self._of.values()}.values())

    def _made(self, place: Place) -> Trace:
        wanted, stage, weight = place
        free = wanted and self._named.setdefault(wanted, place) == place
        trace = Trace(id=wanted if free else f"{stage}-{weight}", stage=stage, weight=weight)
        # A name from the file may be the one that was made up for others.
        while self._taken.setdefault(trace.id, trace) != trace:
            trace = replace(trace, id=f"{trace.id}+")
        return trace


class RowsSoFar:
    """Takes items and gives the indicators of a pack. Rows that only differ in their value share a sample."""

    def __init__(self) -> None:
        """Begin with no row."""
        self.traces = Traces()
        self.rungs: dict[str, Rung] = {}
        self.exported: set[str] = set()
        self._samples: list[Indicator] = []
        self._codes_of: dict[Indicator, int] = {}
        self._codes = array("I")
        self._values, self._places = Texts(), Texts()
        self._index = Index()
        self._last: dict[tuple[IndicatorType, str], tuple[dict[str, Any], int]] = {}

    def add(self, item: Item) -> str:
        """Take an item; says which row it repeats where there is one already."""
        trace, platform = self.traces.of(item), item.fields.get("platform")
        hashed = hash((item.value, item.type, trace.id, platform))
        for row in self._index.candidates(hashed):
            other = self._samples[self._codes[row]]
            if (other.type, other.trace, other.platform) == (item.type, trace.id, platform) and (
                self._values[row] == item.value
            ):
                return f"{item.place}: repeats {self._places[row]}"
        self._index.append(hashed)
        self._codes.append(self._code(item, trace))
        self._values.append(item.value)
        self._places.append(item.place)
        self.note(item)
        return ""

    def note(self, item: Item) -> None:
        """Take what an item says of its stage."""
        if item.rung is not None:
            self.rungs.setdefault(item.stage, item.rung)
        if item.trace:
            self.exported.add(item.stage or SEEN)

    def samples(self) -> list[Indicator]:
        """Give an indicator without value for every kind of row."""
        return self._samples

    def finished(self) -> Sequence[Indicator]:
        """Give all rows, once: in columns where there are many of few kinds."""
        codes, samples, values = self._codes, self._samples, self._values
        if len(codes) >= LONG and len(samples) * _ALIKE <= len(codes):
            return Indicators(memoryview(values.text), values.ends, codes, samples)
        self._codes_of.clear()
        return tuple(_with_value(samples[code], values[row]) for row, code in enumerate(codes))

    def _code(self, item: Item, trace: Trace) -> int:
        # Most rows of a type share what they say about themselves with the one before.
        fields, code = self._last.get((item.type, trace.id), (None, 0))
        if fields is item.fields:
            return code
        sample = Indicator(type=item.type, value="", trace=trace.id, **item.fields)
        code = self._codes_of.setdefault(sample, len(self._samples))
        if code == len(self._samples):
            self._samples.append(sample)
        self._last[item.type, trace.id] = item.fields, code
        return code


_NAMES = tuple(each.name for each in fields(Indicator) if each.name != "value")
_OTHERS = attrgetter(*_NAMES)


def _with_value(sample: Indicator, value: str) -> Indicator:
    # `replace` takes twice as long, which counts where each of many rows has a note of its own.
    return Indicator(value=value, **dict(zip(_NAMES, _OTHERS(sample), strict=True)))
