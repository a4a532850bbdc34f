"""Defender's quarantine: which threat was taken from where (`Entries`), and what was taken (`ResourceData`).

Both are enciphered with RC4 and one key for all machines, so that no scanner meets what lies there. Key and layout:
ERNW, white paper 71 on antivirus quarantines; Fox-IT, "Reverse, Reveal, Recover: Windows Defender Quarantine
Forensics".
The deciphered contents are hashed and never written anywhere.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nachsorge.evidence.clocks import filetime
from nachsorge.model.times import Instant

if TYPE_CHECKING:
    from collections.abc import Iterator


ENTRY = bytes.fromhex("d345c599")
"""How every enciphered entry begins: a magic number under a keystream that is always the same."""

CONTENT = bytes.fromhex("0bad009891fdde68")
"""How every enciphered content begins: with the stream that holds the file's security descriptor."""

_KEY = bytes.fromhex(
    "1e87781b8dbaa844ce69702c0c78b786a3f623b738f5edf9af83530fb3fc54faa21eb9cf1331fd0f0da954f687cb9e18"
    "279697900e53fb317c9cbce48e23d05371ecc15951b8f3649d7ca33ed68dc9047e82c9baad9799d0d458cb847ca9ffbe"
    "3c8a775233557dde13a8b14087cc1bc8f10f6ecdd083a959cff84a9d1d50755e3e191818af23e2293558766d2c07e257"
    "12b2ca0b535ed8f6c56ce73d24bdd0291771861a54b4c285a9a3db7aca6d224aeacd621db9f2a22ed1e9e11d75bed7dc"
    "0ecb0a8e68a2ff1263408dc808dffd164b116774cd0b9b8d05411ed6262e429ba495676b8398db2f35d3c1b9ced52636"
    "f2765e1a95cb7ca4c3ddabddbff38253"
)
_HEADER = struct.Struct("<4s4s32sIIII4s")
_FIRST = struct.Struct("<16s16sQQI")
_STREAM = struct.Struct("<IIQI")
_DATA, _ALTERNATE = 1, 4
_MOST = 10_000
_MOST_FIELDS = 100_000
_LONGEST = 65_536
"""Texts and fields of an entry may lie over one another; together they may not take without end."""

_TIMES = {0x0F: "created", 0x10: "accessed", 0x11: "modified"}
_CONTENT_ID, _PHYSICAL, _CONTEXT = 0x02, 0x0C, 0x0D


@dataclass(slots=True)
class Taken:
    """One thing that was taken: `kind` is `file` and the like, `content` the name of what is kept of it."""

    path: str
    kind: str = ""
    content: str = ""
    physical: str = ""
    times: dict[str, Instant] = field(default_factory=dict)
    more: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Entry:
    """One threat and what was taken for it, at `time`; `whole` says whether all of it could be followed."""

    threat: str
    threat_id: int
    time: Instant | None
    taken: list[Taken] = field(default_factory=list)
    whole: bool = True


def decipher(data: bytes) -> bytes:
    """Take the cipher away (or put it on, which is the same): RC4 from its start."""
    return (int.from_bytes(data, "little") ^ int.from_bytes(_keystream(len(data)), "little")).to_bytes(
        len(data), "little"
    )


def _keystream(size: int) -> bytes:
    state, j = list(range(256)), 0
    for i in range(256):
        j = (j + state[i] + _KEY[i]) & 255
        state[i], state[j] = state[j], state[i]
    out, i, j = bytearray(size), 0, 0
    for at in range(size):
        i = (i + 1) & 255
        one = state[i]
        j = (j + one) & 255
        other = state[j]
        state[i], state[j] = other, one
        out[at] = state[(one + other) & 255]
    return bytes(out)


def entry_of(data: bytes) -> Entry:
    """Decipher an entry; raises ValueError where not even the threat's name can be read."""
    if len(data) < _HEADER.size + _FIRST.size:
        raise ValueError("it ends within its head")
    sizes = _HEADER.unpack(decipher(data[: _HEADER.size]))[3:5]
    start = _HEADER.size + sizes[0]
    first, second = decipher(data[_HEADER.size : start]), decipher(data[start : start + sizes[1]])
    if len(first) < _FIRST.size:
        raise ValueError("its sizes are not those of an entry")
    _, _, ticks, number, _ = _FIRST.unpack_from(first)
    threat = first[_FIRST.size :].partition(b"\0")[0].decode("utf-8", "replace")
    entry = Entry(threat, number, filetime(ticks), whole=len(second) == sizes[1])
    try:
        for taken in _all_taken(second):
            entry.taken.append(taken)
    except (struct.error, ValueError):
        entry.whole = False
    return entry


def _all_taken(data: bytes) -> Iterator[Taken]:
    (count,) = struct.unpack_from("<I", data)
    if count > _MOST:
        raise ValueError("more than an entry holds")
    left = _MOST_FIELDS
    for at in struct.unpack_from(f"<{count}I", data, 4):
        end = _end_of_wide(data, at)
        taken = Taken(data[at:end].decode("utf-16-le", "replace"))
        (fields,) = struct.unpack_from("<H", data, end + 2)
        left -= fields
        if left < 0:
            raise ValueError("more fields than an entry holds")
        stop = data.index(b"\0", end + 4, end + 4 + _LONGEST)
        taken.kind = data[end + 4 : stop].decode("utf-8", "replace")
        _read_fields(data, stop + 1, fields, taken)
        yield taken


def _read_fields(data: bytes, at: int, count: int, taken: Taken) -> None:
    for _ in range(count):
        at = (at + 3) & ~3
        size, mark = struct.unpack_from("<HH", data, at)
        value = data[at + 4 : at + 4 + size]
        if len(value) < size:
            raise ValueError("it ends within a field")
        match mark & 0xFFF:
            case number if number in _TIMES:
                if (time := filetime(int.from_bytes(value, "little"))) is not None:
                    taken.times[_TIMES[number]] = time
            case number if number == _CONTENT_ID:
                taken.content = value.hex().upper()
            case number if number in (_PHYSICAL, _CONTEXT):
                text = value[: len(value) // 2 * 2].decode("utf-16-le", "replace").rstrip("\0")
                taken.physical = text if number == _PHYSICAL else taken.physical
                taken.more += [text] if number == _CONTEXT and text else []
        at += 4 + size


def _end_of_wide(data: bytes, at: int) -> int:
    end = data.find(b"\0\0", at, at + _LONGEST)
    while end >= 0 and (end - at) % 2:
        end = data.find(b"\0\0", end + 1, at + _LONGEST)
    if end < 0:
        raise ValueError("a text without its end")
    return end


@dataclass(frozen=True, slots=True)
class Content:
    """The file that was taken, and its alternate streams by name; `whole` says whether it was all there."""

    file: bytes
    alternate: dict[str, bytes]
    whole: bool


def content_of(data: bytes) -> Content:
    """Decipher what was taken: a row of streams as `BackupRead` gives them (Microsoft, `WIN32_STREAM_ID`)."""
    plain, at, file, alternate = decipher(data), 0, None, dict[str, bytes]()
    for _ in range(_MOST):
        if at + _STREAM.size > len(plain):
            break
        kind, _, size, letters = _STREAM.unpack_from(plain, at)
        begin = at + _STREAM.size + letters
        body = plain[begin : begin + size]
        if kind == _DATA:
            file = body
        elif kind == _ALTERNATE:
            name = plain[at + _STREAM.size : begin].decode("utf-16-le", "replace")
            alternate[name.removeprefix(":").removesuffix(":$DATA")] = body
        at = begin + size
    return Content(file or b"", alternate, whole=file is not None and at == len(plain))
