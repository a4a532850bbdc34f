"""MISP events: an exported event, a list of them, or the answer of a server (MISP core format, draft-dulaunoy)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, BinaryIO

from nachsorge.model.labels import Pap
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Role, Tlp, Verification, Weight
from nachsorge.packs.importers import vocabulary
from nachsorge.packs.importers.carried import ENGINES, carry
from nachsorge.packs.importers.collect import Collector, shorten
from nachsorge.packs.importers.encoding import Text, decode
from nachsorge.packs.importers.json_text import JsonText, Path, Piece, text
from nachsorge.packs.importers.logic import HASHES
from nachsorge.packs.importers.misp_tags import labels_of, pap_of, said_in, tags_in, tlp_of
from nachsorge.packs.importers.misp_types import CONTEXT, values_of
from nachsorge.packs.importers.own import NotOurs, is_own, own_item, own_rule
from nachsorge.packs.importers.seams import Item, Subject
from nachsorge.packs.importers.suricata import read_rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.packs.importers.seams import Found

_LONGEST_NOTE = 10_000
"""Characters of a comment that this program wrote itself; those of others are cut sooner."""
_MARKS = re.compile(r'"(?:Event|Attribute|orgc_id|Orgc|threat_level_id|to_ids|extends_uuid|publish_timestamp)"\s*:')
_ATTRIBUTES = ("Attribute", "*")
_OBJECTS = ("Object", "*")
_RULES = frozenset({*ENGINES, "snort"})
"""Attribute types that hold a rule."""


@dataclass(slots=True)
class _Event:
    """One event while it is read: its labels may stand after its attributes."""

    place: str
    items: list[tuple[Item, bool]] = field(default_factory=list)
    own: list[Item] = field(default_factory=list)
    rules: list[tuple[str, str, str, bool]] = field(default_factory=list)
    flagged: int = 0
    tlp: Tlp | None = None
    pap: Pap | None = None

    def labels(self) -> dict[str, Any]:
        """Give what an attribute without labels of its own is labelled with."""
        return {"tlp": self.tlp or Tlp.AMBER_STRICT} | ({"pap": self.pap} if self.pap else {})


class MispImporter:
    """Attributes and objects of events. `to_ids` is honoured where an event uses it, and told in every case."""

    name = "misp"

    def accepts(self, head: bytes, name: str) -> int:
        """Sure where the beginning has the keys of an event."""
        start = decode(head)
        if start.lstrip()[:1] not in ("{", "["):
            return 0
        found = {match[0] for match in _MARKS.finditer(start)}
        return 95 if len(found) > 1 else (70 if found else 0)

    def read(self, source: BinaryIO) -> Iterator[Found]:
        """Give event by event: its labels stand after its attributes, so the values of one event wait for its end."""
        text, into, events = Text(source), Collector(), _Events()
        pieces = JsonText(text, _enter)
        for piece in pieces.until_broken():
            _piece(piece, into, events)
            yield from into.drain()
        events.close(into)
        if not events.count:
            into.remark("", "holds no event")
        yield from into.close(text.note())
        if pieces.broken is not None:
            raise pieces.broken


@dataclass(slots=True)
class _Events:
    """The event that is being read; where it stands tells it from the next."""

    at: tuple[int, ...] = ()
    event: _Event | None = None
    count: int = 0

    def of(self, at: tuple[int, ...], place: str, into: Collector) -> _Event:
        """Give the event that stands there; the one before it has ended then."""
        if self.event is None or self.at != at:
            self.close(into)
            self.at, self.event = at, _Event(place)
            self.count += 1
        return self.event

    def close(self, into: Collector) -> None:
        """End the event."""
        if self.event is not None:
            _close(self.event, into)
            self.event = None


def _bare(path: Path) -> Path:
    """Take off what stands around an event: `response`, a list, `Event`."""
    while path and path[0] in ("response", "*", "Event"):
        path = path[1:]
    return path


def _enter(path: Path) -> bool:
    return _bare(path) in ((), ("Attribute",), ("Object",)) and len(path) < 8


def _piece(piece: Piece, into: Collector, events: _Events) -> None:
    inner = _bare(piece.path)
    place = f"line {piece.line}"
    if not inner:
        if piece.value not in ({}, [], None):
            into.lose(place, f"no event: {shorten(str(piece.value), 60)}")
        return
    outer = piece.path[: len(piece.path) - len(inner)].count("*")
    event = events.of(piece.at[:outer], place, into)
    if inner == _ATTRIBUTES:
        _attribute(piece.value, place, "", into, event)
    elif inner == _OBJECTS:
        _object(piece.value, place, into, event)
    elif len(inner) == 1:
        _property(inner[0], piece.value, place, into, event)


def _property(key: str, value: Any, place: str, into: Collector, event: _Event) -> None:
    if key == "Tag":
        event.tlp, event.pap = tlp_of(value), pap_of(value)
        names = tags_in(value)
        for name in names:
            if name.startswith("misp-galaxy:threat-actor="):
                into.state(Subject.ACTOR, name.partition("=")[2].strip('"'), place, basis="tag of the MISP event")
    elif key == "Galaxy":
        _galaxies(value, place, into, event)
    elif key == "Orgc" and isinstance(value, dict):
        into.state(Subject.PUBLISHER, text(value.get("name")), place)
    elif key == "info":
        into.state(Subject.TITLE, text(value), place)
    elif key == "date":
        into.state(Subject.DATE, text(value), place)


def _galaxies(value: Any, place: str, into: Collector, event: _Event) -> None:
    for galaxy in value if isinstance(value, list) else ():
        if not isinstance(galaxy, dict) or text(galaxy.get("type")) not in ("threat-actor", "mitre-intrusion-set"):
            continue
        for cluster in galaxy.get("GalaxyCluster") or ():
            if isinstance(cluster, dict):
                into.state(Subject.ACTOR, text(cluster.get("value")), place, basis="galaxy of the MISP event")


def _object(value: Any, place: str, into: Collector, event: _Event) -> None:
    if not isinstance(value, dict) or value.get("deleted") is True:
        return
    name = text(value.get("name"))
    for attribute in value.get("Attribute") or ():
        _attribute(attribute, place, name, into, event)


def _attribute(value: Any, place: str, of: str, into: Collector, event: _Event) -> None:
    if not isinstance(value, dict):
        into.lose(place, "an attribute is no object")
        return
    if value.get("deleted") is True:
        return
    kind, flag = text(value.get("type")), value.get("to_ids") is True
    where = f"{place} ({of}: {text(value.get('object_relation'))})" if of else place
    said = said_in(value.get("Tag"))
    if is_own(said) and _own(value, said, flag, place, into, event):
        return
    event.flagged += flag
    if kind in _RULES:
        event.rules.append((kind, text(value.get("value")), where, flag))
        return
    pairs = values_of(kind, text(value.get("value")))
    if not pairs:
        _not_looked_for(kind, value, flag, where, into)
        return
    gathered = Collector()
    for each, content in pairs:
        gathered.take(where, each, content, **_fields(value, kind, of))
    for found in gathered.drain():
        if isinstance(found, Item):
            event.items.append((found, flag))
        else:
            into.found.append(found)


def _own(value: dict[str, Any], said: dict[str, Any], flag: bool, place: str, into: Collector, event: _Event) -> bool:
    """Take a row or a rule of ours; False, with the reason told, where its words do not make one."""
    kind = text(value.get("type"))
    try:
        if kind in ("sigma", "yara"):
            item, rule = own_rule(said, text(value.get("value")))
            into.keep_rule(place, replace(item, fields=labels_of(value)), rule)
            return True
        row = own_item(said, text(value.get("value")), place, **_own_fields(value, place, into))
    except NotOurs as why:
        into.remark(place, f"tags of this program that are none ({why}): read as anybody's")
        return False
    fields = dict(row.fields)
    alarms = fields["role"] is Role.MALICIOUS and not fields["memory_only"] and kind not in ("text", "other")
    if alarms and not flag:
        # The export sets it for such a row, so somebody has taken it away since.
        fields["verification"] = Verification.UNVERIFIED
        fields["note"] = "; ".join(part for part in ("to_ids is not set", fields["note"]) if part)
        into.remark(place, f"{row.type} {row.value}: to_ids was taken away since it was exported: not looked for")
    event.own.append(replace(row, fields=fields))
    return True


def _own_fields(value: dict[str, Any], place: str, into: Collector) -> dict[str, Any]:
    fields: dict[str, Any] = {"note": text(value.get("comment"))[:_LONGEST_NOTE]}
    for name, key in (("valid_from", "first_seen"), ("valid_until", "last_seen")):
        if said := text(value.get(key)):
            try:
                fields[name] = parse_instant(said)
            except (ValueError, OverflowError):
                into.remark(place, f"not a time: {shorten(said, 40)!r}; the value counts at any time")
    return fields | labels_of(value)


def _not_looked_for(kind: str, value: dict[str, Any], flag: bool, where: str, into: Collector) -> None:
    if kind not in CONTEXT:
        into.lose(where, f"no indicator type of this program for {shorten(kind, 40)!r}")
    elif flag:
        into.lose(where, f"to_ids is set, but a {kind} cannot be looked for: {shorten(text(value.get('value')), 80)}")


def _fields(value: dict[str, Any], kind: str, of: str) -> dict[str, Any]:
    tags = [name for name in tags_in(value.get("Tag")) if not name.startswith("tlp:")]
    said = [text(value.get("comment")), f"object {of}" if of else "", ", ".join(tags)]
    fields: dict[str, Any] = {"note": shorten("; ".join(part for part in said if part))}
    if kind in vocabulary.NOT_ON_HOSTS:
        fields["verification"] = Verification.UNVERIFIED
        fields["note"] = shorten(f"{vocabulary.NOT_ON_HOSTS[kind]}; {fields['note']}")
    return fields | labels_of(value)


def _close(event: _Event, into: Collector) -> None:
    """Give the items their label and what `to_ids` means for them."""
    for kind, rule, place, flag in event.rules:
        _rule(kind, rule, place, wanted=flag or not event.flagged, into=into)
    for item in event.own:
        into.keep(replace(item, fields=event.labels() | item.fields))
    unflagged = sum(not flag for _, flag in event.items)
    for item, flag in event.items:
        fields = event.labels() | item.fields
        weight = item.weight
        if not flag:
            fields["note"] = "; ".join(part for part in ("to_ids is not set", fields.get("note", "")) if part)
            if event.flagged:
                fields["verification"] = Verification.UNVERIFIED
            elif item.type not in HASHES:
                weight = Weight.HINT
        into.keep(replace(item, weight=weight, fields=fields))
    if unflagged and event.flagged:
        into.remark(event.place, f"{unflagged} of {len(event.items)} values have no to_ids: kept, not looked for")
    elif unflagged:
        into.remark(
            event.place, f"to_ids is set nowhere: all {unflagged} values are looked for, but for hashes as hints"
        )


def _rule(kind: str, rule: str, place: str, *, wanted: bool, into: Collector) -> None:
    if not wanted:
        into.remark(place, f"a {kind} rule without to_ids: not looked for")
    elif kind in ENGINES:
        carry(kind, rule, place, into)
    else:
        for line in rule.splitlines():
            read_rule(line.strip(), place, into)
