"""The sections of an EWF2 file (Ex01), of which each one names the one before it: what can be told without the library.

Layout: libewf, "Expert Witness Compression Format 2", sections 3 and 4: a section ends with a descriptor of 64 bytes,
so that a file is read from its last descriptor on.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.images.medium import Medium

SIGNATURE = b"EVF2\x0d\x0a\x81\x00"
DESCRIPTOR = 64
_KEYS, _NEXT = 11, 13
_ENCRYPTED = 2
_MOST = 100_000


def goes_on(tail: bytes) -> bool:
    """Tell from a file's last 64 bytes whether it ends with the word that there is another part."""
    found = _descriptor(tail)
    return found is not None and found[0] == _NEXT


def is_encrypted(file: Medium) -> bool:
    """Tell whether a section is marked as encrypted, or holds the keys to such."""
    return any(kind == _KEYS or flags & _ENCRYPTED for kind, flags in _sections(file))


def _sections(file: Medium) -> Iterator[tuple[int, int]]:
    at = file.size - DESCRIPTOR
    for _ in range(_MOST):
        found = _descriptor(file.at(at, DESCRIPTOR)) if at > 0 else None
        # What is damaged here is the library's to tell: it reads the same chain.
        if found is None:
            return
        kind, flags, before = found
        yield kind, flags
        # Each one lies before the last, so that a chain that leads back into itself ends.
        if before >= at:
            return
        at = before


def _descriptor(raw: bytes) -> tuple[int, int, int] | None:
    """Give a section's type, flags and the offset of the one before; None where the checksum is not this one's."""
    if len(raw) < DESCRIPTOR or zlib.adler32(raw[:60]) != int.from_bytes(raw[60:64], "little"):
        return None
    kind, flags, before = struct.unpack_from("<IIQ", raw)
    return int(kind), int(flags), int(before)
