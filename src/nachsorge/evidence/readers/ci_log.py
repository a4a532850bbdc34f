"""Logs of CI runs: of GitHub's and Azure's runners, of GitLab's with and without times, and consoles of Jenkins.

`Download action repository 'owner/name@ref' (SHA:...)` names an action at the commit that really ran, GitLab's `with
digest` the image; what package managers print names packages (`ci_packages`). All other text is searched, without the
colours that terminals show. A log covers the run that wrote it, as far as its lines have times: GitLab's older logs
have them where a section begins and ends, Jenkins' only with its plugin "Timestamper". Sources: the services' own logs;
GitLab documentation, "Job logs".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.evidence.ci_names import action_package, image_package
from nachsorge.evidence.ci_packages import SPELLED, packages
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

_SECOND = rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"
_STAMP = rb"(?:\xef\xbb\xbf)?(" + _SECOND + rb"\.\d{7}Z)"
_JOB = rb"(?:[^\t\n]{1,200}\t[^\t\n]{1,200}\t)?"
"""`gh run view --log` puts the job's and the step's name before the time."""

_LINE = re.compile(_JOB + _STAMP + rb"(?: |\r?\Z)")
_GITLAB = re.compile(rb"(" + _SECOND + rb"\.\d{6}Z) [0-9a-f]{2}[OE](?:[ +]|\r?\Z)")
"""Since GitLab 17: time, stream, and a plus where the line goes on from the one before."""

_SECTION = re.compile(rb"(?:\x1b\[0K)*section_(?:start|end):(\d{10}):")
_JENKINS = re.compile(rb"\[(" + _SECOND + rb"\.\d{3}Z)\] ?")
_FORMS = (_LINE, _GITLAB, _JENKINS, _SECTION)
_OF_GITLAB = re.compile(rb"(?:\x1b\[[0-9;]*[Km])*Running with gitlab-runner \d|" + _SECTION.pattern)
_NOTE = rb"(?:\x1b\[8mha:[^\x1b]*\x1b\[0m)*"
"""Jenkins hides the place of a link in its own lines."""

_OF_JENKINS = re.compile(
    rb"(?:" + _JENKINS.pattern + rb")?" + _NOTE + rb"(?:Started (?:by |from |on )|Running as SYSTEM|Branch indexing)"
)
_AT_JENKINS = re.compile(
    rb"\[Pipeline\] |Building (?:remotely on |on |in workspace )|Running as SYSTEM|Finished: [A-Z]{5}"
)
_COLOUR = re.compile(r"\x1b\[8mha:[^\x1b]*\x1b\[0m|\x1b\[[0-9;?]*[A-Za-z]")
_DOWNLOAD = re.compile(
    r"Download(?:ed)? (?:immutable )?action (?:repository|package) '([\w.-]+/[\w.-]+)(?:/[^@']*)?@([^']+)'"
)
_SHA = re.compile(r"\(SHA:([0-9a-f]{40})\)")
_PULL = re.compile(
    r"Pull(?:ing)? (?:down action )?image '([^']+)'|(?:Docker executor with|Pulling docker) image (\S+) \.\.\."
)
_DIGEST = re.compile(r"\bwith digest ([^\s@]+@sha256:[0-9a-f]{64})")


class CiLog:
    """Reader of the plain logs of CI runs."""

    name = "ci_log"
    text = True
    telemetry: tuple[Telemetry, ...] = (Telemetry.CI_LOG,)
    tells = Tells(
        proves="what a run printed, and when; which actions it downloaded, at which commit; which packages pip, npm, "
        "Yarn, pnpm and cargo said that they fetched, listed or installed",
        rules_out="that this run printed the name of it, between its first and its last line",
        not_told="what a step did without printing it, masked values, other runs: services delete logs after some "
        "weeks",
        covers=telemetry,
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise such a time in most of the first lines, the first among them; or a runner's first words."""
        start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
        if _OF_GITLAB.match(start) or (_OF_JENKINS.match(start) and _AT_JENKINS.search(head)):
            return 80
        lines = [line for line in head.split(b"\n")[:50] if line.strip()]
        lines = lines[:-1] if len(lines) > 1 and not head.endswith(b"\n") else lines
        for form in (_LINE, _GITLAB):
            if lines and form.match(lines[0]) and sum(form.match(line) is not None for line in lines) * 2 >= len(lines):
                return 80
        return 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the admitted lines."""
        ledger.host = ledger.host or folder_of(source.path)
        yield from read_lines(source, _Run(), sieve, ledger)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Write one line of the same form that names the planted host."""
        if _GITLAB.match(head) or _OF_GITLAB.match(head.lstrip()):
            return f"2023-04-01T00:00:00.000000Z 00O Fetched https://{plant.host}/control\n".encode()
        if _OF_JENKINS.match(head):
            return f"Started by user control\n[Pipeline] sh\n+ fetch https://{plant.host}/control\n".encode()
        job = b"control\tcontrol\t" if re.match(rb"[^\t\n]+\t", head) else b""
        return job + f"2023-04-01T00:00:00.0000000Z Fetched https://{plant.host}/control\n".encode()


class _Run(Plain):
    """The lines of a run. One without a time is the rest of a message that was written over several lines."""

    telemetry = Telemetry.CI_LOG
    escapes: tuple[bytes, ...] = (b"\x1b[", *SPELLED)
    sensor = False
    shape = re.compile(rb"[^\n]")

    def time(self, line: bytes) -> Instant | None:
        """Read the time at the beginning."""
        found = _dated(line)
        return written(found[1].decode()) if found else None

    def parse(self, line: bytes, locator: str) -> Record | None:
        """Type the packages that a line names; its words are searched as text."""
        found = _dated(line)
        message = _COLOUR.sub("", lenient(line[found.end() :] if found else line)).replace("\r", " ").strip(" ")
        named = [*_fetched(message, locator), *packages(message, locator)]
        purls = list(dict.fromkeys(purl for package in named for purl in _purls(package)))
        values = [Value(Kind.PACKAGE, "purl", purl) for purl in purls] + [Value(Kind.TEXT, "message", message)]
        event = {"message": message, "purl": "\n".join(purls)}
        return Record(
            telemetry=Telemetry.CI_LOG,
            locator=locator,
            time=self.time(line),
            values=tuple(values),
            event={name: text for name, text in event.items() if text},
        )


def _dated(line: bytes) -> re.Match[bytes] | None:
    return next((found for form in _FORMS if (found := form.match(line))), None)


def _fetched(message: str, locator: str) -> Iterator[Package]:
    if action := _DOWNLOAD.search(message):
        commit = _SHA.search(message)
        yield action_package(action[1], action[2], locator, {}, commit[1] if commit else "")
    images = [found[1] or found[found.lastindex or 1] for form in (_PULL, _DIGEST) if (found := form.search(message))]
    yield from (package for image in images if (package := image_package(image, locator)))


def _purls(package: Package) -> list[str]:
    return [text for version in (package.version, *package.also) if (text := purl_of(package, version))]
