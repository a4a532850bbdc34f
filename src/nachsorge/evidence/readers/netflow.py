"""Flow exports as tables: nfdump's CSV, SiLK's rwcut, and AWS VPC flow logs with or without their header.

Formats: nfdump(1), option `-o csv`, of 1.6 and 1.7; rwcut(1); Amazon VPC user guide, "Flow log records".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nachsorge.evidence.lines import LONGEST_LINE
from nachsorge.evidence.network.flow_rows import Rows
from nachsorge.evidence.seams import Tells
from nachsorge.evidence.stamps import written
from nachsorge.evidence.text import lenient
from nachsorge.model.times import Span
from nachsorge.model.words import Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve
    from nachsorge.model.evidence import Record
    from nachsorge.model.times import Instant

_CLIENTS = ("srcaddr", "sa", "sip", "srcip", "pktsrcaddr")
_SERVERS = ("dstaddr", "da", "dip", "dstip", "pktdstaddr")
_STARTS = ("start", "ts", "firstseen", "first", "stime")
_ENDS = ("end", "te", "lastseen", "last", "etime")
AWS = [
    *("version", "account-id", "interface-id", "srcaddr", "dstaddr", "srcport", "dstport"),
    *("protocol", "packets", "bytes", "start", "end", "action", "log-status"),
]
"""The default columns of version 2."""

_AWS_LINE = re.compile(
    rb"(?:\S+Z )?\d \S+ \S+ (?:[0-9A-Fa-f.:]+|-) (?:[0-9A-Fa-f.:]+|-) (?:\d+|-) (?:\d+|-) (?:\d+|-) (?:\d+|-) (?:\d+|-)"
    rb" \d{9,11} \d{9,11} (?:ACCEPT|REJECT|-) (?:OK|NODATA|SKIPDATA)\s*\Z"
)
_SUMMARY = re.compile(rb"Summary|flows,bytes|No matching flows", re.IGNORECASE)
_MOST_PREFACE = 20


@dataclass(frozen=True, slots=True)
class _Table:
    names: tuple[str, ...]
    delimiter: str | None
    client: int
    server: int
    start: int
    end: int
    status: int


class Netflow:
    """Reader of tables of flows."""

    name = "netflow"
    text = True
    telemetry = (Telemetry.NETWORK_CONNECTION,)
    tells = Tells(
        proves="that one address spoke with another, when, on which ports, and how many bytes",
        rules_out="connections of the addresses that appear in it, in stretches with flows, or with AWS's `NODATA`",
        not_told="names, URLs and contents, which program it was, flows that an exporter left out because it samples "
        "(the file does not say so), what AWS skipped (`SKIPDATA`, a gap)",
        covers=telemetry,
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise a header with both ends and a beginning, or a line of an AWS log in its default columns."""
        return 80 if _table_in(head.splitlines()[:_MOST_PREFACE]) is not None else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the admitted flows; what nfdump sums up at the end is no flow."""
        rows, table, number, before = Rows(source, sieve, ledger), None, 0, 0
        with source.open() as stream:
            while line := stream.readline(LONGEST_LINE):
                number += 1
                raw, locator = line.strip(b"\r\n\xef\xbb\xbf"), f"line {number}"
                if not raw.strip():
                    continue
                if (found := _table(raw)) is not None:
                    table = found
                    if not _AWS_LINE.match(raw):
                        continue
                if _SUMMARY.match(raw):
                    _pass_over(stream.read(LONGEST_LINE), ledger)
                    break
                if table is not None:
                    yield from _row(table, raw, locator, rows)
                elif number > _MOST_PREFACE:
                    yield from rows.broken(raw, locator)
                else:
                    before += 1
        if before:
            ledger.notes.append(f"{before} lines stand before the names of the columns and are no flows")
        rows.close()

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Write this file's own header, and one flow to the planted address."""
        line = next((line for line in head.splitlines() if _table(line) is not None), " ".join(AWS).encode())
        table = _table(line)
        if table is None:
            return None
        mark = table.delimiter or " "
        cells = ["1"] * len(table.names)
        cells[table.client], cells[table.server] = "192.0.2.1", plant.address
        if table.start >= 0:
            cells[table.start] = "2023/03/29T10:11:12.000" if mark == "|" else "2023-03-29T10:11:12Z"
        if table.status >= 0:
            cells[table.status] = "OK"
        header = "" if _AWS_LINE.match(line) else mark.join(table.names) + "\n"
        if not header:
            cells[-4:] = "1680084672", "1680084673", "ACCEPT", "OK"
            cells[: len(cells) - 14] = ["2023-03-29T10:11:12.000Z"] * (len(cells) - 14)
        return (header + mark.join(cells) + "\n").encode()


