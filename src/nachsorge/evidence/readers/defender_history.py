r"""Microsoft Defender's detections (`ProgramData\Microsoft\Windows Defender\Scans\History\Service\DetectionHistory`).

One file a detection: the threat's name, the files and addresses it was found in, their hashes, when. It stays after the
event log has rolled over, by default for 30 days. It proves the detection; that nothing is here clears nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.evidence.containers.streams import read_whole
from nachsorge.evidence.seams import ReadError, Tells
from nachsorge.evidence.windows.defender import defender_record
from nachsorge.evidence.windows.defender_history import MAGIC, START, Detection, detection_of
from nachsorge.model.evidence import Record, Value
from nachsorge.model.times import render
from nachsorge.model.words import Kind, Platform, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve

LARGEST = 16 * 1024 * 1024
_HASHES = ("Sha256", "Sha1", "MD5")
_PLACES = {"file": Kind.PATH, "containerfile": Kind.PATH, "webfile": Kind.PATH, "regkey": Kind.REGISTRY}
_HEX = re.compile(r"[0-9A-Fa-f]{32}(?:[0-9A-Fa-f]{8})?(?:[0-9A-Fa-f]{24})?\Z")


class DefenderHistory:
    """Reader of one detection."""

    name = "defender_history"
    telemetry: tuple[Telemetry, ...] = (Telemetry.ANTIVIRUS,)
    tells = Tells(
        proves="that Defender named this file at that time, with its hashes and from where it was downloaded",
        rules_out="nothing: detections are deleted after a while, and what Defender did not name is not here",
        not_told="whether the file had run before, or does so after it was allowed",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the first field and the mark before the threat's name."""
        return 95 if head.startswith(START) and MAGIC in head[:256] else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the detection; what lies behind damage is a gap (TRUNCATED)."""
        with source.open() as stream:
            data = read_whole(stream, LARGEST)
        if not data.startswith(START):
            raise ReadError(Reason.CORRUPT, "no detection of Defender's history")
        ledger.platform = ledger.platform or Platform.WINDOWS
        found = detection_of(data)
        if not found.whole:
            ledger.gap(Reason.TRUNCATED, "the detection ends within a field", host=source.host)
        ledger.count(Telemetry.ANTIVIRUS, 1, source.host)
        yield _record(found, source)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make a detection of the planted path."""
        texts = ("Magic.Version:1.2", "control", "Magic.Version:1.2", "file", plant.path)
        return START + bytes(8) + b"".join(_field(text) for text in texts)


def _field(text: str) -> bytes:
    raw = (text + "\0").encode("utf-16-le")
    return len(raw).to_bytes(4, "little") + b"\x15\0\0\0" + raw + bytes(-len(raw) % 8)


def _record(found: Detection, source: Opened) -> Record:
    event = {"threat": found.threat} | {name: text for name, text in found.table.items() if name in _HASHES}
    values = [Value(Kind.TEXT, "threat", found.threat)] if found.threat else []
    for kind, place in found.resources:
        event[kind] = f"{event[kind]}\n{place}" if kind in event else place
        values += _resource(kind, place)
    for name, text in found.table.items():
        values.append(Value(Kind.HASH if _HEX.match(text) and name in _HASHES else Kind.TEXT, name, text))
    told = {value.text for value in values}
    values += [Value(Kind.TEXT, "more", text) for text in dict.fromkeys(found.more) if text and text not in told]
    if found.time is not None:
        event["time"] = render(found.time)
    return defender_record(source, "detection", found.time, values, event)


def _resource(kind: str, place: str) -> Iterator[Value]:
    r"""Take `C:\d\a.zip->b.com` and `C:\d\a.zip|https://x/a.zip|pid:...` apart."""
    first, *more = place.split("|")
    outer, *inner = first.split("->")
    yield Value(_PLACES.get(kind, Kind.TEXT), kind, outer)
    yield from (Value(Kind.TEXT, kind, item) for item in inner if item)
    yield from (Value(Kind.URL if "://" in item else Kind.TEXT, kind, item) for item in more if item)
