"""The sweep on Dask's scheduler and workers: the same units, worked elsewhere.

What travels: to every worker once the packs' tests, named by their SHA-256 and compiled there; with each task a unit,
which is a path or a URL; back, accounts and hits. Evidence stays where the workers read it. All that runs there is a
function of this package, found by its name: scheduler and workers need nachsorge in our version.
"""

from __future__ import annotations

import time
import warnings
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, TypeAlias

from nachsorge.errors import UsageError
from nachsorge.sweep import shipped
from nachsorge.sweep.bundles import bundles
from nachsorge.sweep.outcome import failed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nachsorge.evidence.units import Unit
    from nachsorge.sweep.outcome import Orders, Outcome, Steps

CONNECT = 5.0
"""Seconds to wait for the scheduler to answer."""
JOINED = 30.0
"""Seconds to wait for a first worker, which may be starting still."""

ABANDONED = 60.0
"""Seconds without any worker after which what is left counts as unread: nobody may wait for ever."""

_LOOK = 2.0
_DIED = "the worker that read it died, every time; so may the next one (memory?)"
_LEFT = "the cluster had no worker left to read it"

# dask.distributed is an extra and brings no types that mypy could hold us to.
_Client: TypeAlias = Any
_Future: TypeAlias = Any


@contextmanager
def cluster(address: str) -> Iterator[Cluster]:
    """Connect to a scheduler for the time of the block.

    UsageError where none answers, none of its workers comes, or scheduler or workers have other versions than we.
    """
    client = _connected(address)
    try:
        _compare(client, address)
        found = Cluster(client)
        yield found
        found.dismiss()
    finally:
        with suppress(OSError, TimeoutError):
            client.close(timeout=CONNECT)


class Cluster:
    """An executor over a Dask cluster. A dead worker's units are worked by others; that is Dask's doing."""

    def __init__(self, client: _Client) -> None:
        """Take a connected client; `cluster` makes one."""
        self._client = client
        self._sent: set[str] = set()

    @property
    def workers(self) -> int:
        """How many threads all workers have together, now."""
        threads: int = sum(worker["nthreads"] for worker in _workers(self._client).values())
        return max(1, threads)

    def steps(self, orders: Orders, units: Sequence[Unit]) -> Steps:
        """Work all units, the largest first; whose worker died, time and again, is tried once more, alone."""
        ticket = self._ship(orders)
        lost: list[int] = []
        yield from self._round(ticket, units, bundles(units, self.workers), lost)
        for index in lost:
            again: list[int] = []
            yield from self._round(ticket, units, [(index,)], again)
            if again:
                yield index, failed(units[index], _DIED)

    def dismiss(self) -> None:
        """Have the workers forget the orders."""
        with suppress(OSError, TimeoutError):
            for name in self._sent:
                self._client.unregister_worker_plugin(name)

    def _ship(self, orders: Orders) -> shipped.Ticket:
        """Send to every worker, those that join later among them, what it has not got yet."""
        from nachsorge.sweep.shipment import Shipment

        ticket, bodies = shipped.parted(orders)
        for name, body in bodies:
            if name not in self._sent:
                self._client.register_plugin(Shipment(name, body), name=name)
                self._sent.add(name)
        return ticket

    def _round(
        self, ticket: shipped.Ticket, units: Sequence[Unit], order: Sequence[tuple[int, ...]], lost: list[int]
    ) -> Steps:
        done: SimpleQueue[_Future] = SimpleQueue()
        keys = [f"nachsorge-{time.time_ns()}-{rank:07}" for rank in range(len(order))]
        futures = self._client.map(
            *(shipped.work, [ticket] * len(order), [tuple(units[i] for i in bundle) for bundle in order]),
            key=keys,
            pure=False,
            retries=1,
        )
        waiting = dict(zip((future.key for future in futures), order, strict=True))
        for future in futures:
            future.add_done_callback(done.put)
        try:
            while waiting:
                ended = self._next(done)
                for future, outcomes in self._gathered(ended):
                    bundle = waiting.pop(future.key, ())
                    if isinstance(outcomes, list):
                        yield from zip(bundle, outcomes, strict=True)
                    elif outcomes is None or len(bundle) > 1:  # which of them it was shows when each is tried alone
                        lost += bundle
                    else:
                        yield from ((index, failed(units[index], outcomes)) for index in bundle)
                if not ended:
                    for index in (index for bundle in waiting.values() for index in bundle):
                        yield index, failed(units[index], _LEFT)
                    return
        finally:
            # Whatever is still there: Ctrl-C, or nobody left to do it.
            with suppress(OSError, TimeoutError):
                self._client.cancel([future for future in futures if not future.done()])

    def _next(self, done: SimpleQueue[_Future]) -> list[_Future]:
        """Wait for tasks to end; none where the cluster has had no worker for too long."""
        alone = time.monotonic()
        while True:
            try:
                ended = [done.get(timeout=_LOOK)]
            except Empty:
                if self._client.status == "running" and _workers(self._client):
                    alone = time.monotonic()
                elif time.monotonic() - alone > ABANDONED:
                    return []
                continue
            while not done.empty():
                ended.append(done.get())
            return ended

    def _gathered(self, ended: Sequence[_Future]) -> Iterator[tuple[_Future, list[list[Outcome]] | str | None]]:
        """Give each task's outcomes, or why there are none in words; None where its workers died."""
        from distributed import KilledWorker

        good = [future for future in ended if future.status == "finished"]
        yield from zip(good, self._client.gather(good), strict=True)
        for future in ended:
            if future.status == "finished":
                continue
            if future.status != "error":
                yield future, f"the cluster gave it up ({future.status})"
                continue
            error = future.exception()
            yield future, None if isinstance(error, KilledWorker) else f"failed: {type(error).__name__}: {error}"


