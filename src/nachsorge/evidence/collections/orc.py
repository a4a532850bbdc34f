r"""DFIR ORC: files under names of its own, and `GetThis.csv`, which says what each was on the host.

A row has `ComputerName`, `FullName` (`\Windows\System32\config\SAM`, without the drive), `SampleName` (the file in the
archive) and `LastModificationDate` (UTC). A row without a sample is a file that was met and not taken,
because of a limit. A sample of strings is not the file. ORC's own archives are 7z, as a rule with a password.
"""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import TYPE_CHECKING

from nachsorge.evidence.collections.layout import Arranged, below, text_of
from nachsorge.evidence.collections.wanted import Wanted
from nachsorge.evidence.containers.names import last_part, shown
from nachsorge.evidence.seams import ReadError, Root
from nachsorge.model.times import Instant, parse_instant
from nachsorge.model.words import Platform, Reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.trees import Entry

LIST = "getthis.csv"


class Orc:
    """Recognised by a `GetThis.csv` with its columns, beside samples that it names."""

    name = "DFIR ORC"

    def roots(self, entries: Sequence[Entry]) -> Iterator[Root]:
        """Give every folder with such a list; parts are the list and the first folders of the samples' names."""
        folders = {entry.path.rpartition("/")[0]: entry for entry in entries if last_part(entry.path).lower() == LIST}
        for folder, entry in sorted(folders.items()):
            rows = _rows(entry, None)
            parts = {_sample(row).partition("/")[0] for row in rows} - {""}
            if parts:
                parts |= {last_part(entry.path)}
                yield Root(platform=Platform.WINDOWS, prefix=folder, collector=self.name, parts=frozenset(parts))

    def arrange(self, entries: Sequence[Entry], root: Root, ledger: Ledger) -> Arranged:
        """Spell the samples as the host does; what has no sample, or whose sample is not here, is a gap."""
        by_name = {below(entry.path, root.prefix).lower(): entry for entry in entries}
        wanted = Wanted(self.name, ledger)
        files: dict[str, Entry] = {}
        for row in _rows(by_name[LIST], ledger) if LIST in by_name else ():
            path, sample = _full(row), _sample(row)
            entry = by_name.get(sample.lower())
            if not sample:
                wanted.add(path, Reason.LIMIT, "met, and not taken")
            elif entry is None:
                wanted.add(path, Reason.MISSING, f"its sample {sample} is not here")
            elif (row.get("ContentType") or "data").lower() == "data":
                time = entry.modified or _time(row.get("LastModificationDate", ""))
                source = replace(entry.source, modified=time) if entry.source is not None else None
                files[entry.path] = replace(entry, inside=path, modified=time, source=source)
        wanted.close()
        rest = [entry for entry in entries if entry.path not in files and last_part(entry.path).lower() != LIST]
        return Arranged((*files.values(), *wanted.names()), tuple(rest))


def computer(entry: Entry) -> str:
    """Give the host's name that a list states; empty where it states none."""
    return next((row["ComputerName"].strip() for row in _rows(entry, None) if row.get("ComputerName")), "")


def _rows(entry: Entry, ledger: Ledger | None) -> list[Mapping[str, str]]:
    try:
        rows = csv.DictReader(io.StringIO(text_of(entry), newline=""), restval="")
        if not {"FullName", "SampleName"} <= set(rows.fieldnames or ()):
            return []
        return [row for row in rows if row["FullName"]]
    except (ReadError, OSError, EOFError, csv.Error) as problem:
        if ledger is not None:
            ledger.gap(getattr(problem, "reason", Reason.CORRUPT), f"{shown(entry.path)}: {problem}")
        return []


def _sample(row: Mapping[str, str]) -> str:
    return row["SampleName"].strip().replace("\\", "/").strip("/")


def _full(row: Mapping[str, str]) -> str:
    path = row["FullName"].strip().replace("/", "\\")
    return shown(path if path[1:2] == ":" else "C:\\" + path.lstrip("\\"))


def _time(text: str) -> Instant | None:
    try:
        return parse_instant(text) if text.strip() else None
    except ValueError:
        return None
