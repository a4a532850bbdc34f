"""Recognising the root of a host's file system within a tree, and whose host it is.

The marks: Windows has `Windows/System32` with `Users` or `Windows/System32/config` beside it (below a drive folder of a
triage tool `Windows/System32` alone will do); macOS has `System/Library`, or `Applications`, `Users` and one of
`Library` and `private`; Linux has `etc` with `var/log` or `usr/bin`.
"""

from __future__ import annotations

import re
import struct
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from nachsorge.evidence.containers.names import shown
from nachsorge.evidence.containers.streams import read_whole
from nachsorge.evidence.plists import plist_of
from nachsorge.evidence.seams import Opened, ReadError, Root
from nachsorge.evidence.spelling import drive_of
from nachsorge.model.times import SECOND, Instant
from nachsorge.model.words import Platform, Reason

if TYPE_CHECKING:
    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.trees import Entry

DEPTH = 6
_MARKS = {
    ("windows", "system32"): "windows/system32",
    ("system", "library"): "system/library",
    ("var", "log"): "var/log",
    ("usr", "bin"): "usr/bin",
}
_TOPS = frozenset({"users", "applications", "library", "private", "etc"})
_CHUNK = 65536
_FILE_HEADER = 4096
_FIRST_RECORD = 512
_FILETIME_EPOCH = 11_644_473_600 * SECOND
# An element's name in full, its hash before it and its end behind it, then a literal string of so many characters.
_COMPUTER = re.compile(b"\\x08\\x00" + "Computer".encode("utf-16-le") + rb"\x00\x00\x02\x05\x01(..)", re.DOTALL)
_NAME = re.compile(r"[\w](?:[\w.-]{0,251}[\w])?\Z")
_LOGS = ("system.evtx", "security.evtx", "application.evtx")
_LOGS_ASKED = 5


def find_roots(entries: Sequence[Entry], ledger: Ledger, *, named: bool = False) -> tuple[Root, ...]:
    """Give the roots among a tree's entries, sorted by prefix, each with its host's name where one can be read.

    A root within another is part of that one (containers, `Windows.old`) and is noted. A root without a name is a gap,
    unless the call has `named` the asset.
    """
    found = _outermost(_marked(entries), ledger)
    lookups = _Lookups(entries)
    roots = tuple(replace(root, host=lookups.host(root)) for root in found)
    for root in roots:
        if root.host is None and not named:
            where = shown(root.prefix) or "the tree"
            ledger.gap(
                Reason.NOT_PROVIDED, f"{where} is a {root.platform} host, but nothing in it says whose; name the asset"
            )
    return roots


def owner(root: Root, roots: Iterable[Root], asset: str | None) -> str | None:
    """Say whose a root is: the named asset's, or its own host's where none is named.

    Roots of different hosts cannot all be those of one asset; then each that says its name goes by it.
    """
    several = len({each.host for each in roots if each.host}) > 1
    return root.host if asset is None or (several and root.host) else asset


def _marked(entries: Iterable[Entry]) -> list[Root]:
    marks: defaultdict[str, set[str]] = defaultdict(set)
    for entry in entries:
        parts = entry.path.split("/")
        lowered = [part.lower() for part in parts[: DEPTH + 4]]
        for depth in range(min(len(parts) - 1, DEPTH + 1)):
            if found := _mark(lowered, depth):
                marks["/".join(parts[:depth])] |= found
    return [Root(platform=p, prefix=prefix) for prefix, seen in sorted(marks.items()) if (p := _platform(prefix, seen))]


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
            if entry.source is not None and entry.path.lower().endswith(("/hostname", "/preferences.plist", ".evtx")):
                self._files[entry.path.lower()] = entry.source
            elif entry.source is not None and entry.path.lower() == "etc/hostname":
                self._files["etc/hostname"] = entry.source

    def host(self, root: Root) -> str | None:
        prefix = root.prefix.lower() + "/" if root.prefix else ""
        match root.platform:
            case Platform.WINDOWS:
                return self._windows(prefix + "windows/system32/winevt/logs/")
            case Platform.MACOS:
                where = prefix + "library/preferences/systemconfiguration/preferences.plist"
                return self._ask(where, mac_name)
            case Platform.LINUX:
                return self._ask(prefix + "etc/hostname", linux_name)

    def _ask(self, path: str, ask: Callable[[Opened], str | None]) -> str | None:
        source = self._files.get(path)
        try:
            return ask(source) if source else None
        except (ReadError, OSError, EOFError):
            return None

    def _windows(self, folder: str) -> str | None:
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


def linux_name(source: Opened) -> str | None:
    """Read `/etc/hostname`: its first line that is no comment (hostname(5)); `localhost` names nobody."""
    with source.open() as stream:
        text = read_whole(stream, 65536).decode("utf-8", "replace")
    lines = (line.strip() for line in text.splitlines())
    return _usable(next((line for line in lines if line and not line.startswith("#")), ""))


def mac_name(source: Opened) -> str | None:
    """Read the host name, else the name in the local network, else the name people gave (SystemConfiguration)."""
    with source.open() as stream:
        tree = plist_of(stream)
    system = _within(tree, "System")
    for path in (("System", "HostName"), ("Network", "HostNames", "LocalHostName"), ("System", "ComputerName")):
        name = _within(system, *path)
        if isinstance(name, str) and (usable := _usable(name) or (shown(name.strip()) or None)):
            return usable
    return None


def evtx_name(source: Opened) -> tuple[Instant, str] | None:
    """Read the time and the Computer of the first record in the newest whole chunk of a Windows event log.

    Not of the file's first record: that one often carries the name from before the host was set up. The name is
    taken from the bytes of the chunk's first template, where it stands in full; the event log library is not asked,
    because damaged chunks can keep it busy for ever.
    """
    with source.open() as stream:
        header = stream.read(_FILE_HEADER)
        if len(header) < _FILE_HEADER or not header.startswith(b"ElfFile\0"):
            return None
        stated = int(struct.unpack("<Q", header[16:24])[0])
        whole = (stream.seek(0, 2) - _FILE_HEADER) // _CHUNK
        stream.seek(_FILE_HEADER + max(min(stated, whole - 1), 0) * _CHUNK)
        chunk = stream.read(_CHUNK)
    found = _COMPUTER.search(chunk) if chunk.startswith(b"ElfChnk\0") else None
    if found is None or len(chunk) < _CHUNK:
        return None
    size = 2 * int.from_bytes(found[1], "little")
    name = _usable(chunk[found.end() : found.end() + size].decode("utf-16-le", "replace"))
    time = int.from_bytes(chunk[_FIRST_RECORD + 16 : _FIRST_RECORD + 24], "little") // 10 - _FILETIME_EPOCH
    return (time, name) if name else None


def _within(tree: object, *path: str) -> object:
    for key in path:
        tree = tree.get(key) if isinstance(tree, Mapping) else None
    return tree


def _usable(name: str) -> str | None:
    name = name.strip()
    return name if _NAME.match(name) and not name.lower().startswith("localhost") else None
