r"""Microsoft Defender's quarantine (`ProgramData\Microsoft\Windows Defender\Quarantine`), `Entries` and `ResourceData`.

An entry says which threat was taken, from which path, when; it stays until the quarantine is emptied (by default after
90 days), often longer than the event log. What was taken is kept enciphered: here it is deciphered in memory and
hashed, so that a file that is nowhere else any more still meets an indicator. It proves the detection and clears
nothing.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from nachsorge.evidence.containers.streams import read_whole
from nachsorge.evidence.seams import ReadError, Tells
from nachsorge.evidence.text import lenient
from nachsorge.evidence.windows.defender import defender_record
from nachsorge.evidence.windows.defender_quarantine import (
    CONTENT,
    ENTRY,
    Content,
    Entry,
    Taken,
    content_of,
    decipher,
    entry_of,
)
from nachsorge.model.evidence import Record, Value
from nachsorge.model.times import render
from nachsorge.model.words import Kind, Platform, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve

LARGEST = 32 * 1024 * 1024
"""A larger file is not deciphered, which takes about a second for four megabytes."""

_ALGORITHMS = ("md5", "sha1", "sha256")
_URL = re.compile(r"https?://[^\s\"'<>]+", re.IGNORECASE)
_LONGEST = 4096


class DefenderQuarantine:
    """Reader of one entry, or of one file that was taken."""

    name = "defender_quarantine"
    telemetry: tuple[Telemetry, ...] = (Telemetry.ANTIVIRUS,)
    tells = Tells(
        proves="that Defender took a file of this path for this threat at that time; `ResourceData`: the file's hashes "
        "and, where it was downloaded, from where",
        rules_out="nothing: quarantines are emptied, and what Defender did not name is not here",
        not_told="whether the file had run before; its contents beyond the hashes (no rule looks into it)",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the first bytes, which the cipher makes the same on all machines."""
        return 96 if head.startswith((ENTRY, CONTENT)) else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield one record a thing that was taken; what cannot be followed is a gap. ReadError where nothing can."""
        with source.open() as stream:
            data = read_whole(stream, LARGEST)
        ledger.platform = ledger.platform or Platform.WINDOWS
        if data.startswith(CONTENT):
            yield from _content(content_of(data), source, ledger)
            return
        try:
            entry = entry_of(data)
        except ValueError as error:
            raise ReadError(Reason.CORRUPT, f"no readable entry of Defender's quarantine: {error}") from error
        if not entry.whole:
            note = "an entry of the quarantine whose list of files cannot be followed to its end"
            ledger.gap(Reason.CORRUPT, note, telemetry=Telemetry.ANTIVIRUS, host=source.host)
        for number, taken in enumerate(entry.taken or [Taken("")], 1):
            ledger.count(Telemetry.ANTIVIRUS, 1, source.host)
            yield _record(entry, taken, number, source)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make an entry of the planted path, or a content that was downloaded from the planted name."""
        if head.startswith(CONTENT):
            mark = f"[ZoneTransfer]\r\nHostUrl=https://{plant.host}/\r\n".encode()
            return decipher(_stream(3, 2, b"") + _stream(1, 0, b"control") + _stream(4, 0, mark, ":Zone.Identifier"))
        first = bytes(32) + (133_200_000_000_000_000).to_bytes(8, "little") + bytes(8) + b"\1\0\0\0control\0"
        path = (plant.path + "\0").encode("utf-16-le")
        second = (1).to_bytes(4, "little") + (8).to_bytes(4, "little") + path + b"\0\0file\0"
        head = bytes.fromhex("dbe8c50101000100") + bytes(32)
        head += len(first).to_bytes(4, "little") + len(second).to_bytes(4, "little") + bytes(12)
        return decipher(head) + decipher(first) + decipher(second)


def _stream(kind: int, marks: int, body: bytes, name: str = "") -> bytes:
    wide = name.encode("utf-16-le")
    numbers = ((kind, 4), (marks, 4), (len(body), 8), (len(wide), 4))
    return b"".join(number.to_bytes(size, "little") for number, size in numbers) + wide + body


def _record(entry: Entry, taken: Taken, number: int, source: Opened) -> Record:
    event = {"threat": entry.threat, "threat_id": str(entry.threat_id), "path": taken.path, "kind": taken.kind}
    event |= {"content": taken.content, "physical_path": taken.physical}
    event |= {name: render(time) for name, time in taken.times.items()}
    event |= {"taken": render(entry.time)} if entry.time is not None else {}
    kind = Kind.REGISTRY if taken.kind == "regkey" else Kind.PATH
    values = [Value(Kind.TEXT, "threat", entry.threat)] if entry.threat else []
    values += [Value(kind, "path", path) for path in dict.fromkeys((taken.path, taken.physical)) if path]
    values += [Value(Kind.TEXT, "context", text) for text in taken.more]
    return defender_record(source, f"taken {number}", entry.time, values, event)


def _content(found: Content, source: Opened, ledger: Ledger) -> Iterator[Record]:
    if not found.whole:
        note = "a file in the quarantine that is not all there: its hashes are of what is"
        ledger.gap(Reason.TRUNCATED, note, telemetry=Telemetry.ANTIVIRUS, host=source.host)
    hashes = {name: hashlib.new(name, found.file, usedforsecurity=False).hexdigest() for name in _ALGORITHMS}
    event = {"size": str(len(found.file)), **hashes}
    values = [Value(Kind.HASH, name, text) for name, text in hashes.items()]
    for name, body in found.alternate.items():
        text = lenient(body[:_LONGEST])
        event[name] = text
        values += [Value(Kind.TEXT, name, text), *(Value(Kind.URL, name, url) for url in _URL.findall(text))]
    ledger.count(Telemetry.ANTIVIRUS, 1, source.host)
    yield defender_record(source, "content", source.modified, values, event)
