"""Images of memory and other large dumps of bytes: LiME, Windows crash dumps, raw, by the strings in them alone.

Nothing of what an operating system keeps in memory is decoded: no processes, no connections. A string shows that these
bytes were in memory, from whatever cause: a page of news about the incident, an antivirus' own list, this very tool.
So whatever is met is a hint, and an image covers nothing. Text beyond ASCII, and all that is compressed or encrypted,
is not seen.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.evidence.seams import HEAD, ReadError, Tells
from nachsorge.evidence.strings import Found, strings
from nachsorge.model.evidence import Record, Value
from nachsorge.model.words import Kind, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve

WEAK = "a string in a memory image: these bytes were there, from whatever cause; nothing more is shown"
MOST = 1_000_000
"""So many strings are remembered, so that each is given once."""

_NOT_DONE = "structures were not decoded"

_SIGNED = {
    b"EMiL": "LiME",
    b"PAGEDU64": "Windows crash dump (64 bits)",
    b"PAGEDUMP": "Windows crash dump (32 bits)",
    b"MDMP\x93\xa7": "Windows minidump of a process",
    b"\xd2\xbe\xd2\xbe": "VMware suspended state",
    b"\xd0\xbe\xd2\xbe": "VMware snapshot state",
    b"\xd1\xba\xd1\xba": "VMware snapshot state",
}
_PACKED = {
    b"KDUMP   ": "a kdump file with compressed pages; unpack it with crash or makedumpfile",
    b"DISKDUMP": "a diskdump file with compressed pages; unpack it with crash or makedumpfile",
    b"AVML": "an AVML file with compressed pages; unpack it with avml-convert",
    b"HIBR": "a hibernation file, which is compressed; unpack it with a memory tool",
    b"hibr": "a hibernation file, which is compressed; unpack it with a memory tool",
}
_CALLED = re.compile(
    r"(?:\.(?:mem|raw|dmp|lime|vmem|vmss|vmsn|memory|ram|core)"
    r"|(?:(?<![a-z])(?:ram|mem)|physmem|memory|ramcapture|ramdump|memdump)[^/\\]*\.(?:bin|img|dd))\Z",
    re.IGNORECASE,
)
"""Endings of dumps; general ones, as of `RamCapture.bin`, count behind a word for memory."""

_FILE_SYSTEMS = (
    (3, b"NTFS    "),
    (3, b"EXFAT   "),
    (3, b"-FVE-FS-"),
    (510, b"\x55\xaa"),
    (512, b"EFI PART"),
    (0, b"XFSB"),
    (0, b"LUKS\xba\xbe"),
    (32, b"NXSB"),
    (1080, b"\x53\xef"),
    (1024, b"H+"),
    (1024, b"HX"),
    (32769, b"CD001"),
)


class MemoryImage:
    """Reader of such images; which kind, the first bytes or the name say."""

    name = "memory_image"
    telemetry: tuple[Telemetry, ...] = (Telemetry.TEXT,)
    tells = Tells(
        proves="Nothing by itself: a string that was met is a hint, whatever its indicator is worth elsewhere",
        rules_out="Nothing",
        not_told="Processes, connections and modules, for which a memory forensics tool is needed; text that is not "
        "ASCII or UTF-16, compressed or encrypted memory, pages that were swapped out",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise a signature, or bytes that are called so and hold neither text nor a file system."""
        if head.startswith((*_SIGNED, *_PACKED)):
            return 90
        if head[:4] == b"\x7fELF" and head[16:18] in (b"\x04\0", b"\0\x04"):
            return 70
        if not _CALLED.search(name) or b"\0" not in head or len(head) < 4096:
            return 0
        return 0 if any(head.startswith(mark, at) for at, mark in _FILE_SYSTEMS) else 15

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the different strings that the sieve admits, each where it was met first."""
        with source.open() as stream:
            head = stream.read(HEAD)
        for magic, note in _PACKED.items():
            if head.startswith(magic):
                raise ReadError(Reason.NOT_SUPPORTED, note)
        kind = next((kind for magic, kind in _SIGNED.items() if head.startswith(magic)), "raw bytes")
        met: set[int] = set()
        with source.open() as stream:
            for found in strings(stream, sieve):
                if found is None:
                    ledger.count(Telemetry.TEXT, 1, source.host)
                elif (text := hash((found.encoding, found.text))) not in met:
                    if len(met) >= MOST:
                        met.clear()  # a string may be given again, but none is lost
                    met.add(text)
                    yield _record(found, source)
        note = f"memory ({kind}): strings were searched, which are hints and cover nothing; {_NOT_DONE}"
        ledger.gap(Reason.NOT_SUPPORTED, note, telemetry=Telemetry.TEXT)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make a small image with the planted name in UTF-16 among zeros."""
        magic = next((magic for magic in _SIGNED if head.startswith(magic)), b"")
        return magic.ljust(64, b"\0") + f"http://{plant.host}/".encode("utf-16-le") + bytes(8192)


def _record(found: Found, source: Opened) -> Record:
    return Record(
        telemetry=Telemetry.TEXT,
        locator=f"offset 0x{found.offset:x}",
        values=(Value(Kind.TEXT, "string", found.text),),
        event={"string": found.text, "encoding": found.encoding},
        host=source.host,
        weak=WEAK,
    )
