"""Logs of containers as Kubernetes nodes keep them (CRI): time, stream, `F` or `P`, then what the program wrote.

Long lines are cut in parts (`P`) that are joined again here. Format: Kubernetes
design proposals, "Redirect Container Stdout/Stderr".
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.line_stream import numbered_lines
from nachsorge.evidence.seams import Sieve, Tells
from nachsorge.evidence.stamps import written
from nachsorge.evidence.text import lenient, text_record
from nachsorge.model.evidence import Record, Value
from nachsorge.model.times import Instant
from nachsorge.model.words import Kind, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.seams import Opened, Plant

_SHAPE = re.compile(
    rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)) (stdout|stderr) ([FP](?::[^ ]{0,64})?) "
)
_LARGEST = 4 * 1024 * 1024
"""A line in more parts than this goes on as another one; a part has at most 16 KiB."""


class CriLog:
    """Reader of such logs."""

    name = "cri_log"
    text = True
    telemetry: tuple[Telemetry, ...] = (Telemetry.SYSLOG,)
    tells = Tells(
        proves="What the container's program wrote, and when",
        rules_out="A message that the container's program writes down, in stretches with lines",
        not_told="The formats of the programs inside: their lines are searched as text; what rotation has deleted",
        covers=telemetry,
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the stream behind the time in most of the first lines."""
        lines = [line for line in head.split(b"\n")[:20] if line.strip()]
        fitting = sum(1 for line in lines if _SHAPE.match(line))
        return 90 if fitting and fitting * 2 > len(lines) else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the admitted lines."""
        log = _Log(ledger, sieve, source.host)
        with source.open() as stream:
            for number, line in numbered_lines(stream, ledger):
                if line.strip():
                    yield from log.take(line, number)
        for name in sorted(log.open):
            yield from log.close(name)
        if log.timeless:
            note = f"{log.timeless} records carry no usable time; they were searched, but cover nothing"
            ledger.gap(Reason.NO_TIME, note)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make one line with the planted host, in two parts."""
        host = plant.host.encode()
        half = len(host) // 2
        stamp = b"2023-03-29T10:00:00.123456789Z stdout "
        return stamp + b"P control " + host[:half] + b"\n" + stamp + b"F " + host[half:] + b" x\n"


@dataclass(slots=True)
class _Message:
    """One line of a program as far as its parts have come."""

    line: int
    time: Instant | None
    parts: list[bytes] = field(default_factory=list)
    size: int = 0

    def record(self, stream: bytes, host: str | None) -> Record:
        text = lenient(b"".join(self.parts))
        return Record(
            telemetry=Telemetry.SYSLOG,
            locator=f"line {self.line}",
            time=self.time,
            values=(Value(Kind.TEXT, "message", text),),
            event={"stream": lenient(stream), "message": text},
            host=host,
            service="container",
        )


@dataclass(slots=True)
class _Log:
    """The unfinished messages of both streams."""

    ledger: Ledger
    sieve: Sieve
    host: str | None
    open: dict[bytes, _Message] = field(default_factory=dict)
    timeless: int = 0

    def take(self, line: bytes, number: int) -> Iterator[Record]:
        """Add a line, and give what is thereby whole."""
        found = _SHAPE.match(line)
        if found is None:
            self.ledger.count(Telemetry.TEXT, 1, self.host)
            self.ledger.spoil(f"line {number}")
            yield text_record(line, f"line {number}")
            return
        stream = found[2]
        message = self.open.setdefault(stream, _Message(number, written(found[1].decode())))
        message.parts.append(line[found.end() :])
        message.size += len(line)
        if found[3].startswith(b"F") or message.size >= _LARGEST:
            yield from self.close(stream)

    def close(self, stream: bytes) -> Iterator[Record]:
        """Account for the message of a stream, and give it if it may matter."""
        message = self.open.pop(stream)
        self.ledger.count(Telemetry.SYSLOG, 1, self.host)
        if message.time is None:
            self.timeless += 1
        else:
            self.ledger.saw(Telemetry.SYSLOG, message.time, message.time, self.host)
        if self.sieve.everything or self.sieve.admits(b"".join(message.parts)):
            yield message.record(stream, self.host)
