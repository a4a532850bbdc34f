"""The engine under every format that is one record a line.

It reads blocks of whole lines, asks the sieve which lines to decode, and keeps the account for all the others:

- Lines are counted, and lines that have not the format's shape are counted as unreadable, in both modes alike.
- The times of some lines are read (`samples`). Between two no more than an hour apart and in order, the stretch counts
  as recorded; where no more are to be had, every line's time in between is read. So a claim of coverage is never wider
  than the evidence, and it is the same with and without the sieve, because no hit takes part in it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from nachsorge.evidence.blocks import BLOCK, LONGEST_LINE, Block, Place, blocks, whole
from nachsorge.evidence.clients import clients
from nachsorge.evidence.engine import finder
from nachsorge.evidence.ledger import FINE, Ledger
from nachsorge.evidence.line_format import LineFormat
from nachsorge.evidence.presence import Scan, scanner
from nachsorge.evidence.samples import Samples, alone, classes, count_lines
from nachsorge.evidence.shapes import either
from nachsorge.evidence.survey import Survey, survey
from nachsorge.evidence.text import text_record
from nachsorge.model.times import Span
from nachsorge.model.words import Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nachsorge.evidence.asking import Askers
    from nachsorge.evidence.seams import Opened, Sieve
    from nachsorge.evidence.shapes import Shape, Steps
    from nachsorge.model.evidence import Record
    from nachsorge.model.times import Instant

__all__ = ["BLOCK", "LONGEST_LINE", "LineFormat", "Plain", "count_lines", "read_lines"]

_NEWLINE = 0x0A
_ANY = re.compile(rb"")


class Plain:
    """What most line formats share: one telemetry for every line, one shape, no directives, no escapes.

    `steps`, if given, is a part of what `shape` matches; lines that have them need not be looked at one by one.
    """

    directive = b""
    escapes: tuple[bytes, ...] = ()
    sensor = True
    expects_time = True
    timeless = False
    telemetry = Telemetry.TEXT
    shape: re.Pattern[bytes] = _ANY
    steps: Steps | None = None
    key = b""
    asks: bool = False

    def direct(self, line: bytes) -> None:
        """Ignore it: there are no directives."""

    def malformed(self, block: bytes) -> Iterable[int]:
        """Give the starts of lines that `shape` does not match at their first byte."""
        if self.shape is _ANY:
            return ()
        return (at for at, line in self.odd_lines(block) if not self.shape.match(line))

    def odd_lines(self, block: bytes) -> Iterator[tuple[int, bytes]]:
        """Give the lines, with their first byte's offset, that have not the steps; empty ones never."""
        at = 0
        while at < len(block):
            run = self.steps.lines.match(block, at) if self.steps else None
            at = run.end() if run else at
            end = block.find(b"\n", at)
            line = block[at : len(block) if end < 0 else end]
            if line.strip():
                yield at, line
            at += len(line) + 1

    def classes(self, segment: bytes, lines: int) -> Iterable[tuple[Telemetry, str | None, int]]:
        """Count every non-empty line for the one telemetry."""
        if lines:
            yield self.telemetry, None, lines

    def shape_of(self) -> Shape | None:
        """Give the steps."""
        return either(self.steps) if self.steps else None

    def every(self) -> Telemetry | None:
        """Give the one telemetry, unless a format counts otherwise."""
        return self.telemetry if type(self).classes is Plain.classes else None

    def sort(self, text: bytes) -> Telemetry:
        """Give the one telemetry."""
        return self.telemetry

    def askers(self, segment: bytes) -> Askers | None:
        """Say nothing."""
        return None


