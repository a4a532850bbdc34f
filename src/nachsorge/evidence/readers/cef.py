"""ArcSight Common Event Format, bare or within syslog."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.evidence.messages import EVENTS, EVENTS_TELL, mark_of, read_messages, shares

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve
    from nachsorge.model.evidence import Record

_PRODUCT = re.compile(rb"CEF:\s?\d(?:\.\d)?\|(?:(?:\\.|[^|\\])*\|){2}")


class Cef:
    """Reader of files of CEF events."""

    name = "cef"
    text = True
    telemetry = EVENTS
    tells = EVENTS_TELL

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise a file most of whose first lines carry a CEF event."""
        kinds = shares(head)
        return 85 if kinds["cef"] * 2 > sum(kinds.values()) else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the admitted events."""
        yield from read_messages(source, sieve, ledger)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Give an event of this file another extension, under the same syslog head."""
        for line in head.split(b"\n"):
            mark, start = mark_of(line)
            if mark == "cef" and (product := _PRODUCT.match(line, start)):
                before = line[:start].removeprefix(b"\xef\xbb\xbf")
                extension = f"rt=1680000000000 src=192.0.2.1 dst={plant.address} dhost={plant.host} app=HTTP"
                return before + product[0] + b"1|control|control|1|" + extension.encode() + b"\n"
        return None
