"""macOS quarantine events (`QuarantineEventsV2`): what was downloaded, from where, by which program.

An event proves that a program of this user took a file from that address, and when. It covers no time: programs may
leave it out (`curl` does), and the database can be emptied. Senders of mail attachments are compared, but not kept
for people.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nachsorge.evidence.clocks import mac_absolute
from nachsorge.evidence.databases import MAGIC, columns, opened_copy, rows, serialised
from nachsorge.evidence.seams import ReadError, Tells
from nachsorge.evidence.web_addresses import without_query
from nachsorge.model.evidence import Record, Value
from nachsorge.model.words import Kind, Platform, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve

_TABLE = "LSQuarantineEvent"
_COLUMNS = (
    "LSQuarantineEventIdentifier",
    "LSQuarantineTimeStamp",
    "LSQuarantineAgentBundleIdentifier",
    "LSQuarantineAgentName",
    "LSQuarantineDataURLString",
    "LSQuarantineOriginURLString",
    "LSQuarantineSenderAddress",
)


class Quarantine:
    """Reader of the database."""

    name = "quarantine"
    telemetry: tuple[Telemetry, ...] = (Telemetry.BROWSER_HISTORY, Telemetry.FILE_EVENT)
    tells = Tells(
        proves="that a program of this user took a file from this address, and when",
        rules_out="nothing: programs may leave it out (`curl` does), and the database can be emptied",
        not_told="where the file was put, whether it was opened, its hash",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the table's name."""
        return 96 if head.startswith(MAGIC) and _TABLE.encode() in head else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield one record an event: with an address it is BROWSER_HISTORY, without one FILE_EVENT."""
        ledger.platform = ledger.platform or Platform.MACOS
        with opened_copy(source, ledger) as database:
            if not columns(database, _TABLE):
                raise ReadError(Reason.NOT_SUPPORTED, "a database without quarantine events")
            for row in rows(database, _TABLE, _COLUMNS, "LSQuarantineTimeStamp"):
                yield _record(row, source, ledger)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make one event with an address of the planted host."""
        return serialised(
            f"CREATE TABLE {_TABLE} ({', '.join(_COLUMNS)})",
            f"INSERT INTO {_TABLE} VALUES ('1', 700000000.0, '', '', 'http://{plant.host}/', '', '')",
        )


def _record(row: dict[str, Any], source: Opened, ledger: Ledger) -> Record:
    named = {name.removeprefix("LSQuarantine"): str(text) for name, text in row.items() if text not in (None, "")}
    urls = [(name, named[name]) for name in ("DataURLString", "OriginURLString") if name in named]
    telemetry = Telemetry.BROWSER_HISTORY if urls else Telemetry.FILE_EVENT
    ledger.count(telemetry, 1, source.host)
    time = mac_absolute(row["LSQuarantineTimeStamp"])
    if time is None:
        ledger.gap(Reason.NO_TIME, "quarantine events without a usable time", telemetry=telemetry)
    agents = [n for n in ("AgentName", "AgentBundleIdentifier") if n in named]
    values = [Value(Kind.URL, name, url) for name, url in urls]
    values += [Value(Kind.TEXT, name, named[name]) for name in agents]
    values += [Value(Kind.EMAIL, "SenderAddress", named["SenderAddress"])] if "SenderAddress" in named else []
    kept: dict[str, str] = {name: without_query(url) for name, url in urls} | {name: named[name] for name in agents}
    return Record(
        telemetry=telemetry,
        locator=f"event {named.get('EventIdentifier', '')}",
        time=time,
        values=tuple(values),
        event=kept,
        host=source.host,
        product="macos",
    )
