"""Evidence into an index: what is new or changed is read, once; the rest is there already."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from nachsorge.evidence.units import Unit, units
from nachsorge.index.build import Written, build
from nachsorge.index.engine import failures, ready
from nachsorge.index.manifest import Indexed, Manifest, opened, save, sweep_out
from nachsorge.index.retention import forget
from nachsorge.model.evidence import Reading
from nachsorge.model.times import Instant
from nachsorge.sweep.gather import Gathered, gathered
from nachsorge.sweep.pool import Progress
from nachsorge.sweep.units_known import TREE, content_of, key_of

_SCRATCH = ".building-"


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexOptions:
    """How to index; see `Options`. `forget_before` drops what is older, after adding."""

    assets: Mapping[str, str] = field(default_factory=dict)
    jobs: int = 0
    now: Instant = 2**62
    forget_before: Instant | None = None
    progress: Progress = lambda done, total, name: None


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What a run of indexing did: readings of what was read, paths of what was there already or was replaced.

    `raw` and `size` are bytes: of the evidence read now, of the whole index.
    """

    readings: tuple[Reading, ...]
    known: tuple[str, ...]
    replaced: tuple[str, ...]
    kept: tuple[str, ...]
    not_reached: tuple[str, ...]
    raw: int
    size: int
    forgotten_before: Instant | None


@dataclass(frozen=True, slots=True)
class _Task:
    unit: Unit
    key: str
    sha256: str


def index(evidence: Sequence[str], folder: Path, options: IndexOptions) -> Added:
    """Add evidence to an index and forget what is too old. A crash at any moment leaves the old index valid."""
    ready()
    with opened(folder) as manifest, failures(folder):
        for left in folder.glob(f"{_SCRATCH}*"):
            shutil.rmtree(left, ignore_errors=True)
        sweep_out(folder, manifest)
        scratch = Path(tempfile.mkdtemp(dir=folder, prefix=_SCRATCH))
        try:
            return _index(evidence, folder, scratch, manifest, options)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


def _index(evidence: Sequence[str], folder: Path, scratch: Path, manifest: Manifest, options: IndexOptions) -> Added:
    before = {unit.key: unit for unit in manifest.units}
    tasks, known, kept = _sorted(list(units(evidence, options.assets)), before)
    written, done = _gathered(tasks, scratch, manifest.next_unit, options)
    added = [one for one in done if one is not None]
    replaced = [before[one.key].shown for one in added if one.key in before]
    gone = {one.key for one in added} | _settled(evidence, tasks, before)
    if added or gone & set(before):
        parts = [*manifest.parts, build(folder, scratch, manifest.next_part, written)] if added else manifest.parts
        manifest = msgspec.structs.replace(
            manifest,
            parts=parts,
            units=[*(unit for unit in manifest.units if unit.key not in gone), *added],
            next_part=manifest.next_part + bool(added),
            next_unit=manifest.next_unit + len(tasks),
        )
        save(folder, manifest)
    if options.forget_before is not None:
        manifest = forget(folder, scratch, manifest, options.forget_before)
        save(folder, manifest)
    return Added(
        readings=tuple(msgspec.json.decode(one.reading, type=Reading) for one in written),
        known=tuple(known),
        replaced=tuple(replaced),
        kept=tuple(kept),
        not_reached=tuple(task.unit.shown for task, one in zip(tasks, done, strict=True) if one is None),
        raw=sum(one.size for one in added),
        size=sum(file.size for part in manifest.parts for file in part.files),
        forgotten_before=manifest.forgotten_before if options.forget_before is not None else None,
    )


def _sorted(waiting: Sequence[Unit], before: Mapping[str, Indexed]) -> tuple[list[_Task], list[str], list[str]]:
    """Part what is to be read from what is known, and from what was read once and cannot be read any more."""
    tasks: list[_Task] = []
    known, kept = [], []
    for unit in waiting:
        key, digest = key_of(unit), content_of(unit)
        old = before.get(key)
        if old is not None and old.sha256 and not digest:
            kept.append(unit.shown)
        elif old is not None and digest and (old.size, old.sha256) == (unit.size, digest):
            known.append(unit.shown)
        else:
            tasks.append(_Task(unit, key, digest))
    return tasks, known, kept


def _settled(evidence: Sequence[str], tasks: Sequence[_Task], before: Mapping[str, Indexed]) -> set[str]:
    """Name the troubles of folders listed again that are none any more."""
    now = {task.key for task in tasks}
    listings = {f"{Path(shown).resolve()}\n{TREE}\n" for shown in evidence}
    return {key for key in before if key.startswith(tuple(listings)) and key not in now}


def _gathered(
    tasks: Sequence[_Task], scratch: Path, number: int, options: IndexOptions
) -> tuple[list[Written], list[Indexed | None]]:
    """Read; after an interrupt, give what is done."""
    sources: dict[int, list[Gathered]] = {}
    total, done = sum(task.unit.size for task in tasks), 0
    steps = gathered([task.unit for task in tasks], scratch, options.now, options.jobs or os.cpu_count() or 1)
    try:
        for index, found in steps:
            sources[index] = found
            done += tasks[index].unit.size
            options.progress(done, total, tasks[index].unit.shown)
    except KeyboardInterrupt:
        steps.close()
    written = [one.written(number + index) for index in sorted(sources) for one in sources[index]]
    return written, [_indexed(task, number + i) if i in sources else None for i, task in enumerate(tasks)]


def _indexed(task: _Task, number: int) -> Indexed:
    unit = task.unit
    return Indexed(number=number, key=task.key, shown=unit.shown, size=unit.size, sha256=task.sha256, early=unit.early)
