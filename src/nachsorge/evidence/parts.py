"""Parts of one big file of lines, read apart and put together so that nobody can tell.

The account of a file of lines depends on nothing but its blocks: each is sampled and counted for itself. A part is
therefore a run of whole blocks of the very file, beginning where the unsplit reading would have begun a block. What a
part cannot know (its first line's number, the digest of the whole) is added when the parts are joined. Wherever a part
met something that ties it to another (a new header in the middle, a lease, a line too long, a gap), `joined` says so
and the file is read whole. See docs/decisions/0008-big-files-are-split-exactly.md.
"""

from __future__ import annotations

import hashlib
import io
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, BinaryIO, cast

from nachsorge.evidence import blocks
from nachsorge.evidence.buffers import borrowed
from nachsorge.evidence.ledger import NAMED, Ledger
from nachsorge.evidence.ndjson import decode_object
from nachsorge.evidence.seams import Opened, ReadError
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

_DIRECTIVE = b"\n#"
_DIVISIBLE: dict[str, bytes] = {
    "access_log": b"",
    "bind": b"",
    "cef": b"",
    "dnsmasq": b"",
    "leef": b"",
    "ndjson": b"",
    "plain_text": b"",
    "squid": b"",
    "suricata_eve": b'"dhcp"',
    "syslog": b"",
    "w3c": _DIRECTIVE,
    "zeek_json": b"",
    "zeek_tsv": _DIRECTIVE,
}
"""Readers whose lines stand alone, with the mark of a line that changes what later ones mean.

Not in it: tables with quoted line breaks (a record's border cannot be seen from the middle), Windows events (record
numbers run through the file), Windows DNS logs (their bytes are rewritten before they are cut into blocks).
"""

