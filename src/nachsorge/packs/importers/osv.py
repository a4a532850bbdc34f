"""OSV records of malicious packages (OSV schema, OpenSSF): one record, a list of them, or one a line."""

from __future__ import annotations

import re
from typing import Any

from nachsorge.model.words import IndicatorType as T
from nachsorge.model.words import Role
from nachsorge.packs.importers import vocabulary
from nachsorge.packs.importers.collect import Collector, shorten
from nachsorge.packs.importers.encoding import decode
from nachsorge.packs.importers.json_text import Broken, JsonText, Path, text, texts
from nachsorge.packs.importers.seams import Listing, Subject

_MARKS = re.compile(r'"(?:affected|schema_version|ecosystem|modified|database_specific|details|id)"\s*:')
_ID = re.compile(r'"id"\s*:\s*"[A-Z][A-Za-z0-9]*-[\w:-]+"')
_IOCS = {"domains": T.DOMAIN, "ips": T.IP, "urls": T.URL}


class OsvImporter:
    """Every listed version becomes a package; a range without listed versions is named."""

    name = "osv"

    def accepts(self, head: bytes, name: str) -> int:
        """Sure where the beginning has the keys of a record and an id such as MAL-2025-1."""
        start, _ = decode(head)
        if start.lstrip()[:1] not in ("{", "["):
            return 0
        found = len({match[0] for match in _MARKS.finditer(start)})
        return 88 if found > 2 and _ID.search(start) else 0

    def read(self, content: bytes) -> Listing:
        """Read record by record; what stands before a break is kept."""
        source, notes = decode(content)
        into = Collector()
        several = source.lstrip().startswith("[")
        lines = _lines(source)
        try:
            if len(lines) > 1:
                for number, line in lines:
                    _one(line, number, into)
            else:
                for piece in JsonText(source, lambda path: several and path == ()).pieces():
                    _record(piece.value, f"line {piece.line}", into)
        except Broken as error:
            into.broken = error
        return into.listing(notes)


def _lines(source: str) -> list[tuple[int, str]]:
    """Give the records of JSON lines with their line numbers; empty where the text is one document."""
    numbered = [(number, line) for number, line in enumerate(source.split("\n"), 1) if line.strip()]
    if len(numbered) > 1 and all(line.startswith("{") and line.rstrip().endswith("}") for _, line in numbered):
        return numbered
    return []


def _one(line: str, number: int, into: Collector) -> None:
    try:
        for piece in JsonText(line, _never).pieces():
            _record(piece.value, f"line {number}", into)
    except Broken as error:
        into.lose(f"line {number}", str(error))


def _never(_: Path) -> bool:
    return False


def _record(value: Any, place: str, into: Collector) -> None:
    if not isinstance(value, dict):
        into.lose(place, "no OSV record")
        return
    named = text(value.get("id"))
    fields: dict[str, Any] = {"note": shorten(": ".join(part for part in (named, text(value.get("summary"))) if part))}
    if value.get("withdrawn"):
        fields["role"] = Role.WITHDRAWN
        into.remark(place, f"{named} is withdrawn: kept, not looked for")
    into.state(Subject.TITLE, text(value.get("summary")) or named, place, date=text(value.get("published"))[:10])
    for alias in texts(value.get("aliases")):
        into.state(Subject.ALIAS, alias, place)
    affected = value.get("affected")
    for each in affected if isinstance(affected, list) else ():
        if isinstance(each, dict):
            _affected(each, place, named, fields, into)
    _iocs(value.get("database_specific"), place, fields, into)


def _affected(each: dict[str, Any], place: str, named: str, fields: dict[str, Any], into: Collector) -> None:
    package = each.get("package")
    of = package if isinstance(package, dict) else {}
    name, ecosystem = text(of.get("name")), text(of.get("ecosystem"))
    kind = vocabulary.ecosystem_of(ecosystem.partition(":")[0])
    versions = texts(each.get("versions"))
    if kind is None or not name:
        into.lose(place, f"{named}: no lock files of {shorten(ecosystem, 40) or 'an unnamed ecosystem'!r} are read")
        return
    for version in versions:
        made = vocabulary.purl(kind, name, version)
        into.take(place, T.PACKAGE, made or f"{name}@{version}", **fields)
    ranges = _ranges(each)
    if not versions:
        into.lose(place, f"{named}: {name} {ranges or 'without versions'}: no version is listed; name them, or use "
                         "an exposure with any_version")  # fmt: skip
    elif ranges:
        into.remark(place, f"{named}: {name} {ranges}: the listed versions are looked for")


def _ranges(each: dict[str, Any]) -> str:
    found = []
    for one in each.get("ranges") or ():
        events = one.get("events") if isinstance(one, dict) else None
        for event in events if isinstance(events, list) else ():
            if isinstance(event, dict):
                found += [f"{key} {shorten(text(version), 40)}" for key, version in event.items()]
    return ", ".join(found[:6])


def _iocs(specific: Any, place: str, fields: dict[str, Any], into: Collector) -> None:
    iocs = specific.get("iocs") if isinstance(specific, dict) else None
    if isinstance(iocs, dict):
        for key, kind in _IOCS.items():
            for value in texts(iocs.get(key)):
                into.take(place, kind, value, **fields)
