r"""CyLR: drives as folders (a Unix host's top folders), beside them `CyLR_Collection_Log_<time>.log`.

Since 2.2.0 the log goes into the archive, all levels of it, before it is closed; older ones write nothing but to the
console. Lines are `2020-07-09T12:00:00 [level] text` in UTC; a text may go on over further lines, as a trace of .NET
does. (github.com/orlikoski/CyLR: Logger.cs, Program.cs and CollectionPaths.cs of version 2.2.0.) What it says of:

- a path that it was told to take and that is not on the host: `Warning: file or folder '...' does not exist.`
- a file that it could not open: `Error: ` and .NET's own words, which name the file in single quotes, or do not
- a folder that it could not look through: what was in there was never compared with what it was to take
- how many paths it found to take: where fewer are here, the others are missing without a word
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from nachsorge.evidence.collections.drives import spelled, volume_of
from nachsorge.evidence.collections.layout import Arranged, below, text_of
from nachsorge.evidence.collections.wanted import Wanted, reason_of
from nachsorge.evidence.containers.names import shown
from nachsorge.evidence.seams import ReadError, Root
from nachsorge.evidence.tally import Tally
from nachsorge.model.words import Platform, Reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.trees import Entry

LOG = re.compile(r"(?:cylr_collection_log_[\d_-]+|cylr)\.log\Z", re.IGNORECASE)
_OWN = re.compile(r"cylr_collection_log_\d{4}-", re.IGNORECASE)
_LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d \[(trace|debug|info|warn|error|critical)\] (.*)")
_WORSE = frozenset({"warn", "error", "critical"})
_ABSENT = re.compile(r"Warning: file or folder '(.+)' does not exist\.")
_FOLDER = re.compile(
    r"(?:Unable to enumerate all files and sub directories|Cannot read one or more files|"
    r"Access is denied to one or more files|Unable to enumerate one or more files) in (.+)"
)
_QUOTED = re.compile(r"'((?:[A-Za-z]:\\|/)[^']+)'")
_FOUND = re.compile(r"Found (\d{1,9}) paths to collect")
_MAC = frozenset({"applications", "library", "private", "system", "users"})
_UNIX = _MAC | {
    "boot",
    "dev",
    "etc",
    "home",
    "lib",
    "opt",
    "proc",
    "root",
    "run",
    "sbin",
    "srv",
    "sys",
    "tmp",
    "usr",
    "var",
}


class CyLR:
    """Recognised by its log, with drives or a Unix host's folders beside it."""

    name = "CyLR"

    def roots(self, entries: Sequence[Entry]) -> Iterator[Root]:
        """Give every folder that holds its log, by that name alone or by its form, beside what it takes."""
        logs: dict[str, set[str]] = {}
        for entry in entries:
            folder, _, name = entry.path.rpartition("/")
            if LOG.match(name) and (_OWN.match(name) or _is_log(entry)):
                logs.setdefault(folder, set()).add(name)
        for folder, names in sorted(logs.items()):
            tops = {below(e.path, folder).partition("/")[0] for e in entries if _is_in(e.path, folder)}
            drives = {top for top in tops if volume_of(top) is not None}
            parts = drives or {top for top in tops if top.lower() in _UNIX}
            if parts:
                mac = len({top.lower() for top in parts} & _MAC) > 1
                platform = Platform.WINDOWS if drives else Platform.MACOS if mac else Platform.LINUX
                yield Root(platform=platform, prefix=folder, collector=self.name, parts=frozenset(parts | names))

    def arrange(self, entries: Sequence[Entry], root: Root, ledger: Ledger) -> Arranged:
        """Spell the files as the host does, and read the log for what could not be got."""
        files, said = [], _Said(Wanted(self.name, ledger))
        for entry in entries:
            inside = below(entry.path, root.prefix)
            if "/" not in inside and LOG.match(inside):
                said.read(entry)
            else:
                files.append(replace(entry, inside=shown(_spelled(inside, root.platform))))
        said.close(len(files))
        return Arranged((*files, *said.wanted.names()))


def _is_in(path: str, folder: str) -> bool:
    return "/" in below(path, folder) and (not folder or path.startswith(folder + "/"))


def _is_log(entry: Entry) -> bool:
    try:
        return any(map(_LINE.match, text_of(entry).splitlines()[:3]))
    except (ReadError, OSError, EOFError):
        return False  # a file that is only called `cylr.log`; whoever reads it makes the gap


def _spelled(inside: str, platform: Platform) -> str:
    """Spell a path as the host does: CyLR takes out every colon, also that before a stream's name."""
    if platform is not Platform.WINDOWS:
        return "/" + inside
    first, _, rest = inside.partition("/")
    volume = volume_of(first)
    rest = re.sub(r"(\$UsnJrnl)(\$J)\Z", r"\1:\2", rest, flags=re.IGNORECASE)
    return spelled(volume, rest) if volume is not None else inside


@dataclass(slots=True)
class _Said:
    """What the log says of files that are not here."""

    wanted: Wanted
    errors: Tally = field(default_factory=Tally)
    told: set[str] = field(default_factory=set)
    found: int = 0

    def read(self, entry: Entry) -> None:
        try:
            lines = text_of(entry).splitlines()
        except (ReadError, OSError, EOFError) as problem:
            reason = getattr(problem, "reason", Reason.FAILED)
            note = f"{shown(entry.path)}: {problem}; what CyLR could not get is not known"
            self.wanted.ledger.gap(reason, note)
            return
        known = [parts for line in lines if (parts := _LINE.match(line)) is not None]
        for parts in known:
            self._line(parts[1], parts[2].strip())
        if not known:
            note = f"{shown(entry.path)}: no line as CyLR writes it; what it could not get is not known"
            self.wanted.ledger.gap(Reason.CORRUPT, note)

    def _line(self, level: str, said: str) -> None:
        if (count := _FOUND.match(said)) is not None:
            self.found = max(self.found, int(count[1]))
        elif level in _WORSE:
            self._problem(said)

    def _problem(self, said: str) -> None:
        if (absent := _ABSENT.match(said)) is not None:
            self._add(absent[1], Reason.MISSING, "does not exist")
        elif (folder := _FOLDER.match(said)) is not None:
            denied = said.startswith("Access is denied")
            why = "a folder that it could not look through"
            self.wanted.add(folder[1], Reason.PERMISSION if denied else Reason.FAILED, why)
        elif said.startswith("Error: ") and (quoted := _QUOTED.search(said)) is not None:
            self._add(quoted[1], reason_of(said), said.removeprefix("Error: "))
        else:
            self.errors.add(shown(said)[:200])

    def _add(self, path: str, reason: Reason, why: str) -> None:
        self.told.add(path.lower())
        self.wanted.add(path, reason, why)

    def close(self, here: int) -> None:
        """Write the gaps; `here` is how many files there are."""
        if self.errors.count:
            self.wanted.ledger.gap(Reason.NOT_PROVIDED, self.errors.says("errors in CyLR's log"))
        lacking = self.found - here - len(self.told) - self.errors.count
        if lacking > 0:
            note = f"CyLR found {self.found} files to take and brought {here}; of {lacking} it says nothing"
            self.wanted.ledger.gap(Reason.MISSING, note)
        self.wanted.close()
