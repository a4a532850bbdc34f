"""The engine under every format that is one record a line.

It reads blocks of whole lines, asks the sieve which lines to decode, and keeps the account for all the others:

- Lines are counted, and lines that have not the format's shape are counted as unreadable, in both modes alike.
- Every 64 KiB a line's time is read (a sample). Between two samples no more than an hour apart and in order, the
  stretch counts as recorded; otherwise every line's time in between is read. So a claim of coverage is never wider
  than the evidence, and it is the same with and without the sieve, because no hit takes part in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Protocol

from nachsorge.evidence.clients import clients
from nachsorge.evidence.engine import contains, finder
from nachsorge.evidence.ledger import FINE, Ledger
from nachsorge.evidence.presence import Scan, scanner
from nachsorge.evidence.text import text_record
from nachsorge.model.words import Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nachsorge.evidence.seams import Opened, Sieve
    from nachsorge.model.evidence import Record
    from nachsorge.model.times import Instant

BLOCK = 4 * 1024 * 1024
SEGMENT = 64 * 1024
LONGEST_LINE = 16 * 1024 * 1024
"""A longer line is no log line; it is passed over and named as a gap."""


class LineFormat(Protocol):
    r"""One dialect of one file. A fresh one is made for each file, so it may keep what the header said.

    `directive` starts lines that describe the format (`#`); empty where there are none. `escapes` are byte runs that
    can hide plain ASCII (`\u00`): lines that hold one are always decoded, so that the sieve stays exact.
    `sensor` says that it records other machines' traffic, so that presence of addresses matters. `expects_time` says
    that a record ought to have a time, so that one without is worth a word.
    """

    directive: bytes
    escapes: tuple[bytes, ...]
    sensor: bool
    expects_time: bool

    def direct(self, line: bytes) -> None:
        """Take a directive line."""

    def malformed(self, block: bytes) -> Iterable[int]:
        """Give the offsets of the first bytes of non-empty lines that have not the shape of a record."""

    def time(self, line: bytes) -> Instant | None:
        """Read a line's time, microseconds UTC; None where it has none that can be used."""

    def classes(self, segment: bytes, lines: int) -> Iterable[tuple[Telemetry, str | None, int]]:
        """Count the records of some whole lines by (telemetry, host the record names).

        The counts add up to `lines`, the number of non-empty lines, malformed ones among them.
        """

    def parse(self, line: bytes, locator: str) -> Record | None:
        """Decode one line; None where it is no record after all (it is then searched as text)."""


class Plain:
    """What most line formats share: one telemetry for every line, one shape, no directives, no escapes.

    `runs`, if given, matches whole lines one after the other, with their ends, and only such as `shape` matches too;
    what it passes over need not be looked at line by line. It must not backtrack from one line into another.
    """

    directive = b""
    escapes: tuple[bytes, ...] = ()
    sensor = True
    expects_time = True
    telemetry = Telemetry.TEXT
    shape: re.Pattern[bytes] = re.compile(rb"")
    runs: re.Pattern[bytes] = re.compile(rb"")

    def direct(self, line: bytes) -> None:
        """Ignore it: there are no directives."""

    def malformed(self, block: bytes) -> Iterable[int]:
        """Give the starts of lines that `shape` does not match at their first byte."""
        at = 0
        while at < len(block):
            run = self.runs.match(block, at)
            at = run.end() if run else at
            end = block.find(b"\n", at)
            line = block[at : len(block) if end < 0 else end]
            if line.strip() and not self.shape.match(line):
                yield at
            at += len(line) + 1

    def classes(self, segment: bytes, lines: int) -> Iterable[tuple[Telemetry, str | None, int]]:
        """Count every non-empty line for the one telemetry."""
        if lines:
            yield self.telemetry, None, lines


def count_lines(segment: bytes, newlines: int | None = None) -> int:
    """Count lines that are not empty; `newlines` saves counting those again."""
    if segment.startswith((b"\n", b"\r")) or contains(rb"\n[\n\r]")(segment):
        return sum(1 for line in segment.split(b"\n") if line.strip())
    newlines = segment.count(b"\n") if newlines is None else newlines
    return newlines + (bool(segment) and not segment.endswith(b"\n"))


@dataclass(slots=True)
class _State:
    number: int = 1
    timeless: int = 0


