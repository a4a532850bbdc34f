"""`deno.lock`, versions 2 to 5: the packages of npm and JSR that a project of Deno resolved.

A key is `name@1.0.0`, behind a low line the peers that it was resolved with. What is fetched from addresses (`remote`)
has no version: the addresses are searched. Packages of JSR are called as its mirror for npm calls them: `@jsr/std__fs`.
Source of the format: Deno documentation, "Lockfile", and `deno_lockfile`.
"""

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

KNOWN = ("2", "3", "4", "5")
_PARTS = (b'"remote"', b'"npm"', b'"specifiers"', b'"jsr"')
_KEY = re.compile(r"((?:@[^/@]+/)?[^/@]+)@([^_]+)")


class DenoLock:
    """Reader of Deno's lock files."""

    name = "deno_lock"
    text = True
    telemetry: tuple[Telemetry, ...] = (Telemetry.PACKAGE_LOCK,)
    tells = Tells(
        proves="that the project resolved this package at this version, with its hash; which addresses it imports",
        rules_out="a package of this project at the file's own time, not before",
        not_told="whether and where it ran, what the project resolved before, what an address served later",
        covers=telemetry,
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise a version written as text beside two of its parts, or the name over JSON."""
        if not head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
            return 0
        versioned = re.search(rb'"version"\s*:\s*"[2-9]"', head[:200]) is not None
        marked = versioned and any(part in head for part in _PARTS)
        named = last_part(name).lower() == "deno.lock"
        return 95 if marked and named else 75 if named else 65 if versioned and b'"specifiers"' in head[:400] else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield one record a package, and one an address."""
        yield from read_packages(source, sieve, ledger, _packages)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make a lock file that imports from the planted host."""
        remote = {f"https://{plant.host}/control.ts": "0"}
        return orjson.dumps({"version": "4", "specifiers": {}, "remote": remote}) + b"\n"


def _packages(body: bytes, account: Account) -> Iterator[Package]:
    tree = orjson.loads(body)
    if not isinstance(tree, dict):
        raise ReadError(Reason.CORRUPT, "no object")
    if tree.get("version") not in KNOWN:
        account.unfamiliar(f"version {tree.get('version')!r}")
    for place, kind, held in _lists(tree):
        for key, entry in held.items():
            locator = f"{place}/{key.replace('~', '~0').replace('/', '~1')}"
            found = _KEY.match(key)
            if found is None or not isinstance(entry, dict):
                account.spoil(locator, "names no package and version")
                continue
            name = found[1] if kind == "npm" else f"@jsr/{found[1].lstrip('@').replace('/', '__')}"
            integrity = string(entry.get("integrity"))
            yield Package(
                type="npm",
                name=name,
                version=found[2],
                locator=locator,
                digests=tuple(integrity.split()),
                event={"path": key, "integrity": integrity},
            )
    remote = tree.get("remote")
    for url, digest in remote.items() if isinstance(remote, dict) else ():
        yield Package(
            type="", name=url, version="", locator="/remote", urls=(url,), digests=(string(digest),), event={"url": url}
        )


def _lists(tree: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Give (place, registry, packages): version 2 holds them below `npm`, 3 below `packages`, 4 and 5 at the top."""
    for above, node in (("", tree), ("/packages", tree.get("packages"))):
        for kind in ("npm", "jsr"):
            held = node.get(kind) if isinstance(node, dict) else None
            if isinstance(held, dict) and isinstance(held.get("packages"), dict):
                yield f"{above}/{kind}/packages", kind, held["packages"]
            elif isinstance(held, dict):
                yield f"{above}/{kind}", kind, held
