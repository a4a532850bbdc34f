"""Whose an address was by what machines say of themselves: believed, contested, or no more than a hint."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import asset, span, t

from nachsorge.assets.inventory import Inventory
from nachsorge.assets.own_words import HELD, Networks
from nachsorge.assets.registry import Registry, registry_of
from nachsorge.assets.sensors import Sensor
from nachsorge.model.evidence import Identity, Lease, Reading
from nachsorge.model.times import HOUR, MINUTE, SECOND, Span
from nachsorge.model.words import Telemetry

OFFICE = Sensor(part="office", telemetry=(Telemetry.DNS_QUERY,), networks=("10.20.0.0/16",))
NINE, ADDRESS = t("2023-03-29T09:00"), "10.20.0.17"
DAY = [span("2023-03-29", "2023-03-29")]


def word(host, first, last, address=ADDRESS):
    """State that a host says it had the address, from and to so many minutes after nine."""
    return Lease(address=address, host=host, span=Span(NINE + first * MINUTE, NINE + last * MINUTE), own=True)


def lease(host, first, last, address=ADDRESS):
    return Lease(address=address, host=host, span=Span(NINE + first * MINUTE, NINE + last * MINUTE))


def known(*leases, assets=(), sensors=(OFFICE,)):
    return Registry(Inventory(tuple(assets), (), sensors), leases)


def declared(id, *addresses):
    return asset(id, names=(id,), addresses=addresses, declared=True)


def held(registry, address=ADDRESS):
    return [(who, (s.start - NINE) // MINUTE, (s.end - NINE) // MINUTE) for who, s in registry.stretches(address, DAY)]


def after(registry, minutes, address=ADDRESS):
    return registry.by_address(address, NINE + minutes * MINUTE)


# --- which words are believed -----------------------------------------------------------------------------------------


def test_in_a_network_of_the_organisation_a_machines_word_is_a_lease_from_first_to_last_and_half_an_hour():
    found = known(word("pc1", 0, 20))
    assert held(found) == [("pc1", 0, 50)]
    assert (after(found, -1), after(found, 50), after(found, 51)) == (None, "pc1", None)
    assert found.addresses == {ADDRESS}
    assert found.conflicts == ()


@pytest.mark.parametrize(
    ("address", "believed"),
    [
        ("8.8.4.4", True),
        ("2a02:1234::17", True),
        ("10.20.0.17", True),
        # At home: nobody says that this network is the organisation's.
        ("10.77.0.17", False),
        ("100.64.3.4", False),
        ("fd12::17", False),
        # Every router for homes has it, whoever else does.
        ("192.168.1.20", False),
        ("10.0.2.15", False),
        ("172.17.0.2", False),
        ("no address", False),
    ],
)
def test_what_a_word_is_worth_depends_on_the_network(address, believed):
    everywhere = Sensor(part="all", telemetry=(), networks=("10.20.0.0/16", "192.168.0.0/16", "10.0.2.0/24"))
    networks = Networks((), everywhere.networks)
    assert networks.tell(address) is believed
    found = known(word("pc1", 0, 20, address), sensors=(everywhere,))
    assert (found.by_address(address, NINE) == "pc1") is believed
    assert (address in found.addresses) is believed


def test_an_address_of_the_inventory_or_of_a_dhcp_server_names_its_network():
    assert Networks([ADDRESS], ()).tell("10.20.0.200")
    assert not Networks([ADDRESS], ()).tell("10.20.1.200")
    assert Networks(["fd12::1"], ()).tell("fd12::17")
    assert after(known(word("pc1", 0, 20), lease("pc2", 0, 1, "10.20.0.99"), sensors=()), 5) == "pc1"
    assert after(known(word("pc1", 0, 20), assets=[declared("pc2", "10.20.0.99")], sensors=()), 5) == "pc1"
    # What machines say of themselves names no network of the organisation.
    assert after(known(word("pc1", 0, 20), word("pc2", 0, 20, "10.20.0.99"), sensors=()), 5) is None


def test_a_lease_in_a_machines_own_registry_names_no_network():
    """A laptop at home holds a lease of its router."""

    def after_lease(reader):
        other = Reading(path="x", reader=reader, leases=(lease("pc2", 0, 1, "10.77.0.99"),))
        own = Reading(path="y", reader="evtx", leases=(word("pc1", 0, 20, "10.77.0.17"),))
        return registry_of(Inventory(), [other, own]).by_address("10.77.0.17", NINE)

    assert after_lease("dhcp_windows") == "pc1"
    assert after_lease("registry_hives") is None


def test_words_within_an_hour_are_one_stay_whatever_file_they_come_from():
    found = known(word("pc1", 100, 100), word("pc1", 0, 40), word("pc1", 161, 170))
    assert held(found) == [("pc1", 0, 130), ("pc1", 161, 200)]


def test_an_address_that_moved_is_split_in_time():
    found = known(word("pc1", 0, 20), word("pc2", 30, 40))
    assert held(found) == [("pc1", 0, 29), ("pc2", 30, 70)]
    assert found.stretches(ADDRESS, DAY)[0][1].end == NINE + 30 * MINUTE - 1
    assert found.conflicts == ()


def test_a_machine_that_went_on_to_another_address_has_left_the_one_before():
    found = known(word("pc1", 0, 20), word("pc1", 25, 40, "10.20.0.18"))
    assert held(found) == [("pc1", 0, 24)]
    # One with two addresses at once has both.
    both = known(word("pc1", 0, 20), word("pc1", 10, 40, "10.20.0.18"))
    assert (held(both), held(both, "10.20.0.18")) == ([("pc1", 0, 50)], [("pc1", 10, 70)])


# --- what contradicts them --------------------------------------------------------------------------------------------


def test_two_who_say_that_they_have_it_at_once_have_it_not():
    found = known(word("pc1", 0, 20), word("pc2", 15, 40))
    assert held(found) == []
    assert after(found, 5) is None
    assert len(found.conflicts) == 2
    assert found.conflicts[0].startswith("one address of two: pc2 says that it had 10.20.0.17, and pc1 says")


def test_the_inventorys_address_is_nobodys_while_another_machine_says_that_it_has_it():
    found = known(word("pc1", 60, 90), assets=[declared("srv", ADDRESS)])
    midnight = (t("2023-03-29") - NINE) // MINUTE
    assert held(found)[0] == ("srv", midnight, 59)
    assert held(found)[1][:2] == ("srv", 120)
    assert (after(found, 59), after(found, 60), after(found, 121)) == ("srv", None, "srv")
    spans = [s for who, address, s in found.tenures() if address == ADDRESS]
    assert len(spans) == 2
    assert not any(s.start <= NINE + 70 * MINUTE <= s.end for s in spans)
    assert found.attribute(None, (ADDRESS,), NINE + 60 * MINUTE) == ADDRESS
    assert "by the inventory" in found.conflicts[0]


def test_the_inventory_and_a_machine_that_agree_leave_the_address_without_limit():
    found = known(word("srv", 60, 90), assets=[declared("srv", ADDRESS)])
    assert [s for _, _, s in found.tenures()] == [None]
    assert found.conflicts == ()


def test_a_lease_that_the_machine_confirms_holds_against_the_inventory_as_ever():
    found = known(lease("pc1", 0, 120), word("pc1", 10, 90), assets=[declared("srv", ADDRESS)])
    assert after(found, 30) == "pc1"
    assert [c for c in found.conflicts if "left open" in c] == []


def test_within_a_lease_of_another_an_address_is_nobodys():
    found = known(lease("pc1", 0, 120), word("pc2", 60, 90))
    assert held(found)[0] == ("pc1", 0, 59)
    assert (after(found, 70), after(found, 119), after(found, 121)) == (None, None, "pc1")
    assert "was leased to pc1, and pc2 says" in found.conflicts[0]


def test_after_a_lease_the_next_ones_word_ends_the_grace():
    found = known(lease("pc1", 0, 10), word("pc2", 60, 90))
    assert held(found) == [("pc1", 0, 59), ("pc2", 60, 120)]
    assert found.conflicts == ()


def test_no_grace_after_a_lease_in_the_midst_of_which_another_had_the_address():
    found = known(lease("pc1", 0, 60), word("pc2", 50, 90))
    assert held(found) == [("pc1", 0, 49)]
    assert after(found, 300) is None


# --- hints ------------------------------------------------------------------------------------------------------------

HOME = "192.168.1.20"


def test_a_laptop_at_home_takes_nothing_from_the_office_and_is_not_cleared():
    found = known(word("laptop", 0, 20, HOME))
    assert found.stretches(HOME, DAY) == []
    assert found.attribute(None, (HOME, "8.8.8.8"), NINE + 5 * MINUTE) == HOME
    note = "what 192.168.1.20 did may be laptop's, which says that it had this address then"
    at = NINE + 5 * MINUTE
    assert list(found.maybes()) == [("laptop", note, Span(at, at))]
    assert found.conflicts == (f"own word alone: {note}",)


def test_what_is_far_from_any_word_is_nobodys_hint():
    found = known(word("laptop", 0, 20, HOME))
    found.attribute(None, (HOME,), NINE + 20 * MINUTE + HELD + SECOND)
    found.attribute(None, (HOME,), None)
    assert list(found.maybes()) == []


def test_where_the_inventory_knows_whose_it_is_a_laptop_at_home_changes_nothing_but_is_told():
    found = known(word("laptop", 0, 20, HOME), assets=[declared("printer", HOME)])
    assert found.attribute(None, (HOME,), NINE) == "printer"
    assert [s for _, _, s in found.tenures()] == [None]
    assert list(found.maybes()) == []
    assert found.conflicts == (
        "own word alone: laptop says that it had 192.168.1.20 while it was printer's: taken as of another network",
    )


def test_the_borders_of_a_word_are_borders_whether_or_not_it_is_believed():
    found = known(word("pc1", 0, 20), word("laptop", 0, 20, HOME))
    assert {NINE, NINE + 50 * MINUTE} <= set(found.borders([ADDRESS]))
    assert {NINE, NINE + 50 * MINUTE} <= set(found.borders([HOME]))


# --- what machines keep of their addresses ----------------------------------------------------------------------------

KEPT = pytest.mark.parametrize("reader", ["registry_hives", "osquery_results", "fleet_export"])


def keeping(reader, *leases, assets=(), sensors=(OFFICE,)):
    """State what machines' registries or agents say; each of its own source."""
    readings = [Reading(path=f"{lease.host}/kept", reader=reader, leases=(lease,)) for lease in leases]
    return registry_of(Inventory(tuple(assets), (), sensors), readings)


