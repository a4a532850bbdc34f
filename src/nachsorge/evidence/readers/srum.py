r"""Windows' System Resource Usage Monitor (`SRUDB.dat`): which program ran when, and how many bytes it sent and read.

Windows 8 and later write down about once an hour, for some 30 to 60 days, what each program and user took. Each row of
the network, application and further usage tables is a record of a program that ran, at the end of the hour that it is
about, with its numbers (`BytesSent`, `BytesRecvd`, ...) and the user's SID. It proves that the program ran within about
the hour before; it never clears and covers no time: rows are written with delay, short runs may be missing, and
servers keep fewer tables. Destinations are not in it.

The extra `windows` is needed (`libesedb`). The library works in a process of its own that is ended when it takes too
long. Columns: plaso's and libyal's descriptions of the SRUM database; Y. Khatri, "SRUM forensics" (SANS DFIR 2015).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nachsorge.evidence.clocks import filetime
from nachsorge.evidence.containers.names import last_part
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.seams import Opened, ReadError, Sieve, Tells
from nachsorge.evidence.stamps import plausible
from nachsorge.evidence.tally import Tally
from nachsorge.evidence.windows import ese
from nachsorge.model.evidence import Record, Value
from nachsorge.model.times import DAY, Instant, render
from nachsorge.model.words import Kind, Platform, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nachsorge.evidence.seams import Plant

TABLES = {
    "{973F5D5C-1D90-4944-BE8E-24B94231A174}": "network data usage",
    "{D10CA2FE-6FCF-4F6D-848E-B2E99266FA89}": "application resource usage",
    "{5C8CF1C7-7257-4F13-B223-970EF5939312}": "application timeline",
    "{7ACBBAA3-D029-4BE4-9A7A-0885927F1D8F}": "virtual function usage",
    "{DD6636C4-8929-4683-974E-22C046A43763}": "network connectivity",
    "{FEE4E14F-02A9-4550-B5CE-5FA2DA202E37}": "energy usage",
    "{FEE4E14F-02A9-4550-B5CE-5FA2DA202E37}LT": "energy usage, long term",
    "{D10CA2FE-6FCF-4F6D-848E-B2E99266FA86}": "notifications",
}
"""The tables by the identifiers of what writes them; rows of others are given under their identifier."""

_NAMES = "SruDbIdMapTable"
_MARK = _NAMES.encode()
_SID = 3
_MOST_NAMES = 1_000_000
_MOST_ROWS = 10_000_000
_LONGEST_TEXT = 4096
_OLE_EPOCH: Instant = -25_569 * DAY
"""1899-12-30, from which the database counts days."""

_PROGRAM = re.compile(r"(?i)(.*?\.(?:exe|dll|scr|com))(?=\s+\[|\Z)")
_QUIET = frozenset({"AutoIncId", "TimeStamp", "AppId", "UserId", "BinaryData"})


class Srum:
    """Reader of the database."""

    name = "srum"
    telemetry: tuple[Telemetry, ...] = (Telemetry.PROGRAM_EXECUTION,)
    tells = Tells(
        proves="a program of this path ran within about the hour before, for which user, and how many bytes it sent and"
        " received",
        rules_out="nothing: rows are written late, kept for some 30 to 60 days, and short runs may be missing",
        not_told="destinations and contents of the traffic, hashes, exact times; what stands only in transaction logs",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the database's header, and its table of names or its file name."""
        if not ese.is_database(head):
            return 0
        return 97 if _MARK in head else 90 if last_part(name).lower() == "srudb.dat" else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield one PROGRAM_EXECUTION a row; ReadError where the library is missing, gives up or takes too long."""
        ledger.platform = ledger.platform or Platform.WINDOWS
        run = _Run(source, sieve, ledger)
        for line in ese.rows_of(source, ledger):
            yield from run.take(line)
        run.close()

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """No file: see `control_records`."""
        return None

    def control_records(self, plant: Plant) -> Iterator[Record]:
        """Make what a decoded row becomes: there is no writer of such databases."""
        if ese.available():
            yield _record(
                "control", "application resource usage", {"TimeStamp": 45000.5, "AppId": 1}, {1: plant.path}, None
            )


@dataclass(slots=True)
class _Run:
    source: Opened
    sieve: Sieve
    ledger: Ledger
    table: str = ""
    row: int = 0
    rows: int = 0
    stated: int = 0
    names: dict[int, str] = field(default_factory=dict)
    nameless: Tally = field(default_factory=Tally)

    def take(self, line: list[object]) -> Iterator[Record]:
        """Take one line of the child's: the start of a table, a row of it, or one that could not be decoded."""
        match line:
            case ["table", str(name), int(count), str(fault)]:
                self.table, self.row, self.stated = name, 0, self.stated + max(count, 0)
                if count < 0:
                    self.ledger.gap(Reason.CORRUPT, f"table {self._called}: {fault}")
            case ["row", dict(row)]:
                self.row += 1
                if self.table == _NAMES:
                    self._name(row)
                elif "AppId" in row and "TimeStamp" in row:
                    yield from self._usage(row)
            case ["bad", int(number)]:
                self.row += 1
                self.ledger.count(Telemetry.PROGRAM_EXECUTION, 1, self.source.host)
                self.ledger.spoil(f"{self._called} row {number + 1}")
            case _:
                raise ReadError(Reason.CORRUPT, "the database library gave what it should not")

    @property
    def _called(self) -> str:
        return TABLES.get(self.table, self.table)

    def _name(self, row: Mapping[str, object]) -> None:
        number = row.get("IdIndex")
        if not isinstance(number, int):
            return
        if len(self.names) >= _MOST_NAMES:
            raise ReadError(Reason.LIMIT, f"more than {_MOST_NAMES} names of programs and users")
        raw = _binary(row.get("IdBlob"))
        self.names[number] = sid(raw) if row.get("IdType") == _SID else _text(raw)

    def _usage(self, row: Mapping[str, object]) -> Iterator[Record]:
        self.rows += 1
        if self.rows > _MOST_ROWS:
            raise ReadError(Reason.LIMIT, f"more than {_MOST_ROWS} rows: the rest was not read")
        self.ledger.count(Telemetry.PROGRAM_EXECUTION, 1, self.source.host)
        application = row.get("AppId")
        if isinstance(application, int) and application not in self.names:
            self.nameless.add(f"{self._called} row {self.row}")
        yield _record(f"{self._called} row {self.row}", self._called, row, self.names, self.source.host)

    def close(self) -> None:
        """Say what is lacking."""
        if not self.names and not self.rows:
            raise ReadError(Reason.NOT_SUPPORTED, "a database without the tables of the usage monitor")
        if self.ledger.unreadable:
            self.ledger.notes.append(f"{self.ledger.unreadable} rows could not be decoded")
        if self.nameless.count:
            note = self.nameless.says("rows of programs whose name is not in the database")
            self.ledger.gap(Reason.MISSING, note, telemetry=Telemetry.PROGRAM_EXECUTION, host=self.source.host)


