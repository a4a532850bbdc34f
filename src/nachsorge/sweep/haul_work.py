"""The worker of the pass that `nachsorge rank` makes over the evidence: it reads like the one that sweeps.

What names no program (the logs of sensors) says nothing of what a host is worth and is passed over. Of each source it
keeps what met a test once for each host and reason, counted, and of a browser's history the list that a thief would
have read.
"""

from __future__ import annotations

import os
import signal
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from multiprocessing import get_context
from typing import TYPE_CHECKING

from nachsorge.evidence import expendable
from nachsorge.evidence.history_rows import Listed, listed
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.seams import ReadError
from nachsorge.matching.tests import tests_of
from nachsorge.model.evidence import Reading
from nachsorge.model.times import Instant
from nachsorge.model.words import Status, Trait
from nachsorge.sweep.bundles import each, handed_out
from nachsorge.sweep.executors import SMALL
from nachsorge.sweep.haul_tests import LOGON, PROGRAMS_IN, worth
from nachsorge.sweep.natives import any_native
from nachsorge.sweep.outcome import DIED, Orders, Outcome, failed
from nachsorge.sweep.rules import prepared
from nachsorge.sweep.work import Worker

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nachsorge.evidence.seams import Opened, Reader
    from nachsorge.evidence.units import Unit
    from nachsorge.model.assessment import Hit

_HISTORY = "browser_history"
_ACCOUNTS = 200
"""So many accounts and programs are told apart in one source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """What met a test in a source: the trait, the account or program, how often, between when, first where."""

    host: str | None
    trait: Trait
    what: str
    count: int
    first: Instant | None
    last: Instant | None
    locator: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed(Outcome):
    """A source of the pass: its account, what met, and its browser's list where it is one (or why it is not read)."""

    met: tuple[Met, ...] = ()
    history: Listed | None = None
    host: str | None = None
    trouble: str = ""


def orders(now: Instant) -> Orders:
    """Give what the workers of the pass are told."""
    return Orders(tests=tests_of([prepared(worth())]), now=now)


@dataclass(slots=True)
class Profiler(Worker):
    """Reads units; see the module."""

    def profile(self, unit: Unit) -> list[Passed]:
        """Read everything in a unit."""
        return [self._passed(one) for one in self.work(unit)]

    def _passed(self, one: Outcome) -> Passed:
        if isinstance(one, Passed):
            return replace(one, met=self._met(one.hits), hits=())
        return Passed(reading=_short(one.reading), met=self._met(one.hits))

    def _read(self, source: Opened, head: bytes, reader: Reader) -> Outcome:
        # Windows' log-ons come with readers of process events; whoever else logs log-ons is not read for them.
        if reader.name != _HISTORY and not PROGRAMS_IN.intersection(reader.telemetry):
            note = "says nothing of what a host is worth"
            return Passed(reading=Reading(path=source.path, reader=reader.name, status=Status.SKIPPED, note=note))
        # `super()` does not reach through the copy that a dataclass with slots is.
        one = Worker._read(self, source, head, reader)
        found = Passed(reading=_short(one.reading), hits=one.hits, host=source.host or one.reading.asset)
        return self._history(source, found) if reader.name == _HISTORY else found

    def _history(self, source: Opened, found: Passed) -> Passed:
        ledger = Ledger(host=source.host)
        try:
            history = listed(source, ledger)
        except ReadError as error:
            return replace(found, trouble=f"{source.path}: {error.note}")
        except (OSError, EOFError) as error:
            return replace(found, trouble=f"{source.path}: {error}")
        if history is None:
            return found  # a browser or a database that thieves of such lists do not read
        told = (*(gap.note for gap in ledger.gaps), *ledger.notes)
        return replace(found, history=history, trouble=f"{source.path}: {'; '.join(told)}" if told else "")

    def _met(self, hits: Sequence[Hit]) -> tuple[Met, ...]:
        known: dict[tuple[str | None, Trait, str], Met] = {}
        for hit in hits:
            if hit.test >= len(self.orders.tests) or hit.as_text:
                continue
            test = self.orders.tests[hit.test]
            if not test.accepts(hit.telemetry):
                continue
            met = _one(hit, Trait(test.trace.stage), _account(hit) if test.trace.id == LOGON else test.value)
            key = met.host, met.trait, met.what
            if key in known:
                known[key] = _both(known[key], met)
            elif len(known) < _ACCOUNTS:
                known[key] = met
        return tuple(known.values())


def _one(hit: Hit, trait: Trait, what: str) -> Met:
    return Met(host=hit.host, trait=trait, what=what, count=1, first=hit.time, last=hit.time, locator=hit.locator)


def _both(one: Met, more: Met) -> Met:
    times = [t for t in (one.first, one.last, more.first) if t is not None]
    return replace(one, count=one.count + 1, first=min(times, default=None), last=max(times, default=None))


def _account(hit: Hit) -> str:
    domain, name = hit.fields.get("SubjectDomainName", ""), hit.fields.get("SubjectUserName", "")
    return f"{domain}\\{name}" if domain else name or "an account without a name"


def _short(reading: Reading) -> Reading:
    """Leave out what only coverage is computed from."""
    return replace(reading, presence=(), gaps=reading.gaps[:20])


def passes(units: Sequence[Unit], given: Orders, jobs: int) -> Iterator[tuple[int, list[Passed]]]:
    """Read units over `jobs` processes (0: one a core); gives (index of the unit, its sources) as they are done."""
    jobs = jobs or os.cpu_count() or 1
    few = jobs == 1 or len(units) < 2 or sum(unit.size for unit in units) < SMALL
    if few and not any_native(units):
        worker = Profiler(given)
        for index, unit in enumerate(units):
            yield index, worker.profile(unit)
        return
    jobs = 1 if few else jobs
    pool, lost = _pool(given, jobs), list[int]()
    try:
        yield from handed_out(lambda some: pool.submit(each, _profile, some), units, jobs, lost)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    for index in lost:
        yield index, _alone(units[index], given)


def _alone(unit: Unit, given: Orders) -> list[Passed]:
    pool = _pool(given, 1)
    try:
        return pool.submit(_profile, unit).result()
    except BrokenProcessPool:
        return [Passed(reading=one.reading) for one in failed(unit, DIED)]
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _pool(given: Orders, jobs: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_start, initargs=(given,))


_PROFILER: Profiler | None = None


def _start(given: Orders) -> None:
    global _PROFILER
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    expendable.allow()
    _PROFILER = Profiler(given)


def _profile(unit: Unit) -> list[Passed]:
    assert _PROFILER is not None  # the pool's initializer ran
    return _PROFILER.profile(unit)
