r"""KAPE (Kroll Artifact Parser and Extractor): drives as folders, beside them what was copied, skipped and said.

`<time>_CopyLog.csv` has a row a file that was copied, with its SHA-1 and its times in UTC (which a zip by KAPE lacks).
`<time>_SkipLog.csv` (also `.csv.csv`) has those that were left out: `Deduped` ones are in the collection under another
path and stand there too; others are gaps. `<time>_ConsoleLog.txt` names copies that failed. (KapeDocs, "Log files".)
Some runs put the drives into a folder of their own below the logs.

An image that was mounted as `G:` when KAPE ran was the host's `C:`: where one drive alone holds a Windows, and none is
C, it is spelled so, and noted.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from nachsorge.evidence.collections.drives import Volume, holds_system, spelled, volume_of
from nachsorge.evidence.collections.kape_logs import Copied, Logs, Skipped, read_logs
from nachsorge.evidence.collections.layout import Arranged, below
from nachsorge.evidence.collections.wanted import Wanted, reason_of
from nachsorge.evidence.containers.names import shown
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.seams import Root
from nachsorge.evidence.trees import Entry
from nachsorge.model.words import Platform, Reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


LOG = re.compile(r"_(copylog\.csv|skiplog\.csv(\.csv)?|consolelog\.txt)\Z", re.IGNORECASE)
_LETTER = re.compile(r"[A-Za-z]\Z")


class Kape:
    """Recognised by its logs with drives beside them."""

    name = "KAPE"

    def roots(self, entries: Sequence[Entry]) -> Iterator[Root]:
        """Give every folder with a log of KAPE and drives in it, or in the one folder below it that has some."""
        logs: defaultdict[str, set[str]] = defaultdict(set)
        for entry in entries:
            folder, _, name = entry.path.rpartition("/")
            if LOG.search(name):
                logs[folder].add(name)
        if not logs:
            return
        drives = _drives(entries)
        for folder, names in sorted(logs.items()):
            tops = set(drives.get(folder, ()))
            if not tops:
                inner = [one for one in drives if one.rpartition("/")[0] == folder and one != folder]
                tops = {inner[0].rpartition("/")[2]} if len(inner) == 1 else set()
            if tops:
                yield Root(platform=Platform.WINDOWS, prefix=folder, collector=self.name, parts=frozenset(tops | names))

    def arrange(self, entries: Sequence[Entry], root: Root, ledger: Ledger) -> Arranged:
        """Spell the drives' files, date them by the copy log, give every deduplicated one its own place."""
        files = [entry for entry in entries if not LOG.search(entry.path)]
        logs = read_logs([entry for entry in entries if LOG.search(entry.path)], ledger)
        run = _Run(_bases(files, root), logs, Wanted(self.name, ledger), ledger)
        return Arranged((*run.copied(files), *run.skipped()))


def _drives(entries: Sequence[Entry]) -> dict[str, set[str]]:
    """Give the drives' folders by the folder that they lie in."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for entry in entries:
        parts = entry.path.split("/")
        for depth, part in enumerate(parts[:-1]):
            if _LETTER.match(part):
                found["/".join(parts[:depth])].add(part)
                break
    return dict(found)


@dataclass(frozen=True, slots=True)
class _Bases:
    """Where the drives lie, and how the host calls a drive whose letter was the examiner's."""

    prefix: str
    renamed: dict[str, str]

    def inside(self, path: str) -> str:
        first, _, rest = below(path, self.prefix).partition("/")
        volume = volume_of(first)
        return self.spell(volume.letter, rest) if volume and rest else ""

    def spell(self, letter: str, rest: str) -> str:
        return spelled(Volume(self.renamed.get(letter, letter)), rest)


