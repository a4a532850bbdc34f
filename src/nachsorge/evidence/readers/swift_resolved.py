"""`Package.resolved` of Swift's package manager, versions 1 to 3: pins with the place and the state of each package.

A package is named by its place (host, owner, repository). One that is pinned to a branch or to a commit names no
version and stays unjudged, as does one without a place. Xcode keeps the file inside the project's or the workspace's
own folder; it is of the project around that. Source of the format: Swift Package Manager, `PinsStorage`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson

from nachsorge.evidence.containers.names import last_part
from nachsorge.evidence.packages import Account, Package, other_tag, project_around, read_packages, string
from nachsorge.evidence.seams import Opened, Plant, ReadError, Sieve, Tells
from nachsorge.model.words import Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.model.evidence import Record

_PINS = re.compile(rb'"pins"\s*:\s*\[')
_KEYS = (b'"repositoryURL"', b'"identity"')
_PLACE = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*://(?:[^@/\s]*@)?|[^@/\s]+@)([A-Za-z0-9.-]+)(?::\d+(?=/))?[:/]+(\S+)\Z")
_XCODE = re.compile(
    r"(?:[^/!]+\.xcodeproj/project\.xcworkspace|[^/!]+\.xcworkspace|\.swiftpm/xcode/package\.xcworkspace)"
    r"/xcshareddata/swiftpm/\Z"
)


class SwiftResolved:
    """Reader of Package.resolved."""

    name = "swift_resolved"
    text = True
    telemetry: tuple[Telemetry, ...] = (Telemetry.PACKAGE_LOCK,)
    tells = Tells(
        proves="that the project resolved this package at this version, from which repository and commit",
        rules_out="a package of this project at the file's own time, not before",
        not_told="the versions of packages that are pinned to a branch or commit (a gap), whether and where it was "
        "built, what the project resolved before, packages of a path (they are not pinned)",
        covers=telemetry,
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise a list of pins that name a place or an identity."""
        marked = head.lstrip()[:1] == b"{" and _PINS.search(head) is not None and any(key in head for key in _KEYS)
        named = last_part(name).lower() == "package.resolved" and head.lstrip()[:1] == b"{"
        return 95 if marked and named else 80 if marked or named else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield one record a package; a file that Xcode keeps is of the project around it."""
        project = project_around(source.path, _XCODE)
        yield from read_packages(source, sieve, ledger, _packages, project)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make a file with one package at the planted host."""
        pin = {
            "identity": "control",
            "kind": "remoteSourceControl",
            "location": f"https://{plant.host}/x/control.git",
            "state": {"revision": "0" * 40, "version": "1.0.0"},
        }
        return orjson.dumps({"pins": [pin], "version": 2}) + b"\n"


def _packages(body: bytes, account: Account) -> Iterator[Package]:
    tree = orjson.loads(body)
    version = tree.get("version") if isinstance(tree, dict) else None
    inner = tree.get("object") if version == 1 else tree
    pins = inner.get("pins") if isinstance(inner, dict) else None
    if not isinstance(pins, list):
        raise ReadError(Reason.CORRUPT, "no list of pins")
    if version not in (1, 2, 3):
        account.unfamiliar(f"version {version!r}")
    for number, pin in enumerate(pins):
        package = _package(pin if isinstance(pin, dict) else {}, f"/pins/{number}", account)
        if package is not None:
            yield package


def _package(pin: dict[str, Any], locator: str, account: Account) -> Package | None:
    node = pin.get("state")
    state: dict[str, Any] = node if isinstance(node, dict) else {}
    place = string(pin.get("location")) or string(pin.get("repositoryURL"))
    short = string(pin.get("identity")) or string(pin.get("package"))
    version, revision = string(state.get("version")), string(state.get("revision"))
    # A package of a registry has no place, but a scope: `scope.name` (Swift Evolution 0292).
    name = name_of(place) or (short.replace(".", "/", 1) if pin.get("kind") == "registry" else "")
    if not version:
        where = f"is {short or place} at {state.get('branch') or revision or 'no place in time'} and names no version"
        account.spoil(locator, where if short or place else "names no package")
        return None
    if not name:
        account.spoil(locator, f"is {short or 'a package'} from no address, so that nobody can tell which it is")
        return None
    return Package(
        type="swift",
        name=name,
        version=version,
        locator=locator,
        also=other_tag(version),
        urls=(place,) if place else (),
        event={"identity": short, "location": place, "revision": revision},
    )


def name_of(place: str) -> str:
    """Give host, owner and repository of an address of Git, as package URLs name a package of Swift."""
    found = _PLACE.match(place)
    if found is None:
        return ""
    path = found[2].rstrip("/").removesuffix(".git").rstrip("/")
    return f"{found[1].lower()}/{path}" if path else ""
