"""Windows event logs in their own binary form (EVTX).

Chunks are handed to the parsing library in batches, so that any stream can be read and memory stays bounded. What the
library gave is held against what the structure says is there: a record that was not rendered is counted, named, and its
readable strings are searched as text.

There is no writer of EVTX. So the positive control begins behind the parser: `control` makes one record in the
library's JSON, and it takes the same way from there. That the parser itself reads this very file is shown by the
account: every record of the structure is either rendered or named as unreadable.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

import orjson
from evtx import PyEvtxParser

from nachsorge.evidence.continuity import Continuity
from nachsorge.evidence.evtx_file import HEADER, MAGIC, Chunk, FileHeader, chunks, read_header
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.seams import Opened, Plant, ReadError, Sieve, Tells
from nachsorge.evidence.text import text_record
from nachsorge.evidence.windows.event import record_of
from nachsorge.evidence.windows.json_event import control_tree, decoded, head_of, pairs_of_tree
from nachsorge.evidence.windows.sources import COVERED, TELEMETRY
from nachsorge.model.words import Platform, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nachsorge.evidence.windows.event import Head
    from nachsorge.evidence.windows.sources import LogSource
    from nachsorge.model.evidence import Record

BATCH = 64
"""Chunks that are rendered at a time: 4 MiB of log."""


class Evtx:
    """Reader of EVTX files."""

    name = "evtx"
    telemetry = TELEMETRY
    tells = Tells(
        proves="what Windows or a program recorded on this machine, and when: programs that started, names that were "
        "asked for, logons, detections, installations, as channel and number say",
        rules_out="an event that this log would have held, in stretches over which its record numbers run on; what has "
        "to be configured (Sysmon, audit policy) only between the first and the last event of it",
        not_told="what nobody configured to be logged, what was overwritten or cleared before the first record, the "
        "words of a message (they lie in files of the machine)",
        covers=COVERED,
    )
    by_origin = True
    """Each record's log source is known before it is decoded."""

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the file's signature."""
        return 98 if head.startswith(MAGIC) else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the admitted records in the file's order; all others are counted by what their heads say."""
        ledger.platform = Platform.WINDOWS
        run = _Run(ledger, sieve, Continuity(ledger), source.host, getattr(sieve, "admits_from", None))
        with source.open() as stream:
            header = read_header(stream)
            if header is None:
                raise ReadError(Reason.TRUNCATED, f"the file ends inside its header of {HEADER} bytes")
            walked = chunks(stream)
            while batch := list(islice(walked, BATCH)):
                yield from run.batch(header, batch)
        run.close(header)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """No file: see `control`."""
        return None

    def control(self, plant: Plant) -> bytes:
        """Make one Sysmon DNS query for the planted name, in the library's own JSON."""
        return orjson.dumps(control_tree(plant))

    def control_records(self, plant: Plant, sieve: Sieve | None = None) -> Iterator[Record]:
        """Send the control's record the way of all rendered records, through the sieve where one is given."""
        ledger = Ledger()
        run = _Run(ledger, sieve, Continuity(ledger), None)
        return run.take([(1, self.control(plant).decode())])


