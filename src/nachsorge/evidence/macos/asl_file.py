"""Files of the Apple System Log (`*.asl`): messages chained by their places, strings written once and pointed to.

All numbers are big-endian. A message is two bytes of kind, four of size, then the place of the next message, its
number, its time (seconds and nanoseconds), level, flags, six numbers of the process, how many further strings it has,
and the places of host, sender, facility and text. A place whose first bit is set is no place: up to seven letters stand
there themselves. Sources: libyal, "Apple System Log (ASL) file format"; Apple, Libc `asl_file.h`.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from nachsorge.evidence.seams import ReadError
from nachsorge.evidence.text import lenient
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

MAGIC = b"ASL DB\0\0\0\0\0\0"
_VERSION = 2
_HEAD = 80
_MESSAGE = struct.Struct(">HIQQQIHHIIIIIIIQQQQQQ")
_MOST_EXTRA = 512
_LONGEST = 1024 * 1024
_FIELDS = ("host", "sender", "facility", "message")
LEVELS = ("emergency", "alert", "critical", "error", "warning", "notice", "info", "debug")


class Message(NamedTuple):
    """One message: its number, its time (seconds, nanoseconds), its fields by name; `lost` counts unread strings."""

    number: int
    seconds: int
    nanoseconds: int
    fields: dict[str, str]
    lost: int


@dataclass(slots=True)
class AslFile:
    """One file in memory. After the walk `broken` says where it could not go on."""

    data: bytes
    broken: str = ""

    def __post_init__(self) -> None:
        """Look at the head; ReadError where it is cut off, or of a version that cannot be read."""
        if len(self.data) < _HEAD:
            raise ReadError(Reason.TRUNCATED, "shorter than the head of a log")
        (version,) = struct.unpack_from(">I", self.data, 12)
        if version != _VERSION:
            note = f"version {version} of the format; print it with `syslog -f FILE` instead"
            raise ReadError(Reason.NOT_SUPPORTED, note)

    def __iter__(self) -> Iterator[Message]:
        """Follow the chain. A message stands behind its strings, so places only grow in a file that is whole."""
        (at,) = struct.unpack_from(">Q", self.data, 16)
        (last,) = struct.unpack_from(">Q", self.data, 36)
        before = 0
        while at:
            if at + _MESSAGE.size > len(self.data):
                self.broken = f"breaks off: a message at byte {at} is missing, and what comes behind it"
                return
            if at <= before:
                self.broken = f"the chain of messages goes back from byte {before} to {at}: the rest was not read"
                return
            before = at
            cells = _MESSAGE.unpack_from(self.data, at)
            yield self._message(at, cells)
            at = cells[2]
        if before != last:
            self.broken = f"its chain of messages ends at byte {before}, its head says {last}"

    def _message(self, at: int, cells: tuple[int, ...]) -> Message:
        _, _, _, number, seconds, nanoseconds, level, _, pid, uid, gid, _, _, _, extra, *places = cells
        fields: dict[str, str] = {}
        lost = 0
        for name, place in zip(_FIELDS, places, strict=False):
            lost += self._put(fields, name, place)
        fields["level"] = LEVELS[level] if level < len(LEVELS) else str(level)
        fields |= {"pid": str(pid), "uid": str(uid), "gid": str(gid)}
        count = min(extra // 2, _MOST_EXTRA, (len(self.data) - at - _MESSAGE.size) // 16)
        for index in range(count):
            name, value = struct.unpack_from(">QQ", self.data, at + _MESSAGE.size + 16 * index)
            said = self._string(name)
            lost += self._put(fields, said or "extra", value) if said != "" else 0
        return Message(number, seconds, nanoseconds, fields, lost + extra // 2 - count)

    def _put(self, fields: dict[str, str], name: str, place: int) -> int:
        """Add a string under its name; gives 1 where it could not be read."""
        text = self._string(place)
        if text:
            fields[name] = f"{fields[name]}\n{text}" if name in fields else text
        return text is None

    def _string(self, place: int) -> str | None:
        """Give a string by its place; empty where there is none, None where it cannot be read."""
        if not place:
            return ""
        if place >> 63:
            raw = place.to_bytes(8, "big")
            return lenient(raw[1 : 1 + (raw[0] & 0x7F)]) if raw[0] & 0x7F <= 7 else None
        if place + 6 > len(self.data):
            return None
        kind, size = struct.unpack_from(">HI", self.data, place)
        if kind != 1 or size > _LONGEST or place + 6 + size > len(self.data):
            return None
        return lenient(self.data[place + 6 : place + 6 + size].rstrip(b"\0"))
