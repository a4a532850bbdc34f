"""The log of the Linux audit system (`audit.log`), raw or enriched; the lines of one event are one record.

What is logged is decided by rules that do not stand in the log. So connections, files and logins are proofs only.
Executions cover the time in which they were logged, and only where so many different programs appear that the rule
cannot have named a few of them; not the time in which the daemon, or auditing itself, was off.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.line_stream import numbered_lines
from nachsorge.evidence.linux.audit_event import TELEMETRY, Event
from nachsorge.evidence.linux.audit_fields import CUT, HEAD, LONGEST, revealed, time_of
from nachsorge.evidence.seams import Tells
from nachsorge.evidence.stamps import plausible
from nachsorge.evidence.text import text_record
from nachsorge.model.times import Instant, Span
from nachsorge.model.words import Platform, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.seams import Opened, Plant, Sieve
    from nachsorge.model.evidence import Record

WIDE = 20
"""From so many different programs on, a rule logs executions in general and not those of a few watched files."""

_OPEN = 64
"""So many events may be unfinished at a time; their lines come mixed, but never far apart."""

_ASIDE = (b"----", b"time->")
"""Lines that `ausearch` puts between events."""


class Auditd:
    """Reader of the log."""

    name = "auditd"
    text = True
    telemetry: tuple[Telemetry, ...] = TELEMETRY
    tells = Tells(
        proves="Programs that were started, with their arguments; connections, logins, changes of files, as far as the "
        "host's audit rules ask for them",
        rules_out=f"Executions, in stretches with records, where at least {WIDE} different programs show that they are "
        "logged in general; nothing else",
        not_told="The rules themselves, so connections and files that no rule names; what happened while the daemon "
        "was off; the text of a report made with `ausearch -i`",
        covers=(Telemetry.PROCESS_CREATION,),
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise a first part in which most lines begin as audit records do."""
        lines = [line for line in head.split(b"\n")[:20] if line.strip() and not line.startswith(_ASIDE)]
        fitting = sum(1 for line in lines if HEAD.match(line))
        return 90 if fitting and fitting * 2 >= len(lines) else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield a record an event, in the order in which they end."""
        ledger.platform = ledger.platform or Platform.LINUX
        log = _Log(ledger, source.host)
        with source.open() as stream:
            for number, line in numbered_lines(stream, ledger):
                if not line.strip() or line.startswith(_ASIDE):
                    continue
                if (ended := log.take(line, number)) is not None:
                    yield from _records(ended, log, sieve)
                if log.strange:
                    log.strange = False
                    yield text_record(line, f"line {number}")
        for event in log.rest():
            yield from _records(event, log, sieve)
        log.settle()

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make one execution with the planted name among its arguments, hex-encoded as blanks make it."""
        encoded = f"http://{plant.host}/ {plant.path}".encode().hex().upper()
        stamp = b"msg=audit(1680000000.123:7):"
        node = found[0] + b" " if (found := head.split(b" type=", 1))[0].startswith(b"node=") else b""
        lines = (
            b"type=SYSCALL " + stamp + b' arch=c000003e syscall=59 success=yes pid=9 uid=0 exe="/usr/bin/curl"\n',
            b"type=EXECVE " + stamp + b' argc=2 a0="curl" a1=' + encoded.encode() + b"\n",
        )
        return b"".join(node + line for line in lines)


@dataclass(slots=True)
class _Log:
    """The state of one file: unfinished events, programs so far, and when the daemon stopped."""

    ledger: Ledger
    host: str | None
    strange: bool = False
    events: OrderedDict[tuple[bytes, bytes, bytes], Event] = field(default_factory=OrderedDict)
    programs: set[bytes] = field(default_factory=set)
    runs: Ledger = field(default_factory=Ledger)
    stopped: Instant | None = None
    timeless: int = 0

    def take(self, line: bytes, number: int) -> Event | None:
        """Add a line to its event, and give one that is thereby over. `strange` is set for a line of no event."""
        head = HEAD.match(line) if len(line) <= LONGEST else None
        if head is None:
            self.ledger.count(Telemetry.TEXT, 1, self.host)
            self.ledger.spoil(f"line {number}")
            self.strange = True
            return None
        key = (head["node"] or b"", head["serial"], head["seconds"])
        event = self.events.get(key)
        ended: Event | None = None
        if event is None or event.full:
            ended = self.events.pop(key, None)
            node = head["node"].decode("latin-1") if head["node"] else None
            event = self.events[key] = Event(time_of(head), node, number)
        if head["type"] == b"EOE":
            over = self.events.pop(key)
            return over if over.lines else ended
        event.add(line, head["type"])
        if ended is None and len(self.events) > _OPEN:
            ended = self.events.popitem(last=False)[1]
        return ended

    def rest(self) -> Iterator[Event]:
        """Give the events that nothing has ended, oldest first."""
        yield from self.events.values()
        self.events.clear()

    def note(self, event: Event, telemetry: Telemetry) -> None:
        """Account for one event."""
        host, time = event.host or self.host, plausible(event.time)
        self.ledger.count(telemetry, 1, host)
        if time is None:
            self.timeless += 1
            return
        self.ledger.first = time if self.ledger.first is None else min(self.ledger.first, time)
        self.ledger.last = time if self.ledger.last is None else max(self.ledger.last, time)
        if telemetry is Telemetry.PROCESS_CREATION:
            self.runs.saw(telemetry, time, time, host)
            if len(self.programs) < WIDE:
                self.programs.add(event.program())
        self._pauses(event, time, host)

    def _pauses(self, event: Event, time: Instant, host: str | None) -> None:
        switched = event.switched()
        if switched is False:
            self.stopped = time
        elif switched and self.stopped is not None:
            span = Span(min(self.stopped, time), max(self.stopped, time))
            note = "auditing was off: the log says when it stopped and when it began again"
            self.ledger.gap(Reason.SILENCE, note, telemetry=Telemetry.PROCESS_CREATION, span=span, host=host)
            self.stopped = None

    def settle(self) -> None:
        """Report what the executions cover, or why nothing."""
        if len(self.programs) >= WIDE:
            for seen in self.runs.seen():
                for span in seen.spans:
                    self.ledger.saw(seen.telemetry, span.start, span.end, seen.host)
        elif self.programs:
            self.ledger.notes.append(
                f"executions of {len(self.programs)} programs only: the audit rules may name those alone, "
                "so no time is covered"
            )
        if self.timeless:
            note = f"{self.timeless} records carry no usable time; they were searched, but cover nothing"
            self.ledger.gap(Reason.NO_TIME, note)


def _records(event: Event, log: _Log, sieve: Sieve) -> Iterator[Record]:
    if not event.lines:
        return
    telemetry = event.telemetry()
    log.note(event, telemetry)
    raw = event.raw
    if sieve.everything or sieve.admits(raw) or CUT.search(raw) or sieve.admits(revealed(raw)):
        yield event.record(telemetry, log.host)
