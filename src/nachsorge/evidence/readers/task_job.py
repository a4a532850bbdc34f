r"""Scheduled tasks of Windows XP and Server 2003 (`Windows\Tasks\*.job`); newer systems write them for old programs.

Layout: MS-TSCH, section 2.4. The fixed part holds when the task last ran, as local time without a zone: that is
evidence of execution, and taken as UTC. It covers nothing.
"""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from nachsorge.evidence.containers.streams import read_whole
from nachsorge.evidence.seams import ReadError, Tells
from nachsorge.evidence.stamps import plausible
from nachsorge.evidence.windows.local_lines import note_zone
from nachsorge.model.evidence import Record, Value
from nachsorge.model.times import from_datetime, render
from nachsorge.model.words import Kind, Platform, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve
    from nachsorge.model.times import Instant

LARGEST = 1024 * 1024
_PRODUCTS = (0x400, 0x500, 0x501, 0x502, 0x600, 0x601, 0x602, 0x603, 0xA00)
_FIXED = 70
"""The fixed part and the count of running instances; the texts begin behind it."""
_TEXTS = ("application", "parameters", "working_folder", "author", "comment")
_PATHS = ("application", "working_folder")


class TaskJob:
    """Reader of one such task."""

    name = "task_job"
    telemetry: tuple[Telemetry, ...] = (Telemetry.PERSISTENCE, Telemetry.PROGRAM_EXECUTION)
    tells = Tells(
        proves="that a task starts this program by itself, and when it last did",
        rules_out="nothing: tasks can be removed, and much else starts by itself",
        not_told="runs before the last one; the time zone",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the versions, and the place where the first text must stand."""
        if len(head) < _FIXED:
            return 0
        product, version, first = *struct.unpack_from("<HH", head), struct.unpack_from("<H", head, 20)[0]
        if product not in _PRODUCTS or version != 1 or first != _FIXED:
            return 0
        return 92 if name.lower().endswith(".job") else 85

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the task, and its last run if there was one; what lies behind damage is a gap (TRUNCATED)."""
        with source.open() as stream:
            data = read_whole(stream, LARGEST)
        if len(data) < _FIXED:
            raise ReadError(Reason.TRUNCATED, f"a task ends within its fixed part of {_FIXED} bytes")
        ledger.platform = ledger.platform or Platform.WINDOWS
        event, whole = _texts(data)
        if not whole:
            ledger.gap(Reason.TRUNCATED, "the task ends within its texts", host=source.host)
        ledger.count(Telemetry.PERSISTENCE, 1, source.host)
        yield _record(event, Telemetry.PERSISTENCE, "task", source.modified, source.host)
        if (ran := _systemtime(data[52:68])) is not None:
            ledger.count(Telemetry.PROGRAM_EXECUTION, 1, source.host)
            more = event | {"proves": "execution", "exit_code": str(struct.unpack_from("<I", data, 40)[0])}
            yield _record(more | {"time": render(ran)}, Telemetry.PROGRAM_EXECUTION, "last run", ran, source.host)
            note_zone(ledger)
        elif any(data[52:68]):
            ledger.gap(
                Reason.CORRUPT, "the time of the last run is none: whether it ran is not known", host=source.host
            )

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make a task that starts the planted path."""
        texts = (plant.path, plant.host, "", "", "")
        fixed = struct.pack("<HH16xH", 0x501, 1, _FIXED).ljust(_FIXED, b"\0")
        return fixed + b"".join(struct.pack("<H", len(t) + 1) + (t + "\0").encode("utf-16-le") for t in texts)


def _texts(data: bytes) -> tuple[dict[str, str], bool]:
    """Give the texts, and whether all are there."""
    event: dict[str, str] = {}
    at = _FIXED
    for name in _TEXTS:
        if at + 2 > len(data):
            return event, False
        size = 2 * int.from_bytes(data[at : at + 2], "little")
        text = data[at + 2 : at + 2 + size].decode("utf-16-le", "replace").rstrip("\0")
        if text:
            event[name] = text
        at += 2 + size
    return event, at <= len(data)


def _systemtime(raw: bytes) -> Instant | None:
    """Read a SYSTEMTIME (MS-DTYP, section 2.3.13); zeroes stand for "never"."""
    year, month, _, day, hour, minute, second, milli = struct.unpack("<8H", raw)
    try:
        return plausible(from_datetime(datetime(year, month, day, hour, minute, second, milli * 1000, tzinfo=UTC)))
    except ValueError:
        return None


def _record(
    event: dict[str, str], telemetry: Telemetry, locator: str, time: Instant | None, host: str | None
) -> Record:
    values = [Value(Kind.PATH, name, event[name]) for name in _PATHS if name in event]
    values += [Value(Kind.TEXT, name, event[name]) for name in _TEXTS if name in event]
    if "parameters" in event:
        values.append(Value(Kind.TEXT, "command", f"{event.get('application', '')} {event['parameters']}"))
    return Record(
        telemetry=telemetry,
        locator=locator,
        time=time,
        values=tuple(values),
        event=event,
        host=host,
        product="windows",
    )
