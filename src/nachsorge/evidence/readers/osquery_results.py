"""osquery's results log (`osqueryd.results.log`): differences, batches and snapshots, one JSON object a line.

Source of the format: osquery documentation, "Logging", "Results format". Every result stands in the telemetry of its
table. Only a snapshot of what the system itself lists as installed covers anything: it is a whole list at one moment.
Differences show changes; what was there before the first of them is not in the log. A row that was removed proves that
its program was there until then.

As an inventory the log gives each machine that names itself, with its hardware UUID, serial number, network cards and
addresses, as far as it was asked for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from nachsorge.evidence.breadth import Breadth
from nachsorge.evidence.fields import flatten, is_address
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.ndjson import decode_object, instant_of, joined, typed_pairs
from nachsorge.evidence.seams import Opened, Plant, Sieve, Tells
from nachsorge.evidence.software_lists import TABLES, WHOLE, purls_of, software_of, table_of
from nachsorge.evidence.stamps import plausible, written
from nachsorge.evidence.table_columns import platform_of
from nachsorge.evidence.text import text_record
from nachsorge.model.evidence import Identity, Lease, Record, Value
from nachsorge.model.times import Instant, Span
from nachsorge.model.words import Kind, Platform, Reason, Telemetry

LONGEST = 64 * 1024 * 1024
"""A snapshot is one line; a longer one is a gap."""

_NAME = re.compile(rb'"name"\s*:')
_WHO = re.compile(rb'"(?:hostIdentifier|calendarTime|unixTime)"\s*:')
_WHAT = re.compile(rb'"(?:columns|snapshot|diffResults)"\s*:\s*[\[{"]')
_OWN_TIME = frozenset({Telemetry.FILE_EVENT, Telemetry.AUTHENTICATION, Telemetry.PROCESS_CREATION})
_UUID = re.compile(r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}\Z")
_MARKS = {
    "host_uuid": "uuid",
    "uuid": "uuid",
    "hardware_uuid": "uuid",
    "hardware_serial": "serial",
    "serial_number": "serial",
    "serial": "serial",
}
_NAMES = ("hostname", "host_name", "computer_name", "local_hostname", "fqdn")


class OsqueryResults:
    """Reader of the results log."""

    name = "osquery_results"
    text = True
    telemetry: tuple[Telemetry, ...] = tuple(sorted({*TABLES.values(), Telemetry.TEXT}))
    tells = Tells(
        proves="what a scheduled query saw on a machine, and when: programs, processes, sockets, files, autostarts; "
        "which address the machine says it had, but not where",
        rules_out="a program at the moment of a whole snapshot of `programs`, `apps`, `deb_packages` or `rpm_packages` "
        "that names five programs or more, not all alike in name, publisher or version",
        not_told="what happened between two runs of a query, what other conditions of a query left out, what was there "
        "before the first difference, programs of Windows users who were not logged on",
        covers=(Telemetry.INSTALLED_SOFTWARE,),
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise a result in the first line: a query's name, who or when, and rows."""
        line = head.lstrip(b"\xef\xbb\xbf \t\r\n").partition(b"\n")[0]
        if not line.startswith(b"{"):
            return 0
        return 75 if _NAME.search(line) and _WHO.search(line) and _WHAT.search(line) else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield a record a row; the account is of lines."""
        run = _Run(source, sieve, ledger)
        with source.open() as stream:
            number = 0
            while line := stream.readline(LONGEST):
                number += 1
                if len(line) >= LONGEST and not line.endswith(b"\n"):
                    run.too_long(number)
                    while (line := stream.readline(LONGEST)) and not line.endswith(b"\n"):
                        pass
                elif line.strip():
                    yield from run.line(line.strip(), number)
        run.close()

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Write one result of a query with the planted host."""
        row = {"name": plant.host, "version": "1", "path": plant.path, "sha256": plant.sha256}
        one = {"name": "pack_control_programs", "hostIdentifier": "control", "unixTime": 1680000000, "action": "added"}
        return orjson.dumps({**one, "columns": row}) + b"\n"


