"""Command histories of shells: bash and tcsh (with or without times), zsh (extended or plain), fish.

A line proves that somebody typed the command in an interactive shell of this user, with a time where the shell keeps
it; not that it succeeded. It covers nothing: histories are cut, switched off, deleted, and scripts leave none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nachsorge.evidence.clocks import unix_seconds
from nachsorge.evidence.containers.names import last_part
from nachsorge.evidence.containers.streams import read_whole
from nachsorge.evidence.seams import Tells
from nachsorge.evidence.text import lenient
from nachsorge.model.evidence import Record, Value
from nachsorge.model.words import Kind, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve

LARGEST = 64 * 1024 * 1024
_BASH = re.compile(rb"#\+?\d{9,10}\r?\n[^\n]")
_STAMP = re.compile(r"#\+?(\d{9,10})\Z")
"""bash writes `#1680000000`, tcsh `#+1680000000`."""

_ZSH = re.compile(rb": \d{9,10}:\d+;")
_FISH = re.compile(rb"- cmd: [^\n]*\n(?:  when: \d{9,10}\n)?")
_NAMES = re.compile(
    r"\.?(?:bash|zsh|sh|ash|ksh|dash|fish)_(?:extended_)?history(?:[.~-].*)?\Z|\.zhistory\Z|\.histfile\Z"
)
_SESSION = re.compile(r"(?:^|[/\\!])\.?(?:bash|zsh)_sessions[/\\][^/\\]+\.history(?:new)?\Z")
"""Terminal of macOS keeps a history for every window, beside the one that all share."""


class ShellHistory:
    """Reader of all of them; which one, the first bytes say."""

    name = "shell_history"
    text = True
    telemetry: tuple[Telemetry, ...] = (Telemetry.PROGRAM_EXECUTION,)
    tells = Tells(
        proves="that somebody typed this command in a shell of this user, and when, where the shell keeps times",
        rules_out="nothing: histories are cut, switched off and deleted, and scripts leave none",
        not_told="whether the command succeeded, what it printed, the time of commands of a history without times, the "
        "order between several sessions",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the times of a shell at the very start; a history without times by the file's name alone."""
        if b"\0" in head:
            return 0
        if _BASH.match(head) or _ZSH.match(head) or _FISH.match(head):
            return 88
        return 75 if head.strip() and (_NAMES.match(last_part(name)) or _SESSION.search(name)) else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield a record a command."""
        with source.open() as stream:
            data = read_whole(stream, LARGEST)
        untimed = 0
        for command in _commands(data):
            ledger.count(Telemetry.PROGRAM_EXECUTION, 1, source.host)
            untimed += command.time is None
            if sieve.everything or sieve.admits(command.text.encode("utf-8", "replace")):
                yield command.record(source.host)
        if untimed:
            ledger.notes.append(f"{untimed} commands carry no time")

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make one command of the same shell that names the planted host."""
        command = f"curl http://{plant.host}/".encode()
        if _ZSH.match(head):
            return b": 1680000000:0;" + command + b"\n"
        if _FISH.match(head):
            return b"- cmd: " + command + b"\n  when: 1680000000\n"
        return b"#1680000000\n" + command + b"\n"


@dataclass(frozen=True, slots=True)
class _Command:
    text: str
    line: int
    time: int | None

    def record(self, host: str | None) -> Record:
        return Record(
            telemetry=Telemetry.PROGRAM_EXECUTION,
            locator=f"line {self.line}",
            time=self.time,
            values=(Value(Kind.TEXT, "command", self.text),),
            event={"proves": "execution", "command": self.text},
            host=host,
        )


def _commands(data: bytes) -> Iterator[_Command]:
    if _FISH.match(data):
        return _fish(data)
    return _zsh(data) if _ZSH.search(data[:65536]) and not _BASH.match(data) else _bash(data)


def _bash(data: bytes) -> Iterator[_Command]:
    """Lines up to the next time belong together; without times every line is a command."""
    time, parts, start = None, list[str](), 0
    for number, raw in enumerate(data.split(b"\n"), 1):
        line = lenient(raw.rstrip(b"\r"))
        stamp = unix_seconds(int(found[1])) if (found := _STAMP.match(line)) else None
        if stamp is not None or time is None:
            if parts:
                yield _Command("\n".join(parts), start, time)
            time, parts, start = stamp if stamp is not None else time, [], number + (stamp is not None)
        if stamp is None and line.strip():
            start = start if parts else number
            parts.append(line)
    if parts:
        yield _Command("\n".join(parts), start, time)


def _zsh(data: bytes) -> Iterator[_Command]:
    """A command begins with its time; further lines follow a backslash. Bytes beyond ASCII are stored zsh's way."""
    parts, start, time = list[str](), 0, None
    for number, raw in enumerate(_unmeta(data).split(b"\n"), 1):
        found = _ZSH.match(raw)
        going = bool(parts) and parts[-1].endswith("\\") and found is None
        if not going:
            if parts:
                yield _Command("\n".join(parts), start, time)
            parts, start = [], number
            time = unix_seconds(int(raw[2:].partition(b":")[0])) if found else None
        line = lenient(raw[found.end() :] if found else raw)
        if going or line.strip():
            parts.append(line)
    if parts:
        yield _Command("\n".join(parts), start, time)


def _unmeta(data: bytes) -> bytes:
    """Undo zsh's `Meta` byte (0x83): the byte behind it is stored with bit 5 turned (zsh, Src/zsh.h)."""
    return re.sub(rb"\x83(.)", lambda found: bytes([found[1][0] ^ 32]), data, flags=re.DOTALL)


def _fish(data: bytes) -> Iterator[_Command]:
    text, start, time = "", 0, None
    for number, raw in enumerate(data.split(b"\n"), 1):
        line = lenient(raw.rstrip(b"\r"))
        if line.startswith("- cmd: "):
            if text:
                yield _Command(text, start, time)
            text, start, time = _unescaped(line[7:]), number, None
        elif (found := re.fullmatch(r"  when: (\d{9,10})", line)) is not None:
            time = unix_seconds(int(found[1]))
        elif line.strip() and not re.match(r"  paths:|    - ", line):
            text = f"{text}\n{line}" if text else line
            start = start or number
    if text:
        yield _Command(text, start, time)


def _unescaped(text: str) -> str:
    return re.sub(r"\\([n\\])", lambda found: "\n" if found[1] == "n" else "\\", text)
