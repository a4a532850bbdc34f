"""Jump lists of Windows 7 and later: what a user opened with a program (`*.automaticDestinations-ms`, custom ones too).

Each destination is a record: its path, when it was last opened and how often, and all that the shell link in the list
says of it. Which program it was is said by the file's name only, as a number (AppID). A jump list proves that the
program opened the file or address; it never clears and covers no time: lists are short, per user, and can be switched
off and deleted. Automatic lists need the extra `windows` (`olefile`); custom ones do not.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from nachsorge.evidence.containers.names import last_part
from nachsorge.evidence.containers.streams import read_whole
from nachsorge.evidence.seams import ReadError, Tells
from nachsorge.evidence.windows import jump_list
from nachsorge.evidence.windows.jump_list import COMPOUND, FOOTER, Destination, automatic, custom, is_custom
from nachsorge.evidence.windows.shell_link import HEADER, UNICODE, ShellLink, link_values
from nachsorge.evidence.windows.shell_link import MAGIC as LINK
from nachsorge.model.evidence import Record, Value
from nachsorge.model.times import render
from nachsorge.model.words import Kind, Platform, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve

LARGEST = 64 * 1024 * 1024
_AUTOMATIC, _CUSTOM = ".automaticdestinations-ms", ".customdestinations-ms"
_DESTINATIONS = "DestList".encode("utf-16-le")


class JumpLists:
    """Reader of automatic and custom lists."""

    name = "jump_lists"
    telemetry: tuple[Telemetry, ...] = (Telemetry.FILE_EVENT,)
    tells = Tells(
        proves="a user's program opened this file, folder or address, when last, and on which machine it lay",
        rules_out="nothing: lists are short, per user and program, and can be switched off and deleted",
        not_told="hashes; which program it was (its AppID only); openings before the last one",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise a compound file with a stream DestList, or a custom list's header and its first link."""
        named = last_part(name).lower()
        if head.startswith(COMPOUND):
            return 98 if _DESTINATIONS in head else 96 if named.endswith(_AUTOMATIC) else 0
        if is_custom(head):
            return 95 if LINK in head[:4096] else 80 if named.endswith(_CUSTOM) else 0
        return 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield one FILE_EVENT a destination; parts that cannot be read are counted and named."""
        ledger.platform = ledger.platform or Platform.WINDOWS
        with source.open() as stream:
            data = read_whole(stream, LARGEST)
        if not data.startswith(COMPOUND) and not is_custom(data[:65536]):
            raise ReadError(Reason.CORRUPT, "no jump list")
        found = automatic(data) if data.startswith(COMPOUND) else custom(data)
        application = last_part(source.name).partition(".")[0]
        for number in sorted({*found.links, *found.destinations}):
            ledger.count(Telemetry.FILE_EVENT, 1, source.host)
            fields = _link(found.links.get(number), f"entry {number}", ledger)
            yield _record(number, fields, found.destinations.get(number), application, source.host)
        if ledger.unreadable:
            ledger.notes.append(f"{ledger.unreadable} links end within one of their parts")
        for fault in found.faults:
            ledger.gap(Reason.LIMIT if fault.startswith("more than") else Reason.CORRUPT, fault)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make a custom list of one link; there is no writer of compound files."""
        return None if head.startswith(COMPOUND) else _made(plant.path)

    def control_records(self, plant: Plant) -> Iterator[Record]:
        """Read a custom list of one link, through the decoder that both kinds share; see `plant`."""
        if jump_list.olefile is None:
            return
        (link,) = custom(_made(plant.path)).links.values()
        shell = ShellLink(link)
        shell.decode()
        yield _record(1, shell.fields, None, "control", None)


def _made(path: str) -> bytes:
    text = struct.pack("<H", len(path)) + path.encode("utf-16-le")
    link = (LINK + struct.pack("<I", 8 | UNICODE)).ljust(HEADER, b"\0") + text + bytes(4)
    return struct.pack("<5I", 2, 1, 0, 2, 1) + LINK[4:20] + link + FOOTER


def _link(data: bytes | None, place: str, ledger: Ledger) -> dict[str, str]:
    """Decode a link as far as it goes; damage spoils the record, what was found of it stays."""
    if data is None:
        return {}
    link = ShellLink(data)
    try:
        if len(data) < HEADER or not data.startswith(LINK):
            raise IndexError("no link")
        link.decode()
    except (struct.error, IndexError):
        ledger.spoil(place)
    return link.fields


def _record(
    number: int, fields: dict[str, str], destination: Destination | None, application: str, host: str | None
) -> Record:
    event = {"application_id": application, **fields}
    values: list[Value] = []
    if destination is not None:
        kind = Kind.URL if "://" in destination.path else Kind.PATH
        values += [Value(kind, "destination", destination.path)] if destination.path else []
        event |= {"destination": destination.path, "pinned": "yes" if destination.pinned else "no"}
        event |= {"machine": destination.machine} if destination.machine else {}
        event |= {"opened": render(destination.used)} if destination.used is not None else {}
        event |= {"times_opened": str(destination.count)} if destination.count >= 0 else {}
    return Record(
        telemetry=Telemetry.FILE_EVENT,
        locator=f"entry {number}",
        time=destination.used if destination is not None else None,
        values=(*values, *link_values(event)),
        event=event,
        host=host,
        product="windows",
    )
