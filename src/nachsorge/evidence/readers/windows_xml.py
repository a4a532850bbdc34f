"""Windows events exported as XML: `<Events>` of the event viewer, bare `<Event>`s of wevtutil and evtx_dump.

The stream is cut at `<Event ...>` and `</Event>`, and every event is parsed alone. So a file of any size is read in
bounded memory, one broken event spoils no other, and a document type declared before them reaches none of them.
Format: Microsoft, "Event Schema".
"""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, BinaryIO
from xml.sax.saxutils import escape

from nachsorge.evidence.continuity import Continuity
from nachsorge.evidence.seams import Tells
from nachsorge.evidence.text import text_record
from nachsorge.evidence.windows.event import record_of
from nachsorge.evidence.windows.own_address import own_address_of, states_address
from nachsorge.evidence.windows.sources import COVERED, TELEMETRY
from nachsorge.evidence.windows.xml_event import XmlEvent, parse_event, unescaped
from nachsorge.model.words import Platform, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve
    from nachsorge.model.evidence import Record

PIECE = 1024 * 1024
LONGEST_EVENT = 16 * 1024 * 1024
"""A longer event is none; the log service itself writes at most 64 KiB."""

_OPEN = re.compile(rb"<Event(?=[\s>])")
_CLOSE = b"</Event>"
_NAMESPACE = b"schemas.microsoft.com/win/2004/08/events/event"
_BETWEEN = re.compile(rb"\xef\xbb\xbf|<\?xml[^>]*\?>|</?Events(?:\s[^>]*)?/?>|<!--.*?-->|Record \d+\s|\s+", re.DOTALL)
_BOMS = ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