_OBJECTS = frozenset({"ndjson", "suricata_eve", "zeek_json"})
_LOOK_BACK = 1024 * 1024
_LINE = re.compile(r"line (\d+)")
_TIMELESS = re.compile(r"(\d+)( records carry no usable time\b.*)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Blocks `first` to `last` (exclusive; None: to the end) of a file; with `digest` only the hash of all of it."""

    first: int = 0
    last: int | None = None
    digest: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """What a part's reading came to: its open ledger, its bytes and line ends, and whether it stands alone.

    `marks` counts lines that change what later ones mean; `header` is how many of them the file's head holds.
    """

    reader: str
    ledger: Ledger = field(default_factory=Ledger)
    size: int = 0
    newlines: int = 0
    marks: int = 0
    header: int = 0


def divisible(reader: str, head: bytes) -> bool:
    """Tell whether files of this reader may be read in parts; JSON only where it is one object a line."""
    if reader in _OBJECTS:
        return b"\n" in head and decode_object(head.split(b"\n", 1)[0]) is not None
    return reader in _DIVISIBLE


def parts_of(size: int, target: int) -> tuple[Part, ...]:
    """Cut a file of `size` bytes into parts of about `target` bytes; the first of them is the digest of the whole."""
    count = -(-size // blocks.BLOCK)
    step = max(1, -(-target // blocks.BLOCK))
    runs = (Part(first=at, last=at + step if at + step < count else None) for at in range(0, count, step))
    return Part(digest=True), *runs


def bytes_of(part: Part, size: int) -> int:
    """Say about how many bytes of a file of `size` a part reads; none for the digest, which reads them once more."""
    end = size if part.last is None else part.last * blocks.BLOCK
    return 0 if part.digest else end - part.first * blocks.BLOCK


def narrowed(source: Opened, part: Part, reader: str, head: bytes) -> tuple[Opened, PartStream]:
    """Give the source with only the part's lines in it, and the stream that will have counted them.

    Raises ReadError with LIMIT where no line ends near a border, and OSError.
    """
    mark = _DIVISIBLE[reader]
    stream = PartStream(source, part, mark)
    header = header_of(head) if mark == _DIRECTIVE else ()
    return replace(source, lines=lambda: cast("BinaryIO", stream), header=header if part.first else ()), stream


def header_of(head: bytes) -> tuple[bytes, ...]:
    """Give the directive lines that a file's head holds in full."""
    whole = head[: head.rfind(b"\n") + 1]
    return tuple(line.strip() for line in whole.split(b"\n") if line.startswith(b"#"))


def digest_of(source: Opened) -> tuple[str, int]:
    """Give the SHA-256 of the whole file and the bytes it was taken over; raises what the stream raises."""
    digest, size = hashlib.sha256(), 0
    with source.open() as stream:
        for data in borrowed(stream):
            digest.update(data)
            size += len(data)
    return digest.hexdigest(), size


class PartStream(io.RawIOBase):
    """The bytes of a part; its first answer ends at a block's border, so that later ones are the file's own blocks."""

    def __init__(self, source: Opened, part: Part, mark: bytes) -> None:
        """Find the borders, which lie behind the last line end before a block's first byte."""
        super().__init__()
        self._stream = source.open()
        self._mark = mark
        self._tail = b"\n"
        self._at = self._border(part.first)
        self._aligned = part.first * blocks.BLOCK
        self._end = None if part.last is None else self._border(part.last)
        self._stream.seek(self._at)
        self.size = self.newlines = self.marks = 0
        self.finished = False

    def _border(self, block: int) -> int:
        offset = block * blocks.BLOCK
        if offset == 0:
            return 0
        start = max(0, offset - _LOOK_BACK)
        self._stream.seek(start)
        before = self._stream.read(offset - start)
        newline = before.rfind(b"\n")
        if newline < 0 or len(before) < offset - start:
            raise ReadError(Reason.LIMIT, f"no line ends in the {_LOOK_BACK} bytes before byte {offset}")
        return start + newline + 1

    def readable(self) -> bool:
        """Say yes."""
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        """Give what is left up to the first border, then as much as is asked for, up to the part's end."""
        wanted = blocks.BLOCK if size is None or size < 0 else size
        if self._at < self._aligned:
            wanted = min(wanted, self._aligned - self._at)
        if self._end is not None:
            wanted = min(wanted, self._end - self._at)
        data = self._stream.read(wanted) if wanted else b""
        self._at += len(data)
        self._count(data)
        return data

    def _count(self, data: bytes) -> None:
        self.finished = self.finished or not data
        self.size += len(data)
        self.newlines += data.count(b"\n")
        if self._mark and data:
            seam = self._tail + data[: len(self._mark) - 1]
            self.marks += seam.count(self._mark) + data.count(self._mark)
            self._tail = (self._tail + data)[-(len(self._mark) - 1) :]

    def close(self) -> None:
        """Close the file below as well."""
        self._stream.close()
        super().close()


def joined(pieces: Sequence[Piece]) -> Ledger | None:
    """Put the ledgers of a file's parts together; None where one of them does not stand alone."""
    first = pieces[0].ledger
    whole = Ledger(host=first.host, platform=first.platform)
    timeless: list[re.Match[str]] = []
    notes: set[str] = set()
    before = 0
    for number, piece in enumerate(pieces):
        found = [_TIMELESS.fullmatch(gap.note) for gap in piece.ledger.gaps if gap.reason is Reason.NO_TIME]
        timeless += [match for match in found if match]
        if len(piece.ledger.gaps) != sum(1 for match in found if match) or not _alone(pieces, number):
            return None
        _replay(piece.ledger, whole, before)
        notes |= set(piece.ledger.notes)
        before += piece.newlines
    if timeless:
        whole.gap(Reason.NO_TIME, f"{sum(int(match[1]) for match in timeless)}{timeless[0][2]}")
    whole.notes = sorted(notes)
    return whole


def _alone(pieces: Sequence[Piece], number: int) -> bool:
    """Tell whether a part means the same without those before it, and changes nothing for those behind it."""
    piece, first = pieces[number], pieces[0]
    ledger = piece.ledger
    same = (piece.reader, ledger.host, ledger.platform) == (first.reader, first.ledger.host, first.ledger.platform)
    counted = sum(seen.records for seen in ledger.seen()) == ledger.records
    if _DIVISIBLE[piece.reader] != _DIRECTIVE:
        return same and counted and not piece.marks
    expected = piece.header if number == 0 else 0
    return same and counted and (number == len(pieces) - 1 or piece.marks == expected)


def _replay(ledger: Ledger, whole: Ledger, before: int) -> None:
    """Tell one ledger all that another holds, `before` lines further down."""
    for seen in ledger.seen():
        whole.count(seen.telemetry, seen.records, seen.host)
        for span in seen.spans:
            whole.saw(seen.telemetry, span.start, span.end, seen.host)
    for presence in ledger.presence():
        for span in presence.spans:
            whole.present(presence.address, presence.telemetry, span.start, span.end)
    if ledger.first is not None and ledger.last is not None:
        whole.dated(ledger.first, ledger.last)
    for telemetry, records, lacks in ledger.one_sided_counts():
        whole.one_sided(telemetry, records, lacks)
    whole.unreadable += ledger.unreadable
    whole.unreadable_at += [shifted(place, before) for place in ledger.unreadable_at]
    del whole.unreadable_at[NAMED:]
    whole.leases += ledger.leases
    for lease in ledger.own_leases():
        if lease.span is not None:
            whole.states(lease.host, lease.address, lease.span.start, lease.span.end)
    whole.logged.update(ledger.logged)
    whole.identities |= ledger.identities


def shifted(locator: str, before: int) -> str:
    """Give a part's `line 12` its number in the file."""
    return _LINE.sub(lambda found: f"line {int(found[1]) + before}", locator, count=1)
