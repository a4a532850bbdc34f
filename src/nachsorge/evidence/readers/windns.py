"""The debug log of Windows' DNS server.

Names stand there as `(6)google(3)com(0)`; they are rewritten to `google.com` in the stream, before the sieve sees it.
Times are local, in the server's own spelling; where nothing in the file tells day from month, they are not used.
Details of packets and the text at the head are searched, but they are no records of their own. Source: Microsoft,
"Use DNS debug logging", and the legend that the log itself begins with.
"""

from __future__ import annotations

import re
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO

from nachsorge.evidence.asking import Askers, asked_in
from nachsorge.evidence.blocks import Block, Place, blocks, borrowed, whole
from nachsorge.evidence.fast import kernel
from nachsorge.evidence.fields import is_address
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.lines import LONGEST_LINE, Plain, read_lines
from nachsorge.evidence.seams import Tells
from nachsorge.evidence.shapes import DIGITS, VISIBLE, Either, Run, Steps, either, literal, without
from nachsorge.evidence.stamps import at
from nachsorge.evidence.text import lenient, text_record
from nachsorge.model.evidence import Record, Value
from nachsorge.model.words import Kind, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nachsorge.evidence.seams import Opened, Plant, Sieve
    from nachsorge.model.times import Instant

ZONE_NOTE = "Windows DNS logs local time without a zone: taken as UTC"

_NAME = re.compile(rb"\(\d{1,3}\)(?:[^()\r\n]{1,252}\(\d{1,3}\))*")
_LABEL = re.compile(rb"\(\d{1,3}\)")
_DATE = rb"(?:(?P<a>\d\d?)(?P<sep>[/.-])(?P<b>\d\d?)(?P=sep)(?P<y>\d{4})|(?P<iy>\d{4})-(?P<im>\d\d)-(?P<id>\d\d))"
_STAMP = re.compile(_DATE + rb"\s(?P<h>\d\d?):(?P<m>\d\d):(?P<s>\d\d)(?:\s(?P<half>[AaPp]\.?[Mm]\.?))?\s")
_CONTEXT = re.compile(
    rb"[0-9A-Fa-f]{3,5}\s+(?:PACKET|EVENT|Note:|DSPOLL|LOOKUP|UPDATE|NOTIFY|RECURSE|INIT|TIMEOUT|[A-Z]+)\b"
)
_PACKET = re.compile(
    r"(?P<thread>[0-9A-Fa-f]{3,5})\s+PACKET\s+(?P<packet>[0-9A-Fa-f]{8,16})\s+(?P<protocol>UDP|TCP)\s+(?P<direction>Rcv|Snd)\s+"
    r"(?P<remote>\S+)\s+(?P<xid>[0-9A-Fa-f]{4})\s+(?P<response>R?)\s*(?P<opcode>[QNU?])\s+\[(?P<flags>[^\]]*)\]\s+(?P<qtype>\S+)"
    r"\s+(?P<query>\S+)"
)
_REMOTE = re.compile(
    rb"(?m)^(?:[0-9]{1,2}/[0-9]{1,2}/|[0-9]{1,2}\.[0-9]{1,2}\.)[0-9]{4} [0-9]{1,2}:[0-9]{2}:[0-9]{2} (?:[AP]M )?"
    rb"[0-9A-Fa-f]{3,5} ++PACKET ++[0-9A-Fa-f]{8,16} ++(?:UDP|TCP) ++(?:Rcv|Snd) ++([!-~]++) ++[0-9A-Fa-f]{4} ++"
    rb"R? *+[QNU?] ++\[[^\]\r\n]*+\] ++[!-~]++ ++[!-~][^\n]*+$"
)
_HEX = DIGITS + b"ABCDEFabcdef"
_GAP = Run(b" ")


def _packets() -> Iterator[Steps]:
    """Give the shapes of packets over UDP, in the two spellings of time that servers use most."""
    two, gap = Run(DIGITS, 1, 2), Run(b" ", 1, 1)
    for sign in (b"/", b"."):
        date = (two, Run(sign, 1, 1), two, Run(sign, 1, 1), Run(DIGITS, 4, 4), gap)
        time = (two, *(Run(b":", 1, 1), Run(DIGITS, 2, 2)) * 2, gap)
        for half in ((), (Run(b"AP", 1, 1), Run(b"M", 1, 1), gap)):
            for way in (b"Rcv", b"Snd"):
                packet = (Run(_HEX, 3, 5), _GAP, *literal(b"PACKET"), _GAP, Run(_HEX, 8, 16), _GAP, *literal(b"UDP"))
                client = (_GAP, *literal(way), _GAP, Run(VISIBLE), _GAP, Run(_HEX, 4, 4), gap)
                flags = (Run(b" R", 1, 1), gap, Run(b"QNU?", 1, 1), _GAP, Run(b"[", 1, 1))
                rest = (Run(without(bytes(range(256)), b"]\r\n"), 0), Run(b"]", 1, 1), _GAP, Run(VISIBLE), _GAP)
                runs = (*date, *time, *half, *packet, *client, *flags, *rest, Run(VISIBLE, 1, 1))
                yield Steps(runs, telemetry=Telemetry.DNS_QUERY)


