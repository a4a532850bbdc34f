r"""Logs of the updater Squirrel (`SquirrelSetup.log`, `Squirrel-Update.log`): from where an update came, which version.

It lies beside the program or in `%LocalAppData%\SquirrelTemp`. Two spellings of the time are known:
`2016-10-31 13:54:47> Program: ...` and `[16/12/20 19:30:13] info: Program: ...` (day first). A line that says that a
version was written to its folder is evidence of that version; one that names a package, only of its being fetched.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from nachsorge.evidence.lines import read_lines
from nachsorge.evidence.seams import Tells
from nachsorge.evidence.stamps import plausible
from nachsorge.evidence.text import lenient
from nachsorge.evidence.windows.local_lines import LocalLines, note_zone
from nachsorge.evidence.windows.packages import folder_in, packages_in
from nachsorge.model.evidence import Record, Software, Value
from nachsorge.model.times import from_datetime
from nachsorge.model.words import Kind, Platform, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve
    from nachsorge.model.times import Instant

_STAMP = re.compile(
    rb"(?:(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)>|\[(\d\d)/(\d\d)/(\d\d) (\d\d):(\d\d):(\d\d)\] [a-z]+:) ?"
)
_OURS = re.compile(
    rb"^(?:\xef\xbb\xbf)?(?:\d{4}-\d\d-\d\d \d\d:\d\d:\d\d>|\[\d\d/\d\d/\d\d \d\d:\d\d:\d\d\] [a-z]+:)"
    rb" (?:Program|CheckForUpdateImpl|ApplyReleasesImpl|DownloadReleasesImpl|UpdateManager|FileDownloader): ",
    re.MULTILINE,
)
_WRITTEN = re.compile(r"(?:Writing files to app directory|Squirrel Enabled Apps|Extracting)", re.IGNORECASE)
_URL = re.compile(r"https?://[^\s\"'<>]+", re.IGNORECASE)
_PATH = re.compile(r"[A-Za-z]:\\[^\"'<>|*?\r\n]+")


class SquirrelLog:
    """Reader of these logs."""

    name = "squirrel_log"
    text = True
    telemetry: tuple[Telemetry, ...] = (Telemetry.SOFTWARE_INSTALL,)
    tells = Tells(
        proves="that this updater fetched packages from there, and wrote a version to its folder, about that time",
        rules_out="nothing: it is one program's updater, its log is begun anew, and installers do not write it",
        not_told="the time zone; whether the version ran",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise lines of the updater's own parts with its spelling of the time."""
        return 91 if _OURS.search(head[:16384]) else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the admitted lines; lines without a time belong to a message before (stack traces) and are text."""
        yield from read_lines(source, _Log(source), sieve, ledger)
        note_zone(ledger)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make a line that fetches from the planted name."""
        return b"2023-03-22 10:00:00> Program: Starting update, downloading from http://%s/\n" % plant.host.encode()


class _Log(LocalLines):
    telemetry = Telemetry.SOFTWARE_INSTALL

    def __init__(self, source: Opened) -> None:
        self.host = source.host

    def parse(self, line: bytes, locator: str) -> Record | None:
        bare = line.removeprefix(b"\xef\xbb\xbf")
        stamp = _STAMP.match(bare)
        text = lenient(bare[stamp.end() :] if stamp else bare).strip()
        names = {"message": text}
        values = [Value(Kind.TEXT, "message", text)]
        values += [Value(Kind.URL, "url", url) for url in _URL.findall(text)]
        values += [Value(Kind.PATH, "path", path.strip()) for path in _PATH.findall(text)]
        values += [Value(Kind.PATH, "package", file) for file, _, _ in packages_in(text)]
        return Record(
            telemetry=self.telemetry,
            locator=locator,
            time=_time(stamp) if stamp else None,
            values=tuple(values),
            event=names,
            host=self.host,
            software=_software(text),
            product="windows",
        )


def _software(text: str) -> Software | None:
    folder = folder_in(text) if _WRITTEN.search(text) else None
    return folder and Software(name=folder[0], version=folder[1], platform=Platform.WINDOWS)


def _time(stamp: re.Match[bytes]) -> Instant | None:
    parts = [int(part) for part in stamp.groups() if part is not None]
    if stamp[1] is None:
        parts[:3] = 2000 + parts[2], parts[1], parts[0]
    try:
        return plausible(from_datetime(datetime(*parts, tzinfo=UTC)))  # type: ignore[misc, arg-type]
    except ValueError:
        return None
