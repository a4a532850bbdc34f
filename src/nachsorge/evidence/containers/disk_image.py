"""Disk images as containers: their files, volume by volume, as `disk.E01!p2/Windows/...`; see `evidence.images`.

Nothing is mounted. The libraries that read images run in a process of their own, one for each image, which only gets
the image's open files: what a hostile image does to it is a gap here.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, BinaryIO

from nachsorge.evidence.containers.limits import Limits
from nachsorge.evidence.containers.names import last_part, shown
from nachsorge.evidence.containers.spooled import spooled
from nachsorge.evidence.containers.streams import CHUNK, Window, as_file
from nachsorge.evidence.entries import Entry, open_plain
from nachsorge.evidence.images.nodes import DELETED, RECORDS, SYSTEM
from nachsorge.evidence.images.segments import segments_of
from nachsorge.evidence.images.session import INSTALL, Session, needs_extra
from nachsorge.evidence.images.signs import image_kind
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.seams import Opened, ReadError
from nachsorge.evidence.tally import Tally
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

READ = 20
"""So many times the image's own size is read of its files in all: several shadow copies may hold them."""

_KEPT = 8
"""So many chunks stay in memory: a few megabytes."""

_REASONS = frozenset(Reason)
_OWN = "files are the file system's own: named, their contents not searched"


class DiskImage:
    """A copy of a disk or of a volume, in whatever form."""

    name = "disk_image"

    def accepts(self, head: bytes, name: str) -> bool:
        """Recognise an image format, a partition table, or a file system."""
        return bool(image_kind(head, name))

    def members(self, source: Opened, limits: Limits, ledger: Ledger) -> Iterator[Opened]:
        """Give the files that have bytes to read."""
        yield from (entry.source for entry in self.entries(source, limits, ledger) if entry.source is not None)

    def entries(self, source: Opened, limits: Limits, ledger: Ledger) -> Iterator[Entry]:
        """Give all files, links and deleted names. Every one stays openable as long as it is kept.

        What cannot be read is a gap with its place and kind; the volumes that were found, and what is known not to
        have been looked at, are notes. Raises OSError where the image itself cannot be opened.
        """
        if not limits.enter(source, ledger):
            return
        if needs_extra():
            ledger.gap(Reason.MISSING_EXTRA, f"{source.path}: {INSTALL}")
            return
        try:
            files, size = _files(source, ledger)
            if files is not None:
                yield from _Image(source, Session(source.name, files), size, ledger, _Spent(limits, size)).entries()
        except ReadError as error:
            ledger.gap(error.reason, f"{source.path}: {shown(error.note)}")


@dataclass(slots=True)
class _Spent:
    """How much has been read of an image's files; more than `READ` times its size is not real."""

    limits: Limits
    size: int
    read: int = 0

    def take(self, size: int) -> None:
        self.read += size
        most = self.limits.unpacked + READ * self.size
        if self.read > most:
            raise ReadError(Reason.LIMIT, f"more than {most} bytes read of the image's files; the rest was not read")


@dataclass(slots=True)
class _Image:
    source: Opened
    session: Session
    size: int
    ledger: Ledger
    spent: _Spent
    own: Tally = field(default_factory=Tally)
    _gone: list[Entry] = field(default_factory=list)
    _live: set[str] = field(default_factory=set)
    _kept: dict[tuple[str, int, int], bytes] = field(default_factory=dict)

    def entries(self) -> Iterator[Entry]:
        found: list[Entry] = []
        try:
            # To its end before the first file is given: the process answers one question at a time.
            for line in self.session.listing():
                self._take(line, found)
        except ReadError as error:
            self.ledger.gap(error.reason, f"{self.source.path}: {shown(error.note)}")
        self._report()
        yield from found
        # A file that was written anew under its old name has not gone.
        yield from (entry for entry in self._gone if entry.path not in self._live)

    def _take(self, line: dict[str, object], found: list[Entry]) -> None:
        match line:
            case {"node": [str(path), key, int(size), modified, created, target, why]}:
                found += self._entry(path, key, size, (modified, created), target, why)
            case {"gap": [str(reason), str(note)]} if reason in _REASONS:
                self.ledger.gap(Reason(reason), f"{self.source.path}: {shown(note)}")
            case {"note": str(note)}:
                self.ledger.notes.append(shown(note))
            case {"alive": _}:
                pass
            case _:
                raise ReadError(Reason.FAILED, "the process that reads the image wrote what is no answer")

    def _report(self) -> None:
        if self.own.count:
            self.ledger.notes.append(self.own.says(_OWN))
        self.ledger.notes.append("space that belongs to no file was not searched")

    def _entry(
        self, path: str, key: object, size: int, times: tuple[object, object], target: object, why: object
    ) -> Iterator[Entry]:
        self.ledger.records += 1
        modified, created = (time if isinstance(time, int) else None for time in times)
        entry = Entry(path=path, size=size, modified=modified, created=created, records=why == RECORDS)
        if why == DELETED:
            self._gone.append(replace(entry, deleted=True))
            return
        if why == SYSTEM:
            self.own.add(shown(path))
        if isinstance(target, str):
            entry = replace(entry, is_link=True, target=target)
        if isinstance(key, str):
            entry = replace(entry, source=self._opened(entry, key))
        self._live.add(path)
        yield entry

    def _opened(self, entry: Entry, key: str) -> Opened:
        return replace(
            self.source,
            path=f"{self.source.path}!{shown(entry.path)}",
            name=shown(last_part(entry.path)),
            open=lambda: self._stream(key, entry.size),
            size=entry.size,
            local=None,
            modified=entry.modified,
        )

    def _stream(self, key: str, size: int) -> BinaryIO:
        furthest = 0

        def fetch(offset: int, wanted: int) -> bytes:
            nonlocal furthest
            data = self._read(key, offset, min(wanted, CHUNK))
            if offset + len(data) > furthest:
                self.spent.take(offset + len(data) - furthest)
                furthest = offset + len(data)
            return data

        return as_file(Window(fetch, size))

    def _read(self, key: str, offset: int, size: int) -> bytes:
        """Ask the process, but not for what it gave just now: a file is opened several times, one after the other."""
        place = key, offset, size
        if (data := self._kept.get(place)) is None:
            data = self._kept[place] = self.session.read(key, offset, size)
            if len(self._kept) > _KEPT:
                del self._kept[next(iter(self._kept))]
        return data


def _files(source: Opened, ledger: Ledger) -> tuple[Callable[[], Sequence[BinaryIO]] | None, int]:
    """Give what opens the image's files, and their size in all; a part that is missing is a gap."""
    if source.local is None:
        spool = spooled(source)
        return (lambda: [spool.again()]), spool.size
    segments = segments_of(source.local.resolve())
    if segments.later:
        ledger.gap(Reason.MISSING, f"{source.path}: {segments.later}")
    if segments.missing:
        ledger.gap(Reason.MISSING, f"{source.path}: {shown(segments.missing)}")
    if len(segments.paths) > 1:
        names = ", ".join(shown(path.name) for path in segments.paths[:4]) + (", ..." * (len(segments.paths) > 4))
        ledger.notes.append(f"{len(segments.paths)} files: {names}")
    paths = segments.paths
    return ((lambda: _all(paths)) if paths else None), sum(path.stat().st_size for path in paths)


def _all(paths: Sequence[Path]) -> list[BinaryIO]:
    files: list[BinaryIO] = []
    try:
        for path in paths:
            files.append(open_plain(path))
    except (OSError, ReadError):
        for file in files:
            file.close()
        raise
    return files
