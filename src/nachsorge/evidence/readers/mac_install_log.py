"""`/var/log/install.log` of macOS: what Installer and softwareupdate did, in the words of many programs.

A line `Installed "NAME" (VERSION)` proves an installation; the others are searched as text. It covers nothing: apps
that are dragged to a folder, or update themselves, do not appear in it.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from nachsorge.evidence.lines import Plain, read_lines
from nachsorge.evidence.seams import Tells
from nachsorge.evidence.stamps import written
from nachsorge.evidence.text import lenient
from nachsorge.model.evidence import Record, Software, Value
from nachsorge.model.words import Kind, Platform, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve
    from nachsorge.model.times import Instant

_SHAPE = re.compile(
    rb"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[+-]\d\d(?:\d\d)?) (\S{1,255}) ([^\[\]:]{1,100})\[(\d{1,9})\](?: \(\S+\))?: "
)
_INSTALLED = re.compile(rb'Installed "([^"]{1,300})" \(([^)]{0,100})\)')
_TELLING = (
    b"installd[",
    b"Installer[",
    b"installer[",
    b"softwareupdated[",
    b"softwareupdate[",
    b"suhelperd[",
    b"pkgd[",
)


class MacInstallLog:
    """Reader of the log."""

    name = "mac_install_log"
    text = True
    telemetry: tuple[Telemetry, ...] = (Telemetry.SOFTWARE_INSTALL, Telemetry.SYSLOG)
    tells = Tells(
        proves="Packages that Installer or softwareupdate installed, with version and time",
        rules_out="Nothing: apps that are copied, or that update themselves, leave no line, and other messages go to "
        "other logs",
        not_told="Installations of other programs' own updaters; what rotation has deleted",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the time with its short zone before host and program, and a program that installs."""
        lines = [line for line in head.split(b"\n", 100)[:100] if line.strip()]
        fitting = sum(1 for line in lines if _SHAPE.match(line))
        if not fitting or fitting * 3 <= len(lines):
            return 0
        return 86 if any(word in head for word in _TELLING) else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the admitted lines; those of installations always."""
        ledger.platform = ledger.platform or Platform.MACOS
        ledger.never_clears(Telemetry.SYSLOG)
        yield from read_lines(source, InstallLines(), sieve, ledger)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make one installation of a package that is called as the planted host."""
        return f'2023-03-29 10:00:00+02 mac installd[9]: Installed "{plant.host}" (1.0)\n'.encode()


class InstallLines(Plain):
    """One message a line; further lines of a message stand below it."""

    sensor = False
    expects_time = False
    escapes: tuple[bytes, ...] = (b'Installed "',)

    def time(self, line: bytes) -> Instant | None:
        """Read the time; of installations alone none is reported as covered, see `classes`."""
        found = _SHAPE.match(line)
        return _time(found[1]) if found else None

    def classes(self, segment: bytes, lines: int) -> Iterable[tuple[Telemetry, str | None, int]]:
        """Count by host and by what each line is."""
        counts: Counter[tuple[Telemetry, str | None]] = Counter()
        for line in segment.split(b"\n"):
            if line.strip():
                found = _SHAPE.match(line)
                counts[Telemetry.SYSLOG, lenient(found[2]) if found else None] += 1
        for (telemetry, host), records in sorted(counts.items(), key=lambda item: item[0][1] or ""):
            yield telemetry, host, records

    def parse(self, line: bytes, locator: str) -> Record | None:
        """Take a line apart; one that goes on a message is searched as text."""
        found = _SHAPE.match(line)
        if found is None:
            return None
        message = lenient(line[found.end() :]).strip()
        installed = _INSTALLED.search(line, found.end())
        software = None
        if installed:
            name, version = lenient(installed[1]), lenient(installed[2])
            software = Software(name=name, version=version, platform=Platform.MACOS)
        event = {"program": lenient(found[3]).strip(), "message": message}
        return Record(
            telemetry=Telemetry.SOFTWARE_INSTALL if installed else Telemetry.SYSLOG,
            locator=locator,
            time=_time(found[1]),
            values=tuple(Value(Kind.TEXT, key, text) for key, text in event.items()),
            event=event,
            host=lenient(found[2]),
            software=software,
            product="macos",
        )


def _time(stamp: bytes) -> Instant | None:
    """Read `2023-03-29 10:11:12+02`, whose zone may lack its minutes."""
    text = stamp.decode()
    return written(text if len(text) > 22 else text + "00")
