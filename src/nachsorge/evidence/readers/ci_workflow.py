"""Workflows and actions of GitHub Actions: what `uses:` and `image:` name, by tag, branch or commit.

A tag can be moved, so a workflow that names one does not tell which commit ran; the log of the run does. Such a file
covers nothing; one that names commits and digests only is a snapshot. Source of the format: GitHub documentation,
"Workflow syntax" and "Metadata syntax".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from nachsorge.evidence.ci_names import COMMIT, action_package, image_package
from nachsorge.evidence.packages import Account, Package, decoded, folder_of, read_packages
from nachsorge.evidence.seams import Opened, Plant, ReadError, Sieve, Tells
from nachsorge.model.words import Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.model.evidence import Record

LARGEST_WORKFLOW = 1024 * 1024
"""A workflow of more than this is none that people wrote; YAML of that size takes a minute to parse."""

_JOBS = re.compile(rb"^jobs:\s*(?:#.*)?\r?$", re.MULTILINE)
_RUNS = re.compile(rb"^runs:\s*(?:#.*)?\r?$", re.MULTILINE)
_FOLDER = re.compile(r"(?:^|/|!)\.(?:github|gitea|forgejo)/workflows/[^/]+\.ya?ml\Z")
_ACTION = re.compile(r"([\w.-]+/[\w.-]+)((?:/[^@\s]*)?)@(\S+)\Z")


class CiWorkflow:
    """Reader of workflow files and of action.yml."""

    name = "ci_workflow"
    text = True
    telemetry: tuple[Telemetry, ...] = (Telemetry.PACKAGE_LOCK,)
    tells = Tells(
        proves="that a workflow uses this action or image, at this tag, branch or commit",
        rules_out="an action or image that the workflow itself names, at the file's own time, and only where every use "
        "names a commit or digest",
        not_told="whether and when it ran, which commit a tag meant then, what an action uses or downloads itself",
        covers=telemetry,
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise jobs with steps or `uses`, or an action's `runs`."""
        if b"\0" in head:
            return 0
        works = b"uses:" in head or b"runs-on:" in head or b"steps:" in head
        if works and _JOBS.search(head):
            return 85
        if b"using:" in head and _RUNS.search(head) and re.search(rb"^  using:", head, re.MULTILINE):
            return 75
        return 60 if _FOLDER.search(name) and head.strip() else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield one record a use of an action or image."""
        folder = re.sub(r"\.(?:github|gitea|forgejo)/(?:workflows|actions)/.*\Z", "", folder_of(source.path))
        yield from read_packages(source, sieve, ledger, _uses, folder or "./")

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make a workflow whose container has the planted digest."""
        return (
            "on: push\njobs:\n  control:\n    runs-on: x\n    steps:\n"
            f"      - uses: docker://control@sha256:{plant.sha256}\n"
        ).encode()


def _uses(body: bytes, account: Account) -> Iterator[Package]:
    if len(body) > LARGEST_WORKFLOW:
        raise ReadError(Reason.LIMIT, f"more than {LARGEST_WORKFLOW // 2**20} MiB of YAML")
    try:
        root = YAML(typ="safe", pure=True).compose(decoded(body))
    except YAMLError as error:
        raise ReadError(Reason.CORRUPT, f"no YAML: {str(error).splitlines()[0]}") from error
    if not isinstance(root, MappingNode):
        raise ReadError(Reason.CORRUPT, "no workflow")
    moving = []
    for line, text in _named(root):
        package = _package(text, f"line {line}")
        if package is None:
            account.spoil(f"line {line}", f"names nothing that is known: {text[:80]}")
        elif package.version != "":
            if not COMMIT.match(package.version) and not package.version.startswith("sha256:"):
                moving.append(text)
            yield package
    if not body.endswith(b"\n") or not _works(root):
        account.lacks("has no jobs, or ends without a line break: it may have been cut")
    if moving:
        note = f"{len(moving)} uses name a tag or branch; which commit ran stands in the logs of the runs"
        account.lacks(f"{note}: {', '.join(moving[:5])}")


def _works(root: MappingNode) -> bool:
    return any(isinstance(key, ScalarNode) and key.value in ("jobs", "runs") for key, _ in root.value)


def _named(root: MappingNode) -> Iterator[tuple[int, str]]:
    """Give (line, text) of every `uses` and image in a YAML graph; each node is walked once, whatever its aliases."""
    waiting: list[tuple[object, str]] = [(root, "")]
    walked: set[int] = set()
    while waiting:
        node, key = waiting.pop()
        if id(node) in walked and not isinstance(node, ScalarNode):
            continue
        walked.add(id(node))
        match node:
            case ScalarNode() if key in ("uses", "image", "container") and node.value.strip():
                if key == "uses" or "${{" not in node.value:
                    text = node.value if key == "uses" else "docker://" + node.value.removeprefix("docker://")
                    yield node.start_mark.line + 1, text
            case SequenceNode():
                waiting += [(item, key) for item in reversed(node.value)]
            case MappingNode():
                # `with:` and `env:` are words of the action, not of the workflow.
                pairs = [(k.value, v) for k, v in node.value if isinstance(k, ScalarNode)]
                waiting += [(v, k) for k, v in reversed(pairs) if k not in ("with", "env", "inputs", "outputs")]


def _package(text: str, locator: str) -> Package | None:
    """Read a reference; one to the repository itself is a package without a version, which nobody compares."""
    if text.startswith(("./", "docker://Dockerfile", "docker://./")):
        return Package(type="", name=text, version="", locator=locator)
    if text.startswith("docker://"):
        return image_package(text.removeprefix("docker://"), locator)
    found = _ACTION.match(text.strip())
    return action_package(found[1], found[3], locator, {"uses": text}) if found else None
