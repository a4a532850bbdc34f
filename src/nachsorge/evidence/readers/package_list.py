"""Lists of installed packages of Debian and Alpine: `dpkg -l`, `apt list`, `apk list --installed`, `apk info -v`.

A list shows a state, at the file's own time. It may have been filtered before it was written, so a short one covers
nothing; nor does one of an old `dpkg`, which cuts long names off, where a name fills its column.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.evidence.lines import Plain, read_lines
from nachsorge.evidence.seams import Tells
from nachsorge.evidence.stamps import plausible
from nachsorge.evidence.text import lenient
from nachsorge.model.evidence import Record, Software, Value
from nachsorge.model.words import Kind, Platform, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve
    from nachsorge.model.times import Instant

WHOLE = 50
"""A host has more packages than this; a shorter list is a selection, or not of a host."""

_NAME = rb"[a-z0-9][a-z0-9+._-]{0,200}"
_VERSION = rb"[\w.+:~^-]{1,150}"
_DPKG = re.compile(
    rb"(?P<state>[uirph][ncHUFWti][ R]?) +(?P<name>" + _NAME + rb")(?::(?P<arch2>[\w-]+))?"
    rb" +(?P<version>" + _VERSION + rb") +(?P<arch>[\w-]+)(?:\s.*)?\Z"
)
_APT = re.compile(
    rb"(?P<name>" + _NAME + rb")/\S* (?P<version>" + _VERSION + rb") (?P<arch>[\w-]+)(?: \[(?P<state>[^\]]*)\])?\s*\Z"
)
_APK = re.compile(
    rb"(?P<name>" + _NAME + rb")-(?P<version>\d[\w.~-]{0,150}-r\d{1,9})"
    rb"(?: (?P<arch>[\w-]+) \{[^}]*\} \([^)]*\)(?: \[(?P<state>[^\]]*)\])?| - .*)?\s*\Z"
)
_ASIDE = {
    "dpkg": re.compile(rb"Desired=|\| Status=|\|/ Err\?|\|\|/ |\+\+\+-"),
    "apt": re.compile(rb"Listing\.\.\.|WARNING: apt "),
    "apk": re.compile(rb"WARNING: "),
}
_DIALECTS = {"dpkg": _DPKG, "apt": _APT, "apk": _APK}
_LONGEST = 65536
_OLD_WIDTH = re.compile(rb"(?:\A|\n)\+\+\+-={14}-")
"""Where its output is no terminal, dpkg before 1.20 gives a name fourteen letters and cuts the rest off."""


class PackageList:
    """Reader of the four; which one, the first lines say."""

    name = "package_list"
    text = True
    telemetry: tuple[Telemetry, ...] = (Telemetry.INSTALLED_SOFTWARE,)
    tells = Tells(
        proves="Which packages were installed when the list was made, at which version",
        rules_out=f"A package at the moment of the list, where it has at least {WHOLE} and none of their names is cut "
        "off",
        not_told="Whether the list was filtered; what was installed before and is gone; what did not come as a "
        "package; the distribution (names of Debian and of Ubuntu are compared)",
        covers=telemetry,
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise lines nearly all of which are packages of one dialect."""
        return 82 if dialect_of(head) else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the admitted packages."""
        ledger.platform = ledger.platform or Platform.LINUX
        with source.open() as stream:
            head = stream.read(65536)
        form = PackageLines(dialect_of(head) or "dpkg", source)
        yield from read_lines(source, form, sieve, ledger)
        if not source.modified or plausible(source.modified) is None:
            note = "the file's own time is not known: the snapshot cannot be dated"
            ledger.gap(Reason.NO_TIME, note, telemetry=Telemetry.INSTALLED_SOFTWARE)
        elif _OLD_WIDTH.search(head) and _cut(source):
            ledger.notes.append("names of packages are cut off after 14 letters: the list covers nothing")
        elif ledger.records - ledger.unreadable < WHOLE:
            ledger.notes.append(f"fewer than {WHOLE} packages: a selection, which covers nothing")
        elif not ledger.unreadable:
            ledger.saw(Telemetry.INSTALLED_SOFTWARE, source.modified, source.modified, source.host)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make two packages, one called as the planted host, in this dialect."""
        name = plant.host
        match dialect_of(head):
            case "apt":
                return f"Listing...\nbash/stable,now 5.2 amd64 [installed]\n{name}/now 1.0 amd64 [installed]\n".encode()
            case "apk":
                return f"bash-5.2.37-r0 x86_64 {{bash}} (GPL) [installed]\n{name}-1.0-r0\n".encode()
            case _:
                return f"ii  bash           5.2          amd64        shell\nii  {name} 1.0 amd64 control\n".encode()


