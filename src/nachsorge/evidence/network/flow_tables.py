"""One flow a line: the names of a table's columns, and the rows below them.

Amazon writes the flow logs of networks and of transit gateways without names into CloudWatch, where a time may stand
before each, and what the console exports from there is CSV: a line in the default columns stands for its header.

Sources: nfdump(1), option `-o csv`, of 1.6 and 1.7; rwcut(1); yafscii(1); Amazon VPC user guide, "Flow log records",
and transit gateway guide, "Flow log records".
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nachsorge.evidence.network.flow_names import Roles, roles
from nachsorge.evidence.stamps import written
from nachsorge.evidence.table_columns import columns_of
from nachsorge.evidence.text import lenient
from nachsorge.model.times import Span
from nachsorge.model.words import Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.network.flow_rows import Rows
    from nachsorge.model.evidence import Record
    from nachsorge.model.times import Instant

VPC = (
    *("version", "account-id", "interface-id", "srcaddr", "dstaddr", "srcport", "dstport"),
    *("protocol", "packets", "bytes", "start", "end", "action", "log-status"),
)
"""The default columns of a network's flow log, version 2."""

TRANSIT = (
    *("version", "resource-type", "account-id", "tgw-id", "tgw-attachment-id", "tgw-src-vpc-account-id"),
    *("tgw-dst-vpc-account-id", "tgw-src-vpc-id", "tgw-dst-vpc-id", "tgw-src-subnet-id", "tgw-dst-subnet-id"),
    *("tgw-src-eni", "tgw-dst-eni", "tgw-src-az-id", "tgw-dst-az-id", "tgw-pair-attachment-id", "srcaddr", "dstaddr"),
    *("srcport", "dstport", "protocol", "packets", "bytes", "start", "end", "log-status", "type"),
    *("packets-lost-no-route", "packets-lost-blackhole", "packets-lost-mtu-exceeded", "packets-lost-ttl-expired"),
    *("tcp-flags", "region", "flow-direction", "pkt-src-aws-service", "pkt-dst-aws-service"),
)
"""The default columns of a transit gateway's flow log."""

_BOTH_ENDS = rb"(?:[0-9A-Fa-f.:]+|-) (?:[0-9A-Fa-f.:]+|-) (?:\d+|-) (?:\d+|-) (?:\d+|-) (?:\d+|-) (?:\d+|-)"
_LINE = re.compile(
    rb'(?:"?\d{4}-\d\d-\d\d[ T][\d:.]+Z?"?[ ,])?"?'
    rb"(?:(?P<vpc>\d \S+ \S+ " + _BOTH_ENDS + rb" \d{9,11} \d{9,11} (?:ACCEPT|REJECT|-) (?:OK|NODATA|SKIPDATA))"
    rb"|(?P<transit>\d TransitGateway (?:\S+ ){14}" + _BOTH_ENDS + rb" \d{9,11} \d{9,11} (?:OK|NODATA|SKIPDATA)"
    rb'(?: \S+){10}))"?(?:,[^,\s]*)*\s*\Z'
)


@dataclass(frozen=True, slots=True)
class Table:
    """The names of a table's columns, what separates its cells (None: blanks), and which columns matter."""

    names: tuple[str, ...]
    delimiter: str | None
    roles: Roles


def of_amazon(line: bytes) -> tuple[str, bytes] | None:
    """Give kind (`vpc`, `transit`) and bytes of a flow of Amazon's that is a whole line in its default columns."""
    found = _LINE.match(line)
    return None if found is None else ("vpc" if found["vpc"] else "transit", found["vpc"] or found["transit"])


def table_of(line: bytes) -> Table | None:
    """Read a header; None where the line is none."""
    line = line.strip(b"\r\n\xef\xbb\xbf ")
    if (flow := of_amazon(line)) is not None:
        return amazons(flow[0])
    lowered = line.lower()
    if not (line[:1].isalpha() or line[:1] == b'"') or not any(word in lowered for word in (b"addr", b"sa,da", b"ip")):
        return None
    text = lenient(line)
    delimiter = next((mark for mark in ",|\t;" if mark in text), None)
    names = [name.strip() for name in split(text, delimiter)]
    while names and not names[-1]:
        names.pop()
    return _shaped(tuple(names), delimiter)


def amazons(kind: str) -> Table:
    """Give the table of lines in Amazon's default columns."""
    names = VPC if kind == "vpc" else TRANSIT
    return Table(names, None, roles(names))


def _shaped(names: tuple[str, ...], delimiter: str | None) -> Table | None:
    found = roles(names)
    # AWS lets people choose the columns; a log without times is still one of flows.
    status = found.status if delimiter is None else -1
    whole = min(found.client, found.server, max(found.start, status)) >= 0
    # A table of requests or of names asked for has both ends as well, and says more than a flow does.
    flows = whole and len(set(names)) == len(names) and columns_of(names).telemetry in _FLOWS
    return Table(names, delimiter, found) if flows else None


_FLOWS = (Telemetry.NETWORK_CONNECTION, Telemetry.TEXT)


def split(text: str, delimiter: str | None) -> list[str]:
    """Take a line apart, quotation marks heeded."""
    if '"' in text and delimiter is not None:
        return next(csv.reader([text], delimiter=delimiter, skipinitialspace=True), [])
    return text.split(delimiter)


def row(table: Table, raw: bytes, locator: str, rows: Rows) -> Iterator[Record]:
    """Account for one line below a header, and give its flow."""
    flow = of_amazon(raw) if table.names in (VPC, TRANSIT) else None
    table = amazons(flow[0]) if flow else table
    cells = [cell.strip() for cell in split(lenient(flow[1] if flow else raw), table.delimiter)]
    while len(cells) > len(table.names) and not cells[-1]:
        cells.pop()
    if len(cells) != len(table.names):
        yield from rows.broken(raw, locator)
        return
    part = table.roles
    start, end = (time_of(cells[index]) if index >= 0 else None for index in (part.start, part.end))
    if part.status >= 0 and cells[part.status] in ("NODATA", "SKIPDATA"):
        without_data(cells[part.status], start, end, rows)
        return
    event = {name: cell for name, cell in zip(table.names, cells, strict=True) if cell not in ("", "-")}
    yield from rows.add(event, (cells[part.client], cells[part.server]), (start, end), locator, raw)


def time_of(text: str) -> Instant | None:
    """Read a time as exporters write it."""
    # rwcut writes 2023/03/29T10:11:12.345, Argus a point instead of the T; nfdump 1.6 a blank.
    return written(re.sub(r"\A(\d{4})/(\d\d)/(\d\d)[.T ]", r"\1-\2-\3T", text))


def without_data(status: str, start: Instant | None, end: Instant | None, rows: Rows) -> None:
    """Read a line without a flow: an interval without traffic was watched, one that was skipped was not."""
    span = Span(start, end) if start is not None and end is not None and start <= end else None
    if status == "NODATA" and span is not None:
        rows.ledger.saw(Telemetry.NETWORK_CONNECTION, span.start, span.end)
        return
    note = "AWS skipped records of this interval (SKIPDATA)" if status == "SKIPDATA" else "an interval without time"
    rows.ledger.gap(Reason.RECORD_JUMP, note, telemetry=Telemetry.NETWORK_CONNECTION, span=span)
