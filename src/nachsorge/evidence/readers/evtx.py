"""Windows event logs in their own binary form (EVTX).

Chunks are handed to the parsing library in batches, so that any stream can be read and memory stays bounded. What the
library gave is held against what the structure says is there: a record that was not rendered is counted, named, and its
readable strings are searched as text.

There is no writer of EVTX. So the positive control begins behind the parser: `control` makes one record in the
library's JSON, and it takes the same way from there. That the parser itself reads this very file is shown by the
account: every record of the structure is either rendered or named as unreadable.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

import orjson

from nachsorge.evidence.continuity import Continuity
from nachsorge.evidence.evtx_file import HEADER, MAGIC, Chunk, FileHeader, chunks, read_header
from nachsorge.evidence.evtx_records import Rendered
from nachsorge.evidence.evtx_render import rendered
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.seams import Opened, Plant, ReadError, Sieve, Tells
from nachsorge.evidence.text import text_record
from nachsorge.evidence.windows.json_event import control_tree
from nachsorge.evidence.windows.sources import COVERED, TELEMETRY
from nachsorge.model.words import Platform, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.model.evidence import Record

BATCH = 64
"""Chunks that are rendered at a time: 4 MiB of log."""


class Evtx:
    """Reader of EVTX files."""

    name = "evtx"
    telemetry = TELEMETRY
    tells = Tells(
        proves="what Windows or a program recorded on this machine, and when: programs that started, names that were "
        "asked for, logons, detections, installations, as channel and number say; which address this machine had when "
        "it began a connection (Sysmon 3, Security 5156) or its DHCP client got a lease",
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
        run = _Run(Rendered(ledger, sieve, Continuity(ledger), source.host))
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
        run = Rendered(ledger, sieve, Continuity(ledger), None)
        return run.take([1], [self.control(plant).decode()])


@dataclass(slots=True)
class _Run:
    """The walk over one file: what its structure says is there, beside what was rendered of it."""

    records: Rendered
    present: int = 0
    faulty: list[str] = field(default_factory=list)
    wiped: list[int] = field(default_factory=list)

    @property
    def ledger(self) -> Ledger:
        """Give the file's account."""
        return self.records.ledger

    @property
    def host(self) -> str | None:
        """Give the machine that the last record named, else whose the file is."""
        return self.records.last_host or self.records.host

    def batch(self, header: FileHeader, batch: list[Chunk]) -> Iterator[Record]:
        """Render a batch of chunks, then search as text what was not rendered."""
        for chunk in batch:
            self._note(chunk)
        whole = [chunk for chunk in batch if not chunk.empty and chunk.sound]
        given: set[int] = set()
        try:
            for owns, texts in rendered(header, whole):
                given.update(owns)
                yield from self.records.take(owns, texts)
        finally:
            self.records.settle()
        for chunk in batch:
            yield from self._salvage(chunk, given)

    def _note(self, chunk: Chunk) -> None:
        if chunk.empty:
            self.wiped.append(chunk.index)
            return
        self.present = chunk.index + 1
        if chunk.truncated:
            chunk.faults.append(f"is cut off after {chunk.present} of {len(chunk.raw)} bytes")
        if chunk.faults:
            self.faulty.append(f"chunk {chunk.index} {' and '.join(chunk.faults)}")

    def _salvage(self, chunk: Chunk, given: set[int]) -> Iterator[Record]:
        lost = [frame for frame in chunk.frames if frame[0] not in given]
        nameless = chunk.declared - len(chunk.frames)
        host = self.host
        for frame in lost:
            yield from self._unread(f"record {frame[0]}", chunk.text_of(frame))
        if nameless > 0:
            self.ledger.count(Telemetry.WINDOWS_EVENT, nameless, host)
            self.ledger.spoil(f"chunk {chunk.index}", nameless)
        if lost or nameless > 0:
            note = f"chunk {chunk.index}: {len(lost) + max(nameless, 0)} records could not be rendered"
            self.ledger.gap(Reason.CORRUPT, note, host=host)

    def _unread(self, locator: str, text: str) -> Iterator[Record]:
        self.ledger.count(Telemetry.WINDOWS_EVENT, 1, self.host)
        self.ledger.spoil(locator)
        if text and self.records.admits(text):
            yield text_record(text.encode(), locator)

    def close(self, header: FileHeader) -> None:
        """Report on the file as a whole, then on what the record numbers prove."""
        host = self.host
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
        self.records.continuity.one_log = self.records.own_numbers
        self.records.continuity.settle()
