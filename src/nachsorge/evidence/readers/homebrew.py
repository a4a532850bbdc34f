"""Homebrew: `brew info --json=v2 --installed`, `brew list --versions`, `Brewfile.lock.json`.

Sources: Homebrew documentation, "Querying Brew", "brew(1)", "Brew Bundle". They prove that Homebrew installed a program
at a version. Programs from elsewhere are in none of them, so none of them clears anything.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson

from nachsorge.evidence.containers.names import last_part
from nachsorge.evidence.containers.streams import read_whole
from nachsorge.evidence.export_rows import json_tree
from nachsorge.evidence.fields import event_of
from nachsorge.evidence.packages import spelled
from nachsorge.evidence.seams import HEAD, Opened, Plant, ReadError, Sieve, Tells
from nachsorge.evidence.software_lists import Program, records
from nachsorge.evidence.stamps import epoch
from nachsorge.evidence.text import lenient, text_record
from nachsorge.model.words import Platform, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.model.evidence import Record
    from nachsorge.model.times import Instant

LARGEST = 256 * 1024 * 1024
_INFO = re.compile(rb'"(?:formulae|casks)"\s*:\s*\[')
_BREW = re.compile(rb'"(?:tap|full_token|linked_keg|runtime_dependencies|bottle|tap_git_head)"\s*:')
_LOCK = re.compile(rb'\{\s*"entries"\s*:\s*\{\s*"(?:tap|brew|cask|mas|vscode|whalebrew)"\s*:')
_LINE = re.compile(r"([a-z0-9][a-z0-9@+._/-]*)((?: [0-9A-Za-z][\w.+,:~-]*)+)\Z")
_LIKELY = re.compile(r"\S*[g-z]\S* \S*\d\.")
"""A name that is no number of any kind, and a version with a point: tables of numbers have the other two as well."""
_NUMBERED = re.compile(r"\d")
_CASK = ("token", "full_token", "tap", "homepage", "url", "sha256")
_ELSEWHERE = "a list of Homebrew holds only what Homebrew installed"


class Homebrew:
    """Reader of all three."""

    name = "homebrew"
    text = True
    telemetry: tuple[Telemetry, ...] = (Telemetry.INSTALLED_SOFTWARE,)
    tells = Tells(
        proves="that Homebrew installed a formula or a cask, at which version; `brew info` also when",
        rules_out="nothing",
        not_told="programs that came another way, and what was removed before the list was taken",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the keys of the two JSON forms, or lines of a name and versions."""
        start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
        if start.startswith(b"{"):
            return 92 if _LOCK.match(start) or (_INFO.search(head) and _BREW.search(head)) else 0
        whole = head if len(head) < HEAD else head[: head.rfind(b"\n") + 1]
        first = lenient(whole.lstrip().partition(b"\n")[0]).splitlines()[:1]
        if not first or _versions(first[0]) is None:
            return 0
        lines = [line for line in lenient(whole).splitlines() if line.strip()]
        fitting = sum(_versions(line) is not None for line in lines[:200])
        if not lines or fitting < len(lines[:200]):
            return 0
        if "brew" in last_part(name).lower():
            return 60
        likely = sum(_LIKELY.match(line) is not None for line in lines[:200])
        return 12 if len(lines) >= 5 and likely * 2 > len(lines[:200]) else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield a record an installed version."""
        ledger.count(Telemetry.INSTALLED_SOFTWARE, 0, source.host)
        ledger.gap(Reason.NOT_PROVIDED, _ELSEWHERE, telemetry=Telemetry.INSTALLED_SOFTWARE, host=source.host)
        with source.open() as stream:
            data = read_whole(stream, LARGEST).removeprefix(b"\xef\xbb\xbf")
        if not data.lstrip().startswith(b"{"):
            yield from _of_lines(data, source, sieve, ledger)
            return
        tree = json_tree(data)
        for one in _of_lock(tree, source) if "entries" in tree else _of_info(tree, source):
            if isinstance(one, Program) and one.platform is not None:
                ledger.platform = ledger.platform or one.platform
            if isinstance(one, str):
                ledger.count(Telemetry.INSTALLED_SOFTWARE, 1, source.host)
                ledger.spoil(one)
            else:
                yield from records(one, sieve, ledger)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Write a list of the same form with a program that is called as the planted host."""
        start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
        if _LOCK.match(start):
            return orjson.dumps({"entries": {"brew": {plant.host: {"version": "1"}}}})
        if start.startswith(b"{"):
            formula = {"name": plant.host, "tap": "control", "installed": [{"version": "1"}]}
            return orjson.dumps({"formulae": [formula], "casks": []})
        return f"{plant.host} 1.0\n".encode() * 5


