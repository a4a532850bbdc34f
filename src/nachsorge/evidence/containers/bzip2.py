"""bzip2, several streams one after the other included."""

from __future__ import annotations

import bz2
from typing import TYPE_CHECKING

from nachsorge.evidence.containers.pump import Feed, frames
from nachsorge.evidence.containers.single import single

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.containers.limits import Limits
    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened

_BLOCK = b"\x31\x41\x59\x26\x53\x59"
_END = b"\x17\x72\x45\x38\x50\x90"


class Bzip2:
    """One file, compressed."""

    name = "bzip2"

    def accepts(self, head: bytes, name: str) -> bool:
        """Recognise `BZh`, a level, and the number pi or its square root behind it."""
        return head.startswith(b"BZh") and head[3:4] in b"123456789" and head[4:10] in (_BLOCK, _END)

    def members(self, source: Opened, limits: Limits, ledger: Ledger) -> Iterator[Opened]:
        """Give the one file inside."""
        return single(source, limits, ledger, unpack, {".tbz2": ".tar", ".tbz": ".tar", ".bz2": ""})


def unpack(feed: Feed) -> Iterator[bytes]:
    """Yield the bytes of all streams; ReadError behind the last good ones."""
    return frames(bz2.BZ2Decompressor, feed, b"BZh", "bzip2")
