"""Big files as several units, and their outcomes as one again (docs/decisions/0008-big-files-are-split-exactly.md).

A file is split where waiting for it would keep workers idle: it is large, and more than a quarter of what each worker
has to do. What was split is joined exactly, or read once more as a whole; nobody can tell from the result.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from nachsorge.evidence.containers import container_of, head_of
from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.parts import divisible, joined, parts_of, shifted
from nachsorge.evidence.read import close
from nachsorge.evidence.seams import ReadError
from nachsorge.evidence.units import Unit, opened
from nachsorge.sweep.outcome import Outcome

LARGE = 64 * 1024 * 1024
"""Files up to this size are never split."""

LEAST = 32 * 1024 * 1024
"""No part is meant to be smaller: its borders and its task cost about as much as reading a megabyte."""

_SHARES = 4
"""Into how many parts a worker's share of all bytes may be cut."""


@dataclass(slots=True)
class Board:
    """The tasks of some units; `take` gives a unit's outcomes when the last of its tasks is done."""

    units: Sequence[Unit]
    workers: int
    tasks: list[Unit] = field(init=False)
    torn: list[int] = field(default_factory=list)
    _owner: list[int] = field(init=False)
    _waiting: dict[int, dict[int, list[Outcome]]] = field(default_factory=dict)
    _counts: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Lay out the tasks."""
        share = sum(unit.size for unit in self.units) // (_SHARES * self.workers)
        self.tasks, self._owner = [], []
        for index, unit in enumerate(self.units):
            tasks = _tasks(unit, share) if self.workers > 1 else [unit]
            self._counts[index] = len(tasks)
            self.tasks += tasks
            self._owner += [index] * len(tasks)

    def take(self, task: int, outcomes: list[Outcome]) -> tuple[int, list[Outcome]] | None:
        """Take a task's outcomes; gives (unit, outcomes) once its last is in. What cannot be joined is `torn`."""
        index = self._owner[task]
        if self._counts[index] == 1:
            return index, outcomes
        waiting = self._waiting.setdefault(index, {})
        waiting[task] = outcomes
        if len(waiting) < self._counts[index]:
            return None
        parts = [outcome for _, found in sorted(self._waiting.pop(index).items()) for outcome in found]
        whole = join(self.units[index], parts)
        if whole is None:
            self.torn.append(index)
            return None
        return index, [whole]


def _tasks(unit: Unit, share: int) -> list[Unit]:
    if unit.size <= max(LARGE, share) or unit.root is not None or unit.trouble is not None:
        return [unit]
    source = opened(unit, frozenset())
    try:
        head = head_of(source)
    except (OSError, ReadError):
        return [unit]
    reader = reader_for(head, source.path) if head and container_of(head, source.name) is None else None
    if reader is None or not divisible(reader.name, head):
        return [unit]
    return [replace(unit, part=part) for part in parts_of(unit.size, max(LEAST, share))]


def join(unit: Unit, outcomes: Sequence[Outcome]) -> Outcome | None:
    """Make one outcome of a file's parts, the digest's first; None where the file has to be read as a whole."""
    pieces = [outcome.piece for outcome in outcomes if outcome.piece is not None]
    if len(pieces) < len(outcomes) or {pieces[0].size, sum(piece.size for piece in pieces[1:])} != {unit.size}:
        return None
    ledger = joined(pieces[1:])
    if ledger is None:
        return None
    digest, *parts = outcomes
    reading = close(opened(unit, frozenset()), pieces[1].reader, ledger, sha256=digest.reading.sha256)
    hits, before = [], 0
    for part, piece in zip(parts, pieces[1:], strict=True):
        hits += [replace(hit, locator=shifted(hit.locator, before)) for hit in part.hits]
        before += piece.newlines
    control, note = parts[0].control, parts[0].control_note
    return Outcome(reading=reading, hits=(*hits, *digest.hits), control=control, control_note=note)
