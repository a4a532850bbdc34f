r"""Logs of apps made with Electron, the 3CX Desktop App among them: what the app did and fetched, and its own version.

`electron-log` writes `[2023-03-22 10:11:12.345] [info]  text` into `AppData\Roaming\<app>\logs`, `Library/Logs/<app>`
or `.config/<app>/logs`; `electron-updater` says there which version the app has when it finds no newer one. How the
3CX app's own logs look is not published: all text logs in its folders are read, whatever their lines look like. A log
is begun anew after a megabyte and covers nothing.
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
from nachsorge.model.evidence import Record, Software, Value
from nachsorge.model.times import from_datetime
from nachsorge.model.words import Kind, Platform, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve
    from nachsorge.model.times import Instant

_STAMP = re.compile(rb"(?:\xef\xbb\xbf)?\[(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)\.(\d{3})\] \[([a-z]+)\]")
_LINE = re.compile(rb"^" + _STAMP.pattern, re.MULTILINE)
_PLACES = (
    (Platform.WINDOWS, re.compile(r"[/\\]AppData[/\\]Roaming[/\\]([^/\\]+)[/\\]logs?[/\\][^/\\]+\Z", re.IGNORECASE)),
    (Platform.MACOS, re.compile(r"[/\\]Library[/\\]Logs[/\\]([^/\\]+)[/\\][^/\\]+\Z", re.IGNORECASE)),
    (Platform.LINUX, re.compile(r"[/\\]\.config[/\\]([^/\\]+)[/\\]logs?[/\\][^/\\]+\Z", re.IGNORECASE)),
)
_OURS = re.compile(r"(?:^|[/\\!])3CX ?Desktop ?App[/\\](?:.*[/\\])?[^/\\]+\.log(?:\.\d+)?\Z", re.IGNORECASE)
_HAS = re.compile(r"Update for version (\d[\w.+-]{0,60}) is not available")
_URL = re.compile(r"https?://[^\s\"'<>]+", re.IGNORECASE)
_PATH = re.compile(r"(?:[A-Za-z]:\\|/Users/|/home/)[^\"'<>|*?\r\n]+")


class ElectronLog:
    """Reader of these logs."""

    name = "electron_log"
    text = True
    telemetry: tuple[Telemetry, ...] = (Telemetry.TEXT,)
    tells = Tells(
        proves="that the app ran at that time, and what it says that it fetched; where its updater found nothing "
        "newer, which version it had",
        rules_out="nothing: what is logged is the app's choice, and the log is begun anew after a megabyte",
        not_told="the time zone; what a library within the app did, and with whom it spoke",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the lines, the surer in a folder of logs; in the 3CX app's folders take any text log."""
        if _LINE.search(head[:16384]):
            return 88 if _OURS.search(name) or _app(name) else 40
        return 50 if _OURS.search(name) and b"\0" not in head else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the admitted lines; those without a time belong to a message before, or are another log's."""
        yield from read_lines(source, _Log(source), sieve, ledger)
        note_zone(ledger)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make a line that names the planted host."""
        return b"[2023-03-22 10:11:12.345] [info]  Downloading update from https://%s/\n" % plant.host.encode()


def _app(path: str) -> tuple[str, Platform] | None:
    """Give the app in whose folder a log lies."""
    found = ((pattern.search(path), platform) for platform, pattern in _PLACES)
    return next(((match[1], platform) for match, platform in found if match), None)


class _Log(LocalLines):
    telemetry = Telemetry.TEXT
    # The app's name stands in the path alone: a sieve that looks for it would drop the line that tells the version.
    escapes: tuple[bytes, ...] = (b"is not available",)

    def __init__(self, source: Opened) -> None:
        self.host = source.host
        self.app = _app(source.path)

    def parse(self, line: bytes, locator: str) -> Record | None:
        stamp = _STAMP.match(line)
        text = lenient(line[stamp.end() :] if stamp else line).strip()
        values = [Value(Kind.TEXT, "message", text)]
        values += [Value(Kind.URL, "url", url) for url in _URL.findall(text)]
        values += [Value(Kind.PATH, "path", path.strip()) for path in _PATH.findall(text)]
        return Record(
            telemetry=Telemetry.TEXT,
            locator=locator,
            time=_time(stamp) if stamp else None,
            values=tuple(values),
            event={"message": text} | ({"level": lenient(stamp[8])} if stamp else {}),
            host=self.host,
            software=self._software(text),
        )

    def _software(self, text: str) -> Software | None:
        found = _HAS.search(text)
        if found is None or self.app is None:
            return None
        return Software(name=self.app[0], version=found[1], platform=self.app[1])


def _time(stamp: re.Match[bytes]) -> Instant | None:
    *parts, thousandth = (int(part) for part in stamp.groups()[:7])
    try:
        return plausible(from_datetime(datetime(*parts, thousandth * 1000, tzinfo=UTC)))  # type: ignore[misc, arg-type]
    except ValueError:
        return None