def _record(locator: str, table: str, row: Mapping[str, object], names: Mapping[int, str], host: str | None) -> Record:
    application, user = _named(row.get("AppId"), names), _named(row.get("UserId"), names)
    path = program_of(application)
    time = ole_date(row.get("TimeStamp"))
    known = bool(path) and table in TABLES.values()
    event = {"proves": "execution" if known else "presence", "table": table, "application": application}
    event |= {"path": path} if path else {}
    event |= {"user": user} if user else {}
    event |= {name: str(n) for name, n in row.items() if n and name not in _QUIET and isinstance(n, int | float)}
    for name in ("EndTime", "ConnectStartTime"):
        moment = filetime(row.get(name))
        event |= {name: render(moment)} if moment is not None else {}
    event |= {"time": render(time)} if time is not None else {}
    values = [Value(Kind.PATH, "path", path)] if path else []
    values += [Value(Kind.TEXT, "application", application)] if application and application != path else []
    return Record(
        telemetry=Telemetry.PROGRAM_EXECUTION,
        locator=locator,
        time=time,
        values=tuple(values),
        event=event,
        host=host,
        product="windows",
    )


def _named(number: object, names: Mapping[int, str]) -> str:
    return names.get(number, str(number)) if isinstance(number, int) else ""


def program_of(application: str) -> str:
    r"""Give the path or name of a program; empty for packages and services, which have none.

    `\Device\HarddiskVolume4\Windows\System32\svchost.exe [DoSvc]` loses what follows the path; `!!setup.exe!2013/06/22:
    11:00:00!5d3f!` is a program whose path was not known.
    """
    bare = application[2:].partition("!")[0] if application.startswith("!!") else application
    found = _PROGRAM.match(bare)
    if found:
        return found[1]
    return bare if application.startswith("!!") or "\\" in bare else ""


def ole_date(days: object) -> Instant | None:
    """Read an OLE automation date: days since 1899-12-30, here in UTC."""
    if not isinstance(days, float) or not 0 < days < 1_000_000:
        return None
    return plausible(round(days * DAY) + _OLE_EPOCH)


def sid(raw: bytes) -> str:
    """Spell a security identifier (MS-DTYP, section 2.4.2); empty where it is none."""
    if len(raw) < 8 or len(raw) < 8 + 4 * raw[1]:
        return ""
    parts = [int.from_bytes(raw[8 + 4 * at : 12 + 4 * at], "little") for at in range(raw[1])]
    return "-".join(["S", str(raw[0]), str(int.from_bytes(raw[2:8], "big")), *map(str, parts)])


def _binary(value: object) -> bytes:
    return bytes.fromhex(value[1:]) if isinstance(value, str) and value.startswith("x") else b""


def _text(raw: bytes) -> str:
    return raw[: len(raw) // 2 * 2].decode("utf-16-le", "replace").partition("\0")[0][:_LONGEST_TEXT]
