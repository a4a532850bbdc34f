"""What every file system gives: its files as nodes, and what it could not list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from nachsorge.model.times import Instant

Key = int | str
Fetch = Callable[[int, int], bytes]
"""Gives up to `size` bytes of a file from an offset: (offset, size). Raises what `FAULTS` holds, and ReadError."""

DEPTH = 512
LONGEST = 16_384
DELETED = "deleted"
SYSTEM = "system"
RECORDS = "records"


@dataclass(slots=True, kw_only=True)
class Node:
    """One file or link.

    `key` is the number under which its file system keeps it, so that nothing has to be held open between listing and
    reading. It is None where only the name is to be had; then `why` is `DELETED`, `SYSTEM` (the file system's own
    book-keeping), or empty for a link, whose text is `target`. A `stream` is a further stream of the file before it.
    `RECORDS` marks book-keeping that a reader knows (`$MFT`, the change journal): to be read, and no file of anybody's.
    """

    path: str
    key: Key | None
    size: int = 0
    modified: Instant | None = None
    created: Instant | None = None
    target: str | None = None
    why: str = ""
    stream: bool = False


@dataclass(slots=True)
class Trouble:
    """What a listing could not list: counted, the first few named."""

    places: list[str] = field(default_factory=list)
    count: int = 0

    def add(self, place: str) -> None:
        """Count one more."""
        self.count += 1
        if len(self.places) < 5:
            self.places.append(place)


class FileSystem(Protocol):
    """One volume's files."""

    def nodes(self, trouble: Trouble) -> Iterator[Node | None]:
        """List them; None now and then says that the listing is alive."""

    def open(self, key: Key) -> Fetch:
        """Give what reads a node's bytes."""


def fits(path: str) -> bool:
    """Tell whether a path is of a length and depth that we go along with."""
    return len(path) <= LONGEST and path.count("/") <= DEPTH


def joined(above: str, name: str) -> str:
    """Put a name below a folder; a name is one part of a path whatever it holds."""
    name = name.replace("/", "\\x2f")
    return f"{above}/{name}" if above else name
