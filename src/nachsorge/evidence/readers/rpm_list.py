"""Lists of installed RPM packages as text: `rpm -qa`, `rpm -qa --last`, `dnf list installed`.

A list shows a state, at the file's own time. It may have been filtered before it was written, so a short one covers
nothing. Times of `--last` are local, and taken as UTC.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.evidence.lines import Plain, read_lines
from nachsorge.evidence.linux.nevra import ARCH, Nevra, nevra_of
from nachsorge.evidence.linux.rpm_header import purls
from nachsorge.evidence.seams import Tells
from nachsorge.evidence.stamps import MONTHS, at, plausible, written
from nachsorge.evidence.text import lenient
from nachsorge.model.evidence import Record, Software, Value
from nachsorge.model.words import Kind, Platform, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve
    from nachsorge.model.times import Instant

WHOLE = 50
"""A host has more packages than this; a shorter list is a selection, or not of a host."""

_NEVRA = (
    rb"[A-Za-z0-9][\w.+-]{0,200}-(?:\d{1,9}:)?[\w.+~^]{1,100}-[\w.+~^]{1,100}\.(?:" + ARCH.encode() + rb"|\(none\))"
)
_KEY = rb"gpg-pubkey-[0-9a-f]{8,40}-[0-9a-f]{8}(?:\.\(none\))?"
_ROW = rb"[A-Za-z0-9][\w.+-]{0,200}\." + ARCH.encode() + rb"\s+(?:\d{1,9}:)?[\w.+~^]+-[\w.+~^]+\s+@?[\w./:@-]+"
_SHAPE = re.compile(
    rb"(?:(?:" + _NEVRA + rb"|" + _KEY + rb")(?:\s{2,}\S[^\n]{10,60})?|" + _ROW + rb"|Installed Packages)\s*\Z"
)
_LAST = re.compile(
    r"[A-Z][a-z]{2} (?P<d>\d\d?) (?P<mon>[A-Z][a-z]{2}) (?P<y>\d{4}) "
    r"(?P<h>\d\d):(?P<m>\d\d):(?P<s>\d\d) (?P<half>[AP]M)"
)


class RpmList:
    """Reader of the three spellings."""

    name = "rpm_list"
    text = True
    telemetry: tuple[Telemetry, ...] = (Telemetry.INSTALLED_SOFTWARE,)
    tells = Tells(
        proves="Which packages were installed when the list was made, at which version; with `--last` since when",
        rules_out=f"A package at the moment of the list, where it has at least {WHOLE}",
        not_told="Whether the list was filtered; what was installed before and is gone; what did not come as a "
        "package; the distribution",
        covers=telemetry,
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise lines nearly all of which are full names of packages."""
        lines = [line for line in head.split(b"\n", 200)[:200] if line.strip()]
        fitting = sum(1 for line in lines if _SHAPE.match(line.rstrip(b"\r")))
        return 82 if fitting >= 2 and fitting >= 0.9 * len(lines) else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the admitted packages."""
        ledger.platform = ledger.platform or Platform.LINUX
        yield from read_lines(source, PackageLines(source), sieve, ledger)
        if not source.modified or plausible(source.modified) is None:
            note = "the file's own time is not known: the snapshot cannot be dated"
            ledger.gap(Reason.NO_TIME, note, telemetry=Telemetry.INSTALLED_SOFTWARE)
        elif ledger.records - ledger.unreadable < WHOLE:
            ledger.notes.append(f"fewer than {WHOLE} packages: a selection, which covers nothing")
        elif not ledger.unreadable:
            ledger.saw(Telemetry.INSTALLED_SOFTWARE, source.modified, source.modified, source.host)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make two packages, one called as the planted host."""
        return f"bash-5.1.8-6.el9.x86_64\n{plant.host}-1.0-1.noarch\n".encode()


class PackageLines(Plain):
    """One package a line; its time says when it was installed, not what the list covers."""

    telemetry = Telemetry.INSTALLED_SOFTWARE
    sensor = False
    expects_time = False
    shape = _SHAPE

    def __init__(self, source: Opened) -> None:
        """Take the list's own time and host."""
        self.source = source

    def time(self, line: bytes) -> Instant | None:
        """Never: the time of an installation is no time of the list."""
        return None

    def parse(self, line: bytes, locator: str) -> Record | None:
        """Take a line apart."""
        text = lenient(line).strip()
        first, _, rest = text.partition(" ")
        package = nevra_of(first) or _row(text)
        version = package.version if package else ""
        name = package.name if package else ""
        event = {"package": name, "version": version, "arch": package.arch if package else "", "text": text}
        values = [Value(Kind.PACKAGE, "package", purl) for purl in purls(name, version, "")]
        return Record(
            telemetry=self.telemetry,
            locator=locator,
            time=_installed(rest.strip()) or self.source.modified,
            values=(*values, Value(Kind.TEXT, "text", text), *([Value(Kind.TEXT, "package", name)] if name else [])),
            event={key: cell for key, cell in event.items() if cell},
            host=self.source.host,
            software=Software(name=name, version=version, platform=Platform.LINUX) if version else None,
            product="linux",
        )


def _row(text: str) -> Nevra | None:
    """Read a row of `dnf list`: `name.arch  version-release  @repository`."""
    cells = text.split()
    name, dot, arch = cells[0].rpartition(".")
    return nevra_of(f"{name}-{cells[1]}.{arch}") if dot and len(cells) > 1 else None


def _installed(text: str) -> Instant | None:
    """Read the time that `--last` gives: as `date` writes it in C, or with AM and PM and an abbreviated zone."""
    if found := _LAST.match(text):
        hour = int(found["h"]) % 12 + (12 if found["half"] == "PM" else 0)
        month = MONTHS.get(found["mon"].lower(), 0)
        return at(int(found["y"]), month, int(found["d"]), hour, int(found["m"]), int(found["s"]))
    return written(text) if text else None
