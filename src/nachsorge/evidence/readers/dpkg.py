"""Packages of Debian and Alpine: `dpkg.log`, the database `var/lib/dpkg/status`, and apk's `lib/apk/db/installed`.

The log shows installations, upgrades and removals, and covers the time from its first to its last line as far as no
silence is too long; its times have no zone and are taken as UTC. A database is a snapshot of what the package manager
has installed, at the file's own time; programs from elsewhere are not in it. It does not say which distribution it is
of, so packages get the names of Debian and of Ubuntu.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.evidence.containers.names import last_part
from nachsorge.evidence.containers.streams import read_whole
from nachsorge.evidence.seams import Tells
from nachsorge.evidence.stamps import plausible
from nachsorge.evidence.text import lenient, text_record
from nachsorge.model.evidence import Record, Software, Value
from nachsorge.model.times import Instant, parse_instant
from nachsorge.model.words import Kind, Platform, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve

LARGEST = 256 * 1024 * 1024
_LINE = re.compile(
    rb"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) "
    rb"(startup|conffile|status|install|upgrade|configure|trigproc|remove|purge|disappear) (.+)"
)
_STATUS = re.compile(rb"(?:\A|\n)Package: \S+\n(?:[^\n]+\n)*?Status: \S+ \S+ \S+\n")
_APK = re.compile(rb"(?:\A|\n)(?:C:Q1[^\n]+\n)?P:\S+\nV:\S+\n")
_SPLIT = re.compile(rb"\n[ \t]*\n")
_CHANGES = frozenset({"install", "upgrade", "remove", "purge"})
_ZONE = "times without a zone were taken as UTC"


class Dpkg:
    """Reader of all three; which one, the first bytes say."""

    name = "dpkg"
    text = True
    telemetry: tuple[Telemetry, ...] = (Telemetry.SOFTWARE_INSTALL, Telemetry.INSTALLED_SOFTWARE)
    tells = Tells(
        proves="`dpkg.log`: which package was installed, upgraded or removed, and when; a database: which packages "
        "were installed, at which version",
        rules_out="`dpkg.log`: a package of this manager, in stretches with lines; a database: a package at the file's "
        "own time, not before",
        not_told="programs that came another way, what rotation has deleted, the zone of the log's times (taken as "
        "UTC), the distribution (names of Debian and of Ubuntu are compared)",
        covers=telemetry,
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the first line of the log, or the first package of a database."""
        if _LINE.match(head):
            return 92
        if _STATUS.match(head) or _APK.match(head):
            return 92 if last_part(name).lower().startswith(("status", "installed")) else 80
        return 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield a record a line of the log, or a record an installed package."""
        ledger.platform = ledger.platform or Platform.LINUX
        with source.open() as stream:
            data = read_whole(stream, LARGEST)
        if _LINE.match(data):
            ledger.notes.append(_ZONE)
            yield from _log(data, source, sieve, ledger)
        else:
            yield from _database(data.replace(b"\r\n", b"\n"), source, sieve, ledger)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make a log or a database with one package that is called as the planted host."""
        name = plant.host.encode()
        if _STATUS.match(head):
            return b"Package: " + name + b"\nStatus: install ok installed\nVersion: 1\nHomepage: " + name + b"\n\n"
        if _APK.match(head):
            return b"P:" + name + b"\nV:1-r0\nU:" + name + b"\n\n"
        return b"2023-03-29 10:00:00 install " + name + b":amd64 <none> 1\n"


