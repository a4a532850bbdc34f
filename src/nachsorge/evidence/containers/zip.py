"""zip archives, and everything that is one: jar, apk, docx, the collections of most triage tools.

Members are unpacked as they are read, never to a file under their own name. An archive without its end (a broken
download) is read from the front, member by member.
"""

from __future__ import annotations

import bz2
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO

from isal import isal_zlib

from nachsorge.evidence.containers.gzip import inflater
from nachsorge.evidence.containers.limits import Limits, Meter
from nachsorge.evidence.containers.names import Names, last_part, shown
from nachsorge.evidence.containers.pump import Decompressor, Feed, pump
from nachsorge.evidence.containers.streams import Spool, one_way, pulled
from nachsorge.evidence.containers.xz import engine as xz_engine
from nachsorge.evidence.containers.zip_directory import Entry, directory, entries, following, local
from nachsorge.evidence.containers.zstd import Frame
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.seams import Opened, ReadError
from nachsorge.evidence.tally import Tally
from nachsorge.model.words import Reason

_STORED = 0
_ENGINES: dict[int, tuple[str, Callable[[], Decompressor]]] = {
    8: ("deflate", inflater),
    12: ("bzip2", bz2.BZ2Decompressor),
    93: ("zstd", Frame),
    95: ("xz", xz_engine),
}


class Zip:
    """Many files, each compressed alone."""

    name = "zip"

    def accepts(self, head: bytes, name: str) -> bool:
        """Recognise a local header, an empty archive, or the mark of a once split one."""
        return head.startswith((b"PK\3\4", b"PK\5\6", b"PK\x07\x08PK\3\4"))

    def members(self, source: Opened, limits: Limits, ledger: Ledger) -> Iterator[Opened]:
        """Give the files inside, in the archive's order; what cannot be given is a gap naming it."""
        if not limits.enter(source, ledger):
            return
        archive = _Archive(source, limits, ledger, Names(source.path), _anywhere(source, ledger), Tally())
        try:
            yield from archive.members()
        except ReadError as problem:
            ledger.gap(problem.reason, f"{source.path}: {problem.note}")
        if archive.links.count:
            ledger.notes.append(archive.links.says(f"symbolic links in {source.path} were not followed"))


def _anywhere(source: Opened, ledger: Ledger) -> Callable[[], BinaryIO]:
    """Give what opens the archive for reading anywhere; one that is itself unpacked is spooled, once."""
    with source.open() as stream:
        if not one_way(stream):
            return source.open
        spool = Spool(stream)
    if isinstance(spool.fault, ReadError):
        ledger.gap(spool.fault.reason, f"{source.path}: {spool.fault.note}")
    return spool.open


@dataclass(frozen=True, slots=True)
class _Archive:
    source: Opened
    limits: Limits
    ledger: Ledger
    names: Names
    open: Callable[[], BinaryIO]
    links: Tally

    def members(self) -> Iterator[Opened]:
        with self.open() as stream:
            where = directory(stream)
            found = entries(stream, where) if where else self._from_the_front(stream)
            for entry in found:
                if entry.name.endswith("/"):
                    continue
                self.limits.admit()
                if self._readable(entry):
                    yield self._opened(entry)

    def _readable(self, entry: Entry) -> bool:
        path = f"{self.source.path}!{shown(entry.name)}"
        if entry.link:
            self.links.add(shown(entry.name))
        elif entry.encrypted:
            self.ledger.gap(Reason.ENCRYPTED, f"{path}: encrypted, not read")
        elif entry.method != _STORED and entry.method not in _ENGINES:
            self.ledger.gap(Reason.NOT_SUPPORTED, f"{path}: compression method {entry.method}, not read")
        else:
            return True
        return False

    def _opened(self, entry: Entry) -> Opened:
        meter = Meter(self.limits)

        def chunks() -> Iterator[bytes]:
            with self.open() as stream:
                yield from meter.watch(_unpack(stream, entry))

        path = self.names.path(entry.name)
        return replace(
            self.source,
            path=path,
            name=shown(last_part(entry.name)),
            open=lambda: pulled(chunks),
            size=entry.size,
            local=None,
            modified=entry.modified,
        )

    def _from_the_front(self, stream: BinaryIO) -> Iterator[Entry]:
        """Walk the local headers where the directory at the end is missing; always a gap, since the rest is unknown."""
        self.ledger.gap(
            Reason.TRUNCATED, f"{self.source.path}: the archive's end is missing; members up to there are read"
        )
        at: int | None = 0
        while at is not None and (found := local(stream, at)):
            entry, data = found
            yield entry
            packed = entry.packed if entry.packed >= 0 else self._length(entry, data)
            at = following(stream, data + packed)

    def _length(self, entry: Entry, data: int) -> int:
        """Unpack a member whose packed size is stated behind it only, to find its end."""
        if entry.method not in _ENGINES or entry.encrypted:
            raise ReadError(Reason.TRUNCATED, f"where the member behind {shown(entry.name)} begins cannot be told")
        with self.open() as stream:
            stream.seek(data)
            feed = Feed(stream)
            what, make = _ENGINES[entry.method]
            for _ in Meter(self.limits).watch(pump(make, feed, what)):
                pass
            return feed.tell()


def _unpack(stream: BinaryIO, entry: Entry) -> Iterator[bytes]:
    found = local(stream, entry.at)
    if found is None:
        raise ReadError(Reason.CORRUPT, "the member does not lie where the directory says")
    stream.seek(found[1])
    feed = Feed(stream, entry.packed)
    checksum = size = 0
    for piece in _plain(feed, entry):
        checksum, size = isal_zlib.crc32(piece, checksum), size + len(piece)
        yield piece
    if entry.size >= 0 and (checksum, size) != (entry.checksum, entry.size):
        raise ReadError(
            Reason.CORRUPT, "the member's checksum or size does not fit: the bytes unpacked are not those packed"
        )


def _plain(feed: Feed, entry: Entry) -> Iterator[bytes]:
    if entry.method != _STORED:
        what, make = _ENGINES[entry.method]
        yield from pump(make, feed, what)
        return
    while data := feed.block():
        yield data
    if feed.tell() < entry.packed:
        raise ReadError(Reason.TRUNCATED, f"the archive ends {entry.packed - feed.tell()} bytes before the member does")
