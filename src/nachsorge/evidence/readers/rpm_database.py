"""The database of installed RPM packages: `rpmdb.sqlite`, `Packages.db` (ndb) and `Packages` (Berkeley DB).

A package's header says when it was installed, who built it and which files it brought. The database is a snapshot at
the file's own time: what was removed, or replaced by an upgrade, is no longer in it, and what did not come as a package
never was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nachsorge.evidence.containers.names import last_part
from nachsorge.evidence.containers.streams import read_whole
from nachsorge.evidence.databases import MAGIC, columns, opened_copy, rows
from nachsorge.evidence.linux import rpm_bdb, rpm_ndb
from nachsorge.evidence.linux.rpm_header import HeaderError, Package, namespace_of, package_of, record_of
from nachsorge.evidence.seams import ReadError, Tells
from nachsorge.evidence.stamps import plausible
from nachsorge.model.words import Platform, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve
    from nachsorge.model.evidence import Record

LARGEST = 1024 * 1024 * 1024
_TABLE = b"'Packages' (hnum INTEGER"
_NAMES = ("rpmdb.sqlite", "packages.db", "packages")


class RpmDatabase:
    """Reader of the three forms; which one, the first bytes say."""

    name = "rpm_database"
    telemetry: tuple[Telemetry, ...] = (Telemetry.INSTALLED_SOFTWARE,)
    tells = Tells(
        proves="Which packages were installed when the database was copied, at which version, since when, and which "
        "files they own",
        rules_out="A package at the moment of the snapshot, not before; what did not come as a package never",
        not_told="What was removed or upgraded before; the distribution, which is guessed from each package's vendor; "
        "changes that a running rpm had not written yet",
        covers=telemetry,
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the table, the signature of ndb, or a Berkeley DB hash that is called so."""
        if head.startswith(MAGIC):
            called = last_part(name).lower() == _NAMES[0]
            return 95 if _TABLE in head else 85 if called else 0
        if head.startswith(rpm_ndb.MAGIC):
            return 95
        return 90 if rpm_bdb.is_hash(head) and last_part(name).lower() in _NAMES else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield a record a package that the sieve admits; ReadError where the file is no such database."""
        ledger.platform = ledger.platform or Platform.LINUX
        left_out = 0
        for number, blob in _blobs(source, ledger):
            locator = f"package {number}"
            ledger.count(Telemetry.INSTALLED_SOFTWARE, 1, source.host)
            try:
                package = package_of(blob) if blob is not None else None
            except HeaderError:
                package = None
            if package is None or blob is None:
                ledger.spoil(locator)
                continue
            left_out += package.left_out
            if sieve.everything or _admits(sieve, blob, package):
                namespace = namespace_of(package.texts.get("vendor", ""))
                yield record_of(package, locator, source.modified, source.host, namespace)
        if left_out:
            ledger.gap(Reason.CORRUPT, f"{left_out} paths of files could not be put together")
        _cover(source, ledger)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """No file: see `control_records`."""
        return None

    def control_records(self, plant: Plant) -> Iterator[Record]:
        """Make what a decoded header becomes."""
        texts = {"name": "control", "version": "1", "release": "1", "url": f"http://{plant.host}/"}
        yield record_of(Package(texts, {}, (plant.path,)), "package 1", None, None, "")


def _blobs(source: Opened, ledger: Ledger) -> Iterator[tuple[int, bytes | None]]:
    with source.open() as stream:
        head = stream.read(512)
    if head.startswith(MAGIC):
        with opened_copy(source, ledger) as database:
            if not {"hnum", "blob"} <= columns(database, "Packages"):
                raise ReadError(Reason.NOT_SUPPORTED, "a database without a table of packages")
            for row in rows(database, "Packages", ("hnum", "blob"), "hnum"):
                yield row["hnum"], row["blob"] if isinstance(row["blob"], bytes) else None
        return
    with source.open() as stream:
        data = read_whole(stream, LARGEST)
    if rpm_bdb.is_hash(data):
        yield from rpm_bdb.blobs(data)
    else:
        yield from rpm_ndb.blobs(data)


def _admits(sieve: Sieve, blob: bytes, package: Package) -> bool:
    """Ask for what the header holds in pieces as well: directories and names of files, version and release."""
    return sieve.admits(blob) or sieve.admits("\n".join((package.version, *package.files)).encode())


def _cover(source: Opened, ledger: Ledger) -> None:
    if not source.modified or plausible(source.modified) is None:
        note = "the file's own time is not known: the snapshot cannot be dated"
        ledger.gap(Reason.NO_TIME, note, telemetry=Telemetry.INSTALLED_SOFTWARE)
    elif ledger.records and not ledger.unreadable and not any(gap.reason is Reason.CORRUPT for gap in ledger.gaps):
        ledger.saw(Telemetry.INSTALLED_SOFTWARE, source.modified, source.modified, source.host)
