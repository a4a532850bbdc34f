"""Scripts that start by their place alone: `/etc/cron.{hourly,daily,weekly,monthly}/*` and jobs of `at` (`atjobs`).

One file proves that this script is set to run, since its last change at the latest; not that it ran. It covers nothing:
there are other places, and other ways to start. The name of a job of `at` holds when it is due (at(1), `atrun`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.evidence.clocks import unix_seconds
from nachsorge.evidence.containers.names import last_part
from nachsorge.evidence.containers.streams import read_whole
from nachsorge.evidence.seams import Tells
from nachsorge.evidence.text import lenient
from nachsorge.model.evidence import Record, Value
from nachsorge.model.times import render
from nachsorge.model.words import Kind, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve

LARGEST = 4 * 1024 * 1024
_PERIOD = re.compile(r"(?:^|[/\\!])cron\.(hourly|daily|weekly|monthly)[/\\][^/\\]+\Z")
_AT = re.compile(r"(?:^|[/\\!])(?:atjobs|spool[/\\]at|var[/\\]at[/\\]jobs)[/\\]([a-z=])([0-9a-f]{5})([0-9a-f]{8})\Z")
_PROGRAM = re.compile(r"(?<![\w./-])/(?:[\w.+@-]+/)*[\w.+@-]+")
_MOST_PROGRAMS = 200
"""So many different paths of one script are compared as paths; as text all lines are."""


class CronScripts:
    """Reader of one script."""

    name = "cron_scripts"
    text = True
    telemetry: tuple[Telemetry, ...] = (Telemetry.PERSISTENCE,)
    tells = Tells(
        proves="That a script is set to run every hour, day, week or month, or once at a stated time, since the file's "
        "last change at the latest",
        rules_out="Nothing",
        not_told="Whether it ever ran (`syslog` or the journal say so), whether it may be executed at all; what the "
        "programs do that it starts; programs without source in these folders, which are met by name and hash",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the place alone: a script can hold anything."""
        if b"\0" in head or not head.strip():
            return 0
        return 82 if _PERIOD.search(name) or _AT.search(name) else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the one script."""
        with source.open() as stream:
            text = lenient(read_whole(stream, LARGEST)).replace("\r\n", "\n")
        ledger.count(Telemetry.PERSISTENCE, 1, source.host)
        yield _record(text, source)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """No file, for it is recognised by its place: see `control_records`."""
        return None

    def control_records(self, plant: Plant) -> Iterator[Record]:
        """Make what a script with the planted name becomes."""
        values = (Value(Kind.TEXT, "script", f"curl http://{plant.host}/"), Value(Kind.PATH, "program", plant.path))
        yield Record(telemetry=Telemetry.PERSISTENCE, locator="script", values=values)


def _record(text: str, source: Opened) -> Record:
    event = {"path": source.path, "script": text.strip()[:4000], **_when(source.path)}
    values = [Value(Kind.PATH, "path", source.path)]
    values += [Value(Kind.PATH, "program", path) for path in _programs(text)]
    # A line that ends in a backslash goes on in the next one.
    values += [Value(Kind.TEXT, "script", line) for line in text.replace("\\\n", " ").split("\n") if line.strip()]
    return Record(
        telemetry=Telemetry.PERSISTENCE,
        locator="script",
        time=source.modified,
        values=tuple(values),
        event={name: cell for name, cell in event.items() if cell},
        host=source.host,
        service="cron",
    )


def _programs(text: str) -> list[str]:
    found: dict[str, None] = {}
    for match in _PROGRAM.finditer(text):
        found[match[0]] = None
        if len(found) == _MOST_PROGRAMS:
            break
    return list(found)


def _when(path: str) -> dict[str, str]:
    """Say how often or when: `a0000a01a9f3c2` is job 10 of queue `a`, due in minutes since 1970."""
    if found := _PERIOD.search(path):
        return {"when": found[1]}
    at = _AT.search(path)
    due = unix_seconds(int(at[3], 16) * 60) if at else None
    return {"when": "once", "job": last_part(path)} | ({"due": render(due)} if due is not None else {})