def _table_in(lines: list[bytes]) -> _Table | None:
    return next((table for line in lines if (table := _table(line)) is not None), None)


def _table(line: bytes) -> _Table | None:
    """Read a header; None where the line is none. A line of AWS in default columns stands for its header."""
    line = line.strip(b"\r\n\xef\xbb\xbf ")
    if _AWS_LINE.match(line):
        return _shaped(tuple(["timestamp"] * (line.count(b" ") - 13) + AWS), None)
    if not (line[:1].isalpha() and (b"addr" in line.lower() or b"sa,da" in line or b"IP" in line)):
        return None
    text = lenient(line)
    delimiter = next((mark for mark in ",|\t" if mark in text), None)
    names = [name.strip() for name in text.split(delimiter)]
    while names and not names[-1]:
        names.pop()
    return _shaped(tuple(names), delimiter)


def _shaped(names: tuple[str, ...], delimiter: str | None) -> _Table | None:
    plain = [re.sub(r"[\W_]", "", name.lower()) for name in names]

    def first(wanted: tuple[str, ...]) -> int:
        return next((plain.index(name) for name in wanted if name in plain), -1)

    table = _Table(
        names, delimiter, first(_CLIENTS), first(_SERVERS), first(_STARTS), first(_ENDS), first(("logstatus",))
    )
    # AWS lets people choose the columns; a log without times is still one of flows.
    whole = min(table.client, table.server, max(table.start, table.status)) >= 0
    return table if whole and len(set(names)) == len(names) else None


def _row(table: _Table, raw: bytes, locator: str, rows: Rows) -> Iterator[Record]:
    cells = [cell.strip().strip('"') for cell in lenient(raw).split(table.delimiter)]
    while len(cells) > len(table.names) and not cells[-1]:
        cells.pop()
    if len(cells) != len(table.names):
        yield from rows.broken(raw, locator)
        return
    start, end = (_time(cells[index]) if index >= 0 else None for index in (table.start, table.end))
    if table.status >= 0 and cells[table.status] in ("NODATA", "SKIPDATA"):
        _without_data(cells[table.status], start, end, rows)
        return
    event = {name: cell for name, cell in zip(table.names, cells, strict=True) if cell not in ("", "-")}
    yield from rows.add(event, (cells[table.client], cells[table.server]), (start, end), locator, raw)


def _time(text: str) -> Instant | None:
    # rwcut writes 2023/03/29T10:11:12.345; nfdump 1.6 a blank instead of the T.
    return written(re.sub(r"\A(\d{4})/(\d\d)/(\d\d)", r"\1-\2-\3", text))


def _without_data(status: str, start: Instant | None, end: Instant | None, rows: Rows) -> None:
    """Read a line without a flow: an interval without traffic was watched, one that was skipped was not."""
    span = Span(start, end) if start is not None and end is not None and start <= end else None
    if status == "NODATA" and span is not None:
        rows.ledger.saw(Telemetry.NETWORK_CONNECTION, span.start, span.end)
        return
    note = "AWS skipped records of this interval (SKIPDATA)" if status == "SKIPDATA" else "an interval without time"
    rows.ledger.gap(Reason.RECORD_JUMP, note, telemetry=Telemetry.NETWORK_CONNECTION, span=span)


def _pass_over(rest: bytes, ledger: Ledger) -> None:
    """Say what of the summary at the end was passed over."""
    lines = [line for line in rest.splitlines() if line.strip()]
    ledger.notes.append(f"nfdump's summary at the end was passed over ({len(lines)} lines)")
    if len(rest) >= LONGEST_LINE or len(lines) > _MOST_PREFACE:
        ledger.gap(Reason.CORRUPT, "behind nfdump's summary there are further lines; they were not read")
