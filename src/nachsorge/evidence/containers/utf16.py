"""Text in UTF-16, given on as UTF-8, so that no reader of text has to know about it.

PowerShell's redirection, regedit and many Windows tools write it. Without a byte order mark it is recognised by the
NULs between ASCII characters.
"""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

from nachsorge.evidence.containers.single import single
from nachsorge.evidence.seams import Opened, ReadError
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.containers.limits import Limits
    from nachsorge.evidence.containers.pump import Feed
    from nachsorge.evidence.ledger import Ledger

_SAMPLE = 4096
_LEAST = 16
"""Fewer characters than this show no alternation."""
_SURE = 0.95
_PLAIN = frozenset(range(0x20, 0x7F)) | {0x09, 0x0A, 0x0D}


class Utf16:
    """A text file whose characters are two bytes."""

    name = "utf16"

    def accepts(self, head: bytes, name: str) -> bool:
        """Recognise a byte order mark before text, or ASCII alternating with NULs."""
        return encoding_of(head) is not None

    def members(self, source: Opened, limits: Limits, ledger: Ledger) -> Iterator[Opened]:
        """Give the same text in UTF-8."""
        return single(source, limits, ledger, unpack, {})


def encoding_of(head: bytes) -> str | None:
    """Name Python's codec for the file, None where it is no such text. A UTF-32 mark is no UTF-16."""
    size = min(len(head), _SAMPLE) & ~1
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and not head.startswith(codecs.BOM_UTF32_LE):
        text = head[:size].decode("utf-16", "replace")
        return "utf-16" if _texty(text) else None
    # Counted first: nearly every file is none, and this takes no time.
    if size < 2 * _LEAST or head.count(0, 0, size) < _SURE * (size // 2):
        return None
    sample = head[:size]
    return next((codec for codec, at in (("utf-16-le", 0), ("utf-16-be", 1)) if _alternates(sample, at)), None)


def _texty(text: str) -> bool:
    good = sum(c.isprintable() or c in "\r\n\t\f" for c in text) - text.count("\ufffd")
    return good >= _SURE * len(text)


def _alternates(sample: bytes, ascii_at: int) -> bool:
    characters, others = sample[ascii_at::2], sample[1 - ascii_at :: 2]
    if others.count(0) < _SURE * len(others):
        return False
    return sum(c in _PLAIN for c in characters) >= _SURE * len(characters)


def unpack(feed: Feed) -> Iterator[bytes]:
    """Yield UTF-8; halves of surrogate pairs become U+FFFD; an odd last byte is TRUNCATED."""
    codec = encoding_of(feed.peek(_SAMPLE))
    if codec is None:
        raise ReadError(Reason.CORRUPT, "not a UTF-16 text")
    decoder, size = codecs.getincrementaldecoder(codec)("replace"), 0
    while data := feed.block():
        size += len(data)
        if text := decoder.decode(data):
            yield text.encode("utf-8")
    if size % 2:
        raise ReadError(Reason.TRUNCATED, "the UTF-16 text ends in the middle of a character")
    if text := decoder.decode(b"", final=True):
        yield text.encode("utf-8")
