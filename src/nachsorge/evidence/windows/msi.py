"""The properties of a Windows Installer package: product, version, maker, codes, and the platform that it is for.

A package is a database in an OLE compound file. Its tables are streams whose names are packed, two letters in one
character; texts stand once, in a pool, and tables hold their numbers, column by column. Layout: the open description of
Wine's `msi` (tables, string pool); Microsoft, "Windows Installer Database", "Property Table", "Template Summary".
"""

from __future__ import annotations

import codecs
import struct
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

from nachsorge.evidence.clocks import filetime
from nachsorge.evidence.seams import ReadError
from nachsorge.model.times import Instant
from nachsorge.model.words import Reason

olefile: Any
try:
    olefile = import_module("olefile")
except ImportError:  # the extra `windows` is not installed (design, section 7)
    olefile = None

if TYPE_CHECKING:
    from typing import BinaryIO


MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
INSTALL = "reading installer packages needs an extra: pip install 'nachsorge[windows]'"
PACKAGE = bytes.fromhex("84100c0000000000c000000000000046")
PATCH = bytes.fromhex("86100c0000000000c000000000000046")
"""Class identifiers of the root: {000C1084-...} a package, {000C1086-...} a patch."""

LARGEST_TABLE = 64 * 1024 * 1024
_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._"
_PAIRS, _SINGLES, _TABLE = 0x3800, 0x4800, 0x4840
_LONG = 0x80000000
_LONGEST_TEXT = 4096
_SUMMARY = "\x05SummaryInformation"
_SUMMARY_TEXTS = {2: "title", 3: "subject", 4: "author", 6: "comments", 7: "template", 9: "package_code"}
_CREATED = 12
_MOST_PROPERTIES = 256
_FAULTS = (OSError, struct.error, IndexError, ValueError, KeyError, TypeError, AttributeError, OverflowError)
"""What the library raises over broken files, beside its own errors, which are OSErrors."""


@dataclass(slots=True)
class Package:
    """The Property table, and the texts of the summary by their names; `created` is the summary's own time.

    `damage` says what of the summary could not be read.
    """

    properties: dict[str, str] = field(default_factory=dict)
    summary: dict[str, str] = field(default_factory=dict)
    created: Instant | None = None
    damage: str = ""


def package_of(stream: BinaryIO) -> Package:
    """Read a package from a seekable stream.

    Raises:
        ReadError: MISSING_EXTRA, or CORRUPT where the file or its tables cannot be followed.
    """
    if olefile is None:
        raise ReadError(Reason.MISSING_EXTRA, INSTALL)
    try:
        database: Any = olefile.OleFileIO(stream)
        package = Package(_properties(database))
        if issues := database.parsing_issues:
            package.damage = f"its streams cannot all be followed: {_said(issues[0][1])}"
        try:
            package.summary, package.created = _summary(database)
        except _FAULTS as error:
            package.damage = f"its summary cannot be read: {_said(error)}"
        return package
    except _FAULTS as error:
        raise ReadError(Reason.CORRUPT, f"not a readable installer package: {_said(error)}") from error


def _said(error: object) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


def packed(name: str) -> str:
    """Pack a table's name as its stream is called."""
    out, at = chr(_TABLE), 0
    while at < len(name):
        first = _LETTERS.index(name[at])
        if at + 1 < len(name):
            out += chr(_PAIRS + first + (_LETTERS.index(name[at + 1]) << 6))
            at += 2
        else:
            out += chr(_SINGLES + first)
            at += 1
    return out


def _stream(database: Any, name: str) -> bytes:
    if database.get_size(name) > LARGEST_TABLE:
        raise ReadError(Reason.LIMIT, f"a table of more than {LARGEST_TABLE} bytes")
    data: bytes = database.openstream(name).read()
    return data


def _properties(database: Any) -> dict[str, str]:
    """Give the Property table; none where the package has no such table (patches)."""
    if not database.exists(packed("Property")):
        return {}
    texts, width = strings(_stream(database, packed("_StringPool")), _stream(database, packed("_StringData")))
    table = _stream(database, packed("Property"))
    numbers = [int.from_bytes(table[at : at + width], "little") for at in range(0, len(table) - width + 1, width)]
    rows = len(numbers) // 2
    return {
        texts[name]: texts[value][:_LONGEST_TEXT]
        for name, value in zip(numbers[:rows], numbers[rows : 2 * rows], strict=True)
        if name in texts and value in texts
    }


def strings(pool: bytes, data: bytes) -> tuple[dict[int, str], int]:
    """Give the texts of the pool by their numbers, and how many bytes a number has in tables."""
    (head,) = struct.unpack_from("<I", pool)
    codec = _codec(head & 0xFFFF)
    texts: dict[int, str] = {}
    at, start, number = 4, 0, 1
    while at + 4 <= len(pool):
        size, uses = struct.unpack_from("<HH", pool, at)
        at += 4
        if not size and uses:
            # A text of 64 KiB or more: this entry holds the upper half of its size, the next one the rest.
            if at + 4 > len(pool):
                break
            low, _ = struct.unpack_from("<HH", pool, at)
            size, at = (uses << 16) + low, at + 4
        if size:
            texts[number] = data[start : start + min(size, _LONGEST_TEXT * 4)].decode(codec, "replace")
        start, number = start + size, number + 1
    return texts, 3 if head & _LONG else 2


def _codec(codepage: int) -> str:
    codec = {0: "latin-1", 65001: "utf-8", 28591: "latin-1"}.get(codepage, f"cp{codepage}")
    try:
        codecs.lookup(codec)
    except LookupError:
        return "latin-1"
    return codec


def _summary(database: Any) -> tuple[dict[str, str], Instant | None]:
    if not database.exists(_SUMMARY):
        return {}, None
    found = _property_set(_stream(database, _SUMMARY))
    codepage, created = found.get(1), found.get(_CREATED)
    codec = _codec(codepage & 0xFFFF if isinstance(codepage, int) else 0)
    texts: dict[str, str] = {}
    for number, name in _SUMMARY_TEXTS.items():
        value = found.get(number)
        text = value.decode(codec, "replace") if isinstance(value, bytes) else value if isinstance(value, str) else ""
        if text := text.replace("\0", "").strip():
            texts[name] = text[:_LONGEST_TEXT]
    return texts, filetime(created) if isinstance(created, int) else None


def _property_set(data: bytes) -> dict[int, int | str | bytes]:
    """Give the properties of the first set of a stream ([MS-OLEPS] 2.21) whose types a summary has; others are none.

    The library's own reading of them counts up to four billion where a damaged file says so.
    """
    size = len(data)
    data += bytes(12)  # the last property may be shorter than the longest type
    (start,) = struct.unpack_from("<I", data, 44)
    (count,) = struct.unpack_from("<I", data, start + 4)
    found: dict[int, int | str | bytes] = {}
    for row in range(min(count, _MOST_PROPERTIES)):
        number, offset = struct.unpack_from("<II", data, start + 8 + 8 * row)
        at = start + offset
        if at >= size:
            raise ValueError("a property of the summary lies behind its end")
        kind, length = struct.unpack_from("<II", data, at)
        match kind:
            case 2:
                found[number] = length & 0xFFFF
            case 30:
                found[number] = data[at + 8 : at + 8 + min(length, _LONGEST_TEXT)]
            case 31:
                found[number] = data[at + 8 : at + 8 + 2 * min(length, _LONGEST_TEXT)].decode("utf-16-le", "replace")
            case 64:
                (found[number],) = struct.unpack_from("<Q", data, at + 4)
    return found
