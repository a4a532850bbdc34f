"""The reader of a tree: one record for every file there is, with the hashes that somebody looks for.

It reads no format and so is no `Reader`; `trees.walk` or an archive gives the entries.
"""

from __future__ import annotations

import hashlib
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nachsorge.evidence.buffers import borrowed
from nachsorge.evidence.containers.names import last_part, shown
from nachsorge.evidence.dating import Dating
from nachsorge.evidence.entries import OnDisk
from nachsorge.evidence.seams import Opened, ReadError, Root
from nachsorge.evidence.selection import Selection
from nachsorge.evidence.spelling import host_path
from nachsorge.evidence.tally import Tally
from nachsorge.model.evidence import Record, Value
from nachsorge.model.times import Instant, render
from nachsorge.model.words import Kind, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.trees import Entry

LARGEST = 2 * 1024**3
ALGORITHMS = ("md5", "sha1", "sha256")
_THREADS, _WAITING = 2, 8
_WORTH = 128 * 1024
"""Smaller files are hashed before a thread has begun."""
_LATEST_RENDERED = 253_402_300_799_999_999


def read_tree(
    entries: Iterable[Entry],
    ledger: Ledger,
    *,
    before: Instant,
    root: Root | None = None,
    host: str | None = None,
    algorithms: frozenset[str] = frozenset(),
    largest: int = LARGEST,
    unlisted: bool = False,
    sizes: frozenset[int] | None = None,
) -> Iterator[Record]:
    """Yield one FILESYSTEM record an entry, with the path as the host spells it.

    Args:
        entries: the tree's; with a root, those outside it are passed over without a record.
        ledger: takes gaps: files not hashed (LIMIT, PERMISSION, ...) are named and counted.
        before: the present, as the caller knows it; later times of files are wrong (CLOCK) and cover nothing.
        root: the recognised root that the entries belong to.
        host: the asset, where the call names it; it goes before the root's own.
        algorithms: the hashes that are looked for, out of md5, sha1, sha256; no others are computed.
        largest: files of more bytes are not hashed.
        sizes: the sizes of all files whose hash is looked for, where they are known; others are not hashed.
        unlisted: whether the entries are known not to be all (a folder without permission, an archive cut short).

    Coverage: a tree that is a host's (a root, or a named asset) is a snapshot, reported as seen at the instant that
    `evidence.dating` can vouch for. How much newer it is, is not known. A selection of a host's files (see
    `evidence.selection`), or one with entries unlisted, covers nothing: it cannot show that a file was absent.
    """
    tree = _Tree(ledger, before, root, host or (root.host if root else None), algorithms, largest, unlisted, sizes)
    named = ((entry, entry.inside or (host_path(entry.path, root) if root else entry.path)) for entry in entries)
    inside = ((entry, path) for entry, path in named if path is not None)
    for entry, path, hashing in _ahead(inside, tree):
        yield tree.record(entry, path, hashing)
    tree.close()


def _ahead(entries: Iterable[tuple[Entry, str]], tree: _Tree) -> Iterator[tuple[Entry, str, _Hashing | None]]:
    """Have threads hash the next few files of a disk: hashing holds no lock, and the rest of the work does."""
    with ThreadPoolExecutor(_THREADS, "hashes") as pool:
        waiting: deque[tuple[Entry, str, _Hashing | None]] = deque()
        for entry, path in entries:
            waiting.append((entry, path, pool.submit(tree.hashed, entry) if tree.hashes_ahead(entry) else None))
            if len(waiting) > _WAITING:
                yield waiting.popleft()
        yield from waiting


