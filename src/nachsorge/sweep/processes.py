"""Processes of this machine that work units, from one phase of a sweep to the next.

They are forked where that is safe, after the tests were compiled and the evidence listed, so that they share both: a
task is then the numbers of its units, and what comes back of most files is a note (`sweep.packed`).
"""

from __future__ import annotations

from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from nachsorge.sweep import work
from nachsorge.sweep.bundles import handed_out
from nachsorge.sweep.outcome import DIED, failed
from nachsorge.sweep.packed import unpacked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nachsorge.evidence.units import Unit
    from nachsorge.sweep.outcome import Orders, Outcome, Steps
    from nachsorge.sweep.packed import Packed


class Processes:
    """Some processes: made when there is work, kept until `close`. They may inherit the units that are `shared`."""

    def __init__(self, workers: int, shared: Sequence[Unit] = ()) -> None:
        """Take how many."""
        self.workers = workers
        self._shared = shared
        self._numbers: Mapping[int, int] = {}
        self._pool: ProcessPoolExecutor | None = None
        self._orders: Orders | None = None

    def ready(self, orders: Orders) -> bool:
        """Tell whether there are processes that have these orders."""
        mine = self._orders
        return mine is not None and mine.tests is orders.tests and replace(mine, tests=()) == replace(orders, tests=())

    def steps(self, orders: Orders, units: Sequence[Unit]) -> Steps:
        """Work the largest first; what was in a process that died is tried once more, alone."""
        pool = self._of(orders)
        numbers = self._numbers

        def submit(bundle: list[Unit]) -> Future[list[Packed]]:
            return pool.submit(work.bundle, work.work, [numbers.get(id(unit), unit) for unit in bundle])

        done, lost = False, list[int]()
        try:
            for index, found in handed_out(submit, units, self.workers, lost):
                yield index, unpacked(units[index], found)
            done = True
        finally:
            if lost or not done:
                self.close()
        for index in lost:
            yield index, _alone(orders, units[index])

    def close(self) -> None:
        """Let the processes go, and what was compiled for them."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
        self._pool, self._orders, self._numbers = None, None, {}
        work.forget()

    def _of(self, orders: Orders) -> ProcessPoolExecutor:
        if self._pool is None or not self.ready(orders):
            self.close()
            self._pool, self._orders = new_pool(orders, self.workers, self._shared), orders
            self._numbers = {id(unit): number for number, unit in enumerate(work.shared())}
        return self._pool


def _alone(orders: Orders, unit: Unit) -> list[Outcome]:
    """Work a unit whose process died once more, alone; if it dies again the unit is the cause."""
    pool = new_pool(orders, 1)
    try:
        return pool.submit(work.work, unit).result()
    except BrokenProcessPool:
        return failed(unit, DIED)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        work.forget()


def new_pool(orders: Orders, jobs: int, shared: Sequence[Unit] = ()) -> ProcessPoolExecutor:
    """Make processes that have these orders; those that are forked share what is compiled, and the units."""
    forks = single_threaded()
    if forks:
        work.prepare(orders, shared)  # once, not in each of them
    context = get_context("fork" if forks else "spawn")
    return ProcessPoolExecutor(jobs, mp_context=context, initializer=work.start, initargs=(orders, jobs))


def single_threaded() -> bool:
    """Tell whether this process has no second thread, of whatever language (Linux tells).

    Forked children inherit the locks that other threads hold (the progress bar's), spawned ones start clean. But they
    import everything anew, half a second each, and are sent the tests, which takes as long for every 50,000.
    """
    tasks = Path("/proc/self/task")
    return tasks.is_dir() and len(list(tasks.iterdir())) == 1