_SLASHED = re.compile(rb"(?:^|\bat )(\d\d?)/(\d\d?)/\d{4}\s", re.MULTILINE)


class Windns:
    """Reader of the Windows DNS debug log; a sensor of those who asked."""

    name = "windns"
    text = True
    telemetry = (Telemetry.DNS_QUERY, Telemetry.WINDOWS_EVENT)
    tells = Tells(
        proves="that a client asked this name server for a name, or the server another one",
        rules_out="queries to this name server of the clients that appear in it, in stretches with packets",
        not_told="DNS over HTTPS or TLS and other name servers, which program asked, what a client's own cache "
        "answered, the time zone (taken as UTC), and any time where day and month cannot be told apart",
        covers=telemetry,
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise its first line, or lines of packets with their names in counted labels."""
        if b"DNS Server log file creation at" in head[:4096]:
            return 95
        found = (_STAMP.match(line) for line in head.split(b"\n")[:500])
        return 90 if any(f and _CONTEXT.match(f.string, f.end()) and b" PACKET " in f.string for f in found) else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the admitted lines, their times only where the order of the date is known."""
        order = date_order(source)
        if order is None:
            note = "day and month cannot be told apart in this file (3/4/2023): its times are not used"
            ledger.gap(Reason.CLOCK, note, telemetry=Telemetry.DNS_QUERY)
        else:
            ledger.notes.append(ZONE_NOTE)
        plain = replace(source, open=lambda: _dotted(source.open()), local=None)
        yield from read_lines(plain, DebugLog(order), sieve, ledger)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Write one packet under this file's own spelling of a time."""
        stamp = next((found for line in head.split(b"\n") if (found := _STAMP.match(line))), None)
        if stamp is None:
            return None
        labels = "".join(f"({len(label)}){label}" for label in plant.host.split(".")) + "(0)"
        packet = (
            f"0F48 PACKET  00000000028657F0 UDP Rcv 192.0.2.1       0002   Q [0001   D   NOERROR] A      {labels}\r\n"
        )
        return stamp[0] + packet.encode()


class _Dotted:
    """A stream of the same lines in which counted labels are dotted names."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._rest = b""
        self._begun = b""
        self._borrowed = ExitStack()
        self._buffers = self._borrowed.enter_context(borrowed())

    def __enter__(self) -> _Dotted:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()  # waits for what still reads the buffers
        self._borrowed.close()

    def read(self, size: int) -> bytes:
        """Give as much at most."""
        view = bytearray(size)
        return bytes(view[: self.readinto(memoryview(view))])

    def readinto(self, view: memoryview) -> int:
        """Fill a view, as far as lines go that are written to it directly."""
        ready = kernel()
        if ready is not None and not self._rest and len(self._begun) < len(view):
            buffer, start, end = self._buffers.fill(self._stream, self._begun, len(view) - len(self._begun))
            fresh, cut = end - start > len(self._begun), buffer.rfind(b"\n", start, end) + 1
            self._begun = bytes(memoryview(buffer)[max(cut, start) : end])
            if fresh and cut:
                return ready.undotted(Block(buffer, start, cut), view)
        self._rest = self._rest or self._block(len(view))
        given, self._rest = self._rest[: len(view)], self._rest[len(view) :]
        view[: len(given)] = given
        return len(given)

    def _block(self, size: int) -> bytes:
        """Read about as much, to a line's end, so that no name is torn (but of a line that is too long to be one)."""
        block = self._begun
        while data := self._stream.read(max(size, 1)):
            end = data.rfind(b"\n") + 1
            if end or len(block) + len(data) > LONGEST_LINE:
                block = b"".join((block, memoryview(data)[: end or len(data)]))
                self._begun = data[end:] if end else b""
                break
            block += data
        else:
            self._begun = b""
        return _in_dots(block)


def _in_dots(block: bytes) -> bytes:
    ready, view = kernel(), bytearray(len(block))
    if ready is None:
        return _NAME.sub(_undotted, block)
    return bytes(view[: ready.undotted(whole(block), memoryview(view))]) if block else b""


def _dotted(stream: BinaryIO) -> BinaryIO:
    return _Dotted(stream)  # type: ignore[return-value]


def _undotted(found: re.Match[bytes]) -> bytes:
    text = found[0]
    if not text.endswith(b"(0)") or not _LABEL.sub(b"", text):
        return text
    return b".".join(label for label in _LABEL.split(text) if label)


def date_order(source: Opened) -> str | None:
    """Say whether dates with slashes are `mdy` or `dmy`; None where the file does not tell, or tells both.

    Dates with dots are day first and ISO dates year first, whatever this says.
    """
    left = right = differ = False
    with (source.ahead or source.open)() as stream:
        # What is too long to be a line is named when the file is read.
        for block in blocks(stream, Ledger(), Place()):
            found = _dates(block)
            left, right, differ = left | found[0], right | found[1], differ | found[2]
    if left != right:
        return "dmy" if left else "mdy"
    return None if differ or left else "mdy"


def _dates(block: Block) -> tuple[bool, bool, bool]:
    """Say of dates with slashes: whether a first number is over 12, a second one, and whether any two differ."""
    ready = kernel()
    if ready is not None:
        return ready.dates(block) if block.hi > block.lo else (False, False, False)
    left = right = differ = False
    for first, second in {(int(a), int(b)) for a, b in _SLASHED.findall(block.text())}:
        left, right, differ = left or first > 12, right or second > 12, differ or first != second
    return left, right, differ


_PACKETS = either(*_packets())


class DebugLog(Plain):
    """The lines of one file, dates in the order found for it."""

    telemetry = Telemetry.DNS_QUERY
    asks = True

    def __init__(self, order: str | None) -> None:
        """Take the order of dates with slashes; None leaves their times unused."""
        self.order = order

    def askers(self, segment: bytes) -> Askers | None:
        """Read whom a packet came from or went to; a remote side that is no address is nobody's."""
        found = asked_in(_REMOTE, segment)
        return (
            None if found is None else {(text.lower(), self.telemetry) for text in found if is_address(lenient(text))}
        )

    def shape_of(self) -> Either:
        """Give packets; all other lines are few."""
        return _PACKETS

    def malformed(self, block: bytes) -> Iterable[int]:
        """Find lines that begin like an entry, with a digit, and are none; a packet must be whole."""
        at = 0
        for line in block.split(b"\n"):
            if line[:1].isdigit() and _kind(line) is None:
                yield at
            at += len(line) + 1

    def time(self, line: bytes) -> Instant | None:
        """Read the local time as UTC."""
        found = _STAMP.match(line)
        if not found:
            return None
        hour = int(found["h"])
        if found["half"]:
            hour = hour % 12 + (12 if found["half"][:1] in b"Pp" else 0)
        date = self._date(found)
        return None if date is None else at(*date, hour, int(found["m"]), int(found["s"]))

    def _date(self, found: re.Match[bytes]) -> tuple[int, int, int] | None:
        if found["iy"]:
            return int(found["iy"]), int(found["im"]), int(found["id"])
        left, right, year = int(found["a"]), int(found["b"]), int(found["y"])
        if found["sep"] == b"." or (found["sep"] == b"-" or self.order == "dmy"):
            return year, right, left
        return (year, left, right) if self.order == "mdy" else None

    def classes(self, segment: bytes, lines: int) -> Iterable[tuple[Telemetry, str | None, int]]:
        """Count packets and events; text at the head and details of packets are part of them."""
        kinds = [_kind(line) for line in segment.split(b"\n") if line[:1].isdigit()]
        for telemetry in (Telemetry.DNS_QUERY, Telemetry.WINDOWS_EVENT):
            if records := kinds.count(telemetry):
                yield telemetry, None, records
        if spoiled := kinds.count(None):
            yield Telemetry.TEXT, None, spoiled

    def parse(self, line: bytes, locator: str) -> Record | None:
        """Decode a packet; events and details are searched as text."""
        stamp, text = _STAMP.match(line), lenient(line)
        packet = _PACKET.match(lenient(line[stamp.end() :])) if stamp else None
        if packet is None:
            return replace(text_record(line, locator), time=self.time(line)) if stamp else None
        event = {name: value for name, value in packet.groupdict().items() if value} | {"line": text.strip()}
        event["query"] = event["query"].rstrip(".") or "."
        client = packet["remote"]
        kinds = {"query": Kind.HOST, "remote": Kind.ADDRESS if is_address(client) else Kind.TEXT}
        return Record(
            telemetry=Telemetry.DNS_QUERY,
            locator=locator,
            time=self.time(line),
            values=tuple(Value(kinds.get(n, Kind.TEXT), n, t) for n, t in event.items() if n != "line"),
            event=event,
            addresses=(client,) if is_address(client) else (),
            product="windows",
            service="dns-server",
        )


def _kind(line: bytes) -> Telemetry | None:
    stamp = _STAMP.match(line)
    if not stamp or not _CONTEXT.match(line, stamp.end()):
        return None
    if b" PACKET " not in line:
        return Telemetry.WINDOWS_EVENT
    return Telemetry.DNS_QUERY if _PACKET.match(lenient(line[stamp.end() :])) else None
