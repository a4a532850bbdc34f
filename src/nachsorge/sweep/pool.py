"""Fan-out over units, whoever works them; an interrupt leaves what is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nachsorge.evidence.parts import bytes_of
from nachsorge.evidence.read import unread
from nachsorge.model.words import Reason
from nachsorge.sweep.executors import Executor, local
from nachsorge.sweep.interrupt import interruptible
from nachsorge.sweep.split import Board
from nachsorge.sweep.work import Orders, Outcome

if TYPE_CHECKING:
    from nachsorge.evidence.units import Unit

Progress = Callable[[int, int, str], None]
"""Called with (bytes done, bytes in all, the source just finished)."""


@dataclass(slots=True)
class Pool:
    """Works units over `jobs` processes (0: one a core), or on an `executor`; remembers an interrupt and the bytes."""

    jobs: int
    total: int
    progress: Progress
    executor: Executor | None = None
    done: int = 0
    stopped: bool = False

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
        executor = self.executor or local(self.jobs, units)
        board = Board(units, executor.workers)
        if self.executor is None and len(board.tasks) == 1:
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

    def _advance(self, unit: Unit) -> None:
        self.done += unit.size if unit.part is None else bytes_of(unit.part, unit.size)
        self.progress(self.done, self.total, unit.shown)


def _interrupted(unit: Unit) -> list[Outcome]:
    return [Outcome(reading=unread(unit.shown, Reason.INTERRUPTED, "the run was interrupted before it was read"))]
