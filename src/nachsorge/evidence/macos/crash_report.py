"""What a crash or resource report of macOS says of the program: both forms, read into the same words.

Since macOS 12 a report is one line of JSON and then a JSON document (`*.ips`); before, and for hangs and resources
still, it is text with a head of `Name:  value` lines and a list of binary images (`*.crash`, `*.hang`, `*.diag`).
Source: Apple, "Interpreting the JSON format of a crash report", "Examining the fields in a crash report".
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nachsorge.evidence.ndjson import decode_object
from nachsorge.evidence.stamps import written
from nachsorge.evidence.text import lenient

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nachsorge.model.times import Instant

MOST_IMAGES = 5_000
LONGEST_LINE = 8192
_HEADER = re.compile(r"([A-Z][A-Za-z/ ]{1,30}):[ \t]+(\S.*)\Z")
_IMAGE = re.compile(r"0x[0-9a-f]{1,16} - +(?:0x[0-9a-f]{1,16}|\?\?\?) ")
_PID = re.compile(r"(.*?) \[\d+\]\Z")
_STAMP = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,9})?) ?([+-]\d{4})\Z")
_HEAD_LINES = 200
_NAMES = {
    "Process": "process",
    "Command": "process",
    "Path": "path",
    "Identifier": "identifier",
    "Version": "version",
    "Parent Process": "parent",
    "Parent": "parent",
    "Responsible": "responsible",
    "User ID": "user",
    "UID": "user",
    "Date/Time": "captured",
    "Launch Time": "launched",
    "OS Version": "system",
    "Exception Type": "exception",
}


@dataclass(slots=True)
class Report:
    """One report: what it says by name, the paths of what was loaded, and what of it is missing."""

    told: dict[str, str] = field(default_factory=dict)
    images: list[str] = field(default_factory=list)
    torn: str = ""
    more_images: int = 0

    def time(self, name: str) -> Instant | None:
        """Read one of its times, which state their zone behind a blank."""
        found = _STAMP.match(self.told.get(name, ""))
        return written(found[1] + found[2]) if found else None


def report_of(data: bytes) -> Report:
    """Read a report of either form."""
    first, _, rest = data.lstrip(b"\xef\xbb\xbf").partition(b"\n")
    head = decode_object(first) if first.lstrip().startswith(b"{") else None
    report = _text(data) if head is None else _json(head, rest)
    seen = dict.fromkeys(report.images)
    report.images = list(seen)[:MOST_IMAGES]
    report.more_images = len(seen) - len(report.images)
    return report


def _json(head: dict[str, Any], rest: bytes) -> Report:
    report = Report()
    body = decode_object(rest)
    if body is None:
        report.torn = "the report behind its first line is missing or damaged"
        body = {}
    bundle = body.get("bundleInfo")
    bundle = bundle if isinstance(bundle, dict) else {}
    named = {
        "process": (body.get("procName"), head.get("app_name"), head.get("name")),
        "path": (body.get("procPath"),),
        "identifier": (bundle.get("CFBundleIdentifier"), head.get("bundleID")),
        "version": (bundle.get("CFBundleShortVersionString"), head.get("app_version")),
        "build": (bundle.get("CFBundleVersion"), head.get("build_version")),
        "parent": (body.get("parentProc"),),
        "responsible": (body.get("responsibleProc"),),
        "user": (body.get("userID"),),
        "captured": (body.get("captureTime"), head.get("timestamp")),
        "launched": (body.get("procLaunch"),),
        "system": (head.get("os_version"),),
    }
    report.told = {name: text for name, cells in named.items() if (text := _first(cells))}
    images = body.get("usedImages")
    for image in images if isinstance(images, list) else ():
        path = image.get("path") if isinstance(image, dict) else None
        report.images += [path] if isinstance(path, str) and path.startswith("/") else []
    return report


def _first(cells: Iterable[object]) -> str:
    return next((str(cell) for cell in cells if isinstance(cell, (str, int)) and str(cell).strip()), "")


def _text(data: bytes) -> Report:
    report = Report()
    for number, raw in enumerate(data.split(b"\n")):
        if len(raw) > LONGEST_LINE:
            report.torn = f"line {number + 1} is longer than {LONGEST_LINE} bytes and was not read"
            continue
        line = lenient(raw).strip()
        if number < _HEAD_LINES and (found := _HEADER.match(line)) and (name := _NAMES.get(found[1])):
            report.told.setdefault(name, found[2])
        elif (found := _IMAGE.match(line)) and (place := line.find(" /", found.end())) >= 0:
            report.images.append(line[place + 1 :])
    for name in ("process", "parent", "responsible"):
        if name in report.told and (bare := _PID.match(report.told[name])):
            report.told[name] = bare[1]
    if "version" in report.told:
        report.told["version"] = report.told["version"].partition(" (")[0]
    return report
