"""Where units are worked: in this process, over processes of this machine, or on a cluster (`cluster.py`).

An executor takes orders and units and gives, in whatever order they are done, (index of the unit, its outcomes). It
raises nothing for what a unit does: a unit that kills its process, twice, is an outcome that says so.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Protocol

from nachsorge.sweep.natives import any_native
from nachsorge.sweep.processes import Processes
from nachsorge.sweep.work import Worker

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nachsorge.evidence.units import Unit
    from nachsorge.sweep.outcome import Orders, Steps

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


def local(jobs: int, units: Sequence[Unit], shared: Sequence[Unit] = ()) -> Here | Processes:
    """Choose for this machine: `jobs` processes (0: one a core), none where that would take longer.

    What native libraries decode is read in a process that may be ended, see `expendable`: there is no other way out of
    a call that never returns, not even Ctrl-C. Beside a progress bar that process costs half a second. Processes share
    what is `shared` where they are forked.
    """
    jobs = jobs or os.cpu_count() or 1
    if jobs > 1 and sum(unit.size for unit in units) >= SMALL:
        return Processes(jobs, shared)
    return Processes(1) if any_native(units) else Here()
