"""The log of the Windows firewall (`pfirewall.log`): connections of the host that it let through or dropped.

W3C columns with the firewall's own names (Microsoft, "Configure Windows Firewall logging"); times are local unless
`#Time Format` says otherwise. As delivered it logs nothing; then what was dropped, what was allowed, or both: the file
does not say which. So it proves connections and never clears.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.evidence.fields import is_address
from nachsorge.evidence.lines import read_lines
from nachsorge.evidence.seams import Tells
from nachsorge.evidence.stamps import plausible
from nachsorge.evidence.text import lenient
from nachsorge.evidence.windows.local_lines import LocalLines, note_zone
from nachsorge.model.evidence import Record, Value
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Kind, Platform, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve
    from nachsorge.model.times import Instant

_FIELDS = re.compile(rb"^#Fields:\s*(date time action protocol src-ip dst-ip\b[^\r\n]*)", re.MULTILINE | re.IGNORECASE)
_ROW = re.compile(rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [A-Z-]+ \S+ ")
_ADDRESSES = ("src-ip", "dst-ip")
SETTINGS = "whether it logs dropped or allowed connections is a setting that the log does not name: it clears nothing"


class WindowsFirewall:
    """Reader of the firewall's log."""

    name = "windows_firewall"
    text = True
    telemetry: tuple[Telemetry, ...] = (Telemetry.NETWORK_CONNECTION,)
    tells = Tells(
        proves="that this host's firewall let a connection with that address pass, or dropped it",
        rules_out="nothing: which connections it logs is a setting that the log does not name, and it is short (4 MiB)",
        not_told="which program connected (before Windows 11), and names instead of addresses",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the firewall's own columns."""
        return 95 if head.lstrip(b"\xef\xbb\xbf").startswith(b"#") and _FIELDS.search(head[:8192]) else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the admitted connections."""
        ledger.platform = ledger.platform or Platform.WINDOWS
        form = _Log(source.host)
        yield from read_lines(source, form, sieve, ledger)
        if form.local:
            note_zone(ledger)
        ledger.notes.append(SETTINGS)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make a log of one allowed connection to the planted address."""
        return (
            b"#Version: 1.5\n#Software: Microsoft Windows Firewall\n#Time Format: Local\n"
            b"#Fields: date time action protocol src-ip dst-ip src-port dst-port\n"
            b"2023-03-28 10:40:00 ALLOW TCP 10.0.0.5 %s 50000 443\n" % plant.address.encode()
        )


class _Log(LocalLines):
    directive = b"#"
    shape = _ROW
    telemetry = Telemetry.NETWORK_CONNECTION

    def __init__(self, host: str | None) -> None:
        self.host = host
        self.names: list[str] = []
        self.local = True

    def direct(self, line: bytes) -> None:
        key, _, rest = line.partition(b":")
        if key.lower() == b"#fields":
            self.names = lenient(rest).lower().split()
        elif key.lower() == b"#time format":
            self.local = b"local" in rest.lower()

    def parse(self, line: bytes, locator: str) -> Record | None:
        cells = lenient(line).split()
        if not self.names or len(cells) < 6:
            return None
        event = {name: cell for name, cell in zip(self.names, cells, strict=False) if cell != "-"}
        # Paths of programs (Windows 11) may hold blanks; nothing may go unsearched.
        rest = " ".join(cells[len(self.names) - 1 :])
        event |= {self.names[-1]: rest} if len(cells) > len(self.names) else {}
        addresses = tuple(event[name] for name in _ADDRESSES if is_address(event.get(name, "")))
        return Record(
            telemetry=Telemetry.NETWORK_CONNECTION,
            locator=locator,
            time=self._time(event),
            values=tuple(Value(_kind(name, text), name, text) for name, text in event.items()),
            event=event,
            host=self.host,
            addresses=addresses,
            product="windows",
            service="firewall",
        )

    def _time(self, event: dict[str, str]) -> Instant | None:
        try:
            return plausible(parse_instant(f"{event.get('date', '')}T{event.get('time', '')}"))
        except ValueError:
            return None


def _kind(name: str, text: str) -> Kind:
    if name in _ADDRESSES and is_address(text):
        return Kind.ADDRESS
    return Kind.PATH if "\\" in text else Kind.TEXT
