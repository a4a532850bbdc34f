"""Background and login items of macOS: `backgrounditems.btm`, `BackgroundItems-v*.btm`, lists of login items.

An item proves that this program is set to start at login or in the background, for this user, since the file's last
change at the latest; not that it ran. It covers nothing: there are other ways to start. The `.btm` files are archives
of objects (NSKeyedArchiver), in which all that belongs to an item is gathered here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from plistlib import FMT_BINARY, UID, dumps
from typing import TYPE_CHECKING
from urllib.parse import unquote

from nachsorge.evidence.macos.bookmarks import MAGIC, path_of
from nachsorge.evidence.plists import is_plist, plist_of
from nachsorge.evidence.seams import ReadError, Tells
from nachsorge.evidence.text import lenient
from nachsorge.model.evidence import Record, Value
from nachsorge.model.words import Kind, Platform, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve

_DEPTH = 12
_MOST = 200_000
"""Objects may hold each other in circles; so many are looked at in all."""

_WIDEST = 1024
"""Bits of a number that is written in decimal."""

_MARKS = (b"backgroundItems", b"BackgroundItems", b"ItemRecord", b"BTMUserSettings", b"itemsByUserIdentifier")
_LISTS = (b"SessionItems", b"CustomListItems", b"LoginItems")
_ITEM = frozenset({"bookmark", "executablePath", "programArguments", "url", "bundleIdentifier", "Alias", "Bookmark"})
_FILE_URL = re.compile(rb"file://(/[!-~]{1,1024})")
_TOLD = {"executablePath": Kind.PATH, "url": Kind.URL, "path": Kind.PATH}


class BackgroundItems:
    """Reader of the archives and of the older lists."""

    name = "background_items"
    telemetry: tuple[Telemetry, ...] = (Telemetry.PERSISTENCE,)
    tells = Tells(
        proves="That a program is set to start at login or in the background, since the file's last change at the "
        "latest",
        rules_out="Nothing",
        not_told="Whether the item is switched on in the same words for every version of macOS, or ever ran; launch "
        "agents and daemons of versions before 13, which are files of their own",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the names of objects in the archive, or of the list."""
        if not is_plist(head):
            return 0
        archived = b"NSKeyedArchiver" in head or b"$archiver" in head
        if archived and any(mark in head for mark in _MARKS):
            return 92
        if name.lower().endswith(".btm"):
            return 80
        listed = any(mark in head for mark in _LISTS) and (b"Alias" in head or b"Bookmark" in head)
        return 85 if listed else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield a record an item; ReadError where the file is no such list."""
        ledger.platform = ledger.platform or Platform.MACOS
        with source.open() as stream:
            tree = plist_of(stream)
        if not isinstance(tree, dict):
            raise ReadError(Reason.CORRUPT, "no dictionary, as lists of items are")
        objects = tree.get("$objects")
        archive = _Archive(objects if isinstance(objects, list) else [])
        roots: list[object] = archive.objects or [tree]
        items = list(_items(roots, archive)) or [tree]
        for number, item in enumerate(items, 1):
            ledger.count(Telemetry.PERSISTENCE, 1, source.host)
            yield _record(item, archive, f"item {number}", source)
        if archive.stopped:
            ledger.gap(Reason.LIMIT, f"more than {_MOST} parts of items; the rest was not looked at")

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make an archive of one item with the planted name."""
        objects = ["$null", {"executablePath": UID(2), "name": UID(3)}, plant.path, plant.host, "ItemRecord"]
        return dumps(
            {"$version": 100_000, "$archiver": "NSKeyedArchiver", "$top": {"root": UID(1)}, "$objects": objects},
            fmt=FMT_BINARY,
        )


@dataclass(slots=True)
class _Archive:
    """The objects of an archive; values in them are numbers of other objects."""

    objects: list[object]
    looked: int = 0
    stopped: bool = field(default=False)

    def of(self, value: object) -> object:
        """Follow a number to its object."""
        if isinstance(value, UID):
            return self.objects[value.data] if 0 <= value.data < len(self.objects) else None
        return value

    def leaves(self, value: object, name: str, depth: int = 0) -> Iterator[tuple[str, str]]:
        """Give what a value holds as (name, text), a bookmark as its path as well. Circles end at a depth."""
        value = self.of(value)
        self.looked += 1
        self.stopped = self.looked > _MOST
        if depth > _DEPTH or self.stopped:
            return
        match value:
            case dict():
                # An item within an item (its container) is a record of its own.
                for key, below in value.items():
                    if key != "$class" and not (depth and key in ("container", "internalItems")):
                        yield from self.leaves(below, _short(str(key), name), depth + 1)
            case list():
                for below in value:
                    yield from self.leaves(below, name, depth + 1)
            case str() | bytes() if value and value != "$null":
                yield from self._text(value, name)
            case int() if value.bit_length() > _WIDEST:
                yield name, hex(value)  # in decimal it takes too long, and Python refuses
            case int() | float():
                yield name, str(value)

    def _text(self, value: str | bytes, name: str) -> Iterator[tuple[str, str]]:
        if isinstance(value, str):
            yield name, value
            return
        if value.startswith(MAGIC) and (path := path_of(value)):
            yield "path", path
        for found in _FILE_URL.findall(value):
            yield "path", unquote(lenient(found))
        if len(value) > 16:
            yield f"{name} (bytes)", lenient(value)


def _short(key: str, above: str) -> str:
    """Leave out the names that archives give to their own parts."""
    return above if key.startswith(("NS.", "$")) and above else key


def _items(objects: list[object], archive: _Archive) -> Iterator[dict[object, object]]:
    """Find the objects that are items, wherever they stand."""
    waiting: list[tuple[object, int]] = [(one, 0) for one in reversed(objects)]
    known: set[int] = set()
    while waiting:
        value, depth = waiting.pop()
        if isinstance(value, (dict, list)):
            if id(value) in known:  # a binary list may name one part in many places
                continue
            known.add(id(value))
        if isinstance(value, dict):
            if any(archive.of(cell) not in (None, "$null") for key, cell in value.items() if str(key) in _ITEM):
                yield value
            elif not archive.objects and depth < _DEPTH:
                waiting.extend((below, depth + 1) for below in value.values())
        elif isinstance(value, list) and not archive.objects and depth < _DEPTH:
            waiting.extend((below, depth + 1) for below in value)


def _record(item: dict[object, object], archive: _Archive, locator: str, source: Opened) -> Record:
    told: dict[str, list[str]] = {"list": [source.path]}
    values: list[Value] = []
    for name, text in dict.fromkeys(archive.leaves(item, "")):
        values.append(Value(_TOLD.get(name, Kind.TEXT), name, text))
        if name in _TOLD:
            values.append(Value(Kind.TEXT, name, text))
        if not name.endswith("(bytes)"):
            told.setdefault(name, []).append(text)
    return Record(
        telemetry=Telemetry.PERSISTENCE,
        locator=locator,
        time=source.modified,
        values=tuple(values),
        event={name: "\n".join(texts) for name, texts in told.items()},
        host=source.host,
        product="macos",
    )
