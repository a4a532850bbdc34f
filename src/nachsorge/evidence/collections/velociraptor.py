r"""Velociraptor: offline collectors, exports of a client's collection, exports of a hunt with many clients.

Below a collection's folder lie `uploads/<accessor>/<path>` with every part of the path percent-encoded (`C%3A`,
`%5C%5C.%5CC%3A`, a shadow copy's device), `results/*.json`, and what Velociraptor says of itself: `uploads.json`,
`log.json`, `collection_context.json`, `client_info.json`, `requests.json` (reporting/container.go). A hunt has one such
folder a client and flow; all flows below one `client_info.json` are one host's.

Results are evidence of the host. The rest holds the questions, indicators among them, and is not searched.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import unquote

from nachsorge.evidence.collections.drives import spelled, volume_of
from nachsorge.evidence.collections.layout import Arranged, below, text_of
from nachsorge.evidence.collections.sparse import Map, filled, map_of
from nachsorge.evidence.collections.uploads import check
from nachsorge.evidence.collections.wanted import Wanted
from nachsorge.evidence.containers.names import shown
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.seams import ReadError, Root
from nachsorge.evidence.trees import Entry
from nachsorge.model.words import Platform, Reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


ITSELF = frozenset(
    {
        "client_info.json",
        "collection_context.json",
        "hunt_info.json",
        "log.csv",
        "log.json",
        "logs.csv",
        "logs.json",
        "metadata.json",
        "requests.json",
        "uploads.csv",
        "uploads.json",
    }
)
"""What Velociraptor writes about a collection; `.index` files stand beside some."""

_FILES = frozenset({"auto", "file", "lazy_ntfs", "ntfs", "ntfs_vss", "ntfs_vss_auto", "sparse", "mft", "raw_file"})
"""Accessors whose paths are those of the host's files."""

_MAC = frozenset({"Applications", "Library", "System", "private"})


class Velociraptor:
    """Recognised by `uploads/<accessor>` or `results` beside what it writes about itself."""

    name = "Velociraptor"

    def roots(self, entries: Sequence[Entry]) -> Iterator[Root]:
        """Give one root a client: its flows lie below the nearest folder with a `client_info.json`, or are alone."""
        said: defaultdict[str, set[str]] = defaultdict(set)
        held: defaultdict[str, set[str]] = defaultdict(set)
        marks: defaultdict[str, set[Platform]] = defaultdict(set)
        for entry in entries:
            folder, _, name = entry.path.rpartition("/")
            if _itself(name):
                said[folder].add(name)
            if (base := _base(entry.path)) is not None:
                parts = below(entry.path, base).split("/")
                held[base].add(parts[0])
                marks[base] |= _marks(parts)
        flows = [folder for folder in held if said[folder] or "uploads" in held[folder]]
        clients: defaultdict[str, list[str]] = defaultdict(list)
        for flow in flows:
            clients[_client(flow, said)].append(flow)
        for prefix, own in sorted(clients.items()):
            tops = {below(flow, prefix).partition("/")[0] for flow in own if flow != prefix}
            tops |= set().union(*(held[flow] | said[flow] for flow in own if flow == prefix)) | said[prefix]
            seen = set().union(*(marks[flow] for flow in own))
            platform = next((one for one in (Platform.WINDOWS, Platform.MACOS) if one in seen), Platform.LINUX)
            yield Root(platform=platform, prefix=prefix, collector=self.name, parts=frozenset(tops - {""}))

    def arrange(self, entries: Sequence[Entry], root: Root, ledger: Ledger) -> Arranged:
        """Spell the uploads, make sparse files whole, and compare with what Velociraptor says it wanted."""
        run = _Run(root, ledger)
        for entry in entries:
            run.take(entry)
        run.fill()
        wanted = Wanted(self.name, ledger)
        check(run.itself, run.results, run.files, wanted)
        wanted.close()
        if run.shadows:
            ledger.notes.append(f"{run.shadows} files are from shadow copies: older states of the same paths")
        return Arranged((*run.files.values(), *wanted.names()), tuple(run.results))


