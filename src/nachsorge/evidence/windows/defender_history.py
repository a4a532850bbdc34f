"""The binary form of a detection in Defender's history: fields in a row, one of which may hold a table of its own.

There is no description by Microsoft. As found in files of Windows 10 and 11, and as plaso's `windefender_history` says:
each field is a size, a type, the value, padded to eight bytes. Texts are UTF-16. A field of type 0x28 holds, behind its
own head, entries of (size, name, type, value). What these rules do not explain is carved for readable texts, so that
nothing goes unsearched.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nachsorge.evidence.clocks import filetime
from nachsorge.model.times import Instant

if TYPE_CHECKING:
    from collections.abc import Iterator


START = b"\x08\0\0\0\x08\0\0\0"
MAGIC = "Magic.Version:1.2".encode("utf-16-le")
_TEXT, _TABLE, _TIME = 0x15, 0x28, 0x0A
_FIELDS = 10_000
_WIDE = re.compile(rb"(?:[\x20-\x7e]\0|[\xa0-\xff]\0|[^\0][\x01-\x30]){4,}")
_SIZES = {0x03: 4, 0x04: 8, 0x05: 1}
_NUMBER, _QUAD, _FLAG, _STRING = 3, 4, 5, 6


@dataclass(slots=True)
class Detection:
    """`threat` is the detection's name; `resources` are (kind, place) such as (`file`, `C:...`).

    `table` are the tracking entries by their names without `ThreatTracking`; `more` are texts that no rule explains.
    """

    threat: str = ""
    resources: list[tuple[str, str]] = field(default_factory=list)
    table: dict[str, str] = field(default_factory=dict)
    more: list[str] = field(default_factory=list)
    time: Instant | None = None
    whole: bool = True


def detection_of(data: bytes) -> Detection:
    """Take a history file apart as far as it goes; `whole` says whether that was to its end."""
    found = Detection()
    texts: list[str] = []
    at, count = 0, 0
    while at + 8 <= len(data) and count < _FIELDS:
        size, kind = int.from_bytes(data[at : at + 4], "little"), int.from_bytes(data[at + 4 : at + 8], "little")
        value = data[at + 8 : at + 8 + size]
        if len(value) < size:
            found.whole = False
            found.more += _carved(data[at:])
            break
        if kind == _TEXT:
            texts.append(value.decode("utf-16-le", "replace").strip("\0"))
        elif kind == _TABLE and size > 20:
            _table(value, found)
        elif kind not in (_TEXT, _TABLE) and size > 16:
            found.more += _carved(value)
        at += 8 + size + -size % 8
        count += 1
    _sort(texts, found)
    return found


def _sort(texts: list[str], found: Detection) -> None:
    """Tell texts apart by what they stand behind: a mark, then a threat or a resource's kind and place."""
    marks = [at for at, text in enumerate(texts) if text.startswith("Magic.Version")]
    for at, until in zip(marks, [*marks, len(texts)][1:], strict=True):
        group = [text for text in texts[at + 1 : until] if text]
        if not found.threat and group:
            found.threat, group = group[0], group[1:]
        elif len(group) >= 2:
            found.resources.append((group[0], group[1]))
            group = group[2:]
        found.more += group
    found.more += texts[: marks[0]] if marks else texts


def _table(value: bytes, found: Detection) -> None:
    """Take the entries behind the head, whose length the first number after the sizes states."""
    for name, text, time in _entries(value):
        short = name.removeprefix("ThreatTracking")
        if text:
            found.table.setdefault(short, text)
        if short == "StartTime" and time is not None:
            found.time = found.time or time
    found.more += [text for text in _carved(value) if not text.startswith("ThreatTracking")]


def _entries(value: bytes) -> Iterator[tuple[str, str, Instant | None]]:
    at = value.find("ThreatTracking".encode("utf-16-le")) - 4
    while at >= 0 and at + 4 <= len(value):
        size = int.from_bytes(value[at : at + 4], "little")
        name = value[at + 4 : at + 4 + size].decode("utf-16-le", "replace").strip("\0")
        at += 4 + size
        kind = int.from_bytes(value[at : at + 4], "little")
        at += 4
        if kind == _STRING:
            length = int.from_bytes(value[at : at + 4], "little")
            yield name, value[at + 4 : at + 4 + length].decode("utf-16-le", "replace").strip("\0"), None
            at += 4 + length
        elif kind in _SIZES:
            raw = value[at : at + _SIZES[kind]]
            number = int.from_bytes(raw, "little")
            yield name, str(number), filetime(number) if kind == _QUAD else None
            at += len(raw)
        else:
            return


def _carved(data: bytes) -> list[str]:
    return [found.decode("utf-16-le", "replace").strip("\0") for found in _WIDE.findall(data)]
