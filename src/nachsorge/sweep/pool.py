"""Fan-out over units, whoever works them; an interrupt leaves what is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from nachsorge.evidence.parts import bytes_of
from nachsorge.evidence.read import unread
from nachsorge.evidence.units import Unit
from nachsorge.model.words import Reason
from nachsorge.sweep.executors import Executor, local
from nachsorge.sweep.interrupt import interruptible
from nachsorge.sweep.outcome import Orders, Outcome
from nachsorge.sweep.processes import Processes
from nachsorge.sweep.split import Board

if TYPE_CHECKING:
    from nachsorge.sweep.executors import Here

Progress = Callable[[int, int, str], None]
"""Called with (bytes done, bytes in all, the source just finished)."""


@dataclass(slots=True)
class Pool:
    """Works units over `jobs` processes (0: one a core), or on an `executor`; remembers an interrupt and the bytes.

    Used as a context it keeps its processes from one call to the next. They inherit the units that are `shared`.
    """

    jobs: int
    total: int
    progress: Progress
    executor: Executor | None = None
    shared: Sequence[Unit] = ()
    done: int = 0
    stopped: bool = False
    _keeps: bool = False
    _kept: Processes | None = None

    def __enter__(self) -> Self:
        """Keep processes from now on."""
        self._keeps = True
        return self

    def __exit__(self, *error: object) -> None:
        """Let them go."""
        self._keeps = False
        self._let_go()

    def run(self, orders: Orders, units: Sequence[Unit]) -> list[Outcome]:
        """Work all units; gives their outcomes in the units' order."""
        return [outcome for outcomes in self.lists(orders, units) for outcome in outcomes]

    def lists(self, orders: Orders, units: Sequence[Unit]) -> list[list[Outcome]]:
        """Work all units; gives the outcomes of each.

        After an interrupt (Ctrl-C) every unit that was not finished has an outcome that says so.
        """
        results = dict(self.steps(orders, units))
        return [results[i] if i in results else _interrupted(unit) for i, unit in enumerate(units)]

    def steps(self, orders: Orders, units: Sequence[Unit]) -> Iterator[tuple[int, list[Outcome]]]:
        """Give (index of the unit, its outcomes) as they are done; after an interrupt no more."""
        if not units or self.stopped:
            return
        executor = self.executor or self._local(orders, units)
        board = Board(units, executor.workers)
        if isinstance(executor, Processes) and len(board.tasks) == 1 and not executor.ready(orders):
            executor = local(1, board.tasks)
        try:
            with interruptible() as heed, closing(executor.steps(orders, board.tasks)) as steps:
                for task, outcomes in steps:
                    finished = board.take(task, outcomes)
                    if finished is not None:
                        yield finished
                    self._advance(board.tasks[task])
                    heed()
            again = [units[index] for index in board.torn]
            with interruptible() as heed, closing(executor.steps(orders, again)) as steps:
                for number, outcomes in steps if again else ():
                    yield board.torn[number], outcomes
                    heed()
        except KeyboardInterrupt:
            self.stopped = True
        finally:
            if isinstance(executor, Processes) and executor is not self._kept:
                executor.close()

    def _local(self, orders: Orders, units: Sequence[Unit]) -> Here | Processes:
        """Choose for this machine; processes that have the orders already go on, where they are enough."""
        found = local(self.jobs, units, self.shared)
        if self._kept is not None and self._kept.ready(orders) and found.workers <= self._kept.workers:
            return self._kept
        self._let_go()
        if self._keeps and isinstance(found, Processes):
            self._kept = found
        return found

    def _let_go(self) -> None:
        if self._kept is not None:
            self._kept.close()
        self._kept = None

    def _advance(self, unit: Unit) -> None:
        self.done += unit.size if unit.part is None else bytes_of(unit.part, unit.size)
        self.progress(self.done, self.total, unit.shown)


def _interrupted(unit: Unit) -> list[Outcome]:
    return [Outcome(reading=unread(unit.shown, Reason.INTERRUPTED, "the run was interrupted before it was read"))]