class _Tree:
    def __init__(
        self,
        ledger: Ledger,
        before: Instant,
        root: Root | None,
        host: str | None,
        algorithms: frozenset[str],
        largest: int,
        unlisted: bool,
        sizes: frozenset[int] | None,
    ) -> None:
        self.ledger, self.before, self.root, self.host, self.largest = ledger, before, root, host, largest
        self.unlisted, self.sizes = unlisted, sizes
        self.selection = Selection(root) if root is not None else None
        self.algorithms = tuple(name for name in ALGORITHMS if name in algorithms)
        self.dating = Dating()
        self.large, self.future, self.other = Tally(), Tally(), Tally()

    def hashes_ahead(self, entry: Entry) -> bool:
        """Tell whether hashing a file is worth a thread, and may be done in one: members of archives share a stream."""
        on_disk = entry.source is not None and entry.source.local is not None
        sought = self.sizes is None or entry.size in self.sizes
        return bool(self.algorithms) and on_disk and sought and _WORTH <= entry.size <= self.largest

    def hashed(self, entry: Entry) -> Hashed:
        """Hash a file that has content; raises what reading it raises."""
        assert entry.source is not None  # asked before
        return hash_file(entry.source, self.algorithms, self.largest)

    def record(self, entry: Entry, path: str, hashing: _Hashing | None = None) -> Record:
        self.ledger.count(Telemetry.FILESYSTEM, 1, self.host)
        if not entry.deleted:
            self._date(entry)
            if self.selection is not None:
                self.selection.add(entry.path)
        event = {"path": path, "name": last_part(path)}
        if entry.size >= 0:
            event["size"] = str(entry.size)
        if entry.modified is not None and 0 <= entry.modified <= _LATEST_RENDERED:
            event["mtime"] = render(entry.modified)
        if entry.is_link:
            event["target"] = entry.target
        if entry.deleted:
            event["deleted"] = "yes"
        hashes = self._hashes(entry, hashing)
        values = [Value(Kind.PATH, "path", path)]
        values += [Value(Kind.TEXT, "target", entry.target)] if entry.target else []
        values += [Value(Kind.HASH, name, text) for name, text in hashes.items()]
        return Record(
            telemetry=Telemetry.FILESYSTEM,
            locator=shown(entry.path) + (" (deleted)" if entry.deleted else ""),
            time=entry.modified if "mtime" in event else None,
            values=tuple(values),
            event={**event, **hashes},
            host=self.host,
            product=self.root.platform if self.root else "",
        )

    def _date(self, entry: Entry) -> None:
        if entry.modified is None:
            return
        if entry.modified >= self.before:
            self.future.add(shown(entry.path))
        else:
            self.dating.add(entry.modified)

    def _hashes(self, entry: Entry, hashing: _Hashing | None) -> dict[str, str]:
        if not self.algorithms or entry.source is None or entry.records:
            return {}
        if self.sizes is not None and entry.size >= 0 and entry.size not in self.sizes:
            self.other.add(shown(entry.path))
            return {}
        if entry.size > self.largest:
            self.large.add(shown(entry.path))
            return {}
        try:
            hashed = self.hashed(entry) if hashing is None else hashing.result()
        except ReadError as problem:
            self._gap(problem.reason, f"{shown(entry.path)}: {problem.note}; not hashed")
        except (OSError, EOFError) as problem:
            reason = Reason.PERMISSION if isinstance(problem, PermissionError) else Reason.FAILED
            reason = Reason.MISSING if isinstance(problem, FileNotFoundError) else reason
            self._gap(reason, f"{shown(entry.path)}: {problem}; not hashed")
        else:
            if entry.size >= 0 and hashed.size != entry.size:
                note = f"{shown(entry.path)}: had {entry.size} bytes when listed and {hashed.size} when read"
                self._gap(Reason.CHANGED_WHILE_READ, note)
            return hashed.hashes
        return {}

    def _gap(self, reason: Reason, note: str) -> None:
        self.ledger.gap(reason, note, telemetry=Telemetry.FILESYSTEM, host=self.host)

    def close(self) -> None:
        if self.other.count:
            self.ledger.notes.append(
                self.other.says("files have another size than any file that is looked for: not hashed")
            )
        if self.large.count:
            self._gap(Reason.LIMIT, self.large.says(f"files of more than {self.largest} bytes were not hashed"))
        if self.future.count:
            self._gap(Reason.CLOCK, self.future.says("files are dated in the future; their times cover nothing"))
        if not (self.root or self.host):
            return
        if why := "not all of its files could be listed" if self.unlisted else self._selected():
            self._gap(Reason.NOT_PROVIDED, why)
        elif (made := self.dating.made()) is not None:
            self.ledger.saw(Telemetry.FILESYSTEM, made, made, self.host)
        else:
            self._gap(Reason.CLOCK, "its files' times do not say when the copy was made")

    def _selected(self) -> str:
        return self.selection.says() if self.selection is not None else ""


_Hashing = Future["Hashed"]


@dataclass(frozen=True, slots=True)
class Hashed:
    """The hashes of a file in hexadecimal, by algorithm, and how many bytes they are of."""

    hashes: dict[str, str]
    size: int


def hash_file(source: Opened, algorithms: Iterable[str], largest: int = LARGEST) -> Hashed:
    """Hash in one reading; ReadError with LIMIT where the file has grown beyond the limit."""
    engines = [(name, hashlib.new(name, usedforsecurity=False)) for name in algorithms]
    size = 0
    for block in source.open.blocks() if isinstance(source.open, OnDisk) else _blocks(source):
        size += len(block)
        if size > largest:
            raise ReadError(Reason.LIMIT, f"more than {largest} bytes")
        for _, engine in engines:
            engine.update(block)
    return Hashed({name: engine.hexdigest() for name, engine in engines}, size)


def _blocks(source: Opened) -> Iterator[bytes | memoryview]:
    with source.open() as stream:
        yield from borrowed(stream)
