"""The worker's side of the sweep: one unit in, accounts and hits out. Keeps nothing between units."""

from __future__ import annotations

import gc
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nachsorge.evidence import expendable
from nachsorge.evidence.containers import Limits
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.read import share_cores
from nachsorge.evidence.units import Unit, opened, tree_of, within
from nachsorge.sweep.hosts import lacking, place_of
from nachsorge.sweep.outcome import Orders, Outcome
from nachsorge.sweep.packed import packed
from nachsorge.sweep.wrapped import Wrapped

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from nachsorge.sweep.packed import Packed


@dataclass(slots=True)
class Worker(Wrapped):
    """Compiled once per process, used for every unit. Never raises for anything that is wrong with the evidence."""

    def work(self, unit: Unit) -> list[Outcome]:
        """Read everything in a unit."""
        if unit.trouble is not None:
            return [Outcome(reading=unit.trouble)]
        if unit.part is not None:
            return [self._part(opened(unit, self.orders.addresses), unit.part)]
        if unit.root is not None:
            ledger = Ledger(host=unit.host, platform=unit.root.platform)
            entries = [e for e in tree_of(unit, ledger) if within(unit.root, e)]
            unlisted = lacking(ledger)
            place = place_of(unit.shown, "/", unit.root)
            return list(self._host(place, entries, unit.root, unit.host, ledger, Limits(), unlisted=unlisted))
        return list(self._unwrap(opened(unit, self.orders.addresses), Limits()))


_WORKER: Worker | None = None
_SHARED: Sequence[Unit] = ()


def prepare(orders: Orders, units: Sequence[Unit] = ()) -> None:
    """Compile for processes that will be forked off this one; they share its memory, and these units in it."""
    global _WORKER, _SHARED
    _WORKER, _SHARED = Worker(orders), units


def start(orders: Orders, workers: int = 1) -> None:
    """Prepare this process, one of so many (initializer of a pool). Interrupts are the parent's business."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    expendable.allow()
    share_cores(workers)
    gc.freeze()  # what the parent left will never be garbage here; looking through it copies its pages
    if _WORKER is None or _WORKER.orders is not orders:  # a spawned process has but a copy of the orders
        prepare(orders)


def forget() -> None:
    """Let go of what was compiled."""
    global _WORKER, _SHARED
    _WORKER, _SHARED = None, ()


def shared() -> Sequence[Unit]:
    """Give the units that processes forked off this one have already."""
    return _SHARED


def work(unit: Unit) -> list[Outcome]:
    """Work a unit with this process's worker."""
    assert _WORKER is not None  # the pool's initializer ran
    return _WORKER.work(unit)


def bundle(task: Callable[[Unit], list[Outcome]], units: Sequence[Unit | int]) -> list[Packed]:
    """Work some units, each itself or its number among those that are shared."""
    here = [_SHARED[unit] if isinstance(unit, int) else unit for unit in units]
    return packed(here, [task(unit) for unit in here])
