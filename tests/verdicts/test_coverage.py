from __future__ import annotations

import pytest
from tests.builders import DNS, FILES, MARCH, PROCESS, asset, own, sensor, span

from nachsorge.model.times import DAY, HOUR, Span
from nachsorge.model.words import Reason
from nachsorge.verdicts.coverage import HOST_SILENCE, SENSOR_SILENCE, Appearance, Facts, KnownGap, cover


def appears(name, *spans, of="pc1"):
    return Appearance(asset=of, sensor=name, telemetry=DNS, spans=spans)


def reasons(found):
    return [gap.reason for gap in found.gaps]


def test_a_host_may_be_off_at_night_but_not_for_days():
    night, days = (own(PROCESS, Span(0, 0), Span(off, off)) for off in (HOST_SILENCE, HOST_SILENCE + 2))
    assert cover(asset(), PROCESS, Facts((night,)), None).intervals == (Span(0, HOST_SILENCE),)
    assert len(cover(asset(), PROCESS, Facts((days,)), None).intervals) == 2


def test_a_sensor_that_is_silent_for_long_recorded_nothing():
    watched = asset(watched=("dns_query",))
    short, long = (sensor(DNS, "a", Span(0, 0), Span(off, off)) for off in (SENSOR_SILENCE, SENSOR_SILENCE + 2))
    assert len(cover(watched, DNS, Facts((short,)), None).intervals) == 1
    assert len(cover(watched, DNS, Facts((long,)), None).intervals) == 2


def test_states_are_never_joined():
    pictures = own(FILES, Span(0, 0), Span(HOUR, HOUR))
    assert cover(asset(), FILES, Facts((pictures,)), None).intervals == (Span(0, 0), Span(HOUR, HOUR))


def test_another_hosts_log_covers_nothing_here():
    assert cover(asset(), DNS, Facts((own(DNS, MARCH, asset="pc2"),)), MARCH).intervals == ()


def test_a_reported_gap_is_taken_out_of_the_bridged_time():
    lost = span("2023-03-10", "2023-03-11")
    found = cover(asset(), DNS, Facts((own(DNS, MARCH),), gaps=(KnownGap(reason=Reason.CORRUPT, span=lost),)), MARCH)
    assert [(gap.span, gap.reason) for gap in found.gaps] == [(lost, Reason.CORRUPT)]


@pytest.mark.parametrize(("of", "left"), [("a", 2), ("b", 1)])
def test_a_sensors_gap_is_that_sensors_alone(of, left):
    lost = KnownGap(reason=Reason.CORRUPT, span=span("2023-03-10", "2023-03-11"), sensor=of)
    facts = Facts((sensor(DNS, "a", MARCH),), gaps=(lost,))
    assert len(cover(asset(watched=("dns_query",)), DNS, facts, MARCH).intervals) == left


def test_where_the_asset_appears_its_sensor_counts_and_nowhere_else():
    facts = Facts(
        (sensor(DNS, "a", MARCH), sensor(DNS, "b", MARCH)),
        (appears("a", span("2023-03-05", "2023-03-07")), appears("c", MARCH), appears("b", MARCH, of="pc2")),
    )
    found = cover(asset(), DNS, facts, MARCH)
    assert found.intervals == (span("2023-03-05", "2023-03-07"),)
    assert reasons(found) == [Reason.NOT_SEEN_BY_SENSOR] * 2


def test_declared_without_a_sensor_only_the_time_of_all_that_it_could_be_behind_counts():
    a, b = sensor(DNS, "a", span("2023-03-01", "2023-03-20")), sensor(DNS, "b", span("2023-03-10", "2023-03-31"))
    watched = asset(watched=("dns_query", "proxy"))
    assert cover(watched, DNS, Facts((a, b)), MARCH).intervals == (span("2023-03-10", "2023-03-20"),)
    at_a = appears("a", Span(MARCH.start, MARCH.start))
    assert cover(watched, DNS, Facts((a, b), (at_a,)), MARCH).intervals == (span("2023-03-01", "2023-03-20"),)
    assert cover(watched, DNS, Facts(), MARCH).intervals == ()


def test_a_declaration_that_fits_several_sensors_is_as_weak_as_the_weakest_of_them():
    a, b = sensor(DNS, "site-b/one.log", MARCH), sensor(DNS, "site-b/two.log", span("2023-03-01", "2023-03-02"))
    facts = Facts((a, b, sensor(DNS, "site-a/one.log")))
    assert cover(asset(watched=("dns_query@site-b",)), DNS, facts, MARCH).intervals == (
        span("2023-03-01", "2023-03-02"),
    )
    assert cover(asset(watched=("dns_query@one.log",)), DNS, facts, MARCH).intervals == ()
    assert cover(asset(watched=("dns_query@elsewhere",)), DNS, facts, MARCH).intervals == ()


def test_a_declaration_for_something_no_sensor_sees_counts_nothing():
    facts = Facts((sensor(PROCESS, "a", MARCH),))
    assert cover(asset(watched=("process_creation",)), PROCESS, facts, MARCH).intervals == ()


def test_why_time_is_not_covered():
    log = own(DNS, span("2023-03-05", "2023-03-06"), span("2023-03-20", "2023-03-21"))
    assert reasons(cover(asset(), DNS, Facts(), MARCH)) == [Reason.NOT_PROVIDED]
    assert reasons(cover(asset(), DNS, Facts((log,)), MARCH)) == [
        Reason.OUTSIDE_SPAN,
        Reason.SILENCE,
        Reason.OUTSIDE_SPAN,
    ]
    whole = KnownGap(reason=Reason.CONTROL_FAILED, note="not seen", asset="pc1", telemetry=DNS)
    (gap,) = cover(asset(), DNS, Facts(gaps=(whole,)), MARCH).gaps
    assert (gap.reason, gap.note) == (Reason.CONTROL_FAILED, "not seen")


def test_a_gap_concerns_only_its_asset_and_telemetry():
    gap = KnownGap(reason=Reason.LIMIT, asset="pc1", telemetry=DNS)
    assert gap.concerns("pc1", DNS)
    assert not gap.concerns("pc2", DNS)
    assert not gap.concerns("pc1", FILES)
    assert KnownGap(reason=Reason.LIMIT).concerns("pc2", FILES)


def test_two_gaps_over_one_time_are_told_once():
    gaps = tuple(KnownGap(reason=r, span=span("2023-03-01", "2023-03-10")) for r in (Reason.TRUNCATED, Reason.CORRUPT))
    found = cover(asset(), DNS, Facts((own(DNS, Span(MARCH.start + 10 * DAY, MARCH.end)),), gaps=gaps), MARCH)
    assert reasons(found) == [Reason.CORRUPT]


def test_while_it_is_unclear_whose_an_address_was_sensors_cover_nothing_and_the_machines_own_log_does():
    doubt = KnownGap(reason=Reason.AMBIGUOUS, note="one address of two", asset="pc1", span=Span(HOUR, 2 * HOUR))
    seen = sensor(DNS, "a", Span(0, 3 * HOUR))
    from_outside = cover(asset(), DNS, Facts((seen,), (appears("a", Span(0, 3 * HOUR)),), (doubt,)), Span(0, 3 * HOUR))
    assert from_outside.intervals == (Span(0, HOUR - 1), Span(2 * HOUR + 1, 3 * HOUR))
    assert reasons(from_outside) == [Reason.AMBIGUOUS]
    itself = cover(asset(), DNS, Facts((own(DNS, Span(0, 3 * HOUR)),), (), (doubt,)), Span(0, 3 * HOUR))
    assert itself.intervals == (Span(0, 3 * HOUR),)
