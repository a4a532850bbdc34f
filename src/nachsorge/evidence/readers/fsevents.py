"""Records of macOS of changed files and folders (`.fseventsd`), all three versions of the format.

A record proves that something of this path was created, changed, renamed or removed before the file's own time; when,
it does not say, and several changes become one record. It covers nothing: old files are deleted, and a volume can be
told to keep none. Layout: published analyses; Apple documents nothing.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from nachsorge.evidence.containers.streams import read_whole
from nachsorge.evidence.seams import Tells
from nachsorge.evidence.text import lenient
from nachsorge.model.evidence import Record, Value
from nachsorge.model.times import render
from nachsorge.model.words import Kind, Platform, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve

LARGEST = 256 * 1024 * 1024
_TAILS = {b"1SLD": 12, b"2SLD": 20, b"3SLD": 24}
"""How many bytes follow a path, by version: identifier and flags, then the node, then a number of unknown use."""

_LONGEST_PATH = 4096
_FLAGS = {
    0x00000001: "created",
    0x00000002: "removed",
    0x00000004: "metadata changed",
    0x00000008: "renamed",
    0x00000010: "modified",
    0x00000020: "exchanged",
    0x00000040: "Finder information changed",
    0x00000080: "folder created",
    0x00000100: "permissions changed",
    0x00000200: "attributes changed",
    0x00000400: "attributes removed",
    0x00004000: "cloned",
    0x00080000: "last hard link removed",
    0x00100000: "hard link",
    0x00400000: "symbolic link",
    0x00800000: "file",
    0x01000000: "folder",
    0x02000000: "mount",
    0x04000000: "unmount",
}
"""What happened is one bit for each number of `sys/fsevents.h` (FSE_CREATE_FILE is 0); upper bits say what it was."""


class Fsevents:
    """Reader of one file of records, which usually lies in a gzip."""

    name = "fsevents"
    telemetry: tuple[Telemetry, ...] = (Telemetry.FILE_EVENT,)
    tells = Tells(
        proves="That a file or folder of this path was there, and was created, changed, renamed or removed before the "
        "file's own time",
        rules_out="Nothing",
        not_told="When it happened, by which program, and in which order within one record; the volume, where paths "
        "begin at its root",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the signature before a size that can be right."""
        if head[:4] not in _TAILS or len(head) < 12:
            return 0
        return 92 if 12 <= struct.unpack_from("<I", head, 8)[0] <= LARGEST else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the admitted records."""
        ledger.platform = ledger.platform or Platform.MACOS
        with source.open() as stream:
            data = read_whole(stream, LARGEST)
        at = number = 0
        while at + 12 <= len(data):
            tail = _TAILS.get(data[at : at + 4])
            (size,) = struct.unpack_from("<I", data, at + 8)
            if tail is None or size < 12:
                break
            end = min(at + size, len(data))
            for path, identifier, flags in _page(data, at + 12, end, tail, ledger):
                number += 1
                ledger.count(Telemetry.FILE_EVENT, 1, source.host)
                if sieve.everything or sieve.admits(b"/" + path):
                    yield _record(path, identifier, flags, number, source)
            if at + size > len(data):
                ledger.gap(Reason.TRUNCATED, "ends within a page of records")
            at += size
        if at < len(data):
            ledger.gap(Reason.CORRUPT, f"{len(data) - at} bytes behind the last page were not read")
        when = f" {render(source.modified)}" if source.modified else ""
        ledger.notes.append(f"records carry no time; they happened before the file's own{when}")

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make a page with one record of a file that is called as the planted host."""
        magic = head[:4] if head[:4] in _TAILS else b"1SLD"
        path = plant.host.encode() + b"\0" + struct.pack("<QI", 1, 0x00800001) + bytes(_TAILS[magic] - 12)
        return magic + bytes(4) + struct.pack("<I", 12 + len(path)) + path


def _page(data: bytes, at: int, end: int, tail: int, ledger: Ledger) -> Iterator[tuple[bytes, int, int]]:
    while at < end:
        stop = data.find(b"\0", at, min(at + _LONGEST_PATH, end))
        if stop < 0 or stop + 1 + tail > end:
            ledger.gap(Reason.CORRUPT, f"no record at byte {at}; the rest of its page was not read")
            return
        identifier, flags = struct.unpack_from("<QI", data, stop + 1)
        yield data[at:stop], identifier, flags
        at = stop + 1 + tail


def _record(path: bytes, identifier: int, flags: int, number: int, source: Opened) -> Record:
    text = "/" + lenient(path).lstrip("/")
    names = [name for flag, name in _FLAGS.items() if flags & flag]
    event = {"path": text, "flags": ", ".join(names) or f"{flags:#x}", "identifier": str(identifier)}
    if source.modified:
        event["before"] = render(source.modified)
    return Record(
        telemetry=Telemetry.FILE_EVENT,
        locator=f"record {number}",
        # Folders of caches and profiles are called as sites are: names are looked for in paths as well.
        values=(Value(Kind.PATH, "path", text), Value(Kind.TEXT, "path", text)),
        event=event,
        host=source.host,
        product="macos",
    )
