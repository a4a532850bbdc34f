"""Logs of package managers, one change a line: `yum.log`, `dnf.rpm.log`, zypper's `history`, `pacman.log`.

They cover the installation of packages from line to line, as far as no silence is too long. yum's times lack the year,
and like zypper's the zone.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from nachsorge.evidence.lines import Plain, read_lines
from nachsorge.evidence.linux.nevra import nevra_of
from nachsorge.evidence.linux.rpm_header import purls
from nachsorge.evidence.seams import Tells
from nachsorge.evidence.stamps import MONTHS, written, yearless
from nachsorge.evidence.text import lenient
from nachsorge.model.evidence import Record, Software, Value
from nachsorge.model.words import Kind, Platform, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve
    from nachsorge.model.times import Instant

_ISO = rb"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:[+-]\d\d:?\d\d|Z)?"
_VERBS = (
    rb"(?:Install(?:ed)?|Upgraded?|Update[d]?|Erased?|Removed?|Reinstall(?:ed)?|Downgraded?|Obsolet(?:ed|ing)|Cleanup"
    rb"|Dep-Install(?:ed)?)"
)
_YUM = re.compile(
    rb"(?P<mon>[A-Z][a-z]{2}) (?P<day>[ \d]\d) (?P<clock>\d\d:\d\d:\d\d) (?P<verb>" + _VERBS + rb"): (?P<what>\S+)\s*\Z"
)
_DNF = re.compile(
    rb"(?P<time>" + _ISO + rb") (?:CRITICAL|ERROR|WARNING|INFO|DEBUG|DDEBUG|SUBDEBUG|TRACE) "
    rb"(?:(?P<verb>" + _VERBS + rb"): (?P<what>\S+)\s*\Z|(?P<text>.*))"
)
_ZYPP = re.compile(
    rb"(?P<time>"
    + _ISO
    + rb")\|(?P<verb>install|remove |remove)\|(?P<name>[^|]+)\|(?P<version>[^|]+)\|(?P<arch>[^|]*)\|"
    rb"|(?P<time2>" + _ISO + rb")\|(?P<text>\w[^|]*\|.*)|#.*"
)
_PACMAN = re.compile(
    rb"\[(?P<time>" + _ISO + rb")\] \[(?P<who>[A-Z0-9-]+)\] "
    rb"(?:(?P<verb>installed|upgraded|removed|downgraded|reinstalled) (?P<name>\S+) \((?P<version>[^)]+)\)\s*\Z"
    rb"|(?P<text>.*))"
)
_DIALECTS = {"yum": _YUM, "dnf": _DNF, "zypp": _ZYPP, "pacman": _PACMAN}
_KINDS = {"yum": "rpm", "dnf": "rpm", "zypp": "rpm", "pacman": "alpm"}
YEAR_NOTE = "year taken from the file's own time"
ZONE_NOTE = "times without a zone were taken as UTC"


class PackageLogs:
    """Reader of the four; which one, the first lines say."""

    name = "package_logs"
    text = True
    telemetry: tuple[Telemetry, ...] = (Telemetry.SOFTWARE_INSTALL,)
    tells = Tells(
        proves="Which package was installed, upgraded or removed when; the version that an upgrade takes away was "
        "there until then",
        rules_out="Installations through this package manager, in stretches with lines",
        not_told="Programs that came another way; the year in `yum.log`, and the zone in it and in zypper's history; "
        "what rotation has deleted",
        covers=telemetry,
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise a first part in which most lines are of one dialect, and one at least is a change."""
        return 88 if dialect_of(head) else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the admitted lines."""
        ledger.platform = ledger.platform or Platform.LINUX
        with source.open() as stream:
            form = ChangeLines(dialect_of(stream.read(65536)) or "dnf", source)
        for record in read_lines(source, form, sieve, ledger):
            yield record
            yield from form.further()
        ledger.notes.extend(sorted(form.notes))

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make one installation of a package that is called as the planted host, in this dialect."""
        match dialect_of(head):
            case "yum":
                return f"Mar 29 10:00:00 Installed: {plant.host}-1-1.noarch\n".encode()
            case "zypp":
                return f"2023-03-29 10:00:00|install|{plant.host}|1-1|noarch|root@pc|repo|0|\n".encode()
            case "pacman":
                return f"[2023-03-29T10:00:00+0000] [ALPM] installed {plant.host} (1-1)\n".encode()
            case _:
                return f"2023-03-29T10:00:00+0000 INFO Installed: {plant.host}-1-1.noarch\n".encode()


