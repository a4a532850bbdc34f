"""The unified log of macOS as `log show` prints it: `--style ndjson`, `json`, `syslog`, `compact`, the default columns.

What the system keeps for how long differs by level and subsystem, and private parts of messages are not kept at all.
So messages prove; their absence proves little. Binary `*.tracev3` files are recognised and named as unread.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from nachsorge.evidence.fields import flatten
from nachsorge.evidence.json_array import Elements
from nachsorge.evidence.lines import Plain, read_lines
from nachsorge.evidence.macos.unified import record_of, time_of
from nachsorge.evidence.ndjson import JsonLines, decode_object, joined
from nachsorge.evidence.seams import ReadError, Tells
from nachsorge.evidence.text import lenient, text_record
from nachsorge.model.words import Platform, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import BinaryIO

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve
    from nachsorge.model.evidence import Record
    from nachsorge.model.times import Instant

_STAMP = rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}[+-]\d{4}"
_SYSLOG = re.compile(
    rb"(" + _STAMP + rb") +(\S{1,255}) +([^\s:\[][^:\[\]]{0,200})\[(\d{1,9})\]: (?:<(\w+)>:? ?)?(?:\(([^)]{1,200})\) )?"
    rb"(?:\[([^\]\s:]{1,200}):([^\]]{0,200})\] )?(.*)",
    re.DOTALL,
)
_COLUMNS = re.compile(
    rb"(" + _STAMP + rb") +(0x[0-9a-f]+) +(\w+) +(0x[0-9a-f]+) +(\d+) +(\d+) +([^:]{1,200}): (?:\(([^)]{1,200})\) )?"
    rb"(?:\[([^\]\s:]{1,200}):([^\]]{0,200})\] )?(.*)",
    re.DOTALL,
)
_SHORT = rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}"
_COMPACT = re.compile(
    rb"(" + _SHORT + rb") +([A-Z][a-z]?) +([^\[\]]{1,200})\[(\d{1,9}):([0-9a-f]{1,16})\] (?:\(([^)]{1,200})\) )?"
    rb"(?:\[([^\]\s:]{1,200}):([^\]]{0,200})\] )?(.*)",
    re.DOTALL,
)
_LAST = ("sender", "subsystem", "category", "eventMessage")
_SYSLOG_NAMES = ("timestamp", "host", "process", "processID", "messageType", *_LAST)
_COMPACT_NAMES = ("timestamp", "messageType", "process", "processID", "threadID", *_LAST)
_COLUMN_NAMES = ("timestamp", "threadID", "messageType", "activityIdentifier", "processID", "ttl", "process", *_LAST)
_PRINTED = ((_SYSLOG, _SYSLOG_NAMES), (_COLUMNS, _COLUMN_NAMES), (_COMPACT, _COMPACT_NAMES))
_TIME = re.compile(rb"(?:" + _STAMP + rb"|" + _SHORT + rb"(?=\s))")
_TABLE = re.compile(rb"Timestamp +(?:Thread +Type|\(process\)|Ty +Process)")
_ZONE = "times without a zone were taken as UTC"
_ASIDE = re.compile(rb"(?:Timestamp +|Filtering the log data|Skipping |={10,}|-{10,}|Log +- Default)")
_KEYS = (b'"machTimestamp"', b'"processImagePath"', b'"eventMessage"', b'"senderImagePath"', b'"traceID"')
_TRACE = b"\x00\x10\x00\x00\x11\x00\x00\x00"


class UnifiedLog:
    """Reader of the printed forms."""

    name = "unified_log"
    telemetry: tuple[Telemetry, ...] = (Telemetry.SYSLOG,)
    tells = Tells(
        proves="What a process told the system's log, and when; the program's path in the JSON forms",
        rules_out="Nothing: the command's predicate, levels and times may have left out any message, and what it "
        "printed does not say which",
        not_told="Private parts (`<private>`), messages that were never stored, what the command's predicate left out; "
        "`*.tracev3` archives themselves, which are named as unread",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the keys of a message, the columns, or the signature of a binary trace."""
        if head.startswith(_TRACE) and name.lower().endswith(".tracev3"):
            return 90
        if head[:4096].lstrip(b"\xef\xbb\xbf \r\n[").startswith(b"{"):
            return 93 if sum(key in head[:8192] for key in _KEYS) >= 3 else 0
        lines = [line for line in head.split(b"\n", 30)[:30] if line.strip()]
        fitting = sum(1 for line in lines if any(pattern.match(line) for pattern, _ in _PRINTED))
        if _TABLE.match(head) or (lines and _ASIDE.match(lines[0])):
            return 90 if fitting else 0
        return 88 if fitting and fitting * 2 > len(lines) else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the admitted messages."""
        ledger.platform = ledger.platform or Platform.MACOS
        ledger.never_clears(Telemetry.SYSLOG)
        with source.open() as stream:
            head = stream.read(65536)
        if head.startswith(_TRACE):
            note = (
                "a binary trace; give what prints it: log show --archive X.logarchive --style ndjson > unified.ndjson"
            )
            raise ReadError(Reason.NOT_SUPPORTED, note)
        start = head.lstrip(b"\xef\xbb\xbf \r\n")
        if start.startswith(b"{") and decode_object(start.split(b"\n", 1)[0]) is not None:
            yield from read_lines(source, JsonMessages(source.host), sieve, ledger)
        elif start.startswith((b"[", b"{")):
            with source.open() as stream:
                yield from _array(stream, source.host, sieve, ledger)
        else:
            columns = Columns(source.host)
            yield from read_lines(source, columns, sieve, ledger)
            ledger.notes += [_ZONE] if columns.zoneless else []

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make one message in the form of this file."""
        message = f"control http://{plant.host}/ {plant.address}"
        start = head.lstrip(b"\xef\xbb\xbf \r\n")
        if start.startswith((b"{", b"[")):
            body = (
                '{"timestamp":"2023-03-29 10:00:00.000000+0000","machTimestamp":1,"traceID":1,"senderImagePath":"/x",'
                f'"processImagePath":"/x","eventMessage":"{message}"}}'
            )
            return f"[{body}]".encode() if start.startswith(b"[") else body.encode() + b"\n"
        if _TABLE.match(head) and b"Thread" in head[:200]:
            return f"2023-03-29 10:00:00.000000+0000 0x1a Default 0x0 1 0 x: (x) {message}\n".encode()
        return f"2023-03-29 10:00:00.000000+0000  localhost x[1]: (x) {message}\n".encode()


