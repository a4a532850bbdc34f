"""One event of the audit system, which is several lines with one serial number, as one record."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from nachsorge.evidence.fields import is_address
from nachsorge.evidence.linux.audit_fields import Row, arguments, call_of, peer_of, row_of
from nachsorge.model.evidence import Record, Software, Value
from nachsorge.model.times import Instant
from nachsorge.model.words import Kind, Platform, Telemetry

TELEMETRY = (
    Telemetry.PROCESS_CREATION,
    Telemetry.NETWORK_CONNECTION,
    Telemetry.FILE_EVENT,
    Telemetry.AUTHENTICATION,
    Telemetry.SOFTWARE_INSTALL,
    Telemetry.SYSLOG,
)
_EXECUTES = frozenset({"execve", "execveat"})
_CONNECTS = frozenset({"connect", "sendto", "sendmsg", "sendmmsg", "socketcall", "accept", "accept4"})
_LOGINS = frozenset(
    {
        *(b"USER_AUTH", b"USER_ACCT", b"USER_LOGIN", b"USER_LOGOUT", b"USER_START", b"USER_END", b"USER_ERR", b"LOGIN"),
        *(b"CRED_ACQ", b"CRED_DISP", b"CRED_REFR", b"GRP_AUTH", b"USER_CHAUTHTOK", b"ANOM_LOGIN_FAILURES"),
    }
)
_ENDS = frozenset({b"DAEMON_END", b"DAEMON_ABORT"})
_CALL = re.compile(
    rb"^(?:node=\S{1,255} )?type=SYSCALL msg=audit\([\d.:]{1,64}\):\s?arch=(?P<arch>[0-9a-f]{1,16}) "
    rb"syscall=(?P<number>\d{1,9})(?:[^\n]{0,8192}?\x1d[^\n]{0,8192}?\bSYSCALL=(?P<name>\w{1,64}))?",
    re.MULTILINE,
)
_INTERNET = re.compile(rb"\bsaddr=(?:0[2Aa]00|000[2Aa])")
_CHANGED = re.compile(rb"\bnametype=(?:CREATE|DELETE)\b")
_PROGRAM = re.compile(rb'\bexe="?([^"\s]{1,4096})')
_PATHS = frozenset({"exe", "cwd", "name", "path", "dir"})
_SOFTWARE = re.compile(r"(.+)-([^-]+)-([^-]+?)(?:\.(?:noarch|x86_64|i[3-6]86|aarch64|ppc64le|s390x|src))?\Z")
_LONGEST = 256
_LARGEST = 1024 * 1024
"""An event with more lines or bytes goes on as another one; the kernel writes a line a path and argument block."""


@dataclass(slots=True)
class Event:
    """The lines of one serial number, as they come."""

    time: Instant
    host: str | None
    line: int
    lines: list[bytes] = field(default_factory=list)
    types: set[bytes] = field(default_factory=set)
    size: int = 0

    @property
    def full(self) -> bool:
        """Tell whether no more lines are taken."""
        return len(self.lines) >= _LONGEST or self.size >= _LARGEST

    @property
    def raw(self) -> bytes:
        """Give the lines as they stand in the log."""
        return b"\n".join(self.lines)

    def add(self, line: bytes, kind: bytes) -> None:
        """Take one line of the event."""
        self.lines.append(line)
        self.types.add(kind)
        self.size += len(line)

    def telemetry(self) -> Telemetry:
        """Say what the event is evidence of: the first that fits of execution, connection, login, change of a file."""
        raw = self.raw
        calls = {call_of(found["arch"], found["number"], found["name"]) for found in _CALL.finditer(raw)}
        if b"EXECVE" in self.types or calls & _EXECUTES:
            return Telemetry.PROCESS_CREATION
        if b"SOCKADDR" in self.types and _INTERNET.search(raw) and (not calls or calls & _CONNECTS):
            return Telemetry.NETWORK_CONNECTION
        if self.types & _LOGINS:
            return Telemetry.AUTHENTICATION
        if b"SOFTWARE_UPDATE" in self.types:
            return Telemetry.SOFTWARE_INSTALL
        return Telemetry.FILE_EVENT if _CHANGED.search(raw) else Telemetry.SYSLOG

    def program(self) -> bytes:
        """Give the path of the program that acted as it stands in the log, empty where no line says."""
        found = _PROGRAM.search(self.raw)
        return found[1] if found else b""

    def switched(self) -> bool | None:
        """Say whether the event tells that auditing went off (False) or on (True)."""
        if self.types & _ENDS or (b"CONFIG_CHANGE" in self.types and b"audit_enabled=0" in self.raw):
            return False
        if b"DAEMON_START" in self.types or (b"CONFIG_CHANGE" in self.types and b"audit_enabled=1" in self.raw):
            return True
        return None

    def record(self, telemetry: Telemetry, host: str | None) -> Record:
        """Make the record; `host` stands in where the event names none. Every line is also searched as it is."""
        rows = [row_of(line) for line in self.lines]
        event = _flat(rows)
        values = [Value(kind, n, t) for n, text in event.items() for t in text.split("\n") if (kind := _kind(n, t))]
        values += [Value(Kind.TEXT, row.type, row.text) for row in rows]
        command = [" ".join(arguments(row)) for row in rows if row.type == "EXECVE"]
        told = {"CommandLine": "\n".join(command) or event.get("proctitle", ""), "Image": event.get("exe", "")}
        told |= {"CurrentDirectory": event.get("cwd", ""), "User": event.get("UID") or event.get("uid", "")}
        values += [Value(Kind.TEXT, "CommandLine", told["CommandLine"])] if told["CommandLine"] else []
        for address, port in _peers(rows):
            values.append(Value(Kind.ADDRESS if port else Kind.PATH, "DestinationIp" if port else "socket", address))
            told |= {"DestinationIp": address, "DestinationPort": port} if port else {"socket": address}
        executes = telemetry is Telemetry.PROCESS_CREATION
        front = {
            name: text for name, text in told.items() if text and (executes or name.startswith(("Dest", "socket")))
        }
        return Record(
            telemetry=telemetry,
            locator=f"line {self.line}",
            time=self.time,
            values=tuple(values),
            event=front | event,
            host=self.host or host,
            software=_software(event) if telemetry is Telemetry.SOFTWARE_INSTALL else None,
            product="linux",
            service="auditd",
        )


def _peers(rows: list[Row]) -> list[tuple[str, str]]:
    """Give the socket addresses of an event."""
    cells = (cell for row in rows if row.type == "SOCKADDR" for name, cell in row.fields if name == "saddr")
    return [peer for cell in cells if (peer := peer_of(cell))[0]]


def _flat(rows: list[Row]) -> dict[str, str]:
    """Join the fields of all lines under their own names; arguments of system calls are numbers of no use here."""
    event: dict[str, dict[str, None]] = {"type": dict.fromkeys(row.type for row in rows)}
    for row in rows:
        for name, cell in row.fields:
            if row.type != "SYSCALL" or name not in ("a0", "a1", "a2", "a3"):
                event.setdefault(name, {})[cell] = None
    return {name: "\n".join(cells) for name, cells in event.items()}


def _kind(name: str, text: str) -> Kind | None:
    if name in _PATHS and text.startswith("/"):
        return Kind.PATH
    if name in ("addr", "laddr", "hostname"):
        return Kind.ADDRESS if is_address(text) else Kind.HOST
    if name == "proctitle":
        return Kind.TEXT
    return Kind.TEXT if name in ("cmd", "data", "comm", "acct", "sw") else None


def _software(event: dict[str, str]) -> Software | None:
    """Read `sw`, a package with its version and release, of a SOFTWARE_UPDATE that installed or updated it."""
    found = _SOFTWARE.match(event.get("sw", "")[:512])
    if not found or event.get("op") in ("remove", "erase"):
        return None
    return Software(name=found[1], version=f"{found[2]}-{found[3]}", platform=Platform.LINUX)