def dialect_of(head: bytes) -> str:
    """Name the dialect of most lines that has at least one change in them; empty where there is none."""
    lines = [line for line in head.split(b"\n")[:2000] if line.strip() and not line.startswith(b"#")]
    return next((name for name, pattern in _DIALECTS.items() if _is_of(pattern, lines)), "")


def _is_of(pattern: re.Pattern[bytes], lines: list[bytes]) -> bool:
    others, changes = 0, False
    for line in lines:
        match = pattern.match(line)
        others += match is None
        if others * 2 >= len(lines):
            return False
        changes |= match is not None and bool(match["verb"])
    return changes


class ChangeLines(Plain):
    """The lines of one dialect; it notes which assumptions about time it had to make."""

    telemetry = Telemetry.SOFTWARE_INSTALL
    sensor = False

    def __init__(self, dialect: str, source: Opened) -> None:
        """Take the dialect, and the file's own time for years."""
        self.shape = _DIALECTS[dialect]
        self.dialect = dialect
        self.source = source
        self.notes: set[str] = set()
        self._further: list[Record] = []
        if dialect == "zypp":
            self.directive = b"#"

    def time(self, line: bytes) -> Instant | None:
        """Read the line's time, and note what had to be assumed."""
        found = self.shape.match(line)
        if found is None:
            return None
        if self.dialect == "yum":
            self.notes |= {YEAR_NOTE, ZONE_NOTE}
            return _yearless(found, self.source.modified)
        stamp = (found["time"] or (found["time2"] if self.dialect == "zypp" else b"") or b"").decode()
        if stamp and stamp[-1] != "Z" and not re.search(r"[+-]\d\d:?\d\d\Z", stamp):
            self.notes.add(ZONE_NOTE)
        return written(stamp)

    def parse(self, line: bytes, locator: str) -> Record | None:
        """Take one change apart."""
        found = self.shape.match(line)
        if found is None:
            return None
        cells = {key: lenient(cell).strip() for key, cell in found.groupdict().items() if cell}
        package = nevra_of(cells.get("what", ""))
        name = package.name if package else cells.get("name", cells.get("what", ""))
        version = package.version if package else cells.get("version", "")
        text = lenient(line).strip()
        versions = version.split(" -> ")
        event = {"action": cells.get("verb", "").lower(), "package": name, "version": version, "text": text}
        values = [Value(Kind.PACKAGE, "package", purl) for one in versions for purl in self._purls(name, one)]
        software = [Software(name=name, version=one, platform=Platform.LINUX) for one in versions if name and one]
        record = Record(
            telemetry=self.telemetry,
            locator=locator,
            time=self.time(line),
            values=(*values, Value(Kind.TEXT, "text", text), *([Value(Kind.TEXT, "package", name)] if name else [])),
            event={key: cell for key, cell in event.items() if cell},
            host=self.source.host,
            software=software[-1] if software else None,
            product="linux",
        )
        self._further = [replace(record, software=one, values=(), event={}) for one in software[:-1]]
        return record

    def further(self) -> list[Record]:
        """Give the version that the change decoded last took away, as a record of its own, once."""
        found, self._further = self._further, []
        return found

    def _purls(self, name: str, version: str) -> list[str]:
        if _KINDS[self.dialect] == "rpm":
            return purls(name, version, "suse" if self.dialect == "zypp" else "")
        return [f"pkg:alpm/arch/{name}@{version}"] if name and version else []


def _yearless(found: re.Match[bytes], modified: Instant | None) -> Instant | None:
    month = MONTHS.get(found["mon"].decode().lower())
    if month is None or modified is None:
        return None
    hour, minute, second = (int(part) for part in found["clock"].split(b":"))
    return yearless(month, int(found["day"]), (hour, minute, second), modified)