def dialect_of(head: bytes) -> str:
    """Name the dialect that nearly all lines are of; empty where there is none."""
    lines = [line.rstrip(b"\r") for line in head.split(b"\n", 200)[:200] if line.strip()]
    for name, pattern in _DIALECTS.items():
        rows = [line for line in lines if not _ASIDE[name].match(line)]
        fitting = sum(1 for line in rows if pattern.match(line))
        if fitting >= 2 and fitting >= 0.9 * len(rows):
            return name
    return ""


def _cut(source: Opened) -> bool:
    """Tell whether a name is as long as an old list allows."""
    with source.open() as stream:
        return any(
            len(found["name"] + (b":" + found["arch2"] if found["arch2"] else b"")) >= 14
            for line in iter(lambda: stream.readline(_LONGEST), b"")
            if (found := _DPKG.match(line.rstrip()))
        )


class PackageLines(Plain):
    """One package a line."""

    telemetry = Telemetry.INSTALLED_SOFTWARE
    sensor = False
    expects_time = False

    def __init__(self, dialect: str, source: Opened) -> None:
        """Take the dialect, and the list's own time and host."""
        self.shape = re.compile(rb"(?:" + _DIALECTS[dialect].pattern + rb"|(?:" + _ASIDE[dialect].pattern + rb").*)")
        self.dialect = dialect
        self.source = source

    def time(self, line: bytes) -> Instant | None:
        """Never: the list's own time is the file's."""
        return None

    def parse(self, line: bytes, locator: str) -> Record | None:
        """Take a line apart; heads are searched as text."""
        found = _DIALECTS[self.dialect].match(line.rstrip())
        if found is None:
            return None
        cells = {key: lenient(cell) for key, cell in found.groupdict().items() if cell}
        name, text = cells["name"], lenient(line).strip()
        version = _before(cells.get("state", ""), name) or cells["version"]
        there = _is_there(self.dialect, cells)
        arch = cells.get("arch") or cells.get("arch2", "")
        event = {"package": name, "version": version, "arch": arch, "state": cells.get("state", ""), "text": text}
        values = [Value(Kind.TEXT, "text", text), Value(Kind.TEXT, "package", name)]
        purls = _purls(self.dialect, name, version) if there else []
        values += [Value(Kind.PACKAGE, "package", purl) for purl in purls]
        return Record(
            telemetry=self.telemetry,
            locator=locator,
            time=self.source.modified,
            values=tuple(values),
            event={key: cell for key, cell in event.items() if cell},
            host=self.source.host,
            software=Software(name=name, version=version, platform=Platform.LINUX) if there else None,
            product="linux",
        )


def _before(state: str, name: str) -> str:
    """Give the version that is installed where the line names the newer one that is offered."""
    offered = "upgradable from: "
    return state.removeprefix(offered).removeprefix(f"{name}-") if state.startswith(offered) else ""


def _is_there(dialect: str, cells: Mapping[str, str]) -> bool:
    """Tell whether a line says that the package is installed; `apt list` and `apk list` also name what could be."""
    state = cells.get("state", "")
    if dialect == "dpkg":
        return state[1:2] in ("i", "U", "F", "W", "t", "H")
    told = state.startswith(("installed", "upgradable"))
    return told or (dialect == "apk" and "arch" not in cells)  # `apk info` names nothing else


def _purls(dialect: str, name: str, version: str) -> list[str]:
    spaces = ("apk/alpine",) if dialect == "apk" else ("deb/debian", "deb/ubuntu")
    return [f"pkg:{space}/{name.replace('+', '%2B')}@{version.replace('+', '%2B')}" for space in spaces]
