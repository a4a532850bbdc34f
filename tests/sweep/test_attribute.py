from __future__ import annotations

import pytest
from tests.builders import DNS, FILES, MARCH, asset, dns_reading, span, t

from nachsorge.assets.inventory import Inventory
from nachsorge.assets.registry import Registry
from nachsorge.matching.tests import CONTROL, Test
from nachsorge.model.assessment import Hit
from nachsorge.model.evidence import Gap, Lease, Presence, Seen
from nachsorge.model.pack import Exposure, Indicator, Trace
from nachsorge.model.words import IndicatorType, Platform, Reason, Telemetry, Weight
from nachsorge.sweep.attribute import attribute, is_untimely, needs_unattributed, weigh
from nachsorge.sweep.outcome import Outcome

PROOF = Trace(id="trace", stage="installed", weight=Weight.PROOF)
HINT = Trace(id="hint", stage="installed", weight=Weight.HINT)
DOMAIN = Indicator(type=IndicatorType.DOMAIN, value="evil.example", trace="trace")
MAC_VERSION = Exposure(id="app-mac", names=("App",), affected=("18.11.1213",), platform=Platform.MACOS)


def looked_for(origin=DOMAIN, trace=PROOF, **more):
    return Test(pack=more.pop("pack", "incident"), value="value", type="domain", trace=trace, origin=origin, **more)


def hit(test=0, telemetry=DNS, time="2023-03-15", **more):
    values = {"locator": "line 4", "host": None, "addresses": ("10.0.0.5",), "fields": {}, **more}
    return Hit(test=test, telemetry=telemetry, time=time and t(time), **values)


def worth(test, one=None, **of):
    weight, note = weigh(hit(**of), test, one or asset())
    return weight, bool(note)


@pytest.mark.parametrize(
    ("of_asset", "of_record", "expected"),
    [
        (Platform.MACOS, None, (Weight.PROOF, False)),
        (Platform.WINDOWS, None, (None, False)),
        (None, None, (Weight.HINT, True)),
        (None, Platform.MACOS, (Weight.PROOF, False)),
        (Platform.MACOS, Platform.WINDOWS, (None, False)),
    ],
)
def test_a_version_counts_only_on_its_own_platform(of_asset, of_record, expected):
    version = looked_for(MAC_VERSION, platform=Platform.MACOS)
    assert worth(version, asset(platform=of_asset), platform=of_record) == expected


def test_a_version_that_is_affected_everywhere_needs_no_platform():
    assert worth(looked_for(Exposure(id="app", names=("App",)))) == (Weight.PROOF, False)


def test_any_other_value_on_another_platform_is_still_a_hint():
    mac_only = looked_for(platform=Platform.MACOS)
    assert worth(mac_only, asset(platform=Platform.WINDOWS)) == (Weight.HINT, True)
    assert worth(mac_only) == worth(mac_only, asset(platform=Platform.MACOS)) == (Weight.PROOF, False)


@pytest.mark.parametrize(
    ("time", "weight"),
    [("2023-02-01", Weight.HINT), ("2023-03-15", Weight.PROOF), ("2023-05-01", Weight.HINT), (None, Weight.PROOF)],
)
def test_outside_its_validity_a_value_is_a_hint(time, weight):
    assert worth(looked_for(valid_from=MARCH.start, valid_until=MARCH.end), time=time)[0] is weight


def test_telemetry_that_the_trace_does_not_name_gives_a_hint():
    named = looked_for(trace=Trace(id="t", stage="installed", weight=Weight.PROOF, telemetry=(FILES,)))
    assert worth(named) == (Weight.HINT, True)
    assert worth(named, telemetry=FILES) == (Weight.PROOF, False)


@pytest.mark.parametrize(
    ("time", "trace", "telemetry", "untimely"),
    [
        ("2023-05-01", HINT, DNS, True),
        ("2023-03-15", HINT, DNS, False),
        (None, HINT, DNS, False),
        ("2023-05-01", PROOF, DNS, False),
    ],
)
def test_a_hint_is_one_only_in_its_stages_time_and_a_proof_at_any(time, trace, telemetry, untimely):
    test, of = looked_for(trace=trace), hit(time=time, telemetry=telemetry)
    assert is_untimely(of, test, {("incident", "installed"): MARCH}) is untimely
    assert not is_untimely(of, test, {})


