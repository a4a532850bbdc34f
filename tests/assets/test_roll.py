"""Who is who: two machines with one name stay two, and what contradicts itself is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import asset, span

from nachsorge.assets.inventory import Inventory
from nachsorge.assets.machines import MOST_COMPARED, claims
from nachsorge.assets.registry import Registry, registry_of
from nachsorge.model.evidence import Identity, Lease, Reading
from nachsorge.model.words import Platform

G1, G2 = "machine_guid:40443dd9-5b21-a345-8f89-aadde84c3719", "machine_guid:50443dd9-5b21-a345-8f89-aadde84c3719"
ONE, TWO = "00:11:22:33:44:01", "00:11:22:33:44:02"


def declared(id, *names, **marks):
    return asset(id, names=(id, *names), declared=True, attributes=marks)


def states(place, *marks, name="PC1", **more):
    return Identity(names=(name,) if name else (), marks=marks, place=place, **more)


def known(*assets, stated=(), leases=(), given=None):
    return Registry(Inventory(assets), leases, stated, given)


def ids(registry):
    return [one.id for one in registry.assets]


@pytest.mark.parametrize("order", [1, -1])
def test_two_collections_of_one_name_are_two_machines_where_their_marks_differ(order):
    stated = [states("a.zip", G1), states("b.zip", G2)][::order]
    found = known(stated=stated)
    first, second = found.host("PC1", path="a.zip!x/System.evtx"), found.host("pc1", path="b.zip!x/System.evtx")
    assert {first, second} == {f"PC1 (machine GUID {guid.partition(':')[2]})" for guid in (G1, G2)}
    assert found.host("PC1", path="dns.log") == "PC1"  # which of them, a bare name does not say
    assert len(ids(found)) == 3
    assert "one name of several" in found.conflicts[0]


def test_a_declared_asset_gets_the_collection_with_its_mark_and_no_other():
    found = known(declared("pc1", serial="A"), stated=[states("a", "serial:A"), states("b", "serial:B")])
    assert found.host("PC1", path="a/x.evtx") == "pc1"
    assert found.host("PC1", path="b/x.evtx") == "PC1 (serial number B)"
    assert found.host("pc1", path="central.log") == "pc1 (not known which)"
    assert "several machines" in found.doubts["pc1"]


def test_of_two_that_claim_a_declared_name_neither_is_believed():
    found = known(declared("pc1"), stated=[states("a", G1), states("b", G2)])
    assert "pc1" not in {found.host("PC1", path=path) for path in ("a/x", "b/x", "c/x")}
    assert found.doubts.keys() == {"pc1"}


def test_one_machine_that_contradicts_nothing_is_the_declared_one():
    found = known(declared("pc1"), stated=[states("a", G1, platform=Platform.WINDOWS), states("b", G1)])
    assert found.host("PC1", path="a/x") == found.host("pc1", path="c") == "pc1"
    assert found.asset("pc1").platform is Platform.WINDOWS
    assert (found.conflicts, found.doubts) == ((), {})


def test_one_machine_by_its_mark_has_two_names_and_that_is_told():
    found = known(declared("pc1", serial="A"), stated=[states("a", "serial:A", name="PC9")])
    assert found.host("PC9", path="a/x") == found.host("pc9") == "pc1"
    assert found.conflicts == ("another name: PC9 is pc1 by its serial number A",)


def test_copies_of_one_installation_are_never_joined_by_their_mark():
    copies = [states("a", G1, name="PC8"), states("b", G1, name="PC9")]
    assert known(stated=copies).host("PC8") == "PC8"
    found = known(declared("pc1", machine_guid=G1.partition(":")[2]), stated=copies)
    assert {found.host("PC8", path="a/x"), found.host("PC9", path="b/x")}.isdisjoint({"pc1"})
    assert "mark of another" in found.conflicts[0]


def test_the_mark_of_one_declared_asset_under_the_name_of_another_is_neithers():
    found = known(
        declared("pc1", serial="A"), declared("pc2", serial="B"), stated=[states("a", "serial:A", name="pc2")]
    )
    assert found.host("pc2", path="a/x") == "pc2 (serial number A)"


def test_a_hive_without_a_name_belongs_to_the_only_machine_beside_it():
    together = [states("a", G1, name=""), states("a"), states("b", G2)]
    found = known(stated=together)
    assert G1.partition(":")[2] in found.host("PC1", path="a/System.evtx")


def test_an_archive_of_one_collection_is_that_machines_as_well():
    found = known(stated=[states("c/a.zip!C", G1), states("c/b.zip!C", G2)])
    assert G1.partition(":")[2] in found.host("PC1", path="c/a.zip")
    assert found.host("PC1", path="c") == "PC1"  # both lie in it


def test_peoples_word_for_a_path_stands_against_marks_and_is_told():
    given = {"a.zip": "pc1", "b.zip": "pc1"}
    found = known(declared("pc1"), stated=[states("a.zip", G1), states("b.zip!C", G2, name="OLD")], given=given)
    assert found.host("PC1", path="a.zip!x") == found.host("OLD", path="b.zip!x") == "pc1"
    assert [note.partition(":")[0] for note in found.conflicts] == ["given by hand"] * 2


def test_full_names_of_two_sites_stay_two_and_the_netbios_name_is_no_ones():
    a = Identity(names=("WEB", "web.site-a.example"), marks=("serial:A",), place="a")
    b = Identity(names=("WEB", "web.site-b.example"), marks=("serial:B",), place="b")
    found = known(declared("web.site-a.example"), stated=[a, b])
    assert found.host("WEB", path="a/x") == "web.site-a.example"
    assert found.host("WEB", path="b/x") != "web.site-a.example"
    assert found.host("web.site-a.example", path="central") == "web.site-a.example"


def test_two_machines_of_one_name_in_one_file_cannot_be_told_apart():
    found = known(stated=[states("osquery.log", "serial:A"), states("osquery.log", "serial:B")])
    assert found.host("PC1", path="osquery.log") == "PC1"
    assert "one name of several" in found.conflicts[0]


def test_a_name_that_says_nothing_is_taken_apart_in_time_that_does_not_explode():
    many = [states(f"p{n}", f"serial:S{n}", name="localhost") for n in range(MOST_COMPARED + 50)]
    assert len(claims(many)["localhost"]) == len(many)


def test_conflicts_are_counted_beyond_the_first():
    found = known(stated=[states(f"{n}{side}", f"serial:{side}{n}", name=f"pc{n}") for n in range(20) for side in "ab"])
    assert found.conflicts[-1] == "one name of several: and 8 more"


@given(st.lists(st.sampled_from(range(8)), unique=True), st.randoms())
def test_the_order_of_statements_and_leases_decides_nothing(chosen, chance):
    pool = [
        states("a", G1),
        states("b", G2),
        states("c", "serial:A"),
        states("d", "serial:B", G1),
        states("e", name="pc1.corp.example"),
        states("f", f"card:{ONE}"),
        states("g", G1, name="PC2"),
        states("h", name="PC2"),
    ]
    leases = [
        Lease(address="10.0.0.5", host="pc1", span=span("2023-03-01", "2023-03-03"), mac=ONE),
        Lease(address="10.0.0.5", host="pc1", span=span("2023-03-02", "2023-03-05"), mac=TWO),
        Lease(address="10.0.0.6", host="", span=span("2023-03-02", "2023-03-05"), mac=TWO),
    ]
    readings = [
        Reading(path=pool[at].place, identities=(pool[at],), leases=tuple(leases[at : at + 1])) for at in chosen
    ]
    mixed = list(readings)
    chance.shuffle(mixed)
    inventory = Inventory((declared("pc1", serial="A"), declared("pc2")))
    one, two = registry_of(inventory, readings), registry_of(inventory, mixed)
    asked = [(name, path) for name in ("PC1", "pc2", "pc1.corp.example") for path in ("a", "b/x", "c", "d", "g", "z")]
    assert [one.host(name, path=path) for name, path in asked] == [two.host(name, path=path) for name, path in asked]
    assert (ids(one), set(one.conflicts), one.doubts) == (ids(two), set(two.conflicts), two.doubts)
    window = [span("2023-02-01", "2023-04-01")]
    assert one.stretches("10.0.0.5", window) == two.stretches("10.0.0.5", window)
