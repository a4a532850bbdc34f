"""Sparse files as Velociraptor stores them: the ranges that hold data, one after the other, and an index beside.

`<file>.idx` is JSON: `{"ranges": [{"file_offset", "original_offset", "file_length", "length"}, ...]}` (actions.proto,
message Range); a number that is 0 is left out, some versions write numbers as strings. A range with a `file_length`
of 0 is a hole: the file system has no clusters there, and reading gives zeros. So the file is given as it was on the
host. What no range speaks of was not collected: reading there raises, and the size of it is a gap.
"""

from __future__ import annotations

import bisect
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, BinaryIO

from nachsorge.evidence.containers.streams import Window, as_file
from nachsorge.evidence.seams import Opened, ReadError
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST = 1_000_000
"""More ranges than this has no file that a tool would collect."""

MOST_ZEROS = 4 * 1024**3
"""So many bytes of holes are given in one reading: an index of a few bytes can state any number."""


@dataclass(frozen=True, slots=True, order=True)
class Range:
    """A stretch of the file on the host; `at` is where its bytes stand in what was stored, -1 for a hole."""

    start: int
    length: int
    at: int


@dataclass(frozen=True, slots=True)
class Map:
    """A sparse file's ranges, sorted, its size on the host, and how many bytes of it nobody collected."""

    ranges: tuple[Range, ...]
    size: int
    holes: int
    lost: int


def map_of(text: str) -> Map | None:
    """Read an index; None where the text is none, for example another file that happens to end with `.idx`."""
    try:
        tree = json.loads(text)
        listed = tree["ranges"] if isinstance(tree, dict) else None
        ranges = sorted(_range(row) for row in listed or ())
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    if not ranges or len(ranges) > MOST or any(one.length < 0 or one.start < 0 for one in ranges):
        return None
    ends = [one.start + one.length for one in ranges]
    if any(later.start < end for later, end in zip(ranges[1:], ends, strict=False)):
        return None
    lost = ends[-1] - sum(one.length for one in ranges)
    holes = sum(one.length for one in ranges if one.at < 0)
    return Map(tuple(ranges), ends[-1], holes, lost)


def _range(row: object) -> Range:
    if not isinstance(row, dict):
        raise TypeError("a range is an object")
    start, length = _number(row, "original_offset"), _number(row, "length")
    return Range(start, length, _number(row, "file_offset") if _number(row, "file_length") else -1)


def _number(row: Mapping[str, object], name: str) -> int:
    first, *rest = name.split("_")
    value = row.get(name, row.get(first + "".join(part.title() for part in rest), 0))
    if not isinstance(value, int | str):
        raise TypeError(name)
    return int(value)


def filled(source: Opened, where: Map) -> Opened:
    """Give the file as it was on the host."""
    return replace(source, open=lambda: _open(source, where), size=where.size, local=None)


def _open(source: Opened, where: Map) -> BinaryIO:
    stored = source.open()
    starts = [one.start for one in where.ranges]
    given = [0]

    def fetch(offset: int, size: int) -> bytes:
        one = where.ranges[max(bisect.bisect_right(starts, offset) - 1, 0)]
        inside = offset - one.start
        if not 0 <= inside < one.length:
            raise ReadError(Reason.NOT_PROVIDED, f"the bytes from {offset} on were not collected")
        wanted = min(size, one.length - inside)
        if one.at < 0:
            given[0] += wanted
            if given[0] > MOST_ZEROS:
                raise ReadError(Reason.LIMIT, f"more than {MOST_ZEROS} zeros of its holes; the rest was not looked at")
            return bytes(wanted)
        stored.seek(one.at + inside)
        return stored.read(wanted)

    return as_file(Window(fetch, where.size, stored.close))
