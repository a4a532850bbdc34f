"""The indicators of a long list in columns: what one would be an object a row is a few bytes a row, and one block.

Rows of a list mostly say the same about themselves, all but the value; so each names one of a few samples, and only the
values differ. An `Indicators` is the tuple that it stands for: equal to it, of the same length, with the same rows in
the same order, each made when it is asked for.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields, replace
from operator import attrgetter
from typing import TYPE_CHECKING, TypeAlias, overload

from nachsorge.model.pack import Indicator

if TYPE_CHECKING:
    from nachsorge.model.words import IndicatorType

    Bytes: TypeAlias = bytes | memoryview | array[int]

LONG = 50_000
"""Fewer rows are as fast as objects."""

_ALIKE = 8
"""At least so many rows a sample must there be on average, or columns save nothing."""

_REST = attrgetter(*(each.name for each in fields(Indicator) if each.name != "value"))


class Indicators(Sequence[Indicator]):
    """Rows in columns. `samples` are indicators without value."""

    __slots__ = ("_codes", "_digest", "_ends", "_text", "samples")

    def __init__(self, text: Bytes, ends: Bytes, codes: Bytes, samples: Sequence[Indicator]) -> None:
        """Take all values one after another (UTF-8), where each ends (64 bits), and each row's sample (32 bits)."""
        self._text = memoryview(text)
        self._ends = memoryview(ends).cast("B").cast("Q")
        self._codes = memoryview(codes).cast("B").cast("I")
        self.samples = tuple(samples)
        self._digest = b""
        if len(self._ends) != len(self._codes) or (self._ends and self._ends[-1] != len(self._text)):
            raise ValueError("columns of different length")

    @property
    def columns(self) -> tuple[memoryview, memoryview, memoryview]:
        """Give text, ends and codes as bytes, for whoever keeps them."""
        return self._text, self._ends.cast("B"), self._codes.cast("B")

    @property
    def digest(self) -> bytes:
        """Name the contents (SHA-256)."""
        if not self._digest:
            found = hashlib.sha256(repr(self.samples).encode("utf-8", "surrogatepass"))
            for column in self.columns:
                found.update(len(column).to_bytes(8, "little"))
                found.update(column)
            self._digest = found.digest()
        return self._digest

    def value(self, row: int) -> str:
        """Give the value of a row, counted from 0."""
        start = self._ends[row - 1] if row else 0
        return str(self._text[start : self._ends[row]], "utf-8", "surrogatepass")

    def sample(self, row: int) -> Indicator:
        """Give the indicator of a row without its value."""
        return self.samples[self._codes[row]]

    def rows(self, wanted: Iterable[bool]) -> Sequence[int]:
        """Give the rows whose sample is wanted; `wanted` says of each sample whether it is."""
        flags = list(wanted)
        if all(flags):
            return range(len(self))
        return array("I", (row for row, code in enumerate(self._codes) if flags[code]))

    def values(self) -> Iterator[tuple[IndicatorType, str]]:
        """Give type and value of all rows, in order."""
        types = [sample.type for sample in self.samples]
        text, start = bytes(self._text), 0
        for code, end in zip(self._codes, self._ends, strict=True):
            yield types[code], str(text[start:end], "utf-8", "surrogatepass")
            start = end

    def __len__(self) -> int:
        """Count the rows."""
        return len(self._ends)

    @overload
    def __getitem__(self, at: int) -> Indicator: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Indicator, ...]: ...
    def __getitem__(self, at: int | slice) -> Indicator | tuple[Indicator, ...]:
        """Make an indicator, or some."""
        if isinstance(at, slice):
            return tuple(self[row] for row in range(*at.indices(len(self))))
        row = range(len(self))[at]
        return replace(self.sample(row), value=self.value(row))

    def __eq__(self, other: object) -> bool:
        """Compare with a tuple, or with another in columns."""
        if not isinstance(other, (tuple, Indicators)):
            return NotImplemented
        if isinstance(other, Indicators) and self.samples == other.samples and self.columns == other.columns:
            return True
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    def __hash__(self) -> int:
        """Be found where the tuple is."""
        return hash(tuple(self))

    def __repr__(self) -> str:
        """Say how many; a million would be no help."""
        return f"<{len(self)} indicators>"

    def __reduce__(self) -> tuple[object, ...]:
        """Go to other processes as columns."""
        return Indicators, (*(bytes(column) for column in self.columns), self.samples)


def packed(indicators: Sequence[Indicator], least: int = LONG) -> Sequence[Indicator]:
    """Put indicators into columns where there are at least so many of them and they are mostly alike."""
    if len(indicators) < least:
        return tuple(indicators)
    samples: dict[tuple[object, ...], int] = {}
    codes = array("I")
    for each in indicators:
        codes.append(samples.setdefault(_REST(each), len(samples)))
        if len(samples) > max(len(indicators) // _ALIKE, 1) and least:
            return tuple(indicators)
    values = [each.value.encode("utf-8", "surrogatepass") for each in indicators]
    ends, end = array("Q"), 0
    for value in values:
        end += len(value)
        ends.append(end)
    found: dict[int, Indicator] = {}
    for code, each in zip(codes, indicators, strict=True):
        if code not in found:
            found[code] = replace(each, value="")
    return Indicators(b"".join(values), ends, codes, [found[code] for code in range(len(samples))])


def driving(indicators: Sequence[Indicator]) -> int:
    """Count the indicators that are looked for."""
    if isinstance(indicators, Indicators):
        return len(indicators.rows(sample.drives for sample in indicators.samples))
    return sum(indicator.drives for indicator in indicators)
