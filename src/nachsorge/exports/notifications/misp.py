"""A notification as a MISP event: an attribute a part and an indicator, each with its own TLP and PAP tag.

MISP has no place for numbers by stage: they stand in text attributes, and as JSON in their comments.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from nachsorge.errors import UsageError
from nachsorge.exports.notifications.seams import told
from nachsorge.exports.packs.misp import REACH, kind_of
from nachsorge.exports.packs.naming import plain, uuid_of
from nachsorge.model.pack import Indicator
from nachsorge.model.words import IndicatorType, Role, Tlp

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nachsorge.exports.notifications.seams import Leaving

_VICTIM: Final = ("a8806e40-39ad-435f-be02-ac2a13d6fc7d", "10")
"""MISP's object template `victim`, and the version that the relations are of."""


def write(leaving: Leaving) -> bytes:
    """Write one event, unpublished; UsageError for TLP:RED, which no instance that synchronises may hold."""
    whole = leaving.whole()
    if whole is Tlp.RED:
        raise UsageError("TLP:RED is for one person, and MISP passes on what it holds: it is not written as an event")
    event = {
        "uuid": _uuid(leaving, "event"),
        "info": plain(f"Notification: {leaving.title()}"),
        "date": leaving.made[:10],
        "timestamp": _stamp(leaving),
        "published": False,
        "analysis": "1",
        "threat_level_id": "4",
        "distribution": REACH[whole],
        "Tag": [*_tags(leaving, whole), *({"name": name} for name in _event_tags(leaving))],
        "Attribute": list(_attributes(leaving)),
        "Object": list(_victim(leaving)),
    }
    return json.dumps({"Event": event}, indent=1, ensure_ascii=False).encode()


def _uuid(leaving: Leaving, *key: str) -> str:
    """Stay the same over updates: MISP takes the one with the later timestamp."""
    return uuid_of("misp-notification", leaving.id, *key)


def _stamp(leaving: Leaving) -> str:
    return str(int(datetime.fromisoformat(leaving.made).timestamp()))


def _tags(leaving: Leaving, label: Tlp) -> list[dict[str, str]]:
    return [{"name": f"tlp:{label.lower()}"}, {"name": f"PAP:{leaving.pap}"}]


def _event_tags(leaving: Leaving) -> Iterator[str]:
    yield 'misp:event-type="incident"'
    yield 'workflow:todo="review-before-publication"'
    yield f'nachsorge:notification="{leaving.id}"'
    yield f'nachsorge:sequence="{leaving.sequence}"'
    sector = leaving.values.get("organisation", {}).get("sector", "unknown")
    if sector not in ("none", "unknown"):
        yield f'nis2:impact-sectors-impacted="{sector}"'


def _attributes(leaving: Leaving) -> Iterator[dict[str, Any]]:
    for part, text in told(leaving):
        yield _attribute(leaving, leaving.label(part), "text", "Other", text, part, leaving.values[part])
    contact = leaving.values.get("contact")
    if contact:
        text = ", ".join(filter(None, contact.values()))
        yield _attribute(leaving, leaving.label("contact"), "text", "Other", text, "contact", contact)
    for one in leaving.values.get("indicators", ()):
        indicator = Indicator(type=IndicatorType(one["type"]), value=one["value"], trace="", role=Role(one["role"]))
        kind, category = kind_of(indicator)
        made = _attribute(leaving, Tlp(one["tlp"]), kind, category, one["value"], "indicators", one)
        # Nothing of a report raises alarms elsewhere before somebody has verified it.
        yield made | {"comment": one["note"], "to_ids": False, "Tag": [*made["Tag"], *_said(one)]}


def _said(one: Mapping[str, Any]) -> list[dict[str, str]]:
    return [{"name": f'nachsorge:{name}="{one[name]}"'} for name in ("type", "role")]


def _attribute(
    leaving: Leaving, label: Tlp, kind: str, category: str, text: str, part: str, value: object
) -> dict[str, Any]:
    return {
        "uuid": _uuid(leaving, part, kind, text if part == "indicators" else ""),
        "type": kind,
        "category": category,
        "value": text,
        "to_ids": False,
        "distribution": REACH[label],
        "comment": json.dumps(value, sort_keys=True, ensure_ascii=False),
        "timestamp": _stamp(leaving),
        "Tag": [*_tags(leaving, label), {"name": f'nachsorge:part="{part}"'}],
    }


def _victim(leaving: Leaving) -> Iterator[dict[str, Any]]:
    """Give sector, region and, where it is told, the name: nothing that names a machine or a person."""
    value = leaving.values.get("organisation")
    if value is None:
        return
    label = leaving.label("organisation")
    listed = [("classification", "text", "organization"), ("roles", "text", f"size: {value['size']}")]
    listed += [("sectors", "text", value["sector"])] if value["sector"] not in ("none", "unknown") else []
    listed += [("regions", "target-location", value["region"])] if value["region"] != "unknown" else []
    listed += [("name", "target-org", value["name"])] if value["name"] else []
    attributes = []
    for relation, kind, text in listed:
        category = "Targeting data" if kind.startswith("target") else "Other"
        made = _attribute(leaving, label, kind, category, text, relation, text)
        attributes.append(made | {"object_relation": relation, "comment": ""})
    yield {
        "uuid": _uuid(leaving, "victim"),
        "name": "victim",
        "meta-category": "misc",
        "template_uuid": _VICTIM[0],
        "template_version": _VICTIM[1],
        "description": "who tells",
        "distribution": REACH[label],
        "timestamp": _stamp(leaving),
        "comment": json.dumps(value, sort_keys=True, ensure_ascii=False),
        "Attribute": attributes,
    }
