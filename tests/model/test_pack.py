from __future__ import annotations

import pytest
from tests.builders import pack, stage

from nachsorge.model.evidence import Reading, Seen
from nachsorge.model.pack import Indicator, Trace
from nachsorge.model.words import IndicatorType, Role, Telemetry, Verification, Weight


@pytest.mark.parametrize(
    ("changes", "drives"),
    [
        ({}, True),
        ({"role": Role.KNOWN_GOOD}, False),
        ({"verification": Verification.UNVERIFIED}, False),
        ({"role": Role.ABUSED_LEGITIMATE, "verification": Verification.DERIVED}, True),
    ],
)
def test_an_indicator_is_looked_for_when_its_role_matches_and_it_was_verified(changes, drives):
    assert Indicator(type=IndicatorType.DOMAIN, value="evil.example", trace="c2", **changes).drives is drives


def test_a_pack_finds_its_stages_and_traces_by_id():
    one, trace = stage("installed"), Trace(id="file", stage="installed", weight=Weight.PROOF)
    made = pack(one, traces=(trace,))
    assert made.stages_by_id == {"installed": one}
    assert made.traces_by_id == {"file": trace}


def test_the_indexes_of_a_pack_are_no_part_of_what_it_is():
    assert pack(stage("installed")) == pack(stage("installed"))


def test_a_reading_names_each_telemetry_once_sorted():
    seen = [Seen(telemetry=telemetry, spans=()) for telemetry in (Telemetry.TLS, Telemetry.DNS_QUERY, Telemetry.TLS)]
    assert Reading(path="x", seen=tuple(seen)).telemetry == (Telemetry.DNS_QUERY, Telemetry.TLS)
