"""What the readers of SBOMs share: one component as a record, and what a whole SBOM leaves unsaid.

An SBOM describes one thing at its own time, so its asset is the file itself (`sboms/shop.json`): two SBOMs in a folder
are about two things. Libraries are packages; applications, firmware and operating systems are installed software, of
which a hit counts and an absence says nothing: no SBOM lists all that is installed on a machine.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from packageurl import PackageURL

from nachsorge.evidence.fields import values_of
from nachsorge.evidence.packages import Account, Package, spelled
from nachsorge.evidence.stamps import plausible
from nachsorge.model.evidence import Record, Software, Value
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Kind, Platform, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.model.times import Instant

_PROGRAMS = frozenset({"application", "operating-system", "operating_system", "operatingsystem", "firmware", "device"})
_NO_PACKAGES = frozenset(
    {
        "operating-system",
        "operating_system",
        "operatingsystem",
        "device",
        "device-driver",
        "devicedriver",
        "firmware",
        "platform",
        "data",
        "model",
        "machine-learning-model",
        "cryptographic-asset",
    }
)
"""Kinds that no registry of packages has, so that one without a package URL hides nothing."""

_RANGE = re.compile(r"^[\^~<>=!*(\[]|\$\{|\|\||[\s,]|(?:^|\.)[*xX](?:$|\.)|^(?:latest|unknown|unspecified)$")
"""What a range, a placeholder or several versions have in them, and no version of any ecosystem has."""

_ENVELOPES = ("sbom", "predicate", "Data")
"""What stands around a bill: GitHub's export, a statement of in-toto, and cosign's predicate in it."""

_DEEPEST_ENVELOPE = 3

_PLATFORMS = {"windows": Platform.WINDOWS, "macos": Platform.MACOS, "linux": Platform.LINUX}


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One thing that an SBOM lists; `kind` is its type in lower case, as CycloneDX or SPDX write it."""

    name: str
    locator: str
    version: str = ""
    kind: str = ""
    publisher: str = ""
    purls: tuple[str, ...] = ()
    digests: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    is_file: bool = False
    described: bool = False
    """It is what the whole SBOM is about, which need not be a package itself."""
    event: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Bill:
    """The account of one SBOM beside that of its file: how many components nobody can compare, whether any is there."""

    account: Account
    nameless: int = 0
    compared: int = 0

    def records(self, one: Component) -> Iterator[Record]:
        """Count a component and give its record where the sieve admits it."""
        program = one.kind in _PROGRAMS and not one.is_file
        telemetry = Telemetry.INSTALLED_SOFTWARE if program else Telemetry.PACKAGE_LOCK
        named = any(_resolved(purl, one.version) for purl in one.purls)
        self.compared += named and not one.described
        hidden = not named and not one.is_file and not one.described and one.kind not in _NO_PACKAGES
        self.nameless += hidden
        if not one.name and not one.purls:
            self.account.spoil(one.locator, "names nothing")
            return
        package = Package(
            type="",
            name=one.name,
            version=one.version,
            locator=one.locator,
            purls=one.purls,
            digests=one.digests,
            urls=one.urls,
            event={"type": one.kind, "publisher": one.publisher, **one.event},
        )
        for record in self.account.records(package, telemetry, _software(one) if program else None):
            yield _with_path(record, one) if one.is_file else record

    def text(self, event: dict[str, str], locator: str) -> Iterator[Record]:
        """Give what is no component (services, vulnerabilities) as text, so that nothing stays unsearched."""
        if event:
            self.account.ledger.count(Telemetry.TEXT, 1)
            record = Record(telemetry=Telemetry.TEXT, locator=locator, values=values_of(event), event=event)
            if self.account.admits(record):
                yield record

    def close(self) -> None:
        """Say what keeps the SBOM from ruling out any package, and report the snapshot where nothing does."""
        if not self.compared:
            self.account.lose(Reason.NOT_PROVIDED, "lists no packages with a package URL")
        if self.nameless:
            note = f"{self.nameless} components have no package URL with an exact version: no package compares to them"
            self.account.lose(Reason.NOT_PROVIDED, note)
        self.account.close()


def unwrapped(tree: dict[str, Any]) -> dict[str, Any]:
    """Give the bill itself where something stands around it (`{"sbom": {...}}`, in-toto's `predicate`)."""
    for _ in range(_DEEPEST_ENVELOPE):
        inner = next((tree[key] for key in _ENVELOPES if isinstance(tree.get(key), dict)), None)
        if inner is None or "bomFormat" in tree or "spdxVersion" in tree or "@context" in tree:
            break
        tree = inner
    return tree


def time_of(text: object) -> Instant | None:
    """Read the time at which an SBOM was made; None where it has none."""
    try:
        return plausible(parse_instant(text)) if isinstance(text, str) else None
    except (ValueError, OverflowError):
        return None


def _resolved(purl: str, version: str) -> bool:
    """Tell whether a package URL, or the version beside it, names one version: a range could be any of them."""
    said = spelled(purl, version)
    found = PackageURL.from_string(said).version if said else None
    return bool(found) and not _RANGE.search(found or "")


def _software(one: Component) -> Software:
    platform = next((p for word, p in _PLATFORMS.items() if one.name.lower().startswith(word)), None)
    return Software(name=one.name, version=one.version, platform=platform, publisher=one.publisher)


def _with_path(record: Record, one: Component) -> Record:
    values = (*record.values, Value(Kind.PATH, "path", one.name))
    return Record(
        telemetry=record.telemetry, locator=record.locator, time=record.time, values=values, event=record.event
    )
