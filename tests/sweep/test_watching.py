"""Whom sensors watch, and what is said of words that do not go together."""

from __future__ import annotations

from tests.builders import DNS, MARCH, asset, dns_reading, sensor, span, t

from nachsorge.assets.inventory import Inventory
from nachsorge.assets.registry import Registry
from nachsorge.assets.sensors import Sensor
from nachsorge.model.evidence import Identity, Lease, Seen
from nachsorge.model.words import Reason, Telemetry
from nachsorge.sweep.attribute import attribute
from nachsorge.sweep.outcome import Outcome
from nachsorge.sweep.watching import ALWAYS, claim_of, claimed, renamed, strangers, unclear_watches, watches_of
from nachsorge.verdicts.coverage import Facts, Watch

SITE_B = Sensor(part="site-b", telemetry=(DNS,), networks=("10.2.0.0/16",))


def known(*assets, leases=(), sensors=(SITE_B,), identities=()):
    return Registry(Inventory(assets, (), sensors), leases, identities)


def declared(id, *addresses, **more):
    return asset(id, names=(id,), addresses=addresses, declared=True, **more)


def test_an_asset_is_watched_while_it_has_an_address_in_the_sensors_network():
    moves = [
        Lease(address="10.2.0.5", host="pc1", span=span("2023-03-01", "2023-03-02")),
        Lease(address="10.3.0.5", host="pc1", span=span("2023-03-05", "2023-03-06")),
    ]
    found = watches_of(known(declared("pc1"), declared("pc2", "10.2.0.9", "fe80::1"), leases=moves))
    assert [(w.asset, w.part, w.telemetry) for w in found] == [("pc1", "site-b", DNS), ("pc2", "site-b", DNS)]
    assert found[1] == Watch(asset="pc2", telemetry=DNS, part="site-b", spans=(ALWAYS,))
    assert [s.start for s in found[0].spans] == [t("2023-03-01")]


def test_without_declared_networks_nobody_is_watched_by_them():
    assert watches_of(known(declared("pc1", "10.2.0.5"), sensors=())) == ()


def test_a_sensors_log_that_is_given_to_one_machine_is_told_in_its_account_and_as_a_note():
    mine = Outcome(reading=dns_reading("dns.log", MARCH, asset="pc1"))
    others = [Outcome(reading=dns_reading("x.log", MARCH)), Outcome(reading=dns_reading("y.log", MARCH, host="pc1"))]
    (note,) = claimed([mine, *others])
    assert "pc1 was given the logs of a sensor: dns.log" in note
    found = attribute([mine, *others], [], known(declared("pc1")), {})
    assert [bool(source.reading.note) for source in found.sources] == [True, False, False]
    assert note in found.notes
    process = Seen(telemetry=Telemetry.PROCESS_CREATION, spans=(MARCH,), records=1)
    assert claim_of(dns_reading("z.log", asset="pc1", seen=(process,))) == ""


def test_watched_without_a_sensor_is_told_where_there_are_several():
    facts = Facts((sensor(DNS, "a", MARCH), sensor(DNS, "b", MARCH)))
    bare = known(declared("pc1", watched=("dns_query",)), sensors=())
    assert "names no sensor, and 2 gave their logs" in unclear_watches(bare, facts)[0]
    assert unclear_watches(bare, Facts(facts.observations[:1])) == []
    assert unclear_watches(bare, Facts(facts.observations, sensors=((DNS, "a"),))) == []


def test_an_event_log_with_two_names_is_told():
    two = tuple(Seen(telemetry=Telemetry.WINDOWS_EVENT, spans=(MARCH,), host=h, records=1) for h in ("WIN-1", "PC1"))
    (note,) = renamed([Outcome(reading=dns_reading("System.evtx", reader="evtx", seen=two))])
    assert "records of PC1 and WIN-1" in note
    assert renamed([Outcome(reading=dns_reading("ForwardedEvents.evtx", reader="evtx", seen=two))]) == []


def test_a_name_of_several_machines_leaves_the_declared_one_open_and_says_why():
    stated = [Identity(names=("PC1",), marks=(f"serial:{n}",), place=n) for n in "AB"]
    found = attribute([], [], known(declared("pc1"), identities=stated), {})
    (gap,) = found.facts.gaps
    assert (gap.reason, gap.asset) == (Reason.AMBIGUOUS, "pc1")
    assert any("one name of several" in note for note in found.notes)


def test_addresses_in_use_that_are_no_assets_are_told():
    used = tuple(Identity(marks=(f"address:10.2.0.{n}",)) for n in (5, 6))
    outcome = Outcome(reading=dns_reading("known_hosts.log", MARCH, identities=used))
    (note,) = strangers([outcome], known(declared("pc1", "10.2.0.5")))
    assert note.startswith("1 addresses were in use that are no asset's: 10.2.0.6;")
    assert strangers([outcome], known(declared("pc1", "10.2.0.5", "10.2.0.6"))) == []
    assert strangers([outcome], known()) == []  # without an inventory every address that matters gets its own row
