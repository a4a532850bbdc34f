"""STIX 2.0 and 2.1 bundles (OASIS): indicators with their patterns, observables, who is named, labels."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, BinaryIO

from nachsorge.model.labels import Pap
from nachsorge.model.markings import pap_ref
from nachsorge.model.times import Instant, parse_instant
from nachsorge.model.words import Role, Tlp
from nachsorge.packs.importers.carried import ENGINES, carry
from nachsorge.packs.importers.collect import Collector, shorten
from nachsorge.packs.importers.encoding import Text, decode
from nachsorge.packs.importers.json_text import JsonText, Path, Piece, text, texts
from nachsorge.packs.importers.logic import Test, resolve, size
from nachsorge.packs.importers.own import NotOurs, is_own, own_item, own_rule
from nachsorge.packs.importers.seams import Item, Subject
from nachsorge.packs.importers.stix_pattern import PatternProblem, condition
from nachsorge.packs.importers.suricata import read_rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nachsorge.packs.importers.seams import Found

_BUNDLE = re.compile(r'"type"\s*:\s*"(?:bundle|indicator)"')
_OBJECT = re.compile(r'"(?:id|spec_version|objects)"\s*:')
_TLP_IDS = {
    "613f2e26-407d-48c7-9eca-b8e91df99dc9": Tlp.CLEAR,  # 2.0/2.1: white
    "34098fce-860f-48ae-8e50-ebd3cc5e41da": Tlp.GREEN,
    "f88d31f6-486f-44da-b317-01333bde0b82": Tlp.AMBER,
    "5e57c739-391a-4eb3-b6be-7d15ca92d5ed": Tlp.RED,
    "94868c89-83c2-464b-929b-a1a8aa3c8487": Tlp.CLEAR,  # TLP 2.0 extension definition
    "bab4a63c-aed9-4cf5-a766-dfca5abac2bb": Tlp.GREEN,
    "55d920b0-5e8b-4f79-9ee9-91f868d9b421": Tlp.AMBER,
    "939a9414-2ddd-4d32-a0cd-375ea402b003": Tlp.AMBER_STRICT,
    "e828b379-4e03-4974-9ac4-e53a884c97c1": Tlp.RED,
}
_ACTORS = ("threat-actor", "intrusion-set")
_OURS = "x_nachsorge_"
_MOST_KINDS = 1_000
_LONGEST_NOTE = 10_000
"""Characters of a note that this program wrote itself; those of others are cut sooner."""
_SILENT = frozenset({"relationship", "marking-definition", "identity", "malware", "tool", "attack-pattern", "sighting"})
_SILENT |= {"vulnerability", "course-of-action", "extension-definition", "kill-chain-phase", "location", "note"}
_SILENT |= {"infrastructure", "grouping", "opinion", "malware-analysis", "observed-data", "language-content"}
_OBSERVABLES = frozenset({"domain-name", "ipv4-addr", "ipv6-addr", "url", "file", "email-addr", "directory", "mutex"})


@dataclass(slots=True)
class _State:
    """Counts of what is told once for the whole bundle, each with the place of the first.

    Labels are known by their fixed ids, and relations to malware or actors make no value look different, so no object
    has to wait for another.
    """

    others: dict[str, tuple[int, str]] = field(default_factory=dict)
    observed: int = 0
    first_observed: str = ""
    undated: int = 0


class StixImporter:
    """Indicators of a bundle, or of a bare list of objects."""

    name = "stix"

    def accepts(self, head: bytes, name: str) -> int:
        """Sure where the beginning names a bundle."""
        start = decode(head)
        if start.lstrip()[:1] not in ("{", "["):
            return 0
        if _BUNDLE.search(start) or ('"objects"' in start and _OBJECT.search(start)):
            return 90
        return 60 if name.lower().endswith((".stix", ".stix2")) else 0

    def read(self, source: BinaryIO) -> Iterator[Found]:
        """Give object by object; none is kept for another."""
        text, into, state = Text(source), Collector(), _State()
        objects = JsonText(text, _enter)
        for piece in objects.until_broken():
            if piece.path in (("objects", "*"), ("*",)):
                _object(piece, into, state)
                yield from into.drain()
        _close(into, state)
        yield from into.close(text.note())
        if objects.broken is not None:
            raise objects.broken


def _enter(path: Path) -> bool:
    return path in ((), ("objects",))


def _object(piece: Piece, into: Collector, state: _State) -> None:
    place = f"line {piece.line}"
    if not isinstance(piece.value, dict):
        into.lose(place, "an entry of the bundle is no object")
        return
    item: dict[str, Any] = piece.value
    kind = text(item.get("type"))
    if kind == "indicator":
        _indicator(item, place, into, state)
    elif kind == "report":
        into.state(Subject.TITLE, text(item.get("name")), place, date=text(item.get("published"))[:10])
    elif kind == "campaign":
        for name in (text(item.get("name")), *texts(item.get("aliases"))):
            into.state(Subject.ALIAS, name, place)
    elif kind in _ACTORS:
        basis = f"STIX {kind}" + (f", also {', '.join(a)}" if (a := texts(item.get("aliases"))) else "")
        into.state(Subject.ACTOR, text(item.get("name")), place, date=text(item.get("created"))[:10], basis=basis)
    elif kind in _OBSERVABLES:
        state.observed += 1
        state.first_observed = state.first_observed or place
    elif kind == "identity":
        into.state(Subject.PUBLISHER, text(item.get("name")), place)
    elif kind not in _SILENT:
        kind = kind if kind in state.others or len(state.others) < _MOST_KINDS else "of other names"
        count, first = state.others.get(kind, (0, place))
        state.others[kind] = (count + 1, first)


def _indicator(item: dict[str, Any], place: str, into: Collector, state: _State) -> None:
    pattern = text(item.get("pattern"))
    language = text(item.get("pattern_type")) or "stix"
    said = _said(item)
    if is_own(said) and _own(item, said, language, place, into):
        return
    if language != "stix":
        _foreign(item, language, pattern, place, into)
        return
    try:
        outcome = resolve(node := condition(pattern))
    except PatternProblem as error:
        into.lose(place, f"{error}: {shorten(pattern, 120)}")
        return
    fields = _fields(item, place, into, state)
    if size(node) > 1:
        fields["note"] = "; ".join(p for p in (fields["note"], f"part of the pattern {shorten(pattern, 160)}") if p)
        into.remark(place, f"a composite pattern, looked for by its parts: {shorten(pattern, 160)}")
    for each in outcome.found:
        into.keep(Item(place=place, type=each.kind, value=each.value, weight=each.weight, fields=fields))
    why = shorten("; ".join(outcome.unknown))
    if not outcome.complete:
        into.lose(place, f"cannot be looked for in full: {why}")
    elif why:
        into.remark(place, why)


def _foreign(item: dict[str, Any], language: str, pattern: str, place: str, into: Collector) -> None:
    """Take an indicator in another language (STIX 2.1, section 10.12): a rule."""
    benign = "benign" in (texts(item.get("indicator_types")) or texts(item.get("labels")))
    if item.get("revoked") is True or benign:
        into.remark(place, f"a {shorten(language, 40)} rule that its publisher took back or calls benign: not taken")
    elif language in ENGINES:
        carry(language, pattern, place, into)
    elif language in ("suricata", "snort"):
        for line in pattern.splitlines():
            read_rule(line.strip(), place, into)
    else:
        into.lose(place, f"an indicator in {shorten(language, 40)!r}: no rule of this language is read")


def _said(item: dict[str, Any]) -> dict[str, Any]:
    """Give the words that an export of this program leaves in an indicator."""
    return {key.removeprefix(_OURS): value for key, value in item.items() if key.startswith(_OURS)}


def _own(item: dict[str, Any], said: dict[str, Any], language: str, place: str, into: Collector) -> bool:
    """Take a row or a rule of ours; False, with the reason told, where its words do not make one."""
    try:
        if language != "stix":
            title = text(said.get("title")) or text(item.get("name"))
            words = {**said, "id": said.get("value"), "title": title}
            where, rule = own_rule(words, text(item.get("pattern")))
            marks = texts(item.get("object_marking_refs"))
            into.keep_rule(place, replace(where, fields={"tlp": _tlp(marks), **_pap(marks)}), rule)
            return True
        row = own_item(said, text(said.get("value")), place, **_own_fields(item, said, place, into))
    except NotOurs as why:
        into.remark(place, f"words of this program that are none ({why}): read as anybody's")
        return False
    _compared(row, text(item.get("pattern")), into)
    into.keep(row)
    return True


def _own_fields(item: dict[str, Any], said: dict[str, Any], place: str, into: Collector) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "note": text(item.get("description"))[:_LONGEST_NOTE],
        **dict(_labels(tuple(texts(item.get("object_marking_refs"))))),
    }
    if item.get("valid_from") and said.get("open_from") is not True:
        fields["valid_from"] = _moment(text(item["valid_from"]), place, into)
    if item.get("valid_until"):
        fields["valid_until"] = _moment(text(item["valid_until"]), place, into)
    if item.get("revoked") is True:
        said["role"] = Role.WITHDRAWN
        into.remark(place, "revoked since it was exported: kept, not looked for")
    return fields


def _compared(row: Item, pattern: str, into: Collector) -> None:
    """Tell where somebody has changed the pattern beside our words, which were taken."""
    try:
        node = condition(pattern)
    except PatternProblem:
        return
    if isinstance(node, Test) and node.kind is row.type and not _same(node.value, row.value):
        into.remark(row.place, f"taken as {row.type} {row.value}, while the pattern says {shorten(pattern, 120)}")


def _same(one: str, other: str) -> bool:
    # An exporter widens a URL pattern by wildcards at both ends, and writes hashes in one letter case.
    return one.strip("*").lower() == other.strip("*").lower()


def _fields(item: dict[str, Any], place: str, into: Collector, state: _State) -> dict[str, Any]:
    name, description = text(item.get("name")), text(item.get("description"))
    fields: dict[str, Any] = {
        "note": shorten("; ".join(part for part in dict.fromkeys((name, description)) if part)),
        **dict(_labels(tuple(texts(item.get("object_marking_refs"))))),
    }
    words = texts(item.get("indicator_types")) or texts(item.get("labels"))
    if item.get("revoked") is True:
        fields["role"] = Role.WITHDRAWN
        into.remark(place, "revoked by its publisher: kept, not looked for")
    elif "benign" in words:
        fields["role"] = Role.KNOWN_GOOD
        into.remark(place, "benign, says its publisher: kept, not looked for")
    created = text(item.get("created"))[:19]
    valid_from = text(item.get("valid_from"))
    if valid_from[:19] in (created, text(item.get("modified"))[:19]):
        # Producers fill the mandatory field with the time of writing; the incident was before that.
        state.undated += bool(valid_from)
    elif valid_from:
        fields["valid_from"] = _moment(valid_from, place, into)
    if item.get("valid_until"):
        fields["valid_until"] = _moment(text(item["valid_until"]), place, into)
    return {key: value for key, value in fields.items() if value is not None}


def _moment(value: str, place: str, into: Collector) -> Instant | None:
    try:
        return parse_instant(value)
    except (ValueError, OverflowError):
        into.remark(place, f"not a time: {shorten(value, 40)!r}; the value counts at any time")
        return None


@lru_cache(maxsize=256)
def _labels(marks: tuple[str, ...]) -> tuple[tuple[str, Any], ...]:
    """Give TLP and PAP of a set of markings; a bundle has few such sets."""
    return (("tlp", _tlp(marks)), *_pap(marks).items())


def _tlp(marks: Sequence[str]) -> Tlp:
    known = [_TLP_IDS[uuid] for mark in marks if (uuid := mark.removeprefix("marking-definition--")) in _TLP_IDS]
    return max(known, key=list(Tlp).index, default=Tlp.AMBER_STRICT)


def _pap(marks: Sequence[str]) -> dict[str, Any]:
    known = [pap for pap in Pap if pap_ref(pap) in marks]
    return {"pap": max(known, key=list(Pap).index)} if known else {}


def _close(into: Collector, state: _State) -> None:
    if state.undated:
        into.remark("", f"{state.undated} valid_from are the time of writing and say nothing of the incident: not used")
    if state.observed:
        into.remark(state.first_observed, f"{state.observed} observables without an indicator: seen, not called bad")
    for kind, (count, first) in state.others.items():
        into.lose(first, f"{count} objects of the type {shorten(kind, 60) or 'none'!r} are not understood", count)
