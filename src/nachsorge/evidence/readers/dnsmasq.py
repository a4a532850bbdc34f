"""dnsmasq logs (`log-queries`, `log-queries=extra`, `log-dhcp`): its own file, or its lines in syslog."""

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


class Dnsmasq:
    """Reader of dnsmasq's logs; a sensor of those who asked, and the source of leases."""

    name = "dnsmasq"
    text = True
    telemetry = (Telemetry.DNS_QUERY, Telemetry.DHCP, Telemetry.SYSLOG)
    tells = Tells(
        proves="that a client asked this name server for a name and what it was told; with `log-dhcp`, which machine "
        "had which address",
        rules_out="queries to this name server of the clients that appear in it, in stretches really recorded",
        not_told="DNS over HTTPS or TLS and other name servers, which program asked, what a client's own cache "
        "answered, the year and the zone of its times",
        covers=telemetry,
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise a file most of whose first lines are dnsmasq's."""
        kinds = shares(head)
        return 85 if (kinds["dnsmasq"] + kinds["dhcp"]) * 2 > sum(kinds.values()) and b"dnsmasq" in head else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the admitted lines; acknowledged addresses become leases."""
        yield from read_messages(source, sieve, ledger)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Put a query for the planted name after what stands before this file's own lines."""
        for line in head.split(b"\n"):
            mark, start = mark_of(line)
            if mark in ("dnsmasq", "dhcp"):
                query = f"dnsmasq[1]: query[A] {plant.host} from 192.0.2.1\n"
                return line[:start].removeprefix(b"\xef\xbb\xbf") + query.encode()
        return None