def read_lines(source: Opened, form: LineFormat, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
    """Drive a line format over a source; yields the admitted records in file order."""
    place = Place()
    scan = scanner(source.addresses) if form.sensor and source.addresses else None
    for directive in source.header:
        form.direct(directive)
    with (source.lines or source.open)() as stream:
        for block in blocks(stream, ledger, place):
            if block.lo == block.hi:
                place.number += 1
                continue
            for piece, directs, surveyed in _pieces(block, form):
                if directs:
                    form.direct(piece.text().strip())
                    place.number += 1
                    continue
                newlines = _account(piece, surveyed, form, ledger, place, scan)
                yield from _decode(piece, surveyed, form, sieve, ledger, place)
                place.number += newlines + (piece.data[piece.hi - 1] != _NEWLINE)
    if place.timeless and form.expects_time:
        ledger.gap(
            Reason.NO_TIME, f"{place.timeless} records carry no usable time; they were searched, but cover nothing"
        )


def _pieces(block: Block, form: LineFormat) -> Iterator[tuple[Block, bool, Survey | None]]:
    """Split a block at directive lines, in order: (lines, are a directive, what the kernel made of them)."""
    # Most directives stand at the head of a file.
    while form.directive and block.data.startswith(form.directive, block.lo, block.hi):
        end = block.data.find(b"\n", block.lo, block.hi) + 1 or block.hi
        yield whole(block.cut(block.lo, end)), True, None
        block = replace(block, lo=end)
    surveyed = survey(block, form)
    if surveyed is not None:
        yield block, False, surveyed
        return
    if block.lo == block.hi:
        return
    text, directive = block.text(), form.directive
    if not directive or not (text.startswith(directive) or finder((b"\n" + directive,))(text)):
        yield whole(text), False, None
        return
    at = 0
    while at < len(text):
        directs = text.startswith(directive, at)
        end = text.find(b"\n" if directs else b"\n" + directive, at) + 1 or len(text)
        yield whole(text[at:end]), directs, None
        at = end


def _account(
    piece: Block, surveyed: Survey | None, form: LineFormat, ledger: Ledger, place: Place, scan: Scan | None
) -> int:
    """Note what a run of lines covers, whether or not they will be decoded; gives how many ends of lines it has."""
    if form.timeless:
        return _count(piece.cut(piece.lo, piece.hi), form, ledger, place)
    samples = Samples(piece, form)
    # A machine's own log may note more than numbers while its lines are counted, so each is counted once.
    steady = samples.steady() if scan is None and form.sensor else None
    if steady is not None and (whole := alone(piece, samples.spans, surveyed, form)) is not None:
        _tear(place, steady[0], form, ledger)
        place.before = steady[1]
        ledger.count(whole.telemetry, whole.lines)
        ledger.saw(whole.telemetry, *steady)
        return whole.ends
    ends = 0
    for number, span in enumerate(samples.spans):
        time, following = samples.time(number), samples.time(number + 1)
        segment = piece.cut(*span)
        if time is None or following is None or not 0 <= following - time <= FINE:
            ends += surveyed.count(*span) if surveyed else segment.count(b"\n")
            _account_exactly(segment, form, ledger, place, scan)
            continue
        _tear(place, time, form, ledger)
        place.before = following
        found, newlines = classes(segment, span, surveyed, form)
        ends += newlines
        for telemetry, host, records in found:
            ledger.count(telemetry, records, host)
            ledger.saw(telemetry, time, following, host)
        for address, telemetry in clients(segment, form, scan) if scan is not None else ():
            ledger.present(address, telemetry, time, following)
    return ends


def _count(segment: bytes, form: LineFormat, ledger: Ledger, place: Place) -> int:
    """Count lines that cover nothing, since none of them can say when it was written; gives how many ends they have."""
    lines = sum(1 for line in segment.split(b"\n") if line.strip())
    for telemetry, host, records in form.classes(segment, lines):
        ledger.count(telemetry, records, host)
        place.timeless += records
    return segment.count(b"\n")


def _account_exactly(segment: bytes, form: LineFormat, ledger: Ledger, place: Place, scan: Scan | None) -> None:
    for line in segment.split(b"\n"):
        if not line.strip():
            continue
        time = form.time(line)
        place.damaged |= time is None and any(True for _ in form.malformed(line))
        if time is not None:
            _tear(place, time, form, ledger)
            place.before = time
        for telemetry, host, records in form.classes(line + b"\n", 1):
            ledger.count(telemetry, records, host)
            if time is None:
                place.timeless += records
                continue
            ledger.saw(telemetry, time, time, host)
        if scan is not None and time is not None:
            for address, telemetry in clients(line, form, scan):
                ledger.present(address, telemetry, time, time)


def _tear(place: Place, after: Instant, form: LineFormat, ledger: Ledger) -> None:
    """Name a silence in which a damaged line stands: what else was written there is lost, so nobody may bridge it."""
    if place.damaged and place.before is not None and after - place.before > FINE:
        note = "a damaged line stands in a silence of more than an hour"
        ledger.gap(Reason.CORRUPT, note, telemetry=form.every(), span=Span(place.before + 1, after - 1))
    place.damaged = False


def _decode(
    piece: Block, surveyed: Survey | None, form: LineFormat, sieve: Sieve, ledger: Ledger, place: Place
) -> Iterator[Record]:
    """Decode the lines that may matter; what has not the format's shape is counted and searched as text."""
    bad = surveyed.bad if surveyed else frozenset(form.malformed(piece.text()))
    number, at = place.number, piece.lo
    for start in _all_starts(piece) if sieve.everything else _starts(piece, form, sieve, bad):
        number += surveyed.count(at, start) if surveyed else piece.data.count(b"\n", at, start)
        at = start
        newline = piece.data.find(b"\n", start, piece.hi)
        line = piece.cut(start, piece.hi if newline < 0 else newline).rstrip(b"\r")
        if not line.strip():
            continue
        locator = f"line {number}"
        if start in bad:
            ledger.spoil(locator)
        record = None if start in bad else form.parse(line, locator)
        yield record if record is not None else text_record(line, locator)


def _starts(piece: Block, form: LineFormat, sieve: Sieve, bad: frozenset[int]) -> list[int]:
    view, data = piece.view(), piece.data
    # Most escapes begin with a backslash, and most blocks have none.
    escaped = data.find(b"\\", piece.lo, piece.hi) >= 0
    escapes = tuple(escape for escape in form.escapes if escaped or not escape.startswith(b"\\"))
    ends = [end - 1 if end else 0 for end in sieve.ends(view)]
    ends += finder(escapes)(view)
    starts = {data.rfind(b"\n", piece.lo, piece.lo + end) + 1 for end in ends}
    return sorted({max(start, piece.lo) for start in starts} | bad)


def _all_starts(piece: Block) -> Iterator[int]:
    at = piece.lo
    while at < piece.hi:
        yield at
        at = piece.data.find(b"\n", at, piece.hi) + 1 or piece.hi