@dataclass(slots=True)
class _Run:
    """What is known while one file is read."""

    ledger: Ledger
    sieve: Sieve | None
    continuity: Continuity
    host: str | None
    by_origin: Callable[[str, Telemetry, str, str, int], bool] | None = None
    present: int = 0
    last_host: str | None = None
    faulty: list[str] = field(default_factory=list)
    wiped: list[int] = field(default_factory=list)
    own_numbers: bool = True

    def take(self, rendered: Iterable[tuple[int, str]]) -> Iterator[Record]:
        """Account for rendered records (number in the file, JSON), and decode those that the sieve admits."""
        for number, text in rendered:
            head = head_of(text)
            if head is None:
                yield from self._unread(f"record {number}", text)
                continue
            self.own_numbers = self.own_numbers and number == head.number
            host = head.computer or self.host
            self.last_host = host
            of = head.source
            self.ledger.count(of.telemetry, 1, host)
            self.ledger.log(of.telemetry, "windows", of.service, head.event_id)
            self.continuity.note(head, self.host)
            if self._admits(text) if self.by_origin is None else self.by_origin(text, *_origin(of, head)):
                tree, locator = decoded(text), f"record {head.number}"
                if tree is None:
                    yield text_record(text.encode(), locator)
                else:
                    yield record_of(head, *pairs_of_tree(tree), locator, self.host)

    def batch(self, header: FileHeader, batch: list[Chunk]) -> Iterator[Record]:
        """Render a batch of chunks, then search as text what was not rendered."""
        for chunk in batch:
            self._note(chunk)
        whole = [chunk for chunk in batch if not chunk.empty and "has no chunk signature" not in chunk.faults]
        rendered: set[int] = set()
        yield from self.take(_render(header, whole, rendered))
        for chunk in batch:
            yield from self._salvage(chunk, rendered)

    def _note(self, chunk: Chunk) -> None:
        if chunk.empty:
            self.wiped.append(chunk.index)
            return
        self.present = chunk.index + 1
        if chunk.truncated:
            chunk.faults.append(f"is cut off after {chunk.present} of {len(chunk.raw)} bytes")
        if chunk.faults:
            self.faulty.append(f"chunk {chunk.index} {' and '.join(chunk.faults)}")

    def _salvage(self, chunk: Chunk, rendered: set[int]) -> Iterator[Record]:
        lost = [frame for frame in chunk.frames if frame.number not in rendered]
        nameless = chunk.declared - len(chunk.frames)
        host = self.last_host or self.host
        for frame in lost:
            yield from self._unread(f"record {frame.number}", chunk.text_of(frame))
        if nameless > 0:
            self.ledger.count(Telemetry.WINDOWS_EVENT, nameless, host)
            self.ledger.spoil(f"chunk {chunk.index}", nameless)
        if lost or nameless > 0:
            note = f"chunk {chunk.index}: {len(lost) + max(nameless, 0)} records could not be rendered"
            self.ledger.gap(Reason.CORRUPT, note, host=host)

    def _unread(self, locator: str, text: str) -> Iterator[Record]:
        self.ledger.count(Telemetry.WINDOWS_EVENT, 1, self.last_host or self.host)
        self.ledger.spoil(locator)
        if text and self._admits(text):
            yield text_record(text.encode(), locator)

    def _admits(self, text: str) -> bool:
        return self.sieve is None or self.sieve.everything or self.sieve.admits(text.encode())

    def close(self, header: FileHeader) -> None:
        """Report on the file as a whole, then on what the record numbers prove."""
        host = self.last_host or self.host
        inside = [index for index in self.wiped if index < self.present]
        if inside:
            note = f"{len(inside)} chunks in the middle of the log are wiped (the first: chunk {inside[0]})"
            self.ledger.gap(Reason.CORRUPT, note, host=host)
        if self.present < header.chunks:
            note = f"the header says {header.chunks} chunks, {self.present} are there"
            self.ledger.gap(Reason.TRUNCATED, note, host=host)
        for note in self.faulty:
            reason = Reason.TRUNCATED if "is cut off" in note else Reason.CORRUPT
            self.ledger.gap(reason, note, host=host)
        if header.dirty:
            self.ledger.notes.append("the log was copied while in use (its dirty flag is set)")
        if not self.ledger.records:
            self.ledger.notes.append("the log holds no record")
        # In an export or a log of forwarded events the file numbers its records anew; only a log itself does not.
        self.continuity.one_log = self.own_numbers
        self.continuity.settle()


def _origin(source: LogSource, head: Head) -> tuple[Telemetry, str, str, int]:
    return source.telemetry, "windows", source.service, head.event_id


def _render(header: FileHeader, batch: list[Chunk], rendered: set[int]) -> Iterator[tuple[int, str]]:
    """Give number and JSON text of all records that the library can render; `rendered` takes the numbers."""
    if not batch:
        return
    body = io.BytesIO(b"".join((header.raw, *(chunk.raw for chunk in batch))))
    try:
        results = PyEvtxParser(body).records_json()
    except (RuntimeError, OSError) as error:
        raise ReadError(Reason.CORRUPT, f"the file header is not understood: {error}") from error
    while True:
        try:
            result = next(results)
        except StopIteration:
            return
        except (RuntimeError, OSError, ValueError):
            # The library names a record or a whole chunk; either way the numbers it did not give tell which.
            continue
        if result is None:
            return
        rendered.add(result["event_record_id"])
        yield result["event_record_id"], result["data"]
