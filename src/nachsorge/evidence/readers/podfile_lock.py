"""`Podfile.lock` of CocoaPods: pods two blanks deep below `PODS:`; what is deeper is what they ask for.

A subspec (`Pod/Part`) is a part of its pod at the same version. Pods from a path of the project are its own and do not
count; those from Git have the version of their specification. Source of the format: CocoaPods, "cocoapods-core",
`Pod::Lockfile`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.evidence.containers.names import last_part
from nachsorge.evidence.packages import Account, Package, decoded, read_packages
from nachsorge.evidence.seams import Opened, Plant, ReadError, Sieve, Tells
from nachsorge.evidence.yaml_lines import unquoted
from nachsorge.model.words import Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.model.evidence import Record

_POD = re.compile(r"([^\s()/]+)(/[^()]+?)? \(([^\s()]+)\)\Z")
_SECTION = re.compile(r"([A-Z][A-Z ]*):(?: |\Z)")
_KEYED = re.compile(r"  (\S[^:]*):(?: (\S+))?\Z")
_ORIGIN = re.compile(r"    :(path|git|podspec|http): (.+)\Z")
_OTHERS = (
    *("DEPENDENCIES", "SPEC REPOS", "EXTERNAL SOURCES", "CHECKOUT OPTIONS", "SPEC CHECKSUMS"),
    *("PODFILE CHECKSUM", "COCOAPODS"),
)


class PodfileLock:
    """Reader of Podfile.lock and of the Manifest.lock that an installation leaves."""

    name = "podfile_lock"
    text = True
    telemetry: tuple[Telemetry, ...] = (Telemetry.PACKAGE_LOCK,)
    tells = Tells(
        proves="that the project resolved this pod at this version, and from which Git repository where it names one; "
        "`Pods/Manifest.lock`: that it was installed",
        rules_out="a pod of this project at the file's own time, not before",
        not_told="what the project resolved before, the hashes of a pod's contents (those of its specification are "
        "given), pods of a path (the project's own)",
        covers=telemetry,
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the list of pods with a version each."""
        marked = re.search(rb"^PODS:\s*(?:\[\])?\r?\n(?:  - .*\([^\s()]+\)|\r?\n)", head, re.MULTILINE) is not None
        named = last_part(name).lower() == "podfile.lock" and bool(head.strip()) and b"\0" not in head
        return 95 if marked and named else 80 if marked or named else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield one record a pod and version."""
        yield from read_packages(source, sieve, ledger, _packages)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make a lock file with one pod from the planted host."""
        return (
            "PODS:\n  - Control (1.0.0)\n\nDEPENDENCIES:\n  - Control\n\nEXTERNAL SOURCES:\n  Control:\n"
            f"    :git: https://{plant.host}/control.git\n\nCOCOAPODS: 1.12.0\n"
        ).encode()


def _packages(body: bytes, account: Account) -> Iterator[Package]:
    account.uncut(body)
    lines = decoded(body).split("\n")
    origins, sums = _beside(lines)
    section, listed, seen = "", False, set[tuple[str, str]]()
    for number, line in enumerate(lines, 1):
        if line and not line.startswith(" "):
            found = _SECTION.match(line)
            section = found[1] if found else ""
            listed = listed or section == "PODS"
            if section != "PODS" and section not in _OTHERS:
                account.spoil(f"line {number}", "begins a section that is not known")
        elif section == "PODS" and line.startswith("  - "):
            pod = _POD.match(unquoted(line[4:].removesuffix(":")))
            if pod is None:
                account.spoil(f"line {number}", "is no pod and version")
            elif (pod[1], pod[3]) not in seen and "path" not in origins.get(pod[1], {}):
                seen.add((pod[1], pod[3]))
                yield _package(pod[1], pod[3], f"line {number}", origins.get(pod[1], {}), sums.get(pod[1], ""))
        elif section == "PODS" and line.strip() and not line.startswith("    - "):
            account.spoil(f"line {number}", "is no pod, and nothing that a pod asks for")
    if not listed:
        raise ReadError(Reason.CORRUPT, "no list of pods")
    if section != "COCOAPODS":
        account.lose(Reason.TRUNCATED, "does not end with the version of CocoaPods, as such files do: it was cut")


def _beside(lines: list[str]) -> tuple[dict[str, dict[str, str]], dict[str, str]]:
    """Give where pods come from that are of no list of specifications, and the hashes of specifications, by pod."""
    origins: dict[str, dict[str, str]] = {}
    sums: dict[str, str] = {}
    section = pod = ""
    for line in lines:
        if line and not line.startswith(" "):
            section, pod = line.partition(":")[0], ""
        elif section == "EXTERNAL SOURCES" and (origin := _ORIGIN.match(line)):
            origins.setdefault(pod, {})[origin[1]] = unquoted(origin[2])
        elif found := _KEYED.match(line):
            pod = unquoted(found[1])
            if section == "SPEC CHECKSUMS":
                sums[pod] = found[2] or ""
    return origins, sums


def _package(name: str, version: str, locator: str, origin: dict[str, str], checksum: str) -> Package:
    url = origin.get("git") or origin.get("podspec") or origin.get("http") or ""
    return Package(
        type="cocoapods",
        name=name,
        version=version,
        locator=locator,
        digests=(checksum,) if checksum else (),
        urls=(url,) if url else (),
        event={"source": url, "spec_checksum": checksum},
    )
