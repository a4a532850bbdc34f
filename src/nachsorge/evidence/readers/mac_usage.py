"""macOS databases of programs in use: `TCC.db` (asked for a permission), `knowledgeC.db` (in the foreground), Munki's.

What each proves: a row of TCC that the program was there and asked, or was given the permission by an administrator;
a row of knowledgeC's app streams that the program ran in that stretch; a row of Munki's `application_usage` that it
was started, at which version, and when last. None clears and none covers any time: knowledgeC keeps about four weeks,
TCC one row a permission. Streams of knowledgeC other than those of programs are counted in a note and not read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nachsorge.evidence.clocks import mac_absolute, unix_seconds
from nachsorge.evidence.containers.names import last_part
from nachsorge.evidence.databases import MAGIC, columns, opened_copy, rows, serialised
from nachsorge.evidence.seams import ReadError, Tells
from nachsorge.model.evidence import Record, Software, Value
from nachsorge.model.words import Kind, Platform, Reason, Telemetry

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve
    from nachsorge.model.times import Instant

_TCC = ("service", "client", "client_type", "allowed", "auth_value", "last_modified")
_OBJECT = ("Z_PK", "ZSTREAMNAME", "ZVALUESTRING", "ZSTARTDATE", "ZENDDATE")
_USAGE = ("event", "bundle_id", "app_version", "app_path", "last_time", "number_times")
_APPS = (
    "/app/inFocus",
    "/app/usage",
    "/app/install",
    "/app/mediaUsage",
    "/app/webUsage",
    "/app/intents",
    "/app/activity",
)


class MacUsage:
    """Reader of the three databases by their tables."""

    name = "mac_usage"
    telemetry: tuple[Telemetry, ...] = (Telemetry.PROGRAM_EXECUTION,)
    tells = Tells(
        proves="`knowledgeC.db`: that a program ran then; Munki's `application_usage`: that it was started, at which "
        "version, when last; `TCC.db`: that it was there and asked for a permission",
        rules_out="nothing: `knowledgeC.db` keeps about four weeks, `TCC.db` one row a permission",
        not_told="the path of most programs, hashes, arguments, other streams of `knowledgeC.db` (counted in a note)",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the tables; TCC by two of them."""
        if not head.startswith(MAGIC):
            return 0
        tcc = b"TABLE access " in head and b"access_overrides" in head
        large = b"ZOBJECT" in head or last_part(name).lower().startswith("knowledgec")
        return 94 if tcc or large or b"TABLE application_usage" in head else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield one record a row; ReadError where no table is a known one."""
        ledger.platform = ledger.platform or Platform.MACOS
        with opened_copy(source, ledger) as database:
            found = [table for table in ("access", "ZOBJECT", "application_usage") if columns(database, table)]
            if not found:
                raise ReadError(Reason.NOT_SUPPORTED, "a database without a table of programs in use")
            for table in found:
                for record in _TABLES[table](database, ledger):
                    ledger.count(Telemetry.PROGRAM_EXECUTION, 1, source.host)
                    yield record

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make one row of use of a program that is called as the planted host."""
        return serialised(
            "CREATE TABLE application_usage (event, bundle_id, app_version, app_path, last_time, number_times)",
            f"INSERT INTO application_usage VALUES ('launch', '{plant.host}', '1', '/x', 1680000000, 1)",
        )


def _tcc(database: sqlite3.Connection, ledger: Ledger) -> Iterator[Record]:
    for number, row in enumerate(rows(database, "access", _TCC, "last_modified"), 1):
        # A client of type 1 is named by its path, else by its bundle's identifier.
        client = str(row["client"])
        kind = Kind.PATH if row["client_type"] == 1 else Kind.TEXT
        granted = row["allowed"] if row["auth_value"] is None else row["auth_value"]
        event = {"proves": "presence", "service": str(row["service"]), "granted": str(granted)}
        yield _record(f"access {number}", unix_seconds(row["last_modified"]), Value(kind, "client", client), event)


def _knowledge(database: sqlite3.Connection, ledger: Ledger) -> Iterator[Record]:
    others = 0
    for row in rows(database, "ZOBJECT", _OBJECT, "Z_PK"):
        stream, name = str(row["ZSTREAMNAME"]), row["ZVALUESTRING"]
        if stream not in _APPS or not name:
            others += 1
            continue
        event = {"proves": "execution", "stream": stream}
        value = Value(Kind.TEXT, "bundle", str(name))
        yield _record(f"ZOBJECT {row['Z_PK']}", mac_absolute(row["ZSTARTDATE"]), value, event)
    if others:
        ledger.notes.append(f"{others} objects of other streams (screen, battery, media and the like) were not read")


def _usage(database: sqlite3.Connection, ledger: Ledger) -> Iterator[Record]:
    for number, row in enumerate(rows(database, "application_usage", _USAGE, "last_time"), 1):
        text: dict[str, str] = {name: str(cell) for name, cell in row.items() if cell not in (None, "")}
        path, version = text.get("app_path", ""), text.get("app_version", "")
        name = path.rstrip("/").rpartition("/")[2].removesuffix(".app") or text.get("bundle_id", "")
        yield _record(
            f"application_usage {number}",
            unix_seconds(row["last_time"]),
            Value(Kind.TEXT, "bundle", text.get("bundle_id", "")),
            {"proves": "execution", "event": text.get("event", ""), "times": text.get("number_times", "")},
            (Value(Kind.PATH, "path", path),) if path else (),
            Software(name=name, version=version, platform=Platform.MACOS) if version else None,
        )


_TABLES: dict[str, Any] = {"access": _tcc, "ZOBJECT": _knowledge, "application_usage": _usage}


def _record(
    locator: str,
    time: Instant | None,
    value: Value,
    event: dict[str, str],
    more: tuple[Value, ...] = (),
    software: Software | None = None,
) -> Record:
    values = tuple(one for one in (value, *more) if one.text)
    return Record(
        telemetry=Telemetry.PROGRAM_EXECUTION,
        locator=locator,
        time=time,
        values=values,
        event={**{one.field: one.text for one in values}, **event},
        software=software,
        product="macos",
    )