@KEPT
@pytest.mark.parametrize("address", [HOME, "172.17.0.2", "10.44.3.17"])
def test_what_a_machine_keeps_may_be_its_routers_where_the_network_is_not_the_organisations(reader, address):
    found = keeping(reader, lease("laptop", 0, 60, address))
    assert found.attribute(None, (address,), NINE + 5 * MINUTE) == address
    note = f"what {address} did may be laptop's, which says that it had this address then"
    at = NINE + 5 * MINUTE
    assert list(found.maybes()) == [("laptop", note, Span(at, at))]
    assert found.conflicts == (f"own word alone: {note}",)


@KEPT
def test_what_a_machine_keeps_counts_in_a_network_of_the_organisation_for_its_time_and_half_an_hour(reader):
    found = keeping(reader, lease("pc1", 0, 60))
    assert held(found) == [("pc1", 0, 90)]
    assert (found.attribute(None, (ADDRESS,), NINE + 5 * MINUTE), found.conflicts) == ("pc1", ())


@KEPT
@pytest.mark.parametrize(("address", "counts"), [("10.44.3.17", True), (HOME, False), ("172.17.0.2", False)])
def test_where_nobody_names_a_network_what_machines_keep_is_all_there_is(reader, address, counts):
    found = keeping(reader, lease("pc1", 0, 60, address), sensors=())
    assert (found.attribute(None, (address,), NINE + 5 * MINUTE) == "pc1") is counts
    # What it did is no more than a hint there, as ever.
    assert after(known(word("pc1", 0, 60, address), sensors=()), 5, address) is None


