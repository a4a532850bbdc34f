"""What Velociraptor says it wanted, against what is there.

`uploads.json` (or `.csv`) has a row a file with `vfs_path`, `_Components`, `file_size`, `uploaded_size`; rows of the
artefact's own results may have `Error`. `Windows.KapeFiles.Targets` lists in `All ... Metadata` every file that its
globs met, copied or not. `log.json` has the query's log with levels, `collection_context.json` how the whole ended
(limits of time, size and rows end a collection early).
"""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING
from urllib.parse import unquote

from nachsorge.evidence.collections.drives import spelled, volume_of
from nachsorge.evidence.collections.layout import text_of
from nachsorge.evidence.collections.wanted import reason_of
from nachsorge.evidence.containers.names import last_part, shown
from nachsorge.evidence.seams import ReadError
from nachsorge.evidence.tally import Tally
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from nachsorge.evidence.collections.wanted import Wanted
    from nachsorge.evidence.trees import Entry

_ENDED_WELL = ("", "FINISHED", "RUNNING", "UNSET", "WAITING", "IN_PROGRESS")


def check(itself: Iterable[Entry], results: Iterable[Entry], files: Mapping[str, Entry], wanted: Wanted) -> None:
    """Tell `wanted` what is missing or short; what cannot be read of the lists themselves is a gap."""
    there = {_plain(entry.inside): entry for entry in files.values()}
    for entry in itself:
        name = last_part(entry.path).lower()
        if name.startswith("uploads."):
            _uploads(entry, there, wanted)
        elif name.startswith("log"):
            _log(entry, wanted)
        elif name == "collection_context.json":
            _context(entry, wanted)
    for entry in results:
        name = unquote(last_part(entry.path))
        if ("KapeFiles.Targets" in name and "Metadata" in name) or name.endswith("/Uploads.json"):
            _met(entry, there, wanted)


def _uploads(entry: Entry, there: Mapping[str, Entry], wanted: Wanted) -> None:
    for row in _rows(entry, wanted):
        path = _path(row)
        if not path or row.get("Type") == "idx" or path.endswith(".idx"):
            continue
        found = there.get(_plain(path))
        error = str(row.get("Error") or row.get("error") or "")
        size, stored = _number(row.get("file_size")), _number(row.get("uploaded_size"))
        if error and (found is None or found.size < size or size < 0):
            wanted.add(path, reason_of(error), error)
        elif found is None:
            wanted.add(path, Reason.MISSING, f"{last_part(entry.path)} says it was uploaded; it is not here")
        elif 0 <= stored < size and found.size < size:
            wanted.add(path, Reason.TRUNCATED, f"{stored} of {size} bytes")


def _met(entry: Entry, there: Mapping[str, Entry], wanted: Wanted) -> None:
    for row in _rows(entry, wanted):
        path, error = str(row.get("SourceFile") or ""), str(row.get("Error") or row.get("UploadError") or "")
        if not path:
            continue
        if error:
            wanted.add(_host(path), reason_of(error), error)
        elif _plain(_host(path)) not in there and str(row.get("IsDir", "")).lower() != "true":
            wanted.add(_host(path), Reason.MISSING, "met by the collection's patterns, not uploaded")


def _log(entry: Entry, wanted: Wanted) -> None:
    errors = Tally()
    for row in _rows(entry, wanted):
        if str(row.get("level", "")).upper() in ("ERROR", "FATAL"):
            errors.add(shown(str(row.get("message", "")).strip())[:200])
    if errors.count:
        wanted.ledger.gap(Reason.NOT_PROVIDED, errors.says("errors in Velociraptor's log"))


def _context(entry: Entry, wanted: Wanted) -> None:
    try:
        tree = json.loads(text_of(entry))
    except (ReadError, OSError, EOFError, ValueError, RecursionError) as problem:
        wanted.ledger.gap(getattr(problem, "reason", Reason.CORRUPT), f"{shown(entry.path)}: {problem}")
        return
    state = str(tree.get("state", "")).upper() if isinstance(tree, dict) else ""
    if state not in _ENDED_WELL:
        why = shown(str(tree.get("status") or state))[:300]
        wanted.ledger.gap(reason_of(why), f"Velociraptor's collection ended with {state}: {why}")


def _rows(entry: Entry, wanted: Wanted) -> Iterator[Mapping[str, object]]:
    """Give the rows of JSON lines, one JSON array, or CSV; lines that are none are counted as a gap."""
    bad = Tally()
    try:
        text = text_of(entry)
        if entry.path.lower().endswith(".csv"):
            yield from csv.DictReader(io.StringIO(text, newline=""))
            return
        yield from _json(text, bad)
    except (ReadError, OSError, EOFError, csv.Error) as problem:
        wanted.ledger.gap(getattr(problem, "reason", Reason.CORRUPT), f"{shown(entry.path)}: {problem}")
    if bad.count:
        wanted.ledger.gap(Reason.CORRUPT, bad.says(f"rows of {shown(entry.path)} were not understood"))


def _json(text: str, bad: Tally) -> Iterator[Mapping[str, object]]:
    if text.lstrip().startswith("["):
        try:
            yield from (row for row in json.loads(text) if isinstance(row, dict))
        except (ValueError, RecursionError):
            bad.add("the whole list")
        return
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        if isinstance(row, dict):
            yield row
        else:
            bad.add(f"line {number}")


def _path(row: Mapping[str, object]) -> str:
    """Give a row's path as the host spells it: from the stored parts, else from the path that was asked for."""
    parts = row.get("_Components")
    if isinstance(parts, list) and "uploads" in parts:
        rest = [str(part) for part in parts[parts.index("uploads") + 2 :]]
        volume = volume_of(rest[0]) if rest else None
        if volume is not None:
            return spelled(volume, "/".join(rest[1:]))
        return "/" + "/".join(rest) if rest else ""
    return _host(str(row.get("vfs_path") or row.get("Path") or ""))


def _host(path: str) -> str:
    r"""Spell `\\.\C:\x`, `C:/x` and a shadow copy's path as Windows does; others stay."""
    slashed = path.replace("\\", "/")
    if "HarddiskVolumeShadowCopy" in slashed:
        rest = slashed.partition("HarddiskVolumeShadowCopy")[2].partition("/")[2]
        return "C:\\" + rest.replace("/", "\\")
    bare = slashed.removeprefix("//./").removeprefix("//?/")
    return bare.replace("/", "\\") if bare[1:2] == ":" else path


def _plain(path: str) -> str:
    return path.replace("\\", "/").rstrip("/").lower()


def _number(value: object) -> int:
    text = str(value if value is not None else "")
    return int(text) if text.isdecimal() else -1
