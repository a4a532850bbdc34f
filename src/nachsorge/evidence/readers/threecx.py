"""What the 3CX Desktop App and its trojanised libraries kept in files of their own.

`manifest` (Windows): the time at which the library acts next. The public reports say that it is drawn some days to
weeks ahead, and that the library did nothing before it. They do not state how it is encoded. So all common ways are
accepted: a little-endian time_t of four or eight bytes, decimal seconds, ISO 8601; and only where the time is
plausible. Anything else is unreadable and a gap: a file that cannot be read must never count as "no due time".

`.main_storage` (macOS): the library's state, 56 bytes, each XORed with 0x7A (Objective-See; NCSC). That it is there
proves that the library ran; its time is that of the last change. `config.json`: the app's own settings, which the
later stages read (account and server). It proves that somebody had set the app up, and tells no version.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from nachsorge.evidence.containers.streams import read_whole
from nachsorge.evidence.seams import Opened, Plant, ReadError, Sieve, Tells
from nachsorge.evidence.text import lenient, text_record
from nachsorge.model.evidence import Record, Software, Value
from nachsorge.model.times import SECOND, Instant, parse_instant, render
from nachsorge.model.words import Kind, Platform, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger

LARGEST = 64
STATE_SIZE = 56
STATE_KEY = 0x7A
LARGEST_SETTINGS = 1024 * 1024
APP = "3CX Desktop App"
EARLIEST = parse_instant("2020-01-01")
LATEST = parse_instant("2036-01-01")
"""Before this: the year 2035 is the last plausible one."""

_PLACE = re.compile(r"(?:^|[/\\!])3CXDesktopApp[/\\]app[/\\]manifest(?:#\d+)?\Z", re.IGNORECASE)
_APP_FOLDER = r"(?:^|[/\\!])3CX ?Desktop ?App[/\\]"
_STATE = re.compile(_APP_FOLDER + r"\.main_storage(?:#\d+)?\Z", re.IGNORECASE)
_SETTINGS = re.compile(_APP_FOLDER + r"config\.json(?:#\d+)?\Z", re.IGNORECASE)
_SHOWN = ("accountname", "url")
_DEEPEST = 16
_UNPRINTABLE = re.compile(r"[^\x20-\x7e]+")
"""Stretches that are not printable."""
_SECONDS = re.compile(rb"\d{9,11}\Z")


class ThreeCx:
    """Reader of the app's files; it needs to see the folder to be sure."""

    name = "threecx"
    telemetry: tuple[Telemetry, ...] = (Telemetry.FILESYSTEM, Telemetry.INSTALLED_SOFTWARE, Telemetry.TEXT)
    tells = Tells(
        proves="`manifest`: that the trojanised library ran, and before when it made no contact; `.main_storage`: that"
        " it ran; `config.json`: that the app was set up",
        rules_out="`manifest`: contact by the icon files, where the stored time is after the take-down; else nothing",
        not_told="when the library first ran (the file's own times may); the app's version",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the place where `name` is a path; of a bare name, a small file called `manifest`."""
        if is_manifest(name) or _STATE.search(name):
            return 95
        if _SETTINGS.search(name) and head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
            return 95
        return 60 if name.lower() == "manifest" and len(head) <= LARGEST else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the due time as an INSTANT `due`, the state, or the settings; ReadError where they cannot be read.

        A small `manifest` that is not the app's is given as text, so that it is searched all the same.
        """
        with source.open() as stream:
            data = read_whole(stream, LARGEST_SETTINGS)
        if _STATE.search(source.path) or _SETTINGS.search(source.path):
            yield _state(data, source, ledger) if _STATE.search(source.path) else _settings(data, source, ledger)
            return
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


def _state(data: bytes, source: Opened, ledger: Ledger) -> Record:
    """Decode the library's state; the file is given as a record whatever is in it, for it is a trace by itself."""
    ledger.count(Telemetry.FILESYSTEM, 1, source.host)
    event = {"path": source.path, "size": str(len(data))}
    if len(data) != STATE_SIZE:
        ledger.notes.append(f"{len(data)} bytes, where the published state has {STATE_SIZE}: not decoded")
        values = [Value(Kind.TEXT, "content", lenient(data[:4096]))]
    else:
        plain = bytes(byte ^ STATE_KEY for byte in data)
        event["state"] = _UNPRINTABLE.sub(" ", lenient(plain)).strip()
        values = [Value(Kind.TEXT, "state", event["state"])]
    return Record(
        telemetry=Telemetry.FILESYSTEM,
        locator="byte 0",
        time=source.modified,
        values=(Value(Kind.PATH, "path", source.path), *values),
        event=event,
        host=source.host,
        product="macos",
    )


def _settings(data: bytes, source: Opened, ledger: Ledger) -> Record:
    """Give the settings: of all the texts in it only account and server are kept for people, the rest is compared."""
    try:
        tree = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ReadError(Reason.CORRUPT, f"the app's settings are no JSON: {error}") from error
    ledger.count(Telemetry.INSTALLED_SOFTWARE, 1, source.host)
    pairs = list(_leaves(tree))
    shown = {name: text for name, text in pairs if name.rpartition(".")[2].lower() in _SHOWN}
    values = [Value(Kind.URL if "://" in text else Kind.TEXT, name, text) for name, text in pairs if text]
    on_mac = "application support" in source.path.lower()
    return Record(
        telemetry=Telemetry.INSTALLED_SOFTWARE,
        locator="settings",
        time=source.modified,
        values=(Value(Kind.PATH, "path", source.path), *values),
        event={"path": source.path, **shown},
        host=source.host,
        software=Software(name=APP, version="", platform=Platform.MACOS if on_mac else Platform.WINDOWS),
    )


def _leaves(tree: object, prefix: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    match tree:
        case dict() if depth < _DEEPEST:
            for name, below in tree.items():
                yield from _leaves(below, f"{prefix}.{name}" if prefix else str(name), depth + 1)
        case list() if depth < _DEEPEST:
            for below in tree:
                yield from _leaves(below, prefix, depth + 1)
        case None | bool():
            return
        case _:
            yield prefix or "value", str(tree)[:LARGEST_SETTINGS]


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
