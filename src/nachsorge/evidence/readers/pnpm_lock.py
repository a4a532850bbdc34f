"""Lock files of pnpm, versions 5 to 9: keys `/name/1.0.0`, `/name@1.0.0(peer)` and `name@1.0.0`.

The file is YAML as pnpm writes it, one key a line; it is read by lines, because a general YAML parser takes minutes
for the lock files of big projects. A line in the list of packages that has not pnpm's form is unreadable, and a gap.
Source of the format: pnpm's lock file specification, versions 5, 6 and 9.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from nachsorge.evidence.containers.names import last_part
from nachsorge.evidence.packages import Account, Package, decoded, folder_of, read_packages
from nachsorge.evidence.seams import Tells
from nachsorge.model.words import Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve
    from nachsorge.model.evidence import Record

KNOWN = range(5, 10)
_VERSION = re.compile(r"^lockfileVersion:\s*['\"]?(\d+)(?:\.\d+)*['\"]?\s*(?:#.*)?$", re.MULTILINE)
_SECTION = re.compile(r"([A-Za-z]+):\s*(?:\{\}\s*)?(?:#.*)?\Z")
_KEY = re.compile(
    r"""  (?:'((?:[^']|'')+)'|"([^"]+)"|([^\s'"#](?:[^#:]|:(?=\S)|(?<=\S)\#)*+)):(?:\s*\{.*\})?\s*(?:\#.*)?\Z"""
)
_INTEGRITY = re.compile(r"\bintegrity: *['\"]?([\w+/=-]+)")
_TARBALL = re.compile(r"\b(?:tarball|repo): *['\"]?([^\s,}'\"]+)")
_NAMED = re.compile(r"    (name|version): *['\"]?([^\s'\"]+)")
_OLD = re.compile(r"[^/@]*/((?:@[^/@]+/)?[^/@]+)/(\d[^/_]*)")
"""Version 5: [registry]/[@scope/]name/1.0.0[_peers or /peers]."""

_LISTS = ("packages", "snapshots")
_BESIDE = re.compile(
    r"(?:---|(?:lockfileVersion|settings|importers|dependencies|devDependencies|optionalDependencies|specifiers|time"
    r"|catalogs|overrides|patchedDependencies|packageExtensionsChecksum|pnpmfileChecksum|ignoredOptionalDependencies"
    r"|neverBuiltDependencies|onlyBuiltDependencies|registry|shrinkwrapVersion|shrinkwrapMinorVersion"
    r"|allowedDeprecatedVersions|skippedOptionalDependencies)\s*:)"
)
"""The parts of a file that list no packages."""


_LISTED = re.compile(r"^(?:packages|snapshots):", re.MULTILINE)
_ASTRAY = re.compile(r"^ +(packages|snapshots):[ \t\r]*$", re.MULTILINE)
"""Such a list that does not begin at the left margin is none to any other reader of YAML either, and none is read."""


