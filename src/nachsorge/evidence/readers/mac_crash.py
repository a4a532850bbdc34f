"""Crash, hang and resource reports of macOS (`DiagnosticReports/*.ips`, `*.crash`, `*.hang`, `*.diag`).

A report proves that this program ran at that version, from where, since when, and which libraries it had loaded. Few
runs end in a report, and reports are deleted after some weeks: what has none may have run all the same.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.evidence.containers.names import last_part
from nachsorge.evidence.containers.streams import read_whole
from nachsorge.evidence.macos.crash_report import Report, report_of
from nachsorge.evidence.seams import ReadError, Tells
from nachsorge.model.evidence import Record, Software, Value
from nachsorge.model.words import Kind, Platform, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve

LARGEST = 64 * 1024 * 1024
_FIRST = re.compile(rb'\s*\{[^\n]*"(?:app_name|bundleID)"[^\n]*\}')
_TYPE = b'"bug_type"'
_HEAD = re.compile(rb"(?:\A|\n)(Process|Command|Path|Identifier|Version|Date/Time|OS Version):[ \t]+\S")
_WORDS = 5
_KINDS = {"path": Kind.PATH}


class MacCrash:
    """Reader of one report, of either form."""

    name = "mac_crash"
    text = True
    telemetry: tuple[Telemetry, ...] = (Telemetry.PROGRAM_EXECUTION,)
    tells = Tells(
        proves="that this program ran at that version, from which path, since when, with which libraries",
        rules_out="nothing: few runs end in a report, and reports are deleted after some weeks",
        not_told="hashes, arguments, the name of the user's folder (it stands as `/Users/USER`), reports about the "
        "system as a whole (panics, memory)",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the first line of JSON, or most names of a head of text."""
        start = head.removeprefix(b"\xef\xbb\xbf")
        line = start.partition(b"\n")[0]
        if line.lstrip().startswith(b"{"):
            return 92 if _TYPE in line and _FIRST.match(line) else 0
        found = {match[1] for match in _HEAD.finditer(start[:16384])}
        return 86 if len(found) >= _WORDS and found & {b"Process", b"Command"} and b"Path" in found else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the one program; ReadError where nothing names it."""
        ledger.platform = ledger.platform or Platform.MACOS
        with source.open() as stream:
            report = report_of(read_whole(stream, LARGEST))
        if not {"process", "path", "identifier"} & report.told.keys():
            raise ReadError(Reason.CORRUPT, "names no program")
        ledger.count(Telemetry.PROGRAM_EXECUTION, 1, source.host)
        if report.torn:
            ledger.gap(Reason.TRUNCATED, report.torn)
        if report.more_images:
            ledger.gap(Reason.LIMIT, f"{report.more_images} more libraries were loaded than are looked at")
        yield _record(report, source, ledger)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make a report of a program of the planted name, in the form of this file."""
        if head.lstrip(b"\xef\xbb\xbf \r\n").startswith(b"{"):
            return (
                f'{{"app_name":"{plant.host}","timestamp":"2023-03-29 10:11:12.00 +0200","bug_type":"309"}}\n'
                f'{{"procName":"{plant.host}","procPath":"/x/{plant.host}"}}\n'
            ).encode()
        return (
            f"Process:               {plant.host} [7]\nPath:                  /x/{plant.host}\n"
            f"Identifier:            {plant.host}\nVersion:               1 (1)\n"
            "Date/Time:             2023-03-29 10:11:12.000 +0200\nOS Version:            macOS 12.6 (21G115)\n"
        ).encode()


def _record(report: Report, source: Opened, ledger: Ledger) -> Record:
    told = report.told
    time = report.time("launched") or report.time("captured")
    if time is None:
        ledger.gap(Reason.NO_TIME, "a report without a usable time", telemetry=Telemetry.PROGRAM_EXECUTION)
    else:
        ledger.dated(time, report.time("captured") or time)
    stated = (told.get("process"), told.get("identifier"), last_part(told.get("path", "")))
    names = [name for name in dict.fromkeys(stated) if name]
    version = told.get("version", "")
    values = [Value(_KINDS.get(name, Kind.TEXT), name, text) for name, text in told.items()]
    values += [Value(Kind.PATH, "image", path) for path in report.images]
    program = None
    if names and version not in ("", "???"):
        program = Software(name=names[0], version=version, platform=Platform.MACOS, aliases=tuple(names[1:]))
    return Record(
        telemetry=Telemetry.PROGRAM_EXECUTION,
        locator="report",
        time=time,
        values=tuple(values),
        event={"proves": "execution", **told, **({"images": str(len(report.images))} if report.images else {})},
        host=source.host,
        software=program,
        product="macos",
    )