def _log(data: bytes, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
    for number, line in enumerate(data.splitlines(), 1):
        if not line.strip():
            continue
        ledger.count(Telemetry.SOFTWARE_INSTALL, 1, source.host)
        found = _LINE.fullmatch(line.rstrip())
        time = _time(found[1]) if found else None
        if found is None or time is None:
            ledger.spoil(f"line {number}")
            if sieve.everything or sieve.admits(line):
                yield text_record(line, f"line {number}")
            continue
        ledger.saw(Telemetry.SOFTWARE_INSTALL, time, time, source.host)
        if sieve.everything or sieve.admits(line):
            yield from _changes(time, found[2].decode(), lenient(found[3]).split(" "), number, source.host)


def _time(text: bytes) -> Instant | None:
    try:
        return plausible(parse_instant(text.decode()))
    except ValueError:
        return None


def _changes(time: Instant, action: str, words: list[str], number: int, host: str | None) -> Iterator[Record]:
    """Make the record of a line; an upgrade shows two versions, the old one having been there until then."""
    # `status <state> <package> <version>`, else `<action> <package> <old> <new>`.
    state = words.pop(0) if action == "status" and len(words) > 1 else ""
    text = " ".join(words)
    name, _, arch = words[0].partition(":")
    before, after = (words[1], words[-1]) if len(words) > 2 else ("", words[-1] if len(words) > 1 else "")
    shows = {"install": [after], "upgrade": [after, before], "remove": [before], "purge": [before]}.get(action, [])
    versions = [after] if state == "installed" else [one for one in shows if one not in ("", "<none>")]
    for version in versions or [""]:
        event = {"action": action, "state": state, "package": name, "arch": arch, "version": version, "text": text}
        yield Record(
            telemetry=Telemetry.SOFTWARE_INSTALL,
            locator=f"line {number}",
            time=time,
            values=(Value(Kind.TEXT, "text", text), *(_packages("deb", name, version) if version else ())),
            event={key: value for key, value in event.items() if value},
            host=host,
            software=Software(name=name, version=version, platform=Platform.LINUX) if version else None,
            product="linux",
        )


def _packages(kind: str, name: str, version: str) -> Iterator[Value]:
    for vendor in ("debian", "ubuntu") if kind == "deb" else ("alpine",):
        yield Value(Kind.PACKAGE, "package", f"pkg:{kind}/{vendor}/{name}@{version.replace('+', '%2B')}")


def _database(data: bytes, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
    others = 0
    for number, block in enumerate((b for b in _SPLIT.split(data) if b.strip()), 1):
        fields = _fields(block)
        name, version = fields.get("Package") or fields.get("P", ""), fields.get("Version") or fields.get("V", "")
        if name and fields.get("Status", "installed").rpartition(" ")[2] not in ("installed", ""):
            others += 1
            continue
        ledger.count(Telemetry.INSTALLED_SOFTWARE, 1, source.host)
        if not name or not version:
            ledger.spoil(f"package {number}")
        if sieve.everything or sieve.admits(block):
            yield _package(fields, name, version, lenient(block), number, source)
    if others:
        ledger.notes.append(f"{others} packages are removed or not whole: not counted as installed")
    if not source.modified or plausible(source.modified) is None:
        note = "the file's own time is not known: the snapshot cannot be dated"
        ledger.gap(Reason.NO_TIME, note, telemetry=Telemetry.INSTALLED_SOFTWARE)
    elif ledger.records and not ledger.unreadable:
        ledger.saw(Telemetry.INSTALLED_SOFTWARE, source.modified, source.modified, source.host)


def _fields(block: bytes) -> dict[str, str]:
    """Read `Name: text` (dpkg) or `N:text` (apk); the lines that go on a field are not needed here."""
    fields: dict[str, str] = {}
    for line in lenient(block).split("\n"):
        name, colon, text = line.partition(":")
        if colon and name and not name[0].isspace():
            fields.setdefault(name, text.strip())
    return fields


def _package(fields: dict[str, str], name: str, version: str, text: str, number: int, source: Opened) -> Record:
    kind = "deb" if "Package" in fields else "apk"
    arch = fields.get("Architecture") or fields.get("A", "")
    event = {"package": name, "version": version, "arch": arch, "source": fields.get("Source") or fields.get("o", "")}
    packages = tuple(_packages(kind, name, version)) if name and version else ()
    return Record(
        telemetry=Telemetry.INSTALLED_SOFTWARE,
        locator=f"package {number}",
        time=source.modified,
        values=(*packages, Value(Kind.TEXT, "text", text)),
        event={key: value for key, value in event.items() if value},
        host=source.host,
        software=Software(name=name, version=version, platform=Platform.LINUX) if name else None,
        product="linux",
    )
