"""macOS launch agents and daemons: property lists in `LaunchAgents` and `LaunchDaemons` (launchd.plist(5)).

One item proves that this program is set to start by itself, since the file's last change at the latest; not that it
ran. It covers nothing: it is one item of many, and there are other ways to start.
"""

from __future__ import annotations

import re
from plistlib import FMT_BINARY, FMT_XML, dumps
from typing import TYPE_CHECKING

from nachsorge.evidence.plists import is_plist, leaves, plist_of
from nachsorge.evidence.seams import ReadError, Tells
from nachsorge.model.evidence import Record, Value
from nachsorge.model.words import Kind, Platform, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve

_PLACE = re.compile(r"(?:^|[/\\!])Launch(?:Agents|Daemons)[/\\][^/\\]+\Z")
_LABEL = re.compile(rb"<key>\s*Label\s*</key>|[\x51-\x5f]Label")
_STARTS = (b"ProgramArguments", b"Program", b"BundleProgram")
_PATHS = ("Program", "BundleProgram", "WorkingDirectory", "StandardOutPath", "StandardErrorPath", "RootDirectory")
_LISTS = ("ProgramArguments", "WatchPaths", "QueueDirectories")


class LaunchItems:
    """Reader of one such property list."""

    name = "launch_items"
    telemetry: tuple[Telemetry, ...] = (Telemetry.PERSISTENCE,)
    tells = Tells(
        proves="that a program is set to start by itself, since the file's last change at the latest",
        rules_out="nothing: it is one item of many, and there are other ways to start",
        not_told="whether it is switched on, whether it ever ran",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise a property list with a label and a program, or one in such a folder."""
        if not is_plist(head):
            return 0
        keyed = _LABEL.search(head) is not None and any(key in head for key in _STARTS)
        return 92 if keyed and _PLACE.search(name) else 80 if keyed else 65 if _PLACE.search(name) else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the one item; ReadError where it is no such property list."""
        ledger.platform = ledger.platform or Platform.MACOS
        with source.open() as stream:
            tree = plist_of(stream)
        if not isinstance(tree, dict):
            raise ReadError(Reason.CORRUPT, "no dictionary, as launch items are")
        ledger.count(Telemetry.PERSISTENCE, 1, source.host)
        yield _record(tree, source)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make an item with the planted name among its arguments."""
        item = {"Label": "control", "ProgramArguments": ["/x", plant.host, plant.path]}
        return dumps(item, fmt=FMT_BINARY if head.startswith(b"bplist") else FMT_XML)


def _record(tree: Mapping[object, object], source: Opened) -> Record:
    event = {"path": source.path}
    values = [Value(Kind.PATH, "path", source.path)]
    if isinstance(label := tree.get("Label"), str):
        event["Label"] = label
        values.append(Value(Kind.TEXT, "Label", label))
    for name in (*_PATHS, *_LISTS):
        for text in _strings(tree.get(name)):
            event[name] = f"{event[name]}\n{text}" if name in event else text
            values += [Value(Kind.PATH, name, text), Value(Kind.TEXT, name, text)]
    arguments = _strings(tree.get("ProgramArguments"))
    if len(arguments) > 1:
        values.append(Value(Kind.TEXT, "command", " ".join(arguments)))
    told = {value.text for value in values if value.kind is Kind.TEXT}
    values += [Value(Kind.TEXT, "other", text) for text in dict.fromkeys(leaves(tree)) if text not in told]
    return Record(
        telemetry=Telemetry.PERSISTENCE,
        locator="item",
        time=source.modified,
        values=tuple(values),
        event=event,
        host=source.host,
        product="macos",
    )


def _strings(value: object) -> list[str]:
    listed = value if isinstance(value, list) else [value]
    return [text for text in listed if isinstance(text, str) and text]
