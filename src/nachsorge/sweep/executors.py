"""Where units are worked: in this process, over processes of this machine, or on a cluster (`cluster.py`).

An executor takes orders and units and gives, in whatever order they are done, (index of the unit, its outcomes). It
raises nothing for what a unit does: a unit that kills its process, twice, is an outcome that says so.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from nachsorge.evidence.parts import bytes_of
from nachsorge.evidence.read import unread
from nachsorge.model.words import Reason
from nachsorge.sweep import work
from nachsorge.sweep.natives import any_native
from nachsorge.sweep.work import Orders, Outcome, Worker

if TYPE_CHECKING:
    from nachsorge.evidence.units import Unit

LIGHT = 256 * 1024
"""Units up to so many bytes are handed out together, at most so many, or for so many bytes:"""
MOST = 256
TOGETHER = 16 * 1024 * 1024
_SHARES = 4
"""Every worker is to have so many tasks at least, or the last to finish keeps all others waiting."""

Result = TypeVar("Result")
Steps = Generator[tuple[int, list[Outcome]], None, None]

DIED = "the process that read it died, twice"
"""What is said of a unit whose process died, or was ended (`expendable`)."""

SMALL = 8 * 1024 * 1024
"""Less evidence than this in all is read here: starting processes would take longer."""


class Executor(Protocol):
    """Works units. `workers` is how many units it works at a time: what big files are split for."""

    @property
    def workers(self) -> int:
        """How many units are worked at a time."""

    def steps(self, orders: Orders, units: Sequence[Unit]) -> Steps:
        """Work all units; closing the generator stops the work."""


class Here:
    """One unit after the other, in this process."""

    workers = 1

    def steps(self, orders: Orders, units: Sequence[Unit]) -> Steps:
        """Work in the order given."""
        worker = Worker(orders) if units else None
        for index, unit in enumerate(units):
            assert worker is not None  # there is a unit
            yield index, worker.work(unit)


class Processes:
    """Processes of this machine."""

    def __init__(self, workers: int) -> None:
        """Take how many."""
        self.workers = workers

    def steps(self, orders: Orders, units: Sequence[Unit]) -> Steps:
        """Work the largest first; what was in a process that died is tried once more, alone."""
        try:
            lost = yield from handed_out(_new_pool(orders, self.workers), work.work, units, self.workers)
            for index in lost:
                yield index, _alone(orders, units[index])
        finally:
            work.forget()


def handed_out(
    pool: ProcessPoolExecutor, task: Callable[[Unit], Result], units: Sequence[Unit], workers: int
) -> Generator[tuple[int, Result], None, list[int]]:
    """Work units over a pool, the largest first, and close it; returns the indexes of those whose process died."""
    lost: list[int] = []
    try:
        futures: dict[Future[list[Result]], tuple[int, ...]] = {}
        for bundle in bundles(units, workers):
            try:
                futures[pool.submit(_each, task, [units[index] for index in bundle])] = bundle
            except BrokenProcessPool:  # a process died while units were still being handed out
                lost += bundle
        for future in as_completed(futures):
            try:
                yield from zip(futures[future], future.result(), strict=True)
            except BrokenProcessPool:
                lost += futures[future]
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return lost


def _each(task: Callable[[Unit], Result], units: Sequence[Unit]) -> list[Result]:
    return [task(unit) for unit in units]


def bundles(units: Sequence[Unit], workers: int) -> list[tuple[int, ...]]:
    """Order units, the largest first, and put small ones together: handing one out takes as long as reading it."""
    light = sum(_cost(unit) <= LIGHT for unit in units)
    most = max(1, min(MOST, light // (_SHARES * workers)))
    found: list[tuple[int, ...]] = []
    held: list[int] = []
    together = 0
    for index in largest_first(units):
        if (cost := _cost(units[index])) > LIGHT:
            found.append((index,))
            continue
        held.append(index)
        together += cost
        if len(held) == most or together > TOGETHER:
            found.append(tuple(held))
            held, together = [], 0
    return [*found, tuple(held)] if held else found


def local(jobs: int, units: Sequence[Unit]) -> Executor:
    """Choose for this machine: `jobs` processes (0: one a core), none where that would take longer.

    What native libraries decode is read in a process that may be ended, see `expendable`: there is no other way out of
    a call that never returns, not even Ctrl-C. Beside a progress bar that process costs half a second.
    """
    jobs = jobs or os.cpu_count() or 1
    if jobs > 1 and sum(unit.size for unit in units) >= SMALL:
        return Processes(jobs)
    return Processes(1) if any_native(units) else Here()


def largest_first(units: Sequence[Unit]) -> list[int]:
    """Order units so that no worker is left with the biggest at the end; hashing runs at about twice the speed."""
    return sorted(range(len(units)), key=lambda index: -_cost(units[index]))


def _cost(unit: Unit) -> int:
    if unit.part is None:
        return unit.size
    return unit.size // 2 if unit.part.digest else bytes_of(unit.part, unit.size)


def failed(unit: Unit, note: str) -> list[Outcome]:
    """Say of a unit that nobody could read it."""
    return [Outcome(reading=unread(unit.shown, Reason.FAILED, note))]


def _alone(orders: Orders, unit: Unit) -> list[Outcome]:
    """Work a unit whose process died once more, alone; if it dies again the unit is the cause."""
    pool = _new_pool(orders, 1)
    try:
        return pool.submit(work.work, unit).result()
    except BrokenProcessPool:
        return failed(unit, DIED)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _new_pool(orders: Orders, jobs: int) -> ProcessPoolExecutor:
    forks = _single_threaded()
    if forks:
        work.prepare(orders)  # once, not in each of them
    context = get_context("fork" if forks else "spawn")
    return ProcessPoolExecutor(jobs, mp_context=context, initializer=work.start, initargs=(orders, jobs))


def _single_threaded() -> bool:
    """Tell whether this process has no second thread, of whatever language (Linux tells).

    Forked children inherit the locks that other threads hold (the progress bar's), spawned ones start clean. But they
    import everything anew, half a second each, and are sent the tests, which takes as long for every 50,000.
    """
    tasks = Path("/proc/self/task")
    return tasks.is_dir() and len(list(tasks.iterdir())) == 1
