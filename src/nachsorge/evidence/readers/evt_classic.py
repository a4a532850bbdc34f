"""Event logs of Windows XP and 2003 (EVT): who wrote which event, when, with which values.

The words of a message lie in files of the machine that wrote it; what it is filled with stands here, and is typed as
in later logs. Numbers are those of that time (Security 592 for a process), so that rules for later Windows seldom meet
them. The log is a ring: what was written over, and when it began, nobody knows. So it proves, and covers nothing.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from nachsorge.evidence.containers.names import last_part
from nachsorge.evidence.containers.streams import read_whole
from nachsorge.evidence.seams import Opened, Plant, ReadError, Sieve, Tells
from nachsorge.evidence.windows.event import Head, record_of
from nachsorge.evidence.windows.evt_file import HEADER, MAGIC, Found, log_of, records_of
from nachsorge.evidence.windows.sources import TELEMETRY
from nachsorge.model.words import Platform, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.model.evidence import Record
    from nachsorge.model.times import Instant

LARGEST = 512 * 1024 * 1024
_SIGNATURE = b"0\x00\x00\x00" + MAGIC
_CHANNELS = {"sysevent": "System", "appevent": "Application", "secevent": "Security"}
_CLEARED = ("security", 517)
_KINDS = {1: "Error", 2: "Warning", 4: "Information", 8: "Audit Success", 16: "Audit Failure"}
_MOST_DATA = 4096


class EvtClassic:
    """Reader of these logs."""

    name = "evt_classic"
    telemetry = TELEMETRY
    tells = Tells(
        proves="what Windows or a program recorded on this machine, and when, by source, number and values",
        rules_out="nothing: the log is a ring, and what was written over is gone",
        not_told="the words of a message (they lie in files of the machine), whose account it was",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the header: its size (48), then its signature."""
        return 98 if head.startswith(_SIGNATURE) else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the admitted records in the file's order; ReadError where the file ends within its head."""
        ledger.platform = Platform.WINDOWS
        with source.open() as stream:
            data = read_whole(stream, LARGEST)
        try:
            log = log_of(data)
        except ValueError as error:
            raise ReadError(Reason.TRUNCATED, f"no whole event log: {error}") from error
        channel = _CHANNELS.get(last_part(source.name).lower().partition(".")[0], "")
        seen: set[tuple[int, Instant | None, int]] = set()
        broken: list[int] = []
        for found in records_of(log):
            if isinstance(found, int):
                broken.append(found)
            elif (key := (found.number, found.time, found.event_id)) not in seen:
                seen.add(key)
                yield from _counted(found, channel, source, sieve, ledger)
        if log.dirty:
            ledger.notes.append("the log was copied while in use (its dirty flag is set)")
        _account(log.counted - len(seen), broken, source, ledger)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make a log of one event that names the planted host."""
        texts = b"".join((text + "\0").encode("utf-16-le") for text in ("control", "PC", plant.host))
        at = 56 + 2 * len("control PC ")
        size = -(-(56 + len(texts) + 4) // 4) * 4
        fields = (size, MAGIC, 1, 1_680_076_800, 1_680_076_800, 1, 4, 1, 0, 0, 0, at, 0, 0, 0, 0)
        record = struct.pack("<I4sIIIIHHHHIIIIII", *fields) + texts
        body = record.ljust(size - 4, b"\0") + struct.pack("<I", size)
        head = struct.pack("<I4s10I", HEADER, MAGIC, 1, 1, HEADER, HEADER + size, 2, 1, HEADER + size, 0, 0, HEADER)
        return head + body


def _counted(found: Found, channel: str, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
    head = Head(
        channel=channel,
        provider=found.source,
        event_id=found.event_id,
        computer=found.computer,
        number=found.number,
        stamp=found.time,
    )
    host = source.host or found.computer or None
    origin = head.source
    ledger.count(origin.telemetry, 1, host)
    ledger.log(origin.telemetry, "windows", origin.service, found.event_id)
    if head.time is not None:
        ledger.dated(head.time, head.time)
    if (found.source.lower(), found.event_id) == _CLEARED:
        note = "the log was cleared; what stood in it before is unseen"
        ledger.gap(Reason.LOG_CLEARED, note, telemetry=Telemetry.WINDOWS_EVENT, host=host)
    system = [("EventRecordID", str(found.number)), ("Level", _KINDS.get(found.kind, str(found.kind)))]
    system += [("Task", str(found.category))] if found.category else []
    data = [("Data", text) for text in found.texts]
    data += [("Binary", found.data[:_MOST_DATA].hex())] if found.data else []
    record = record_of(head, system, data, f"record {found.number}", source.host)
    if sieve.everything or sieve.admits("\n".join(record.event.values()).encode("utf-8", "replace")):
        yield record


def _account(lacking: int, broken: list[int], source: Opened, ledger: Ledger) -> None:
    """Say what is not there; what was written over in part is no record of the ring any more, where none is lacking."""
    if lacking <= 0:
        if broken:
            ledger.notes.append(f"{len(broken)} remnants of records that were written over in part were not read")
        return
    for place in broken:
        ledger.count(Telemetry.WINDOWS_EVENT, 1, source.host)
        ledger.spoil(f"byte {place}")
    note = f"the header counts {lacking} records more than could be read"
    ledger.gap(Reason.CORRUPT, note, telemetry=Telemetry.WINDOWS_EVENT, host=source.host)
