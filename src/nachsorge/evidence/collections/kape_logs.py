r"""KAPE's three logs, as far as they say what was copied, left out or failed.

Columns and lines of KAPE 1.2 and 1.3. The console log's lines begin `[2025-08-25 13:21:07.2 | FTL] ` or
`2022-05-28 02:43:44.1 | F | `.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nachsorge.evidence.collections.layout import text_of
from nachsorge.evidence.containers.names import last_part
from nachsorge.evidence.seams import ReadError
from nachsorge.evidence.tally import Tally
from nachsorge.model.times import Instant, parse_instant
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.trees import Entry

_FAILED = re.compile(r"Could not copy (?:file )?'?(?=[A-Za-z]:\\)")
_TARGET = re.compile(r"'? to '?(?=[A-Za-z]:\\|\\\\)")
_GONE = re.compile(r"File '?([A-Za-z]:\\.+?)'? does not exist! Skipping")
_OTHER = re.compile(r"\|\s*(?:FTL|ERR|F|E)\s*[|\]]\s*(.*?([A-Za-z]:\\[^'\"<>|?*]+[^'\"<>|?*\s.,;]).*)")
_LONGEST = 4096
_COUNT = re.compile(r"File copy errors: ([\d.,]+)")
_MACHINE = re.compile(r"Machine name: ([^,]+),")
_LIVE = re.compile(r"--tsource\s+C:?\\?\s", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Copied:
    """A row of the copy log."""

    path: str
    size: int
    modified: Instant | None
    log: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row of the skip log; `sha1` in lower case, empty where the version gives none."""

    path: str
    sha1: str
    why: str
    log: str
    number: int


@dataclass(slots=True)
class Logs:
    """All logs of one collection. Keys are paths below the drives' folder in lower case (`c/windows/x`)."""

    copied: dict[str, Copied] = field(default_factory=dict)
    by_sha1: dict[str, str] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    failures: int = 0
    machine: str = ""
    """Where KAPE ran, empty unless it took the drive that it ran on: an examiner's machine is nobody's host."""


def read_logs(entries: Iterable[Entry], ledger: Ledger) -> Logs:
    """Read them; one that cannot be read is a gap: then nobody knows what is not here."""
    logs = Logs()
    unclear = Tally()
    for entry in sorted(entries, key=lambda entry: entry.path):
        name = last_part(entry.path)
        try:
            text = text_of(entry)
        except (ReadError, OSError, EOFError) as problem:
            reason = getattr(problem, "reason", Reason.FAILED)
            ledger.gap(reason, f"{name}: {problem}; what KAPE could not copy is not known")
            continue
        if name.lower().endswith("consolelog.txt"):
            _console(text, logs)
        elif not _table(text, name, logs, unclear):
            ledger.gap(Reason.CORRUPT, f"{name} is no log of KAPE's: what it left out is not known")
    if unclear.count:
        ledger.gap(Reason.CORRUPT, unclear.says("rows of KAPE's logs were not understood"))
    return logs


def _table(text: str, name: str, logs: Logs, unclear: Tally) -> bool:
    rows = csv.DictReader(io.StringIO(text, newline=""), restkey="", restval="")
    if "SourceFile" not in (rows.fieldnames or ()):
        return False
    copies = "DestinationFile" in (rows.fieldnames or ())
    try:
        for number, row in enumerate(rows, 1):
            path = row["SourceFile"].strip()
            if re.match(r"[A-Za-z]:\\", path) is None:
                unclear.add(f"{name}, row {number}")
            elif copies:
                _copy(path, row, name, logs)
            else:
                sha1 = row.get("SourceFileSha1", "").strip().lower()
                logs.skipped.append(Skipped(path, sha1, row.get("Reason", "").strip(), name, number))
    except csv.Error as problem:
        unclear.add(f"{name}: {problem}")
    return True


def _copy(path: str, row: dict[str, str], name: str, logs: Logs) -> None:
    key = _key(path, row["DestinationFile"])
    size = row.get("FileSize", "")
    logs.copied[key] = Copied(path, int(size) if size.isdecimal() else -1, _time(row.get("ModifiedOnUtc", "")), name)
    if sha1 := row.get("SourceFileSha1", "").strip().lower():
        logs.by_sha1.setdefault(sha1, key)


def _key(path: str, stored: str) -> str:
    """Give where a file lies below the drives; an alternate stream is stored beside under a name of its own."""
    letter, rest = path[0], path[2:].lstrip("\\")
    if ":" in rest:
        rest = rest.rpartition("\\")[0] + "\\" + last_part(stored)
    return f"{letter}/{rest}".lower().replace("\\", "/")


def _time(text: str) -> Instant | None:
    try:
        return parse_instant(text) if text.strip() else None
    except ValueError:
        return None


def _console(text: str, logs: Logs) -> None:
    for line in (line[:_LONGEST] for line in text.splitlines()):
        if found := _FAILED.search(line):
            path, *rest = _TARGET.split(line[found.end() :], maxsplit=1)
            logs.failed.append((path, "".join(rest).partition("Error:")[2].strip() or "could not be copied"))
        elif found := _GONE.search(line):
            logs.failed.append((found[1], "does not exist any more"))
            logs.failures += 1
        elif (found := _OTHER.search(line)) and "see " not in line.lower():
            logs.failed.append((found[2], found[1]))
            logs.failures += 1
        if found := _COUNT.search(line):
            logs.failures += int(re.sub(r"\D", "", found[1]) or 0)
    machine = _MACHINE.search(text)
    logs.machine = machine[1].strip() if machine and _LIVE.search(text) else logs.machine
