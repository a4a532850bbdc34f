r"""Installed programs as the registry lists them, and the users whose own lists lie in other hives.

The `Uninstall` keys are what "Apps & features" shows (Microsoft, "Uninstall Registry Key"). They prove that a program
is installed, at which version, since the key's last change at the latest. A program without an installer is not
there, nor one that was removed. What a user installed from a package of Windows Installer stands in the machine's hive
as well (`Installer\UserData`, by the user's SID): it is found there also where that user's own hive is missing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nachsorge.model.evidence import Record, Software, Value
from nachsorge.model.words import Kind, Platform, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.windows.hive import Key

UNINSTALL = (
    r"Microsoft\Windows\CurrentVersion\Uninstall",
    r"Wow6432Node\Microsoft\Windows\CurrentVersion\Uninstall",
)
_PACKAGES = r"Microsoft\Windows\CurrentVersion\Installer\UserData"
_PROFILES = r"Microsoft\Windows NT\CurrentVersion\ProfileList"
_PEOPLE = ("s-1-5-21-", "s-1-12-1-")
_PATHS = ("installlocation", "displayicon", "installsource")
_TEXTS = ("uninstallstring", "quietuninstallstring", "displayname")


def programs(top: Key, hive_name: str) -> Iterator[tuple[Key, Record]]:
    """Give each listed program below a `Software` key, with the key it stands in; those without a name too."""
    for place in UNINSTALL:
        folder = top.find(place)
        for key in folder.subkeys() if folder else ():
            yield key, program(key, hive_name)
    yield from _packages(top.find(_PACKAGES), hive_name)


def _packages(accounts: Key | None, hive_name: str) -> Iterator[tuple[Key, Record]]:
    """Give what was installed from packages, by account; an entry without a name tells nothing."""
    for account in accounts.subkeys() if accounts else ():
        products = account.find("Products")
        for product in products.subkeys() if products else ():
            key = product.find("InstallProperties")
            if key is not None and "displayname" in key.table():
                record = program(key, hive_name)
                yield key, replace(record, event={**record.event, "account": account.name})


def program(key: Key, hive_name: str) -> Record:
    """Make the record of one program from its key."""
    table = {name: value.text for name, value in key.table().items()}
    path = f"{hive_name}\\{key.path}"
    name = table.get("displayname") or key.name
    values = [Value(Kind.REGISTRY, "key", path)]
    values += [Value(Kind.PATH, n, _path(table[n])) for n in _PATHS if table.get(n)]
    values += [Value(Kind.TEXT, n, table[n]) for n in _TEXTS if table.get(n)]
    event = {"key": path} | {n: table[n] for n in ("displayversion", "publisher", *_PATHS, *_TEXTS) if table.get(n)}
    return Record(
        telemetry=Telemetry.INSTALLED_SOFTWARE,
        locator=path,
        time=key.written,
        values=tuple(values),
        event=event,
        software=Software(
            name=name,
            version=table.get("displayversion", ""),
            platform=Platform.WINDOWS,
            publisher=table.get("publisher", ""),
        ),
        product="windows",
    )


def _path(text: str) -> str:
    """Take the path out of a quoted one with the number of an icon behind it."""
    bare, _, index = text.rpartition(",")
    return (bare if bare and index.strip("- ").isdecimal() else text).strip().strip('"')


def people(top: Key) -> list[str]:
    """List the profile folders of people (accounts of the machine, its domain, or Entra) that the machine knows."""
    folder = top.find(_PROFILES)
    found: list[str] = []
    for key in folder.subkeys() if folder else ():
        if key.name.lower().startswith(_PEOPLE) and (value := key.table().get("profileimagepath")):
            found.append(value.text)
    return found
