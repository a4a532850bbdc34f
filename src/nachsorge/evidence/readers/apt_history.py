"""APT's `history.log`: what each run of a program of APT installed, upgraded and removed, and by which command.

It covers the installation of packages through APT from run to run, as far as no silence is too long; its times have no
zone and are taken as UTC. `dpkg.log` beside it also knows what came without APT.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
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

_START = re.compile(rb"\s*(?:\A|\n)Start-Date: \d{4}-\d\d-\d\d  ?\d\d:\d\d:\d\d")
_FIELD = re.compile(rb"(Start-Date|End-Date|Commandline|Requested-By|Comment|Error|[A-Z][a-z]+): (.*)\Z", re.DOTALL)
_CHANGES = frozenset({"Install", "Upgrade", "Downgrade", "Reinstall", "Remove", "Purge"})
_BESIDE = frozenset({"Start-Date", "End-Date", "Commandline", "Requested-By", "Comment", "Error", "Disappeared"})
_PACKAGE = re.compile(r"([^\s:,]+)(?::([\w-]+))? \(([^)]*)\)(?:, |\Z)")
_ZONE = "times without a zone were taken as UTC"


class AptHistory:
    """Reader of the log."""

    name = "apt_history"
    text = True
    telemetry: tuple[Telemetry, ...] = (Telemetry.SOFTWARE_INSTALL,)
    tells = Tells(
        proves="Which package APT installed, upgraded or removed when, and which command asked for it",
        rules_out="Installations through APT, in stretches with runs",
        not_told="Packages that `dpkg` alone installed, and programs that came another way; the zone of its times; "
        "what rotation has deleted",
        covers=(Telemetry.SOFTWARE_INSTALL,),
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the date that begins a run."""
        return 92 if _START.match(head) else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield a record a run, and one a package that it changed."""
        ledger.platform = ledger.platform or Platform.LINUX
        ledger.notes.append(_ZONE)
        run = _Run(source.host)
        with source.open() as stream:
            for number, line in numbered_lines(stream, ledger):
                if not line.strip():
                    yield from run.close(sieve, ledger)
                    run = _Run(source.host)
                elif not run.take(line, number):
                    ledger.count(Telemetry.TEXT, 1, source.host)
                    ledger.spoil(f"line {number}")
                    yield text_record(line, f"line {number}")
        yield from run.close(sieve, ledger)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make one run that installs a package which is called as the planted host."""
        return (
            b"\nStart-Date: 2023-03-29  10:00:00\nCommandline: apt install x\n"
            b"Install: " + plant.host.encode() + b":amd64 (1.0, automatic)\nEnd-Date: 2023-03-29  10:00:01\n"
        )


@dataclass(slots=True)
class _Run:
    host: str | None
    line: int = 0
    start: Instant | None = None
    end: Instant | None = None
    told: dict[str, str] = field(default_factory=dict)
    changes: list[tuple[str, str, int]] = field(default_factory=list)

    def take(self, line: bytes, number: int) -> bool:
        """Add a line; False where it is none of a run."""
        found = _FIELD.match(line)
        if found is None:
            return False
        name, text = found[1].decode(), lenient(found[2]).strip()
        if name not in _CHANGES and name not in _BESIDE:
            return False
        self.line = self.line or number
        match name:
            case "Start-Date":
                self.start = written(" ".join(text.split()))
            case "End-Date":
                self.end = written(" ".join(text.split()))
            case _ if name in _CHANGES:
                self.changes.append((name, text, number))
        self.told[name] = text
        return True

    def close(self, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Account for the run, and give its records."""
        if not self.told:
            return
        time = self.start or self.end
        if time is None:
            ledger.gap(Reason.NO_TIME, "runs without a usable date", telemetry=Telemetry.SOFTWARE_INSTALL)
        else:
            end = self.end if self.end is not None and self.end >= time else time
            ledger.saw(Telemetry.SOFTWARE_INSTALL, time, end, self.host)
        ledger.count(Telemetry.SOFTWARE_INSTALL, 1, self.host)
        said = {name: text for name, text in self.told.items() if name not in _CHANGES}
        if sieve.everything or sieve.admits("\n".join(said.values()).encode("utf-8", "replace")):
            values = tuple(Value(Kind.TEXT, name, text) for name, text in said.items())
            yield self._record(f"line {self.line}", time, values, said, None)
        for action, text, number in self.changes:
            yield from self._packages(action, text, number, time, sieve, ledger)

    def _packages(
        self, action: str, text: str, number: int, time: Instant | None, sieve: Sieve, ledger: Ledger
    ) -> Iterator[Record]:
        at = 0
        while found := _PACKAGE.match(text, at):
            at = found.end()
            # The version that was replaced was there until then, so it is a record of its own.
            versions = [part for part in found[3].split(", ") if part and part != "automatic"] or [""]
            ledger.count(Telemetry.SOFTWARE_INSTALL, len(versions), self.host)
            if sieve.everything or sieve.admits(found[0].encode("utf-8", "replace")):
                yield from (self._change(action, found, version, f"line {number}", time) for version in versions)
        if at < len(text):
            ledger.count(Telemetry.TEXT, 1, self.host)
            ledger.spoil(f"line {number}")
            yield text_record(text[at:].encode("utf-8", "replace"), f"line {number}")

    def _change(self, action: str, found: re.Match[str], version: str, locator: str, time: Instant | None) -> Record:
        event = {"action": action.lower(), "package": found[1], "arch": found[2] or "", "version": version}
        event |= {"text": found[0].rstrip(", "), "Commandline": self.told.get("Commandline", "")}
        values = [Value(Kind.TEXT, "text", event["text"]), Value(Kind.TEXT, "package", found[1])]
        values += [Value(Kind.PACKAGE, "package", purl) for purl in _purls(found[1], version)]
        software = Software(name=found[1], version=version, platform=Platform.LINUX) if version else None
        return self._record(
            locator, time, tuple(values), {name: cell for name, cell in event.items() if cell}, software
        )

    def _record(
        self,
        locator: str,
        time: Instant | None,
        values: tuple[Value, ...],
        event: dict[str, str],
        software: Software | None,
    ) -> Record:
        return Record(
            telemetry=Telemetry.SOFTWARE_INSTALL,
            locator=locator,
            time=time,
            values=values,
            event=event,
            host=self.host,
            software=software,
            product="linux",
        )


def _purls(name: str, version: str) -> Iterator[str]:
    for vendor in ("debian", "ubuntu") if version else ():
        yield f"pkg:deb/{vendor}/{name}@{version.replace('+', '%2B')}"
