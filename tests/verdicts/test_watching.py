"""Declared sensors: what watches an asset is known before any log is read, so a log that is left out clears nothing."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from tests.builders import DNS, MARCH, asset, sensor, span
from tests.verdicts import worlds
from tests.verdicts.worlds import SENSORS, TELEMETRY, TICK

from nachsorge.model.times import Span, intersect
from nachsorge.model.words import SENSOR
from nachsorge.verdicts.coverage import Facts, Watch, cover

WHOLE = Span(0, 60 * TICK)
DECLARED = tuple((telemetry, name) for telemetry in TELEMETRY for name in SENSORS if telemetry in SENSOR)


@given(st.data())
def test_with_declared_sensors_no_evidence_that_is_left_out_enlarges_coverage(data):
    """Whole sensors may be missing, their appearances too: `watched` alone never covers more for it."""
    world = data.draw(worlds.worlds())
    known = replace(world.facts, sensors=DECLARED)
    less = data.draw(worlds.less(known, drop_sensors=True))
    gone = data.draw(st.sets(st.sampled_from(SENSORS)))
    less = replace(
        less,
        sensors=DECLARED,
        observations=tuple(o for o in less.observations if o.sensor not in gone),
        appearances=tuple(a for a in less.appearances if a.sensor not in gone),
    )
    one = replace(world.asset, watched=tuple(word for word in world.asset.watched if "@" not in word))
    for telemetry in TELEMETRY:
        then, now = (cover(one, telemetry, facts, WHOLE).intervals for facts in (known, less))
        assert intersect(now, then) == now


def test_without_declared_sensors_a_missing_log_is_not_missed():
    """The hole that declaring sensors closes."""
    one = asset(watched=("dns_query",))
    both = Facts((sensor(DNS, "a", MARCH), sensor(DNS, "b", span("2023-03-01", "2023-03-02"))))
    alone = Facts(both.observations[:1])
    assert cover(one, DNS, alone, MARCH).intervals == (MARCH,)
    for facts in (both, alone):
        told = replace(facts, sensors=((DNS, "a"), (DNS, "b")))
        assert MARCH not in cover(one, DNS, told, MARCH).intervals


def watch(*spans: Span, part: str = "site-b", of: str = "pc1") -> Watch:
    return Watch(asset=of, telemetry=DNS, part=part, spans=spans)


def test_a_watched_network_covers_while_the_asset_was_in_it_and_the_sensor_recorded():
    facts = Facts(
        (sensor(DNS, "logs/site-b", span("2023-03-05", "2023-03-31")), sensor(DNS, "logs/site-a", MARCH)),
        watches=(watch(span("2023-03-01", "2023-03-10")), watch(MARCH, of="pc2"), watch(MARCH, part="site-c")),
    )
    assert cover(asset(), DNS, facts, MARCH).intervals == (span("2023-03-05", "2023-03-10"),)


def test_a_part_that_names_two_sensors_is_as_weak_as_the_weaker():
    facts = Facts(
        (sensor(DNS, "site-b/one", MARCH), sensor(DNS, "site-b/two", span("2023-03-01", "2023-03-02"))),
        watches=(watch(MARCH),),
    )
    assert cover(asset(), DNS, facts, MARCH).intervals == (span("2023-03-01", "2023-03-02"),)


@given(st.data())
def test_a_watch_covers_nothing_outside_its_sensors_time(data):
    world = data.draw(worlds.worlds())
    spans = data.draw(st.lists(worlds.spans, min_size=1, max_size=3))
    facts = replace(world.facts, appearances=(), watches=(watch(*spans, part="site-a"),))
    facts = replace(facts, observations=tuple(o for o in facts.observations if o.asset is None))
    one = replace(world.asset, watched=())
    alone = replace(facts, observations=tuple(o for o in facts.observations if o.sensor == "site-a"))
    assert cover(one, DNS, facts, WHOLE).intervals == cover(one, DNS, alone, WHOLE).intervals
    for seen in cover(one, DNS, facts, WHOLE).intervals:
        assert any(span.start <= seen.end and seen.start <= span.end for span in spans)