@dataclass(slots=True)
class _Run:
    source: Opened
    sieve: Sieve
    ledger: Ledger
    hostless: int = 0
    timeless: int = 0
    differences: set[str] = field(default_factory=set)
    whole: set[str] = field(default_factory=set)

    def too_long(self, number: int) -> None:
        note = f"line {number} is longer than {LONGEST // 2**20} MiB and was not read"
        self.ledger.gap(Reason.LIMIT, note)
        self.ledger.count(Telemetry.TEXT, 1)
        self.ledger.spoil(f"line {number}")

    def line(self, line: bytes, number: int) -> Iterator[Record]:
        """Account for one line and give the rows in it."""
        tree = decode_object(line)
        result = None if tree is None else _result(tree)
        if tree is None or result is None:
            self.ledger.count(Telemetry.TEXT, 1)
            if tree is None:
                self.ledger.spoil(f"line {number}")
            if self.sieve.everything or self.sieve.admits(line) or tree is None:
                yield text_record(line, f"line {number}")
            return
        host = _host(tree) or self.source.host
        self.hostless += host is None
        self.ledger.count(result.telemetry, 1, host)
        self._date(result)
        self._cover(result, host)
        if host is not None:
            self._identify(tree, result, host)
        if self.sieve.everything or self.sieve.admits(line) or b"\\u" in line:
            yield from _records(tree, result, host, number)

    def _date(self, result: _Result) -> None:
        """Say from when to when the log is, though it covers nothing of that time."""
        if result.time is not None:
            ledger = self.ledger
            ledger.first = result.time if ledger.first is None else min(ledger.first, result.time)
            ledger.last = result.time if ledger.last is None else max(ledger.last, result.time)

    def _cover(self, result: _Result, host: str | None) -> None:
        """Report a whole list of what is installed; nothing else covers any time."""
        self.timeless += result.time is None
        if result.table not in WHOLE:
            return
        if result.whole and result.rows and result.time is not None:
            self.whole.add(host or "")
            if note := _narrowness(result):
                self.ledger.gap(Reason.NOT_PROVIDED, note, telemetry=Telemetry.INSTALLED_SOFTWARE, host=host)
                return
            self.ledger.saw(Telemetry.INSTALLED_SOFTWARE, result.time, result.time, host)
        else:
            self.differences.add(host or "")

    def _identify(self, tree: Mapping[str, Any], result: _Result, host: str) -> None:
        told = [*_decorations(tree), *(result.rows if result.query.endswith("system_info") else ())]
        marks = {f"{kind}:{text}" for row in told for name, kind in _MARKS.items() if (text := _text(row, name))}
        names = {text for row in told for name in _NAMES if (text := _text(row, name))}
        addresses = {text for row in result.rows if (text := _own_address(result, row))}
        marks |= {f"card:{mac}" for row in result.rows if (mac := _card(result, row))}
        self.ledger.identify(
            Identity(
                names=tuple(dict.fromkeys((host, *sorted(names)))), marks=tuple(sorted(marks)), platform=result.platform
            )
        )
        if result.time is not None and result.action != "removed":
            for address in sorted(addresses):
                self.ledger.lease(Lease(address=address, host=host, span=Span(result.time, result.time)))

    def close(self) -> None:
        """Say what is not known of the log as a whole."""
        if self.ledger.unreadable:
            self.ledger.notes.append(f"{self.ledger.unreadable} lines are no results: they were searched as text")
        if self.hostless:
            self.ledger.notes.append(f"{self.hostless} results name no machine: they are nobody's in particular")
        if self.timeless:
            note = f"{self.timeless} records carry no usable time; they were searched, but cover nothing"
            self.ledger.gap(Reason.NO_TIME, note)
        for host in sorted(self.differences - self.whole):
            note = "lists of programs only as differences: what was installed before the first of them is not known"
            self.ledger.gap(Reason.NOT_PROVIDED, note, telemetry=Telemetry.INSTALLED_SOFTWARE, host=host or None)


@dataclass(frozen=True, slots=True)
class _Result:
    """One result: its query's table, its rows, and whether those are all that there were."""

    query: str
    table: str
    rows: tuple[Mapping[str, Any], ...]
    removed: int
    action: str
    time: Instant | None
    whole: bool

    @property
    def telemetry(self) -> Telemetry:
        return TABLES.get(self.table, Telemetry.TEXT)

    @property
    def platform(self) -> Platform | None:
        if self.table in WHOLE:
            return WHOLE[self.table]
        row = self.rows[0] if self.rows and self.query.endswith("os_version") else {}
        return platform_of(f"{_text(row, 'platform')} {_text(row, 'name')}") if row else None


