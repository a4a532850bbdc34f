"""IBM QRadar Log Event Extended Format 1.0 and 2.0, bare or within syslog."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nachsorge.evidence.messages import EVENTS, EVENTS_TELL, mark_of, read_messages, shares

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve
    from nachsorge.model.evidence import Record


class Leef:
    """Reader of files of LEEF events."""

    name = "leef"
    text = True
    telemetry = EVENTS
    tells = EVENTS_TELL

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise a file most of whose first lines carry a LEEF event."""
        kinds = shares(head)
        return 85 if kinds["leef"] * 2 > sum(kinds.values()) else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the admitted events."""
        yield from read_messages(source, sieve, ledger)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Give an event of this file another extension, in its version, delimiter and syslog head."""
        for line in head.split(b"\n"):
            mark, start = mark_of(line)
            if mark == "leef":
                parts = line[start:].split(b"|", 6)
                custom = len(parts) > 6 and b"=" not in parts[5][1:]
                before = line[:start].removeprefix(b"\xef\xbb\xbf") + b"|".join(parts[: 6 if custom else 5]) + b"|"
                pairs = ("devTime=1680000000000", "src=192.0.2.1", f"dst={plant.address}", f"dhost={plant.host}")
                return before + _delimiter(parts[5] if custom else b"").join(p.encode() for p in pairs) + b"\n"
        return None


def _delimiter(named: bytes) -> bytes:
    if named[:1] in (b"x", b"0") and len(named) > 1:
        return bytes([int(named.rpartition(b"x")[2], 16)])
    return named[:1] or b"\t"
