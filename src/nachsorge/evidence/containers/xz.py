"""xz, several streams and padding between them included (The .xz File Format 1.2, section 2)."""

from __future__ import annotations

import lzma
from typing import TYPE_CHECKING

from nachsorge.evidence.containers.limits import MIB, Limits
from nachsorge.evidence.containers.pump import Feed, frames
from nachsorge.evidence.containers.single import single

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened

MAGIC = b"\xfd7zXZ\0"
MEMORY = 256 * MIB
"""`xz -9` needs 65 MiB to unpack; the format allows 4 GiB, which a hostile file may ask for."""


class Xz:
    """One file, compressed."""

    name = "xz"

    def accepts(self, head: bytes, name: str) -> bool:
        """Recognise the magic."""
        return head.startswith(MAGIC)

    def members(self, source: Opened, limits: Limits, ledger: Ledger) -> Iterator[Opened]:
        """Give the one file inside."""
        return single(source, limits, ledger, unpack, {".txz": ".tar", ".xz": ""})


def engine() -> lzma.LZMADecompressor:
    """Make a decompressor that does not take more memory than it may."""
    return lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=MEMORY)


def unpack(feed: Feed) -> Iterator[bytes]:
    """Yield the bytes of all streams; ReadError behind the last good ones."""
    return frames(engine, feed, MAGIC, "xz")