@KEPT
@pytest.mark.parametrize("sensors", [(), (OFFICE,)])
def test_two_that_keep_one_address_at_one_time_have_it_not(reader, sensors):
    found = keeping(reader, lease("pc1", 0, 60), lease("laptop", 30, 90), sensors=sensors)
    assert held(found) == []
    assert {owner for owner, _, _ in found.maybes()} == {"laptop", "pc1"}
    assert [text.partition(":")[0] for text in found.conflicts] == ["one address of two"] * 2


@KEPT
@pytest.mark.parametrize(("address", "whose"), [(ADDRESS, None), (HOME, "printer")])
def test_what_a_laptop_keeps_takes_no_address_of_the_inventory(reader, address, whose):
    found = keeping(reader, lease("laptop", 0, 60, address), assets=[declared("printer", address)])
    assert found.by_address(address, NINE + 5 * MINUTE) == whose
    assert found.by_address(address, NINE + 120 * MINUTE) == "printer"
    found.attribute(None, (address,), NINE + 5 * MINUTE)
    assert "laptop" in found.conflicts[0]


@KEPT
def test_what_a_laptop_keeps_takes_no_lease_of_a_server(reader):
    given = Reading(path="dhcpd.leases", reader="dhcp_leases", leases=(lease("printer", 0, 60),))
    kept = Reading(path="laptop/SYSTEM", reader=reader, leases=(lease("laptop", 30, 60),))
    found = registry_of(Inventory(), [given, kept])
    assert (after(found, 5), after(found, 35)) == ("printer", None)
    assert ADDRESS in found.conflicts[0]


