"""A directory given as evidence: every file in it, in the same order on every run.

Nothing outside the directory is ever read: symbolic links are entries of their own with their target, and are not
followed. Pipes, sockets and devices are never opened.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from nachsorge.evidence.containers.names import last_part, shown
from nachsorge.evidence.entries import Entry as Entry
from nachsorge.evidence.entries import open_plain as open_plain
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.seams import Opened
from nachsorge.evidence.tally import Tally
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

_KERNEL = frozenset({"proc", "sys", "dev", "run"})
_REASONS: dict[type[OSError], Reason] = {PermissionError: Reason.PERMISSION, FileNotFoundError: Reason.MISSING}


def walk(root: Path, label: str, ledger: Ledger) -> Iterator[Entry]:
    """Yield the entries below a directory: each directory's files by name, then its directories by name.

    `label` is what people see before the relative path. What cannot be listed is a gap (PERMISSION, MISSING, FAILED)
    naming it; links to directories and special files are noted. Raises nothing.
    """
    yield from _Walk(root, label, ledger).entries()


def _below(root: Path, goal: Path) -> bool:
    return goal.is_relative_to(os.path.normpath(root)) and os.path.lexists(goal)


@dataclass(slots=True)
class _Walk:
    root: Path
    label: str
    ledger: Ledger
    links: Tally = field(default_factory=Tally)
    outside: Tally = field(default_factory=Tally)
    special: Tally = field(default_factory=Tally)
    kernel: Tally = field(default_factory=Tally)

    def entries(self) -> Iterator[Entry]:
        # Directories yet to be listed, as relative paths; "" is the tree itself.
        waiting = [""]
        while waiting:
            folder = waiting.pop()
            folders: list[str] = []
            for item in self._list(folder):
                path = f"{folder}/{item.name}" if folder else item.name
                if self._is_folder(item, path):
                    folders.append(path)
                else:
                    yield from self._entry(item, path)
            waiting.extend(reversed(folders))
        self._report()

    def _list(self, folder: str) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(self.root / folder) as items:
                return sorted(items, key=lambda item: item.name)
        except OSError as problem:
            self._gap(problem, folder or ".")
            return []

    def _is_folder(self, item: os.DirEntry[str], path: str) -> bool:
        try:
            if not item.is_dir(follow_symlinks=False):
                return False
        except OSError as problem:
            self._gap(problem, path)
            return False
        if self.root == Path("/") and path in _KERNEL:
            self.kernel.add(path)
            return False
        return True

    def _entry(self, item: os.DirEntry[str], path: str) -> Iterator[Entry]:
        try:
            state = item.stat(follow_symlinks=False)
            if stat.S_ISLNK(state.st_mode):
                yield self._link(item, path, state)
            elif stat.S_ISREG(state.st_mode):
                yield self._file(item, path, state)
            elif not stat.S_ISDIR(state.st_mode):
                self.special.add(shown(path))
        except OSError as problem:
            self._gap(problem, path)

    def _link(self, item: os.DirEntry[str], path: str, state: os.stat_result) -> Entry:
        target = str(Path(item.path).readlink())
        inside = self._is_inside(path, target)
        if item.is_dir() or not inside:
            (self.links if inside else self.outside).add(f"{shown(path)} -> {shown(target)}")
        return Entry(path=path, size=state.st_size, modified=state.st_mtime_ns // 1000, is_link=True, target=target)

    def _is_inside(self, path: str, target: str) -> bool:
        """Tell whether a link's target lies in the tree, and so is read in its own place; dangling links hide nothing.

        An absolute target is meant from the root of the host that the tree was taken from.
        """
        root = Path.cwd() / self.root
        goals = [(root / path).parent / target, root / target.lstrip("/")]
        if any(_below(root, Path(os.path.normpath(goal))) for goal in goals):
            return True
        return not (root / path).exists()

    def _file(self, item: os.DirEntry[str], path: str, state: os.stat_result) -> Entry:
        local = Path(item.path)
        modified = state.st_mtime_ns // 1000
        born: float | None = getattr(state, "st_birthtime", None)
        source = Opened(
            path=f"{self.label}/{shown(path)}",
            name=shown(last_part(item.name)),
            open=lambda: open_plain(local),
            size=state.st_size,
            local=local,
            modified=modified,
        )
        created = None if born is None else int(born * 1_000_000)
        return Entry(path=path, size=state.st_size, modified=modified, created=created, source=source)

    def _gap(self, problem: OSError, path: str) -> None:
        reason = next((reason for kind, reason in _REASONS.items() if isinstance(problem, kind)), Reason.FAILED)
        self.ledger.gap(reason, f"{self.label}/{shown(path)}: {problem.strerror or problem}; not looked at")

    def _report(self) -> None:
        if self.outside.count:
            note = self.outside.says("links lead out of the evidence and were not followed; name their targets")
            self.ledger.gap(Reason.LINK_OUTSIDE, note)
        if self.links.count:
            self.ledger.notes.append(self.links.says("links to directories were not followed"))
        if self.special.count:
            self.ledger.notes.append(self.special.says("pipes, sockets and devices were not opened"))
        if self.kernel.count:
            note = self.kernel.says("directories of the running kernel were not looked at")
            self.ledger.gap(Reason.NOT_SUPPORTED, note)
