"""The cluster worker's side: orders that came once, compiled once a thread, and units that are worked with them.

A scratch of Hyperscan belongs to one thread, and a Dask worker may have several; so each thread has a `Worker` of its
own, made when its first unit comes. What may come to a native library that never returns is read by a process of the
worker's own (`outside.py`), which has the same orders.
"""

from __future__ import annotations

import hashlib
import importlib
import pickle
import platform
import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from nachsorge import __version__
from nachsorge.matching.store import NOWHERE
from nachsorge.sweep import outside
from nachsorge.sweep.natives import native
from nachsorge.sweep.outcome import DIED, Orders, Outcome, failed
from nachsorge.sweep.work import Worker

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nachsorge.evidence.units import Unit
    from nachsorge.sweep.outcome import Orders, Outcome

_KEPT = 2
"""How many compiled sets of tests a thread keeps; a long-lived worker serves many packs, one after the other."""

bodies: dict[str, bytes] = {}
"""What came to this process, by its SHA-256; `shipment.py` puts it here."""

_thread = threading.local()


@dataclass(frozen=True, slots=True)
class Ticket:
    """Names the tests and the rest of the orders by their SHA-256, and the version of who wrote them."""

    tests: str
    rest: str
    version: str = __version__


class NotHereError(Exception):
    """This worker cannot do the task: another version, or orders that never came; the message says which."""


def versions() -> dict[str, str]:
    """Say what client, scheduler and workers must have in common."""
    # An extra; whoever asks has it.
    distributed: Any = importlib.import_module("distributed")
    python = ".".join(platform.python_version_tuple()[:2])
    return {"nachsorge": __version__, "Python": python, "distributed": str(distributed.__version__)}


def work(ticket: Ticket, units: Sequence[Unit]) -> list[list[Outcome]]:
    """Work some units in this thread."""
    if ticket.version != __version__:
        raise NotHereError(f"this worker has nachsorge {__version__}, the check runs {ticket.version}")
    return [_outside(ticket, unit) if native(unit) else _worker(ticket).work(unit) for unit in units]


def _outside(ticket: Ticket, unit: Unit) -> list[Outcome]:
    """Have a unit worked by a process that may be lost; if it is, twice, the unit is the cause."""
    sent = {digest: _packed(digest) for digest in (ticket.tests, ticket.rest)}
    answer = outside.call(inside, sent, ticket, unit)
    return failed(unit, DIED) if answer is None else answer.result


def inside(sent: dict[str, bytes], ticket: Ticket, unit: Unit) -> list[Outcome]:
    """Be that process: keep the orders of this call, and work its unit."""
    bodies.clear()
    bodies.update(sent)
    return _worker(ticket).work(unit)


def _worker(ticket: Ticket) -> Worker:
    workers: dict[str, Worker] = _thread.__dict__.setdefault("workers", {})
    rest: dict[str, Orders] = _thread.__dict__.setdefault("rest", {})
    if ticket.rest not in rest:
        rest.clear()
        rest[ticket.rest] = _body(ticket.rest)
    if ticket.tests not in workers:
        while len(workers) >= _KEPT:
            del workers[next(iter(workers))]
        workers[ticket.tests] = Worker(replace(rest[ticket.rest], tests=_body(ticket.tests)[0]))
    worker = workers[ticket.tests]
    if worker.orders.addresses is not rest[ticket.rest].addresses:
        worker.orders = replace(rest[ticket.rest], tests=worker.orders.tests)
    return worker


def _body(digest: str) -> Any:
    return pickle.loads(_packed(digest))


def _packed(digest: str) -> bytes:
    if digest not in bodies:
        raise NotHereError("the orders of this check never came to this worker")
    return bodies[digest]


def parted(orders: Orders) -> tuple[Ticket, list[tuple[str, bytes]]]:
    """Part orders into what is heavy and stays the same (tests, and whether to sieve) and the rest; name both."""
    # The folder in which compiled lists are kept here is no place on another machine.
    parts = (orders.tests, orders.sieve), replace(orders, tests=(), store=NOWHERE)
    packed = [pickle.dumps(part, protocol=5) for part in parts]
    tests, rest = (hashlib.sha256(body).hexdigest() for body in packed)
    return Ticket(tests, rest), list(zip((tests, rest), packed, strict=True))
