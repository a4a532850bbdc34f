"""The worker that indexes: it reads like the one that sweeps, but keeps what can be asked later instead of asking.

Everything is decoded (no sieve: nobody knows yet what will be looked for), and every address that appears is noted.
"""

from __future__ import annotations

import signal
import uuid
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

import msgspec
import orjson

from nachsorge.evidence.presence import Everyone
from nachsorge.evidence.read import read_source
from nachsorge.index.build import Written
from nachsorge.index.rows import Rows
from nachsorge.index.store import named_address
from nachsorge.matching.indexed import tokens_of
from nachsorge.matching.match import Matcher
from nachsorge.matching.tests import control_tests
from nachsorge.model.words import IndicatorType
from nachsorge.sweep.control import PLANT, control
from nachsorge.sweep.executors import failed, handed_out
from nachsorge.sweep.work import Orders, Outcome, Worker, file_record

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence
    from pathlib import Path

    from nachsorge.evidence.seams import Opened, Reader
    from nachsorge.evidence.units import Unit
    from nachsorge.model.assessment import Hit
    from nachsorge.model.evidence import Record
    from nachsorge.model.times import Instant

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


class _Recorder(Matcher):
    """Stands where a matcher stands, and writes down the records that it is asked about."""

    def __init__(self) -> None:
        super().__init__(())
        self.open: list[Rows] = []

    @property
    def algorithms(self) -> frozenset[str]:
        return frozenset({IndicatorType.MD5.value, IndicatorType.SHA1.value, IndicatorType.SHA256.value})

    def match(self, record: Record) -> list[Hit]:
        self.open[-1].add(record)
        return []


class Gatherer(Worker):
    """Reads units and writes what is in them to files below `scratch`."""

    def __init__(self, now: Instant, scratch: Path) -> None:
        """Stand ready."""
        super().__init__(Orders(tests=(), now=now, sieve=False, addresses=Everyone()))
        self._scratch = scratch
        self._planted = Matcher(control_tests(PLANT.host, PLANT.address, PLANT.sha256, PLANT.path))
        self._recorder = _Recorder()
        self.matcher = self._recorder

    def gather(self, unit: Unit) -> list[Gathered]:
        """Read everything in a unit."""
        return [_closed(outcome, self._rows()) for outcome in self.work(unit)]

    def _rows(self) -> Rows:
        return Rows(self._scratch / uuid.uuid4().hex, tokens_of)

    def _read(self, source: Opened, head: bytes, reader: Reader) -> Outcome:
        rows = self._rows()
        reading = read_source(source, reader, self.sieve, rows.add)
        rows.add(file_record(source, {"sha256": reading.sha256}))
        seen, note = control(self._planted, self.sieve, reader, head, source.name)
        return _closed(Outcome(reading=reading, control=seen, control_note=note), rows)

    def _unknown(self, source: Opened) -> Outcome:
        rows = self._rows()
        self._recorder.open.append(rows)
        try:
            return _closed(super()._unknown(source), rows)
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
    with rows.stem.with_suffix(".presence").open("wb") as stream:
        for one in outcome.reading.presence:
            named = named_address(one.address)
            for span in one.spans:
                row = {**named, "t": one.telemetry, "s": span.start, "d": span.end - span.start}
                stream.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
    return Gathered(
        reading=replace(outcome.reading, presence=()),
        control=outcome.control,
        control_note=outcome.control_note,
        stem=rows.stem.name,
        files=rows.files,
        presence=bool(outcome.reading.presence),
        hidden=dict(rows.hidden),
    )


def gathered(
    units: Sequence[Unit], scratch: Path, now: Instant, jobs: int
) -> Generator[tuple[int, list[Gathered]], None, None]:
    """Read units over `jobs` processes; gives (index of the unit, its sources) as they are done."""
    if jobs == 1 or len(units) < 2 or sum(unit.size for unit in units) < SMALL:
        worker = Gatherer(now, scratch)
        for index, unit in enumerate(units):
            yield index, worker.gather(unit)
        return
    lost = yield from handed_out(_pool(now, scratch, jobs), _gather, units)
    for index in lost:
        yield index, _alone(units[index], scratch, now)


def _alone(unit: Unit, scratch: Path, now: Instant) -> list[Gathered]:
    """Read a unit whose process died once more, alone; if it dies again the unit is the cause."""
    pool = _pool(now, scratch, 1)
    try:
        return pool.submit(_gather, unit).result()
    except BrokenProcessPool:
        told = failed(unit, "the process that read it died, twice")
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
    _GATHERER = Gatherer(now, scratch)


def _gather(unit: Unit) -> list[Gathered]:
    assert _GATHERER is not None  # the pool's initializer ran
    return _GATHERER.gather(unit)
