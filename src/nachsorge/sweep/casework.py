"""Evidence into a case: what is new, changed, or better read by now is read; every finished unit is stored at once.

A crash, a full disk or an interrupt loses only the unit that was being read. Units that were announced and never
finished are gaps of the case until they are read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from nachsorge import __version__
from nachsorge.cases.outcomes import Kept, packed
from nachsorge.cases.state import Read, State, state_of
from nachsorge.evidence.presence import Everyone
from nachsorge.evidence.units import Unit, units
from nachsorge.matching.store import NOWHERE, Store, digest_of
from nachsorge.matching.tests import tests_of
from nachsorge.model.times import Instant
from nachsorge.model.words import Status
from nachsorge.sweep.caselaw import packs_of
from nachsorge.sweep.outcome import Orders, Outcome
from nachsorge.sweep.pool import Pool, Progress
from nachsorge.sweep.rules import prepared
from nachsorge.sweep.units_known import TREE, content_of, key_of

if TYPE_CHECKING:
    from nachsorge.cases.store import Case
    from nachsorge.sweep.executors import Executor  # noqa: TC004  nothing reads the annotation

_BLOCK = 1 << 20
_EXTRAS = ("numba", "dpkt", "pyesedb", "pyscca", "olefile", "pyewf", "pyfsntfs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How to read into a case; see `Options`. `by` is who does it."""

    by: str
    now: Instant
    assets: Mapping[str, str] = field(default_factory=dict)
    jobs: int = 0
    sieve: bool = True
    again: bool = False
    progress: Progress = lambda done, total, name: None
    executor: Executor | None = None
    store: Store = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What became of the units, by path: read now; known and unchanged; not reached before an interrupt.

    `gone` were read once and cannot be read any more; the case keeps what it has of them.
    """

    read: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    not_reached: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Task:
    unit: Unit
    key: str
    content: str
    replaces: tuple[str, ...]


@lru_cache(maxsize=1)
def engine() -> str:
    """Name the readers and tests of this installation: what they cannot read may be read by others."""
    package = Path(__file__).resolve().parents[1]
    sources = sorted(path for folder in ("evidence", "matching") for path in (package / folder).rglob("*.py"))
    extras = ",".join(name for name in _EXTRAS if find_spec(name) is not None)
    return f"{__version__} {digest_of(path.read_bytes() for path in sources)[:16]} {extras}"


def add(case: Case, evidence: Sequence[str], options: Reading) -> Added:
    """Read what is given now, and what was given before as far as the packs or the readers have changed."""
    state = state_of(case.entries())
    packs = [prepared(pack, options.store) for pack in packs_of(case, state)]
    wanted = tuple(pack.digest for pack in packs)
    given = list(dict.fromkeys([*evidence, *_again(state, wanted)]))
    waiting = _others(case, units(given, dict(state.assets) | dict(options.assets)))
    tasks, known, gone = _sorted(waiting, state, wanted, options)
    settled = _settled(given, {task.key for task in tasks} | {read.key for read in state.current()}, state)
    tasks, others, since = _announced(case, evidence, state, tasks, settled, wanted, options)
    total = sum(task.unit.size for task in tasks)
    pool = Pool(jobs=options.jobs, total=total, progress=options.progress, executor=options.executor)
    orders = Orders(
        tests=tests_of(packs),
        now=options.now,
        sieve=options.sieve,
        addresses=Everyone(),
        store=options.store,
        lines=total,
    )
    done: set[int] = set()
    for index, outcomes in pool.steps(orders, [task.unit for task in tasks]):
        _keep(case, tasks[index], outcomes, wanted, len(orders.tests), options, since)
        done.add(index)
    return Added(
        read=tuple(task.unit.shown for number, task in enumerate(tasks) if number in done),
        known=(*known, *others),
        gone=tuple(gone),
        not_reached=tuple(task.unit.shown for number, task in enumerate(tasks) if number not in done),
    )


def _others(case: Case, listed: Iterable[Unit]) -> list[Unit]:
    """Leave the case's own folder out, where it lies among the evidence: it tells what was found already."""
    own = case.folder.resolve()
    return [unit for unit in listed if not unit.path.resolve().is_relative_to(own)]


