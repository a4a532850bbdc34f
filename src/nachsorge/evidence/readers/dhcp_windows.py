"""The audit log of Windows' DHCP server (`DhcpSrvLog-Mon.log`, `DhcpV6SrvLog-*.log`): which machine got which address.

A row begins with number, date and time in the same spelling whatever the server's language is; only the names of the
columns are translated (Microsoft, "Analyze DHCP Server Log Files"). The server keeps a file for each day of the week
and writes over it a week later; times are local.
"""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING

from nachsorge.evidence.containers.streams import read_whole
from nachsorge.evidence.seams import Tells
from nachsorge.evidence.stamps import at, plausible
from nachsorge.evidence.stated_leases import Stated, told
from nachsorge.evidence.text import lenient, text_record
from nachsorge.evidence.windows.local_lines import note_zone
from nachsorge.model.times import Span
from nachsorge.model.words import Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve
    from nachsorge.model.evidence import Record
    from nachsorge.model.times import Instant

LARGEST = 256 * 1024 * 1024
_HEADER = re.compile(rb"^ID,[^,\r\n]+,[^,\r\n]+,[^,\r\n]+,[^,\r\n]*IP[^,\r\n]*,", re.MULTILINE)
_ROW = re.compile(r"(\d{2,5}),(\d\d)/(\d\d)/(\d\d),(\d\d):(\d\d):(\d\d),")
_GIVEN = frozenset({"10", "11", "20", "21", "11002", "11004", "11005"})
"""Numbers of rows by which a machine had the address then: given, renewed, given by BOOTP; the same of IPv6."""
_MAC = re.compile(r"[0-9A-Fa-f]{12}\Z")


class DhcpWindows:
    """Reader of the server's log; it says whose an address was when."""

    name = "dhcp_windows"
    text = True
    telemetry: tuple[Telemetry, ...] = (Telemetry.DHCP, Telemetry.TEXT)
    tells = Tells(
        proves="that a machine, by its name and network card, was given an address or renewed it at that time",
        rules_out="nothing: it is read for whose an address was",
        not_told="addresses that were set by hand or by another server, how long a lease was to last, the time zone "
        "(taken as UTC), and anything older than a week, for the server writes over its files",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the columns, in whatever language, with rows of the server's spelling or none yet."""
        found = _HEADER.search(head[:16384])
        if found is None:
            return 0
        rows = [line for line in head[found.end() :].split(b"\n")[1:6] if line.strip()]
        return 95 if not rows or any(_ROW.match(lenient(row)) for row in rows) else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the admitted rows, and lines of the legend as text."""
        ledger.never_clears(Telemetry.DHCP)
        with source.open() as stream:
            body = read_whole(stream, LARGEST)
        rows = False
        for number, line in enumerate(body.split(b"\n"), start=1):
            text = lenient(line.strip(b"\r"))
            stated = _stated(text, number)
            if stated is not None:
                rows = True
                if (record := told(stated, source, sieve, ledger)) is not None:
                    yield record
            elif text.strip():
                ledger.count(Telemetry.TEXT, 1)
                if rows:
                    ledger.spoil(f"line {number}")
                if sieve.everything or sieve.admits(line):
                    yield text_record(line, f"line {number}")
        note_zone(ledger)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make a row in which the planted name got an address."""
        header = b"ID,Date,Time,Description,IP Address,Host Name,MAC Address\r\n"
        return header + f"10,03/28/23,10:40:00,Assign,192.0.2.1,{plant.host},001122334455\r\n".encode()


def _stated(text: str, line: int) -> Stated | None:
    found = _ROW.match(text)
    if found is None:
        return None
    try:
        cells = next(csv.reader([text]))
    except (csv.Error, StopIteration):
        cells = text.split(",")
    number, action, address, host, mac = (cells[at].strip() if len(cells) > at else "" for at in (0, 3, 4, 5, 6))
    time = _time(found)
    card = ":".join(mac[at : at + 2] for at in range(0, 12, 2)).lower() if _MAC.match(mac) else ""
    span = Span(time, time) if time is not None and number in _GIVEN else None
    name = host.rstrip(".")
    return Stated(line=line, text=text, address=address, mac=card, host=name, action=action, time=time, span=span)


def _time(found: re.Match[str]) -> Instant | None:
    month, day, year, hour, minute, second = (int(found[part]) for part in range(2, 8))
    made = at(2000 + year, month, day, hour, minute, second)
    return plausible(made) if made is not None else None