class PnpmLock:
    """Reader of pnpm's lock files."""

    name = "pnpm_lock"
    text = True
    telemetry: tuple[Telemetry, ...] = (Telemetry.PACKAGE_LOCK,)
    tells = Tells(
        proves="that the project resolved this package at this version, with its hash",
        rules_out="a package of this project at the file's own time, not before",
        not_told="whether and where it was installed, what the project resolved before, what was installed on machines "
        "that did not use the file, what an install script fetched",
        covers=telemetry,
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the line with the version at the left margin, in YAML."""
        marked = b"lockfileVersion:" in head and re.search(rb"^lockfileVersion:", head, re.MULTILINE) is not None
        named = last_part(name).lower() in ("pnpm-lock.yaml", "shrinkwrap.yaml")
        listed = (
            marked
            and re.search(rb"^(?:packages|importers|dependencies|snapshots|settings):", head, re.MULTILINE) is not None
        )
        return 95 if marked and named else 80 if marked and listed else 75 if named and b"\0" not in head else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield one record a package and version; `node_modules/.pnpm/lock.yaml` is of the project above it."""
        project = re.sub(r"(?:(?<=[/!])|\A)node_modules/\.pnpm/\Z", "", folder_of(source.path)) or "./"
        yield from read_packages(source, sieve, ledger, _packages, project)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make a lock file with one package from the planted host."""
        return (
            "lockfileVersion: '9.0'\n\npackages:\n\n  control@1.0.0:\n"
            f"    resolution: {{tarball: https://{plant.host}/control.tgz}}\n"
        ).encode()


def _packages(body: bytes, account: Account) -> Iterator[Package]:
    text = decoded(body)
    account.uncut(body)
    version = _VERSION.search(text)
    if version is None or int(version[1]) not in KNOWN:
        said = "no lockfileVersion" if version is None else f"lockfileVersion {version[1]}"
        account.unfamiliar(said)
    if (astray := _ASTRAY.search(text)) and not _LISTED.search(text):
        account.spoil(f"line {text.count(chr(10), 0, astray.start(1)) + 1}")
    seen: set[tuple[str, str]] = set()
    keys: set[str] = set()
    for number, key, lines in _entries(text, account):
        # Version 9 says each package again for every set of peers, without the version of one from an address.
        if (bare := key.partition("(")[0]) in keys:
            continue
        keys.add(bare)
        package = _package(key, lines, f"line {number}")
        if package is None:
            account.spoil(f"line {number}", "names no package and version")
        elif (package.name, package.version) not in seen and not package.version.startswith(("file:", "link:")):
            seen.add((package.name, package.version))
            yield package


def _entries(text: str, account: Account) -> Iterator[tuple[int, str, list[str]]]:
    """Give the keys of the lists of packages with the lines below each."""
    section, key, start, below = "", "", 0, list[str]()
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        deep = line.startswith("   ")
        if deep and section in _LISTS and key:
            below.append(line)
        if deep:
            continue
        if key:
            yield start, key, below
        key, below = "", []
        if not line.startswith(" "):
            found = _SECTION.match(line)
            section = found[1] if found else ""
            if section not in _LISTS and not _BESIDE.match(line):
                account.spoil(f"line {number}", "begins a part that is not known")
            if line.startswith(("packages", "snapshots")) and not found:
                account.spoil(f"line {number}")
        elif section in _LISTS:
            named = _KEY.match(line)
            if named is None:
                account.spoil(f"line {number}")
                continue
            start, key = number, (named[1] or named[2] or named[3]).replace("''", "'")
            below = [line[line.index(key) + len(key) :]] if key in line else []
    if key:
        yield start, key, below


def _package(key: str, lines: list[str], locator: str) -> Package | None:
    joined = "\n".join(lines)
    own = {found[1]: found[2] for line in lines if (found := _NAMED.match(line))}
    name, version = split_key(key)
    name, version = own.get("name", name), own.get("version", version)
    if not name or not version:
        return None
    integrity, tarball = _INTEGRITY.search(joined), _TARBALL.search(joined)
    package = Package(
        type="npm",
        name=name,
        version=version,
        locator=locator,
        urls=(tarball[1],) if tarball else (),
        event={"path": key, "resolved": tarball[1] if tarball else "", "integrity": integrity[1] if integrity else ""},
    )
    return replace(package, digests=(integrity[1],)) if integrity else package


def split_key(key: str) -> tuple[str, str]:
    """Split any spelling of a key into name and version, without peers; empty where it is none."""
    bare = key.partition("(")[0]
    if found := _OLD.match(bare):
        return found[1], found[2]
    at = bare.find("@", 2 if bare.startswith("/@") else 1)
    # Another registry's host may stand before the name: `npm.example/@scope/name@1.0.0`.
    while at > 0 and bare[at - 1] == "/":
        at = bare.find("@", at + 1)
    name = re.search(r"(?:@[^/@]+/)?[^/@]+\Z", bare[: max(at, 0)])
    return (name[0], bare[at + 1 :]) if name else ("", "")
