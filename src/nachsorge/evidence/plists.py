"""Apple property lists, XML and binary, from hostile files."""

from __future__ import annotations

import plistlib
import struct
from typing import TYPE_CHECKING, BinaryIO
from xml.parsers.expat import ExpatError

from nachsorge.evidence.containers.streams import read_whole
from nachsorge.evidence.seams import ReadError
from nachsorge.evidence.text import lenient
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST = 16 * 1024 * 1024
_SHORT = 64
"""Longer texts and bytes are decoded once, however often a list names them."""

# What plistlib lets through for files that are none; it refuses XML entities itself.
_DAMAGE = (
    plistlib.InvalidFileException,
    ExpatError,
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    OverflowError,
    RecursionError,
    MemoryError,
    struct.error,
)


def is_plist(head: bytes) -> bool:
    """Tell whether the first bytes are a property list's, of either form."""
    start = head[:512].lstrip(b"\xef\xbb\xbf \t\r\n")
    return start.startswith(b"bplist0") or (start.startswith((b"<?xml", b"<!DOCTYPE", b"<plist")) and b"<plist" in head)


def plist_of(stream: BinaryIO) -> object:
    """Decode a property list; ReadError with CORRUPT where it is none, LIMIT where it is too large."""
    data = read_whole(stream, LARGEST)
    try:
        tree: object = plistlib.loads(data)
    except _DAMAGE as error:
        raise ReadError(Reason.CORRUPT, f"not a readable property list ({type(error).__name__})") from error
    return tree


def leaves(tree: object) -> Iterator[str]:
    """List all keys and texts, in order, so that nothing in the file goes unsearched.

    A binary list may name one part in many places, and in itself: each is gone through once, short texts excepted.
    """
    waiting, known = [tree], set[int]()
    while waiting:
        value = waiting.pop()
        if isinstance(value, (dict, list)) or (isinstance(value, (str, bytes)) and len(value) > _SHORT):
            if id(value) in known:
                continue
            known.add(id(value))
        if isinstance(value, (dict, list)):
            pairs = ((str(key), below) for key, below in value.items()) if isinstance(value, dict) else [value]
            waiting.extend(reversed([part for pair in pairs for part in pair]))
        elif isinstance(value, bytes):
            yield lenient(value)
        elif isinstance(value, str) and value:
            yield value
