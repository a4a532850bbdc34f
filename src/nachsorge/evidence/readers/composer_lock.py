"""`composer.lock` and `vendor/composer/installed.json`: the packages that PHP's Composer resolved or installed.

Tags of PHP packages are written with or without a leading `v`; both spellings are compared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from nachsorge.evidence.containers.names import last_part
from nachsorge.evidence.packages import Account, Package, folder_of, other_tag, read_packages, string
from nachsorge.evidence.seams import Opened, Plant, ReadError, Sieve, Tells
from nachsorge.model.words import Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.model.evidence import Record

_INSTALLED = "/vendor/composer/installed.json"


class ComposerLock:
    """Reader of both files."""

    name = "composer_lock"
    text = True
    telemetry: tuple[Telemetry, ...] = (Telemetry.PACKAGE_LOCK,)
    tells = Tells(
        proves="that the project resolved this package at this version, with its address; `installed.json`: that it "
        "was installed in this folder",
        rules_out="a package of this project at the file's own time, not before",
        not_told="whether and where it was installed, what the project resolved before, what was installed on machines "
        "that did not use the file",
        covers=telemetry,
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise what Composer writes at the top, or its names over JSON."""
        start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
        if not start.startswith((b"{", b"[")):
            return 0
        marked = b'"packages"' in head and any(
            mark in head for mark in (b'"content-hash"', b'"packages-dev"', b'"install-path"', b'"dev-package-names"')
        )
        named = last_part(name).lower() == "composer.lock" or ("/" + name).endswith(_INSTALLED)
        return 95 if marked and named else 80 if named else 65 if marked else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield one record a package."""
        path = source.path
        project = folder_of("/" + path)[1:].removesuffix("vendor/composer/") if path.endswith(_INSTALLED) else ""
        yield from read_packages(source, sieve, ledger, _packages, project or None)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make a lock file with one package from the planted host."""
        package = {"name": "x/control", "version": "1.0.0", "dist": {"url": f"https://{plant.host}/control.zip"}}
        return orjson.dumps({"content-hash": "0", "packages": [package], "packages-dev": []}) + b"\n"


def _packages(body: bytes, account: Account) -> Iterator[Package]:
    tree = orjson.loads(body)
    lists = {"": tree} if isinstance(tree, list) else tree  # Composer 1 installs a bare list
    if not isinstance(lists, dict) or not isinstance(lists.get("packages", lists.get("")), list):
        raise ReadError(Reason.CORRUPT, "no list of packages")
    for key in ("", "packages", "packages-dev"):
        nodes = lists.get(key) or []
        for number, node in enumerate(nodes if isinstance(nodes, list) else [nodes]):
            locator = f"/{key}/{number}" if key else f"/{number}"
            name, version = (string(node.get(k)) for k in ("name", "version")) if isinstance(node, dict) else ("", "")
            if not name or not version:
                account.spoil(locator, "names no package and version")
            else:
                yield _package(node, name, version, locator)


def _package(node: dict[str, Any], name: str, version: str, locator: str) -> Package:
    origins = [node[key] for key in ("dist", "source") if isinstance(node.get(key), dict)]
    urls = [string(origin.get("url")) for origin in origins]
    return Package(
        type="composer",
        name=name,
        version=version,
        locator=locator,
        also=other_tag(version),
        digests=tuple(string(origin.get("shasum")) for origin in origins if origin.get("shasum")),
        urls=tuple(url for url in urls if url),
        event={
            "resolved": "\n".join(url for url in urls if url),
            "reference": "\n".join({string(origin.get("reference")): "" for origin in origins}),
        },
    )
