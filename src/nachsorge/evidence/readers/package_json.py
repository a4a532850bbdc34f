"""A `package.json`: below `node_modules` an installed package; elsewhere the project's own, which resolves nothing.

The tree of a project's `node_modules` is many such files. One of them tells of itself alone, so a hit counts and an
absence proves nothing; the lock file, or `node_modules/.package-lock.json`, lists all.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson

from nachsorge.evidence.containers.names import last_part
from nachsorge.evidence.fields import event_of
from nachsorge.evidence.packages import Account, Package, broken, folder_of, project_of, string, whole
from nachsorge.evidence.seams import Opened, Plant, ReadError, Sieve, Tells
from nachsorge.model.evidence import Record, Value
from nachsorge.model.words import Kind, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger

LOCKS = (
    "package-lock.json",
    "npm-shrinkwrap.json",
    "pnpm-lock.yaml",
    "yarn.lock",
    "bun.lock",
    "bun.lockb",
    "deno.lock",
    "node_modules/.package-lock.json",
)
_KEYS = (
    rb'"(?:dependencies|devDependencies|scripts|main|license|engines|files|repository|bugs|homepage|keywords|exports)"'
)
_RANGES = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")


class PackageJson:
    """Reader of package.json."""

    name = "package_json"
    text = True
    telemetry: tuple[Telemetry, ...] = (Telemetry.PACKAGE_LOCK, Telemetry.TEXT)
    tells = Tells(
        proves="below `node_modules`: that this package lay there at this version; elsewhere: what a project asks for, "
        "by range",
        rules_out="nothing: a package tells of itself alone, and a range resolves nothing",
        not_told="other packages of the tree, which versions ranges became (the lock file says both), whether it ran",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise it by its name, which says what it is, or an object with a name, a version and three usual keys."""
        start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
        if not start.startswith(b"{"):
            return 0
        if last_part(name).lower() == "package.json":
            return 85
        keyed = b'"name"' in head and b'"version"' in head and b"lockfileVersion" not in head
        return 35 if keyed and len(set(re.findall(_KEYS, head))) >= 3 else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the installed package, or the project's own file as text."""
        inside = _project_above(source.path)
        project, locked = (inside, True) if inside else project_of(source, LOCKS)
        ledger.host = ledger.host or project
        account = Account(source, sieve, ledger, source.modified)
        body = whole(source, account)
        try:
            tree = orjson.loads(body)
            if not isinstance(tree, dict):
                raise ReadError(Reason.CORRUPT, "no object")
            event_of(tree)
        except (ReadError, ValueError, RecursionError) as error:
            yield from broken(body, error, account)
            return
        if inside:
            yield from _installed(tree, account)
            account.lacks("one package of a tree; the lock file lists all")
        else:
            yield from _text(tree, account)
            _unresolved(tree, locked, account)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make a manifest whose home page is at the planted host."""
        tree = {"name": "control", "version": "1.0.0", "main": "x", "license": "x", "scripts": {}}
        return orjson.dumps({**tree, "homepage": f"https://{plant.host}/"}) + b"\n"


def _project_above(path: str) -> str:
    """Give the folder that holds the first `node_modules` of a path; empty where there is none above the file."""
    found = re.search(r"(?:^|[/\\!])node_modules[/\\]", path)
    if found is None:
        return ""
    return folder_of(path[: found.start() + 1]) if found.start() or path[0] in "/\\!" else "./"


def _installed(tree: dict[str, Any], account: Account) -> Iterator[Record]:
    name, version = string(tree.get("name")), string(tree.get("version"))
    if not name or not version:
        # Folders of sources within a package hold such files to say `"type": "module"`.
        yield from _text(tree, account)
        return
    package = Package(
        type="npm",
        name=name,
        version=version,
        locator="file",
        digests=tuple(string(tree.get("_integrity")).split()),
        urls=tuple(url for key in ("_resolved", "homepage") if (url := string(tree.get(key)))),
        event={key: text for key, text in event_of(tree).items() if key not in ("name", "version")},
    )
    yield from account.records(package)


def _text(tree: dict[str, Any], account: Account) -> Iterator[Record]:
    event = event_of(tree)
    account.ledger.count(Telemetry.TEXT, 1)
    values = tuple(
        Value(Kind.URL if re.match(r"\w+://\S+\Z", text) else Kind.TEXT, name, text) for name, text in event.items()
    )
    record = Record(telemetry=Telemetry.TEXT, locator="file", values=values, event=event)
    if account.admits(record):
        yield record


def _unresolved(tree: dict[str, Any], locked: bool, account: Account) -> None:
    asked = sum(len(tree[key]) for key in _RANGES if isinstance(tree.get(key), dict))
    if asked and not locked:
        account.lose(
            Reason.NOT_PROVIDED,
            f"asks for {asked} packages by range, and no lock file that says which versions they became lies beside it",
        )
