"""Heads of many rendered records by compiled loops, with what they say of the log as a whole.

A shortcut that may give up: a batch in which anything has to be read with patience is left to `evtx_records` whole, so
that nobody can tell from the account whether the loops were used.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nachsorge.evidence.continuity import Strand
    from nachsorge.evidence.event_kernel import EventKernel
    from nachsorge.evidence.windows.json_heads import Heads
    from nachsorge.model.times import Instant


class Kind(Protocol):
    """What is asked of a kind of events here."""

    @property
    def strand(self) -> Strand:
        """Where its events belong."""

    @property
    def asked(self) -> bool:
        """Whether each of its events has to be decoded."""

    @property
    def states(self) -> bool:
        """Whether its events may state an address of their own machine."""


K = TypeVar("K", bound=Kind)


@dataclass(slots=True)
class Batch(Generic[K]):
    """What was read: numbers and times in the file's order, the last one's kind, and the places of asked ones.

    `stating` are the places of those that may state an address of their own machine.
    """

    numbers: array[int]
    times: array[int]
    last: K
    asked: list[int]
    stating: list[int]
    _kinds: Sequence[K]
    _ids: Sequence[int]

    def heads(self, places: Iterable[int]) -> dict[int, tuple[K, int, Instant]]:
        """Give kind, number and time of some."""
        return {at: (self._kinds[self._ids[at]], self.numbers[at], self.times[at]) for at in places}


class Compiled(Generic[K]):
    """Reads batches, and counts them by their kinds until somebody takes the counts."""

    def __init__(self, kernel: EventKernel, heads: Heads[K]) -> None:
        """Begin with no kind known; `heads` reads what is new."""
        self._kernel = kernel
        self._heads = heads
        self._known = kernel.known()
        self._kinds: list[K] = []
        self._stating: set[int] = set()
        self._formless: dict[K, int] = {}
        self._logs: dict[int, int] = {}

    def read(self, texts: Sequence[str], body: bytes) -> Batch[K] | None:
        r"""Read records (`body` is their texts joined by `\n`) and add them to their logs; None where it gives up."""
        kernel, count = self._kernel, len(texts)
        if not 0 < count <= kernel.room or self._known.read(body) != count or not self._learned(texts, body):
            return None
        self._known.tally(count)
        ids = kernel.ids[:count]
        stating = [at for at, kind in enumerate(ids) if kind in self._stating] if self._stating else []
        numbers, times, last = kernel.numbers[:count], kernel.times[:count], self._kinds[ids[-1]]
        batch = Batch(numbers, times, last, self._asked(ids), stating, self._kinds, ids)
        self._extend(batch, ids)
        return batch

    def counted(self) -> Iterator[tuple[K, int, Instant, Instant]]:
        """Take what was counted: each kind, how many, and the first and the last time."""
        known = self._known
        for number, kind in enumerate(self._kinds):
            if records := known.counts[number]:
                yield kind, records, known.lows[number], known.highs[number]
                known.counts[number] = 0

    @property
    def full(self) -> bool:
        """Tell whether there is no room for a further kind; then take the counts, and `forget`."""
        return self._known.full

    def forget(self) -> None:
        """Forget all kinds."""
        self._known.forget()
        self._kinds, self._formless = [], {}
        self._stating.clear()

    def _learned(self, texts: Sequence[str], body: bytes) -> bool:
        """Decode what the loops did not know, one of each kind, and look again; False where that does not do."""
        kernel = self._kernel
        again = True
        while again:
            again, learned = False, set()
            for place in range(kernel.out[0]):
                at, alike = kernel.odd[place], kernel.parts[4 * place + 3]
                if alike in learned:
                    again = True
                    continue
                kind = self._kind(texts[at], place, at)
                if kind is None:
                    return False
                kernel.ids[at] = kind
                learned |= {alike} - {0}
            if again:
                self._known.read(body)
        return True

    def _kind(self, text: str, place: int, at: int) -> int | None:
        """Decode a record and give the number of its kind."""
        kernel = self._kernel
        found = self._heads.read(text)
        if found is None:
            return None
        kind, number, time = found
        shared = self._known.texts(text, place)
        if shared is not None and (number, time) != (kernel.numbers[at], kernel.times[at]):
            shared = None
        kernel.numbers[at], kernel.times[at] = number, time
        if shared is not None:
            return self._number(kind, shared, place)
        if kind not in self._formless:
            learned = self._number(kind, None, place)
            if learned is None:
                return None
            self._formless[kind] = learned
        return self._formless[kind]

    def _number(self, kind: K, shared: tuple[bytes, bytes] | None, place: int) -> int | None:
        log = self._logs.setdefault(id(kind.strand.log), len(self._logs))
        learned = self._known.learn(shared, place, log=log, asked=kind.asked)
        if learned is not None:
            self._kinds.append(kind)
            if kind.states:
                self._stating.add(learned)
        return learned

    def _asked(self, ids: array[int]) -> list[int]:
        kernel = self._kernel
        found = kernel.asked[: kernel.out[1]].tolist()
        # What was learned just now is not among them.
        return found + [at for at in kernel.odd[: kernel.out[0]] if self._kinds[ids[at]].asked]

    def _extend(self, batch: Batch[K], ids: array[int]) -> None:
        """Add numbers and times to the logs, in the file's order."""
        logs = {id(log): log for log in (self._kinds[number].strand.log for number in set(ids))}
        if len(logs) == 1:
            for log in logs.values():
                log.numbers.extend(batch.numbers)
                log.times.extend(batch.times)
            return
        for number, own, time in zip(ids, batch.numbers, batch.times, strict=True):
            log = self._kinds[number].strand.log
            log.numbers.append(own)
            log.times.append(time)
