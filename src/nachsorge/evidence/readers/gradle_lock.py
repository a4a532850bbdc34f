"""Gradle's dependency locks: `group:name:version=configurations`, the last line `empty=` (since Gradle 6.8).

Before, each configuration had a file of its own below `gradle/dependency-locks`, without anything behind the version
and without a last line. Such a file, and that of the build script, is not the whole of a project.
Source of the format: Gradle User Manual, "Locking Versions".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.evidence.containers.names import last_part
from nachsorge.evidence.packages import Account, Package, decoded, project_around, read_packages
from nachsorge.evidence.seams import Tells
from nachsorge.model.words import Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve
    from nachsorge.model.evidence import Record

_MARK = b"Gradle generated file for dependency locking"
_LINE = re.compile(r"([^\s:=]+):([^\s:=]+):([^\s:=]+)(?:=(\S*))?\Z")
_NAMES = ("gradle.lockfile", "buildscript-gradle.lockfile")
_OLD = re.compile(r"(?:(?<=[/!])|\A)gradle/dependency-locks/\Z")


class GradleLock:
    """Reader of gradle.lockfile."""

    name = "gradle_lock"
    text = True
    telemetry: tuple[Telemetry, ...] = (Telemetry.PACKAGE_LOCK,)
    tells = Tells(
        proves="that the project resolved this module at this version, and for which configurations",
        rules_out="a module of the locked configurations of this project at the file's own time, not before",
        not_told="configurations that are not locked, whether and where it was built, what the project resolved "
        "before, plugins (`buildscript-gradle.lockfile`, where it is kept), hashes",
        covers=telemetry,
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise Gradle's comment, or the name."""
        marked = _MARK in head[:1024]
        named = last_part(name).lower() in _NAMES and bool(head.strip()) and b"\0" not in head
        return 95 if marked and named else 80 if marked or named else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield one record a module; older locks are of the project above their folder."""
        project = project_around(source.path, _OLD)
        script = last_part(source.path).lower().startswith("buildscript-")

        def parse(body: bytes, account: Account) -> Iterator[Package]:
            if script:
                account.lacks("locks what the build script needs, not the project's modules (gradle.lockfile does)")
            return _packages(body, account)

        yield from read_packages(source, sieve, ledger, parse, project)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """No file: it holds names and versions only, none of which is planted."""
        return None


def _packages(body: bytes, account: Account) -> Iterator[Package]:
    account.uncut(body)
    ended = old = False
    for number, line in enumerate(decoded(body).split("\n"), 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        if text.startswith("empty="):
            ended = True
        elif found := _LINE.match(text):
            old = old or found[4] is None
            yield Package(
                type="maven",
                name=f"{found[1]}/{found[2]}",
                version=found[3],
                locator=f"line {number}",
                event={"configurations": found[4] or ""},
            )
        else:
            account.spoil(f"line {number}", "is no module and version")
    if old:
        account.lacks("locks one configuration (a lock of Gradle before 6.8): the others stand in other files")
    elif not ended:
        account.lose(Reason.TRUNCATED, "has no line `empty=`, which is the last of every such file: it was cut")
