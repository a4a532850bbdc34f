"""`/var/log/lastlog` of Linux: when each user logged in last, on which terminal, and from where.

The file has no head: row n belongs to the user with number n, 292 bytes each (utmp.h: a time of four bytes, a terminal
of 32, a host of 256), so a user with a high number makes it long and mostly empty. Rows are written by `login`, sshd
and display managers. Which name a number has stands in `/etc/passwd`.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nachsorge.evidence.containers.names import last_part
from nachsorge.evidence.fields import is_address
from nachsorge.evidence.seams import Tells
from nachsorge.evidence.stamps import plausible
from nachsorge.evidence.text import lenient, text_record
from nachsorge.model.evidence import Record, Value
from nachsorge.model.times import SECOND, Instant
from nachsorge.model.words import Kind, Platform, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve

ROW = 292
MOST = 16 * 1024 * 1024
"""Users up to this number are looked at: 4.6 GiB. A directory may give numbers of ten digits, behind a hole."""

_ROWS = 4096
_TEXT = re.compile(rb"[\t\x20-\x7e\x80-\xff]*\0*\Z")
_ORDERS = "<>"
_NOTHING = bytes(ROW)


@dataclass(frozen=True, slots=True)
class _Row:
    time: Instant
    terminal: str
    host: str


class Lastlog:
    """Reader of lastlog."""

    name = "lastlog"
    telemetry: tuple[Telemetry, ...] = (Telemetry.AUTHENTICATION,)
    tells = Tells(
        proves="the last login of a user, by number, with time, terminal and origin",
        rules_out="nothing: each login overwrites the one before, one without a terminal may leave none, and a row can "
        "be wiped without a trace",
        not_told="earlier logins (`wtmp` holds them), failed ones, the user's name; newer systems keep `lastlog2`, a "
        "database, instead",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise rows that are empty or make sense; without one that is not empty, or without the name, doubt it."""
        named = last_part(name).lower().startswith("lastlog")
        raws = _raws(head[: len(head) - len(head) % ROW])
        if not raws or (not named and head[4:7] not in (b"tty", b"pts")):
            return 0
        order = _order(raws)
        sane = [row_of(raw, order) is not None for raw in raws if raw != _NOTHING]
        if all(sane):
            return (88 if named else 75) if sane else 60 if named else 0
        return 60 if named and sum(sane) * 2 >= len(sane) else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield a record a row that is not empty."""
        ledger.platform = ledger.platform or Platform.LINUX
        number, order = 0, ""
        with source.open() as stream:
            while raw := _block(stream.read, ROW * _ROWS):
                if len(raw) % ROW:
                    ledger.gap(Reason.TRUNCATED, f"ends with {len(raw) % ROW} bytes that are no whole row")
                if any(raw):
                    rows = _raws(raw[: len(raw) - len(raw) % ROW])
                    order = order or _order(rows)
                    for at, row in enumerate(rows, number):
                        if row != _NOTHING:
                            yield _record(row, order, at, source, ledger)
                number += _ROWS
                if number >= MOST:
                    ledger.gap(Reason.LIMIT, f"users with numbers from {number} on were not read")
                    break
        if ledger.unreadable:
            ledger.notes.append("rows that make no sense were searched as text")

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make one row with a login from the planted host."""
        order = _order(_raws(head[: len(head) - len(head) % ROW]))
        return struct.pack(f"{order}I32s256s", 1_680_000_000, b"pts/0", plant.host.encode())


def _block(read: Callable[[int], bytes], size: int) -> bytes:
    """Read so much, whatever the stream gives at a time."""
    parts: list[bytes] = []
    while size > 0 and (part := read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _raws(body: bytes) -> list[bytes]:
    return [body[at : at + ROW] for at in range(0, len(body), ROW)]


def _order(rows: list[bytes]) -> str:
    """Choose the byte order in which more rows make sense; the usual one where both do."""
    return max(_ORDERS, key=lambda order: sum(row != _NOTHING and row_of(row, order) is not None for row in rows))


def row_of(raw: bytes, order: str) -> _Row | None:
    """Decode one row; None where its time is none, or its texts are no text."""
    seconds, terminal, host = struct.unpack(f"{order}I32s256s", raw)
    time = plausible(seconds * SECOND)
    if time is None or not _TEXT.match(terminal) or not _TEXT.match(host) or not terminal.strip(b"\0"):
        return None
    return _Row(time, lenient(terminal.rstrip(b"\0")), lenient(host.rstrip(b"\0")))


def _record(raw: bytes, order: str, number: int, source: Opened, ledger: Ledger) -> Record:
    ledger.count(Telemetry.AUTHENTICATION, 1, source.host)
    row = row_of(raw, order)
    if row is None:
        ledger.spoil(f"user {number}")
        return text_record(raw.replace(b"\0", b" "), f"user {number}")
    # Shown as the source's span; no time is covered.
    ledger.first = row.time if ledger.first is None else min(ledger.first, row.time)
    ledger.last = row.time if ledger.last is None else max(ledger.last, row.time)
    event = {"type": "login", "uid": str(number), "terminal": row.terminal, "host": row.host}
    kinds = {"host": Kind.ADDRESS if is_address(row.host) else Kind.HOST}
    return Record(
        telemetry=Telemetry.AUTHENTICATION,
        locator=f"user {number}",
        time=row.time,
        values=tuple(Value(kinds.get(name, Kind.TEXT), name, text) for name, text in event.items() if text),
        event={name: text for name, text in event.items() if text},
        host=source.host,
    )
