"""gzip (RFC 1952), several members one after the other included.

Header and trailer are read here and not by isal: so a wrong checksum is told behind the bytes, not instead of them.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from isal import igzip_lib, isal_zlib

from nachsorge.evidence.containers.pump import Decompressor, Feed, pump
from nachsorge.evidence.containers.single import single
from nachsorge.evidence.seams import Opened, ReadError
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.containers.limits import Limits
    from nachsorge.evidence.ledger import Ledger

MAGIC = b"\x1f\x8b\x08"
_EXTRA, _NAME, _COMMENT, _CHECK, _RESERVED = 4, 8, 16, 2, 0xE0
_LONGEST_TEXT = 65536


class Gzip:
    """One file, compressed."""

    name = "gzip"

    def accepts(self, head: bytes, name: str) -> bool:
        """Recognise the magic, deflate as the method, and no reserved flag."""
        return len(head) > 3 and head.startswith(MAGIC) and not head[3] & _RESERVED

    def members(self, source: Opened, limits: Limits, ledger: Ledger) -> Iterator[Opened]:
        """Give the one file inside."""
        return single(source, limits, ledger, unpack, {".tgz": ".tar", ".gz": ""})


def inflater() -> Decompressor:
    """Make a decompressor of bare deflate data (RFC 1951)."""
    engine: Decompressor = igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_DEFLATE)
    return engine


def unpack(feed: Feed) -> Iterator[bytes]:
    """Yield the bytes of all members; ReadError with TRUNCATED or CORRUPT behind the last good ones."""
    while True:
        _header(feed)
        checksum = size = 0
        for piece in pump(inflater, feed, "gzip"):
            checksum, size = isal_zlib.crc32(piece, checksum), size + len(piece)
            yield piece
        _trailer(feed.exact(8), checksum, size)
        feed.skip_zeros()
        following = feed.peek(3)
        if not following:
            return
        if following != MAGIC:
            raise ReadError(Reason.CORRUPT, "bytes that are no gzip data follow the last member and were not read")


def _header(feed: Feed) -> None:
    head = feed.exact(10)
    if len(head) < 10:
        raise ReadError(Reason.TRUNCATED, "the gzip header is cut off")
    if not head.startswith(MAGIC) or head[3] & _RESERVED:
        raise ReadError(Reason.CORRUPT, "not a gzip header")
    if head[3] & _EXTRA:
        feed.exact(int.from_bytes(feed.exact(2), "little"))
    for flag in (_NAME, _COMMENT):
        if head[3] & flag:
            _text(feed)
    if head[3] & _CHECK:
        feed.exact(2)


def _text(feed: Feed) -> None:
    for _ in range(_LONGEST_TEXT):
        if feed.exact(1) in (b"", b"\0"):
            return
    raise ReadError(Reason.CORRUPT, "the gzip header holds a text without an end")


def _trailer(trailer: bytes, checksum: int, size: int) -> None:
    if len(trailer) < 8:
        raise ReadError(Reason.TRUNCATED, "the gzip data ends before its checksum")
    if struct.unpack("<II", trailer) != (checksum, size & 0xFFFFFFFF):
        raise ReadError(Reason.CORRUPT, "the gzip checksum does not fit: the bytes unpacked are not those packed")
