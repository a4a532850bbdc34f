"""Fan-out over units: in this process for one job, else over a pool; an interrupt leaves what is done."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from typing import TYPE_CHECKING

from nachsorge.evidence.read import unread
from nachsorge.model.words import Reason
from nachsorge.sweep import work
from nachsorge.sweep.work import Orders, Outcome, Worker

if TYPE_CHECKING:
    from nachsorge.evidence.units import Unit

Progress = Callable[[int, int, str], None]
"""Called with (bytes done, bytes in all, the source just finished)."""

Steps = Generator[tuple[int, list[Outcome]], None, None]

_SMALL = 8 * 1024 * 1024
"""Less evidence than this in all is read here: starting processes would take longer."""


@dataclass(slots=True)
class Pool:
    """Works units over `jobs` processes (0: one a core). Remembers an interrupt and the bytes done."""

    jobs: int
    total: int
    progress: Progress
    done: int = 0
    stopped: bool = False

    def run(self, orders: Orders, units: Sequence[Unit]) -> list[Outcome]:
        """Work all units; gives their outcomes in the units' order.

        After an interrupt (Ctrl-C) every unit that was not finished has an outcome that says so.
        """
        results: dict[int, list[Outcome]] = {}
        steps = self._steps(orders, units)
        try:
            for index, outcomes in () if self.stopped else steps:
                results[index] = outcomes
                self.done += units[index].size
                self.progress(self.done, self.total, units[index].shown)
        except KeyboardInterrupt:
            self.stopped = True
            steps.close()
        ordered = [results[i] if i in results else _interrupted(unit) for i, unit in enumerate(units)]
        return [outcome for outcomes in ordered for outcome in outcomes]

    def _steps(self, orders: Orders, units: Sequence[Unit]) -> Steps:
        jobs = self.jobs or os.cpu_count() or 1
        small = sum(unit.size for unit in units) < _SMALL
        return _here(orders, units) if jobs == 1 or small or len(units) < 2 else _pooled(orders, units, jobs)


def _interrupted(unit: Unit) -> list[Outcome]:
    return [Outcome(reading=unread(unit.shown, Reason.INTERRUPTED, "the run was interrupted before it was read"))]


def _here(orders: Orders, units: Sequence[Unit]) -> Steps:
    worker = Worker(orders) if units else None
    for index, unit in enumerate(units):
        assert worker is not None  # there is a unit
        yield index, worker.work(unit)


def _pooled(orders: Orders, units: Sequence[Unit], jobs: int) -> Steps:
    """Largest first, so that no worker is left with the biggest file at the end."""
    order = sorted(range(len(units)), key=lambda index: -units[index].size)
    lost: list[int] = []
    pool = _new_pool(orders, jobs)
    try:
        futures: dict[Future[list[Outcome]], int] = {}
        for index in order:
            try:
                futures[pool.submit(work.work, units[index])] = index
            except BrokenProcessPool:  # a process died while units were still being handed out
                lost.append(index)
        for future in as_completed(futures):
            try:
                yield futures[future], future.result()
            except BrokenProcessPool:
                lost.append(futures[future])
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    for index in lost:
        yield index, _alone(orders, units[index])


def _alone(orders: Orders, unit: Unit) -> list[Outcome]:
    """Work a unit whose process died once more, alone; if it dies again the unit is the cause."""
    pool = _new_pool(orders, 1)
    try:
        return pool.submit(work.work, unit).result()
    except BrokenProcessPool:
        return [Outcome(reading=unread(unit.shown, Reason.FAILED, "the process that read it died, twice"))]
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _new_pool(orders: Orders, jobs: int) -> ProcessPoolExecutor:
    # Forked children inherit locks of the progress bar's thread; spawned ones start clean.
    return ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=work.start, initargs=(orders,))
