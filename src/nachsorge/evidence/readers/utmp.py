"""Logins of Linux and macOS: `wtmp`, `btmp` (failed ones), `utmp` and `utmpx` (who is logged in now).

A row proves a login, with the terminal and where it came from. It covers nothing: programs that log in without a
terminal leave no row, `utmp` holds the present only, and a wiped row leaves no hole.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from nachsorge.evidence.containers.names import last_part
from nachsorge.evidence.fields import is_address
from nachsorge.evidence.linux.utmp_rows import SIGNATURE, Layout, Row, layout_of, row_of
from nachsorge.evidence.seams import ReadError, Tells
from nachsorge.evidence.text import text_record
from nachsorge.model.evidence import Record, Value
from nachsorge.model.words import Kind, Platform, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve

_CALLED = ("utmp", "wtmp", "btmp")
_ROWS = 1000


class Utmp:
    """Reader of all of them; which layout, the first rows say."""

    name = "utmp"
    telemetry: tuple[Telemetry, ...] = (Telemetry.AUTHENTICATION,)
    tells = Tells(
        proves="Logins and logouts with user, terminal and origin; failed ones in `btmp`; starts of the system",
        rules_out="Nothing: a login without a terminal leaves no row, and a row can be wiped without a trace",
        not_told="Commands and copies over SSH, `su` and `sudo`; on macOS, logins since version 10.15 or so are in the "
        "unified log",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the signature of macOS, or rows that make sense in one of the layouts."""
        if head.startswith(SIGNATURE):
            return 92
        if layout_of(head) is None:
            return 0
        return 85 if last_part(name).lower().startswith(_CALLED) else 70

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield a record a row that is not empty."""
        with source.open() as stream:
            raw = stream.read(65536)
            layout = layout_of(raw)
            if layout is None:
                raise ReadError(Reason.CORRUPT, "no rows of any known layout")
            ledger.platform = ledger.platform or (Platform.MACOS if layout.name == "macos" else Platform.LINUX)
            number = 0
            while raw:
                whole = len(raw) - len(raw) % layout.size
                for at in range(0, whole, layout.size):
                    number += 1
                    yield from _row(raw[at : at + layout.size], number, layout, source, ledger)
                more = stream.read(_ROWS * layout.size)
                if not more and raw[whole:]:
                    note = f"ends with {len(raw) - whole} bytes that are no whole row"
                    ledger.gap(Reason.TRUNCATED, note)
                raw = raw[whole:] + more if more else b""
        if ledger.unreadable:
            ledger.notes.append("rows that make no sense were searched as text")

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make one login from the planted host, in this layout."""
        layout = layout_of(head)
        if layout is None:
            return None
        raw = bytearray(layout.size)
        texts = {"user": b"control", "line": b"pts/1", "host": plant.host.encode()}
        for name, text in texts.items():
            start, size = layout.texts[name]
            raw[start : start + len(text[:size])] = text[:size]
        struct.pack_into(f"{layout.order}h", raw, layout.kind, 7)
        struct.pack_into(f"{layout.order}{layout.time}", raw, layout.at, 1_680_000_000, 0)
        return (SIGNATURE.ljust(layout.size, b"\0") if layout.name == "macos" else b"") + bytes(raw)


def _row(raw: bytes, number: int, layout: Layout, source: Opened, ledger: Ledger) -> Iterator[Record]:
    row = row_of(raw, layout)
    if row is not None and (row.type == "signature" or (row.type == "empty" and not any(row.texts.values()))):
        return
    if layout.name == "macos" and number == 1 and raw.startswith(SIGNATURE):
        return
    ledger.count(Telemetry.AUTHENTICATION, 1, source.host)
    if row is None:
        ledger.spoil(f"row {number}")
        yield text_record(raw.replace(b"\0", b" "), f"row {number}")
        return
    if row.time is not None:
        # Shown as the source's span; no time is covered.
        ledger.first = row.time if ledger.first is None else min(ledger.first, row.time)
        ledger.last = row.time if ledger.last is None else max(ledger.last, row.time)
    yield _record(row, number, source)


def _record(row: Row, number: int, source: Opened) -> Record:
    event = {"type": row.type, "user": row.texts["user"], "terminal": row.texts["line"], "host": row.texts["host"]}
    event |= {"address": row.address, "pid": str(row.pid) if row.pid else ""}
    if last_part(source.name).lower().startswith("btmp"):
        event["outcome"] = "failed"
    # For starts of the system the field holds the kernel's version.
    remote = Kind.HOST if row.type in ("login", "logout", "login process") else Kind.TEXT
    kinds = {"host": Kind.ADDRESS if is_address(event["host"]) else remote, "address": Kind.ADDRESS}
    return Record(
        telemetry=Telemetry.AUTHENTICATION,
        locator=f"row {number}",
        time=row.time,
        values=tuple(Value(kinds.get(name, Kind.TEXT), name, text) for name, text in event.items() if text),
        event={name: text for name, text in event.items() if text},
        host=source.host,
    )
