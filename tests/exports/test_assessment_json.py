from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from tests.reports.samples import NOTHING, SAMPLE, hostile, same_gap

from nachsorge import __version__
from nachsorge.exports.assessment_json import document, dumps
from nachsorge.exports.schema import assessment_schema, published

if TYPE_CHECKING:
    from nachsorge.model.assessment import Assessment

PUBLISHED = Path(__file__).parents[2] / "docs" / "reference" / "assessment.schema.json"
CONTRACT = {
    "packs": ["id", "version", "sha256", "tlp", "indicators", "rules"],
    "sources": [
        *("id", "path", "sha256", "reader", "asset", "telemetry", "first", "last", "records", "unreadable", "status"),
        "reason",
    ],
    "sightings": [
        *(
            "id",
            "pack",
            "indicator",
            "type",
            "stage",
            "weight",
            "asset",
            "source",
            "locator",
            "time",
            "fields",
            "author",
        )
    ],
    "coverage": ["asset", "telemetry", "intervals", "gaps"],
    "rules": ["id", "applicable", "matches"],
    "assets": ["id", "names", "addresses", "verdict", "stage", "cells"],
    "claims": [],
    "controls": [],
}
"""Design, section 8: the contract of `check`."""


def strict(schema: Any) -> Any:
    """Forbid keys that the schema does not name: for us a surprise is a fault, for consumers it is not."""
    match schema:
        case {"type": "object", "properties": _}:
            return {k: strict(v) for k, v in schema.items()} | {"additionalProperties": False}
        case dict():
            return {k: strict(v) for k, v in schema.items()}
        case list():
            return [strict(item) for item in schema]
        case _:
            return schema


@pytest.mark.parametrize(
    "assessment", [SAMPLE, NOTHING, same_gap(3), hostile("\ud800<\x00")], ids=["four", "none", "many", "evil"]
)
def test_the_document_meets_its_schema_and_has_no_other_keys(assessment: Assessment):
    validator = jsonschema.Draft202012Validator(strict(assessment_schema()))
    assert list(validator.iter_errors(json.loads(dumps(assessment)))) == []


def test_the_published_schema_is_the_generated_one():
    # To renew it after a wanted change, write `published()` to the file.
    assert PUBLISHED.read_bytes() == published()


@pytest.mark.parametrize("name", CONTRACT)
def test_the_keys_of_the_contract(name):
    entries = json.loads(dumps(SAMPLE))[name]
    assert entries
    for entry in entries:
        assert set(CONTRACT[name]) <= set(entry)


def test_the_head_names_schema_and_tool():
    head = json.loads(dumps(SAMPLE))
    assert (head["schema_version"], head["tool"], head["tool_version"]) == (
        "nachsorge.assessment/1",
        "nachsorge",
        __version__,
    )
    assert {"verdict", "exit", "assets", "sources", "sightings", "cells"} <= set(head["summary"])


def test_gaps_intervals_and_unmet_have_from_and_to():
    dns = document(SAMPLE)["coverage"][0]
    assert dns["intervals"][0] == {"from": "2023-03-01T00:00:00Z", "to": "2023-03-11T06:30:00Z"}
    assert dns["gaps"][0]["reason"] == "silence"
    unmet = json.loads(dumps(SAMPLE))["assets"][1]["cells"][3]["unmet"][0]
    assert (unmet["from"], unmet["to"]) == ("2023-03-03T00:00:00Z", "2023-04-20T23:59:59.999999Z")


def test_a_sensor_that_covers_several_assets_is_none_of_them():
    by_id = {source["id"]: source for source in document(SAMPLE)["sources"]}
    assert (by_id["s1"]["asset"], by_id["s1"]["assets"]) == (None, ["ws-anton", "ws-berta", "ws-cäsar"])
    assert (by_id["s2"]["asset"], by_id["s2"]["assets"]) == ("ws-berta", ["ws-berta"])
    assert (by_id["s5"]["asset"], by_id["s5"]["assets"]) == (None, [])


def test_times_are_utc_or_null():
    times = {sighting["id"]: sighting["time"] for sighting in document(SAMPLE)["sightings"]}
    assert times["g1"] == "2023-03-29T01:01:00.500000Z"
    assert times["g7"] is None


def test_what_refutes_is_not_to_be_mistaken_for_a_hit():
    refuting = [sighting["id"] for sighting in document(SAMPLE)["sightings"] if sighting["refutes"]]
    assert refuting == ["g9"]


def test_how_a_sighting_matched():
    match = {sighting["id"]: sighting["match"] for sighting in document(SAMPLE)["sightings"]}
    assert (match["g1"], match["g8"]) == ("field", "rule")
    text = replace(SAMPLE, sightings=(replace(SAMPLE.sightings[0], as_text=True),))
    assert document(text)["sightings"][0]["match"] == "text"


def test_the_same_assessment_gives_the_same_bytes_whatever_the_order_of_mappings():
    first = SAMPLE.sightings[0]
    turned = replace(first, fields=dict(reversed(list(first.fields.items()))))
    other = replace(SAMPLE, sightings=(turned, *SAMPLE.sightings[1:]))
    assert list(first.fields) != list(turned.fields)
    assert dumps(SAMPLE) == dumps(other)
    assert dumps(SAMPLE).endswith(b"}\n")


def test_names_that_are_no_text_are_written_all_the_same():
    assert b"\\\\udcff" in dumps(hostile("caf\udcff"))


def test_a_broken_clock_does_not_break_the_document():
    wild = replace(SAMPLE, sightings=(replace(SAMPLE.sightings[0], time=10**30),))
    assert document(wild)["sightings"][0]["time"] == "9999-12-31T23:59:59.999999Z"