def _bases(files: Sequence[Entry], root: Root) -> _Bases:
    drives = _drives(files)
    prefix = min(drives, key=len, default=root.prefix)
    tops: defaultdict[str, set[str]] = defaultdict(set)
    for entry in files:
        first, _, rest = below(entry.path, prefix).partition("/")
        if _LETTER.match(first):
            tops[first.upper()].add(rest.partition("/")[0].lower())
    systems = [letter for letter, folders in tops.items() if holds_system(folders)]
    return _Bases(prefix, {systems[0]: "C"} if len(systems) == 1 and "C" not in tops else {})


@dataclass(slots=True)
class _Run:
    bases: _Bases
    logs: Logs
    wanted: Wanted
    ledger: Ledger
    by_path: dict[str, Entry] = field(default_factory=dict)

    def copied(self, files: Sequence[Entry]) -> Iterator[Entry]:
        """Give what is there, with the times of the copy log where the archive has none."""
        for letter in self.bases.renamed:
            self.ledger.notes.append(f"the drive that was {letter}: when KAPE ran holds the Windows: spelled as C:")
        for entry in files:
            inside = self.bases.inside(entry.path)
            told = self.logs.copied.get(_key(below(entry.path, self.bases.prefix)))
            modified = told.modified if told is not None and entry.modified is None else entry.modified
            source = replace(entry.source, modified=modified) if entry.source is not None else None
            self.by_path[_key(below(entry.path, self.bases.prefix))] = entry
            yield replace(entry, inside=inside or shown(entry.path), modified=modified, source=source)

    def skipped(self) -> Iterator[Entry]:
        """Give a place of its own to what was copied under another path only; what is nowhere is a gap."""
        for key, row in self.logs.copied.items():
            self._check(key, row)
        for left_out in self.logs.skipped:
            entry = self._stand_in(left_out)
            if entry is not None:
                yield entry
        for path, why in self.logs.failed:
            yield from self._missing(path, reason_of(why), why)
        told = self.logs.failures - len(self.logs.failed)
        if told > 0:
            self.wanted.ledger.gap(Reason.MISSING, f"KAPE counts {told} failed copies that its log does not name")
        self.wanted.close()

    def _check(self, key: str, row: Copied) -> None:
        entry = self.by_path.get(key)
        if entry is None:
            self.wanted.add(self._host(row.path), Reason.MISSING, f"{row.log} says it was copied; it is not here")
        elif 0 <= entry.size < row.size and ":" not in row.path[2:]:
            why = f"{row.size} bytes by {row.log}, {entry.size} here"
            self.wanted.add(self._host(row.path), Reason.TRUNCATED, why)

    def _stand_in(self, row: Skipped) -> Entry | None:
        if "dedup" in row.why.lower():
            twin = self.logs.by_sha1.get(row.sha1, "")
            entry = self.by_path.get(twin) if twin else None
            if entry is not None:
                place = f"{entry.path} (stands for {shown(row.path)}: {row.log}, row {row.number})"
                return replace(entry, path=place, inside=self._host(row.path), modified=None)
            self.wanted.add(self._host(row.path), Reason.MISSING, f"deduplicated, but its copy is not here ({row.log})")
        else:
            reason = Reason.NOT_PROVIDED if "exclu" in row.why.lower() else reason_of(row.why)
            self.wanted.add(self._host(row.path), reason, row.why)
        return Entry(path=f"{row.log}, row {row.number}", size=-1, inside=self._host(row.path))

    def _missing(self, path: str, reason: Reason, why: str) -> Iterator[Entry]:
        """Count a failed copy; that the file was on the host is known all the same."""
        self.wanted.add(self._host(path), reason, why)
        if reason is not Reason.MISSING:
            yield Entry(path=f"ConsoleLog: {shown(path)}", size=-1, inside=self._host(path))

    def _host(self, path: str) -> str:
        letter, _, rest = path.partition(":")
        return self.bases.spell(letter.upper(), rest.lstrip("\\/")) if _LETTER.match(letter) else shown(path)


def _key(path: str) -> str:
    return path.lower().replace("\\", "/")