def _connected(address: str) -> _Client:
    try:
        import distributed
    except ImportError as error:
        raise UsageError('--cluster needs an extra: pip install "nachsorge[cluster]"') from error
    try:
        with warnings.catch_warnings():
            # Versions are compared in `_compare`, in our own words.
            warnings.simplefilter("ignore")
            make: Any = distributed.Client
            return make(address, timeout=CONNECT, set_as_default=False, name="nachsorge")
    except (OSError, TimeoutError, ValueError, TypeError) as error:
        raise UsageError(
            f"--cluster {address}: no scheduler answers within {CONNECT:.0f} s; "
            "start one with `dask scheduler`, and look at address, port and firewall"
        ) from error


def _workers(client: _Client) -> dict[str, Any]:
    try:
        return dict(client.scheduler_info(n_workers=-1)["workers"])
    except (OSError, TimeoutError, KeyError):
        return {}


def _compare(client: _Client, address: str) -> None:
    try:
        client.wait_for_workers(1, timeout=JOINED)
    except (OSError, TimeoutError) as error:
        raise UsageError(
            f"--cluster {address}: the scheduler has no workers; start some with `dask worker {address}`"
        ) from error
    ours = shipped.versions()
    theirs = {"the scheduler": client.run_on_scheduler(shipped.versions)}
    theirs |= client.run(shipped.versions, on_error="return")
    wrong = [f"{who}: {_difference(ours, what)}" for who, what in sorted(theirs.items()) if what != ours]
    if wrong:
        more = f" (and {len(wrong) - 3} more)" if len(wrong) > 3 else ""
        raise UsageError(
            f"--cluster {address}: other versions than here: {'; '.join(wrong[:3])}{more}; install the same everywhere"
        )


def _difference(ours: dict[str, str], theirs: object) -> str:
    if not isinstance(theirs, dict):
        return f"cannot run nachsorge ({theirs})"
    return ", ".join(f"{name} {theirs.get(name)} instead of {what}" for name, what in ours.items())
