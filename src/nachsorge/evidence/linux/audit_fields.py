"""The records of the Linux audit system, field by field: quoted, plain, hex-encoded and enriched.

Strings that a user chose (arguments, paths, names) are quoted, or written as hex where they hold a quote, a blank or a
control character; `auditd` with `log_format = ENRICHED` appends translated fields behind byte 0x1D. Sources:
auditd.conf(5), Linux `kernel/audit.c` (audit_log_untrustedstring), linux-audit "Audit event fields".
"""

from __future__ import annotations

import re
import struct
from ipaddress import ip_address
from typing import NamedTuple

from nachsorge.evidence.text import lenient
from nachsorge.model.times import SECOND, Instant

HEAD = re.compile(
    rb"(?:node=(?P<node>\S{1,255}) )?type=(?P<type>[A-Z][A-Z0-9_]*(?:\[\d{1,5}\])?) "
    rb"msg=audit\((?P<seconds>\d{9,10})\.(?P<millis>\d{1,3}):(?P<serial>\d{1,20})\):\s?"
)
LONGEST = 256 * 1024
"""A longer line is none that the audit system writes: it cuts its records at some 9 KB."""

_PAIR = re.compile(r"""(?<![\w-])([\w-]{1,64}(?:\[\d{1,9}\])?)=("[^"]*"|\{[^}]*\}|[^\s"']*)""")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+\Z")
_ENCODED = frozenset({"proctitle", "comm", "exe", "cwd", "name", "path", "cmd", "data", "acct", "ocomm", "dir", "key"})
"""Fields that the kernel or a trusted program writes as hex where the text is not plain."""

_ARGUMENT = re.compile(r"a(\d+)(?:\[(\d+)\])?\Z")
_NOTHING = frozenset({"", "?", "(null)", "(none)", '""'})
_HIDDEN = re.compile(
    rb"\b(?:(?:proctitle|o?comm|exe|cwd|name|path|cmd|data|acct|dir|key)=((?:[0-9A-Fa-f]{2}){2,})"
    rb"|saddr=([0-9A-Fa-f]{8,})|a\d+=((?:[0-9A-Fa-f]{2})+))(?![^\s'\x1d])"
)
"""Texts written as hex, socket addresses, and arguments; those of SYSCALL lines are numbers, which does no harm."""

CUT = re.compile(rb"\ba\d+\[\d+\]=")
"""An argument in several pieces, of which none shows what stands over their borders."""

_CALLS: dict[str, dict[str, str]] = {
    "c000003e": {"59": "execve", "322": "execveat", "42": "connect", "49": "bind", "44": "sendto", "43": "accept"},
    "40000003": {"11": "execve", "358": "execveat", "362": "connect", "361": "bind", "102": "socketcall"},
    "c00000b7": {"221": "execve", "281": "execveat", "203": "connect", "200": "bind", "206": "sendto", "202": "accept"},
    "80000016": {"11": "execve", "354": "execveat", "362": "connect", "361": "bind", "102": "socketcall"},
    "c0000015": {"11": "execve", "362": "execveat", "328": "connect", "327": "bind"},
}
"""Numbers of the few system calls that decide what an event is, by `arch` (Linux, `arch/*/syscalls`)."""


class Row(NamedTuple):
    """One line of an event: its type, its fields decoded, and its own text."""

    type: str
    fields: tuple[tuple[str, str], ...]
    text: str


def revealed(raw: bytes) -> bytes:
    """Give what stands encoded in some lines, decoded, for the sieve; nothing else is looked at for it."""
    parts = []
    for text, address, argument in _HIDDEN.findall(raw):
        if address:
            parts.append(peer_of(address.decode())[0].encode("utf-8", "replace"))
        else:
            parts.append(bytes.fromhex((text or argument).decode()).replace(b"\0", b" "))
    return b"\n".join(parts)


def time_of(head: re.Match[bytes]) -> Instant:
    """Read the time of an event: seconds and milliseconds since 1970."""
    return int(head["seconds"]) * SECOND + int(head["millis"].ljust(3, b"0")) * 1000


def row_of(line: bytes) -> Row:
    """Take one line apart, which `HEAD` matches."""
    head = HEAD.match(line)
    assert head is not None  # lines of events alone come here
    kind, text = head["type"].decode(), lenient(line[head.end() :])
    plain, _, enriched = text.partition("\x1d")
    pairs = [(name, _decoded(kind, name, cell)) for name, cell in _PAIR.findall(plain) if cell not in _NOTHING]
    pairs += [(name, cell.strip('"{} ')) for name, cell in _PAIR.findall(enriched) if cell not in _NOTHING]
    return Row(kind, tuple((name, cell) for name, cell in pairs if cell), text.replace("\x1d", " "))


def _decoded(kind: str, name: str, cell: str) -> str:
    if cell.startswith('"'):
        return cell.strip('"')
    argument = kind == "EXECVE" and _ARGUMENT.match(name)
    if (argument or name in _ENCODED) and _HEX.match(cell):
        return lenient(bytes.fromhex(cell)).rstrip("\0").replace("\0", " ")
    return cell


def arguments(row: Row) -> list[str]:
    """Give the arguments of an EXECVE row in order; one that was too long for a line is joined again."""
    parts: dict[int, list[str]] = {}
    for name, cell in row.fields:
        if found := _ARGUMENT.match(name):
            parts.setdefault(int(found[1]), []).append(cell)
    return ["".join(parts[number]) for number in sorted(parts)]


def call_of(arch: bytes, number: bytes, translated: bytes | None) -> str:
    """Name a system call: as translated, else by its number on the common architectures, else the number."""
    if translated:
        return translated.decode()
    return _CALLS.get(arch.decode(), {}).get(number.decode(), number.decode())


def peer_of(saddr: str) -> tuple[str, str]:
    """Read a socket address written as hex: (address, port), or (path, "") of a local one; ("", "") else.

    The family is in the machine's own byte order, port and address in the network's (ip(7), ipv6(7), unix(7)).
    """
    if not _HEX.match(saddr) or len(saddr) < 8:
        return "", ""
    raw = bytes.fromhex(saddr)
    family = raw[0] or raw[1]
    if family == 1:
        return lenient(raw[2:].strip(b"\0").partition(b"\0")[0]), ""
    width, start = {2: (4, 4), 10: (16, 8)}.get(family, (0, 0))
    if not width or len(raw) < start + width:
        return "", ""
    (port,) = struct.unpack_from(">H", raw, 2)
    return str(ip_address(raw[start : start + width])), str(port)
