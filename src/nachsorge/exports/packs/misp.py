"""A MISP event (core format, IETF draft-dulaunoy-misp-core-format): an attribute a row, every one with its TLP tag.

What MISP has no field for stands in machine tags `nachsorge:NAME="value"` (docs/reference/exports.md).
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from nachsorge.exports.packs.naming import file_name, plain, uuid_of
from nachsorge.exports.packs.parts import parts_lost
from nachsorge.exports.packs.seams import File, Loss, Says, Written
from nachsorge.exports.packs.stix import created
from nachsorge.model.labels import Label, Pap
from nachsorge.model.times import SECOND, render
from nachsorge.model.words import IndicatorType, Role, Tlp

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nachsorge.exports.packs.seams import Row, Selection
    from nachsorge.model.pack import Indicator, Rule

_I = IndicatorType
_NET, _FILE, _HOST = "Network activity", "Payload delivery", "Artifacts dropped"
_TYPES = {
    _I.DOMAIN: ("domain", _NET),
    _I.IP: ("ip-dst", _NET),
    _I.CIDR: ("ip-dst", _NET),
    _I.URL: ("url", _NET),
    _I.URL_PATTERN: ("pattern-in-traffic", _NET),
    _I.SHA256: ("sha256", _FILE),
    _I.SHA1: ("sha1", _FILE),
    _I.MD5: ("md5", _FILE),
    _I.PATH: ("filename-pattern", _FILE),
    _I.FILE_NAME: ("filename", _FILE),
    _I.REGISTRY: ("regkey", _HOST),
    _I.PACKAGE: ("text", _FILE),
    _I.USER_AGENT: ("user-agent", _NET),
    _I.EMAIL: ("email", _NET),
    _I.CERTIFICATE: ("other", _FILE),
    _I.NAMED_OBJECT: ("mutex", _HOST),
    _I.STRING: ("pattern-in-file", _FILE),
}
_FINGERPRINTS = {64: "x509-fingerprint-sha256", 40: "x509-fingerprint-sha1", 32: "x509-fingerprint-md5"}
_NO_FIELD = {
    _I.PACKAGE: "MISP has no attribute type for package URLs: it is a text there, and nothing compares it",
    _I.URL_PATTERN: "a pattern in traffic is free text in MISP",
    _I.PATH: "a file name pattern is free text in MISP",
    _I.STRING: "a pattern in a file is free text in MISP",
}
REACH = {Tlp.CLEAR: "3", Tlp.GREEN: "1", Tlp.AMBER: "0", Tlp.AMBER_STRICT: "0", Tlp.RED: "0"}
"""MISP's distribution: 0 this organisation, 1 this community, 3 all. AMBER would want a sharing group of yours."""
_LONGEST_TAG = 255