def _itself(name: str) -> bool:
    return name.lower().removesuffix(".index") in ITSELF


def _base(path: str) -> str | None:
    """Give the folder of the collection that a file's path tells of; None where it tells of none."""
    parts = path.split("/")
    for at, part in enumerate(parts[:-1]):
        if part == "uploads" and at + 2 < len(parts):
            if parts[at + 1] in _FILES or volume_of(parts[at + 2]) is not None:
                return "/".join(parts[:at])
        elif part == "results" and at + 2 == len(parts) and path.endswith((".json", ".csv", ".json.index")):
            return "/".join(parts[:at])
    return None


def _client(flow: str, said: dict[str, set[str]]) -> str:
    """Give the folder whose `client_info.json` is that of a flow; the flow's own where there is none."""
    folder = flow
    while True:
        if "client_info.json" in said.get(folder, ()):
            return folder
        if not folder:
            return flow
        folder = folder.rpartition("/")[0]


def _marks(parts: list[str]) -> set[Platform]:
    """Tell which platform a file of a collection speaks of: a volume, a Mac's folders, an artefact's name."""
    if parts[0] == "uploads":
        if volume_of(parts[2]) is not None:
            return {Platform.WINDOWS}
        return {Platform.MACOS} if parts[2] in _MAC else set()
    named = {"Windows": Platform.WINDOWS, "MacOS": Platform.MACOS}.get(parts[1].partition(".")[0])
    return {named} if named else set()


@dataclass(slots=True)
class _Run:
    root: Root
    ledger: Ledger
    files: dict[str, Entry] = field(default_factory=dict)
    results: list[Entry] = field(default_factory=list)
    itself: list[Entry] = field(default_factory=list)
    shadows: int = 0

    def take(self, entry: Entry) -> None:
        """Put one entry where it belongs; what is in `uploads` but no file of the host is a result."""
        parts = below(entry.path, self.root.prefix).split("/")
        if "uploads" in parts[:-2]:
            at = parts.index("uploads")
            if parts[at + 1] in _FILES or volume_of(parts[at + 2]) is not None:
                self._file(entry, parts[at + 2 :])
                return
        if _itself(parts[-1]) and not {"results", "uploads"} & set(parts[:-1]):
            self.itself.append(entry)
        elif not parts[-1].endswith(".index"):
            self.results.append(entry)

    def _file(self, entry: Entry, parts: list[str]) -> None:
        volume = volume_of(parts[0])
        if volume is not None and len(parts) > 1:
            self.shadows += bool(volume.shadow)
            inside = spelled(volume, "/".join(map(unquote, parts[1:])))
        elif volume is None and self.root.platform is not Platform.WINDOWS:
            inside = "/" + "/".join(map(unquote, parts))
        else:
            self.results.append(entry)
            return
        self.files[entry.path] = replace(entry, inside=shown(inside))

    def fill(self) -> None:
        """Make sparse files whole with the index beside them, which is no file of the host."""
        for place in [place for place in self.files if place.endswith(".idx")]:
            entry = self.files.get(place.removesuffix(".idx"))
            where = self._map(self.files[place]) if entry is not None else None
            if entry is None or entry.source is None or where is None:
                continue
            del self.files[place]
            self.files[entry.path] = replace(entry, size=where.size, source=filled(entry.source, where))
            # Through the accessor `sparse` somebody chose the ranges: its holes were not read.
            lost = where.lost + (where.holes if "/uploads/sparse/" in f"/{entry.path}" else 0)
            if lost:
                self.ledger.gap(
                    Reason.NOT_PROVIDED,
                    f"{entry.inside}: {lost} of {where.size} bytes were not collected (holes in its index)",
                )

    def _map(self, index: Entry) -> Map | None:
        try:
            return map_of(text_of(index))
        except (ReadError, OSError, EOFError) as problem:
            self.ledger.gap(getattr(problem, "reason", Reason.FAILED), f"{shown(index.path)}: {problem}")
            return None
