"""The 3CX Desktop App's `manifest` file, in which the trojanised library kept the time at which to act next.

The public reports say that the file holds a time drawn some days to weeks ahead, and that the library did nothing
before it. They do not state how it is encoded. So all common ways are accepted: a little-endian time_t of four or
eight bytes, decimal seconds, ISO 8601; and only where the time is plausible. Anything else is unreadable and a gap:
a file that cannot be read must never count as "no due time".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.evidence.containers.streams import read_whole
from nachsorge.evidence.seams import Opened, Plant, ReadError, Sieve
from nachsorge.evidence.text import text_record
from nachsorge.model.evidence import Record, Value
from nachsorge.model.times import SECOND, Instant, parse_instant, render
from nachsorge.model.words import Kind, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger

LARGEST = 64
EARLIEST = parse_instant("2020-01-01")
LATEST = parse_instant("2036-01-01")
"""Before this: the year 2035 is the last plausible one."""

_PLACE = re.compile(r"(?:^|[/\\!])3CXDesktopApp[/\\]app[/\\]manifest(?:#\d+)?\Z", re.IGNORECASE)
_SECONDS = re.compile(rb"\d{9,11}\Z")


class ThreeCx:
    """Reader of the app's manifest; it needs to see the folder to be sure."""

    name = "threecx"
    telemetry: tuple[Telemetry, ...] = (Telemetry.FILESYSTEM, Telemetry.TEXT)

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the place where `name` is a path; of a bare name, a small file called `manifest`."""
        if is_manifest(name):
            return 95
        return 60 if name.lower() == "manifest" and len(head) <= LARGEST else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the due time as an INSTANT `due`; ReadError with CORRUPT where it cannot be read.

        A small `manifest` that is not the app's is given as text, so that it is searched all the same.
        """
        with source.open() as stream:
            data = read_whole(stream, 1024 * 1024)
        if not is_manifest(source.path):
            ledger.count(Telemetry.TEXT, 1, source.host)
            yield text_record(data, "line 1")
            return
        ledger.count(Telemetry.FILESYSTEM, 1, source.host)
        due = due_time(data)
        if due is None:
            ledger.spoil("byte 0")
            raise ReadError(Reason.CORRUPT, f"the 3CX manifest ({len(data)} bytes) holds no time of a known encoding")
        text = render(due)
        yield Record(
            telemetry=Telemetry.FILESYSTEM,
            locator="byte 0",
            time=source.modified,
            values=(Value(Kind.INSTANT, "due", text), Value(Kind.PATH, "path", source.path)),
            event={"path": source.path, "due": text},
            host=source.host,
        )

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Give nothing: the file holds a time and no value that could be planted."""
        return None


def is_manifest(path: str) -> bool:
    """Tell whether a path ends in the app's folder and the file's name."""
    return bool(_PLACE.search(path))


def due_time(data: bytes) -> Instant | None:
    """Decode the due time; None where no encoding gives a plausible one."""
    text = data.strip(b" \t\r\n\0")
    if _SECONDS.match(text):
        return _plausible(int(text) * SECOND)
    # Some four letters are a time in 2023 as well; a text must not refute anything.
    if len(data) in (4, 8) and not (data.isascii() and data.decode("ascii").isprintable()):
        return _plausible(int.from_bytes(data, "little") * SECOND)
    try:
        return _plausible(parse_instant(text.decode("ascii"))) if len(text) <= LARGEST else None
    except (ValueError, OverflowError):
        return None


def _plausible(instant: Instant) -> Instant | None:
    return instant if EARLIEST <= instant < LATEST else None
