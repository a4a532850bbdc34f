"""NuGet's `packages.lock.json` (versions 1 and 2) and `obj/project.assets.json` (versions 2 to 4), both by `restore`.

The first is written where a project asks for it (`RestorePackagesWithLockFile`), the second always: it lies below the
project in `obj`. Projects that are referenced (`Project`, `project`) are the organisation's own and do not count.
Source of the formats: Microsoft, "NuGet PackageReference", sections on lock files and on restore.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson

from nachsorge.evidence.containers.names import last_part
from nachsorge.evidence.packages import Account, Package, project_around, read_packages, string
from nachsorge.evidence.seams import Opened, Plant, ReadError, Sieve, Tells
from nachsorge.model.words import Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.model.evidence import Record

_LOCK = re.compile(rb'\s*\{\s*"version"\s*:\s*\d+\s*,\s*"dependencies"\s*:\s*\{')
_ASSETS = re.compile(rb'\s*\{\s*"version"\s*:\s*\d+\s*,\s*"targets"\s*:\s*\{')
_NAMES = ("packages.lock.json", "project.assets.json")
_BELOW = re.compile(r"(?:(?<=[/!\\])|\A)obj[/\\]\Z", re.IGNORECASE)
_OWN = ("project", "externalproject")
_KNOWN = {"dependencies": (1, 2), "libraries": (2, 3, 4)}


class NugetLock:
    """Reader of packages.lock.json and project.assets.json."""

    name = "nuget_lock"
    text = True
    telemetry: tuple[Telemetry, ...] = (Telemetry.PACKAGE_LOCK,)
    tells = Tells(
        proves="that the project resolved this package at this version, for which target framework, with the SHA-512 "
        "of its content",
        rules_out="a package of this project at the file's own time, not before",
        not_told="whether and where it was built, what the project resolved before, packages of `packages.config` "
        "(older projects) and tools that a build fetched by itself",
        covers=telemetry,
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the version, and behind it the dependencies or the targets of .NET."""
        marked = _LOCK.match(head) is not None or _ASSETS.match(head) is not None
        named = last_part(name).lower() in _NAMES and head.lstrip()[:1] == b"{"
        return 95 if marked and named else 80 if marked or named else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield one record a package and target framework; what lies in `obj` is of the project above it."""
        project = project_around(source.path, _BELOW)
        yield from read_packages(source, sieve, ledger, _packages, project)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """No file: it holds names, versions and SHA-512, none of which is planted."""
        return None


def _packages(body: bytes, account: Account) -> Iterator[Package]:
    tree = orjson.loads(body)
    key = next((key for key in _KNOWN if isinstance(tree, dict) and isinstance(tree.get(key), dict)), "")
    if not key:
        raise ReadError(Reason.CORRUPT, "no list of packages")
    if tree.get("version") not in _KNOWN[key]:
        account.unfamiliar(f"version {tree.get('version')!r}")
    yield from _locked(tree[key], account) if key == "dependencies" else _restored(tree[key], account)


def _locked(frameworks: dict[str, Any], account: Account) -> Iterator[Package]:
    for framework, listed in frameworks.items():
        if not isinstance(listed, dict):
            account.spoil(f"/dependencies/{framework}", "is no list of packages")
            continue
        for name, node in listed.items():
            locator = f"/dependencies/{framework}/{name}"
            told = node if isinstance(node, dict) else {}
            if string(told.get("type")).lower() in _OWN:
                continue
            version = string(told.get("resolved"))
            if not version:
                account.spoil(locator, "names no version")
            else:
                yield _package(name, version, locator, framework, string(told.get("contentHash")))


def _restored(libraries: dict[str, Any], account: Account) -> Iterator[Package]:
    for place, node in libraries.items():
        told = node if isinstance(node, dict) else {}
        if string(told.get("type")).lower() in _OWN:
            continue
        name, _, version = place.partition("/")
        if not name or not version:
            account.spoil(f"/libraries/{place}", "names no package and version")
        else:
            yield _package(name, version, f"/libraries/{place}", "", string(told.get("sha512")))


def _package(name: str, version: str, locator: str, framework: str, digest: str) -> Package:
    return Package(
        type="nuget",
        name=name,
        version=version,
        locator=locator,
        also=_also(version),
        event={"framework": framework, "sha512": digest},
    )


def _also(version: str) -> tuple[str, ...]:
    """Spell a version as NuGet does not: it drops a fourth part that is zero, and writes the third always."""
    parts = version.split(".")
    if len(parts) != 3 or not all(part.isdigit() for part in parts):
        return ()
    return (f"{version}.0", ".".join(parts[:2])) if parts[2] == "0" else (f"{version}.0",)
