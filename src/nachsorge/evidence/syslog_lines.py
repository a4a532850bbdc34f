"""The head of a syslog line, in the spellings that files hold, and the time it states.

RFC 3164 (with or without `<PRI>`, year and host), RFC 5424, the ISO times that rsyslog writes by default since 8.2,
and the date of BIND's own log files. Sources: RFC 3164 section 4.1, RFC 5424 section 6, rsyslog `RSYSLOG_FileFormat`,
BIND 9 Administrator Reference Manual, "logging".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from nachsorge.evidence.stamps import MONTHS, written, yearless
from nachsorge.evidence.text import lenient

if TYPE_CHECKING:
    from nachsorge.model.times import Instant

_ISO = rb"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?"
_BSD = rb"[A-Z][a-z]{2}\ {1,2}\d{1,2}\ (?:\d{4}\ )?\d\d:\d\d:\d\d(?:\.\d{1,9})?"
_BIND = rb"\d\d-[A-Z][a-z]{2}-\d{4}\ \d\d:\d\d:\d\d(?:\.\d{1,9})?"
_DATA = rb'(?:-|(?:\[[^\s\]="]+(?:\ +[^\s=\]"]+="(?:[^"\\\]]|\\.)*")*\ *\])+)'
# Many logs begin with an ISO time. Only what follows makes one syslog: a machine and a program with a colon, or BIND.
_NEXT = (
    rb"(?=\ (?:[^\s:\[\]|=]{1,255}\ [^\s:\[|=]{1,64}(?:\[[^\]\s]{0,32}\])?:\ |(?:[\w-]+:\ ){0,2}client\ [@\d]"
    rb"|[\w-]+:\ (?:info|notice|warning|error|critical|dynamic|debug\ \d+):\ |(?:CEF|LEEF):))"
)
_HEADER = re.compile(
    rb"(?:<\d{1,3}>)?\s?(?:"
    rb"[1-9]\d?\ (?P<t5>-|" + _ISO + rb")\ (?P<h5>\S{1,255})\ (?P<a5>\S{1,64})\ (?P<p5>\S{1,128})\ (?P<m5>\S{1,64})"
    rb"\ (?P<sd>" + _DATA + rb")(?:\ |(?=\r?\Z))"
    rb"|(?P<t3>" + _BSD + rb"|" + _BIND + rb"|" + _ISO + _NEXT + rb"):?\ "
    # A token that ends in a colon, or has brackets, is the program: such lines name no host.
    rb"(?:(?:DEBUG|INFO|NOTICE|WARNING|ERR|ERROR|CRIT|ALERT|EMERG)\ )?"
    rb"(?:(?!client\ [@\d])(?P<h3>\w(?:[^\s\[\]|]*[^\s:\[\]|])?)\ )?"
    rb"(?:(?P<a3>[^\s:\[|=]{1,64})(?:\[(?P<p3>[^\]\s]{0,32})\])?:\ ?)?"
    rb")",
    re.VERBOSE,
)
_PARTS = re.compile(r"([A-Z][a-z]{2}) +(\d+) (\d\d):(\d\d):(\d\d)")
_ELEMENT = re.compile(r'\[([^\s\]="]+)((?: +[^\s=\]"]+="(?:[^"\\\]]|\\.)*")*)')
_PARAM = re.compile(r'([^\s="]+)="((?:[^"\\\]]|\\.)*)"')


@dataclass(frozen=True, slots=True)
class Header:
    """What stands before the message; `end` is where the message begins."""

    stamp: str
    host: str | None
    program: str
    pid: str
    msgid: str
    data: str
    end: int

    @property
    def zoned(self) -> bool:
        """Tell whether the time states its zone."""
        return self.stamp.endswith("Z") or (len(self.stamp) > 5 and ("+" in self.stamp[-6:] or "-" in self.stamp[-6:]))

    @property
    def lacks_year(self) -> bool:
        """Tell whether the time is RFC 3164's, which has no year."""
        return _PARTS.match(self.stamp) is not None

    def time(self, modified: Instant | None) -> Instant | None:
        """Read the time; where it lacks a year, the file's own time gives it."""
        found = _PARTS.match(self.stamp)
        if not found:
            return written(self.stamp)
        month = MONTHS.get(found[1].lower())
        if month is None or modified is None:
            return None
        return yearless(month, int(found[2]), (int(found[3]), int(found[4]), int(found[5])), modified)


@lru_cache(maxsize=2)  # a line is asked of by its time, its class and its record, one after the other
def header_of(line: bytes) -> Header | None:
    """Read the head of a line; None where there is none."""
    found = _HEADER.match(line)
    if not found:
        return None
    modern = found.group("t5", "h5", "a5", "p5", "m5", "sd")
    parts = modern if modern[0] is not None else found.group("t3", "h3", "a3", "p3")
    stamp, host, program, pid, msgid, data = (*map(_text, parts), *("",) * (6 - len(parts)))
    return Header(stamp, host or None, program, pid, msgid, data, found.end())


def _text(raw: bytes | None) -> str:
    return "" if raw is None or raw == b"-" else lenient(raw)


def structured_data(text: str) -> dict[str, str]:
    """Give the parameters of RFC 5424 structured data as `id.name`, their escapes undone (section 6.3.3)."""
    return {
        f"{element[1]}.{param[1]}": re.sub(r'\\(["\\\]])', r"\1", param[2])
        for element in _ELEMENT.finditer(text)
        for param in _PARAM.finditer(element[2])
    }
