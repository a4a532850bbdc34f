"""Go's `go.sum` and `go.mod`: modules whose content was downloaded, and the versions that a build requires.

A line of go.sum that ends in `/go.mod` says that only the requirements of that version were looked at. In go.mod a
`replace` overrules `require`; `exclude` and `retract` name versions without using them. Go lists indirect requirements
in go.mod since version 1.17 (Go Modules Reference, "Module graph pruning"); an older one is not the whole list.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.evidence.containers.names import last_part
from nachsorge.evidence.packages import Account, Package, decoded, other_tag, project_of, read_packages
from nachsorge.evidence.seams import Opened, Plant, ReadError, Sieve, Tells
from nachsorge.model.words import Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.model.evidence import Record

_SUM = re.compile(r"(\S+) (v\S+?)(/go\.mod)? (h\d:[\w+/=]+)\s*\Z")
_HEAD_SUM = re.compile(rb"(?:\S+ v\S+ h1:[\w+/=]+\s*\n)+", re.MULTILINE)
_MODULE = re.compile(rb"^module\s+\S+\s*(?://.*)?$", re.MULTILINE)
_REQUIRE = re.compile(r'"?([^\s"]+)"?\s+(v[\w.+-]+)\Z')
_REPLACE = re.compile(r'"?([^\s"]+)"?(?:\s+(v\S+))?\s+=>\s+"?([^\s"]+)"?(?:\s+(v\S+))?\Z')
_VERBS = ("require", "replace", "exclude", "retract", "tool", "ignore")


class GoSum:
    """Reader of go.sum, go.work.sum and go.mod."""

    name = "go_sum"
    text = True
    telemetry: tuple[Telemetry, ...] = (Telemetry.PACKAGE_LOCK,)
    tells = Tells(
        proves="`go.sum`: that this module's content was downloaded at this version; `go.mod`: that the project "
        "requires it",
        rules_out="a module of this project at the file's own time; a `go.mod` before Go 1.17 only beside its `go.sum`",
        not_told="which of several versions in a `go.sum` a build used, whether and where it was built, what the "
        "project required before",
        covers=telemetry,
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise lines with `h1:` sums, or a file that says which module it is."""
        last = last_part(name).lower()
        if _HEAD_SUM.match(head):
            return 95 if last in ("go.sum", "go.work.sum") else 80
        if (
            b"module" in head
            and _MODULE.search(head)
            and (last == "go.mod" or re.search(rb"^(?:go \d|require )", head, re.MULTILINE))
        ):
            return 90 if last == "go.mod" else 60
        return 75 if last in ("go.sum", "go.work.sum") and head.strip() and b"\0" not in head else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield one record a module at a version."""
        project, summed = project_of(source, ("go.sum",))
        is_sum = last_part(source.path).lower() in ("go.sum", "go.work.sum")

        def parse(body: bytes, account: Account) -> Iterator[Package]:
            if is_sum or not _MODULE.search(body):
                yield from _sums(body, account)
            else:
                yield from _requirements(body, account, summed)

        yield from read_packages(source, sieve, ledger, parse, project)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make a file of the same kind with one module at the planted host."""
        if _MODULE.search(head) and not _HEAD_SUM.match(head):
            return f"module control\n\ngo 1.21\n\nrequire {plant.host}/control v1.0.0\n".encode()
        return f"{plant.host}/control v1.0.0 h1:{'A' * 43}=\n".encode()


def _sums(body: bytes, account: Account) -> Iterator[Package]:
    account.uncut(body)
    for number, line in enumerate(decoded(body).split("\n"), 1):
        if not line.strip():
            continue
        found = _SUM.match(line)
        if found is None:
            account.spoil(f"line {number}", "is no module, version and sum")
        elif not found[3]:
            yield _module(found[1], found[2], f"line {number}", {"sum": found[4]})


def _requirements(body: bytes, account: Account, summed: bool) -> Iterator[Package]:
    account.uncut(body)
    required: list[tuple[int, str, str]] = []
    replaced: dict[tuple[str, str], tuple[str, str]] = {}
    go = 0
    for number, verb, words in _statements(decoded(body)):
        if verb == "go" and (said := re.match(r"1\.(\d+)", words)):
            go = int(said[1])
        elif verb == "require" and (found := _REQUIRE.match(words)):
            required.append((number, found[1], found[2]))
        elif verb == "replace" and (found := _REPLACE.match(words)):
            replaced[found[1], found[2] or ""] = (found[3], found[4] or "")
        elif verb in ("require", "replace", ""):
            account.spoil(f"line {number}", "is no statement of a go.mod")
    if go < 17 and not summed:
        account.lose(Reason.NOT_PROVIDED, "lists direct requirements only, as Go did before 1.17; go.sum has all")
    for number, module, version in required:
        name, used = replaced.get((module, version)) or replaced.get((module, "")) or (module, version)
        if used:  # none: a folder of the project stands in its place
            yield _module(name, used, f"line {number}", {"required": f"{module} {version}"})


def _statements(text: str) -> Iterator[tuple[int, str, str]]:
    """Give (line, verb, words) of a go.mod, its blocks unfolded; the verb is empty where there is none."""
    block, opened_at = "", 0
    for number, line in enumerate(text.split("\n"), 1):
        bare = re.sub(r"(?:^|\s)//.*", "", line).strip()
        if not bare:
            continue
        if block:
            if bare == ")":
                block = ""
            else:
                yield number, block, bare
            continue
        verb, _, words = bare.partition(" ")
        if words.strip() == "(" or (verb.endswith("(") and verb[:-1] in _VERBS):
            block, opened_at = verb.rstrip("("), number
        else:
            known = verb in (*_VERBS, "module", "go", "toolchain", "godebug")
            yield number, verb if known else "", words.strip()
    if block:
        raise ReadError(Reason.TRUNCATED, f"the block of line {opened_at} is not closed")


def _module(name: str, version: str, locator: str, event: dict[str, str]) -> Package:
    # A module's path begins with the host that it is fetched from.
    host = name.partition("/")[0]
    return Package(
        type="golang",
        name=name,
        version=version,
        locator=locator,
        also=other_tag(version),
        hosts=(host,) if "." in host else (),
        event=event,
    )
