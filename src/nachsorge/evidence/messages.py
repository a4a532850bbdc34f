"""Lines that carry a message: a syslog head, a program's own message, or both.

One form serves syslog, CEF, LEEF, BIND and dnsmasq files, because relays mix them: a line is taken for what its
message is, whichever reader the file went to. What a sensor wrote about other machines (DNS, DHCP, traffic) names no
host of its own; the machine that wrote the line stands in the event as `reporter`.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

from nachsorge.evidence import dns_lines, security_events
from nachsorge.evidence.asking import Askers, all_plain, asked_in
from nachsorge.evidence.fields import is_address, kind_of
from nachsorge.evidence.lines import Plain
from nachsorge.evidence.seams import Tells
from nachsorge.evidence.shapes import CAPITALS, DIGITS, VISIBLE, Either, Run, Steps, literal, without
from nachsorge.evidence.syslog_lines import Header, header_of, structured_data
from nachsorge.evidence.telling import Told, read_telling
from nachsorge.evidence.text import lenient
from nachsorge.model.evidence import Record, Value
from nachsorge.model.words import Kind, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Sieve
    from nachsorge.model.times import Instant

YEAR_NOTE = "year taken from the file's own time"
ZONE_NOTE = "times without a zone were taken as UTC"

_MARK = re.compile(
    rb"(?P<cef>" + security_events.CEF + rb")|(?P<leef>" + security_events.LEEF + rb")"
    rb"|(?P<bind>"
    + dns_lines.BIND
    + rb")|(?P<dnsmasq>\b"
    + dns_lines.DNSMASQ
    + rb")|(?P<dhcp>\b"
    + dns_lines.DHCP
    + rb")"
)
_MASQUED = re.compile(
    rb"(?m)^[A-Z][a-z]{2} {1,2}[0-9]{1,2} [0-9]{2}:[0-9]{2}:[0-9]{2} [a-z0-9][A-Za-z0-9_.-]{0,254}+ "
    rb"dnsmasq\[[0-9]{1,32}\]: "
    rb"(?:query\[[!-\\^-~]++\] [!-~]++ from ([0-9.]++)|(?:forwarded [!-~]++ to|(?:reply|cached) [!-~]++ is) [^\n]*+)$"
)
_BROKEN = re.compile(rb"\b(?:CEF|LEEF):\s?\d")
_WORDS = (b"CEF:", b"LEEF:", b"dnsmasq", b"dhcpd", b"client")
EVENTS = (
    Telemetry.PROXY,
    Telemetry.DNS_QUERY,
    Telemetry.ANTIVIRUS,
    Telemetry.NETWORK_CONNECTION,
    Telemetry.SYSLOG,
)
"""What events in CEF and LEEF can be."""

EVENTS_TELL = Tells(
    proves="that a security product saw this request, connection, query or detection; what an event is, its keys say",
    rules_out="a request, query or connection of the addresses that appear in it, in stretches with such events, "
    "where the file shows that the product logs what it lets through; never a detection",
    not_told="what the product does not see or was not told to send, events lost on the way to the collector, keys "
    "whose meaning is the product's own (searched as text)",
    covers=tuple(kind for kind in EVENTS if kind is not Telemetry.ANTIVIRUS),
)
_TRAFFIC = (Telemetry.NETWORK_CONNECTION, Telemetry.PROXY, Telemetry.DNS_QUERY)
_OWN = {"dnsmasq": Telemetry.DNS_QUERY, "bind": Telemetry.DNS_QUERY, "dhcp": Telemetry.DHCP}


_BLANK = Run(b" ", 1, 1)
_NAME = CAPITALS + CAPITALS.lower() + DIGITS + b"_-."
_BSD = (
    *(Run(CAPITALS, 1, 1), Run(CAPITALS.lower(), 2, 2), Run(b" ", 1, 2), Run(DIGITS, 1, 2), _BLANK),
    *(Run(DIGITS, 2, 2), *(Run(b":", 1, 1), Run(DIGITS, 2, 2)) * 2, _BLANK),
)
_ISO = (
    *(Run(DIGITS, 4, 4), *(Run(b"-", 1, 1), Run(DIGITS, 2, 2)) * 2, Run(b"T", 1, 1)),
    *(Run(DIGITS, 2, 2), *(Run(b":", 1, 1), Run(DIGITS, 2, 2)) * 2, Run(b".", 1, 1), Run(DIGITS, 1, 9)),
    *(Run(b"+-", 1, 1), Run(DIGITS, 2, 2), Run(b":", 1, 1), Run(DIGITS, 2, 2), _BLANK),
)
_HOST = (Run(CAPITALS.lower() + DIGITS, 1, 1), Run(_NAME, 0, 254), _BLANK)
"""No capital first: a severity may stand where the host does."""
_PID = (Run(b"[", 1, 1), Run(DIGITS, 1, 32), Run(b"]", 1, 1))
_WORD = Run(VISIBLE)


def _plain_lines() -> Iterator[Steps]:
    """Give the heads that most programs' lines have."""
    program = Run(_NAME + b"/", 1, 64)
    for time in (_BSD, _ISO):
        for pid in (_PID, ()):
            runs = (*time, *_HOST, program, *pid, Run(b":", 1, 1), _BLANK)
            yield Steps(runs, telemetry=Telemetry.SYSLOG, host=(len(time), len(time) + 1), bare=True)


