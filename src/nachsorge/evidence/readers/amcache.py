r"""Amcache.hve: the program files that Windows has taken stock of, with their SHA-1, and the programs they are of.

Both forms: `Root\InventoryApplicationFile` (Windows 10 from 1709 on, and patched older ones) and `Root\File` (Windows
8 to 10), which may stand side by side. It proves that the file lay there and, with few exceptions, was run or
installed; its hash is that of the file's first 31,457,280 bytes. It never clears: files are missing, late and
removed. So nothing of it covers any time. `proves` in a record's event says `presence`. Transaction logs are applied
where they lie beside it. Value names of the old form: Y. Khatri, "Amcache.hve in Windows 8"; of the new one: ANSSI,
"Analysis of the AmCache".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.evidence.clocks import filetime
from nachsorge.evidence.seams import ReadError, Tells
from nachsorge.evidence.windows.hive import MAGIC, Hive, HiveValue, Key
from nachsorge.evidence.windows.hive_open import open_hive
from nachsorge.model.evidence import Record, Software, Value
from nachsorge.model.times import render
from nachsorge.model.words import Kind, Platform, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve

_MARK = "Amcache.hve".encode("utf-16-le").lower()
_SHA1 = re.compile(r"0000([0-9A-Fa-f]{40})\Z")
_OLD_FILE = {
    "15": "path",
    "101": "sha1",
    "0": "product",
    "1": "publisher",
    "5": "version",
    "6": "size",
    "100": "program",
    "17": "modified",
}
_NEW_FILE = {
    "lowercaselongpath": "path",
    "fileid": "sha1",
    "productname": "product",
    "productversion": "version",
    "binfileversion": "file_version",
    "publisher": "publisher",
    "linkdate": "linked",
    "size": "size",
    "programid": "program",
    "originalfilename": "original_name",
}
_DRIVER = {
    "drivername": "path",
    "driverid": "sha1",
    "product": "product",
    "productversion": "version",
    "drivercompany": "publisher",
}
_OLD_PROGRAM = {"0": "product", "1": "version", "2": "publisher", "d": "path"}
_NEW_PROGRAM = {"name": "product", "version": "version", "publisher": "publisher", "rootdirpath": "path"}


class Amcache:
    """Reader of Amcache hives."""

    name = "amcache"
    telemetry: tuple[Telemetry, ...] = (Telemetry.PROGRAM_EXECUTION, Telemetry.INSTALLED_SOFTWARE)
    tells = Tells(
        proves="that a program file of this path and SHA-1 lay on the machine and, with few exceptions, was run or "
        "installed",
        rules_out="nothing: files are missing, come late and are removed",
        not_told="when it ran, and whether; the hash of more than the file's first 31,457,280 bytes; other hashes than "
        "SHA-1",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise a hive that calls itself so, in its first block or by the file."""
        if not head.startswith(MAGIC):
            return 0
        own = _MARK in head[48:112].lower()
        return 97 if own or name.lower().endswith("amcache.hve") else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield files, drivers, then programs; ReadError where it is no Amcache or no whole hive."""
        hive = open_hive(source, ledger)
        if hive is None:
            return
        top = hive.root.find("Root")
        if top is None:
            raise ReadError(Reason.NOT_SUPPORTED, r"a hive without the key Root, as no Amcache is")
        for key, names in _files(top):
            ledger.count(Telemetry.PROGRAM_EXECUTION, 1, source.host)
            yield _file(key, _named(key.table(), names), source.host)
        for key, names in _programs(top):
            ledger.count(Telemetry.INSTALLED_SOFTWARE, 1, source.host)
            yield _program(key, _named(key.table(), names), source.host)
        _account(hive, ledger)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """No file: see `control_records`."""
        return None

    def control_records(self, plant: Plant) -> Iterator[Record]:
        """Make what a file's key becomes: there is no writer of hives."""
        yield Record(
            telemetry=Telemetry.PROGRAM_EXECUTION,
            locator="control",
            values=(Value(Kind.PATH, "path", plant.path), Value(Kind.HASH, "sha1", plant.sha256)),
        )


def _account(hive: Hive, ledger: Ledger) -> None:
    faults = hive.faults
    if faults.count:
        ledger.count(Telemetry.PROGRAM_EXECUTION, faults.count)
        for place in faults.named:
            ledger.spoil(place)
        ledger.unreadable += faults.count - len(faults.named)
        ledger.gap(Reason.CORRUPT, faults.says("keys or values could not be decoded"))


def _files(top: Key) -> Iterator[tuple[Key, Mapping[str, str]]]:
    volumes = top.find("File")
    for volume in volumes.subkeys() if volumes else ():
        yield from ((key, _OLD_FILE) for key in volume.subkeys())
    for place, names in (("InventoryApplicationFile", _NEW_FILE), ("InventoryDriverBinary", _DRIVER)):
        folder = top.find(place)
        yield from ((key, names) for key in (folder.subkeys() if folder else ()))


def _programs(top: Key) -> Iterator[tuple[Key, Mapping[str, str]]]:
    for place, names in (("Programs", _OLD_PROGRAM), ("InventoryApplication", _NEW_PROGRAM)):
        folder = top.find(place)
        yield from ((key, names) for key in (folder.subkeys() if folder else ()))


def _named(table: Mapping[str, HiveValue], names: Mapping[str, str]) -> dict[str, str]:
    event = {label: table[name].text for name, label in names.items() if name in table and table[name].text}
    if "modified" in event:
        time = filetime(table["17"].number)
        event["modified"] = render(time) if time is not None else event["modified"]
    return event


def _file(key: Key, event: dict[str, str], host: str | None) -> Record:
    found = _SHA1.match(event.get("sha1", "")) or (_SHA1.match(key.name) if "Driver" in key.path else None)
    if found:
        event["sha1"] = found[1].lower()
    values = [Value(Kind.PATH, name, event[name]) for name in ("path", "original_name") if event.get(name)]
    values += [Value(Kind.HASH, "sha1", event["sha1"])] if found else []
    values += [Value(Kind.TEXT, name, event[name]) for name in ("product", "publisher") if event.get(name)]
    return Record(
        telemetry=Telemetry.PROGRAM_EXECUTION,
        locator=key.path,
        time=key.written,
        values=tuple(values),
        event={"proves": "presence", **event},
        host=host,
        software=_software(event),
        product="windows",
    )


def _program(key: Key, event: dict[str, str], host: str | None) -> Record:
    values = [Value(Kind.PATH, "path", event["path"])] if event.get("path") else []
    values += [Value(Kind.TEXT, name, event[name]) for name in ("product", "publisher") if event.get(name)]
    return Record(
        telemetry=Telemetry.INSTALLED_SOFTWARE,
        locator=key.path,
        time=key.written,
        values=tuple(values),
        event=event,
        host=host,
        software=_software(event),
        product="windows",
    )


def _software(event: Mapping[str, str]) -> Software | None:
    """Name the program where both its name and its version are there."""
    if not event.get("product") or not event.get("version"):
        return None
    return Software(
        name=event["product"],
        version=event["version"],
        platform=Platform.WINDOWS,
        publisher=event.get("publisher", ""),
    )
