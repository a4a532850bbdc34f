"""A hole in the records of an asset's own sensor is that sensor's silence, whatever the sensors of others recorded."""

import pytest

from nachsorge.model.assessment import Asset
from nachsorge.model.times import DAY, Span
from nachsorge.model.words import Reason, Telemetry
from nachsorge.verdicts.coverage import Appearance, Facts, Observation, cover

DNS = Telemetry.DNS_QUERY
WINDOW = Span(0, 30 * DAY)
HOLE = Span(10 * DAY + 1, 17 * DAY - 1)
HOLED = (Span(0, 10 * DAY), Span(17 * DAY, 30 * DAY))
HERE = Observation(telemetry=DNS, spans=HOLED, sensor="site-1/dns.log")
ELSEWHERE = Observation(telemetry=DNS, spans=(WINDOW,), sensor="site-10/dns.log")
SEEN = Appearance(asset="pc", sensor="site-1/dns.log", telemetry=DNS, spans=HOLED)


@pytest.mark.parametrize("others", [(), (ELSEWHERE,)])
@pytest.mark.parametrize("tie", ["declared", "seen"])
def test_the_silence_of_ones_own_sensor_is_called_so(others, tie):
    asset = Asset(id="pc", watched=("dns_query@site-1",) if tie == "declared" else ())
    facts = Facts((HERE, *others), (SEEN,) if tie == "seen" else ())
    (gap,) = cover(asset, DNS, facts, WINDOW).gaps
    assert (gap.span, gap.reason) == (HOLE, Reason.SILENCE)


def test_an_asset_of_no_sensor_was_not_seen_by_any():
    (gap,) = cover(Asset(id="pc"), DNS, Facts((HERE, ELSEWHERE)), WINDOW).gaps
    assert (gap.span, gap.reason) == (WINDOW, Reason.NOT_SEEN_BY_SENSOR)


def test_a_watched_word_for_other_telemetry_ties_to_nothing():
    asset = Asset(id="pc", watched=("proxy@site-1",))
    (gap,) = cover(asset, DNS, Facts((HERE, ELSEWHERE)), WINDOW).gaps
    assert gap.reason is Reason.NOT_SEEN_BY_SENSOR


def test_a_site_is_named_whole():
    asset = Asset(id="pc", watched=("dns_query@site-1",))
    assert cover(asset, DNS, Facts((ELSEWHERE,)), WINDOW).intervals == ()
    assert cover(asset, DNS, Facts((HERE,)), WINDOW).intervals == HOLED
