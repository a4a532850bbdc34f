"""The same content as STIX and MISP: every object with its own label, as the programs of others read it."""

from __future__ import annotations

import json
import warnings
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from pymisp import MISPEvent
from stix2validator import ValidationOptions, validate_string  # type: ignore[import-untyped]
from tests.sharing.kit import PLAIN, but, labelled, notifications
from tests.sharing.marking_check import TLP_1, tlp_of, wrong

from nachsorge.errors import UsageError
from nachsorge.exports.notifications import misp, stix
from nachsorge.exports.notifications.seams import Leaving
from nachsorge.model.labels import Audience, Party
from nachsorge.model.words import Tlp
from nachsorge.sharing.notification import Contact, Notification
from nachsorge.sharing.outgoing import CERT, Outgoing, outgoing

if TYPE_CHECKING:
    from collections.abc import Callable

MIXED = labelled(
    Tlp.AMBER_STRICT,
    {"incident": Tlp.CLEAR, "organisation": Tlp.GREEN, "assets": Tlp.AMBER, "coverage": Tlp.GREEN, "note": Tlp.CLEAR},
    indicators=PLAIN.indicators,
    contact=Contact(name="help desk", email="desk@acme.example", phone="", fingerprint="AB" * 20),
)


def leaving(found: Outgoing) -> Leaving:
    it = found.notification
    return Leaving(id=it.id, sequence=it.sequence, made=it.made, pap=it.labels.pap, values=found.values(),
                   releases=found.parts)  # fmt: skip


def bundle(found: Notification, to: Party = CERT) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(stix.write(leaving(outgoing(found, to))))
    return made


def event(found: Notification, to: Party = CERT) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(misp.write(leaving(outgoing(found, to))))["Event"]
    return made


def parts(made: dict[str, Any]) -> dict[str, Any]:
    """Read the content back from a bundle."""
    found: dict[str, Any] = {"indicators": []}
    for one in made["objects"]:
        match one.get("x_nachsorge_part"):
            case "indicators":
                found["indicators"].append(one["x_nachsorge_value"])
            case str() as part:
                found[part] = one["x_nachsorge_value"]
    return found


@pytest.mark.parametrize("found", [PLAIN, MIXED, but(indicators=())], ids=["plain", "mixed", "no indicators"])
def test_the_standards_own_validator_takes_the_bundle(found: Notification) -> None:
    result = validate_string(json.dumps(bundle(found)), ValidationOptions(version="2.1"))
    assert result.is_valid, [str(error) for error in result.errors]


@given(notifications().filter(lambda one: one.labels.tlp is not Tlp.RED))
@settings(max_examples=40)
def test_every_object_is_marked_and_nothing_is_lost(found: Notification) -> None:
    made = bundle(found)
    assert wrong(made) == []
    went = outgoing(found, CERT).values()
    assert {part: value for part, value in went.items() if value and part not in ("done", "help", "note", "weeks")} == {
        part: value for part, value in parts(made).items() if value and part not in ("done", "help", "note", "weeks")
    }
    for one in made["objects"]:
        if part := one.get("x_nachsorge_part"):
            label = (
                one["x_nachsorge_value"]["tlp"]
                if part == "indicators"
                else found.labels.parts.get(part, found.labels.tlp)
            )
            assert tlp_of(one) == label.lower()


def test_free_texts_come_back_as_well() -> None:
    made = parts(bundle(MIXED))
    went = outgoing(MIXED, CERT).values()
    assert all(made[part] == went[part] for part in ("done", "help", "note", "weeks", "contact"))


def purple(made: dict[str, Any]) -> None:
    next(iter(made["objects"][0]["extensions"].values()))["tlp_2_0"] = "purple"


def named_as_before(made: dict[str, Any]) -> None:
    made["objects"][0]["name"] = "TLP:WHITE"


def of_one_s_own(made: dict[str, Any]) -> None:
    made["objects"][0]["id"] = f"marking-definition--{'0' * 36}"


def undefined(made: dict[str, Any]) -> None:
    del made["objects"][0]


def unmarked(made: dict[str, Any]) -> None:
    del made["objects"][-1]["object_marking_refs"]


def emptied(made: dict[str, Any]) -> None:
    made["objects"][-1]["object_marking_refs"] = []


def without_pap(made: dict[str, Any]) -> None:
    made["objects"][-1]["object_marking_refs"].pop()


def without_tlp(made: dict[str, Any]) -> None:
    made["objects"][-1]["object_marking_refs"].pop(0)


