"""Locked environments of Conda: `conda-lock.yml` (version 1), and lists of addresses that begin with `@EXPLICIT`.

The first lists every package for every platform, those of pip among them; the second is of one platform, as written by
`conda list --explicit` and `conda-lock render`, which puts packages of pip into comments. A package's address ends in
its name, version and build. Sources of the formats: conda-lock, "Lockfile"; conda, "Building identical environments".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.evidence.containers.names import last_part
from nachsorge.evidence.packages import Account, Package, decoded, read_packages
from nachsorge.evidence.seams import Opened, Plant, ReadError, Sieve, Tells
from nachsorge.evidence.yaml_lines import Entry, entries
from nachsorge.model.words import Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.model.evidence import Record

_NAMED = re.compile(r"(?:.*[.-])?conda-lock\.ya?ml\Z")
_LISTED = re.compile(rb"^package:", re.MULTILINE)
_MANAGED = re.compile(rb"^ +manager: (?:conda|pip)\s*$", re.MULTILINE)
_EXPLICIT = re.compile(rb"^@EXPLICIT\s*$", re.MULTILINE)
_PIP = re.compile(r"# pip (\S+) @ (\S+)\Z")
_DISTRIBUTION = re.compile(r".{1,200}?-(\d[^-]{0,100}?)(?:-[^/]{1,200}\.whl|\.tar\.gz|\.zip)\Z")
_TYPES = {"conda": "conda", "pip": "pypi"}
_OTHERS = ("version", "metadata")


class CondaLock:
    """Reader of conda-lock.yml and of explicit lists."""

    name = "conda_lock"
    text = True
    telemetry: tuple[Telemetry, ...] = (Telemetry.PACKAGE_LOCK,)
    tells = Tells(
        proves="that the environment was resolved to this package at this version and build, with its address and, "
        "mostly, its hash",
        rules_out="a package of Conda of this environment at the file's own time, not before; a list that begins with "
        "`@EXPLICIT` on its platform",
        not_told="whether and where it was installed, what was resolved before, what somebody installed into the "
        "environment afterwards (by pip, above all)",
        covers=telemetry,
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise packages with their manager, or the mark of an explicit list."""
        explicit = b"@EXPLICIT" in head and _EXPLICIT.search(head) is not None
        marked = b"manager: " in head and _LISTED.search(head) is not None and _MANAGED.search(head) is not None
        named = _NAMED.match(last_part(name).lower()) is not None and bool(head.strip()) and b"\0" not in head
        return 95 if marked and named else 80 if marked or named or explicit else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield one record a package and platform."""
        yield from read_packages(source, sieve, ledger, _packages)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make a file of the same kind with one package from the planted host."""
        url = f"https://{plant.host}/noarch/control-1.0.0-0.conda"
        if _EXPLICIT.search(head):
            return f"@EXPLICIT\n{url}\n".encode()
        return (
            "version: 1\npackage:\n- name: control\n  version: 1.0.0\n  manager: conda\n  platform: linux-64\n"
            f"  url: {url}\n  hash:\n    sha256: {plant.sha256}\n"
        ).encode()


def _packages(body: bytes, account: Account) -> Iterator[Package]:
    account.uncut(body)
    yield from _explicit(body, account) if _EXPLICIT.search(body) else _locked(body, account)


def _explicit(body: bytes, account: Account) -> Iterator[Package]:
    begun = False
    for number, line in enumerate(decoded(body).split("\n"), 1):
        text = line.strip()
        if pip := _PIP.match(text):
            yield from _of_pip(pip[1], pip[2], f"line {number}", account)
        elif text == "@EXPLICIT":
            begun = True
        elif text and not text.startswith("#"):
            package = _addressed(text, f"line {number}") if begun else None
            if package is None:
                account.spoil(f"line {number}", "is no address of a package")
            else:
                yield package


def _addressed(text: str, locator: str) -> Package | None:
    url, _, digest = text.partition("#")
    file = url.rpartition("/")[2]
    parts = file.removesuffix(".conda").removesuffix(".tar.bz2").rsplit("-", 2)
    if len(parts) < 3 or not all(parts) or not file.endswith((".conda", ".tar.bz2")):
        return None
    return Package(
        type="conda",
        name=parts[0],
        version=parts[1],
        locator=locator,
        digests=(digest,) if digest else (),
        urls=(url,),
        event={"build": parts[2], "url": url, "checksum": digest},
    )


def _of_pip(name: str, address: str, locator: str, account: Account) -> Iterator[Package]:
    url, _, digest = address.partition("#")
    found = _DISTRIBUTION.match(url.rpartition("/")[2])
    if found is None:
        account.spoil(locator, f"is {name} of pip, and names no version")
        return
    digest = digest.partition("=")[2] or digest
    yield Package(
        type="pypi",
        name=name,
        version=found[1],
        locator=locator,
        digests=(digest,) if digest else (),
        urls=(url,),
        event={"url": url, "checksum": digest},
    )


def _locked(body: bytes, account: Account) -> Iterator[Package]:
    """Take the list apart: what belongs to a package stands as deep as its first key, its hashes deeper."""
    section, depth, told, number, listed = "", 0, dict[str, str](), 0, False
    for entry in entries(decoded(body)):
        if entry.depth == 0 and not entry.item:
            section = entry.key
            _check(entry, account)
            listed = listed or section == "package"
        elif section == "package" and entry.item and (not told or entry.depth == depth):
            if told:
                yield from _package(told, f"line {number}", account)
            told, depth, number = {}, entry.depth, entry.number
        if section == "package" and entry.depth == depth and depth:
            told["key"] = entry.key
            told[entry.key] = entry.value
        elif section == "package" and entry.depth > depth and told.get("key") == "hash":
            told.setdefault(f"hash.{entry.key}", entry.value)
    if told:
        yield from _package(told, f"line {number}", account)
    if not listed:
        raise ReadError(Reason.CORRUPT, "no list of packages")


def _check(entry: Entry, account: Account) -> None:
    if entry.key == "version" and entry.value != "1":
        account.unfamiliar(f"version {entry.value}")
    elif entry.key != "package" and entry.key not in _OTHERS:
        account.spoil(f"line {entry.number}", "begins a part that is not known")


def _package(told: dict[str, str], locator: str, account: Account) -> Iterator[Package]:
    kind, name, version = _TYPES.get(told.get("manager", "")), told.get("name", ""), told.get("version", "")
    if kind is None or not name or not version:
        account.spoil(locator, "names no package, version and manager")
        return
    digests = tuple(text for key in ("hash.sha256", "hash.md5") if (text := told.get(key, "")))
    url = told.get("url", "")
    yield Package(
        type=kind,
        name=name,
        version=version,
        locator=locator,
        digests=digests,
        urls=(url,) if url else (),
        event={"platform": told.get("platform", ""), "url": url, "checksum": "\n".join(digests)},
    )