def test_what_a_machine_did_and_what_it_keeps_are_one_stay():
    did = Reading(path="pc1/Security.evtx", reader="evtx", leases=(word("pc1", 50, 120),))
    kept = Reading(path="pc1/SYSTEM", reader="registry_hives", leases=(lease("pc1", 0, 60),))
    assert held(registry_of(Inventory((), (), (OFFICE,)), [did, kept])) == [("pc1", 0, 150)]


def test_a_server_that_leases_such_an_address_is_believed():
    given = Reading(path="dhcpd.leases", reader="dhcp_leases", leases=(lease("printer", 0, 60, HOME),))
    kept = Reading(path="laptop/SYSTEM", reader="registry_hives", leases=(lease("laptop", 0, 60, HOME),))
    found = registry_of(Inventory((), (), (OFFICE,)), [given, kept])
    assert found.attribute(None, (HOME,), NINE + 5 * MINUTE) == "printer"


# --- whose word it is -------------------------------------------------------------------------------------------------


def test_the_word_of_one_of_two_of_a_name_is_that_of_its_collection_or_of_none():
    def reading(place, guid, at):
        stated = Identity(names=("pc1",), marks=(f"machine_guid:{guid * 32}",), place=place)
        return Reading(path=f"{place}/x.evtx", identities=(stated,), leases=(word("pc1", at, at + 10),))

    inventory = Inventory((), (), (OFFICE,))
    both = registry_of(inventory, [reading("a", "a", 0), reading("b", "b", 60)])
    first, second = after(both, 5), after(both, 65)
    assert first is not None
    assert second is not None
    assert first != second
    stray = Reading(path="c/y.evtx", leases=(word("pc1", 120, 130),))
    assert after(registry_of(inventory, [reading("a", "a", 0), reading("b", "b", 60), stray]), 125) is None


MADE = st.builds(
    lambda host, first, length, own: (word if own else lease)(host, first, first + length),
    st.sampled_from(("pc1", "pc2", "pc3")),
    st.integers(0, 600),
    st.integers(0, 200),
    st.booleans(),
)


@given(st.lists(MADE, max_size=8), st.randoms(use_true_random=False))
def test_the_order_decides_nothing_and_no_moment_is_two_machines(leases, chance):
    one = known(*leases)
    shuffled = list(leases)
    chance.shuffle(shuffled)
    assert held(known(*shuffled)) == held(one)
    owned: dict[str, list[Span]] = {}
    for who, when in one.stretches(ADDRESS, DAY):
        for other, others in owned.items():
            assert other == who or not any(when.overlaps(each) for each in others)
        owned.setdefault(who, []).append(when)


@given(st.lists(MADE, max_size=8))
def test_a_word_gives_nobody_time_that_somebody_elses_contradicts(leases):
    """What is given to a machine that has no lease lies in its own words, and in nobody else's."""
    found = known(*leases)
    own = [one for one in leases if one.own]
    for who, when in found.stretches(ADDRESS, DAY):
        for other in own:
            assert other.host == who or not when.overlaps(other.span)
        near = [o for o in leases if o.host == who]
        assert any(o.span.start - HOUR <= when.start and when.end <= o.span.end + 24 * HOUR for o in near)
