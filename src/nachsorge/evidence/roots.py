"""Recognising the root of a host's file system within a tree, and whose host it is.

The marks: Windows has `Windows/System32` with `Users` or `Windows/System32/config` beside it (below a drive folder of a
triage tool `Windows/System32` alone will do); macOS has `System/Library`, or `Applications`, `Users` and one of
`Library` and `private`; Linux has `etc` with `var/log` or `usr/bin`. What a collector made is recognised first, by
`evidence.collections`.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from nachsorge.evidence.collections import Holders, arranged, recognised
from nachsorge.evidence.collections.naming import called, written_down
from nachsorge.evidence.containers.names import shown
from nachsorge.evidence.host_names import evtx_name, hive_name, linux_name, mac_name, usable
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.seams import Opened, ReadError, Root
from nachsorge.evidence.spelling import drive_of
from nachsorge.evidence.windows.hive import Damage
from nachsorge.model.words import Platform, Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from nachsorge.evidence.trees import Entry
    from nachsorge.model.times import Instant

DEPTH = 6
_MARKS = {
    ("windows", "system32"): "windows/system32",
    ("system", "library"): "system/library",
    ("var", "log"): "var/log",
    ("usr", "bin"): "usr/bin",
}
_TOPS = frozenset({"users", "applications", "library", "private", "etc"})
_LOGS = ("system.evtx", "security.evtx", "application.evtx")
_LOGS_ASKED = 5
_NETBIOS = 15
_BY_LABEL = "named only by the archive's or folder's own name:"
_ASKED = ("/hostname", "/preferences.plist", ".evtx", "/config/system")


def find_roots(entries: Sequence[Entry], ledger: Ledger, *, named: bool = False, label: str = "") -> tuple[Root, ...]:
    """Give the roots among a tree's entries, sorted by prefix, each with its host's name where one can be read.

    A root within another is part of that one (containers, `Windows.old`) and is noted. A root without a name is a gap,
    unless the call has `named` the asset. `label` is the tree's own name: a collector's archive is often called after
    the host, which counts only where nothing within says more, and is a gap too.
    """
    collections = recognised(entries, ledger)
    holders = Holders(collections)
    others: list[Entry] = []
    held: defaultdict[Root, list[Entry]] = defaultdict(list)
    for entry in entries:
        root = holders.of(entry.path) if collections else None
        (others if root is None else held[root]).append(entry)
    lookups = _Lookups(others)
    roots = [lookups.named(root) for root in _outermost(_marked(others), ledger)]
    roots += [_collected(root, held[root], label) for root in collections]
    for root in roots if not named else ():
        where = shown(root.prefix) or "the tree"
        if root.host is None:
            ledger.gap(
                Reason.NOT_PROVIDED, f"{where} is a {root.platform} host, but nothing in it says whose; name the asset"
            )
        elif root.note.startswith(_BY_LABEL):
            ledger.gap(Reason.NOT_PROVIDED, f"{where}: {root.note}; name the asset if that is wrong")
    return tuple(sorted(roots, key=lambda root: root.prefix))


def _collected(root: Root, entries: Sequence[Entry], label: str) -> Root:
    """Name a collection's host: by its files, else by what the collector wrote down, else by the archive's name."""
    files = arranged(entries, root, Ledger()).files
    spelled = [replace(entry, path=entry.inside.replace("\\", "/").lstrip("/")) for entry in files]
    volume = "C:" if root.platform is Platform.WINDOWS else ""
    found = _Lookups(spelled).named(replace(root, prefix=volume))
    told = next(written_down(root, entries), None)
    if found.host:
        clash = told is not None and not _same(found.host, told[0])
        more = f"{told[1]} says {told[0]}, its files say {found.host}, which was taken" if told and clash else ""
        return replace(root, host=found.host, note="; ".join(part for part in (found.note, more) if part))
    if told and (name := usable(told[0])):
        return replace(root, host=name, note=f"named by {told[1]} alone: no file of the host itself says whose it is")
    name = usable(called(root, label))
    return replace(root, host=name, note=f"{_BY_LABEL} {name}") if name else root


def contradiction(root: Root, host: str | None) -> str:
    """Say where the evidence itself names another host than the call does; empty where it does not."""
    if not host or not root.host or _same(host, root.host) or root.note.startswith(_BY_LABEL):
        return ""
    return f"named {host} by the call, but what is in it says that it is {root.host}'s"


def _same(one: str, other: str) -> bool:
    """Tell whether two names can be one machine's: the first labels agree, as far as NetBIOS keeps them."""
    first, second = (name.lower().partition(".")[0] for name in (one, other))
    return first == second or (min(len(first), len(second)) == _NETBIOS and first[:_NETBIOS] == second[:_NETBIOS])


