"""Logs of CI runs: lines with a time to the ten-millionth of a second, as the runners of GitHub and Azure write them.

`Download action repository 'owner/name@ref' (SHA:...)` names an action at the commit that really ran. All other text
is searched. A log covers the run that wrote it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.evidence.ci_names import action_package, image_package
from nachsorge.evidence.lines import Plain, read_lines
from nachsorge.evidence.packages import folder_of, purl_of
from nachsorge.evidence.seams import Tells
from nachsorge.evidence.stamps import written
from nachsorge.evidence.text import lenient
from nachsorge.model.evidence import Record, Value
from nachsorge.model.words import Kind, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.packages import Package
    from nachsorge.evidence.seams import Opened, Plant, Sieve
    from nachsorge.model.times import Instant

_STAMP = rb"(?:\xef\xbb\xbf)?(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z)"
_JOB = rb"(?:[^\t\n]{1,200}\t[^\t\n]{1,200}\t)?"
"""`gh run view --log` puts the job's and the step's name before the time."""

_LINE = re.compile(_JOB + _STAMP + rb"(?: |\r?\Z)")
_DOWNLOAD = re.compile(
    r"Download(?:ed)? (?:immutable )?action (?:repository|package) '([\w.-]+/[\w.-]+)(?:/[^@']*)?@([^']+)'"
)
_SHA = re.compile(r"\(SHA:([0-9a-f]{40})\)")
_PULL = re.compile(r"Pull(?:ing)? (?:down action )?image '([^']+)'")


class CiLog:
    """Reader of the plain logs of CI runs."""

    name = "ci_log"
    text = True
    telemetry: tuple[Telemetry, ...] = (Telemetry.CI_LOG,)
    tells = Tells(
        proves="what a run printed, and when; which actions it downloaded, at which commit",
        rules_out="that this run printed the name of it, between its first and its last line",
        not_told="what a step did without printing it, masked values, other runs: services delete logs after some "
        "weeks",
        covers=telemetry,
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise a file that begins with such a time, and most of whose first lines do."""
        lines = [line for line in head.split(b"\n")[:50] if line.strip()]
        lines = lines[:-1] if len(lines) > 1 and not head.endswith(b"\n") else lines
        dated = sum(_LINE.match(line) is not None for line in lines)
        return 80 if lines and _LINE.match(lines[0]) and dated * 2 >= len(lines) else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the admitted lines."""
        ledger.host = ledger.host or folder_of(source.path)
        yield from read_lines(source, _Run(), sieve, ledger)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Write one line of the same form that names the planted host."""
        job = b"control\tcontrol\t" if re.match(rb"[^\t\n]+\t", head) else b""
        return job + f"2023-04-01T00:00:00.0000000Z Fetched https://{plant.host}/control\n".encode()


class _Run(Plain):
    """The lines of a run. One without a time is the rest of a message that was written over several lines."""

    telemetry = Telemetry.CI_LOG
    sensor = False
    shape = re.compile(rb"[^\n]")

    def time(self, line: bytes) -> Instant | None:
        """Read the time at the beginning."""
        found = _LINE.match(line)
        return written(found[1].decode()) if found else None

    def parse(self, line: bytes, locator: str) -> Record | None:
        """Type the packages that a line names; its words are searched as text."""
        found = _LINE.match(line)
        message = lenient(line[found.end() :] if found else line)
        purls = [purl for package in _packages(message, locator) for purl in _purls(package)]
        values = [Value(Kind.PACKAGE, "purl", purl) for purl in purls] + [Value(Kind.TEXT, "message", message)]
        event = {"message": message, "purl": "\n".join(purls)}
        return Record(
            telemetry=Telemetry.CI_LOG,
            locator=locator,
            time=self.time(line),
            values=tuple(values),
            event={name: text for name, text in event.items() if text},
        )


def _packages(message: str, locator: str) -> Iterator[Package]:
    if action := _DOWNLOAD.search(message):
        commit = _SHA.search(message)
        yield action_package(action[1], action[2], locator, {}, commit[1] if commit else "")
    if (image := _PULL.search(message)) and (package := image_package(image[1], locator)):
        yield package


def _purls(package: Package) -> list[str]:
    return [text for version in (package.version, *package.also) if (text := purl_of(package, version))]
