"""BIND 9 query logs: the server's own file, with or without category and severity, or its lines in syslog."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nachsorge.evidence.messages import mark_of, read_messages, shares
from nachsorge.evidence.seams import Tells
from nachsorge.model.words import Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve
    from nachsorge.model.evidence import Record


class Bind:
    """Reader of BIND's query logs; a sensor of those who asked."""

    name = "bind"
    text = True
    telemetry = (Telemetry.DNS_QUERY, Telemetry.SYSLOG)
    tells = Tells(
        proves="that a client asked this name server for a name, and what a policy made of it",
        rules_out="queries to this name server of the clients that appear in it, in stretches really recorded",
        not_told="answers, DNS over HTTPS or TLS and other name servers, which program asked, what a client's own "
        "cache answered, the time zone where the line has none (taken as UTC)",
        covers=telemetry,
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise a file most of whose first lines are a client's query."""
        kinds = shares(head)
        return 85 if kinds["bind"] * 2 > sum(kinds.values()) else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the admitted lines."""
        yield from read_messages(source, sieve, ledger)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Put a query for the planted name after what stands before this file's own queries."""
        for line in head.split(b"\n"):
            mark, start = mark_of(line)
            if mark == "bind":
                name = plant.host
                query = f"client @0x7f0000000000 192.0.2.1#51515 ({name}): query: {name} IN A +E(0)K (192.0.2.53)"
                return line[:start].removeprefix(b"\xef\xbb\xbf") + query.encode() + b"\n"
        return None
