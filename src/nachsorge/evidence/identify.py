"""Which reader for which bytes. By content; the name only breaks ties."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nachsorge.evidence.readers import readers

if TYPE_CHECKING:
    from nachsorge.evidence.seams import Reader

_LEASES = (
    b"assigned_addr",
    b"dnsmasq-dhcp",
    b'"event_type":"dhcp"',
    b"DHCPACK",
    b"interface_addresses",  # osquery
    b'"primary_ip"',  # Fleet
)


def reader_for(head: bytes, name: str) -> Reader | None:
    """Give the reader that is surest of these first bytes; None where none knows them. The first of equals wins."""
    best, surest = None, 0
    for reader in readers():
        score = reader.accepts(head, name)
        if score > surest:
            best, surest = reader, score
    return best


def names_machines(head: bytes) -> bool:
    """Tell whether a file's first bytes look like one that says whose addresses are; those are read before all."""
    return any(mark in head for mark in _LEASES)