def test_hints_that_were_passed_over_are_counted_and_told():
    outcome = Outcome(reading=dns_reading("dns.log"), hits=(hit(time="2023-05-01"), hit(time="2023-06-01")))
    known = Registry(Inventory())
    found = attribute([outcome], [looked_for(trace=HINT)], known, {("incident", "installed"): MARCH})
    assert found.sightings == ()
    assert [note[:37] for note in found.notes] == ["2 hints outside the time of their sta"]


def owned(*outcomes, tests=(), leases=(), addresses=("10.0.0.5",)):
    known = Registry(Inventory((asset("pc1", names=("pc1",), addresses=addresses, declared=True),)), leases)
    return attribute(outcomes, tests, known, {})


def test_hits_become_numbered_sightings_of_their_owner_and_controls_never_do():
    outcome = Outcome(reading=dns_reading("dns.log"), hits=(hit(0), hit(1), hit(2), hit(0, host="pc7")))
    mac = looked_for(MAC_VERSION, platform=Platform.MACOS)
    tests = [looked_for(), looked_for(pack=CONTROL), mac]
    found = owned(outcome, tests=tests).sightings
    assert [(s.id, s.asset, s.weight) for s in found] == [
        ("s1", "pc1", Weight.PROOF),
        ("s2", "pc1", Weight.HINT),
        ("s3", "pc7", Weight.PROOF),
    ]


def test_a_sensors_time_is_nobodys_until_an_address_appears():
    days = span("2023-03-05", "2023-03-06")
    seen = (
        Presence(address="10.0.0.5", telemetry=DNS, spans=(days,)),
        Presence(address="10.0.0.9", telemetry=DNS, spans=(days,)),
    )
    found = owned(Outcome(reading=dns_reading("site/dns.log", MARCH, presence=seen)))
    assert [(o.asset, o.sensor, o.spans) for o in found.facts.observations] == [(None, "site", (MARCH,))]
    assert [(a.asset, a.sensor, a.spans) for a in found.facts.appearances] == [("pc1", "site", (days,))]
    assert found.sources[0].assets == ("pc1",)


def test_presence_follows_an_address_that_moves():
    leases = [
        Lease(address="10.0.0.5", host="pc1", span=span("2023-03-01", "2023-03-09")),
        Lease(address="10.0.0.5", host="pc2", span=span("2023-03-10", "2023-03-31")),
    ]
    seen = (Presence(address="10.0.0.5", telemetry=DNS, spans=(MARCH,)),)
    found = owned(Outcome(reading=dns_reading("dns.log", MARCH, presence=seen)), leases=leases, addresses=())
    assert [(a.asset, a.spans) for a in found.facts.appearances] == [
        ("pc1", (span("2023-03-01", "2023-03-09"),)),
        ("pc2", (span("2023-03-10", "2023-03-31"),)),
    ]


def test_a_host_log_without_a_host_covers_nobody():
    seen = Seen(telemetry=Telemetry.PROCESS_CREATION, spans=(MARCH,))
    assert owned(Outcome(reading=dns_reading("x.log", MARCH, seen=(seen,)))).facts.observations == ()


def test_a_source_whose_control_fails_grants_no_coverage_but_keeps_its_sightings():
    seen = (Presence(address="10.0.0.5", telemetry=DNS, spans=(MARCH,)),)
    blind = Outcome(reading=dns_reading("dns.log", MARCH, presence=seen), hits=(hit(),), control=False)
    found = owned(blind, tests=[looked_for()])
    assert found.facts.observations == found.facts.appearances == ()
    assert [(gap.reason, gap.telemetry) for gap in found.facts.gaps] == [(Reason.CONTROL_FAILED, DNS)]
    assert len(found.sightings) == 1


def test_gaps_go_to_their_host_else_to_their_sensor():
    gaps = (Gap(reason=Reason.CORRUPT), Gap(reason=Reason.LOG_CLEARED, host="pc1", telemetry=FILES, span=MARCH))
    found = owned(Outcome(reading=dns_reading("site/dns.log", gaps=gaps))).facts.gaps
    assert [(gap.reason, gap.asset, gap.telemetry, gap.sensor) for gap in found] == [
        (Reason.CORRUPT, None, DNS, "site"),
        (Reason.LOG_CLEARED, "pc1", FILES, ""),
    ]


def test_evidence_without_an_owner_needs_a_row_where_nobody_is_declared():
    sensor, host = Outcome(reading=dns_reading("dns.log", MARCH)), Outcome(reading=dns_reading("x", MARCH, host="pc1"))
    assert needs_unattributed([sensor], declared=False)
    assert not needs_unattributed([sensor], declared=True)
    assert not needs_unattributed([host], declared=False)
