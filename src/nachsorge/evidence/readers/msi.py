r"""Windows Installer packages (`*.msi`): the product and version that a package installs.

Windows keeps a copy of every installed package in `Windows\Installer`, without its name: there it is evidence that the
product was installed. Anywhere else it shows that the version could be installed from there. It covers nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.evidence.seams import ReadError, Tells
from nachsorge.evidence.windows.msi import MAGIC, PACKAGE, PATCH, Package, olefile, package_of
from nachsorge.model.evidence import Record, Software, Value
from nachsorge.model.times import render
from nachsorge.model.words import Kind, Platform, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve

_CACHE = re.compile(r"(?:^|[/\\!])windows[/\\]installer[/\\][^/\\]+\Z", re.IGNORECASE)
_SHOWN = ("ProductName", "ProductVersion", "Manufacturer", "ProductCode", "UpgradeCode", "ALLUSERS")


class Msi:
    """Reader of packages; patches are recognised, and named as not read."""

    name = "msi"
    telemetry: tuple[Telemetry, ...] = (Telemetry.INSTALLED_SOFTWARE, Telemetry.FILESYSTEM)
    tells = Tells(
        proves="that an installer of this version lay here; in Windows\\Installer, that the product was installed",
        rules_out="nothing: programs are installed without packages as well, and copies are removed with the program",
        not_told="whether and when it was installed (elsewhere than in Windows\\Installer), and by whom",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the compound file's signature with the class of a package, or the ending of the name."""
        if not head.startswith(MAGIC):
            return 0
        if PACKAGE in head or PATCH in head:
            return 96
        return 90 if name.lower().endswith((".msi", ".msp")) else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the product; ReadError where the package cannot be read, or names none."""
        with source.open() as stream:
            found = package_of(stream)
        if found.damage:
            ledger.gap(Reason.CORRUPT, found.damage)
        if not found.properties:
            raise ReadError(Reason.NOT_SUPPORTED, "a patch or a package without a table of properties: not read")
        installed = bool(_CACHE.search(source.path))
        telemetry = Telemetry.INSTALLED_SOFTWARE if installed else Telemetry.FILESYSTEM
        ledger.count(telemetry, 1, source.host)
        yield _record(found, telemetry, source)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """No file: see `control_records`."""
        return None

    def control_records(self, plant: Plant) -> Iterator[Record]:
        """Make what a decoded package becomes: there is no writer of compound files here."""
        if olefile is not None:
            found = Package({"ProductName": "control", "ProductVersion": "1", "Manufacturer": plant.host})
            yield _record(found, Telemetry.FILESYSTEM, None)


def _record(found: Package, telemetry: Telemetry, source: Opened | None) -> Record:
    table = found.properties
    event = {"path": source.path} if source else {}
    event |= {name: table[name] for name in _SHOWN if table.get(name)}
    event |= found.summary | ({"created": render(found.created)} if found.created is not None else {})
    values = [Value(Kind.PATH, "path", source.path)] if source else []
    # Nothing in the table goes unsearched: packages carry addresses, licences and commands in it.
    values += [Value(Kind.TEXT, name, text) for name, text in (table | found.summary).items() if text]
    name = table.get("ProductName") or found.summary.get("subject", "")
    software = Software(
        name=name,
        version=table.get("ProductVersion", ""),
        platform=Platform.WINDOWS,
        publisher=table.get("Manufacturer", ""),
    )
    return Record(
        telemetry=telemetry,
        locator="Property table",
        time=source.modified if source else None,
        values=tuple(values),
        event=event,
        host=source.host if source else None,
        software=software if name else None,
        product="windows",
    )
