"""Receipts of macOS (`/var/db/receipts/*.plist`): which package was installed, at which version, by whom and when.

Written by Installer, softwareupdate and the App Store for every package; keys `PackageIdentifier`, `PackageVersion`,
`InstallDate`, `InstallPrefixPath`, `InstallProcessName` and `PackageFileName` (pkgutil(1) prints the same). The next
version of a package overwrites its receipt, `pkgutil --forget` removes it, and apps that are dragged to a folder leave
none: a receipt proves an installation, and none rules nothing out.
"""

from __future__ import annotations

from datetime import UTC, datetime
from plistlib import FMT_BINARY, FMT_XML, dumps
from typing import TYPE_CHECKING

from nachsorge.evidence.plists import is_plist, leaves, plist_of
from nachsorge.evidence.seams import ReadError, Tells
from nachsorge.evidence.stamps import plausible
from nachsorge.model.evidence import Record, Software, Value
from nachsorge.model.times import from_datetime
from nachsorge.model.words import Kind, Platform, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve
    from nachsorge.model.times import Instant

_IDENTIFIER, _VERSION, _DATE = "PackageIdentifier", "PackageVersion", "InstallDate"
_FILE, _PREFIX, _PROCESS = "PackageFileName", "InstallPrefixPath", "InstallProcessName"
_TOLD = (_IDENTIFIER, _VERSION, _FILE, _PREFIX, _PROCESS)


class MacReceipts:
    """Reader of one receipt; the list of files beside it is `mac_bom`'s."""

    name = "mac_receipts"
    telemetry: tuple[Telemetry, ...] = (Telemetry.SOFTWARE_INSTALL,)
    tells = Tells(
        proves="that this package was installed at this version, by which program, and when",
        rules_out="nothing: the next version overwrites a receipt, and dragged apps leave none",
        not_told="earlier versions of the package, programs that update themselves, whether it is still there; its "
        "files stand in the `.bom` beside it",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise a property list with a package's identifier and version, and a word of its installation."""
        if not is_plist(head) or _IDENTIFIER.encode() not in head or _VERSION.encode() not in head:
            return 0
        return 94 if any(word.encode() in head for word in (_DATE, _PROCESS, _PREFIX)) else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the one installation; ReadError where it is no such property list."""
        ledger.platform = ledger.platform or Platform.MACOS
        with source.open() as stream:
            tree = plist_of(stream)
        if not isinstance(tree, dict):
            raise ReadError(Reason.CORRUPT, "no dictionary, as receipts are")
        ledger.count(Telemetry.SOFTWARE_INSTALL, 1, source.host)
        yield _record(tree, source, ledger)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make a receipt of a package that is called as the planted host."""
        date = datetime(2023, 4, 1)  # noqa: DTZ001  a property list knows no zones
        tree = {_IDENTIFIER: plant.host, _VERSION: "1", _DATE: date, _PREFIX: "/", _PROCESS: "installer"}
        return dumps(tree, fmt=FMT_BINARY if head.startswith(b"bplist") else FMT_XML)


def _record(tree: Mapping[object, object], source: Opened, ledger: Ledger) -> Record:
    event: dict[str, str] = {name: text for name in _TOLD if isinstance(text := tree.get(name), str) and text}
    identifier = event.get(_IDENTIFIER, "")
    if not identifier:
        ledger.spoil(_IDENTIFIER)
    time = _instant(tree.get(_DATE))
    if time is None:
        ledger.gap(Reason.NO_TIME, "a receipt without a usable date", telemetry=Telemetry.SOFTWARE_INSTALL)
    stem = event.get(_FILE, "").removesuffix(".pkg").removesuffix(".mpkg")
    values = [Value(Kind.PATH if name == _FILE else Kind.TEXT, name, text) for name, text in event.items()]
    told = frozenset(event.values())
    values += [Value(Kind.TEXT, "other", text) for text in dict.fromkeys(leaves(tree)) if text not in told]
    program = Software(
        name=identifier,
        version=event.get(_VERSION, ""),
        platform=Platform.MACOS,
        aliases=(stem,) if stem and stem != identifier else (),
    )
    return Record(
        telemetry=Telemetry.SOFTWARE_INSTALL,
        locator="receipt",
        time=time,
        values=tuple(values),
        event=event,
        host=source.host,
        software=program if identifier else None,
        product="macos",
    )


def _instant(value: object) -> Instant | None:
    """Take a date; property lists hold UTC without saying so."""
    return plausible(from_datetime(value.replace(tzinfo=UTC))) if isinstance(value, datetime) else None