def _versions(line: str) -> tuple[str, list[str]] | None:
    found = _LINE.match(line.strip())
    versions = found[2].split() if found else []
    return (found[1], versions) if found and all(_NUMBERED.search(text) for text in versions) else None


def _of_lines(data: bytes, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
    for number, line in enumerate(data.splitlines(), 1):
        if not line.strip():
            continue
        found = _versions(lenient(line))
        if found is None:
            ledger.count(Telemetry.INSTALLED_SOFTWARE, 1, source.host)
            ledger.spoil(f"line {number}")
            yield text_record(line, f"line {number}")
            continue
        name, versions = found
        for version in versions:
            place = f"line {number}" if len(versions) == 1 else f"line {number}, {version}"
            yield from records(_program(name, version, place, source, source.modified), sieve, ledger)


def _of_info(tree: Mapping[str, Any], source: Opened) -> Iterator[Program | str]:
    """Give every installed version of formulae and casks; a text is the place of what is none."""
    for number, node in enumerate(_list(tree.get("formulae"))):
        place = f"/formulae/{number}"
        if not isinstance(node, dict) or not isinstance(node.get("name"), str):
            yield place
            continue
        rest = {key: node[key] for key in ("full_name", "tap", "homepage", "aliases", "oldnames") if key in node}
        for at, one in enumerate(_list(node.get("installed"))):
            if not isinstance(one, dict):
                yield f"{place}/installed/{at}"
                continue
            time = _time(one.get("time"))
            version = str(one.get("version") or "")
            yield _program(node["name"], version, f"{place}/installed/{at}", source, time, event_of(rest))
    for number, node in enumerate(_list(tree.get("casks"))):
        place = f"/casks/{number}"
        if not isinstance(node, dict) or not isinstance(node.get("token"), str):
            yield place
        elif installed := node.get("installed"):
            names = [text for text in _list(node.get("name")) if isinstance(text, str)]
            rest = {key: node[key] for key in _CASK if key in node}
            time = _time(node.get("installed_time"))
            name = names[0] if names else node["token"]
            yield _program(name, str(installed), place, source, time, {"kind": "cask", **event_of(rest)})


def _of_lock(tree: Mapping[str, Any], source: Opened) -> Iterator[Program | str]:
    """Give the entries of a lock file: what `brew bundle` installed, at the file's own time."""
    entries = tree.get("entries")
    if not isinstance(entries, dict):
        raise ReadError(Reason.CORRUPT, "a lock file of brew bundle without entries")
    for kind in ("brew", "cask", "mas"):
        listed = entries.get(kind)
        for name, node in listed.items() if isinstance(listed, dict) else ():
            place = f"/entries/{kind}/{name.replace('~', '~0').replace('/', '~1')}"
            if not isinstance(node, dict):
                yield place
                continue
            version = str(node.get("version") or "")
            yield _program(name, version, place, source, source.modified, event_of({"kind": kind, **node}))


def _program(
    name: str,
    version: str,
    place: str,
    source: Opened,
    time: Instant | None,
    event: Mapping[str, str] | None = None,
) -> Program:
    """Make a program. Casks are of macOS; formulae are of Linux as well."""
    token = (event or {}).get("token", name).rpartition("/")[2]
    is_cask = (event or {}).get("kind") in ("cask", "mas")
    purl = spelled(f"pkg:brew/{token.replace('@', '%40')}", version) if version else ""
    return Program(
        name=name,
        version=version,
        locator=place,
        platform=Platform.MACOS if is_cask else source.platform,
        purls=(purl,) if purl else (),
        time=time if time is not None else source.modified,
        host=source.host,
        event=event or {},
    )


def _time(node: object) -> Instant | None:
    return epoch(str(node)) if isinstance(node, int) and not isinstance(node, bool) else None


def _list(node: object) -> list[Any]:
    return node if isinstance(node, list) else []
