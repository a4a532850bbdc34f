"""Lease files of DHCP servers (ISC dhcpd, Kea, dnsmasq): which machine had which address from when to when."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from nachsorge.evidence.containers.streams import read_whole
from nachsorge.evidence.lease_files import DNSMASQ, ISC, KEA, breaks_off, dnsmasq, is_isc, isc, kea
from nachsorge.evidence.seams import Tells
from nachsorge.evidence.stated_leases import Stated, told
from nachsorge.evidence.text import lenient, text_record
from nachsorge.model.words import Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve
    from nachsorge.model.evidence import Record

LARGEST = 256 * 1024 * 1024
_LOOKED_AT = 20


class DhcpLeases:
    """Reader of the three; which one, the first lines say."""

    name = "dhcp_leases"
    text = True
    telemetry: tuple[Telemetry, ...] = (Telemetry.DHCP, Telemetry.TEXT)
    tells = Tells(
        proves="that a machine, by its name or network card, had an address from one time to another",
        rules_out="nothing: it is read for whose an address was",
        not_told="leases that the server has forgotten since (files are cleaned up, a renewal moves the beginning), "
        "clients of IPv6 whose name ISC's server did not write to the DNS, "
        "addresses set by hand or by another server; dnsmasq's says when a lease ends and not when it began, so "
        "it counts for the moment at which the file was written",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the layout of one of them."""
        text = lenient(head[:65536]).removeprefix("\ufeff")
        if text.startswith(KEA) and "valid_lifetime" in text.partition("\n")[0]:
            return 96
        if ISC.search(text) and is_isc(text):
            return 92
        lines = [line for line in text.split("\n")[:_LOOKED_AT] if line.strip() and not line.startswith("duid ")]
        # The last line of what was looked at may be cut.
        return 90 if lines and all(DNSMASQ.match(line) for line in lines[: max(1, len(lines) - 1)]) else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the admitted leases; lines that are none are searched as text."""
        ledger.never_clears(Telemetry.DHCP)
        with source.open() as stream:
            text = lenient(read_whole(stream, LARGEST)).removeprefix("\ufeff")
        untimed = 0
        try:
            for found in _found(text, source):
                if isinstance(found, Stated):
                    untimed += found.span is None
                    record = told(found, source, sieve, ledger)
                else:
                    number, line = found
                    raw = line.encode("utf-8", "replace")
                    ledger.count(Telemetry.TEXT, 1)
                    record = text_record(raw, f"line {number}") if sieve.everything or sieve.admits(raw) else None
                if record is not None:
                    yield record
        except csv.Error as problem:
            ledger.gap(Reason.CORRUPT, f"not a table that can be read further ({problem})")
        if breaks_off(text):
            ledger.gap(Reason.TRUNCATED, "the file ends within a lease")
        if untimed:
            ledger.notes.append(f"{untimed} leases are of no machine, or of no time that the file tells")

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make a lease of the planted name, in the same layout."""
        if head.removeprefix(b"\xef\xbb\xbf").startswith(tuple(word.encode() for word in KEA)):
            row = f"192.0.2.1,00:11:22:33:44:55,,3600,1680000000,1,0,0,{plant.host},0\n"
            names = "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state\n"
            return (names + row).encode()
        if ISC.search(lenient(head)):
            return f'lease 192.0.2.1 {{\n  client-hostname "{plant.host}";\n}}\n'.encode()
        return f"1680000000 00:11:22:33:44:55 192.0.2.1 {plant.host} *\n".encode()


def _found(text: str, source: Opened) -> Iterable[Stated | tuple[int, str]]:
    if text.startswith(KEA):
        return kea(text)
    return isc(text) if ISC.search(text[:65536]) else dnsmasq(text, source.modified)