class WindowsXml:
    """Reader of exported Windows events."""

    name = "windows_xml"
    telemetry = TELEMETRY
    tells = Tells(
        proves="what Windows or a program recorded on the machine that the event names, and when, as channel and "
        "number say",
        rules_out="an event that the log would have held, in stretches over which the record numbers run on; what has "
        "to be configured (Sysmon, audit policy) only between the first and the last event of it",
        not_told="what the filter of the export left out, beyond that the numbers jump there; what nobody configured "
        "to be logged; what was overwritten or cleared before",
        covers=COVERED,
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the first event, in UTF-8 or UTF-16; an empty `<Events>` too."""
        text = _plain(head).lstrip(b"\xef\xbb\xbf \t\r\n")
        if not text.startswith((b"<", b"Record ")):
            return 0
        found = _OPEN.search(text)
        if found and (_NAMESPACE in text[found.start() :] or b"<System>" in text[found.start() :]):
            return 95
        return 70 if re.match(rb"(?:<\?xml[^>]*\?>\s*)?<Events[\s/>]", text) else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the admitted events in the file's order. All are parsed, so that broken ones are always known."""
        ledger.platform = Platform.WINDOWS
        continuity = Continuity(ledger)
        number = 0
        with source.open() as stream:
            for raw, whole in _cut(_pieces(stream)):
                number += 1
                event = parse_event(raw) if whole else None
                host = (event.head.computer if event else "") or source.host
                ledger.count(event.head.source.telemetry if event else Telemetry.WINDOWS_EVENT, 1, host)
                if event is None:
                    ledger.spoil(f"event {number}")
                    _note_endless(raw, number, ledger)
                else:
                    continuity.note(event.head, source.host)
                    _state(event, host, ledger)
                    of = event.head.source
                    ledger.log(of.telemetry, "windows", of.service, event.head.event_id)
                if not sieve.everything and not _parted(raw) and not sieve.admits(unescaped(raw)):
                    continue
                locator = f"event {number}"
                if event is None:
                    yield text_record(unescaped(raw), locator)
                else:
                    yield record_of(event.head, event.system, event.data, locator, source.host)
        if not number:
            ledger.notes.append("the export holds no event")
        continuity.settle()

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make one Sysmon DNS query for the planted name, in the encoding of this file."""
        document = (
            '<Events><Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System>'
            '<Provider Name="Microsoft-Windows-Sysmon"/><EventID>22</EventID>'
            '<TimeCreated SystemTime="2023-03-29T00:00:00.000000Z"/><EventRecordID>1</EventRecordID>'
            "<Channel>Microsoft-Windows-Sysmon/Operational</Channel><Computer>positive-control</Computer></System>"
            f'<EventData><Data Name="QueryName">{escape(plant.host)}</Data>'
            f'<Data Name="QueryResults">{escape(plant.address)};</Data>'
            f'<Data Name="Image">{escape(plant.path)}</Data></EventData></Event></Events>'
        )
        for bom, encoding in _BOMS:
            if head.startswith(bom):
                return bom + document.encode(encoding)
        return document.encode()


def _state(event: XmlEvent, host: str | None, ledger: Ledger) -> None:
    """Note what an event says of its own machine's address."""
    head = event.head
    if not host or head.time is None or not states_address(head.provider, head.event_id):
        return
    if address := own_address_of(head, dict(event.data)):
        ledger.states(host, address, head.time)


def _parted(raw: bytes) -> bool:
    """Tell whether a comment, a CDATA section or an instruction may part a value that the parser joins."""
    return b"<!" in raw or b"<?" in raw


def _note_endless(raw: bytes, number: int, ledger: Ledger) -> None:
    if _OPEN.match(raw) and not raw.endswith(_CLOSE):
        reason = Reason.LIMIT if len(raw) > LONGEST_EVENT else Reason.TRUNCATED
        ledger.gap(reason, f"event {number} has no end; it was searched as text")


def _encoding(head: bytes) -> str | None:
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return encoding
    return {b"<\x00": "utf-16-le", b"\x00<": "utf-16-be"}.get(head[:2])


def _plain(head: bytes) -> bytes:
    encoding = _encoding(head)
    return head.decode(encoding, "replace").lstrip("\ufeff").encode("utf-8", "replace") if encoding else head


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    """Give the stream piece by piece, as UTF-8 where it is UTF-16; other encodings stay as they are."""
    piece = stream.read(2) + stream.read(PIECE)
    encoding = _encoding(piece)
    decoder = codecs.getincrementaldecoder(encoding)("replace") if encoding else None
    while piece:
        yield decoder.decode(piece).encode("utf-8", "replace") if decoder else piece
        piece = stream.read(PIECE)
    if decoder:
        yield decoder.decode(b"", final=True).encode("utf-8", "replace")


def _cut(pieces: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Cut into (bytes, is a whole event); what stands between events and is no frame of theirs is given as well."""
    rest = b""
    for piece in pieces:
        rest += piece
        at = 0
        while (cut := _next(rest, at, final=False)) is not None:
            raw, whole, at = cut
            if raw:
                yield raw, whole
        rest = rest[at:]
    at = 0
    while (cut := _next(rest, at, final=True)) is not None:
        raw, whole, at = cut
        if raw:
            yield raw, whole


def _next(text: bytes, at: int, *, final: bool) -> tuple[bytes, bool, int] | None:
    """Find what comes next: something strange, an event, an event without end; None where more must be read first."""
    begin = _OPEN.search(text, at)
    if begin is None or begin.start() > at:
        end = begin.start() if begin else len(text) if final else _line_end(text, at)
        strange = _BETWEEN.sub(b"", text[at:end]) and text[at:end].strip()
        return (strange, False, end) if end > at else None
    close = text.find(_CLOSE, begin.end())
    following = _OPEN.search(text, begin.end(), close if close >= 0 else len(text))
    if following is not None:
        return text[at : following.start()], False, following.start()
    if close >= 0:
        end = close + len(_CLOSE)
        return text[at:end], True, end
    if final or len(text) - at > LONGEST_EVENT:
        return text[at:], False, len(text)
    return None


def _line_end(text: bytes, at: int) -> int:
    """Tell up to where text between events may be judged before the next piece is there."""
    if len(text) - at <= LONGEST_EVENT:
        return at
    newline = text.rfind(b"\n", at)
    return len(text) if newline < 0 else newline + 1
