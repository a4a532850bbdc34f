"""The header of an installed RPM package, as the package database holds it.

Two numbers (entries, bytes of data), then sixteen bytes an entry (tag, type, offset, count), then the data; all in
network byte order. Source: RPM manual, "RPM v4 header format"; tags: `rpmtag.h`.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nachsorge.evidence.stamps import plausible
from nachsorge.evidence.text import lenient
from nachsorge.model.evidence import Record, Software, Value
from nachsorge.model.times import SECOND
from nachsorge.model.words import Kind, Platform, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.model.times import Instant

MOST_ENTRIES = 65_536
LARGEST = 256 * 1024 * 1024
_MOST_FILES = 200_000
_ENTRY = struct.Struct(">IIII")
_INT32, _STRING, _ARRAY, _I18N = 4, 6, 8, 9
_TEXTS = {
    1000: "name",
    1001: "version",
    1002: "release",
    1007: "buildhost",
    1011: "vendor",
    1015: "packager",
    1020: "url",
    1022: "arch",
    1044: "sourcerpm",
}
_NUMBERS = {1003: "epoch", 1008: "installtime", 1006: "buildtime"}
_LISTS = {1117: "basenames", 1118: "dirnames"}
_DIRECTORIES = 1116


class HeaderError(ValueError):
    """These bytes are no header of a package."""


@dataclass(frozen=True, slots=True)
class Package:
    """What a header says, texts and numbers by their names, and the paths of its files."""

    texts: dict[str, str]
    numbers: dict[str, int]
    files: tuple[str, ...] = ()
    left_out: int = 0

    @property
    def version(self) -> str:
        """Give `version-release`, as people compare it; the epoch stands apart."""
        return f"{self.texts.get('version', '')}-{self.texts.get('release', '')}".strip("-")

    @property
    def installed(self) -> Instant | None:
        """Give the time of its installation."""
        return plausible(self.numbers.get("installtime", 0) * SECOND)


def package_of(blob: bytes) -> Package:
    """Decode a header; HeaderError where it is none. An entry that points out of the data is left out."""
    if len(blob) < 8:
        raise HeaderError("shorter than a header")
    entries, size = struct.unpack_from(">II", blob)
    start = 8 + entries * _ENTRY.size
    if not 0 < entries <= MOST_ENTRIES or size > LARGEST or len(blob) < start + size:
        raise HeaderError("counts that cannot be right")
    data = blob[start : start + size]
    texts: dict[str, str] = {}
    numbers: dict[str, int] = {}
    lists: dict[str, list[str]] = {}
    places: tuple[int, ...] = ()
    seen: set[int] = set()
    for tag, kind, offset, count in _ENTRY.iter_unpack(blob[8:start]):
        if tag in seen:
            continue
        seen.add(tag)
        if tag in _TEXTS and kind in (_STRING, _ARRAY, _I18N):
            texts[_TEXTS[tag]] = next(_strings(data, offset, 1), "")
        elif tag in _NUMBERS and kind == _INT32 and offset + 4 <= size and count:
            numbers[_NUMBERS[tag]] = struct.unpack_from(">I", data, offset)[0]
        elif tag in _LISTS and kind == _ARRAY:
            lists[_LISTS[tag]] = list(_strings(data, offset, min(count, _MOST_FILES)))
        elif tag == _DIRECTORIES and kind == _INT32 and offset + 4 * min(count, _MOST_FILES) <= size:
            places = struct.unpack_from(f">{min(count, _MOST_FILES)}I", data, offset)
    if not texts.get("name"):
        raise HeaderError("no name of a package")
    files, left_out = _files(lists, places)
    return Package(texts, numbers, files, left_out)


def _strings(data: bytes, offset: int, count: int) -> Iterator[str]:
    at = offset
    for _ in range(count):
        stop = data.find(b"\0", at)
        if at >= len(data) or stop < 0:
            return
        yield lenient(data[at:stop])
        at = stop + 1


def _files(lists: dict[str, list[str]], places: tuple[int, ...]) -> tuple[tuple[str, ...], int]:
    """Put the paths together: each base name has the number of its directory."""
    names, folders = lists.get("basenames", []), lists.get("dirnames", [])
    known = [folders[place] + name for name, place in zip(names, places, strict=False) if place < len(folders)]
    return tuple(known), len(names) - len(known)


def record_of(package: Package, locator: str, dated: Instant | None, host: str | None, namespace: str) -> Record:
    """Make the record of an installed package; its time is that of the installation, else the database's own.

    A package URL has the distribution's name as its namespace, which the database does not say: see `purls`.
    """
    texts, version = package.texts, package.version
    name, arch = texts["name"], texts.get("arch", "")
    epoch = package.numbers.get("epoch")
    values = [Value(Kind.PACKAGE, "package", purl) for purl in purls(name, version, namespace)]
    values += [Value(Kind.URL, "url", texts["url"])] if "://" in texts.get("url", "") else []
    values += [Value(Kind.TEXT, key, texts[key]) for key in texts if key != "url" and texts[key]]
    values += [Value(Kind.TEXT, "nevra", f"{name}-{version}.{arch}".strip("."))]
    values += [Value(Kind.PATH, "file", path) for path in package.files]
    event = {"name": name, "version": version, "arch": arch, "vendor": texts.get("vendor", "")}
    event |= {"epoch": str(epoch)} if epoch else {}
    event |= {key: texts[key] for key in ("packager", "url", "buildhost", "sourcerpm") if texts.get(key)}
    event |= {"files": str(len(package.files))} if package.files else {}
    return Record(
        telemetry=Telemetry.INSTALLED_SOFTWARE,
        locator=locator,
        time=package.installed or dated,
        values=tuple(values),
        event={key: text for key, text in event.items() if text},
        host=host,
        software=Software(name=name, version=version, platform=Platform.LINUX, publisher=texts.get("vendor", "")),
        product="linux",
    )


_VENDORS = {
    "red hat": "redhat",
    "fedora": "fedora",
    "centos": "centos",
    "rocky": "rocky-linux",
    "alma": "almalinux",
    "suse": "suse",
    "opensuse": "opensuse",
    "amazon": "amzn",
    "oracle": "oracle",
}


def namespace_of(vendor: str) -> str:
    """Guess the distribution from a package's vendor; empty where none is known."""
    lowered = vendor.lower()
    return next((name for word, name in _VENDORS.items() if word in lowered), "")


def purls(name: str, version: str, namespace: str) -> list[str]:
    """Give the package URLs that a list may name it by: under its distribution, and under the most common ones.

    Source: package-url/purl-spec, type `rpm`: the namespace is the vendor.
    """
    spelled = version.replace("+", "%2B")
    spaces = [namespace] if namespace else ["redhat", "fedora", "centos", "opensuse"]
    return [f"pkg:rpm/{space}/{name.replace('+', '%2B')}@{spelled}" for space in spaces] if name and version else []
