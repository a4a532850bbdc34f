"""Syslog files of a host or a relay: RFC 3164, RFC 5424, and rsyslog's ISO form.

A time without a year gets the file's own; without that it is unknown. Messages of programs that we know (CEF, LEEF,
BIND, dnsmasq, dhcpd) are taken for what they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nachsorge.evidence.messages import read_messages, shares
from nachsorge.evidence.seams import Tells
from nachsorge.evidence.syslog_lines import header_of
from nachsorge.model.words import Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve
    from nachsorge.model.evidence import Record


class Syslog:
    """Reader of syslog files."""

    name = "syslog"
    text = True
    telemetry = (
        Telemetry.SYSLOG,
        Telemetry.DNS_QUERY,
        Telemetry.DHCP,
        Telemetry.PROXY,
        Telemetry.NETWORK_CONNECTION,
        Telemetry.ANTIVIRUS,
    )
    tells = Tells(
        proves="what a program on this host reported, and when; in a relay's file, on many hosts",
        rules_out="a message that the host would have logged here, in stretches with lines of it",
        not_told="what is not configured to be logged, lines lost on the way to a relay, the year and the zone of RFC "
        "3164 (taken from the file's own time, and as UTC), what most messages mean (searched as text)",
        covers=(
            *(Telemetry.SYSLOG, Telemetry.DNS_QUERY, Telemetry.DHCP, Telemetry.PROXY, Telemetry.NETWORK_CONNECTION),
        ),
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise a file most of whose first lines have a syslog head."""
        kinds = shares(head)
        total = sum(kinds.values())
        return 60 if total and total - kinds["other"] > total / 2 else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the admitted lines."""
        yield from read_messages(source, sieve, ledger)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Repeat the head of the first line that has one, with another message."""
        lines = (line.removeprefix(b"\xef\xbb\xbf") for line in head.split(b"\n"))
        found = next(((line, header) for line in lines if (header := header_of(line))), None)
        return None if found is None else found[0][: found[1].end] + b"control " + plant.host.encode() + b"\n"