class MispExporter:
    """For a MISP instance (Add Event, import from MISP JSON) or a feed."""

    name = "misp"
    blocks = False
    says = Says(
        expresses="an event with one attribute a row, `tlp:` on event and attribute, rules as `sigma` and `yara` "
        'attributes, the rest in machine tags `nachsorge:...="..."`',
        drops="the ladder with its needs and windows, exposures, claims, steps; `distribution` is never wider than "
        "the label, and 0 for AMBER until you name a sharing group",
        checked="PyMISP (loads, keeps all attributes and tags); read back (property test)",
    )

    def write(self, selection: Selection) -> Written:
        """Write one event, unpublished."""
        pack = selection.pack
        losses = [*selection.held, *parts_lost(pack)]
        rules = [_rule(rule, selection) for rule in selection.rules]
        losses += [
            Loss(f"{rule.engine} rule {rule.id}", why)
            for rule, (_, lost) in zip(selection.rules, rules, strict=True)
            for why in lost
        ]
        attributes = []
        for row in selection.rows:
            tags, lost = _tags(row)
            attributes.append(_attribute(row, tags, selection))
            losses += [Loss(row.named, why) for why in [*lost, _NO_FIELD.get(row.of.type, "")] if why]
        attributes += [made for made, _ in rules]
        event = {
            "uuid": uuid_of("misp", pack.id),
            "info": plain(f"{pack.title or pack.id} ({pack.id} {pack.version})"),
            "date": render(created(pack))[:10],
            "timestamp": str(selection.at // SECOND),
            "published": False,
            "analysis": "2",
            "threat_level_id": "1",
            "distribution": REACH[selection.label],
            "Orgc": {"name": f"author of {pack.id}", "uuid": uuid_of("misp-org", pack.id)},
            "Tag": [*_labels(selection.release.label, selection), _tag(f'nachsorge:pack-digest="{pack.digest}"')],
            "Attribute": attributes,
        }
        content = json.dumps({"Event": event}, indent=1, ensure_ascii=False).encode()
        return Written((File(file_name(pack, ".misp.json"), content),), tuple(losses))


def _attribute(row: Row, tags: list[str], selection: Selection) -> dict[str, Any]:
    indicator = row.of
    kind, category = kind_of(indicator)
    key = (indicator.type.value, indicator.value, indicator.trace, indicator.platform or "")
    made = {
        "uuid": uuid_of("misp", selection.pack.id, *key),
        "type": kind,
        "category": category,
        "value": indicator.value,
        # A match raises an alarm or a block wherever the event is synchronised: only for what is malicious itself.
        "to_ids": indicator.role is Role.MALICIOUS and not indicator.memory_only and kind not in ("text", "other"),
        "distribution": REACH[indicator.tlp],
        "comment": indicator.note,
        "timestamp": str(selection.at // SECOND),
        "Tag": [*_labels(Label(indicator.tlp, indicator.pap), selection), *(_tag(tag) for tag in tags)],
    }
    if indicator.valid_from is not None:
        made["first_seen"] = render(indicator.valid_from)
    if indicator.valid_until is not None:
        made["last_seen"] = render(indicator.valid_until)
    return made


def kind_of(indicator: Indicator) -> tuple[str, str]:
    """Give type and category of the attribute that an indicator becomes."""
    kind, category = _TYPES[indicator.type]
    if indicator.type is _I.CERTIFICATE:
        bare = indicator.value.lower()
        kind = _FINGERPRINTS.get(len(bare), kind) if re.fullmatch(r"[0-9a-f]+", bare) else kind
    return kind, category


def _tags(row: Row) -> tuple[list[str], list[str]]:
    """Give the machine tags of a row, and what no tag can hold."""
    return _tagged(_said(row))


def _tagged(said: Iterable[tuple[str, str]]) -> tuple[list[str], list[str]]:
    tags, lost = [], []
    for name, value in said:
        tag = f'nachsorge:{name}="{value}"'
        if '"' in value or len(tag) > _LONGEST_TAG or plain(value) != value:
            lost.append(f"{name} {value[:60]!r} cannot stand in a tag of MISP")
        else:
            tags.append(tag)
    return tags, lost


def _said(row: Row) -> Iterator[tuple[str, str]]:
    indicator = row.of
    yield "type", indicator.type.value
    yield "stage", row.stage.id
    yield "rung", row.stage.rung.word
    yield "trace", row.trace.id
    yield "weight", row.trace.weight.value
    yield "role", indicator.role.value
    yield "verification", indicator.verification.value
    if indicator.platform is not None:
        yield "platform", indicator.platform.value
    if indicator.first_source:
        yield "first-source", indicator.first_source
    yield from (("source", source) for source in indicator.sources)
    if indicator.memory_only:
        yield "memory-only", "true"
    if indicator.size is not None:
        yield "size", str(indicator.size)


def _rule(rule: Rule, selection: Selection) -> tuple[dict[str, Any], list[str]]:
    stage = selection.stage_of(rule)
    trace = selection.pack.traces_by_id[rule.trace]
    said = {"type": rule.engine, "stage": stage.id, "rung": stage.rung.word, "trace": trace.id}
    said |= {"weight": trace.weight.value, "id": rule.id, "title": rule.title, "author": rule.author}
    said |= {"licence": rule.licence, "reference": rule.reference}
    tags, lost = _tagged((name, value) for name, value in said.items() if value)
    made = {
        "uuid": uuid_of("misp", selection.pack.id, rule.engine, rule.id),
        "type": rule.engine,
        "category": _HOST,
        "value": rule.text,
        "to_ids": True,
        "distribution": REACH[selection.pack.tlp],
        "comment": plain(f"{rule.title}; author: {rule.author}; licence: {rule.licence}"),
        "timestamp": str(selection.at // SECOND),
        "Tag": [*_labels(Label(selection.pack.tlp, selection.pack.pap), selection), *(_tag(tag) for tag in tags)],
    }
    return made, lost


def _labels(label: Label, selection: Selection) -> list[dict[str, str]]:
    """Give the tags of a label. No PAP tag means GREEN, unless the event has one: readers take that for everything."""
    tagged = {label.pap, selection.pap} != {Pap.GREEN}
    return [_tag(f"tlp:{label.tlp.lower()}")] + ([_tag(f"PAP:{label.pap}")] if tagged else [])


def _tag(name: str) -> dict[str, str]:
    return {"name": name}
