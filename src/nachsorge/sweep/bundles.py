"""Units handed out to processes: the largest first, small ones together."""

from __future__ import annotations

from concurrent.futures import Future, as_completed
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING, TypeVar

from nachsorge.evidence.parts import bytes_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from nachsorge.evidence.units import Unit

LIGHT = 2 * 1024 * 1024
"""Units up to so many bytes are handed out together, at most so many, or for so many bytes:"""
MOST = 256
TOGETHER = 16 * 1024 * 1024
_SHARES = 4
"""Every worker is to have so many tasks at least, or the last to finish keeps all others waiting."""
_SLOW = {".gz": 5, ".zst": 5, ".xz": 20, ".bz2": 20, ".zip": 5, ".evtx": 8, ".pcap": 8, ".pcapng": 8}
"""So many times as long as a byte of lines takes one of these, about: logs are packed to a fifth."""
_PIECES = 16
"""No task of several units is to be more than such a part of what a worker has to do."""

Result = TypeVar("Result")


def handed_out(
    submit: Callable[[list[Unit]], Future[list[Result]]], units: Sequence[Unit], workers: int, lost: list[int]
) -> Iterator[tuple[int, Result]]:
    """Work units over a pool, the largest first; `lost` takes the indexes of those whose process died.

    `submit` hands some units to the pool, which gives a result for each. Whoever does not want all of them has to shut
    the pool down: what was handed out is worked all the same.
    """
    futures: dict[Future[list[Result]], tuple[int, ...]] = {}
    for bundle in bundles(units, workers):
        try:
            futures[submit([units[index] for index in bundle])] = bundle
        except BrokenProcessPool:  # a process died while units were still being handed out
            lost += bundle
    for future in as_completed(futures):
        try:
            yield from zip(futures[future], future.result(), strict=True)
        except BrokenProcessPool:
            lost += futures[future]


def each(task: Callable[[Unit], Result], units: Sequence[Unit]) -> list[Result]:
    """Work units one after the other; what is sent to a process."""
    return [task(unit) for unit in units]


def bundles(units: Sequence[Unit], workers: int) -> list[tuple[int, ...]]:
    """Order units, the largest first, and put small ones together: handing one out takes as long as reading it."""
    costs = [_cost(unit) for unit in units]
    light = sum(cost <= LIGHT for cost in costs)
    most = max(1, min(MOST, light // (_SHARES * workers)))
    enough = min(TOGETHER, sum(costs) // (_PIECES * workers))
    found: list[tuple[int, ...]] = []
    held: list[int] = []
    together = 0
    for index in sorted(range(len(units)), key=lambda index: -costs[index]):
        if (cost := costs[index]) > LIGHT:
            found.append((index,))
            continue
        held.append(index)
        together += cost
        if len(held) == most or together > enough:
            found.append(tuple(held))
            held, together = [], 0
    return [*found, tuple(held)] if held else found


def _cost(unit: Unit) -> int:
    """Say how long a unit will take, in bytes of lines; hashing runs at about twice the speed of reading."""
    if unit.part is None:
        return unit.size * _SLOW.get(unit.path.suffix.lower(), 1)
    return unit.size // 2 if unit.part.digest else bytes_of(unit.part, unit.size)