def twice(made: dict[str, Any]) -> None:
    made["objects"][-1]["object_marking_refs"] = made["objects"][0]["id"], made["objects"][1]["id"]


MUTATIONS = (purple, named_as_before, of_one_s_own, undefined, unmarked, emptied, without_pap, without_tlp, twice)


@pytest.mark.parametrize("mutate", MUTATIONS, ids=lambda one: one.__name__)
def test_the_checker_sees_every_mutation(mutate: Callable[[dict[str, Any]], None]) -> None:
    made = bundle(MIXED)
    assert wrong(made) == []
    mutate(made)
    assert wrong(made)


@pytest.mark.parametrize("uuid", sorted(TLP_1))
def test_the_checker_sees_markings_of_tlp_1(uuid: str) -> None:
    made = bundle(MIXED)
    made["objects"][-1]["object_marking_refs"][0] = f"marking-definition--{uuid}"
    made["objects"].insert(0, {"type": "marking-definition", "id": f"marking-definition--{uuid}", "name": "TLP:AMBER"})
    assert any("TLP 1" in one for one in wrong(made))


def test_the_reference_validator_does_not_see_purple() -> None:
    made = bundle(MIXED)
    purple(made)
    assert validate_string(json.dumps(made), ValidationOptions(version="2.1")).is_valid, "then our checker may go"


def _imported(made: dict[str, Any]) -> MISPEvent:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from misp_stix_converter import ExternalSTIX2toMISPParser  # type: ignore[import-untyped]
        from stix2.parsing import parse  # type: ignore[import-untyped]

        parser = ExternalSTIX2toMISPParser()
        parser.load_stix_bundle(parse(made, allow_custom=True, version="2.1"))
        parser.parse_stix_bundle(single_event=True)
        found: MISPEvent = parser.misp_event
        return found


def test_misp_stix_brings_the_same_label_back_on_every_attribute() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = _imported(bundle(MIXED))
    values = {one.value: one for one in found.attributes}
    values |= {one.value: one for thing in found.objects for one in thing.attributes}
    assert all(len([tag for tag in one.tags if tag.name.startswith("tlp:")]) == 1 for one in values.values())
    for seen in MIXED.indicators:
        tags = {tag.name for tag in values[seen.value].tags}
        assert {name for name in tags if name.startswith("tlp:")} == {f"tlp:{seen.tlp.lower()}"}, tags


@pytest.mark.parametrize("found", [PLAIN, MIXED], ids=["plain", "mixed"])
def test_pymisp_loads_the_event_with_a_label_on_every_attribute(found: Notification) -> None:
    loaded = MISPEvent()
    loaded.from_dict(**event(found))
    assert loaded.distribution in (0, "0") and not loaded.published
    everything = [*loaded.attributes, *(one for thing in loaded.objects for one in thing.attributes)]
    assert len(everything) >= 8
    for one in everything:
        tags = [tag.name for tag in one.tags]
        assert len([name for name in tags if name.startswith("tlp:")]) == 1, one.value
        assert len([name for name in tags if name.startswith("PAP:")]) == 1, one.value
    labels = {one.value: [tag.name for tag in one.tags if tag.name.startswith("tlp:")] for one in loaded.attributes}
    assert labels["new.example"] == ["tlp:amber"] and labels["203.0.113.9"] == ["tlp:amber+strict"]
    assert not any(one.to_ids for one in everything), "nothing of a report raises alarms elsewhere"


@pytest.mark.parametrize(("tlp", "reach"), [("CLEAR", "3"), ("GREEN", "1"), ("AMBER", "0"), ("AMBER+STRICT", "0")])
def test_no_event_reaches_further_than_its_label(tlp: str, reach: str) -> None:
    made = event(labelled(Tlp(tlp)))
    assert made["distribution"] == reach
    assert {one["distribution"] for one in made["Attribute"]} == {reach}


def test_red_becomes_no_event() -> None:
    with pytest.raises(UsageError, match="TLP:RED"):
        event(labelled(Tlp.RED), Party(Audience.NAMED, "ada"))


def test_a_part_without_a_release_cannot_be_written() -> None:
    found = leaving(outgoing(PLAIN, CERT))
    with pytest.raises(ValueError, match="without a release"):
        Leaving(id=found.id, sequence=1, made=found.made, pap=found.pap, values=found.values, releases={})


def test_an_update_is_a_new_bundle_and_the_same_event() -> None:
    first, second = but(sequence=1), but(sequence=2)
    assert {one["id"] for one in bundle(first)["objects"]} != {one["id"] for one in bundle(second)["objects"]}
    assert event(first)["uuid"] == event(second)["uuid"]