def owner(root: Root, roots: Iterable[Root], asset: str | None) -> str | None:
    """Say whose a root is: the named asset's, or its own host's where none is named.

    Roots of different hosts cannot all be those of one asset; then each that says its name goes by it.
    """
    several = len({each.host for each in roots if each.host}) > 1
    return root.host if asset is None or (several and root.host) else asset


def _marked(entries: Iterable[Entry]) -> list[Root]:
    marks: defaultdict[str, set[str]] = defaultdict(set)
    # What a path marks depends on its folder, and on whether the file is called `config`; a folder holds many files.
    alike = {
        (folder, name.lower() == "config"): entry.path for entry in entries for folder, name in [_split(entry.path)]
    }
    for path in alike.values():
        parts = path.split("/")
        lowered = [part.lower() for part in parts[: DEPTH + 4]]
        for depth in range(min(len(parts) - 1, DEPTH + 1)):
            if found := _mark(lowered, depth):
                marks["/".join(parts[:depth])] |= found
    return [Root(platform=p, prefix=prefix) for prefix, seen in sorted(marks.items()) if (p := _platform(prefix, seen))]


def _split(path: str) -> tuple[str, str]:
    folder, _, name = path.rpartition("/")
    return folder, name


def _mark(parts: list[str], depth: int) -> set[str]:
    """Say which marks a file's path puts at a depth; each is a directory, so something must lie below it."""
    found = {parts[depth]} & _TOPS
    if depth + 2 < len(parts) and (pair := _MARKS.get((parts[depth], parts[depth + 1]))):
        found.add(pair)
        if pair == "windows/system32" and parts[depth + 2] == "config":
            found.add("config")
    return found


def _platform(prefix: str, seen: set[str]) -> Platform | None:
    if "windows/system32" in seen and ({"users", "config"} & seen or drive_of(prefix.rpartition("/")[2])):
        return Platform.WINDOWS
    if "system/library" in seen or ({"applications", "users"} <= seen and {"library", "private"} & seen):
        return Platform.MACOS
    if "etc" in seen and {"var/log", "usr/bin"} & seen:
        return Platform.LINUX
    return None


def _outermost(roots: list[Root], ledger: Ledger) -> list[Root]:
    kept: list[Root] = []
    for root in roots:
        outer = next((k for k in kept if not k.prefix or root.prefix.startswith(k.prefix + "/")), None)
        if outer is None:
            kept.append(root)
        else:
            ledger.notes.append(
                f"{shown(root.prefix)} looks like a {root.platform} host within another; counted as part of it"
            )
    return kept


class _Lookups:
    """The few files of a tree that say a host's name, by their path in lower case."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._files: dict[str, Opened] = {}
        for entry in entries:
            if entry.source is not None and entry.path.lower().endswith(_ASKED):
                self._files.setdefault(entry.path.lower(), entry.source)
            elif entry.source is not None and entry.path.lower() == "etc/hostname":
                self._files["etc/hostname"] = entry.source

    def named(self, root: Root) -> Root:
        """Give a root its host's name, and a note where two of its files name two."""
        prefix = root.prefix.lower() + "/" if root.prefix else ""
        match root.platform:
            case Platform.WINDOWS:
                return self._windows(root, prefix + "windows/system32/")
            case Platform.MACOS:
                where = prefix + "library/preferences/systemconfiguration/preferences.plist"
                host = self._ask(where, mac_name) or self._ask(prefix + "private/" + where, mac_name)
                return replace(root, host=host)
            case Platform.LINUX:
                return replace(root, host=self._ask(prefix + "etc/hostname", linux_name))

    def _ask(self, path: str, ask: Callable[[Opened], str | None]) -> str | None:
        source = self._files.get(path)
        try:
            return ask(source) if source else None
        except (ReadError, OSError, EOFError, Damage):
            return None

    def _windows(self, root: Root, folder: str) -> Root:
        """Take the full name from the newest record, and the registry's where there is none or it is another."""
        logged = self._logged(folder + "winevt/logs/")
        registered = self._ask(folder + "config/system", hive_name)
        if logged and registered and not _same(logged, registered):
            note = f"its registry says that it is {registered}, its newest event {logged}: {registered} was taken"
            return replace(root, host=registered, note=note)
        return replace(root, host=logged or registered)

    def _logged(self, folder: str) -> str | None:
        """Take the name from the newest record: a host is renamed once at least, when it is set up."""
        logs = sorted((path for path in self._files if path.startswith(folder)), key=_order)
        found = [named for path in logs[:_LOGS_ASKED] if (named := self._newest(path))]
        return max(found)[1] if found else None

    def _newest(self, path: str) -> tuple[Instant, str] | None:
        try:
            return evtx_name(self._files[path])
        except (ReadError, OSError, EOFError):
            return None


def _order(path: str) -> tuple[int, str]:
    name = path.rpartition("/")[2]
    return (_LOGS.index(name) if name in _LOGS else len(_LOGS), path)
