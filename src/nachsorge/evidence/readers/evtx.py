"""Windows event logs in their own binary form (EVTX).

Chunks are handed to the parsing library in batches, so that any stream can be read and memory stays bounded. What the
library gave is held against what the structure says is there: a record that was not rendered is counted, named, and its
readable strings are searched as text.

There is no writer of EVTX. So the positive control begins behind the parser: `control` makes one record in the
library's JSON, and it takes the same way from there. That the parser itself reads this very file is shown by the
account: every record of the structure is either rendered or named as unreadable.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import accumulate, islice
from typing import TYPE_CHECKING, Any, TypeAlias

import orjson

from nachsorge.evidence.continuity import Continuity, Strand
from nachsorge.evidence.evtx_file import HEADER, MAGIC, Chunk, FileHeader, chunks, read_header
from nachsorge.evidence.evtx_render import rendered
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.seams import Opened, Plant, ReadError, Sieve, Tells
from nachsorge.evidence.text import text_record
from nachsorge.evidence.windows.event import Head, record_of
from nachsorge.evidence.windows.json_event import control_tree, decoded, head_of, pairs_of_tree
from nachsorge.evidence.windows.json_heads import Heads
from nachsorge.evidence.windows.sources import COVERED, TELEMETRY, LogSource
from nachsorge.model.times import Instant
from nachsorge.model.words import Platform, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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
        run = _Run(ledger, sieve, Continuity(ledger), source.host)
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
        return run.take([1], [self.control(plant).decode()])


@dataclass(slots=True, eq=False)
class _Kind:
    """What the events of one channel, provider, number and computer have in common.

    `asked`: whether to decode is decided for each of them; for others only where the group's text holds a literal.
    """

    head: Head
    source: LogSource
    host: str | None
    strand: Strand
    asked: bool


_Read: TypeAlias = tuple[_Kind, int, Instant] | Head | int
"""What was read of a record: kind, number and time; or a head; or only its own number."""


@dataclass(slots=True)
class _Run:
    """What is known while one file is read."""

    ledger: Ledger
    sieve: Sieve | None
    continuity: Continuity
    host: str | None
    heads: Heads[_Kind] = field(init=False)
    by_origin: Callable[[str, Telemetry, str, str, int], bool] | None = field(init=False)
    concerns: Callable[[Telemetry, str, str, int], bool] | None = field(init=False)
    present: int = 0
    last_host: str | None = None
    faulty: list[str] = field(default_factory=list)
    wiped: list[int] = field(default_factory=list)
    own_numbers: bool = True

    def __post_init__(self) -> None:
        """Ask the sieve whether it tells log sources apart."""
        self.by_origin = getattr(self.sieve, "admits_from", None)
        self.concerns = getattr(self.sieve, "concerns", None)
        self.heads = Heads(self._kind)

    def take(self, owns: list[int], texts: list[str]) -> Iterator[Record]:
        """Account for rendered records (numbers in the file, JSON), and decode those that the sieve admits."""
        read: list[_Read | None] = list(map(self.heads.read, texts))
        start = 0
        for at in [at for at, found in enumerate(read) if found is None]:
            self._count(read[start:at], owns[start:at])
            read[at] = self._slowly(owns[at], texts[at])
            start = at + 1
        self._count(read[start:], owns[start:])
        return self._records(texts, read)

    def _kind(self, channel: str, provider: str, event_id: int, computer: str) -> _Kind | None:
        head = Head(channel=channel, provider=provider, event_id=event_id, computer=computer)
        strand = self.continuity.strand(head, self.host)
        if strand is None:
            return None
        of = head.source
        asked = self.sieve is None or self.sieve.everything
        if not asked and self.by_origin is not None:
            asked = self.concerns is None or self.concerns(*_origin(of, head))
        return _Kind(head, of, computer or self.host, strand, asked)

    def _slowly(self, own: int, text: str) -> Head | int:
        """Read and count one record that is not written as usual; its own number where it cannot be read."""
        head = head_of(text)
        if head is None:
            self.ledger.count(Telemetry.WINDOWS_EVENT, 1, self.last_host or self.host)
            self.ledger.spoil(f"record {own}")
            return own
        self.own_numbers = self.own_numbers and own == head.number
        self.last_host = head.computer or self.host
        self.ledger.count(head.source.telemetry, 1, self.last_host)
        self.ledger.log(head.source.telemetry, "windows", head.source.service, head.event_id)
        self.continuity.note(head, self.host)
        return head

    def _count(self, read: Sequence[Any], owns: list[int]) -> None:
        """Account for records, in the file's order, that were read the fast way."""
        if not read:
            return
        kinds, numbers, times = zip(*read, strict=True)
        for kind, records in Counter(kinds).items():
            self.ledger.count(kind.source.telemetry, records, kind.host)
            self.ledger.log(kind.source.telemetry, "windows", kind.source.service, kind.head.event_id, records)
        self.continuity.take([kind.strand for kind in kinds], numbers, times)
        self.last_host = kinds[-1].host
        self.own_numbers = self.own_numbers and list(numbers) == owns

    def _records(self, texts: list[str], read: Sequence[_Read | None]) -> Iterator[Record]:
        """Give the admitted records in their order; one without a head as text."""
        asked = {at for at, found in enumerate(read) if not isinstance(found, tuple) or found[0].asked}
        for at in sorted(asked | self._met(texts)):
            text, found = texts[at], read[at]
            if isinstance(found, int):
                if text and self._admits(text):
                    yield text_record(text.encode(), f"record {found}")
            elif found is not None:
                yield from self._record(text, found if isinstance(found, Head) else _head(*found))

    def _record(self, text: str, head: Head) -> Iterator[Record]:
        if self._admits(text) if self.by_origin is None else self.by_origin(text, *_origin(head.source, head)):
            tree, locator = decoded(text), f"record {head.number}"
            if tree is None:
                yield text_record(text.encode(), locator)
            else:
                yield record_of(head, *pairs_of_tree(tree), locator, self.host)

    def _met(self, texts: list[str]) -> set[int]:
        """Give the places of the texts that hold a literal, by one search over all of them."""
        if self.sieve is None or self.sieve.everything:
            return set()
        joined = "\n".join(texts)
        body = joined.encode()
        ends = self.sieve.ends(body)
        if not ends:
            return set()
        sizes = map(len, texts) if len(body) == len(joined) else (len(text.encode()) for text in texts)
        stops = list(accumulate(size + 1 for size in sizes))
        return {bisect_right(stops, end - 1) for end in ends}

    def batch(self, header: FileHeader, batch: list[Chunk]) -> Iterator[Record]:
        """Render a batch of chunks, then search as text what was not rendered."""
        for chunk in batch:
            self._note(chunk)
        whole = [chunk for chunk in batch if not chunk.empty and "has no chunk signature" not in chunk.faults]
        given: set[int] = set()
        for owns, texts in rendered(header, whole):
            given.update(owns)
            yield from self.take(owns, texts)
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
        host = self.last_host or self.host
        for frame in lost:
            yield from self._unread(f"record {frame[0]}", chunk.text_of(frame))
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


def _head(kind: _Kind, number: int, time: Instant) -> Head:
    return replace(kind.head, number=number, stamp=time)


def _origin(source: LogSource, head: Head) -> tuple[Telemetry, str, str, int]:
    return source.telemetry, "windows", source.service, head.event_id
