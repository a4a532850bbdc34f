"""Which reader for which bytes. By content; the name only breaks ties."""

from __future__ import annotations

import re
from functools import partial
from math import inf
from typing import TYPE_CHECKING

from nachsorge.evidence.doubts import doubted
from nachsorge.evidence.engine import contains
from nachsorge.evidence.looks import Look
from nachsorge.evidence.readers import offered, reader_of, rows_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nachsorge.evidence.seams import Reader

_SNIFFED = 1024
_CONTROLS = bytes(code for code in (*range(0x20), 0x7F) if code not in b"\b\t\n\f\r\x1b")

_CAPTURES = (b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\xc3\xd4", b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\x3c\x4d", b"\x0a\x0d\x0d\x0a")
"""pcap in both byte orders and resolutions, pcapng."""

_LEASES = (
    b"assigned_addr",
    b"dnsmasq-dhcp",
    b'"event_type":"dhcp"',
    b"DHCPACK",
    b"\nlease ",  # ISC dhcpd
    b"\nia-na ",
    b"address,hwaddr,",  # Kea
    b"\nID,",  # Windows' DHCP server
    b"interface_addresses",  # osquery
    b'"primary_ip"',  # Fleet
)
_LENT = tuple(map(re.escape, _LEASES))


def reader_for(head: bytes, name: str) -> Reader | None:
    """Give the reader that is surest of these first bytes; None where none knows them. The first of equals wins.

    Asked are those about which the bytes or the name give a hint (`readers.Row`); those of other packages, always.
    A reader that fails while it is asked is not sure at all, and the account of the source names it.
    """
    best, surest, place = None, 0, 0
    failed: list[tuple[Reader, str]] = []
    binary = is_binary(head)
    asked = enumerate(_asked(Look(head, name, binary=binary)))
    # Who may be surest first: mostly those behind need not be asked any more.
    for number, (most, loaded) in sorted(asked, key=lambda each: -each[1][0]):
        if most < surest or (most == surest and number > place):
            continue
        reader = loaded()
        try:
            score = int(reader.accepts(head, name))
        except Exception as error:  # noqa: BLE001  readers of other packages stand here too; `doubted` names it
            failed.append((reader, f"{type(error).__name__}: {error}"))
            continue
        if score > surest or (score == surest > 0 and number < place):
            best, surest, place = reader, score, number
    return doubted(best, failed) if failed else best


def _asked(look: Look) -> Iterator[tuple[float, Callable[[], Reader]]]:
    """Give whom to ask, each with the highest score that it gives; they are imported when they are asked."""
    for row in rows_for(look):
        yield row.most, partial(reader_of, row)
    for reader in offered():
        if not (look.binary and getattr(reader, "text", False)):
            yield inf, partial(_itself, reader)


def _itself(reader: Reader) -> Reader:
    return reader


def is_binary(head: bytes) -> bool:
    """Tell bytes that no format of text has: zero bytes, and control characters for more than one in twenty.

    Asking all readers costs a millisecond, and most files of a disk are programs, libraries and pictures. UTF-16 has
    its zeros on one side only; zeros at the beginning are what a crash leaves of a log, and say nothing.
    """
    if b"\0" not in head:
        return False
    start = head.lstrip(b"\0")[:_SNIFFED]
    controls = len(start) - len(start.translate(None, _CONTROLS))
    if controls * 20 <= len(start) or start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    sides = start[::2].count(0), start[1::2].count(0)
    return not (min(sides) == 0 and max(sides) * 8 > len(start))


def names_machines(head: bytes) -> bool:
    """Tell whether a file's first bytes look like one that may say whose addresses are; those are read before all.

    So do logs of leases, and what is no text: archives, images, registries and event logs of hosts; but no captures.
    """
    if is_binary(head):
        return not head.startswith(_CAPTURES)
    return contains(*_LENT)(head)
