"""What becomes of an event log's rendered records: counted by their heads, decoded where the sieve admits them.

Records whose text is written as usual are read a batch at a time; the others one by one, by the same rules.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING, Any, TypeAlias

from nachsorge.evidence import fast
from nachsorge.evidence.continuity import Continuity, Strand
from nachsorge.evidence.evtx_compiled import Compiled
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.seams import Sieve
from nachsorge.evidence.text import text_record
from nachsorge.evidence.windows.event import Head, record_of
from nachsorge.evidence.windows.json_event import decoded, head_of, pairs_of_tree
from nachsorge.evidence.windows.json_heads import Heads
from nachsorge.evidence.windows.own_address import own_address, states_address
from nachsorge.evidence.windows.sources import LogSource
from nachsorge.model.times import Instant
from nachsorge.model.words import Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from nachsorge.evidence.evtx_compiled import Batch
    from nachsorge.model.evidence import Record


@dataclass(slots=True, eq=False)
class _Kind:
    """What the events of one channel, provider, number and computer have in common.

    `asked`: whether to decode is decided for each of them; for others only where the group's text holds a literal.
    `admitted`: that has been decided for all of them, whatever they hold. `states`: they may say what address their
    own machine had.
    """

    head: Head
    source: LogSource
    host: str | None
    strand: Strand
    asked: bool
    admitted: bool
    states: bool


_Read: TypeAlias = tuple[_Kind, int, Instant] | Head | int
"""What was read of a record: kind, number and time; or a head; or only its own number."""


@dataclass(slots=True)
class Rendered:
    """What is known of the records while one file is read."""

    ledger: Ledger
    sieve: Sieve | None
    continuity: Continuity
    host: str | None
    heads: Heads[_Kind] = field(init=False)
    by_origin: Callable[[str, Telemetry, str, str, int], bool] | None = field(init=False)
    concerns: Callable[[Telemetry, str, str, int], bool] | None = field(init=False)
    compiled: Compiled[_Kind] | None = None
    last_host: str | None = None
    own_numbers: bool = True

    def __post_init__(self) -> None:
        """Ask the sieve whether it tells log sources apart."""
        self.by_origin = getattr(self.sieve, "admits_from", None)
        self.concerns = getattr(self.sieve, "concerns", None)
        self.heads = Heads(self._kind)
        if (kernel := fast.event_kernel()) is not None:
            from nachsorge.evidence.evtx_compiled import Compiled  # only where numba is installed

            self.compiled = Compiled(kernel, self.heads)

    def take(self, owns: list[int], texts: list[str]) -> Iterator[Record]:
        """Account for rendered records (numbers in the file, JSON), and decode those that the sieve admits."""
        if self.compiled is not None:
            body = "\n".join(texts).encode()
            batch = self.compiled.read(texts, body)
            if batch is not None:
                return self._records(texts, self._of_batch(owns, texts, body, batch))
        read: list[_Read | None] = list(map(self.heads.read, texts))
        start = 0
        for at in [at for at, found in enumerate(read) if found is None]:
            self._count(read[start:at], owns[start:at], texts[start:at])
            read[at] = self._slowly(owns[at], texts[at])
            start = at + 1
        self._count(read[start:], owns[start:], texts[start:])
        asked = {at for at, found in enumerate(read) if not isinstance(found, tuple) or found[0].asked}
        return self._records(texts, {at: read[at] for at in sorted(asked | self._met(texts))})

    def _of_batch(
        self, owns: list[int], texts: list[str], body: bytes, batch: Batch[_Kind]
    ) -> dict[int, tuple[_Kind, int, Instant]]:
        """Note what a batch says of the file, and give those to be decoded."""
        self.last_host = batch.last.host
        self.own_numbers = self.own_numbers and batch.numbers.tolist() == owns
        for at, (kind, _, time) in batch.heads(batch.stating).items():
            self._state(kind.head, kind.host, texts[at], time)
        return batch.heads(sorted({*batch.asked, *self._met(texts, body)}))

    def settle(self) -> None:
        """Tell the ledger what was counted and not yet told; to be called before anybody looks at it."""
        if self.compiled is None:
            return
        for kind, records, first, last in self.compiled.counted():
            self._tell(kind, records)
            kind.strand.widen((first, last))
        if self.compiled.full:
            self.compiled.forget()

    def _tell(self, kind: _Kind, records: int) -> None:
        self.ledger.count(kind.source.telemetry, records, kind.host)
        self.ledger.log(kind.source.telemetry, "windows", kind.source.service, kind.head.event_id, records)

    def _kind(self, channel: str, provider: str, event_id: int, computer: str) -> _Kind | None:
        head = Head(channel=channel, provider=provider, event_id=event_id, computer=computer)
        strand = self.continuity.strand(head, self.host)
        if strand is None:
            return None
        of = head.source
        admitted = self.sieve is None or self.sieve.everything
        asked = admitted or (self.by_origin is not None and self.concerns is None)
        if not asked and self.concerns is not None:
            asked = admitted = self.concerns(*_origin(of, head))
        return _Kind(head, of, computer or self.host, strand, asked, admitted, states_address(provider, event_id))

    def _state(self, head: Head, host: str | None, text: str, time: Instant) -> None:
        """Note what an event says of its own machine's address."""
        if host and (address := own_address(head, text)):
            self.ledger.states(host, address, time)

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
        if head.time is not None and states_address(head.provider, head.event_id):
            self._state(head, self.last_host, text, head.time)
        return head

    def _count(self, read: Sequence[Any], owns: list[int], texts: list[str]) -> None:
        """Account for records, in the file's order, that were read the fast way."""
        if not read:
            return
        kinds, numbers, times = zip(*read, strict=True)
        for kind, records in Counter(kinds).items():
            self._tell(kind, records)
        for kind, time, text in zip(kinds, times, texts, strict=True):
            if kind.states:
                self._state(kind.head, kind.host, text, time)
        self.continuity.take([kind.strand for kind in kinds], numbers, times)
        self.last_host = kinds[-1].host
        self.own_numbers = self.own_numbers and list(numbers) == owns

    def _records(self, texts: list[str], read: Mapping[int, _Read | None]) -> Iterator[Record]:
        """Give the admitted ones of some records, in their order; one without a head as text."""
        for at, found in read.items():
            text = texts[at]
            if isinstance(found, int):
                if text and self.admits(text):
                    yield text_record(text.encode(), f"record {found}")
            elif isinstance(found, Head):
                if self._admits_event(text, found):
                    yield self._record(text, found)
            elif found is not None and (found[0].admitted or self._admits_event(text, found[0].head)):
                yield self._record(text, _head(*found))

    def _admits_event(self, text: str, head: Head) -> bool:
        return self.admits(text) if self.by_origin is None else self.by_origin(text, *_origin(head.source, head))

    def _record(self, text: str, head: Head) -> Record:
        tree, locator = decoded(text), f"record {head.number}"
        if tree is None:
            return text_record(text.encode(), locator)
        return record_of(head, *pairs_of_tree(tree), locator, self.host)

    def _met(self, texts: list[str], joined: bytes | None = None) -> set[int]:
        """Give the places of the texts that hold a literal, by one search over all of them."""
        if self.sieve is None or self.sieve.everything:
            return set()
        body = "\n".join(texts).encode() if joined is None else joined
        ends = self.sieve.ends(body)
        if not ends:
            return set()
        sizes = map(len, texts) if body.isascii() else (len(text.encode()) for text in texts)
        stops = list(accumulate(size + 1 for size in sizes))
        return {bisect_right(stops, end - 1) for end in ends}

    def admits(self, text: str) -> bool:
        """Tell whether a text may hold what is looked for."""
        return self.sieve is None or self.sieve.everything or self.sieve.admits(text.encode())


def _head(kind: _Kind, number: int, time: Instant) -> Head:
    head = kind.head  # written out: there is one for every event that is decoded
    return Head(
        channel=head.channel,
        provider=head.provider,
        event_id=head.event_id,
        computer=head.computer,
        number=number,
        stamp=time,
        cleared=head.cleared,
    )


def _origin(source: LogSource, head: Head) -> tuple[Telemetry, str, str, int]:
    return source.telemetry, "windows", source.service, head.event_id
