"""The systemd journal as `journalctl -o json` writes it: one entry a line.

A field that stands several times is an array; bytes that are no UTF-8 are an array of numbers; without `--all` a field
of more than 4096 bytes is left out and stands as null, which is told. Source: journalctl(1), `json`.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from nachsorge.evidence.lines import read_lines
from nachsorge.evidence.linux.journal import HOST, TIME, record_of
from nachsorge.evidence.ndjson import JsonLines, decode_object
from nachsorge.evidence.seams import Tells
from nachsorge.evidence.text import lenient
from nachsorge.model.words import Platform, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve
    from nachsorge.model.evidence import Record
    from nachsorge.model.times import Instant

_OBJECT = re.compile(rb'\s*\{\s*"[A-Z_]')
_TIME = b'"' + TIME.encode() + b'"'
_HOST = re.compile(rb'"' + HOST.encode() + rb'"\s*:\s*"([^"\\]{1,255})"')
_OMITTED = re.compile(rb":\s*null\s*[,}]")


class JournalJson:
    """Reader of the JSON form."""

    name = "journal_json"
    text = True
    telemetry: tuple[Telemetry, ...] = (Telemetry.SYSLOG,)
    tells = Tells(
        proves="What programs and the system told the journal, with the program's path as the journal itself saw it",
        rules_out="Only what the same message would have been logged for, in stretches with entries",
        not_told="Fields of more than 4096 bytes, unless exported with `--all`; entries that rotation has deleted; "
        "messages of DNS and DHCP servers are searched as text",
        covers=telemetry,
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the journal's own name for time in the first object."""
        return 93 if _OBJECT.match(head) and _TIME in head.split(b"\n", 1)[0] else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the admitted entries."""
        ledger.platform = ledger.platform or Platform.LINUX
        form = JournalLines(source.host)
        yield from read_lines(source, form, sieve, ledger)
        if form.omitted:
            note = f"{form.omitted} entries lack fields of more than 4096 bytes; export with --all to have them"
            ledger.gap(Reason.LIMIT, note)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make one entry whose message is an array of bytes."""
        message = str(list(f"http://{plant.host}/ {plant.address}".encode())).encode()
        return b"{" + _TIME + b':"1680000000123456","MESSAGE":' + message + b"}\n"


class JournalLines(JsonLines):
    """One entry a line."""

    telemetry = Telemetry.SYSLOG
    sensor = False
    time_keys = (TIME,)
    # An array may be a text of bytes, which no literal shows.
    escapes: tuple[bytes, ...] = (rb"\u00", b":[", b": [")

    def __init__(self, host: str | None) -> None:
        """Take whose the evidence is, for entries that name no host."""
        self.host = host
        self.omitted = 0

    def classes(self, segment: bytes, lines: int) -> Iterable[tuple[Telemetry, str | None, int]]:
        """Count by the host that each entry names; and note what was left out of it."""
        self.omitted += sum(1 for line in segment.split(b"\n") if b"null" in line and _OMITTED.search(line))
        counts = Counter(_host(line) or self.host for line in segment.split(b"\n") if line.strip())
        for host, records in sorted(counts.items(), key=lambda item: item[0] or ""):
            yield Telemetry.SYSLOG, host, records

    def record(self, tree: dict[str, Any], time: Instant | None, locator: str) -> Record | None:
        """Flatten the entry."""
        return record_of({name: _texts(cell) for name, cell in tree.items()}, locator, self.host)


def _host(line: bytes) -> str | None:
    if found := _HOST.search(line):
        return lenient(found[1])
    if HOST.encode() not in line or (tree := decode_object(line)) is None:
        return None
    return next(iter(_texts(tree.get(HOST))), None)


def _texts(cell: object) -> list[str]:
    if isinstance(cell, list):
        if cell and all(isinstance(item, int) and 0 <= item < 256 for item in cell):
            return [lenient(bytes(cell))]
        return [text for item in cell for text in _texts(item)] if not _nested(cell) else [str(cell)]
    return [] if cell is None else [str(cell)]


def _nested(cell: list[Any]) -> bool:
    return any(isinstance(item, list) and any(isinstance(below, list) for below in item) for item in cell)
