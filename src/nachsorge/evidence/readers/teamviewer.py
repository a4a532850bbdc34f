"""TeamViewer's lists of remote sessions: `connections_incoming.txt` (to this machine) and `Connections.txt` (from it).

Each line is a session: the other side's number, its name (incoming only), begin, end, the local user, the kind of
session, its identifier. Times have no zone. Sessions prove remote control, also of the wanted kind: whether an attacker
was behind one is for people to say. The program's own log (`TeamViewer*_Logfile.log`) is searched as text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.evidence.lines import read_lines
from nachsorge.evidence.seams import Tells
from nachsorge.evidence.stamps import at
from nachsorge.evidence.text import lenient
from nachsorge.evidence.windows.local_lines import LocalLines, note_zone
from nachsorge.model.evidence import Record, Value
from nachsorge.model.words import Kind, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve
    from nachsorge.model.times import Instant

_DAY = rb"\d\d-\d\d-\d{4} \d\d:\d\d:\d\d"
_LINE = re.compile(
    rb"(?:\xef\xbb\xbf)?[ \t]{0,64}(?P<partner>\d{6,12})[ \t]{1,64}(?:(?P<name>[^\t\r\n]{0,256}?)[ \t]{1,64})?"
    rb"(?P<begin>" + _DAY + rb")[ \t]{1,64}(?P<end>" + _DAY + rb")[ \t]{1,64}"
    rb"(?P<user>[^\t\r\n]{0,256}?)[ \t]{1,64}(?P<kind>[A-Za-z]{1,40})[ \t]{1,64}(?P<session>\{[0-9a-fA-F-]{36}\})"
)
_FIELDS = ("partner", "name", "begin", "end", "user", "kind", "session")


class TeamViewer:
    """Reader of both lists."""

    name = "teamviewer"
    telemetry: tuple[Telemetry, ...] = (Telemetry.AUTHENTICATION,)
    tells = Tells(
        proves="that a remote session took place, from when to when, with that number, as that local user",
        rules_out="nothing: the list can be deleted, and there are other programs for remote control",
        not_told="the other side's address, what was done, and the time zone",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the first line that is not empty."""
        return 92 if _LINE.match(head.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")) else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the admitted sessions."""
        yield from read_lines(source, _List(source.host), sieve, ledger)
        note_zone(ledger)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make a session with a machine of the planted name."""
        times = b"28-03-2023 10:40:00\t28-03-2023 10:41:00"
        session = b"{00000000-0000-0000-0000-000000000000}"
        return b"123456789\t%s\t%s\tuser\tRemoteControl\t%s\n" % (plant.host.encode(), times, session)


class _List(LocalLines):
    shape = _LINE
    telemetry = Telemetry.AUTHENTICATION

    def __init__(self, host: str | None) -> None:
        self.host = host

    def parse(self, line: bytes, locator: str) -> Record | None:
        found = _LINE.match(line)
        if not found:
            return None
        event = {name: lenient(found[name]) for name in _FIELDS if found[name]}
        return Record(
            telemetry=Telemetry.AUTHENTICATION,
            locator=locator,
            time=_time(event["begin"]),
            values=tuple(Value(Kind.TEXT, name, text) for name, text in event.items()),
            event=event,
            host=self.host,
            service="teamviewer",
        )


def _time(text: str) -> Instant | None:
    day, month, year, hour, minute, second = (int(part) for part in re.split(r"[- :]", text))
    return at(year, month, day, hour, minute, second)
