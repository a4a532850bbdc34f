"""Units of systemd: services, timers, sockets, paths and their drop-ins (systemd.unit(5)).

One unit proves that this command is set up to be started by the system or a user's session, since the file's last
change at the latest; not that it is enabled, nor that it ran. It covers nothing: it is one unit of many.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.evidence.containers.names import last_part
from nachsorge.evidence.containers.streams import read_whole
from nachsorge.evidence.seams import Tells
from nachsorge.evidence.text import lenient
from nachsorge.model.evidence import Record, Value
from nachsorge.model.words import Kind, Platform, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve

LARGEST = 1024 * 1024
_SECTION = re.compile(
    rb"(?:\A|\n)\[(Unit|Service|Timer|Socket|Path|Mount|Automount|Swap|Slice|Scope|Target|Install)\][ \t\r]*\n"
)
_TELLING = re.compile(
    rb"\n[ \t]*(?:Exec(?:Start|StartPre|StartPost|Stop|StopPost|Reload|Condition)|On(?:Calendar|BootSec|UnitActiveSec"
    rb"|UnitInactiveSec|StartupSec|ActiveSec)|Listen(?:Stream|Datagram|FIFO|Netlink|Special)|Path(?:Exists|ExistsGlob|Changed"
    rb"|Modified)|DirectoryNotEmpty|Environment(?:File)?|UnsetEnvironment)[ \t]*="
)
"""Settings that start a program, or change how one is started; targets, mounts and slices have none of them."""

_ENDINGS = (".service", ".timer", ".socket", ".path")
_PLACE = re.compile(
    r"(?:^|[/\\!])systemd[/\\](?:system|user)(?:[/\\]|\Z)|\.(?:service|timer|socket|path)\.d[/\\][^/\\]+\.conf\Z"
)
_FIELD = re.compile(r"\s*([A-Za-z][A-Za-z0-9]*)\s*=\s*(.*)")
_COMMAND = re.compile(r"[@\-:+!|]*(\S+)")
_PATHS = frozenset(
    {"WorkingDirectory", "RootDirectory", "EnvironmentFile", "PathExists", "PathChanged", "PathModified", "PIDFile"}
)


class SystemdUnits:
    """Reader of one unit, or one drop-in."""

    name = "systemd_units"
    text = True
    telemetry: tuple[Telemetry, ...] = (Telemetry.PERSISTENCE,)
    tells = Tells(
        proves="That a command is set up to be started by systemd, since the file's last change at the latest",
        rules_out="Nothing",
        not_told="Targets, mounts and slices, which start no program; whether the unit is enabled (a link elsewhere) "
        "or ever ran; units that generators make at each start; what the started script does",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise a section of a unit with a setting that starts something; ending or folder make it sure."""
        if not (head.startswith(b"[") or b"\n[" in head) or b"\0" in head:
            return 0
        if not _SECTION.search(head) or not _TELLING.search(head):
            return 0
        called = last_part(name).lower().endswith(_ENDINGS) or _PLACE.search(name)
        return 88 if called else 66

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the one unit."""
        ledger.platform = ledger.platform or Platform.LINUX
        with source.open() as stream:
            text = lenient(read_whole(stream, LARGEST)).replace("\r\n", "\n")
        ledger.count(Telemetry.PERSISTENCE, 1, source.host)
        yield _record(text, source)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make a service that starts a program with the planted name among its arguments."""
        return f"[Unit]\nDescription=control\n[Service]\nExecStart=-/x {plant.host} {plant.path}\n".encode()


def _record(text: str, source: Opened) -> Record:
    told: dict[str, list[str]] = {"path": [source.path]}
    values = [Value(Kind.PATH, "path", source.path)]
    for name, cell in _fields(text):
        told.setdefault(name, []).append(cell)
        if name.startswith("Exec") and (found := _COMMAND.match(cell)):
            values += [Value(Kind.PATH, name, found[1]), Value(Kind.TEXT, "command", cell)]
        elif name in _PATHS:
            values.append(Value(Kind.PATH, name, cell.lstrip("-")))
    # Comments and what no field holds are searched as they stand; a setting that goes on is one line for this.
    values += [Value(Kind.TEXT, "unit", line) for line in _joined(text) if line.strip()]
    return Record(
        telemetry=Telemetry.PERSISTENCE,
        locator="unit",
        time=source.modified,
        values=tuple(values),
        event={name: "\n".join(cells) for name, cells in told.items()},
        host=source.host,
        product="linux",
        service="systemd",
    )


def _joined(text: str) -> list[str]:
    """Give the lines, one that ends in a backslash with the next one."""
    return re.sub(r"\\\n[ \t]*", " ", text).split("\n")


def _fields(text: str) -> Iterator[tuple[str, str]]:
    for line in _joined(text):
        found = None if line.lstrip().startswith(("#", ";")) else _FIELD.match(line)
        if found and found[2].strip():
            yield found[1], found[2].strip()