class JsonMessages(JsonLines):
    """One message a line; the last line of `ndjson` counts what was printed and is no message."""

    telemetry = Telemetry.SYSLOG
    sensor = False
    expects_time = False
    time_keys = ("timestamp",)

    def __init__(self, host: str | None) -> None:
        """Take whose the log is."""
        self.host = host

    def classes(self, segment: bytes, lines: int) -> Iterable[tuple[Telemetry, str | None, int]]:
        """Count every line for the host."""
        if lines:
            yield Telemetry.SYSLOG, self.host, lines

    def record(self, tree: dict[str, Any], time: Instant | None, locator: str) -> Record | None:
        """Flatten the message."""
        return record_of(joined(flatten(tree)), locator, time, self.host)


class Columns(Plain):
    """One message a line, in the style of syslog or in columns; further lines of a message stand below it."""

    telemetry = Telemetry.SYSLOG
    sensor = False
    expects_time = False

    def __init__(self, host: str | None) -> None:
        """Take whose the log is, for lines that say `localhost`."""
        self.host = host
        self.zoneless = False

    def time(self, line: bytes) -> Instant | None:
        """Read the time that begins a message; the compact style leaves out its zone, which is noted."""
        found = _TIME.match(line)
        self.zoneless |= found is not None and len(found[0]) < len("2023-03-29 12:00:00.123456+0200")
        return time_of(lenient(found[0])) if found else None

    def classes(self, segment: bytes, lines: int) -> Iterable[tuple[Telemetry, str | None, int]]:
        """Count every line for the host."""
        if lines:
            yield Telemetry.SYSLOG, self.host, lines

    def parse(self, line: bytes, locator: str) -> Record | None:
        """Take a line apart; one that goes on a message is searched as text."""
        for pattern, names in _PRINTED:
            if found := pattern.match(line):
                event = {name: lenient(cell).strip() for name, cell in zip(names, found.groups(), strict=True) if cell}
                host = event.pop("host", "")
                return record_of(event, locator, self.time(line), host if host != "localhost" and host else self.host)
        return None


def _array(stream: BinaryIO, host: str | None, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
    """Read `--style json`: one array of messages, written over many lines."""
    form = JsonMessages(host)
    elements = Elements(stream, r'\{\s*"')
    for number, element in enumerate(elements, 1):
        locator = f"record {number}"
        ledger.count(Telemetry.SYSLOG, 1, host)
        tree = None if element.broken else decode_object(element.raw)
        if tree is None:
            ledger.spoil(locator)
            yield text_record(element.raw, locator)
            continue
        time = form.time(element.raw)
        if time is not None:
            ledger.saw(Telemetry.SYSLOG, time, time, host)
        if sieve.everything or rb"\u00" in element.raw or sieve.admits(element.raw):
            yield form.record(tree, time, locator) or text_record(element.raw, locator)
    if not elements.complete:
        ledger.gap(Reason.TRUNCATED, "the array of messages is not closed: the file breaks off")
