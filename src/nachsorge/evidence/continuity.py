"""What the running numbers of an event log prove.

Every record of a log has a number one higher than the one before. While the numbers run on, nothing is missing, however
long the log was silent; where they jump, records were there that nobody looked at. So per host and channel the (number,
time) pairs are kept (16 bytes a record) and judged at the end, in the order of the numbers: a file's own order differs.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nachsorge.evidence.breaks import CLEARED, Break, bounded, judged
from nachsorge.evidence.numbered import TIMELESS, NumberedLog
from nachsorge.evidence.windows.sources import possible, promised
from nachsorge.model.times import EARLIEST_PLAUSIBLE, Instant, Span, intersect, union
from nachsorge.model.words import Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.windows.event import Head


@dataclass(slots=True, eq=False)
class Strand:
    """Where the events of one kind and host belong; what they share is worked out once (`Continuity.strand`)."""

    host: str
    covers: Telemetry
    log: NumberedLog

    def extend(self, numbers: Iterable[int], times: Sequence[Instant]) -> None:
        """Add events, all of them this strand's."""
        self.log.numbers.extend(numbers)
        self.log.times.extend(times)
        self.widen(times)

    def widen(self, times: Sequence[Instant]) -> None:
        """Add times of events that the log has already."""
        self.log.widen(self.host, self.covers, min(times))
        self.log.widen(self.host, self.covers, max(times))


class Continuity:
    """Collects heads of events, and at the end tells the ledger what they prove.

    With `jumps` a jump in the numbers is a gap. Without it (events that a forwarder has chosen) a jump says nothing,
    but numbers that run on still bridge a silence. `one_log` is set by a reader that knows all records of a channel to
    come from one log, so that a machine's change of name does not look like a jump.
    """

    def __init__(self, ledger: Ledger, *, jumps: bool = True) -> None:
        """Begin with nothing known."""
        self.ledger = ledger
        self.jumps = jumps
        self.one_log = False
        self.timeless = 0
        self.early = 0
        self._logs: dict[tuple[str, str], NumberedLog] = defaultdict(NumberedLog)
        self._elsewhere: list[tuple[str, str, Instant, str]] = []
        self._strands: dict[tuple[str, str, Telemetry], Strand] = {}

    def note(self, head: Head, host: str | None = None) -> None:
        """Take one event, in whatever order; `host` stands in where the event names none."""
        time, name = head.time, head.computer or host or ""
        if time is None:
            self.timeless += head.stamp is None
            self.early += head.stamp is not None
        if head.number is None or head.number > 2**62:
            self._unnumbered(head, name, time)
            return
        log = self._logs[name, head.channel]
        log.numbers.append(head.number)
        log.times.append(TIMELESS if time is None else time)
        if time is not None:
            log.widen(name, head.source.covers, time)
        cleared = head.clears
        if cleared and cleared.lower() == head.channel.lower():
            log.clearings.add(head.number)
        elif cleared and time is not None:
            self._elsewhere.append((name, cleared, time, head.channel))

    def strand(self, head: Head, host: str | None = None) -> Strand | None:
        """Give where events like this one belong; None where each says more: one that a log was cleared."""
        name, covers = head.computer or host or "", head.source.covers
        if head.clears:
            return None
        found = self._strands.get((name, head.channel, covers))
        if found is None:
            found = Strand(name, covers, self._logs[name, head.channel])
            self._strands[name, head.channel, covers] = found
        return found

    def take(self, strands: Sequence[Strand], numbers: Sequence[int], times: Sequence[Instant]) -> None:
        """Take many events at once, in the file's order; all have a plausible time and a number up to 2^62."""
        if len(set(strands)) == 1:
            strands[0].extend(numbers, times)
            return
        by_strand: dict[Strand, list[Instant]] = defaultdict(list)
        for strand, number, time in zip(strands, numbers, times, strict=True):
            strand.log.numbers.append(number)
            strand.log.times.append(time)
            by_strand[strand].append(time)
        for strand, own in by_strand.items():
            strand.widen(own)

    def settle(self) -> None:
        """Report to the ledger: stretches, jumps, clearings, clocks."""
        for channel, log in self._grouped():
            stretches, breaks = judged(log)
            self._report_seen(channel, log, stretches)
            self._report_breaks(channel, log, breaks)
        for host, channel, time, told_by in self._elsewhere:
            self._cleared(host, channel, Span(EARLIEST_PLAUSIBLE, time), f"; so says {told_by}")
        if self.timeless:
            note = f"{self.timeless} records carry no usable time; they were searched, but cover nothing"
            self.ledger.gap(Reason.NO_TIME, note)
        if self.early:
            self.ledger.gap(Reason.CLOCK, f"{self.early} records are stamped before 1990: the clock was not set")

    def _grouped(self) -> Iterator[tuple[str, NumberedLog]]:
        if not self.one_log:
            yield from ((channel, log) for (_, channel), log in sorted(self._logs.items(), key=lambda item: item[0]))
            return
        merged: dict[str, NumberedLog] = defaultdict(NumberedLog)
        for (_, channel), log in sorted(self._logs.items(), key=lambda item: item[0]):
            merged[channel].take_over(log)
        yield from sorted(merged.items(), key=lambda item: item[0])

    def _unnumbered(self, head: Head, host: str, time: Instant | None) -> None:
        if time is None:
            return
        for covered in sorted({head.source.covers, *(promised(head.channel) if self.jumps else ())}):
            self.ledger.saw(covered, time, time, host or None)
        if head.clears:
            self._cleared(host, head.clears, Span(EARLIEST_PLAUSIBLE, time))

    def _report_seen(self, channel: str, log: NumberedLog, stretches: list[Span]) -> None:
        whole = union(stretches)
        # Of events that a forwarder chose, only a run without any jump is known to be the whole log.
        entire = set(promised(channel)) if self.jumps or len(stretches) == 1 else {Telemetry.WINDOWS_EVENT}
        for host, extent in sorted(log.hosts().items()):
            for telemetry in sorted(log.held(host) | entire):
                between = extent if telemetry in entire else log.extent[host, telemetry]
                for span in intersect(whole, (between,)):
                    self.ledger.saw(telemetry, span.start, span.end, host or None)

    def _report_breaks(self, channel: str, log: NumberedLog, breaks: list[Break]) -> None:
        for found in bounded([b for b in breaks if self.jumps or b.reason is not Reason.RECORD_JUMP]):
            for host, extent in sorted(log.hosts().items()):
                if not extent.overlaps(found.span):
                    continue
                if found.reason is Reason.LOG_CLEARED:
                    self._cleared(host, channel, found.span)
                    continue
                for telemetry in sorted(log.held(host) | set(promised(channel))):
                    note = f"{channel}: {found.note}"
                    self.ledger.gap(found.reason, note, telemetry=telemetry, span=found.span, host=host or None)

    def _cleared(self, host: str, channel: str, span: Span, more: str = "") -> None:
        for telemetry in possible(channel):
            note = f"{channel}: {CLEARED}{more}"
            self.ledger.gap(Reason.LOG_CLEARED, note, telemetry=telemetry, span=span, host=host or None)
