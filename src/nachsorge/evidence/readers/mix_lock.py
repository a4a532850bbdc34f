"""`mix.lock` of Elixir: one entry a line, `{:hex, :name, "version", "sha256", ..., "repository", "sha256"}`.

The name that counts is the atom, not the key. Git and path dependencies have no version, so they stay unjudged.
Source of the format: Hex, "SCM" (`Hex.SCM`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.evidence.containers.names import last_part
from nachsorge.evidence.packages import Account, Package, decoded, read_packages
from nachsorge.evidence.seams import Opened, Plant, ReadError, Sieve, Tells
from nachsorge.model.words import Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.model.evidence import Record

_HEX = re.compile(r'\s*"[^"]+":\s*\{:hex,\s*:"?([\w.@-]+)"?,\s*"([^"]+)"(?:,\s*"([0-9a-f]{64})")?(.*)\},?\s*\Z')
_OUTER = re.compile(r'.*\],\s*"([^"]*)"(?:,\s*"([0-9a-f]{64})")?\Z')
_OTHER = re.compile(r'\s*"([^"]+)":\s*\{:(\w+),\s*"([^"]*)"')


class MixLock:
    """Reader of mix.lock."""

    name = "mix_lock"
    text = True
    telemetry: tuple[Telemetry, ...] = (Telemetry.PACKAGE_LOCK,)
    tells = Tells(
        proves="that the project resolved this package at this version, with its hashes",
        rules_out="a package of this project at the file's own time, not before",
        not_told="whether and where it was installed, what the project resolved before, what was installed on machines "
        "that did not use the file, the versions of Git dependencies (a gap)",
        covers=telemetry,
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise a map with entries of Hex or Git."""
        marked = re.match(rb'\s*%\{\s*"[^"]+":\s*\{:(?:hex|git),', head) is not None
        named = last_part(name).lower() == "mix.lock" and head.lstrip().startswith(b"%{")
        return 95 if marked and named else 80 if marked or named else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield one record a package."""
        yield from read_packages(source, sieve, ledger, _packages)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make a lock file with one package of the planted hash."""
        return f'%{{\n  "control": {{:hex, :control, "1.0.0", "{plant.sha256}", [:mix], [], "hexpm"}},\n}}\n'.encode()


def _packages(body: bytes, account: Account) -> Iterator[Package]:
    text = decoded(body).strip()
    if not text.startswith("%{") or text.rpartition("\n")[2].strip() not in ("}", "%{}"):
        raise ReadError(Reason.TRUNCATED, "the map is not closed")
    for number, line in enumerate(decoded(body).split("\n"), 1):
        if line.strip() in ("", "%{", "}", "%{}"):
            continue
        if (found := _HEX.match(line)) is not None:
            yield _package(found, f"line {number}")
        elif (other := _OTHER.match(line)) is not None and other[2] == "git":
            account.spoil(f"line {number}", f"is {other[1]} from {other[3]} and names no version")
        else:
            account.spoil(f"line {number}", "is no entry of a package")


def _package(found: re.Match[str], locator: str) -> Package:
    outer = _OUTER.match(found[4])
    sums = [text for text in (found[3], outer[2] if outer else None) if text]
    return Package(
        type="hex",
        name=found[1],
        version=found[2],
        locator=locator,
        digests=tuple(sums),
        event={"checksum": "\n".join(sums), "repository": outer[1] if outer else ""},
    )