def _dnsmasq_lines() -> Iterator[Steps]:
    """Give the lines of a dnsmasq that logs queries."""
    said = (
        (*literal(b"query["), Run(without(VISIBLE, b"]")), *literal(b"] "), _WORD, *literal(b" from ")),
        (*literal(b"forwarded "), _WORD, *literal(b" to ")),
        (*literal(b"reply "), _WORD, *literal(b" is ")),
        (*literal(b"cached "), _WORD, *literal(b" is ")),
    )
    for runs in said:
        yield Steps((*_BSD, *_HOST, *literal(b"dnsmasq"), *_PID, *literal(b": "), *runs), telemetry=Telemetry.DNS_QUERY)


_LINES = Either((*_dnsmasq_lines(), *_plain_lines()), (*_WORDS, b"EF:"))


@lru_cache(maxsize=2)  # as `header_of`
def mark_of(line: bytes) -> tuple[str, int]:
    """Say whose message a line carries (`cef`, `leef`, `bind`, `dnsmasq`, `dhcp`) and where; ("", -1) if none."""
    # Most lines carry none; looking for five words first is ten times as fast as the pattern.
    found = _MARK.search(line) if any(word in line for word in _WORDS) else None
    return (found.lastgroup or "", found.start()) if found else ("", -1)


@lru_cache(maxsize=2)  # five readers ask of the same head, one after the other
def shares(head: bytes) -> Counter[str]:
    """Count the lines of a file's beginning by what they are: a mark's name, `syslog`, or `other`."""
    kinds: Counter[str] = Counter()
    lines = head.removeprefix(b"\xef\xbb\xbf").split(b"\n", 201)
    for line in lines[:200] if len(lines) < 2 else lines[:-1][:200]:
        if line.strip():
            kinds[mark_of(line)[0] or ("syslog" if header_of(line) else "other")] += 1
    return kinds


