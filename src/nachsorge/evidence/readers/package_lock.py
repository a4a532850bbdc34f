"""Lock files of npm: `package-lock.json`, `npm-shrinkwrap.json` and `node_modules/.package-lock.json`, versions 1 to 3.

Source of the format: npm documentation, "package-lock.json". Every copy counts, nested ones as well; `overrides`,
ranges and links into the project itself resolve nothing and do not count.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson

from nachsorge.evidence.containers.names import last_part
from nachsorge.evidence.packages import Account, Package, folder_of, read_packages, string
from nachsorge.evidence.seams import Opened, Plant, ReadError, Sieve, Tells
from nachsorge.model.words import Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.model.evidence import Record

KNOWN = (1, 2, 3)
_NAMES = ("package-lock.json", "npm-shrinkwrap.json", ".package-lock.json")
_MARK = re.compile(rb'"lockfileVersion"\s*:')


class PackageLock:
    """Reader of npm's lock files."""

    name = "package_lock"
    text = True
    telemetry: tuple[Telemetry, ...] = (Telemetry.PACKAGE_LOCK,)
    tells = Tells(
        proves="that the project resolved this package at this version, with its address and hash; nested copies too",
        rules_out="a package of this project at the file's own time, not before",
        not_told="whether and where it was installed, what the project resolved before, what was installed on machines "
        "that did not use the file, what an install script fetched",
        covers=telemetry,
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise an object with npm's `lockfileVersion`, or one that is called so."""
        if not head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
            return 0
        named = last_part(name).lower() in _NAMES
        marked = _MARK.search(head) is not None and b'"workspaces"' not in head[:400]
        return 95 if named and marked else 80 if named else 70 if marked else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield one record a copy of a package."""
        folder = folder_of(source.path)
        project = folder.removesuffix("node_modules/") if folder.endswith("/node_modules/") else folder
        yield from read_packages(source, sieve, ledger, _packages, project)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make a lock file of the same version with one package from the planted host."""
        found = re.search(rb'"lockfileVersion"\s*:\s*1\b', head)
        entry = {"version": "1.0.0", "resolved": f"https://{plant.host}/control/-/control-1.0.0.tgz"}
        held: dict[str, object] = {"dependencies": {"control": entry}}
        if not found:
            held = {"packages": {"": {"name": "x"}, "node_modules/control": entry}}
        return orjson.dumps({"name": "x", "lockfileVersion": 1 if found else 3, **held}) + b"\n"


def _packages(body: bytes, account: Account) -> Iterator[Package]:
    tree = orjson.loads(body)
    if not isinstance(tree, dict):
        raise ReadError(Reason.CORRUPT, "no object")
    version = tree.get("lockfileVersion", 1)
    if version not in KNOWN or isinstance(version, bool):
        account.unfamiliar(f"lockfileVersion {version!r}")
    held, nested = tree.get("packages"), tree.get("dependencies")
    if not isinstance(held, dict) and (version != 1 or not isinstance(nested or {}, dict)):
        account.lose(Reason.CORRUPT, "the object `packages` is not there")
    elif (
        held is None
        and nested is None
        and ("lockfileVersion" not in tree or any(isinstance(value, dict | list) for value in tree.values()))
    ):
        account.lose(Reason.CORRUPT, "no packages are where they should be, and something else is there")
    seen: set[tuple[str, str]] = set()
    for package in _flat(held, account):
        seen.add((package.name, package.version))
        yield package
    # Version 2 says everything twice, for older npm; what the second list alone has is what older npm installs.
    yield from (p for p in _nested(nested, account) if (p.name, p.version) not in seen)


def _flat(held: object, account: Account) -> Iterator[Package]:
    for place, entry in held.items() if isinstance(held, dict) else ():
        locator = f"/packages/{_pointer(place)}"
        below, mark, path_name = place.rpartition("node_modules/")
        if not isinstance(entry, dict):
            account.spoil(locator)
        elif entry.get("link") is True or not mark or (below and not below.endswith("/")):
            continue  # the project itself, its workspaces, and links to them
        elif not string(entry.get("version")):
            account.spoil(locator, "has no version")
        else:
            yield _package(string(entry.get("name")) or path_name, entry["version"], entry, locator, place)


def _nested(tree: object, account: Account) -> Iterator[Package]:
    waiting = [("", tree)]
    while waiting:
        above, nodes = waiting.pop()
        for name, entry in nodes.items() if isinstance(nodes, dict) else ():
            locator = f"{above}/dependencies/{_pointer(name)}"
            version = string(entry.get("version")) if isinstance(entry, dict) else ""
            if not isinstance(entry, dict) or not version:
                account.spoil(locator, "has no version")
                continue
            waiting.append((locator, entry.get("dependencies")))
            real, real_version = resolved(name, version)
            if real_version:
                yield _package(real, real_version, entry, locator, locator)
            elif not version.startswith(("file:", "link:")):
                yield _package(name, version, {**entry, "resolved": entry.get("resolved") or version}, locator, locator)


def resolved(name: str, version: str) -> tuple[str, str]:
    """Follow an alias (`npm:real@1.0.0`) to the real name and version; no version where it is a path or an address."""
    if version.startswith("npm:"):
        real, _, version = version[4:].rpartition("@")
        return real or name, version
    return (name, "") if ":" in version or "/" in version else (name, version)


def _package(name: str, version: str, entry: dict[str, Any], locator: str, place: str) -> Package:
    origin, integrity = string(entry.get("resolved")), string(entry.get("integrity"))
    return Package(
        type="npm",
        name=name,
        version=version,
        locator=locator,
        digests=tuple(integrity.split()),
        urls=(origin,) if origin else (),
        event={"path": place, "resolved": origin, "integrity": integrity},
    )


def _pointer(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
