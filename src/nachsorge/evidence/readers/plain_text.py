"""Text of no known format: every line is searched, word-bounded; it covers nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.evidence.lines import Plain, read_lines
from nachsorge.evidence.seams import HEAD, Opened, Plant, Sieve, Tells
from nachsorge.evidence.text import text_record
from nachsorge.model.words import Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.model.evidence import Record
    from nachsorge.model.times import Instant

_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\f\b\x1b")) + b"\x7f"
_MOSTLY = 0.95


class PlainText:
    """Reader of last resort for anything that people could read."""

    name = "plain_text"
    telemetry = (Telemetry.TEXT,)
    tells = Tells(
        proves="that a value stands in this text",
        rules_out="nothing: unknown text covers nothing",
        not_told="what the text is, whose and of what time; values that are encoded, or broken over two lines",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Take what is mostly printable in UTF-8, or else in Latin-1, after every other reader."""
        if not head or b"\0" in head:
            return 0
        bad = len(head) - len(head.translate(None, _CONTROLS)) + _undecodable(head)
        return 1 if bad <= (1 - _MOSTLY) * len(head) else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the admitted lines."""
        yield from read_lines(source, Lines(), sieve, ledger)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Write one line that holds all planted values."""
        return f"control {plant.host} {plant.address} {plant.sha256} {plant.path}\n".encode()


class Lines(Plain):
    """Lines without any shape or time."""

    sensor = False
    expects_time = False
    timeless = True
    runs = re.compile(rb"(?s:.*)")

    def time(self, line: bytes) -> Instant | None:
        """Never: what looks like a time in unknown text proves no coverage."""
        return None

    def parse(self, line: bytes, locator: str) -> Record | None:
        """Give the line as text."""
        return text_record(line, locator)


def _undecodable(head: bytes) -> int:
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start > len(head) - 4 and len(head) >= HEAD:
            return 0  # a character torn by the end of the head
        # Latin-1 leaves 0x80 to 0x9F to control characters, which text does not use.
        return sum(0x80 <= byte < 0xA0 for byte in head)
    return 0
