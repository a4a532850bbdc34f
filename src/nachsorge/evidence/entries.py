"""One file of a tree, and how a plain one is opened; what `trees`, archives and disk images have in common."""

from __future__ import annotations

import io
import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from nachsorge.evidence.seams import Opened, ReadError
from nachsorge.model.times import Instant
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Callable
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


def open_once(path: Path, largest: int) -> Callable[[], BinaryIO]:
    """Give what opens a regular file as `open_plain` does; one of at most `largest` bytes is read from disk only once.

    Most files of a disk are small, and each is asked for its format, its hash and its contents in turn. What opens
    keeps the bytes for as long as it lives.
    """
    kept: list[bytes] = []

    def opener() -> BinaryIO:
        if not kept:
            stream = open_plain(path)
            if os.fstat(stream.fileno()).st_size > largest:
                return stream
            with stream:
                kept.append(stream.read())
        return io.BytesIO(kept[0])

    return opener


def open_plain(path: Path) -> BinaryIO:
    """Open a regular file, never through a link, and never waiting for the other end of a pipe.

    Raises OSError, and ReadError with CHANGED_WHILE_READ where something else has taken the file's place.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ReadError(Reason.CHANGED_WHILE_READ, f"{path.name!r} is no regular file any more")
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise
