"""The worker that indexes: it reads like the one that sweeps, but keeps what can be asked later instead of asking.

Everything is decoded (no sieve: nobody knows yet what will be looked for), and every address that appears is noted.
"""

from __future__ import annotations

import gc
import signal
import uuid
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

import msgspec
import orjson

from nachsorge.evidence import expendable
from nachsorge.evidence.bulk_formats import form_of
from nachsorge.evidence.presence import Everyone
from nachsorge.evidence.read import read_source
from nachsorge.index.build import Written
from nachsorge.index.rows import Rows
from nachsorge.matching.indexed import tokens_of
from nachsorge.matching.match import Matcher
from nachsorge.matching.tests import control_tests
from nachsorge.sweep.bundles import each, handed_out
from nachsorge.sweep.control import PLANT, control
from nachsorge.sweep.natives import any_native
from nachsorge.sweep.outcome import DIED, Orders, Outcome, failed
from nachsorge.sweep.recorder import SHUT, InBulk, Recorder
from nachsorge.sweep.single import file_record
from nachsorge.sweep.work import Worker

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence
    from pathlib import Path

    from nachsorge.evidence.seams import Opened, Reader
    from nachsorge.evidence.units import Unit
    from nachsorge.model.evidence import Reading
    from nachsorge.model.times import Instant

BULKY = 64 * 1024
"""A smaller log is read record by record."""

SMALL = 2 * 1024 * 1024
"""Less evidence than this in all is read in this process: starting others would take longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered(Outcome):
    """A source's account, and the stem of the files that hold its rows."""

    stem: str
    files: int
    presence: bool
    hidden: dict[str, int]

    def written(self, unit: int) -> Written:
        """Give it as the index takes it."""
        return Written(
            unit=unit,
            path=self.reading.path,
            reading=msgspec.json.encode(self.reading).decode(),
            stem=self.stem,
            files=self.files,
            presence=self.presence,
            control=self.control,
            control_note=self.control_note,
            hidden=self.hidden,
        )


class Gatherer(Worker):
    """Reads units and writes what is in them to files below `scratch`."""

    def __init__(self, now: Instant, scratch: Path) -> None:
        """Stand ready."""
        super().__init__(Orders(tests=(), now=now, sieve=False, addresses=Everyone()))
        self._scratch = scratch
        self._planted = Matcher(control_tests(PLANT.host, PLANT.address, PLANT.sha256, PLANT.path))
        self._recorder = Recorder()
        self.matcher = self._recorder

    def gather(self, unit: Unit) -> list[Gathered]:
        """Read everything in a unit."""
        # Columns are millions of objects without any cycle; looking for some among them takes a third of the time.
        gc.disable()
        try:
            return [_closed(outcome, self._rows()) for outcome in self.work(unit)]
        finally:
            gc.enable()

    def _rows(self) -> Rows:
        return Rows(self._scratch / uuid.uuid4().hex, tokens_of)

    def _read(self, source: Opened, head: bytes, reader: Reader) -> Outcome:
        reading, rows = self._in_bulk(source, head, reader) or self._one_by_one(source, reader)
        rows.add(file_record(source, {"sha256": reading.sha256}))
        seen, note = control(self._planted, self.sieve, reader, head, source.name)
        return _closed(Outcome(reading=reading, control=seen, control_note=note), rows)

    def _one_by_one(self, source: Opened, reader: Reader) -> tuple[Reading, Rows]:
        rows = self._rows()
        return read_source(source, reader, self.sieve, rows.add), rows

    def _in_bulk(self, source: Opened, head: bytes, reader: Reader) -> tuple[Reading, Rows] | None:
        """Read a big log's account, then its records; None where it is no such log, or where the two do not agree."""
        if source.size < BULKY or form_of(reader.name, head) is None:
            return None
        rows = self._rows()
        reading = read_source(source, reader, SHUT, lambda _: None)
        bulk = InBulk(reader.name, head, rows)
        read = read_source(source, bulk, SHUT, rows.add)
        lost = {gap.reason for gap in read.gaps} - {gap.reason for gap in reading.gaps}
        if lost or bulk.records != reading.records:
            rows.discard()
            return None
        return reading, rows

    def _names(self, *words: Any) -> Outcome:
        rows = self._rows()
        self._recorder.open.append(rows)
        try:
            return _closed(super()._names(*words), rows)
        finally:
            self._recorder.open.pop()

    def _unknown(self, source: Opened, program: Reader | None = None) -> Outcome:
        rows = self._rows()
        self._recorder.open.append(rows)
        try:
            return _closed(super()._unknown(source, program), rows)
        finally:
            self._recorder.open.pop()

    def _host(self, *words: Any, **named: Any) -> Iterator[Outcome]:
        rows = self._rows()
        self._recorder.open.append(rows)
        try:
            # The file system's own account comes first, then those of the logs in it, which are closed already.
            tree, *logs = list(super()._host(*words, **named))
        finally:
            self._recorder.open.pop()
        yield _closed(tree, rows)
        yield from logs