def read_lines(source: Opened, form: LineFormat, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
    """Drive a line format over a source; yields the admitted records in file order."""
    state = _State()
    scan = scanner(source.addresses) if form.sensor else None
    for directive in source.header:
        form.direct(directive)
    with (source.lines or source.open)() as stream:
        for block, whole in blocks(stream, ledger, state):
            if not whole:
                state.number += 1
                continue
            for piece, directs in pieces(block, form.directive):
                if directs:
                    form.direct(piece.strip())
                    state.number += 1
                    continue
                newlines = account(piece, form, ledger, state, scan)
                yield from decode(piece, form, sieve, ledger, state)
                state.number += newlines + (not piece.endswith(b"\n"))
    if state.timeless and form.expects_time:
        ledger.gap(
            Reason.NO_TIME, f"{state.timeless} records carry no usable time; they were searched, but cover nothing"
        )


def blocks(stream: BinaryIO, ledger: Ledger, state: _State) -> Iterator[tuple[bytes, bool]]:
    """Cut a stream into blocks of whole lines; a line beyond the limit is skipped, named, and given as (b"", False)."""
    rest = b""
    skipping = False
    while chunk := stream.read(BLOCK):
        if skipping:
            _, newline, chunk = chunk.partition(b"\n")
            if not newline:
                continue
            skipping = False
            yield b"", False
        cut = chunk.rfind(b"\n") + 1
        if cut:
            # One copy, not two: they are large, and fresh memory costs more than what is done with it.
            yield b"".join((rest, memoryview(chunk)[:cut])), True
            rest = chunk[cut:]
        else:
            rest += chunk
        if len(rest) > LONGEST_LINE:
            note = f"a line at or after line {state.number} is longer than {LONGEST_LINE // 2**20} MiB and was not read"
            ledger.gap(Reason.LIMIT, note)
            ledger.records += 1
            ledger.spoil(f"line {state.number}")
            rest, skipping = b"", True
    if skipping:
        yield b"", False
    elif rest:
        yield rest, True


def pieces(block: bytes, directive: bytes) -> Iterator[tuple[bytes, bool]]:
    """Split a block at directive lines, in order: (bytes, is a directive)."""
    if not directive or not (block.startswith(directive) or finder((b"\n" + directive,))(block)):
        yield block, False
        return
    at = 0
    while at < len(block):
        if block.startswith(directive, at):
            end = block.find(b"\n", at) + 1 or len(block)
            yield block[at:end], True
        else:
            end = block.find(b"\n" + directive, at) + 1 or len(block)
            yield block[at:end], False
        at = end


def account(piece: bytes, form: LineFormat, ledger: Ledger, state: _State, scan: Scan | None) -> int:
    """Note what a run of lines covers, whether or not they will be decoded; gives how many ends of lines it has."""
    samples = list(_samples(piece, form))
    ends = 0
    for index, (start, end, time) in enumerate(samples):
        segment = piece[start:end]
        newlines = segment.count(b"\n")
        ends += newlines
        following = samples[index + 1][2] if index + 1 < len(samples) else last_time(segment, form)
        if time is None or following is None or not 0 <= following - time <= FINE:
            _account_exactly(segment, form, ledger, state, scan)
            continue
        present = clients(segment, form, scan(segment)) if scan is not None else ()
        for telemetry, host, records in form.classes(segment, count_lines(segment, newlines)):
            ledger.count(telemetry, records, host)
            ledger.saw(telemetry, time, following, host)
        for address, telemetry in present:
            ledger.present(address, telemetry, time, following)
    return ends


def _samples(piece: bytes, form: LineFormat) -> Iterator[tuple[int, int, Instant | None]]:
    start = 0
    while start < len(piece):
        end = len(piece) if start + SEGMENT >= len(piece) else piece.find(b"\n", start + SEGMENT) + 1 or len(piece)
        newline = piece.find(b"\n", start, end)
        yield start, end, form.time(piece[start : end if newline < 0 else newline])
        start = end


def last_time(segment: bytes, form: LineFormat) -> Instant | None:
    """Read the time of the last line of a segment."""
    stripped = segment.rstrip(b"\r\n")
    return form.time(stripped[stripped.rfind(b"\n") + 1 :])


def _account_exactly(segment: bytes, form: LineFormat, ledger: Ledger, state: _State, scan: Scan | None) -> None:
    for line in segment.split(b"\n"):
        if not line.strip():
            continue
        time = form.time(line)
        for telemetry, host, records in form.classes(line + b"\n", 1):
            ledger.count(telemetry, records, host)
            if time is None:
                state.timeless += records
                continue
            ledger.saw(telemetry, time, time, host)
        if scan is not None and time is not None:
            for address, telemetry in clients(line, form, scan(line)):
                ledger.present(address, telemetry, time, time)


def decode(piece: bytes, form: LineFormat, sieve: Sieve, ledger: Ledger, state: _State) -> Iterator[Record]:
    """Decode the lines that may matter; what has not the format's shape is counted and searched as text."""
    bad = set(form.malformed(piece))
    number, at = state.number, 0
    for start in _starts(piece, form, sieve, bad):
        number += piece.count(b"\n", at, start)
        at = start
        newline = piece.find(b"\n", start)
        line = piece[start : len(piece) if newline < 0 else newline].rstrip(b"\r")
        if not line.strip():
            continue
        locator = f"line {number}"
        if start in bad:
            ledger.spoil(locator)
        record = None if start in bad else form.parse(line, locator)
        yield record if record is not None else text_record(line, locator)


def _starts(piece: bytes, form: LineFormat, sieve: Sieve, bad: set[int]) -> list[int]:
    if sieve.everything:
        return _all_starts(piece)
    hits = set(bad)
    for end in sieve.ends(piece):
        hits.add(piece.rfind(b"\n", 0, end - 1 if end else 0) + 1)
    for at in finder(form.escapes)(piece):
        hits.add(piece.rfind(b"\n", 0, at) + 1)
    return sorted(hits)


def _all_starts(piece: bytes) -> list[int]:
    starts, at = [], 0
    while at < len(piece):
        starts.append(at)
        at = piece.find(b"\n", at) + 1 or len(piece)
    return starts
