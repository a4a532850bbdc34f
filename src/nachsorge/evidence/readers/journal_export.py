"""The systemd journal as `journalctl -o export` writes it.

An entry is fields up to an empty line; a field is `NAME=text`, or, where its text has line breaks or is no UTF-8, its
name, its size in eight bytes, and its bytes. Source: systemd, "Journal Export Formats".
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, BinaryIO

from nachsorge.evidence.linux.journal import HOST, TIME, record_of, time_of
from nachsorge.evidence.seams import Tells
from nachsorge.evidence.text import lenient
from nachsorge.model.words import Platform, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve
    from nachsorge.model.evidence import Record

LARGEST_FIELD = 4 * 1024 * 1024
LARGEST_ENTRY = 16 * 1024 * 1024
_CHUNK = 256 * 1024
_MARK = b"\n" + TIME.encode() + b"="
_BROKEN = "a stretch that is no journal field was searched as text"


class JournalExport:
    """Reader of the export format."""

    name = "journal_export"
    telemetry: tuple[Telemetry, ...] = (Telemetry.SYSLOG,)
    tells = Tells(
        proves="What programs and the system told the journal, with the program's path as the journal itself saw it",
        rules_out="Only what the same message would have been logged for, in stretches with entries",
        not_told="Entries that rotation or a size limit has deleted, and volatile journals after a restart; messages "
        "of DNS and DHCP servers are searched as text",
        covers=telemetry,
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the first fields of an entry."""
        starts = head.startswith((b"__CURSOR=", TIME.encode() + b"="))
        return 94 if starts and (_MARK in head[:4096] or head.startswith(TIME.encode())) else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the admitted entries in order."""
        ledger.platform = ledger.platform or Platform.LINUX
        timeless = 0
        with source.open() as stream:
            for number, (fields, raw) in enumerate(_Entries(stream, ledger), 1):
                time, host = time_of(_text(fields, TIME)), _text(fields, HOST) or source.host
                ledger.count(Telemetry.SYSLOG, 1, host)
                if len(fields.get(TIME, ())) > 1:  # of two entries, what stood between them is lost
                    ledger.spoil(f"entry {number}")
                    ledger.gap(Reason.CORRUPT, _BROKEN)
                if time is None:
                    timeless += 1
                else:
                    ledger.saw(Telemetry.SYSLOG, time, time, host)
                if sieve.everything or sieve.admits(raw):
                    texts = {name: [lenient(cell) for cell in cells] for name, cells in fields.items()}
                    yield record_of(texts, f"entry {number}", source.host)
        if timeless:
            note = f"{timeless} records carry no usable time; they were searched, but cover nothing"
            ledger.gap(Reason.NO_TIME, note)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make one entry whose message is in the binary form."""
        message = f"control\nhttp://{plant.host}/ {plant.address}".encode()
        size = struct.pack("<Q", len(message))
        return b"__CURSOR=s=1\n" + TIME.encode() + b"=1680000000123456\nMESSAGE\n" + size + message + b"\n\n"


def _text(fields: dict[str, list[bytes]], name: str) -> str:
    return lenient(fields[name][0]) if name in fields else ""


class _Entries:
    """Entries of a stream, with their own bytes joined for the sieve. Damage is counted and named, never raised."""

    def __init__(self, stream: BinaryIO, ledger: Ledger) -> None:
        self._stream = stream
        self._ledger = ledger
        self._buffer = b""
        self._at = 0
        self._ended = False

    def __iter__(self) -> Iterator[tuple[dict[str, list[bytes]], bytes]]:
        fields: dict[str, list[bytes]] = {}
        size = 0
        while (line := self._line()) is not None:
            if not line.strip(b"\r"):
                if fields:
                    yield fields, _joined(fields)
                fields, size = {}, 0
                continue
            name, equals, text = line.partition(b"=")
            cell = text if equals else self._sized(name)
            if cell is None or not name.replace(b"_", b"a").isalnum():
                self._lose(Reason.CORRUPT)
                name, cell = b"text", line  # what it was is not known: it is searched all the same
            if (size := size + len(cell)) > LARGEST_ENTRY:
                self._lose(Reason.LIMIT)
                continue
            fields.setdefault(lenient(name), []).append(cell)
        if fields:
            yield fields, _joined(fields)

    def _have(self, size: int) -> bool:
        while len(self._buffer) - self._at < size and not self._ended:
            chunk = self._stream.read(_CHUNK)
            self._ended = not chunk
            self._buffer, self._at = self._buffer[self._at :] + chunk, 0
        return len(self._buffer) - self._at >= size

    def _line(self) -> bytes | None:
        """Take up to the next line break; a line beyond any field's size is passed over."""
        searched = 0
        while (end := self._buffer.find(b"\n", self._at + searched)) < 0:
            searched = len(self._buffer) - self._at
            if not self._have(searched + 1):
                rest, self._at = self._buffer[self._at :], len(self._buffer)
                if rest:
                    self._lose(Reason.TRUNCATED)
                return rest or None
            if searched > LARGEST_FIELD:
                self._lose(Reason.LIMIT)
                self._at = len(self._buffer)
                searched = 0
        line, self._at = self._buffer[self._at : end], end + 1
        return line

    def _sized(self, name: bytes) -> bytes | None:
        """Take a field with its size before it; None where the size cannot be right."""
        if len(name) > 64 or not self._have(8):
            return None
        (size,) = struct.unpack_from("<Q", self._buffer, self._at)
        if size > LARGEST_FIELD:
            return None
        if not self._have(8 + size + 1):
            cell, self._at = self._buffer[self._at + 8 :], len(self._buffer)
            self._lose(Reason.TRUNCATED)
            return cell
        cell = self._buffer[self._at + 8 : self._at + 8 + size]
        if self._buffer[self._at + 8 + size : self._at + 9 + size] != b"\n":
            return None
        self._at += 9 + size
        return cell

    def _lose(self, reason: Reason) -> None:
        notes = {Reason.TRUNCATED: "the export ends in the middle of an entry", Reason.LIMIT: "a field is too large"}
        self._ledger.gap(reason, notes.get(reason, _BROKEN))


def _joined(fields: dict[str, list[bytes]]) -> bytes:
    return b"\n".join(cell for cells in fields.values() for cell in cells)
