"""Flow exports as tables: nfdump, SiLK, YAF, Argus, nProbe, pmacct, IPFIX by IANA's names, and Amazon's flow logs.

What a table of flows is, and how its rows are read: `network.flow_tables`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.evidence.lines import LONGEST_LINE
from nachsorge.evidence.network.flow_rows import Rows
from nachsorge.evidence.network.flow_tables import Table, of_amazon, row, table_of
from nachsorge.evidence.seams import Tells
from nachsorge.model.words import Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve
    from nachsorge.model.evidence import Record

_SUMMARY = re.compile(rb"Summary|flows,bytes|No matching flows", re.IGNORECASE)
_MOST_PREFACE = 20


class Netflow:
    """Reader of tables of flows."""

    name = "netflow"
    text = True
    telemetry = (Telemetry.NETWORK_CONNECTION,)
    tells = Tells(
        proves="that one address spoke with another, when, on which ports, and how many bytes",
        rules_out="connections of the addresses that appear in it, in stretches with flows, or with AWS's `NODATA`",
        not_told="names, URLs and contents, which program it was, flows that an exporter left out because it samples "
        "(the file does not say so), what AWS skipped (`SKIPDATA`, a gap); lines of AWS in chosen columns whose names "
        "were not exported, nfdump's binary files and its text for people are searched as text only",
        covers=telemetry,
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise a header with both ends and a beginning, or a line of an AWS log in its default columns."""
        return 80 if _table_in(head.splitlines()[:_MOST_PREFACE]) is not None else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the admitted flows; what nfdump sums up at the end is no flow."""
        rows, table, header, number, before = Rows(source, sieve, ledger), None, b"", 0, 0
        with source.open() as stream:
            while line := stream.readline(LONGEST_LINE):
                number += 1
                raw, locator = line.strip(b"\r\n\xef\xbb\xbf"), f"line {number}"
                if not raw.strip():
                    continue
                if _may_name(raw, table, header) and (found := table_of(raw)) is not None:
                    table, header = found, raw
                    if of_amazon(raw) is None:
                        continue
                if _SUMMARY.match(raw):
                    _pass_over(stream.read(LONGEST_LINE), ledger)
                    break
                if table is not None:
                    yield from row(table, raw, locator, rows)
                elif number > _MOST_PREFACE:
                    yield from rows.broken(raw, locator)
                else:
                    before += 1
        if before:
            ledger.notes.append(f"{before} lines stand before the names of the columns and are no flows")
        rows.close()

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Write this file's own header, and one flow to the planted address."""
        found = next(((line, table) for line in head.splitlines() if (table := table_of(line)) is not None), None)
        if found is None:
            return _of_amazon("vpc", plant)
        if (flow := of_amazon(found[0])) is not None:
            return _of_amazon(flow[0], plant)
        table = found[1]
        mark, part = table.delimiter or " ", table.roles
        cells = ["1"] * len(table.names)
        cells[part.client], cells[part.server] = "192.0.2.1", plant.address
        if part.start >= 0:
            cells[part.start] = "2023/03/29T10:11:12.000" if mark == "|" else "2023-03-29T10:11:12Z"
        if part.status >= 0:
            cells[part.status] = "OK"
        return (mark.join(table.names) + "\n" + mark.join(cells) + "\n").encode()


def _of_amazon(kind: str, plant: Plant) -> bytes:
    """Write one flow in Amazon's default columns, which have no header."""
    flow = f"192.0.2.1 {plant.address} 53000 443 6 1 60 1680084672 1680084673"
    if kind == "transit":
        return f"6 TransitGateway {'- ' * 14}{flow} OK IPv4 0 0 0 0 2 control egress - -\n".encode()
    return f"2 123456789010 eni-control {flow} ACCEPT OK\n".encode()


def _table_in(lines: list[bytes]) -> Table | None:
    return next((table for line in lines if (table := table_of(line)) is not None), None)


def _may_name(raw: bytes, table: Table | None, header: bytes) -> bool:
    """Tell whether a line may name columns: the first of all, one like it, and one that begins with a letter."""
    return table is None or raw[:1].isalpha() or raw == header


def _pass_over(rest: bytes, ledger: Ledger) -> None:
    """Say what of the summary at the end was passed over."""
    lines = [line for line in rest.splitlines() if line.strip()]
    ledger.notes.append(f"nfdump's summary at the end was passed over ({len(lines)} lines)")
    if len(rest) >= LONGEST_LINE or len(lines) > _MOST_PREFACE:
        ledger.gap(Reason.CORRUPT, "behind nfdump's summary there are further lines; they were not read")
