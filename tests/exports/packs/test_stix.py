"""STIX: valid, one comparison a row, marked, and read back without loss."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from stix2patterns.validator import run_validator  # type: ignore[import-untyped]
from stix2validator import ValidationOptions, validate_string  # type: ignore[import-untyped]
from tests.exports.packs.kit import VALUES, body, everything, exported, known, packs, row, stage_of

from nachsorge.model.labels import Pap
from nachsorge.model.markings import pap_ref
from nachsorge.model.pack import Indicator, Pack
from nachsorge.model.times import parse_instant
from nachsorge.model.words import IndicatorType, Platform, Role, Tlp, Verification

IDS = {
    "CLEAR": "94868c89-83c2-464b-929b-a1a8aa3c8487",
    "GREEN": "bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    "AMBER": "55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    "AMBER+STRICT": "939a9414-2ddd-4d32-a0cd-375ea402b003",
    "RED": "e828b379-4e03-4974-9ac4-e53a884c97c1",
}
LABELS = {f"marking-definition--{id}": Tlp(label) for label, id in IDS.items()}


def bundle(incident: Pack, most: Tlp = Tlp.RED) -> list[dict[str, Any]]:
    objects: list[dict[str, Any]] = json.loads(body(exported("stix", incident, most=most)))["objects"]
    return objects


def indicators(incident: Pack) -> list[dict[str, Any]]:
    return [each for each in bundle(incident) if each["type"] == "indicator" and each["pattern_type"] == "stix"]


def test_the_validator_of_the_standard_accepts_it() -> None:
    result = validate_string(body(exported("stix", everything())), ValidationOptions(version="2.1"))
    assert result.is_valid, [str(error) for each in result.object_results for error in each.errors]


def test_the_validator_would_notice() -> None:
    text = body(exported("stix", everything())).replace('"pattern_type": "stix"', '"pattern_typ": "stix"')
    assert not validate_string(text, ValidationOptions(version="2.1")).is_valid


@pytest.mark.parametrize("kind", list(IndicatorType))
def test_every_type_is_one_comparison_that_parses(kind: IndicatorType) -> None:
    for made in indicators(known(*(row(kind, value) for value in VALUES[kind]))):
        assert run_validator(made["pattern"], stix_version="2.1") == []
        assert not any(f" {word} " in made["pattern"].split("'")[0] for word in ("AND", "OR", "FOLLOWEDBY"))


@pytest.mark.parametrize(
    ("kind", "value", "pattern"),
    [
        (IndicatorType.DOMAIN, "c2.example", "[domain-name:value = 'c2.example']"),
        (IndicatorType.IP, "2001:db8::5", "[ipv6-addr:value = '2001:db8::5']"),
        (IndicatorType.CIDR, "198.51.100.0/24", "[ipv4-addr:value ISSUBSET '198.51.100.0/24']"),
        (IndicatorType.SHA256, "ab" * 32, f"[file:hashes.'SHA-256' = '{'ab' * 32}']"),
        (IndicatorType.URL_PATTERN, "h.example/a/*/x", "[url:value LIKE '%h.example/a/%/x%']"),
        (IndicatorType.REGISTRY, r"HKLM\A\B", r"[windows-registry-key:key = 'HKLM\\A\\B']"),
        (IndicatorType.NAMED_OBJECT, "it's", r"[mutex:name = 'it\'s']"),
    ],
)
def test_patterns_are_spelt_as_the_standard_says(kind: IndicatorType, value: str, pattern: str) -> None:
    assert [made["pattern"] for made in indicators(known(row(kind, value)))] == [pattern]


@pytest.mark.parametrize("label", list(Tlp))
def test_every_object_is_marked_with_the_fixed_id(label: Tlp) -> None:
    objects = bundle(known(row(IndicatorType.DOMAIN, "c2.example", tlp=label)))
    markings = {each["id"] for each in objects if each["type"] == "marking-definition"}
    assert markings <= set(LABELS)
    for each in objects:
        if each["type"] != "marking-definition":
            assert set(each["object_marking_refs"]) <= markings
    [made] = [each for each in objects if each["type"] == "indicator"]
    [report] = [each for each in objects if each["type"] == "report"]
    assert made["object_marking_refs"] == report["object_marking_refs"] == [f"marking-definition--{IDS[label]}"]


def test_no_object_refers_to_one_that_stayed() -> None:
    objects = bundle(everything(), Tlp.CLEAR)
    ids = {each["id"] for each in objects}
    for each in objects:
        assert set(each.get("object_refs", ())) | set(each.get("object_marking_refs", ())) <= ids


def test_ids_stay_and_only_modified_moves() -> None:
    first, second = (
        {each["id"]: each for each in bundle(known(row(IndicatorType.DOMAIN, "c2.example", note=note)))}
        for note in "ab"
    )
    assert set(first) == set(second)
    assert all(first[id].get("created") == second[id].get("created") for id in first)


def read_back(made: dict[str, Any]) -> tuple[tuple[str, str, str], Indicator]:
    """Read what docs/reference/exports.md says, and nothing else."""

    def ours(name: str, default: Any = "") -> Any:
        return made.get(f"x_nachsorge_{name}", default)

    found = Indicator(
        type=IndicatorType(ours("type")),
        value=ours("value"),
        trace=ours("trace"),
        role=Role(ours("role")),
        platform=Platform(ours("platform")) if ours("platform") else None,
        first_source=ours("first_source"),
        sources=tuple(ours("sources", ())),
        verification=Verification(ours("verification")),
        valid_from=None if ours("open_from", False) else parse_instant(made["valid_from"]),
        valid_until=parse_instant(made["valid_until"]) if "valid_until" in made else None,
        tlp=LABELS[made["object_marking_refs"][0]],
        pap=next((pap for pap in Pap if pap_ref(pap) in made["object_marking_refs"]), Pap.GREEN),
        memory_only=ours("memory_only", False),
        size=ours("size", None),
        note=made.get("description", ""),
    )
    return (ours("stage"), ours("rung"), ours("weight")), found


@given(packs())
def test_what_goes_out_comes_back(incident: Pack) -> None:
    losses = exported("stix", incident, most=Tlp.RED).losses
    lost = {loss.what for loss in losses}
    moments = {loss.what for loss in losses if "valid for one moment" in loss.why}
    back = [read_back(made) for made in indicators(incident)]
    kept = [each for each in incident.indicators if each.drives]
    for each in incident.indicators:
        assert each.drives or f"{each.type} {each.value}" in lost
    for (stage, rung, weight), found in back:
        assert (stage, rung) == ((known_stage := stage_of(incident, found)).id, known_stage.rung.word)
        assert weight == incident.traces_by_id[found.trace].weight
    # STIX wants an end later than its begin: a row that is valid for one instant gets a microsecond more, and is named.
    assert moments == {
        f"{each.type} {each.value}"
        for each in kept
        if each.valid_until == each.valid_from and each.valid_from is not None
    }
    assert [each for _, each in back] == [
        replace(each, valid_until=each.valid_until + 1)
        if each.valid_until is not None and each.valid_until == each.valid_from
        else each
        for each in kept
    ]
