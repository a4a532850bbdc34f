"""OSV records of malicious packages (OSV schema, OpenSSF): one record, a list of them, or one a line."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any, BinaryIO

from nachsorge.model.words import IndicatorType as T
from nachsorge.model.words import Role
from nachsorge.packs.importers import vocabulary
from nachsorge.packs.importers.collect import Collector, shorten
from nachsorge.packs.importers.encoding import Text, decode
from nachsorge.packs.importers.json_text import JsonText, Path, text, texts
from nachsorge.packs.importers.seams import BreaksOff, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.packs.importers.seams import Found

_MARKS = re.compile(r'"(?:affected|schema_version|ecosystem|modified|database_specific|details|id)"\s*:')
_ID = re.compile(r'"id"\s*:\s*"[A-Z][A-Za-z0-9]*-[\w:-]+"')
_START = 1 << 16
"""Bytes in which a first record of JSON lines ends; the largest known have a quarter of that."""
_IOCS = {"domains": T.DOMAIN, "ips": T.IP, "urls": T.URL}


class OsvImporter:
    """Every listed version becomes a package; a range without listed versions is named."""

    name = "osv"

    def accepts(self, head: bytes, name: str) -> int:
        """Sure where the beginning has the keys of a record and an id such as MAL-2025-1."""
        start = decode(head)
        if start.lstrip()[:1] not in ("{", "["):
            return 0
        found = len({match[0] for match in _MARKS.finditer(start)})
        return 88 if found > 2 and _ID.search(start) else 0

    def read(self, source: BinaryIO) -> Iterator[Found]:
        """Give record by record."""
        start = decode(source.read(_START))
        text, into = Text(source), Collector()
        if _is_lines(start):
            for number, line in text.lines():
                _one(line, number, into)
                yield from into.drain()
            yield from into.close(text.note())
            return
        several = start.lstrip().startswith("[")
        records = JsonText(text, lambda path: several and path == ())
        for piece in records.until_broken():
            _record(piece.value, f"line {piece.line}", into)
            yield from into.drain()
        yield from into.close(text.note())
        if records.broken is not None:
            raise records.broken


def _is_lines(start: str) -> bool:
    """Tell JSON lines from one document: a record that ends with its line, and the begin of another."""
    first, _, rest = start.lstrip().partition("\n")
    return first.startswith("{") and first.rstrip().endswith("}") and rest.lstrip().startswith("{")


def _one(line: str, number: int, into: Collector) -> None:
    """Read a record of JSON lines; one that is broken is lost alone."""
    if not line.strip():
        return
    try:
        for piece in JsonText(io.StringIO(line), _never).pieces():
            _record(piece.value, f"line {number}", into)
    except BreaksOff as error:
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
