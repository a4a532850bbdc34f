r"""`RecentFileCache.bcf` of Windows 7 and 2008 R2: programs that were started or unpacked since the last daily task.

It is what came before Amcache: a list of paths, emptied by the task ProgramDataUpdater. Layout: H. Carvey, "RegRipper:
rfc"; each path is a count of letters, the letters, and a zero. It proves that a program lay there and, with few
exceptions, ran; it clears nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nachsorge.evidence.containers.streams import read_whole
from nachsorge.evidence.seams import ReadError, Tells
from nachsorge.model.evidence import Record, Value
from nachsorge.model.words import Kind, Platform, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve

LARGEST = 16 * 1024 * 1024
MAGIC = bytes.fromhex("feffeeff1122334403000000")
_HEAD = 20
_LONGEST = 32_768


class RecentFileCache:
    """Reader of the list."""

    name = "recent_file_cache"
    telemetry: tuple[Telemetry, ...] = (Telemetry.PROGRAM_EXECUTION,)
    tells = Tells(
        proves="that a program of this path lay on the machine and, with few exceptions, was started, since the last "
        "daily task before the list's own time",
        rules_out="nothing: the list is emptied every day",
        not_told="when it ran, how often and by whom; hashes",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the head."""
        return 96 if head.startswith(MAGIC) else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield one record a path; what lies behind damage is a gap (TRUNCATED)."""
        with source.open() as stream:
            data = read_whole(stream, LARGEST)
        if len(data) < _HEAD or not data.startswith(MAGIC):
            raise ReadError(Reason.CORRUPT, "no list of recent programs")
        ledger.platform = ledger.platform or Platform.WINDOWS
        at, number = _HEAD, 0
        while at < len(data):
            letters = int.from_bytes(data[at : at + 4], "little")
            end = at + 4 + 2 * letters
            # A text ends with a zero of two bytes; a list that stops short of it may have gone on.
            if not 0 < letters <= _LONGEST or data[end : end + 2] != b"\0\0":
                ledger.gap(Reason.TRUNCATED, f"the list of recent programs ends within entry {number + 1}")
                return
            number += 1
            ledger.count(Telemetry.PROGRAM_EXECUTION, 1, source.host)
            yield _record(data[at + 4 : end].decode("utf-16-le", "replace"), number, source)
            at = end + 2

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make a list of the planted path."""
        return (
            MAGIC.ljust(_HEAD, b"\0") + len(plant.path).to_bytes(4, "little") + (plant.path + "\0").encode("utf-16-le")
        )


def _record(path: str, number: int, source: Opened) -> Record:
    return Record(
        telemetry=Telemetry.PROGRAM_EXECUTION,
        locator=f"entry {number}",
        time=None,
        values=(Value(Kind.PATH, "path", path),),
        event={"proves": "presence", "path": path},
        host=source.host,
        product="windows",
    )
