"""`Pipfile.lock` of Pipenv: JSON with the versions and hashes of each group. Source: Pipenv, "Pipfile spec" 6."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson

from nachsorge.evidence.containers.names import last_part
from nachsorge.evidence.packages import Account, Package, read_packages, string
from nachsorge.evidence.seams import Opened, Plant, ReadError, Sieve, Tells
from nachsorge.model.words import Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.model.evidence import Record

_SPEC = 6


class PipfileLock:
    """Reader of Pipfile.lock."""

    name = "pipfile_lock"
    text = True
    telemetry: tuple[Telemetry, ...] = (Telemetry.PACKAGE_LOCK,)
    tells = Tells(
        proves="that the project resolved this package at this version, with the hashes of its files",
        rules_out="a package of this project at the file's own time, not before",
        not_told="whether and where it was installed, what the project resolved before, what was installed on machines "
        "that did not use the file, entries without an exact version (a gap)",
        covers=telemetry,
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the metadata at the top."""
        start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
        marked = re.match(rb'\{\s*"_meta"', start) is not None and b'"pipfile-spec"' in head
        named = last_part(name).lower() == "pipfile.lock" and start.startswith(b"{")
        return 95 if marked and named else 80 if marked or named else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield one record a package and group."""
        yield from read_packages(source, sieve, ledger, _packages)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make a lock file with one package whose file has the planted hash."""
        entry = {"hashes": [f"sha256:{plant.sha256}"], "version": "==1.0.0"}
        return orjson.dumps({"_meta": {"pipfile-spec": _SPEC}, "default": {"control": entry}, "develop": {}}) + b"\n"


def _packages(body: bytes, account: Account) -> Iterator[Package]:
    tree = orjson.loads(body)
    if not isinstance(tree, dict):
        raise ReadError(Reason.CORRUPT, "no object")
    meta = tree.get("_meta")
    spec = meta.get("pipfile-spec") if isinstance(meta, dict) else None
    if spec != _SPEC:
        account.unfamiliar(f"pipfile-spec {spec!r}")
    for group, entries in tree.items():
        if group == "_meta":
            continue
        if not isinstance(entries, dict):
            account.spoil(f"/{group}")
            continue
        for name, entry in entries.items():
            yield from _entry(name, entry, f"/{group}/{name}", account)


def _entry(name: str, entry: Any, locator: str, account: Account) -> Iterator[Package]:
    if not isinstance(entry, dict):
        account.spoil(locator)
        return
    version = string(entry.get("version"))
    url = string(entry.get("file")) or string(entry.get("git"))
    if version.startswith("=="):
        hashes = [text for text in entry.get("hashes") or [] if isinstance(text, str)]
        yield Package(
            type="pypi",
            name=name,
            version=version.lstrip("="),
            locator=locator,
            digests=tuple(hashes),
            urls=(url,) if url else (),
            event={"hash": "\n".join(hashes), "resolved": url},
        )
    elif not (string(entry.get("path")) or entry.get("editable")):
        account.spoil(locator, f"is from {url or 'somewhere'} and names no version")
