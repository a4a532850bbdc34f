"""tar archives, read as they come.

Where the archive lies plainly in a file, a member is a stretch of it. Where it is itself unpacked on the way
(`tar.gz`), the member at which the reading stands is taken from the running stream when it is opened; one that is
opened later costs unpacking up to it again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, BinaryIO

from nachsorge.evidence.containers.names import Names, last_part, shown
from nachsorge.evidence.containers.streams import CHUNK, Spool, one_way, pulled, section
from nachsorge.evidence.containers.tar_headers import (
    BLOCK,
    FOLDER,
    LINKS,
    NOT_FILES,
    SPECIAL,
    Header,
    Headers,
    is_header,
)
from nachsorge.evidence.seams import Opened, ReadError
from nachsorge.evidence.tally import Tally
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nachsorge.evidence.containers.limits import Limits
    from nachsorge.evidence.ledger import Ledger


class Tar:
    """Many files, one after the other, uncompressed."""

    name = "tar"

    def accepts(self, head: bytes, name: str) -> bool:
        """Recognise `ustar` at 257, or a first block whose checksum fits and that names something."""
        return head[257:262] == b"ustar" or (head[:1] not in (b"", b"\0") and is_header(head[:BLOCK]))

    def members(self, source: Opened, limits: Limits, ledger: Ledger) -> Iterator[Opened]:
        """Give the regular files inside; links and devices are noted, what cannot be given is a gap naming it."""
        if not limits.enter(source, ledger):
            return
        with source.open() as stream:
            archive = _Archive(source, limits, ledger, stream, one_way(stream), Names(source.path))
            try:
                yield from archive.members()
            except ReadError as problem:
                ledger.gap(problem.reason, f"{source.path}: {problem.note}")
            archive.report()


@dataclass(slots=True)
class _Standing:
    """The member at which the reading of a one-way stream stands."""

    header: Header | None = None
    spool: Spool | None = None


class _Archive:
    def __init__(
        self, source: Opened, limits: Limits, ledger: Ledger, stream: BinaryIO, one_way: bool, names: Names
    ) -> None:
        self.source, self.limits, self.ledger, self.stream, self.one_way = source, limits, ledger, stream, one_way
        self.names = names
        self.standing = _Standing()
        self.at = 0
        self.links, self.special = Tally(), Tally()

    def members(self) -> Iterator[Opened]:
        headers = Headers(self._exact, lambda: self.at)
        ended = False
        while block := self._exact(BLOCK):
            if not block.strip(b"\0"):
                # Archives may stand one behind the other, so the reading does not stop at the end mark.
                ended = True
                continue
            if not is_header(block):
                raise self._damage(block, ended)
            ended = False
            header = headers.next(block)
            self.standing = _Standing(header)
            yield from self._member(header)
            self._skip(header)
        if not ended:
            raise ReadError(Reason.TRUNCATED, "the archive has no end mark; members behind its last byte are not known")

    def _damage(self, block: bytes, ended: bool) -> ReadError:
        if len(block) < BLOCK:
            return ReadError(Reason.TRUNCATED, "the archive ends within a header")
        where = "behind the end mark" if ended else "where a header should be"
        return ReadError(Reason.CORRUPT, f"bytes at {self.at - BLOCK}, {where}, are none; the rest was not looked at")

    def _member(self, header: Header) -> Iterator[Opened]:
        if header.kind in LINKS:
            self.links.add(f"{shown(header.name)} -> {shown(header.target)}")
        elif header.kind in SPECIAL:
            self.special.add(shown(header.name))
        elif header.kind == ord("M") or header.sparse:
            what = "a sparse file" if header.sparse else "the continuation of another volume"
            self.ledger.gap(Reason.NOT_SUPPORTED, f"{self.source.path}!{shown(header.name)}: {what}, not read")
        elif header.kind != FOLDER and header.kind not in NOT_FILES:
            self.limits.admit()
            yield self._opened(header)

    def _opened(self, header: Header) -> Opened:
        return replace(
            self.source,
            path=self.names.path(header.name),
            name=shown(last_part(header.name)),
            open=self._opener(header),
            size=header.size,
            local=None,
            modified=header.modified,
        )

    def _opener(self, header: Header) -> Callable[[], BinaryIO]:
        source = self.source
        if not self.one_way:
            return lambda: section(source.open(), header.at, header.size)

        def opener() -> BinaryIO:
            if self.standing.header is not header:
                return pulled(lambda: _again(source, header))
            if self.standing.spool is None:
                self.standing.spool = Spool(pulled(lambda: self._running(header)))
            return self.standing.spool.open()

        return opener

    def _running(self, header: Header) -> Iterator[bytes]:
        left = header.size
        while left > 0:
            data = self.stream.read(min(CHUNK, left))
            if not data:
                raise _short(left)
            self.at += len(data)
            left -= len(data)
            yield data

    def _exact(self, size: int) -> bytes:
        data = self.stream.read(size)
        while data and len(data) < size and (more := self.stream.read(size - len(data))):
            data += more
        self.at += len(data)
        return data

    def _skip(self, header: Header) -> None:
        self.standing = _Standing()
        if not self.one_way:
            end = self.stream.seek(0, 2)
            if end < header.at + header.size:
                raise _short(header.at + header.size - end)
            self.at = self.stream.seek(min(header.end, end))
            return
        while self.at < header.end:
            data = self.stream.read(min(CHUNK, header.end - self.at))
            if not data:
                if self.at < header.at + header.size:
                    raise _short(header.at + header.size - self.at)
                return
            self.at += len(data)

    def report(self) -> None:
        """Note what was not followed; a hard link's bytes stand under the name that it points to."""
        if self.links.count:
            self.ledger.notes.append(self.links.says(f"links in {self.source.path} were not followed"))
        if self.special.count:
            self.ledger.notes.append(self.special.says(f"devices and pipes in {self.source.path} were skipped"))


def _short(left: int) -> ReadError:
    return ReadError(Reason.TRUNCATED, f"the archive ends {left} bytes before its last member does")


def _again(source: Opened, header: Header) -> Iterator[bytes]:
    """Read a member of a one-way archive that the reading has passed already."""
    at, end = 0, header.at + header.size
    with source.open() as stream:
        while at < end:
            data = stream.read(min(CHUNK, (header.at if at < header.at else end) - at))
            if not data:
                raise _short(end - at)
            if at >= header.at:
                yield data
            at += len(data)
