"""Whether a host's tree is its file system or a selection from it: triage tools copy a few hundred files of interest.

In a selection, a file that is missing may just not have been copied. So a tree shows what was absent only where the
folder that every installation fills with programs is filled here too. The least numbers lie below those of small usual
installations (Windows PE, Alpine Linux) and far above what triage tools take from these folders. Only entries directly
in the folders count: `System32/winevt/Logs` alone holds some hundred files, and every tool takes those.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from nachsorge.evidence.seams import Root
from nachsorge.model.words import Platform

_PROGRAMS = {
    Platform.WINDOWS: (("windows/system32",), 500),
    Platform.MACOS: (("usr/bin",), 300),
    Platform.LINUX: (("usr/bin", "usr/sbin", "bin", "sbin"), 100),
}


@dataclass(slots=True)
class Selection:
    """Counts the programs of one root's tree while it is read."""

    root: Root
    programs: int = 0
    _folders: tuple[str, ...] = field(init=False)
    _least: int = field(init=False)

    def __post_init__(self) -> None:
        """Spell the folders as the tree does."""
        folders, self._least = _PROGRAMS[self.root.platform]
        prefix = self.root.prefix.lower() + "/" if self.root.prefix else ""
        self._folders = tuple(prefix + folder for folder in folders)

    def add(self, path: str) -> None:
        """Take one entry's path within the tree."""
        self.programs += path.rpartition("/")[0].lower() in self._folders

    def says(self) -> str:
        """Say why the tree shows no absence; empty where it is a whole file system."""
        if self.root.collector:
            return (
                f"a selection of files by {self.root.collector}:"
                " what is in it counts, what is not in it may have been on the host all the same"
            )
        if self.programs >= self._least:
            return ""
        where = ", ".join(_PROGRAMS[self.root.platform][0])
        return (
            f"a selection of files ({self.programs} in {where}; a whole system has {self._least} or more):"
            " what is in it counts, what is not in it may have been on the host all the same"
        )
