"""Files that belong together: a database and its write-ahead log, a hive and its transaction logs, a user's hive.

On disk a file's neighbours are looked up in its folder. In an archive or a collection whoever lists the members gives
each of them `Opened.near`, made by `Siblings`; the archive's members are opened only when they are asked for.
"""

from __future__ import annotations

import posixpath
from dataclasses import replace
from typing import TYPE_CHECKING

from nachsorge.evidence.containers.names import last_part, shown
from nachsorge.evidence.seams import Opened
from nachsorge.evidence.trees import open_plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from nachsorge.evidence.trees import Entry


def reachable(source: Opened) -> bool:
    """Tell whether a file's neighbours can be asked for at all."""
    return source.local is not None or source.near is not None


def beside(source: Opened, path: str) -> Opened | None:
    """Give another file by its path relative to this one's folder (`SYSTEM.LOG1`, `../x`), whatever its case.

    None where it is not there, or cannot be reached. Raises OSError where a folder on disk cannot be listed.
    """
    if source.local is None:
        return source.near(path) if source.near is not None else None
    place = source.local.parent
    for name in path.split("/"):
        found = place.parent if name == ".." else _named(place, name)
        if found is None:
            return None
        place = found
    return _plain(place) if place.is_file() and not place.is_symlink() else None


def neighbour(source: Opened, end: str) -> Opened | None:
    """Give the file that is called as this one with an ending of its own (`-wal`, `.LOG1`)."""
    return beside(source, (source.local.name if source.local is not None else source.name) + end)


def _named(folder: Path, name: str) -> Path | None:
    if (folder / name).exists():
        return folder / name
    lowered = name.lower()
    return next((path for path in sorted(folder.iterdir()) if path.name.lower() == lowered), None)


def _plain(place: Path) -> Opened:
    name = shown(place.name)
    return Opened(path=name, name=name, open=lambda: open_plain(place), size=place.stat().st_size, local=place)


class Siblings:
    """The files of one tree, found by their paths; built when first asked."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        """Keep the entries."""
        self._entries = entries
        self._index: dict[str, Entry] | None = None

    def near(self, entry: Entry) -> Callable[[str], Opened | None]:
        """Give what finds an entry's neighbours: those in the host's own spelling where that is known."""
        folder = posixpath.dirname(_key(entry))
        return lambda path: self._find(posixpath.normpath(posixpath.join(folder, path.lower())))

    def _find(self, key: str) -> Opened | None:
        if self._index is None:
            self._index = {}
            for each in self._entries:
                self._index.setdefault(_key(each), each)
        entry = self._index.get(key)
        if entry is None or entry.source is None:
            return None
        return replace(entry.source, name=last_part(entry.inside or entry.source.name), near=self.near(entry))


def _key(entry: Entry) -> str:
    return (entry.inside or entry.path).replace("\\", "/").lower()
