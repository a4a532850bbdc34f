"""Windows shortcuts (`*.lnk`): what they point at, on which drive and machine, with which arguments (MS-SHLLINK).

A shortcut proves that somebody or something made it to a file of that name, which then had those times; in the Recent
folder, that a user opened the file. It covers nothing. The list of shell items is not decoded; its readable names are
searched as text.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from nachsorge.evidence.containers.streams import read_whole
from nachsorge.evidence.seams import ReadError, Tells
from nachsorge.evidence.windows.shell_link import HEADER, MAGIC, UNICODE, ShellLink, link_values
from nachsorge.model.evidence import Record
from nachsorge.model.words import Platform, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve

LARGEST = 16 * 1024 * 1024


class Lnk:
    """Reader of shortcuts."""

    name = "lnk"
    telemetry: tuple[Telemetry, ...] = (Telemetry.FILE_EVENT,)
    tells = Tells(
        proves="a shortcut was made to a file of this path, which then had those times; in `Recent`, a user opened it",
        rules_out="nothing: shortcuts are few, and are deleted",
        not_told="hashes, who made it; whether the file was ever there in full",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the header with its class identifier."""
        return 98 if head.startswith(MAGIC) else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the one record; what lies behind damage is a gap (TRUNCATED)."""
        ledger.platform = ledger.platform or Platform.WINDOWS
        with source.open() as stream:
            data = read_whole(stream, LARGEST)
        if len(data) < HEADER or not data.startswith(MAGIC):
            raise ReadError(Reason.TRUNCATED, f"a shortcut ends within its header of {HEADER} bytes")
        link = ShellLink(data)
        try:
            link.decode()
        except (struct.error, IndexError) as error:
            ledger.gap(Reason.TRUNCATED, f"the shortcut ends within one of its parts: {error}")
        ledger.count(Telemetry.FILE_EVENT, 1, source.host)
        yield _record(link, source)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make a shortcut whose relative path is the planted one."""
        text = plant.path.encode("utf-16-le")
        flags = struct.pack("<I", 8 | UNICODE)
        return (MAGIC + flags).ljust(HEADER, b"\0") + struct.pack("<H", len(plant.path)) + text + bytes(4)


def _record(link: ShellLink, source: Opened) -> Record:
    event = link.fields
    return Record(
        telemetry=Telemetry.FILE_EVENT,
        locator="shortcut",
        time=source.modified,
        values=link_values(event),
        event=event,
        host=source.host,
        product="windows",
    )
