"""What every collector's layout gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from nachsorge.evidence.containers.streams import read_whole
from nachsorge.evidence.trees import Entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Root

LARGEST = 128 * 1024 * 1024
"""No log of a collector is larger; one that is becomes a gap."""


@dataclass(frozen=True, slots=True)
class Arranged:
    """A collection in order: the host's files, each with its `inside`, and the collector's results about the host."""

    files: tuple[Entry, ...]
    results: tuple[Entry, ...] = ()


class Layout(Protocol):
    """One collector. `name` is what people call it, and `Root.collector`."""

    name: str

    def roots(self, entries: Sequence[Entry]) -> Iterable[Root]:
        """Give the collections among a tree's entries, by what lies where."""

    def arrange(self, entries: Sequence[Entry], root: Root, ledger: Ledger) -> Arranged:
        """Put the entries of one collection in order; gaps go to the ledger. Raises nothing."""


def below(path: str, prefix: str) -> str:
    """Give a path relative to a collection's folder."""
    return path[len(prefix) + 1 :] if prefix else path


def text_of(entry: Entry) -> str:
    """Read a collector's own log: UTF-8 or UTF-16 with a mark. Raises ReadError, OSError, EOFError."""
    if entry.source is None:
        return ""
    with entry.source.open() as stream:
        body = read_whole(stream, LARGEST)
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return body.decode("utf-16", "replace")
    return body.decode("utf-8-sig", "replace")