def _closed(outcome: Outcome, rows: Rows) -> Gathered:
    if isinstance(outcome, Gathered):
        return outcome
    rows.flush()
    present = [
        (one.address.lower(), one.telemetry.value, span) for one in outcome.reading.presence for span in one.spans
    ]
    if present:
        found: dict[str, list[str] | list[int]] = {
            "address": [address for address, _, _ in present],
            "telemetry": [telemetry for _, telemetry, _ in present],
            "start": [span.start for _, _, span in present],
            "span": [span.end - span.start for _, _, span in present],
        }
        rows.stem.with_suffix(".presence").write_bytes(orjson.dumps(found))
    return Gathered(
        reading=replace(outcome.reading, presence=()),
        control=outcome.control,
        control_note=outcome.control_note,
        stem=rows.stem.name,
        files=rows.files,
        presence=bool(present),
        hidden=dict(rows.hidden),
    )


def gathered(
    units: Sequence[Unit], scratch: Path, now: Instant, jobs: int
) -> Generator[tuple[int, list[Gathered]], None, None]:
    """Read units over `jobs` processes; gives (index of the unit, its sources) as they are done."""
    few = jobs == 1 or len(units) < 2 or sum(unit.size for unit in units) < SMALL
    if few and not any_native(units):
        worker = Gatherer(now, scratch)
        for index, unit in enumerate(units):
            yield index, worker.gather(unit)
        return
    jobs = 1 if few else jobs
    pool, lost = _pool(now, scratch, jobs), list[int]()
    try:
        yield from handed_out(lambda some: pool.submit(each, _gather, some), units, jobs, lost)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    for index in lost:
        yield index, _alone(units[index], scratch, now)


def _alone(unit: Unit, scratch: Path, now: Instant) -> list[Gathered]:
    """Read a unit whose process died once more, alone; if it dies again the unit is the cause."""
    pool = _pool(now, scratch, 1)
    try:
        return pool.submit(_gather, unit).result()
    except BrokenProcessPool:
        told = failed(unit, DIED)
        return [_closed(outcome, Rows(scratch / uuid.uuid4().hex, tokens_of)) for outcome in told]
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _pool(now: Instant, scratch: Path, jobs: int) -> ProcessPoolExecutor:
    # Forked children inherit locks of the progress bar's thread; spawned ones start clean.
    return ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_start, initargs=(now, scratch))


_GATHERER: Gatherer | None = None


def _start(now: Instant, scratch: Path) -> None:
    global _GATHERER
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    expendable.allow()
    _GATHERER = Gatherer(now, scratch)


def _gather(unit: Unit) -> list[Gathered]:
    assert _GATHERER is not None  # the pool's initializer ran
    return _GATHERER.gather(unit)
