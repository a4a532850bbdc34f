r"""Windows' log of drivers and devices (`Windows\INF\setupapi.dev.log`): what was set up, when, by which command.

Sections begin with `>>>  [...]` and `>>>  Section start ...` and end with `<<<` (Microsoft, "SetupAPI Text Logs").
Each is one record. Times are local, without a zone. It proves installations of drivers; it is rotated by size and knows
of no programs without drivers, so it clears nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.evidence.seams import Tells
from nachsorge.evidence.stamps import plausible
from nachsorge.evidence.text import lenient
from nachsorge.evidence.windows.local_lines import note_zone
from nachsorge.model.evidence import Record, Value
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Kind, Platform, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve
    from nachsorge.model.times import Instant

_BEGIN = b"[Device Install Log]"
_SECTION = re.compile(rb"^>>>  (?:\[|Section start )", re.MULTILINE)
LARGEST = 1024 * 1024
"""A section that is longer is given in parts."""
_LINE = 64 * 1024
_STARTED = re.compile(r"Section start (\d{4})/(\d\d)/(\d\d) (\d\d:\d\d:\d\d(?:\.\d{1,6})?)")
_PATH = re.compile(r"[A-Za-z]:\\[^\"'<>|*?\r\n\]}]+")


class SetupapiLog:
    """Reader of the log."""

    name = "setupapi_log"
    text = True
    telemetry: tuple[Telemetry, ...] = (Telemetry.SOFTWARE_INSTALL,)
    tells = Tells(
        proves="that a driver or device was set up from these files, by this command, about that time",
        rules_out="nothing: the log is rotated, and programs without a driver are not in it",
        not_told="the time zone; ordinary programs",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the title, or the marks of sections."""
        begin = head.removeprefix(b"\xef\xbb\xbf")
        return 95 if begin.startswith(_BEGIN) else 88 if _SECTION.search(head[:8192]) and b"<<<  " in head else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the admitted sections; what stands between them is one as well."""
        ledger.platform = ledger.platform or Platform.WINDOWS
        with source.open() as stream:
            for number, raw in _sections(stream):
                ledger.count(Telemetry.SOFTWARE_INSTALL, 1, source.host)
                if sieve.everything or sieve.admits(raw):
                    yield _record(lenient(raw), f"line {number}", source.host)
        note_zone(ledger)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make a section whose command is the planted path."""
        return (
            f"[Device Install Log]\n>>>  [Setup Import Driver Package - {plant.path}]\n"
            f">>>  Section start 2023/03/28 10:40:00.000\n      cmd: {plant.path} {plant.host}\n<<<  Section end\n"
        ).encode()


def _sections(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Give each section with the number of its first line; overlong lines are cut into several."""
    parts: list[bytes] = []
    number = first = 1
    size = 0
    while line := stream.readline(_LINE):
        begins = line.startswith(b">>>  [")
        if begins or size > LARGEST:
            yield from _whole(first, parts)
            parts, first, size = [], number, 0
        parts.append(line)
        size += len(line)
        number += line.endswith(b"\n")
        if line.startswith(b"<<<  [Exit"):
            yield from _whole(first, parts)
            parts, first, size = [], number, 0
    yield from _whole(first, parts)


def _whole(first: int, parts: list[bytes]) -> Iterator[tuple[int, bytes]]:
    if raw := b"".join(parts).strip(b"\r\n "):
        yield first, raw


def _record(text: str, locator: str, host: str | None) -> Record:
    title = re.search(r"^>>>  \[(.*)\]", text, re.MULTILINE)
    command = re.search(r"^[ \t]{1,64}cmd: (.*)$", text, re.MULTILINE)
    event = {"section": title[1]} if title else {}
    event |= {"command": command[1].strip()} if command else {}
    status = re.search(r"^<<<  \[Exit status: (.*)\]", text, re.MULTILINE)
    event |= {"status": status[1]} if status else {}
    values = [Value(Kind.TEXT, name, value) for name, value in event.items()] + [Value(Kind.TEXT, "text", text)]
    values += [Value(Kind.PATH, "path", path) for path in dict.fromkeys(map(str.strip, _PATH.findall(text)))]
    return Record(
        telemetry=Telemetry.SOFTWARE_INSTALL,
        locator=locator,
        time=_time(_STARTED.search(text)),
        values=tuple(values),
        event=event or {"text": text[:200]},
        host=host,
        product="windows",
    )


def _time(found: re.Match[str] | None) -> Instant | None:
    try:
        return plausible(parse_instant(f"{found[1]}-{found[2]}-{found[3]}T{found[4]}")) if found else None
    except ValueError:
        return None
