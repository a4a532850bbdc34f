"""A notification as STIX 2.1: an incident, who tells, a note a part, an indicator a value; TLP and PAP on every one.

No report object holds them together: `misp-stix` takes its marking for the event, and takes that label off everything
in it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from nachsorge.exports.notifications.seams import told
from nachsorge.exports.packs.naming import plain, uuid_of
from nachsorge.exports.packs.stix_pattern import pattern
from nachsorge.model.markings import marking, marking_ref, pap_marking, pap_ref
from nachsorge.model.pack import Indicator
from nachsorge.model.words import IndicatorType, Role, Tlp

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nachsorge.exports.notifications.seams import Leaving

_INCIDENT: Final = "extension-definition--ef765651-680c-498d-9894-99799f2fa126"
"""Incident core extension (OASIS cti-stix-common-objects, version 2)."""
_SECTORS: Final = {
    "energy": "energy",
    "transport": "transportation",
    "banking": "financial-services",
    "financial": "financial-services",
    "health": "healthcare",
    "drinking-water": "water",
    "waste-water": "water",
    "digital-infrastructure": "telecommunications",
    "ict-services": "technology",
    "public-administration": "government",
    "space": "aerospace",
    "chemical": "chemical",
    "food": "agriculture",
    "manufacturing": "manufacturing",
    "digital-providers": "technology",
    "research": "education",
}
"""The 18 of NIS2 in the words of STIX (section 10.8); what is lacking has none there."""


def write(leaving: Leaving) -> bytes:
    """Write one bundle."""
    objects = list(_objects(leaving))
    labels = sorted({Tlp(one.pop("_tlp")) for one in objects}, key=list(Tlp).index)
    head = [*(marking(label) for label in labels), pap_marking(leaving.pap)]
    bundle = {
        "type": "bundle",
        "id": f"bundle--{_uuid(leaving, 'bundle', leaving.made)}",
        "objects": [*head, *objects],
    }
    return json.dumps(bundle, indent=1, ensure_ascii=False).encode()


def _objects(leaving: Leaving) -> Iterator[dict[str, Any]]:
    if "organisation" in leaving.values:
        yield from _organisation(leaving, leaving.values["organisation"])
    if leaving.values.get("contact"):
        yield _contact(leaving, leaving.values["contact"])
    incident = _incident(leaving)
    yield incident
    for part, text in told(leaving):
        yield {
            **_object(leaving, "note", leaving.label(part), part),
            "abstract": part,
            "content": text,
            "object_refs": [incident["id"]],
            "x_nachsorge_part": part,
            "x_nachsorge_value": leaving.values[part],
        }
    yield from (_indicator(leaving, one) for one in leaving.values.get("indicators", ()))


def _object(leaving: Leaving, kind: str, label: Tlp, *key: str) -> dict[str, Any]:
    stamp = leaving.made.replace("Z", ".000Z")
    made: dict[str, Any] = {
        "_tlp": label,
        "type": kind,
        "spec_version": "2.1",
        "id": f"{kind}--{_uuid(leaving, kind, *key)}",
        "created": stamp,
        "modified": stamp,
        "object_marking_refs": [marking_ref(label), pap_ref(leaving.pap)],
    }
    if "organisation" in leaving.values and key != ("organisation",):
        made["created_by_ref"] = f"identity--{_uuid(leaving, 'identity', 'organisation')}"
    return made


def _uuid(leaving: Leaving, *key: str) -> str:
    """Every step of a notification has objects of its own: nobody here knows when the first one was made."""
    return uuid_of("notification", leaving.id, str(leaving.sequence), *key)


def _organisation(leaving: Leaving, value: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    label = leaving.label("organisation")
    who = _object(leaving, "identity", label, "organisation")
    who |= {"name": value["name"] or "an organisation that is not named", "identity_class": "organization"}
    if value["sector"] in _SECTORS:
        who["sectors"] = [_SECTORS[value["sector"]]]
    yield who | {"x_nachsorge_part": "organisation", "x_nachsorge_value": dict(value)}
    if value["region"].startswith("AT-"):
        where = _object(leaving, "location", label, "location")
        where |= {"name": value["region"], "country": "AT", "administrative_area": value["region"]}
        yield where
        ends = {"source_ref": who["id"], "target_ref": where["id"], "relationship_type": "located-at"}
        yield _object(leaving, "relationship", label, "located-at") | ends


def _contact(leaving: Leaving, value: Mapping[str, Any]) -> dict[str, Any]:
    made = _object(leaving, "identity", leaving.label("contact"), "contact")
    reach = ", ".join(filter(None, (value["email"], value["phone"], value["fingerprint"])))
    made |= {"name": value["name"] or "contact", "identity_class": "unspecified"}
    made |= {"contact_information": reach} if reach else {}
    return made | {"x_nachsorge_part": "contact", "x_nachsorge_value": dict(value)}


def _incident(leaving: Leaving) -> dict[str, Any]:
    """What hangs together hangs on it. How it went is told only where the numbers may be."""
    parts = [part for part in ("incident", "assets") if part in leaving.values]
    label = max((leaving.label(part) for part in parts), key=list(Tlp).index, default=leaving.whole())
    made = _object(leaving, "incident", label, "incident") | {"name": plain(leaving.title())}
    if "assets" in leaving.values:
        core = {"extension_type": "property-extension", "investigation_status": "open"}
        made["extensions"] = {_INCIDENT: core | {"determination": _determination(leaving.values["assets"]["verdicts"])}}
    return made


def _determination(verdicts: Mapping[str, int]) -> str:
    """Only what is ruled out everywhere was a false alarm; what is open stays suspected."""
    if verdicts["compromised"]:
        return "successful-attempt"
    return "suspected" if verdicts["suspected"] or verdicts["open"] or not verdicts["ruled_out"] else "false-positive"


def _indicator(leaving: Leaving, one: Mapping[str, Any]) -> dict[str, Any]:
    indicator = Indicator(type=IndicatorType(one["type"]), value=one["value"], trace="", role=Role(one["role"]))
    made = _object(leaving, "indicator", Tlp(one["tlp"]), "indicator", one["type"], one["value"])
    made |= {
        "name": plain(f"{one['type']} {one['value']}")[:250],
        "indicator_types": ["malicious-activity" if indicator.role is Role.MALICIOUS else "anomalous-activity"],
        "pattern": pattern(indicator)[0],
        "pattern_type": "stix",
        "pattern_version": "2.1",
        "valid_from": leaving.made,
    }
    made |= {"description": one["note"]} if one["note"] else {}
    return made | {"x_nachsorge_part": "indicators", "x_nachsorge_value": dict(one)}
