"""Apple property lists, XML and binary, from hostile files."""

from __future__ import annotations

import plistlib
import struct
from typing import BinaryIO
from xml.parsers.expat import ExpatError

from nachsorge.evidence.containers.streams import read_whole
from nachsorge.evidence.seams import ReadError
from nachsorge.model.words import Reason

LARGEST = 16 * 1024 * 1024
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