def _result(tree: Mapping[str, Any]) -> _Result | None:
    query, action = str(tree.get("name") or ""), str(tree.get("action") or "")
    whole, removed = False, 0
    if isinstance(rows := tree.get("snapshot"), list):
        found, whole = [row for row in rows if isinstance(row, dict)], True
    elif isinstance(columns := tree.get("columns"), dict):
        found = [columns]
    elif isinstance(batch := tree.get("diffResults"), dict):
        gone = [row for row in _list(batch.get("removed")) if isinstance(row, dict)]
        found = [*gone, *(row for row in _list(batch.get("added")) if isinstance(row, dict))]
        whole, removed = str(tree.get("counter")) == "0", len(gone)
    else:
        return None
    time = next((t for key in ("unixTime", "calendarTime") if (t := _time(tree.get(key))) is not None), None)
    table = table_of(query, found[0] if found else {})
    return _Result(query, table, tuple(found), removed, action, time, whole)


def _narrowness(result: _Result) -> str:
    """Say why a snapshot looks like that of a query with conditions; empty where nothing says so."""
    breadth = Breadth()
    for row in result.rows:
        if (software := software_of(row, result.table)) is not None:
            breadth.add(software.name, software.version, software.publisher)
    return breadth.sign()


def _list(node: object) -> list[Any]:
    return node if isinstance(node, list) else []


def _time(node: object) -> Instant | None:
    if isinstance(node, bool) or not isinstance(node, str | int | float):
        return None
    found = instant_of(str(node)) if str(node)[:1].isdigit() else written(str(node))
    return plausible(found) if found is not None else None


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    return value.strip() if isinstance(value, str) else ""


def _decorations(tree: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Give what osquery was told to add to every result; at the top level where `decorations_top_level` is set."""
    own = tree.get("decorations")
    top = {name: tree[name] for name in (*_MARKS, *_NAMES) if name in tree}
    return [one for one in (own, top) if isinstance(one, dict) and one]


def _host(tree: Mapping[str, Any]) -> str | None:
    """Name the machine: as it identifies itself, or by its name where it identifies itself by a UUID."""
    named = _text(tree, "hostIdentifier") or _text(tree, "host_identifier")
    if named and not _UUID.match(named):
        return named
    names = (text for row in _decorations(tree) for name in _NAMES if (text := _text(row, name)))
    return next(names, named) or None


def _own_address(result: _Result, row: Mapping[str, Any]) -> str:
    """Give an address of the machine's own interfaces; those that only it itself can reach are left out."""
    text = _text(row, "address").partition("%")[0]
    fitting = result.query.endswith(("interface_addresses", "interface_addr")) and is_address(text)
    return text if fitting and not text.startswith(("127.", "169.254.", "fe80:", "::1")) else ""


def _card(result: _Result, row: Mapping[str, Any]) -> str:
    return _text(row, "mac") if result.query.endswith(("interface_details", "interfaces")) else ""


def _records(tree: Mapping[str, Any], result: _Result, host: str | None, number: int) -> Iterator[Record]:
    base = {k: v for k, v in tree.items() if k not in ("columns", "snapshot", "diffResults")}
    rows: tuple[Mapping[str, Any], ...] = result.rows or ({},)
    for at, row in enumerate(rows):
        removed = result.action == "removed" or at < result.removed
        pairs = list(flatten({**base, "columns": row}))
        if removed and result.action != "removed":
            pairs.append(("action", "removed"))
        software = software_of(row, result.table)
        packages = purls_of(result.table, software.name, software.version) if software else ()
        values = typed_pairs(pairs, {"hostIdentifier": Kind.HOST})
        own = _time(row.get("time")) if result.telemetry in _OWN_TIME else None
        yield Record(
            telemetry=result.telemetry,
            locator=f"line {number}" if len(rows) == 1 else f"line {number}, row {at + 1}",
            time=own if own is not None else result.time,
            values=(*values, *(Value(Kind.PACKAGE, "purl", purl) for purl in packages)),
            event=joined(pairs),
            host=host,
            software=software,
            service="osquery",
        )
