"""Wrappings of evidence: what lies inside a compressed file or an archive, as pieces of evidence of their own.

Nothing is ever written under a name that a container states. What a container cannot give is a gap in the ledger, or
an error (`ReadError`, `OSError`, `EOFError`) from the member's stream behind the last byte it can give.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from nachsorge.evidence.containers.bzip2 import Bzip2
from nachsorge.evidence.containers.disk_image import DiskImage
from nachsorge.evidence.containers.gzip import Gzip
from nachsorge.evidence.containers.limits import Limits
from nachsorge.evidence.containers.rar import Rar
from nachsorge.evidence.containers.seven_zip import SevenZip
from nachsorge.evidence.containers.tar import Tar
from nachsorge.evidence.containers.utf16 import Utf16
from nachsorge.evidence.containers.xz import Xz
from nachsorge.evidence.containers.zip import Zip
from nachsorge.evidence.containers.zstd import Zstd
from nachsorge.evidence.entries import OnDisk
from nachsorge.evidence.seams import HEAD, Opened, ReadError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger

__all__ = ["ARCHIVES", "CONTAINERS", "Container", "DiskImage", "Limits", "container_of", "head_of", "leaves"]


class Container(Protocol):
    """One form of wrapping. `name` is the file's name and the docs' row."""

    name: str

    def accepts(self, head: bytes, name: str) -> bool:
        """Tell by content whether this is the form; the name is not trusted."""

    def members(self, source: Opened, limits: Limits, ledger: Ledger) -> Iterator[Opened]:
        """Yield what lies inside, in its order; gaps go to the ledger. Raises OSError only, from the source itself.

        A member stays openable behind its turn, but is cheapest to read while the iteration stands at it.
        """


# Disk images go first: an Apple image may begin with the mark of its compression.
CONTAINERS: tuple[Container, ...] = (
    DiskImage(),
    Gzip(),
    Bzip2(),
    Xz(),
    Zstd(),
    Zip(),
    SevenZip(),
    Rar(),
    Tar(),
    Utf16(),
)

_STEMS = frozenset((b"\x1f\x8b", b"BZ", b"\xfd7", b"\x28\xb5", b"PK", b"7z", b"Ra"))
"""How the forms begin that are known by their first bytes alone; files that begin otherwise need not be asked about."""
_UNMARKED = tuple(each for each in CONTAINERS if isinstance(each, DiskImage | Zstd | Tar | Utf16))

ARCHIVES = ("zip", "tar", "7z", "rar", "disk_image")
"""The forms that hold files with names, and so may hold a host's file system."""


def container_of(head: bytes, name: str) -> Container | None:
    """Give the form of wrapping, None where the bytes are the evidence themselves."""
    for container in CONTAINERS if head[:2] in _STEMS else _UNMARKED:
        if container.accepts(head, name):
            return container
    return None


def head_of(source: Opened) -> bytes:
    """Give the first bytes, as many as can be had: damage behind them is met again, and told, when it is read."""
    if isinstance(source.open, OnDisk):
        return source.open.head()
    with source.open() as stream:
        try:
            return stream.read(HEAD)
        except (ReadError, EOFError):
            return b""


def leaves(source: Opened, limits: Limits, ledger: Ledger) -> Iterator[Opened]:
    """Unwrap as deep as allowed and yield the pieces that are no containers, each at its turn.

    Give `limits.fresh()` for every top-level source. Raises OSError where the source itself cannot be opened.
    """
    container = container_of(head_of(source), source.name)
    if container is None:
        yield source
        return
    for member in container.members(source, limits, ledger):
        yield from leaves(member, limits.deeper(), ledger)