def _announced(
    case: Case,
    evidence: Sequence[str],
    before: State,
    tasks: list[_Task],
    settled: list[str],
    packs: tuple[str, ...],
    options: Reading,
) -> tuple[list[_Task], list[str], int]:
    """Say what will be read, in one step with a look at what others read meanwhile.

    What is announced and never read is a gap: a unit that another process has read by now must not be. Gives what is
    left to read, what others read, and the number of the entry.
    """
    with case.writing() as writer:
        now = before if writer.last() == before.last else state_of(case.entries())
        others = [] if options.again else [task for task in tasks if _met(task, before, now, packs)]
        left = [task for task in tasks if task not in others] if others else tasks
        if left or set(evidence) - set(now.given) or settled:
            if settled:
                writer.append("settled", {"keys": settled}, options.now, options.by)
            told = {"given": list(evidence), "units": {task.key: task.unit.shown for task in left}}
            writer.append("evidence", told, options.now, options.by)
        return left, [task.unit.shown for task in others], writer.last()


def _met(task: _Task, before: State, now: State, packs: tuple[str, ...]) -> bool:
    """Tell whether another process has read a unit since."""
    reads = (read for read in now.reads.get(task.key, ()) if read.seq > before.last and read.content == task.content)
    return bool(task.content) and any(_fresh(read, packs) for read in reads)


def _keep(
    case: Case,
    task: _Task,
    outcomes: Sequence[Outcome],
    packs: tuple[str, ...],
    tests: int,
    options: Reading,
    since: int,
) -> None:
    kept = [
        Kept(
            reading=one.reading,
            # Hits of the planted control's own values come after those of the packs, and are nobody's.
            hits=tuple(hit for hit in one.hits if hit.test < tests),
            control=one.control,
            control_note=one.control_note,
        )
        for one in outcomes
    ]
    whole = all(one.reading.status is Status.READ for one in outcomes)
    told = {
        "key": task.key,
        "shown": task.unit.shown,
        "size": task.unit.size,
        "content": task.content,
        "early": task.unit.early,
        "engine": engine(),
        "packs": list(packs),
        "whole": whole,
        "replaces": list(task.replaces),
    }
    with case.writing() as writer:
        name = writer.put(packed(kept))
        # Two processes that read the same unit at the same time store it once.
        mark = None if not task.content else f"read {_mark(task, packs, name)}"
        writer.append("read", told | {"outcomes": name}, options.now, options.by, mark, since)


def _mark(task: _Task, packs: tuple[str, ...], outcomes: str) -> str:
    parts = (task.key, task.content, engine(), *packs, outcomes)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _again(state: State, wanted: tuple[str, ...]) -> list[str]:
    """Give the evidence of before, if some of it was read for other packs, or not whole and by other readers."""
    stale = any(not _fresh(read, wanted) for read in state.current())
    return state.given if stale or state.pending else []


def _fresh(read: Read, wanted: tuple[str, ...]) -> bool:
    return set(wanted) <= set(read.packs) and (read.whole or read.engine == engine())


def _sorted(
    waiting: Sequence[Unit], state: State, wanted: tuple[str, ...], options: Reading
) -> tuple[list[_Task], list[str], list[str]]:
    """Part what is to be read from what is known, and from what cannot be read any more."""
    tasks: list[_Task] = []
    known, gone = [], []
    for unit in waiting:
        key, content = key_of(unit), content_of(unit)
        before = state.reads.get(key, [])
        same = [read for read in before if read.content == content]
        if not content and any(read.content for read in before):
            gone.append(unit.shown)
        elif same and _fresh(same[-1], wanted) and content and not options.again:
            known.append(unit.shown)
        else:
            tasks.append(_Task(unit, key, content, _replaced(unit, content, before)))
    return tasks, known, gone


def _replaced(unit: Unit, content: str, before: Sequence[Read]) -> tuple[str, ...]:
    """Name the contents that need not be kept beside this one: the same, and those that are still in it.

    A log that grew holds all that was read of it; a file system is looked at again as a whole. A log that was rotated
    away, or another export of the same name, is evidence of its own.
    """
    whole = unit.root is not None or unit.trouble is not None or bool(unit.url)
    return tuple(
        dict.fromkeys(
            read.content for read in before if whole or read.content in ("", content) or _begins(unit.path, read)
        )
    )


def _begins(path: Path, read: Read) -> bool:
    """Tell whether a file begins with what was read of it before."""
    found, left = hashlib.sha256(), read.size
    try:
        with path.open("rb") as stream:
            while left and (block := stream.read(min(left, _BLOCK))):
                found.update(block)
                left -= len(block)
    except OSError:
        return False
    return not left and found.hexdigest() == read.content


def _settled(given: Sequence[str], now: set[str], state: State) -> list[str]:
    """Name the troubles of folders listed again that are none any more."""
    listings = {f"{Path(word).resolve()}\n{TREE}\n" for word in given}
    return sorted(key for key in state.reads if key.startswith(tuple(listings)) and key not in now)
