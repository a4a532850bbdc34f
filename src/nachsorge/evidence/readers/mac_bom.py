"""Lists of a package's files on macOS (`/var/db/receipts/*.bom`, `lsbom(8)`): what an installation put where.

Every path is a record. The receipt beside it (`.plist`) says below which folder the package was installed; without it
paths are taken from the root. A list proves that this package brought a file of this name; the file may have been
changed or removed since, and the next version of the package overwrites the list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nachsorge.evidence.clocks import unix_seconds
from nachsorge.evidence.containers.streams import read_whole
from nachsorge.evidence.macos.bom import MAGIC, Bom, Listed
from nachsorge.evidence.plists import plist_of
from nachsorge.evidence.seams import ReadError, Tells
from nachsorge.evidence.siblings import beside, reachable
from nachsorge.model.evidence import Record, Value
from nachsorge.model.times import render
from nachsorge.model.words import Kind, Platform, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve

LARGEST = 256 * 1024 * 1024


class MacBom:
    """Reader of one list."""

    name = "mac_bom"
    telemetry: tuple[Telemetry, ...] = (Telemetry.FILESYSTEM,)
    tells = Tells(
        proves="that an installed package brought a file of this name to this place",
        rules_out="nothing: it lists one version of one package",
        not_told="SHA and MD5 hashes (it holds a CRC alone), whether the file is still there or was changed; when it "
        "was installed stands in the receipt beside it",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the signature, and the list of files or the file's ending: other things are stored so as well."""
        if not head.startswith(MAGIC):
            return 0
        return 92 if name.lower().endswith(".bom") or b"\x05Paths" in head else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield one record a path; ReadError where it is no such list."""
        ledger.platform = ledger.platform or Platform.MACOS
        with source.open() as stream:
            bom = Bom(read_whole(stream, LARGEST))
        folder = _prefix(source, ledger)
        for number, listed in enumerate(bom, 1):
            ledger.count(Telemetry.FILESYSTEM, 1, source.host)
            path = f"{folder}/{listed.path}"
            if sieve.everything or sieve.admits(path.encode("utf-8", "replace")):
                yield _record(listed, path, number, source)
        if bom.lost:
            ledger.gap(Reason.CORRUPT, f"{bom.lost} entries could not be read")
        if bom.cut:
            ledger.gap(Reason.LIMIT, bom.cut)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """No file: see `control_records`."""
        return None

    def control_records(self, plant: Plant) -> Iterator[Record]:
        """Make what a decoded entry becomes: there is no writer of such lists here."""
        path = plant.path
        yield Record(telemetry=Telemetry.FILESYSTEM, locator="path 1", values=(Value(Kind.PATH, "path", path),))


def _prefix(source: Opened, ledger: Ledger) -> str:
    """Give the folder of installation, as the receipt beside the list says; empty for the root."""
    stem = (source.local.name if source.local is not None else source.name).rpartition(".")[0]
    receipt = beside(source, f"{stem}.plist") if stem else None
    if receipt is None:
        there = "its receipt is not beside it: paths were taken from the root"
        nowhere = "its receipt cannot be reached: paths were taken from the root"
        ledger.notes.append(there if reachable(source) else nowhere)
        return ""
    try:
        with receipt.open() as stream:
            tree = plist_of(stream)
    except (ReadError, OSError, EOFError) as problem:
        ledger.notes.append(f"its receipt could not be read ({problem}): paths were taken from the root")
        return ""
    stated = tree.get("InstallPrefixPath") if isinstance(tree, dict) else None
    inside = stated.strip("/.") if isinstance(stated, str) else ""
    return f"/{inside}" if inside else ""


def _record(listed: Listed, path: str, number: int, source: Opened) -> Record:
    event = {"path": path, "kind": listed.kind}
    if modified := unix_seconds(listed.modified):
        event["modified"] = render(modified)
    return Record(
        telemetry=Telemetry.FILESYSTEM,
        locator=f"path {number}",
        time=source.modified,
        values=(Value(Kind.PATH, "path", path),),
        event={name: text for name, text in event.items() if text},
        host=source.host,
        product="macos",
    )
