"""One file of a tree, and how a plain one is opened; what `trees`, archives and disk images have in common."""

from __future__ import annotations

import io
import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from nachsorge.evidence.buffers import borrowed
from nachsorge.evidence.seams import HEAD, Opened, ReadError
from nachsorge.model.times import Instant
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One file or link of a tree, on disk, in an archive or in a disk image.

    `path` is relative to the tree, its parts parted by `/`. `modified` and `created` (where the file system tells it)
    are instants. `source` opens the file; None for a link, whose `target` is the text that it holds, and where only
    the name is to be had. A `deleted` file is one that its file system still names. `inside` is its path as its own
    host spells it, where a collector's arrangement says so. `records` marks the file system's own records, which are
    read by their format and hashed by nobody.
    """

    path: str
    size: int
    modified: Instant | None = None
    created: Instant | None = None
    is_link: bool = False
    target: str = ""
    source: Opened | None = None
    inside: str = ""
    deleted: bool = False
    records: bool = False


class OnDisk:
    """Opens a regular file as `open_plain` does; its first bytes are read from disk only once.

    Most files of a disk are small, and each is asked for its format, its hash and its contents in turn. What opens
    keeps the first bytes for as long as it lives; they are all there is of a file that has no more.
    """

    __slots__ = ("_head", "_path", "_state", "_whole")

    def __init__(self, path: Path) -> None:
        """Open nothing yet."""
        self._path = path
        self._head: bytes | None = None
        self._whole = False
        self._state: tuple[int, ...] = ()

    def __call__(self) -> BinaryIO:
        """Open at the first byte."""
        self.head()
        return io.BytesIO(self._head or b"") if self._whole else open_plain(self._path)

    def head(self) -> bytes:
        """Give the first bytes that formats are recognised by. Raises what `open_plain` raises."""
        if self._head is None:
            descriptor, state = _descriptor(self._path)
            try:
                head = os.read(descriptor, HEAD)
                self._whole = len(head) == state.st_size
                while not self._whole and len(head) < HEAD:
                    more = os.read(descriptor, HEAD - len(head))
                    head, self._whole = head + more if more else head, not more
            finally:
                os.close(descriptor)
            self._head, self._state = head, _mark(state)
        return self._head

    def blocks(self) -> Iterator[bytes | memoryview]:
        """Yield all bytes, each block good until the next is asked for. Raises what `open_plain` raises.

        The first ones are not read again, unless the file has changed since.
        """
        head = self.head()
        if self._whole:
            yield head
            return
        with open_plain(self._path) as stream:
            if _mark(os.fstat(stream.fileno())) == self._state:
                yield head
                stream.seek(len(head))
            yield from borrowed(stream)


def _mark(state: os.stat_result) -> tuple[int, ...]:
    """Give what is another where a file was changed, or another took its place."""
    return state.st_ino, state.st_dev, state.st_size, state.st_mtime_ns, state.st_ctime_ns


def open_plain(path: Path) -> BinaryIO:
    """Open a regular file, never through a link, and never waiting for the other end of a pipe.

    Raises OSError, and ReadError with CHANGED_WHILE_READ where something else has taken the file's place.
    """
    descriptor, _ = _descriptor(path)
    try:
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def _descriptor(path: Path) -> tuple[int, os.stat_result]:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    state = os.fstat(descriptor)
    if stat.S_ISREG(state.st_mode):
        return descriptor, state
    os.close(descriptor)
    raise ReadError(Reason.CHANGED_WHILE_READ, f"{path.name!r} is no regular file any more")
