"""Lock files of Yarn, classic (version 1) and berry (version 2 and later), and berry's list of what it installed.

Both are lists of blocks: a key at the left margin, properties below. The key holds the ranges that were asked for; only
`version` counts, with the real name of an alias. In `node_modules/.yarn-state.yml` the key is what was resolved, with
the folders below it. Source of the formats: Yarn documentation, "yarn.lock"; `@yarnpkg/plugin-nm`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.evidence.containers.names import last_part
from nachsorge.evidence.packages import Account, Package, decoded, folder_of, read_packages
from nachsorge.evidence.seams import Tells
from nachsorge.model.words import Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve
    from nachsorge.model.evidence import Record

KNOWN = range(3, 11)
"""Berry's `__metadata.version`: 4 in Yarn 2, 6 in Yarn 3, 8 in Yarn 4. Classic says `yarn lockfile v1`."""

_HEADING = 400
_CLASSIC = b"# yarn lockfile v"
_PROPERTY = re.compile(r'  ([A-Za-z]+):? +"?([^"\s]+)"?\s*\Z')
_KEY = re.compile(r'(?:\? )?("?)(.+?)\1:?\s*\Z')
_STATE = re.compile(r"^  nmMode:", re.MULTILINE)
_LOCATOR = re.compile(r"(?:virtual:[0-9a-f]+#)?npm:(\d[^:\s]*)\Z")
_LOCAL = ("workspace:", "link:", "portal:", "file:")


class YarnLock:
    """Reader of Yarn's lock files."""

    name = "yarn_lock"
    text = True
    telemetry: tuple[Telemetry, ...] = (Telemetry.PACKAGE_LOCK,)
    tells = Tells(
        proves="that the project resolved this package at this version, with its address and hash",
        rules_out="a package of this project at the file's own time, not before",
        not_told="whether and where it was installed, what the project resolved before, what was installed on machines "
        "that did not use the file, what an install script fetched",
        covers=telemetry,
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the comment of the classic form, or the metadata of the other."""
        marked = _CLASSIC in head[:400] or re.search(rb"^__metadata:\s*$", head[:2000], re.MULTILINE) is not None
        named = last_part(name).lower() == "yarn.lock" and b"\0" not in head and bool(head)
        return 95 if marked and named else 80 if marked or named else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield one record a block; what lies in `node_modules` is of the project above it."""
        project = re.sub(r"(?:(?<=[/!])|\A)node_modules/\Z", "", folder_of(source.path)) or "./"
        yield from read_packages(source, sieve, ledger, _packages, project)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make a lock file of the same form with one package from the planted host."""
        url = f"https://{plant.host}/control.tgz"
        if b"__metadata:" in head:
            return (
                f'__metadata:\n  version: 8\n\n"control@{url}":\n  version: 1.0.0\n  resolution: "control@{url}"\n'
            ).encode()
        return f'# yarn lockfile v1\n\n\ncontrol@^1.0.0:\n  version "1.0.0"\n  resolved "{url}"\n'.encode()


def _packages(body: bytes, account: Account) -> Iterator[Package]:
    text = decoded(body)
    account.uncut(body)
    berry = re.search(r"^__metadata:\s*\n(?:  .*\n)*?  version: *['\"]?(\d+)", text, re.MULTILINE)
    classic = re.search(r"^# yarn lockfile v(\d+)", text, re.MULTILINE)
    state = berry is not None and _STATE.search(text[:_HEADING]) is not None
    known = int(berry[1]) in (KNOWN, (1,))[state] if berry else classic is not None and classic[1] == "1"
    if not known:
        said = next((found[1] for found in (berry, classic) if found), "without a number")
        account.unfamiliar(f"version {said}")
    for number, key, lines in _blocks(text):
        if key == "__metadata":
            continue
        own = {found[1]: found[2] for line in lines if (found := _PROPERTY.match(line))}
        if state:
            own |= _installed(key)
        package = _package(key, own, f"line {number}")
        if package is None:
            account.spoil(f"line {number}", "names no package and version")
        elif not own.get("resolution", "").partition("@")[2].lstrip("@").rpartition("@")[2].startswith(_LOCAL):
            yield package


def _blocks(text: str) -> Iterator[tuple[int, str, list[str]]]:
    start, key, lines = 0, "", list[str]()
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith(" ") or (line.rstrip() == ":" and key):
            lines.append(line)
            continue
        if line.startswith(":"):
            continue  # the value of a very long key, which YAML writes on lines of its own
        if key:
            yield start, key, lines
        start, key, lines = number, line.rstrip().removeprefix("? ").removesuffix(":").strip('"'), []
    if key:
        yield start, key, lines


def _package(key: str, own: dict[str, str], locator: str) -> Package | None:
    version = own.get("version", "")
    descriptor = own.get("resolution") or key.partition(",")[0].strip().strip('"')
    name, reference = _split(descriptor)
    if "resolution" not in own and reference.startswith("npm:"):
        # Classic alias: `foo@npm:real@^1.0.0`; a bare `npm:^1.0.0` has no name in it.
        real, _ = _split(reference[4:])
        name = real or name
    if not name or not version:
        return None
    resolved = own.get("resolved", "")
    urls = [url for url in (resolved, reference) if "://" in url]
    digests = [own.get("integrity", ""), resolved.rpartition("#")[2] if "#" in resolved else ""]
    return Package(
        type="npm",
        name=name,
        version=version,
        locator=locator,
        digests=tuple(digest for digest in digests if digest),
        urls=tuple(url.partition("#")[0] for url in urls),
        event={"path": key, "resolved": resolved or descriptor, **{k: own[k] for k in _SUMS if k in own}},
    )


def _installed(key: str) -> dict[str, str]:
    """Give version and resolution of an installed package, which its key says (`chalk@npm:5.6.0`)."""
    reference = _split(key)[1]
    if found := _LOCATOR.match(reference):
        return {"version": found[1], "resolution": f"{_split(key)[0]}@npm:{found[1]}"}
    patched = re.search(r"::(?:.*&)?version=([^&\s]+)", reference)
    version = patched[1] if patched else "0" if reference.startswith(_LOCAL) else ""
    return {"version": version, "resolution": key}


_SUMS = ("integrity", "checksum")


def _split(descriptor: str) -> tuple[str, str]:
    at = descriptor.find("@", 1)
    return (descriptor[:at], descriptor[at + 1 :]) if at > 0 else ("", "")
