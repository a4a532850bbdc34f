"""Shell links (MS-SHLLINK): the parts of a shortcut, as a file of its own or within a jump list.

The list of shell items is not decoded; its readable names are searched as text.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nachsorge.evidence.clocks import filetime
from nachsorge.model.evidence import Value
from nachsorge.model.times import render
from nachsorge.model.words import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

MAGIC = b"\x4c\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46"
HEADER = 76
_ITEMS, _INFO, UNICODE = 1, 2, 0x80
_STRINGS = ((4, "name"), (8, "relative_path"), (16, "working_folder"), (32, "arguments"), (64, "icon"))
_TRACKER, _ENVIRONMENT = 0xA0000003, 0xA0000001
_WIDE = re.compile(rb"(?:[\x20-\x7e]\0|[\xa0-\xff]\0|[^\0][\x01-\x30]){3,}")
_PATHS = ("target", "relative_path", "working_folder", "environment", "icon")


@dataclass(slots=True)
class ShellLink:
    """One link; `event` holds what was found of it by name, `machine` the NetBIOS name of the target's machine."""

    data: bytes
    event: dict[str, str] = field(default_factory=dict)
    machine: str = ""

    def decode(self) -> None:
        """Go through the parts in their order; what was found before damage stays in `event`.

        Raises struct.error or IndexError where a part reaches beyond the end.
        """
        (flags,) = struct.unpack_from("<I", self.data, 20)
        for name, at in (("created", 28), ("accessed", 36), ("written", 44)):
            time = filetime(int.from_bytes(self.data[at : at + 8], "little"))
            if time is not None:
                self.event[name] = render(time)
        self.event["size"] = str(int.from_bytes(self.data[52:56], "little"))
        at = HEADER
        if flags & _ITEMS:
            size = self._u16(at)
            self._names(self._slice(at + 2, size))
            at += 2 + size
        if flags & _INFO:
            self._info(at)
            at += max(4, self._u32(at))
        for flag, name in _STRINGS:
            if flags & flag:
                at = self._string(at, name, bool(flags & UNICODE))
        self._extra(at)

    @property
    def fields(self) -> dict[str, str]:
        """Give what was found, without what is empty."""
        found = {name: text for name, text in self.event.items() if text}
        return found | ({"machine": self.machine} if self.machine else {})

    def _names(self, items: bytes) -> None:
        found = [match.decode("utf-16-le", "replace") for match in _WIDE.findall(items)]
        if found:
            self.event["items"] = "\n".join(found)

    def _info(self, at: int) -> None:
        """Take drive and path; both spellings of the path are given where they differ."""
        size, header, flags, volume, base, network, suffix = struct.unpack_from("<7I", self.data, at)
        info = self._slice(at, min(size, len(self.data) - at))
        if flags & 1:
            self.event["drive_serial"] = f"{struct.unpack_from('<I', info, volume + 8)[0]:08X}"
            self.event["target"] = _ansi(info, base) + _ansi(info, suffix)
            if header >= 36:
                wide, wide_suffix = struct.unpack_from("<II", info, 28)
                self.event["target"] = _wide(info, wide) + _wide(info, wide_suffix)
        elif flags & 2:
            name = _ansi(info, network + struct.unpack_from("<I", info, network + 8)[0])
            self.event["target"] = f"{name}\\{_ansi(info, suffix)}"

    def _string(self, at: int, name: str, wide: bool) -> int:
        size = self._u16(at) * (2 if wide else 1)
        raw = self._slice(at + 2, size)
        text = raw.decode("utf-16-le" if wide else "latin-1", "replace")
        if text:
            self.event[name] = text
        return at + 2 + size

    def _extra(self, at: int) -> None:
        while at + 8 <= len(self.data):
            size, kind = struct.unpack_from("<II", self.data, at)
            if size < 8:
                return
            if kind == _TRACKER:
                self.machine = _ansi(self._slice(at + 16, 16), 0)
            elif kind == _ENVIRONMENT and size >= 788:
                self.event["environment"] = _wide(self._slice(at + 268, 520), 0) or _ansi(self._slice(at + 8, 260), 0)
            at += size

    def _slice(self, at: int, size: int) -> bytes:
        if at + size > len(self.data):
            raise IndexError(f"{size} bytes at {at} of {len(self.data)}")
        return self.data[at : at + size]

    def _u16(self, at: int) -> int:
        return int.from_bytes(self._slice(at, 2), "little")

    def _u32(self, at: int) -> int:
        return int.from_bytes(self._slice(at, 4), "little")


def _ansi(data: bytes, at: int) -> str:
    return data[at:].partition(b"\0")[0].decode("latin-1")


def _wide(data: bytes, at: int) -> str:
    return data[at : at + (len(data) - at) // 2 * 2].decode("utf-16-le", "replace").partition("\0")[0]


def link_values(fields: Mapping[str, str]) -> tuple[Value, ...]:
    """Type what a link says: paths, texts, and the machine that it was made for."""
    values = [Value(Kind.PATH, name, fields[name]) for name in _PATHS if name in fields]
    values += [Value(Kind.TEXT, name, fields[name]) for name in ("arguments", "name", "items") if name in fields]
    values += [Value(Kind.HOST, "machine", fields["machine"])] if "machine" in fields else []
    return tuple(values)
