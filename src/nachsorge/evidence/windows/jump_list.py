"""The parts of jump lists: the shell links in them, and the list of destinations beside the links.

An automatic list is an OLE compound file with one link a stream (named by its number in hexadecimal) and a stream
`DestList`; a custom list is links one behind the other in categories. Layout: libyal, "Jump lists format" (versions 1
and 3 to 6 of DestList).
"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from nachsorge.evidence.clocks import filetime
from nachsorge.evidence.seams import ReadError
from nachsorge.evidence.windows.shell_link import MAGIC as LINK
from nachsorge.model.times import Instant
from nachsorge.model.words import Reason

olefile: Any
try:
    olefile = import_module("olefile")
except ImportError:  # the extra `windows` is not installed (design, section 7)
    olefile = None


COMPOUND = bytes.fromhex("d0cf11e0a1b11ae1")
INSTALL = "reading automatic jump lists needs an extra: pip install 'nachsorge[windows]'"
FOOTER = b"\xab\xfb\xbf\xba"
MOST = 20_000
"""So many links are read of one list; Windows keeps some 2,000 at most."""

LARGEST_STREAM = 16 * 1024 * 1024
_DESTINATIONS = "DestList"
_HEAD = 32
_FAULTS = (OSError, struct.error, LookupError, ValueError, TypeError, AttributeError, OverflowError, RecursionError)
"""What the library raises over broken files, beside its own errors, which are OSErrors."""


@dataclass(frozen=True, slots=True)
class Destination:
    """One row of DestList: where to, when last, how often (from version 3 on, else -1), on which machine."""

    number: int
    path: str
    used: Instant | None
    count: int
    machine: str
    pinned: bool


@dataclass(slots=True)
class JumpList:
    """Links by number, and destinations by number. `faults` names what could not be read."""

    links: dict[int, bytes] = field(default_factory=dict)
    destinations: dict[int, Destination] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


def automatic(data: bytes) -> JumpList:
    """Take an automatic list apart; ReadError where the extra is missing (MISSING_EXTRA) or it cannot be opened."""
    if olefile is None:
        raise ReadError(Reason.MISSING_EXTRA, INSTALL)
    found = JumpList()
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as compound:
            for entry in compound.listdir()[: MOST + 1]:
                _stream(compound, entry, found)
            if len(compound.listdir()) > MOST:
                found.faults.append(f"more than {MOST} links")
            if compound.parsing_issues:
                what = " ".join(str(compound.parsing_issues[0][1]).split())[:120]
                found.faults.append(f"its streams cannot all be followed: {what}")
            if not compound.exists(_DESTINATIONS):
                found.faults.append(f"it has no stream {_DESTINATIONS}")
    except _FAULTS as error:
        raise ReadError(
            Reason.CORRUPT, f"not a readable compound file: {' '.join(str(error).split())[:200]}"
        ) from error
    return found


def _stream(compound: Any, entry: list[str], found: JumpList) -> None:
    name = "/".join(str(part) for part in entry)
    if name == _DESTINATIONS or _is_number(name):
        try:
            if compound.get_size(entry) > LARGEST_STREAM:
                found.faults.append(f"stream {name} is larger than {LARGEST_STREAM} bytes")
                return
            body = compound.openstream(entry).read(LARGEST_STREAM)
        except _FAULTS as error:
            found.faults.append(f"stream {name}: {' '.join(str(error).split())[:120]}")
            return
        if name == _DESTINATIONS:
            found.destinations = destinations(body, found.faults)
        else:
            found.links[int(name, 16)] = body


def _is_number(name: str) -> bool:
    return 0 < len(name) <= 8 and all(letter in "0123456789abcdefABCDEF" for letter in name)


def destinations(body: bytes, faults: list[str]) -> dict[int, Destination]:
    """Decode DestList; where it breaks off, what came before is kept and the break is named."""
    if len(body) < _HEAD:
        faults.append(f"{_DESTINATIONS} is shorter than its head")
        return {}
    version, stated = struct.unpack_from("<II", body)
    length_at, path_at, after = (112, 114, 0) if version == 1 else (128, 130, 4)
    found: dict[int, Destination] = {}
    at = _HEAD
    while at < len(body) and len(found) < MOST:
        if at + path_at > len(body):
            break
        size = 2 * int.from_bytes(body[at + length_at : at + length_at + 2], "little")
        end = at + path_at + size
        if end > len(body):
            break
        number = int.from_bytes(body[at + 88 : at + 92], "little")
        found[number] = Destination(
            number,
            body[at + path_at : end].decode("utf-16-le", "replace").partition("\0")[0],
            filetime(int.from_bytes(body[at + 100 : at + 108], "little")),
            int.from_bytes(body[at + 116 : at + 120], "little") if version > 1 else -1,
            body[at + 72 : at + 88].partition(b"\0")[0].decode("latin-1"),
            body[at + 108 : at + 112] != b"\xff\xff\xff\xff",
        )
        at = end + after
    if len(found) < min(stated, MOST):
        faults.append(f"{_DESTINATIONS} holds {len(found)} of the {stated} rows that it says it has")
    return found


def custom(data: bytes) -> JumpList:
    """Take a custom list apart by the links' own headers: their sizes are not stated."""
    found = JumpList()
    at = data.find(LINK)
    while at >= 0 and len(found.links) < MOST:
        following = data.find(LINK, at + len(LINK))
        found.links[len(found.links) + 1] = data[at : following if following >= 0 else len(data)]
        at = following
    if at >= 0:
        found.faults.append(f"more than {MOST} links")
    categories = int.from_bytes(data[4:8], "little")
    stated = _stated(data, categories)
    if len(found.links) < min(stated, MOST):
        found.faults.append(f"{len(found.links)} of the {stated} links that it says it has were found")
    if categories and not data.endswith(FOOTER):
        found.faults.append("the list ends without its closing mark")
    return found


def _stated(data: bytes, categories: int) -> int:
    """Add up the links that the categories say they have: each ends with the closing mark, the next one follows it."""
    stated, at = 0, 12
    for _ in range(min(categories, 64)):
        kind = int.from_bytes(data[at : at + 4], "little")
        if kind == 0:
            at += 2 + 2 * int.from_bytes(data[at + 4 : at + 6], "little")
        stated += 0 if kind == 1 else int.from_bytes(data[at + 4 : at + 8], "little")
        at = data.find(FOOTER, at) + len(FOOTER)
        if at < len(FOOTER):
            break
    return stated


def is_custom(head: bytes) -> bool:
    """Tell whether the first bytes are a custom list's: a version, few categories, each of a known kind."""
    if len(head) < 12:
        return False
    version, categories, reserved = struct.unpack_from("<III", head)
    if version not in (1, 2) or categories > 64 or reserved:
        return False
    if not categories:
        return len(head) == 12
    return len(head) > 16 and int.from_bytes(head[12:16], "little") in (0, 1, 2)
