"""Alpine's log of packages (`/var/log/apk.log`, apk-tools 3): what each run of `apk` installed, upgraded and purged.

A run begins with its command and its time, which is UTC; the changes below it have none of their own. It covers the
installation of packages through apk from run to run, as far as no silence is too long.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nachsorge.evidence.line_stream import numbered_lines
from nachsorge.evidence.seams import Tells
from nachsorge.evidence.stamps import written
from nachsorge.evidence.text import lenient, text_record
from nachsorge.model.evidence import Record, Software, Value
from nachsorge.model.times import Instant
from nachsorge.model.words import Kind, Platform, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve

_RUN = re.compile(rb"Running `(.*)` at (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\s*\Z", re.DOTALL)
_OPENS = re.compile(rb"\s*Running `[^\n]*` at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\r?(?:\n|\Z)")
_CHANGE = re.compile(
    rb"\(\s*\d+/\d+\) (Installing|Upgrading|Downgrading|Replacing|Reinstalling|Purging) (\S+) \(([^)]*)\)"
)


class ApkLog:
    """Reader of the log."""

    name = "apk_log"
    text = True
    telemetry: tuple[Telemetry, ...] = (Telemetry.SOFTWARE_INSTALL,)
    tells = Tells(
        proves="Which package apk installed, upgraded or removed when, and which command asked for it; the version "
        "that an upgrade takes away was there until then",
        rules_out="Installations through apk, in stretches with runs",
        not_told="Runs with `--no-logfile` and those of apk-tools 2 (Alpine before 3.23), which write no log; programs "
        "that came another way; what rotation has deleted",
        covers=telemetry,
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the line that begins a run; in a log that was cut, further down by a change as well."""
        if _OPENS.match(head):
            return 92
        lines = head.split(b"\n", 200)[:200]
        return 85 if any(map(_RUN.match, lines)) and any(map(_CHANGE.match, lines)) else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield a record a run and one a version that it changed; what else it says is searched as text."""
        ledger.platform = ledger.platform or Platform.LINUX
        run = _Run(source.host)
        with source.open() as stream:
            for number, line in numbered_lines(stream, ledger):
                yield from run.take(line, number, sieve, ledger)
        if run.timeless:
            note = f"{run.timeless} changes stand before the first run and have no time"
            ledger.gap(Reason.NO_TIME, note, telemetry=Telemetry.SOFTWARE_INSTALL)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make one run that installs a package which is called as the planted host."""
        return b"Running `apk add x` at 2023-03-29 10:00:00\n(1/1) Installing " + plant.host.encode() + b" (1.0-r0)\n"


@dataclass(slots=True)
class _Run:
    host: str | None
    time: Instant | None = None
    command: str = ""
    timeless: int = 0

    def take(self, line: bytes, number: int, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Take a line for what it is: a run, a change, or text."""
        if not line.strip():
            return
        if found := _RUN.match(line):
            yield from self._begin(found, line, number, sieve, ledger)
        elif changed := _CHANGE.match(line):
            yield from self._change(changed, line, number, sieve, ledger)
        else:
            ledger.count(Telemetry.TEXT, 1, self.host)
            if sieve.everything or sieve.admits(line):
                yield text_record(line, f"line {number}")

    def _begin(
        self, found: re.Match[bytes], line: bytes, number: int, sieve: Sieve, ledger: Ledger
    ) -> Iterator[Record]:
        self.time, self.command = written(found[2].decode()), lenient(found[1])
        ledger.count(Telemetry.SOFTWARE_INSTALL, 1, self.host)
        if self.time is None:
            ledger.spoil(f"line {number}")
        else:
            ledger.saw(Telemetry.SOFTWARE_INSTALL, self.time, self.time, self.host)
        if sieve.everything or sieve.admits(line):
            value = Value(Kind.TEXT, "command", self.command)
            yield self._record(f"line {number}", (value,), {"command": self.command}, None)

    def _change(
        self, found: re.Match[bytes], line: bytes, number: int, sieve: Sieve, ledger: Ledger
    ) -> Iterator[Record]:
        action, name = found[1].decode().lower(), lenient(found[2]).partition("@")[0]
        versions = [one for one in lenient(found[3]).split(" -> ") if one] or [""]
        ledger.count(Telemetry.SOFTWARE_INSTALL, len(versions), self.host)
        self.timeless += len(versions) if self.time is None else 0
        if not sieve.everything and not sieve.admits(line):
            return
        text = lenient(line).strip()
        for version in versions:
            event = {"action": action, "package": name, "version": version, "text": text, "command": self.command}
            values = [Value(Kind.TEXT, "text", text), Value(Kind.TEXT, "package", name)]
            if version:
                values.append(Value(Kind.PACKAGE, "package", f"pkg:apk/alpine/{name}@{version.replace('+', '%2B')}"))
            software = Software(name=name, version=version, platform=Platform.LINUX) if version else None
            kept = {key: cell for key, cell in event.items() if cell}
            yield self._record(f"line {number}", tuple(values), kept, software)

    def _record(
        self, locator: str, values: tuple[Value, ...], event: dict[str, str], software: Software | None
    ) -> Record:
        return Record(
            telemetry=Telemetry.SOFTWARE_INSTALL,
            locator=locator,
            time=self.time,
            values=values,
            event=event,
            host=self.host,
            software=software,
            product="linux",
        )
