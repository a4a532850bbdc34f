r"""Microsoft Defender's own text logs, `MPLog-*.log` and `MPDetection-*.log`.

They lie in `ProgramData\Microsoft\Windows Defender\Support`. They hold detections and what was done about them, and
for performance the programs that Defender watched with the file that took longest: evidence that they ran. Lines begin
with the time in UTC; others belong to the line before. There is no description of all lines by Microsoft, and they
changed between versions: what is not understood is searched as text. They prove and never clear: programs appear only
where scanning them took time.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.evidence.containers.names import last_part
from nachsorge.evidence.lines import read_lines
from nachsorge.evidence.seams import Tells
from nachsorge.evidence.stamps import plausible
from nachsorge.evidence.text import lenient
from nachsorge.evidence.windows.local_lines import LocalLines
from nachsorge.model.evidence import Record, Value
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Kind, Platform, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve
    from nachsorge.model.times import Instant

_NAME = re.compile(r"MP(?:Log|Detection)-[\d-]+\.(?:log|txt)(?:#\d+)?\Z", re.IGNORECASE)
_STAMP = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z?)\s+")
_OURS = re.compile(
    rb"^(?:\xef\xbb\xbf)?\d{4}-\d\d-\d\dT[\d:.]+Z?\s+"
    rb"(?:ProcessImageName: |DETECTION|Version: Product |Service (?:started|stopped)|\[(?:RTP|Mini-filter|BM)|Task\()",
    re.MULTILINE,
)
_RAN = re.compile(rb"ProcessImageName: ")
_PAIR = re.compile(r"(?<!\w)(\w{1,64}): ([^,]*)(?:, |\Z)")
_PLACE = re.compile(r"\b(?:file|containerfile|webfile|process):_?([^|;]+)", re.IGNORECASE)
_PATH = re.compile(r"(?:[A-Za-z]:|\\Device\\HarddiskVolume\d+)\\[^\"'<>|*?\r\n,;]+")
_URL = re.compile(r"https?://[^\s\"'<>|]+", re.IGNORECASE)
_HEX = re.compile(r"(?<![0-9A-Za-z])(?:[0-9a-fA-F]{64}|[0-9a-fA-F]{40}|[0-9a-fA-F]{32})(?![0-9A-Za-z])")


class MpLog:
    """Reader of both logs."""

    name = "mplog"
    text = True
    telemetry: tuple[Telemetry, ...] = (Telemetry.ANTIVIRUS, Telemetry.PROGRAM_EXECUTION)
    tells = Tells(
        proves="that Defender named a file, and that a program ran whose scanning took time, at that time",
        rules_out="nothing: logs are rotated, and programs that cost no time are not in them",
        not_told="most programs and most files; the meaning of many lines is not published",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise lines of Defender's own kinds, or the name together with such times."""
        if _OURS.search(head[:8192]):
            return 93
        return 90 if _NAME.search(last_part(name)) and b"\0" not in head[:512] else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the admitted lines."""
        ledger.platform = ledger.platform or Platform.WINDOWS
        yield from read_lines(source, _Log(source.host), sieve, ledger)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make a detection of the planted path, which came from the planted name."""
        text = (
            f"2023-03-28T10:40:00.000Z DETECTION Control file:{plant.path} webfile:{plant.path}|http://{plant.host}/\n"
        )
        return text.encode()


class _Log(LocalLines):
    def __init__(self, host: str | None) -> None:
        self.host = host

    def classes(self, segment: bytes, lines: int) -> Iterable[tuple[Telemetry, str | None, int]]:
        """Count lines about programs that ran apart from all others."""
        ran = min(sum(1 for _ in _RAN.finditer(segment)), lines)
        if ran:
            yield Telemetry.PROGRAM_EXECUTION, None, ran
        if lines - ran:
            yield Telemetry.ANTIVIRUS, None, lines - ran

    def parse(self, line: bytes, locator: str) -> Record | None:
        bare = line.removeprefix(b"\xef\xbb\xbf")
        stamp = _STAMP.match(bare)
        text = lenient(bare[stamp.end() :] if stamp else bare).strip()
        ran = text.startswith("ProcessImageName: ")
        event = dict(_PAIR.findall(text)) if ran else {"message": text}
        return Record(
            telemetry=Telemetry.PROGRAM_EXECUTION if ran else Telemetry.ANTIVIRUS,
            locator=locator,
            time=_time(stamp[1]) if stamp else None,
            values=tuple(_values(text, ran)),
            event=event | ({"proves": "execution"} if ran else {}),
            host=self.host,
            product="windows",
            service="windefend",
            provider="Microsoft-Windows-Windows Defender",
        )


def _values(text: str, ran: bool) -> Iterator[Value]:
    yield Value(Kind.TEXT, "message", text)
    if ran:
        yield Value(Kind.PATH, "ProcessImageName", text[18:].partition(",")[0].strip())
    places = [place.split("->")[0].strip() for place in _PLACE.findall(text)]
    for place in dict.fromkeys([*places, *(path.strip() for path in _PATH.findall(text))]):
        yield Value(Kind.PATH, "path", place)
    yield from (Value(Kind.URL, "url", url) for url in _URL.findall(text))
    yield from (Value(Kind.HASH, "hash", digest) for digest in _HEX.findall(text))


def _time(stamp: bytes) -> Instant | None:
    try:
        return plausible(parse_instant(stamp.decode("ascii")))
    except ValueError:
        return None
