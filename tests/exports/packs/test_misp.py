"""MISP: PyMISP loads it, every attribute is labelled, and what goes out comes back."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from pymisp import MISPEvent
from tests.exports.packs.kit import body, everything, exported, known, packs, row

from nachsorge.model.labels import Pap
from nachsorge.model.pack import Indicator, Pack
from nachsorge.model.times import parse_instant
from nachsorge.model.words import IndicatorType, Platform, Role, Tlp, Verification


def event(incident: Pack, most: Tlp = Tlp.RED) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(body(exported("misp", incident, most=most)))["Event"]
    return made


def test_pymisp_loads_every_attribute_with_its_tags() -> None:
    text = body(exported("misp", everything()))
    loaded = MISPEvent()
    loaded.from_json(text)
    made = json.loads(text)["Event"]["Attribute"]
    assert len(loaded.attributes) == len(made) > 30
    for attribute, ours in zip(loaded.attributes, made, strict=True):
        assert attribute.value == ours["value"]
        assert [tag.name for tag in attribute.tags] == [tag["name"] for tag in ours["Tag"]]
        assert attribute.type in loaded.attributes[0].describe_types["types"]
        assert attribute.type in loaded.attributes[0].describe_types["category_type_mappings"][attribute.category]


@pytest.mark.parametrize("label", list(Tlp))
def test_every_attribute_and_the_event_carry_the_label_and_travel_no_further(label: Tlp) -> None:
    made = event(known(row(IndicatorType.DOMAIN, "c2.example", tlp=label)))
    [attribute] = made["Attribute"]
    assert {"name": f"tlp:{label.lower()}"} in attribute["Tag"]
    assert {"name": f"tlp:{label.lower()}"} in made["Tag"]
    expected = {Tlp.CLEAR: "3", Tlp.GREEN: "1"}.get(label, "0")
    assert (made["distribution"], attribute["distribution"]) == (expected, expected)


def test_only_what_is_malicious_raises_alarms() -> None:
    rows = [
        row(IndicatorType.DOMAIN, "c2.example"),
        row(IndicatorType.DOMAIN, "shared.example", role=Role.ABUSED_LEGITIMATE),
        row(IndicatorType.DOMAIN, "memory.example", memory_only=True),
    ]
    assert [each["to_ids"] for each in event(known(*rows))["Attribute"]] == [True, False, False]


def read_back(made: dict[str, Any]) -> Indicator:
    """Read what docs/reference/exports.md says, and nothing else."""
    said: dict[str, list[str]] = {}
    labels, pap = [], Pap.GREEN
    for tag in made["Tag"]:
        if found := re.fullmatch(r'nachsorge:([a-z-]+)="(.*)"', tag["name"]):
            said.setdefault(found[1], []).append(found[2])
        elif tag["name"].startswith("PAP:"):
            pap = Pap(tag["name"].removeprefix("PAP:"))
        else:
            labels.append(tag["name"].removeprefix("tlp:").upper())

    def one(name: str) -> str:
        return said.get(name, [""])[0]

    return Indicator(
        type=IndicatorType(one("type")),
        value=made["value"],
        trace=one("trace"),
        role=Role(one("role")),
        platform=Platform(one("platform")) if "platform" in said else None,
        first_source=one("first-source"),
        sources=tuple(said.get("source", ())),
        verification=Verification(one("verification")),
        valid_from=parse_instant(made["first_seen"]) if "first_seen" in made else None,
        valid_until=parse_instant(made["last_seen"]) if "last_seen" in made else None,
        tlp=Tlp(labels[0]),
        pap=pap,
        memory_only="memory-only" in said,
        size=int(one("size")) if "size" in said else None,
        note=made["comment"],
    )


@given(packs())
def test_what_goes_out_comes_back_or_is_named(incident: Pack) -> None:
    losses = exported("misp", incident, most=Tlp.RED).losses
    kept = [each for each in incident.indicators if each.drives]
    back = [read_back(each) for each in event(incident)["Attribute"]]
    assert len(back) == len(kept)
    for before, after in zip(kept, back, strict=True):
        name = f"{before.type} {before.value}"
        for field in Indicator.__dataclass_fields__:
            if getattr(before, field) != getattr(after, field):
                assert any(
                    loss.what == name and loss.why.startswith(field.rstrip("s").replace("_", "-")) for loss in losses
                )


def test_a_source_that_no_tag_can_hold_is_named() -> None:
    written = exported("misp", known(row(IndicatorType.DOMAIN, "c2.example", first_source='the "report"')))
    assert any("first-source 'the \"report\"'" in loss.why for loss in written.losses)
