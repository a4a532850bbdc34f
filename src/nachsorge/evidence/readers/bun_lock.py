"""Lock files of Bun: the text `bun.lock` (JSON with comments and trailing commas), and the binary `bun.lockb`.

Source of the text format: Bun documentation, "Lockfile"; of the binary one: `evidence.bun_lockb`. A binary one of a
format that is not known is a gap; it becomes text with `bun install --save-text-lockfile`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

import orjson

from nachsorge.evidence.bun_lockb import LINE, RESOLUTION, Locked, Tag, locked
from nachsorge.evidence.bun_made import Entry, made
from nachsorge.evidence.containers.names import last_part
from nachsorge.evidence.packages import Account, Package, decoded, folder_of, read_packages, string
from nachsorge.evidence.seams import Opened, Plant, ReadError, Sieve, Tells
from nachsorge.model.words import Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.model.evidence import Record

KNOWN = (0, 1)
_COMMENT = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?(?:\*/|\Z)', re.DOTALL)
_COMMA = re.compile(r'("(?:\\.|[^"\\])*")|,(?=\s*[}\]])')
_LOCAL = ("workspace:", "file:", "link:", "root:")


class BunLock:
    """Reader of Bun's lock files."""

    name = "bun_lock"
    telemetry: tuple[Telemetry, ...] = (Telemetry.PACKAGE_LOCK,)
    tells = Tells(
        proves="that the project resolved this package at this version, with its hash",
        rules_out="a package of this project at the file's own time, not before",
        not_told="whether and where it was installed, what the project resolved before, what was installed on machines "
        "that did not use the file",
        covers=telemetry,
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the binary's first line, or an object with version and workspaces at its top."""
        if LINE in head[:64]:
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
        """Make a lock file of the same form with one package from the planted host."""
        if LINE in head[:64]:
            package = Entry("control", Tag.REMOTE_TARBALL, (f"https://{plant.host}/control-1.0.0.tgz",))
            return made([package], max(RESOLUTION))
        entry = ["control@1.0.0", f"https://{plant.host}/control-1.0.0.tgz", {}, ""]
        tree = {"lockfileVersion": 1, "workspaces": {"": {"name": "x"}}, "packages": {"control": entry}}
        return orjson.dumps(tree) + b"\n"


def _packages(body: bytes, account: Account) -> Iterator[Package]:
    if LINE in body[:64]:
        yield from _binary(body, account)
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


def _binary(body: bytes, account: Account) -> Iterator[Package]:
    try:
        for found in locked(body):
            locator = f"/packages/{found.number}"
            if found.name and found.version:
                yield _of_binary(found, locator)
            else:
                account.spoil(locator, found.why or "names no version")
    except ReadError as error:
        note = f"{error.note}; `bun install --save-text-lockfile` writes a text one"
        raise ReadError(error.reason, note) from error


def _of_binary(found: Locked, locator: str) -> Package:
    return Package(
        type="npm",
        name=found.name,
        version=found.version,
        locator=locator,
        also=_fetched(found),
        digests=(found.integrity,) if found.integrity else (),
        urls=(found.url,) if found.url else (),
        event={"path": locator, "resolved": found.url, "integrity": found.integrity},
    )


def _fetched(found: Locked) -> tuple[str, ...]:
    """Give the version that the archive is called by.

    Bun keeps `1.2.3-alpha.one-two` as `1.2.3-two`, and knows no version of an archive that is named by its address.
    """
    archive = unquote(re.split(r"[?#]", found.url)[0]).rpartition("/")[2]
    front = found.name.rpartition("/")[2] + "-"
    if not archive.startswith(front) or not archive.endswith(".tgz"):
        return ()
    version = archive[len(front) : -len(".tgz")]
    return (version,) if version[:1].isdigit() and version != found.version else ()


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
