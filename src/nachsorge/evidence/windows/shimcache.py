"""The application compatibility cache (ShimCache, `AppCompatCache`) of Windows XP to 11, one binary value of SYSTEM.

Layouts as published by Mandiant ("Leveraging the Application Compatibility Cache in Forensic Investigations"), for
Windows XP to Vista by libyal ("Application compatibility cache key"), and for Windows 8 to 11 by later public
descriptions. Any other layout is a gap.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nachsorge.evidence.clocks import filetime
from nachsorge.model.times import Instant
from nachsorge.model.words import Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger

_XP = 0xDEADBEEF
_SERVER_2003 = 0xBADC0FFE
_SEVEN = 0xBADC0FEE
_EIGHT = 0x80
_RAN = 2


@dataclass(frozen=True, slots=True)
class Shim:
    """One file that Windows looked at: newest first by position; `executed` only where the layout can say it."""

    position: int
    path: str
    modified: Instant | None
    executed: bool


def entries(data: bytes, ledger: Ledger) -> Iterator[Shim]:
    """Give the entries; what cannot be decoded is a gap: NOT_SUPPORTED for a layout, CORRUPT from a place on."""
    kind = int.from_bytes(data[:4], "little")
    try:
        if kind == _SEVEN:
            yield from _seven(data)
        elif kind == _SERVER_2003:
            yield from _vista(data)
        elif kind == _XP:
            yield from _xp(data)
        elif data[_EIGHT : _EIGHT + 4] in (b"00ts", b"10ts"):
            yield from _eight(data)
        elif data[kind : kind + 4] == b"10ts" and kind <= 0x100:
            yield from _ten(data, kind)
        else:
            _gap(ledger, Reason.NOT_SUPPORTED, "ShimCache of a layout that is not known here: not read")
    except (struct.error, IndexError) as error:
        _gap(ledger, Reason.CORRUPT, f"ShimCache ends within an entry: {error}")


def _gap(ledger: Ledger, reason: Reason, note: str) -> None:
    ledger.gap(reason, note, telemetry=Telemetry.PROGRAM_EXECUTION)


def _xp(data: bytes) -> Iterator[Shim]:
    """Windows XP, 32 bit: entries of 552 bytes behind a head of 400, with room for one path each."""
    (count,) = struct.unpack_from("<I", data, 4)
    for index in range(count):
        path, time = struct.unpack_from("<528sQ16x", data, 400 + index * 552)
        yield Shim(index, _text(path).partition("\0")[0], filetime(time), False)


def _vista(data: bytes) -> Iterator[Shim]:
    """Windows 2003, Vista, 2008, and XP of 64 bit: entries of 32 bytes (64 bit) or 24 bytes (32 bit).

    Vista keeps flags where 2003 keeps the file's size, and nothing says which of both it is: so presence only.
    """
    (count,) = struct.unpack_from("<I", data, 4)
    wide = count > 0 and struct.unpack_from("<I", data, 12)[0] == 0
    form, left = struct.Struct("<HH4xQQ8x" if wide else "<HHIQ8x"), len(data)
    for index in range(count):
        size, _, offset, time = form.unpack_from(data, 8 + index * form.size)
        left = _taken(left, offset, size, len(data), index)
        yield Shim(index, _text(data[offset : offset + size]), filetime(time), False)


def _taken(left: int, offset: int, size: int, length: int, index: int) -> int:
    """Take a path's bytes off those that are left: no two entries share a path, so all are shorter than the value."""
    if offset + size > length or size > left:
        raise IndexError(f"entry {index + 1}")
    return left - size


def _seven(data: bytes) -> Iterator[Shim]:
    """Windows 7 and 2008 R2: entries of 48 bytes (64 bit) or 32 bytes (32 bit) that point at their paths."""
    (count,) = struct.unpack_from("<I", data, 4)
    # On 64 bit the four bytes behind the two lengths are padding; on 32 bit they are the path's offset.
    wide = struct.unpack_from("<I", data, 132)[0] == 0
    form, left = struct.Struct("<HH4xQQII") if wide else struct.Struct("<HHIQII"), len(data)
    for index in range(count):
        size, _, offset, time, flags, _ = form.unpack_from(data, 128 + index * (48 if wide else 32))
        left = _taken(left, offset, size, len(data), index)
        yield Shim(index, _text(data[offset : offset + size]), filetime(time), bool(flags & _RAN))


def _eight(data: bytes) -> Iterator[Shim]:
    """Windows 8, 8.1, 2012: entries with their paths in them, flags behind; 8.1 has a package's name as well."""
    at, index, newer = _EIGHT, 0, data[_EIGHT : _EIGHT + 4] == b"10ts"
    while data[at : at + 4] in (b"00ts", b"10ts"):
        size, length = struct.unpack_from("<IH", data, at + 8)
        place = at + 14 + length
        if newer:
            place += 2 + struct.unpack_from("<H", data, place)[0]
        flags, _, time = struct.unpack_from("<IIQ", data, place)
        yield Shim(index, _text(data[at + 14 : at + 14 + length]), filetime(time), bool(flags & _RAN))
        at, index = at + 12 + size, index + 1
    if at < len(data.rstrip(b"\0")):
        raise IndexError(f"entry {index + 1}")


def _ten(data: bytes, at: int) -> Iterator[Shim]:
    """Windows 10 and 11: no flags any more, so that an entry proves presence only."""
    index = 0
    while data[at : at + 4] == b"10ts":
        size, length = struct.unpack_from("<IH", data, at + 8)
        (time,) = struct.unpack_from("<Q", data, at + 14 + length)
        yield Shim(index, _text(data[at + 14 : at + 14 + length]), filetime(time), False)
        at, index = at + 12 + size, index + 1
    if at < len(data.rstrip(b"\0")):
        raise IndexError(f"entry {index + 1}")


def _text(raw: bytes) -> str:
    return raw[: len(raw) // 2 * 2].decode("utf-16-le", "replace")
