"""PowerShell transcripts (`PowerShell_transcript.*.txt`): what was typed or run in a session, and what it answered.

Written where a policy or `Start-Transcript` asks for it. The head between two rows of asterisks names machine, user and
program, in the system's language; its keys are recognised in German and English. Times are local, without a zone.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from nachsorge.evidence.lines import read_lines
from nachsorge.evidence.seams import Tells
from nachsorge.evidence.stamps import plausible
from nachsorge.evidence.text import lenient
from nachsorge.evidence.windows.local_lines import LocalLines, note_zone
from nachsorge.model.evidence import Record, Value
from nachsorge.model.times import from_datetime
from nachsorge.model.words import Kind, Platform, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve
    from nachsorge.model.times import Instant

_HEAD = 4096
_ROW = b"*" * 22
_PROMPT = re.compile(r"PS(?: [^>\r\n]{0,300})?>\s?")
_STAMP = re.compile(r"\b(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)\Z")
_MACHINE = re.compile(rb"^(?:Machine|Computer|Rechner)\s*:\s*([\w.-]{1,255})", re.MULTILINE)
_URL = re.compile(r"https?://[^\s\"'<>)]+", re.IGNORECASE)
_PATH = re.compile(r"[A-Za-z]:\\[^\"'<>|*?\r\n;]+")


class PowershellTranscript:
    """Reader of one transcript."""

    name = "powershell_transcript"
    telemetry: tuple[Telemetry, ...] = (Telemetry.PROGRAM_EXECUTION,)
    tells = Tells(
        proves="that these commands were run in a PowerShell session of that user, with what they answered",
        rules_out="nothing: transcripts are written only where they were asked for, and can be deleted",
        not_told="the time of each command (unless invocation headers are on), and the time zone",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the row of asterisks and the keys that no language translates."""
        begin = head.removeprefix(b"\xef\xbb\xbf").lstrip()
        return 93 if begin.startswith(_ROW) and b"PSVersion" in head[:_HEAD] else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the admitted lines, each with the time at which the session began."""
        ledger.platform = ledger.platform or Platform.WINDOWS
        with source.open() as stream:
            begin = stream.read(_HEAD)
        machine = _MACHINE.search(begin.replace(b"\r", b""))
        ledger.host = ledger.host or (lenient(machine[1]).lower() if machine else None)
        yield from read_lines(source, _Log(ledger.host, _first(begin)), sieve, ledger)
        note_zone(ledger)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make a session that asks for the planted name."""
        row = _ROW + b"\r\n"
        keys = b"Windows PowerShell transcript start\r\nStart time: 20230328104000\r\nPSVersion: 5.1\r\n"
        return row + keys + row + b"PS C:\\> Invoke-WebRequest http://%s/\r\n" % plant.host.encode()


class _Log(LocalLines):
    telemetry = Telemetry.PROGRAM_EXECUTION

    def __init__(self, host: str | None, start: Instant | None) -> None:
        self.host = host
        self.start = start

    def parse(self, line: bytes, locator: str) -> Record | None:
        text = lenient(line.removeprefix(b"\xef\xbb\xbf")).strip()
        prompt = _PROMPT.match(text)
        name = "command" if prompt else "line"
        body = text[prompt.end() :] if prompt else text
        values = [Value(Kind.TEXT, name, body)]
        values += [Value(Kind.URL, "url", url) for url in _URL.findall(body)]
        values += [Value(Kind.PATH, "path", path.strip()) for path in _PATH.findall(body)]
        return Record(
            telemetry=Telemetry.PROGRAM_EXECUTION,
            locator=locator,
            time=self.start,
            values=tuple(values),
            event={name: body},
            host=self.host,
            product="windows",
            service="powershell",
        )


def _first(begin: bytes) -> Instant | None:
    """Read when the session began: the first key whose value is fourteen digits."""
    for line in begin.splitlines():
        if found := _STAMP.search(lenient(line).strip()):
            try:
                return plausible(from_datetime(datetime(*(int(part) for part in found.groups()), tzinfo=UTC)))  # type: ignore[arg-type, misc]
            except ValueError:
                return None
    return None
