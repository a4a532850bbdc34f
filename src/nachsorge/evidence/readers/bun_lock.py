"""Lock files of Bun: the text `bun.lock` (JSON with comments and trailing commas); the binary `bun.lockb` is a gap.

Source of the format: Bun documentation, "Lockfile". Binary ones become text with `bun install --save-text-lockfile`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import orjson

from nachsorge.evidence.containers.names import last_part
from nachsorge.evidence.packages import Account, Package, decoded, folder_of, read_packages, string
from nachsorge.evidence.seams import Opened, Plant, ReadError, Sieve, Tells
from nachsorge.model.words import Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.model.evidence import Record

KNOWN = (0, 1)
_BINARY = b"bun-lockfile-format-v"
_COMMENT = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?(?:\*/|\Z)', re.DOTALL)
_COMMA = re.compile(r'("(?:\\.|[^"\\])*")|,(?=\s*[}\]])')
_LOCAL = ("workspace:", "file:", "link:", "root:")


class BunLock:
    """Reader of Bun's lock files."""

    name = "bun_lock"
    text = True
    telemetry: tuple[Telemetry, ...] = (Telemetry.PACKAGE_LOCK,)
    tells = Tells(
        proves="that the project resolved this package at this version, with its hash",
        rules_out="a package of this project at the file's own time, not before",
        not_told="whether and where it was installed, what the project resolved before, what was installed on machines "
        "that did not use the file, and all of a binary `bun.lockb` (a gap)",
        covers=telemetry,
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the binary's first line, or an object with version and workspaces at its top."""
        if _BINARY in head[:64]:
            return 95
        if not head.lstrip().startswith((b"{", b"//", b"/*")):
            return 0
        marked = re.search(rb'"lockfileVersion"\s*:', head) is not None and b'"workspaces"' in head[:400]
        named = last_part(name).lower() == "bun.lock"
        return 95 if marked and named else 80 if marked or (named and b"{" in head) else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield one record a package."""
        yield from read_packages(source, sieve, ledger, _packages, folder_of(source.path))

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make a text lock file with one package from the planted host; the binary form is not read at all."""
        if _BINARY in head[:64]:
            return None
        entry = ["control@1.0.0", f"https://{plant.host}/control-1.0.0.tgz", {}, ""]
        tree = {"lockfileVersion": 1, "workspaces": {"": {"name": "x"}}, "packages": {"control": entry}}
        return orjson.dumps(tree) + b"\n"


def _packages(body: bytes, account: Account) -> Iterator[Package]:
    if _BINARY in body[:64]:
        note = "a binary bun.lockb is not supported; write a text one with `bun install --save-text-lockfile`"
        account.lose(Reason.NOT_SUPPORTED, note)
        return
    text = _COMMENT.sub(lambda found: found[1] or " ", decoded(body))
    tree = orjson.loads(_COMMA.sub(lambda found: found[1] or "", text))
    if not isinstance(tree, dict) or not isinstance(tree.get("packages", {}), dict):
        raise ReadError(Reason.CORRUPT, "no object with packages")
    if tree.get("lockfileVersion") not in KNOWN:
        account.unfamiliar(f"lockfileVersion {tree.get('lockfileVersion')!r}")
    for key, entry in tree.get("packages", {}).items():
        locator = f"/packages/{key.replace('~', '~0').replace('/', '~1')}"
        texts = [string(part) for part in entry] if isinstance(entry, list) else []
        name, _, version = texts[0][1:].partition("@") if texts else ("", "", "")
        if not version:
            account.spoil(locator, "names no version")
        elif not version.startswith(_LOCAL):
            yield _package(texts[0][0] + name, version, texts, locator)


def _package(name: str, version: str, texts: list[str], locator: str) -> Package:
    integrity = next((text for text in texts[1:] if text.startswith("sha")), "")
    urls = [text for text in (*texts[1:2], version) if "://" in text]
    return Package(
        type="npm",
        name=name,
        version=version,
        locator=locator,
        digests=tuple(integrity.split()),
        urls=tuple(url.removeprefix("git+") for url in urls),
        event={"path": locator, "resolved": " ".join(urls), "integrity": integrity},
    )
