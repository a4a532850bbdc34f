"""One file of a tree, and how a plain one is opened; what `trees`, archives and disk images have in common."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from nachsorge.evidence.seams import Opened, ReadError
from nachsorge.model.times import Instant
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One file or link of a tree, on disk, in an archive or in a disk image.

    `path` is relative to the tree, its parts parted by `/`. `modified` and `created` (where the file system tells it)
    are instants. `source` opens the file; None for a link, whose `target` is the text that it holds, and where only
    the name is to be had. A `deleted` file is one that its file system still names. `inside` is its path as its own
    host spells it, where a collector's arrangement says so.
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
