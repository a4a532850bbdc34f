r"""`RELEASES` of the updater Squirrel: the update packages that were offered here, or fetched by a client.

One line a package: SHA-1, file name, size (Squirrel.Windows, `ReleaseEntry`). A server or telephone system offers what
its list names; in a client's `packages` folder it is what the updater fetched. Lists are rewritten at every update.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.evidence.containers.names import last_part
from nachsorge.evidence.lines import read_lines
from nachsorge.evidence.seams import Tells
from nachsorge.evidence.text import lenient
from nachsorge.evidence.windows.local_lines import LocalLines
from nachsorge.evidence.windows.packages import packages_in
from nachsorge.model.evidence import Record, Software, Value
from nachsorge.model.words import Kind, Platform, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve

_LINE = re.compile(
    rb"(?:\xef\xbb\xbf)?([0-9A-Fa-f]{40})[ \t]+(\S.*?\.nupkg)[ \t]+(\d+)(?:[ \t]*#.*)?[ \t]*\r?$", re.MULTILINE
)
_CLIENT = re.compile(r"[/\\!]packages[/\\]RELEASES\Z", re.IGNORECASE)


class SquirrelReleases:
    """Reader of one such list."""

    name = "squirrel_releases"
    telemetry: tuple[Telemetry, ...] = (Telemetry.FILESYSTEM, Telemetry.INSTALLED_SOFTWARE)
    tells = Tells(
        proves="that update packages of these versions and hashes were offered here, or fetched by a client's updater",
        rules_out="nothing: the list is rewritten at every update and names the newest packages only",
        not_told="when, and whether a package was installed",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the first line."""
        return 93 if _LINE.match(head) else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the packages that the sieve admits."""
        yield from read_lines(source, _List(source), sieve, ledger)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Give nothing: its names end in `.nupkg`, and its hashes are SHA-1."""
        return None


class _List(LocalLines):
    shape = _LINE

    def __init__(self, source: Opened) -> None:
        self.source = source
        client = bool(_CLIENT.search(source.path))
        self.telemetry = Telemetry.INSTALLED_SOFTWARE if client else Telemetry.FILESYSTEM

    def parse(self, line: bytes, locator: str) -> Record | None:
        found = _LINE.match(line)
        if not found:
            return None
        digest, name, size = (lenient(part) for part in found.groups())
        package = next(packages_in(last_part(name)), None)
        return Record(
            telemetry=self.telemetry,
            locator=locator,
            time=self.source.modified,
            values=(Value(Kind.HASH, "sha1", digest), Value(Kind.PATH, "package", name)),
            event={"sha1": digest, "package": name, "size": size},
            host=self.source.host,
            software=package and Software(name=package[1], version=package[2], platform=Platform.WINDOWS),
            product="windows",
        )
