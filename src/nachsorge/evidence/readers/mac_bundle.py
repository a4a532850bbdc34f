"""What macOS knows of installed software: a bundle's `Info.plist`, and the installer's `InstallHistory.plist`.

Keys: Apple, "Information Property List"; the history is written by Installer and softwareupdate at every package.
Neither covers a span: a bundle says nothing of others, and the history does not know of apps that were dragged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from plistlib import FMT_BINARY, FMT_XML, dumps
from typing import TYPE_CHECKING

from nachsorge.evidence.containers.names import last_part
from nachsorge.evidence.plists import is_plist, leaves, plist_of
from nachsorge.evidence.seams import Opened, Plant, ReadError, Sieve, Tells
from nachsorge.model.evidence import Record, Software, Value
from nachsorge.model.times import EARLIEST_PLAUSIBLE, Instant, from_datetime
from nachsorge.model.words import Kind, Platform, Reason, Telemetry

if TYPE_CHECKING:
    from nachsorge.evidence.ledger import Ledger

_BUNDLE = (b"CFBundleIdentifier", b"CFBundleName", b"CFBundleShortVersionString", b"CFBundleExecutable")
_MORE = ("CFBundleDisplayName", "CFBundleVersion")
_NAMES = ("CFBundleName", "CFBundleDisplayName", "CFBundleIdentifier", "CFBundleExecutable")
"""A bundle has many names, and a pack may know it by any: the folder's, which a user can change, is one more."""
_HISTORY = (b"displayName", b"displayVersion")
_INSIDE = "/Contents/Info.plist"
MOST = 1_000_000
"""A binary list may name one installation in many places; no history is so long."""


class MacBundle:
    """Reader of both files."""

    name = "mac_bundle"
    telemetry: tuple[Telemetry, ...] = (Telemetry.INSTALLED_SOFTWARE, Telemetry.SOFTWARE_INSTALL)
    tells = Tells(
        proves="`Info.plist`: that a program lay there at this version; `InstallHistory.plist`: that Installer or "
        "softwareupdate installed it, and when",
        rules_out="`InstallHistory.plist`: a package of Installer or softwareupdate, in stretches with entries; "
        "`Info.plist`: nothing",
        not_told="programs that were dragged to a folder or update themselves, whether a program ran, what was "
        "removed, earlier versions of a bundle",
        covers=(Telemetry.SOFTWARE_INSTALL,),
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise a property list with the keys of either, or one that is called so."""
        if not is_plist(head):
            return 0
        keyed = any(key in head for key in _BUNDLE) or all(key in head for key in _HISTORY)
        named = last_part(name).lower() in ("info.plist", "installhistory.plist")
        return 90 if keyed and named else 70 if named else 60 if keyed else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the one bundle, or one record an installation; ReadError where it is no such property list."""
        with source.open() as stream:
            tree = plist_of(stream)
        match tree:
            case dict():
                yield _bundle(tree, source, ledger)
            case list():
                if len(tree) > MOST:
                    raise ReadError(Reason.LIMIT, f"more than {MOST} installations")
                for number, item in enumerate(tree):
                    if (record := _installed(item, number, source, ledger)) is not None:
                        yield record
            case _:
                raise ReadError(Reason.CORRUPT, "neither a bundle's property list nor an installation history")
        ledger.platform = ledger.platform or Platform.MACOS

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make a bundle whose identifier, or a history whose product, is the planted name."""
        form = FMT_BINARY if head.startswith(b"bplist") else FMT_XML
        if all(key in head for key in _HISTORY):
            date = datetime(2023, 4, 1, tzinfo=UTC).replace(tzinfo=None)
            return dumps([{"date": date, "displayName": plant.host, "displayVersion": "1"}], fmt=form)
        bundle = {"CFBundleIdentifier": plant.host, "CFBundleName": "control", "CFBundleShortVersionString": "1"}
        return dumps(bundle, fmt=form)


def _bundle(tree: Mapping[object, object], source: Opened, ledger: Ledger) -> Record:
    ledger.count(Telemetry.INSTALLED_SOFTWARE, 1, source.host)
    folder = source.path.removesuffix(_INSIDE)
    event = {key: text for key in (*map(bytes.decode, _BUNDLE), *_MORE) if (text := _string(tree.get(key)))}
    version = event.get("CFBundleShortVersionString") or event.get("CFBundleVersion", "")
    if not version:
        # Without a version it still is a program, and an exposure to any version must meet it.
        ledger.spoil("CFBundleShortVersionString")
    identifier = event.get("CFBundleIdentifier", "")
    values = [Value(Kind.PATH, "path", folder)]
    values += [Value(Kind.TEXT, "CFBundleIdentifier", identifier)] if identifier else []
    # A feed of updates, a variable that loads a library: whatever else a bundle says is searched as text.
    values += [Value(Kind.TEXT, "other", text) for text in dict.fromkeys(leaves(tree)) if text != identifier]
    return Record(
        telemetry=Telemetry.INSTALLED_SOFTWARE,
        locator="CFBundleName",
        time=source.modified,
        values=tuple(values),
        event={"path": folder, **event},
        host=source.host,
        software=_program([event.get(key, "") for key in _NAMES], last_part(folder).removesuffix(".app"), version),
        product="macos",
    )


def _program(stated: list[str], folder: str, version: str) -> Software:
    names = [name for name in dict.fromkeys((*stated, folder)) if name]
    first = stated[0] or folder
    others = tuple(name for name in names if name != first)
    return Software(name=first, version=version, platform=Platform.MACOS, aliases=others)


def _installed(item: object, number: int, source: Opened, ledger: Ledger) -> Record | None:
    locator = f"item {number}"
    ledger.count(Telemetry.SOFTWARE_INSTALL, 1, source.host)
    name = _string(item.get("displayName")) if isinstance(item, Mapping) else ""
    if not isinstance(item, Mapping) or not name:
        ledger.spoil(locator)
        return None
    time = _instant(item.get("date"))
    if time is None:
        ledger.gap(Reason.NO_TIME, "installations without a usable date", telemetry=Telemetry.SOFTWARE_INSTALL)
    else:
        ledger.saw(Telemetry.SOFTWARE_INSTALL, time, time, source.host)
    event = {key: text for key in ("displayName", "displayVersion", "processName") if (text := _string(item.get(key)))}
    packages = item.get("packageIdentifiers")
    names = [text for text in map(_string, packages if isinstance(packages, list) else []) if text]
    if names:
        event["packageIdentifiers"] = "\n".join(names)
    return Record(
        telemetry=Telemetry.SOFTWARE_INSTALL,
        locator=locator,
        time=time,
        values=tuple(Value(Kind.TEXT, field, text) for field, text in event.items()),
        event=event,
        host=source.host,
        software=Software(
            name=name, version=event.get("displayVersion", ""), platform=Platform.MACOS, aliases=tuple(names)
        ),
        product="macos",
    )


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""


def _instant(value: object) -> Instant | None:
    """Take a date; property lists hold UTC without saying so."""
    instant = from_datetime(value.replace(tzinfo=UTC)) if isinstance(value, datetime) else 0
    return instant if instant >= EARLIEST_PLAUSIBLE else None
