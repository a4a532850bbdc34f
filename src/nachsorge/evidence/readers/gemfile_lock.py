"""`Gemfile.lock` of Bundler: the gems under `specs:` four blanks deep; what is deeper is their ranges.

Source of the format: Bundler's lock file generator. `PATH` sections are the project's own gems and do not count.
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

_SPEC = re.compile(r"    ([\w.-]+) \(([^\s()]+)\)\s*\Z")
_CHECKSUM = re.compile(r"  ([\w.-]+) \(([^\s()]+)\) .*?\bsha256=([0-9a-f]{64})")
_REMOTE = re.compile(r"  remote: (\S+)")
_GEMS = ("GEM", "GIT", "PATH", "PLUGIN SOURCE")
_OTHERS = ("PLATFORMS", "DEPENDENCIES", "CHECKSUMS", "RUBY VERSION", "BUNDLED WITH")
_BESIDE = re.compile(r"  [a-z_]+:|      \S")
"""A key of a section, or what a gem depends on."""


class GemfileLock:
    """Reader of Gemfile.lock and gems.locked."""

    name = "gemfile_lock"
    text = True
    telemetry: tuple[Telemetry, ...] = (Telemetry.PACKAGE_LOCK,)
    tells = Tells(
        proves="that the project resolved this gem at this version, with its source and, in newer files, its hash",
        rules_out="a package of this project at the file's own time, not before",
        not_told="whether and where it was installed, what the project resolved before, what was installed on machines "
        "that did not use the file, gems of a `PATH` section (the project's own)",
        covers=telemetry,
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise a section of gems with its `remote:` and `specs:`."""
        marked = b"\n  specs:" in head and re.search(rb"^(?:GEM|GIT|PATH)\r?\n  remote: ", head, re.MULTILINE)
        named = last_part(name).lower() in ("gemfile.lock", "gems.locked") and b"\0" not in head and bool(head)
        return 95 if marked and named else 80 if marked or named else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield one record a gem and platform."""
        yield from read_packages(source, sieve, ledger, _packages)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make a lock file with one gem from the planted host."""
        return (
            f"GEM\n  remote: https://{plant.host}/\n  specs:\n    control (1.0.0)\n\n"
            "PLATFORMS\n  ruby\n\nDEPENDENCIES\n  control\n"
        ).encode()


def _packages(body: bytes, account: Account) -> Iterator[Package]:
    account.uncut(body)
    lines = decoded(body).split("\n")
    sums = {found[1] + " " + found[2]: found[3] for line in lines if (found := _CHECKSUM.match(line))}
    section = remote = ""
    listing = found_any = False
    for number, line in enumerate(lines, 1):
        if line and not line.startswith(" "):
            section, remote, listing = line.strip(), "", False
            found_any = found_any or section in _GEMS
            if section not in _GEMS and section not in _OTHERS:
                account.spoil(f"line {number}", "begins a section that is not known")
        elif found := _REMOTE.match(line):
            remote = found[1]
        elif line.startswith("  specs:"):
            listing = True
        elif listing and re.match(r" {4}\S", line):
            spec = _SPEC.match(line)
            if spec is None:
                account.spoil(f"line {number}", "is no gem and version")
            elif section != "PATH":
                yield _package(spec[1], spec[2], remote, sums, f"line {number}")
        elif section in _GEMS and line.strip() and not _BESIDE.match(line):
            account.spoil(f"line {number}", "is no gem, and nothing that stands beside one")
    if not found_any:
        raise ReadError(Reason.CORRUPT, "no section of gems")


def _package(name: str, written: str, remote: str, sums: dict[str, str], locator: str) -> Package:
    # A version holds no hyphen; what follows one is the platform the gem was built for.
    version, _, platform = written.partition("-")
    checksum = sums.get(f"{name} {written}", "")
    return Package(
        type="gem",
        name=name,
        version=version,
        locator=locator,
        digests=(checksum,) if checksum else (),
        urls=(remote,) if remote else (),
        event={"platform": platform, "remote": remote, "checksum": checksum},
    )
