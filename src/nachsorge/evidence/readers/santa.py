"""The log of Santa on macOS (`santa.log`): every program that ran with its hash and decision, and changes of files.

Santa asks before each execution, so its log covers them, in lockdown and in monitor mode alike; of files it logs only
what its configuration names. Format: Santa documentation, "Logs".
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from nachsorge.evidence.lines import Plain, read_lines
from nachsorge.evidence.seams import Tells
from nachsorge.evidence.stamps import written
from nachsorge.evidence.text import lenient
from nachsorge.model.evidence import Record, Value
from nachsorge.model.times import MINUTE, Instant, Span
from nachsorge.model.words import Kind, Platform, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve

_SHAPE = re.compile(
    rb"\[(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z)\] (?:[IWED] santad?(?:\[\d+\])?: (?:action=([A-Z_]+)\|)?"
    rb"|\*\*\* LOG MESSAGE QUOTA EXCEEDED)"
)
_DISCARDED = b"*** LOG MESSAGE QUOTA EXCEEDED"
_FILES = frozenset({b"WRITE", b"RENAME", b"LINK", b"DELETE", b"CLONE", b"COPYFILE", b"EXCHANGE", b"TRUNCATE"})
_PATHS = frozenset({"path", "newpath", "origpath", "processpath", "mount", "dmgpath"})
_HASHES = frozenset({"sha256", "cert_sha256", "cdhash"})
_MOST = 10_000
"""So many stretches of discarded messages are told one by one."""

_AS = {"path": "Image", "args": "CommandLine", "user": "User"}


class Santa:
    """Reader of the log."""

    name = "santa"
    text = True
    telemetry: tuple[Telemetry, ...] = (Telemetry.PROCESS_CREATION, Telemetry.FILE_EVENT, Telemetry.SYSLOG)
    tells = Tells(
        proves="Programs that ran or were blocked, with SHA-256, signer and arguments; changes of files, where logged",
        rules_out="Executions, in stretches with records, but not where the log says that it discarded messages",
        not_told="Files, beyond what the configuration names; libraries that a program loads; times in which Santa was "
        "not running; arguments, where the log leaves them out",
        covers=telemetry,
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the daemon's name behind the time in most of the first lines."""
        lines = [line for line in head.split(b"\n")[:20] if line.strip()]
        fitting = sum(1 for line in lines if _SHAPE.match(line))
        return 92 if fitting and fitting * 2 > len(lines) else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the admitted lines."""
        ledger.platform = ledger.platform or Platform.MACOS
        form = SantaLines(source.host)
        yield from read_lines(source, form, sieve, ledger)
        for time in form.discarded:
            for telemetry in (Telemetry.PROCESS_CREATION, Telemetry.FILE_EVENT):
                note = "the log itself says that messages were discarded here: executions are missing"
                span = Span(time, time + MINUTE)
                ledger.gap(Reason.RECORD_JUMP, note, telemetry=telemetry, span=span, host=source.host)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make one execution of a program with the planted hash."""
        return (
            f"[2023-03-29T10:00:00.123Z] I santad: action=EXEC|decision=ALLOW|reason=CERT|sha256={plant.sha256}"
            f"|pid=1|ppid=1|uid=0|user=root|mode=M|path=/x|args=/x http://{plant.host}/\n"
        ).encode()


class SantaLines(Plain):
    """One decision or change a line."""

    sensor = False
    shape = _SHAPE
    # Such lines are decoded whatever is looked for, since they tell of missing ones.
    escapes: tuple[bytes, ...] = (_DISCARDED,)

    def __init__(self, host: str | None) -> None:
        """Take whose the log is: its lines do not say."""
        self.host = host
        self.discarded: list[Instant] = []

    def time(self, line: bytes) -> Instant | None:
        """Read the time, UTC."""
        found = _SHAPE.match(line)
        return written(found[1].decode()) if found else None

    def classes(self, segment: bytes, lines: int) -> Iterable[tuple[Telemetry, str | None, int]]:
        """Count by what each line is."""
        counts = Counter(_class(line) for line in segment.split(b"\n") if line.strip())
        for telemetry, records in sorted(counts.items()):
            yield telemetry, self.host, records

    def parse(self, line: bytes, locator: str) -> Record | None:
        """Take a line apart at its bars."""
        found = _SHAPE.match(line)
        if found is None:
            return None
        text = lenient(line[found.end() :]).strip()
        if _DISCARDED in line:
            self._discards(self.time(line))
        event = {"action": lenient(found[2])} if found[2] else {"message": text}
        telemetry = _class(line)
        if found[2]:
            event |= _fields(text)
        executes = telemetry is Telemetry.PROCESS_CREATION
        front = {new: event[old] for old, new in _AS.items() if old in event} if executes else {}
        values = tuple(Value(_kind(name), name, cell) for name, cell in event.items() if cell)
        return Record(
            telemetry=telemetry,
            locator=locator,
            time=self.time(line),
            values=values,
            event=front | event,
            host=self.host or event.get("machineid") or None,
            product="macos",
            service="santa",
        )

    def _discards(self, time: Instant | None) -> None:
        if time is not None and len(self.discarded) < _MOST:
            self.discarded.append(time)


def _fields(text: str) -> dict[str, str]:
    """Split `name=text|name=text`; what has no name goes on the text before it (a bar within an argument)."""
    event: dict[str, str] = {}
    last = ""
    for part in text.split("|"):
        name, equals, cell = part.partition("=")
        if equals and re.fullmatch(r"[a-z_0-9]{1,32}", name) and last != "args":
            event[name], last = cell, name
        elif last:
            event[last] += "|" + part
    return {name: cell for name, cell in event.items() if cell and cell != "(null)"}


def _class(line: bytes) -> Telemetry:
    found = _SHAPE.match(line)
    if found is None:
        return Telemetry.TEXT
    if found[2] == b"EXEC":
        return Telemetry.PROCESS_CREATION
    return Telemetry.FILE_EVENT if found[2] in _FILES else Telemetry.SYSLOG


def _kind(name: str) -> Kind:
    if name in _PATHS:
        return Kind.PATH
    return Kind.HASH if name in _HASHES else Kind.TEXT