class MessageLog(Plain):
    """The lines of one file; it notes which assumptions about time it had to make."""

    # An acknowledged address is a lease, which must be known whatever is looked for.
    escapes: tuple[bytes, ...] = (b"DHCPACK", b"\\=", b"\\|")

    def __init__(self, modified: Instant | None, sensor: bool) -> None:
        """Take the file's own time, for years, and whether it tells of other machines."""
        self.modified = modified
        self.sensor = self.asks = sensor
        self.notes: set[str] = set()

    def shape_of(self) -> Either:
        """Give the most common lines; all others are looked at one by one."""
        return _LINES

    def askers(self, segment: bytes) -> Askers | None:
        """Read who asked a dnsmasq, if it wrote every line."""
        found = asked_in(_MASQUED, segment)
        if found is None or not all_plain(found - {b""}):
            return None
        return {(text, Telemetry.DNS_QUERY) for text in found if text}

    def malformed(self, block: bytes) -> Iterable[int]:
        """Find lines without a head and without a message we know, and CEF or LEEF that breaks off in its head."""
        at = 0
        for line in block.split(b"\n"):
            if line.strip() and not _readable(line):
                yield at
            at += len(line) + 1

    def time(self, line: bytes) -> Instant | None:
        """Read the event's own time, else the line's, and note what had to be assumed."""
        time, notes = self._dated(line)
        self.notes |= notes
        return time

    def _dated(self, line: bytes) -> tuple[Instant | None, frozenset[str]]:
        mark, start = mark_of(line) if b"EF:" in line else ("", -1)  # CEF and LEEF alone have a time of their own
        own = security_events.time_of(line[start:]) if mark in ("cef", "leef") else None
        head = header_of(line) if own is None else None
        time = head.time(self.modified) if head else own
        if head is None or time is None or head.zoned:
            return time, frozenset()
        return time, frozenset({YEAR_NOTE, ZONE_NOTE} if head.lacks_year else {ZONE_NOTE})

    def classes(self, segment: bytes, lines: int) -> Iterable[tuple[Telemetry, str | None, int]]:
        """Count by what each line's message is, and by its host where it tells of that host."""
        counts: Counter[tuple[Telemetry, str | None]] = Counter()
        for line in segment.split(b"\n"):
            if not line.strip():
                continue
            counts[_class(line)] += 1
        for (telemetry, host), records in sorted(counts.items(), key=lambda item: (item[0][0], item[0][1] or "")):
            yield telemetry, host, records

    def tell(self, lines: bytes, told: Told) -> None:
        """Say of which kinds there is traffic that was let through; a name server logs what it is asked."""
        for line in lines.split(b"\n"):
            mark, start = mark_of(line)
            kind = _class(line)[0]
            if kind not in told.asked:
                continue
            if mark in _OWN:
                told.through(kind)
            elif security_events.is_one_sided(line[start:]):
                told.refused(kind)
            elif kind is Telemetry.NETWORK_CONNECTION and not security_events.names_the_other_end(line[start:]):
                told.lacks(kind, ("dst",))
            else:
                told.through(kind)
            if not told.asked:
                return

    def parse(self, line: bytes, locator: str) -> Record | None:
        """Decode the message, or else the line as plain syslog."""
        # Notes come from the account alone: they must not depend on which lines the sieve admits.
        time, _ = self._dated(line)
        mark, start = mark_of(line)
        telemetry, host = _class(line)
        head, message = header_of(line), line[start:]
        record: Record | None = None
        match mark:
            case "cef" | "leef":
                event = security_events.cef(message) if mark == "cef" else security_events.leef(message)
                record = security_events.event_record(event, telemetry, locator, time, host)
            case "bind" | "dnsmasq":
                dns = dns_lines.bind_event(message) if mark == "bind" else dns_lines.dnsmasq_event(message)
                record = dns_lines.dns_record(dns, locator, time, mark) if dns else None
            case "dhcp":
                record = dns_lines.dhcp_record(message, locator, time)
            case _:
                return _plain(line, head, time, locator) if head else None
        return None if record is None else _reported(record, head)


def _readable(line: bytes) -> bool:
    if mark_of(line)[0]:
        return True
    head = header_of(line)
    return head is not None and not (b"EF:" in line and _BROKEN.search(line, max(head.end - 8, 0)))


def _class(line: bytes) -> tuple[Telemetry, str | None]:
    mark, start = mark_of(line)
    if mark in _OWN:
        return _OWN[mark], None
    head = header_of(line)
    host = head.host if head else None
    if mark:
        telemetry = security_events.telemetry_of(line[start:])
        subject = security_events.host_of(line[start:], telemetry)
        return telemetry, subject or (host if telemetry is Telemetry.SYSLOG else None)
    return (Telemetry.SYSLOG, host) if head else (Telemetry.TEXT, None)


def _plain(line: bytes, head: Header, time: Instant | None, locator: str) -> Record:
    message = lenient(line[head.end :].removeprefix(b"\xef\xbb\xbf"))
    event = {"host": head.host or "", "program": head.program, "pid": head.pid, "msgid": head.msgid}
    data = structured_data(head.data)
    event = {name: text for name, text in (event | data | {"message": message}).items() if text}
    kinds = {"host": Kind.HOST, "program": Kind.TEXT, "pid": Kind.TEXT, "msgid": Kind.TEXT, "message": Kind.TEXT}
    if is_address(head.host or ""):
        kinds["host"] = Kind.ADDRESS
    return Record(
        telemetry=Telemetry.SYSLOG,
        locator=locator,
        time=time,
        values=tuple(Value(kinds.get(name) or kind_of(name, text), name, text) for name, text in event.items()),
        event=event,
        host=head.host,
        service=head.program,
    )


def _reported(record: Record, head: Header | None) -> Record:
    if head is None or head.host is None or not isinstance(record.event, dict):
        return record
    record.event["reporter"] = head.host
    return record


def read_messages(source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
    """Drive the form over a file; leases and notes on time go to the ledger."""
    with (source.ahead or source.open)() as stream:
        kinds = shares(stream.read(64 * 1024))
    form = MessageLog(source.modified, sensor=any(kinds[mark] for mark in ("cef", "leef", "bind", "dnsmasq")))
    # A list of detections is as silent where nobody looked as where nothing was.
    ledger.never_clears(Telemetry.ANTIVIRUS)
    for record in read_telling(source, form, _TRAFFIC, sieve, ledger):
        if lease := dns_lines.lease_of(record):
            ledger.lease(lease)
        yield record
    ledger.notes.extend(sorted(form.notes))
