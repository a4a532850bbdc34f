"""Whose an address was: by card, by name, and by nobody's name."""

from __future__ import annotations

import pytest
from tests.builders import asset, span, t

from nachsorge.assets.inventory import Inventory
from nachsorge.assets.registry import Registry
from nachsorge.model.evidence import Lease

ONE, TWO = "00:11:22:33:44:01", "00:11:22:33:44:02"
MARCH = span("2023-03-01", "2023-03-31")


def declared(id, addresses=(), **marks):
    return asset(id, names=(id,), addresses=addresses, declared=True, attributes=marks)


def lease(address, host, mac="", start="2023-03-01", end="2023-03-05"):
    return Lease(address=address, host=host, mac=mac, span=span(start, end))


def owner(registry, address="10.0.0.5", time="2023-03-02"):
    return registry.by_address(address, t(time))


def test_a_lease_without_a_name_is_the_cards():
    found = Registry(Inventory((declared("pc1", mac=ONE),)), [lease("10.0.0.5", "", ONE)])
    assert owner(found) == "pc1"


def test_the_name_that_a_card_gave_once_holds_for_its_other_leases():
    found = Registry(
        Inventory(), [lease("10.0.0.5", "", ONE), lease("10.0.0.6", "pc1", ONE, "2023-03-10", "2023-03-11")]
    )
    assert owner(found) == "pc1"


def test_a_lease_of_nobody_known_ends_the_one_before_and_gets_no_row_by_itself():
    moved = [lease("10.0.0.5", "pc1", ONE, "2023-03-01", "2023-03-02"), lease("10.0.0.5", "", TWO, "2023-03-03")]
    found = Registry(Inventory((declared("pc1"),)), moved)
    assert [(who, s.end) for who, s in found.stretches("10.0.0.5", [MARCH])] == [("pc1", t("2023-03-03") - 1)]
    assert [one.id for one in found.assets] == ["pc1"]
    assert found.attribute(None, ("10.0.0.5",), t("2023-03-04")) == f"network card {TWO}"
    assert [one.id for one in found.assets] == ["pc1", f"network card {TWO}"]


def test_a_declared_card_parts_another_machine_of_the_same_name():
    found = Registry(Inventory((declared("pc1", mac=ONE),)), [lease("10.0.0.5", "PC1", TWO)])
    assert owner(found) == f"PC1 (network card {TWO})"
    assert found.conflicts[0].startswith("not its card: PC1 leased an address with network card")


def test_machines_that_nobody_declared_are_parted_by_their_cards():
    both = [lease("10.0.0.5", "iphone", ONE), lease("10.0.0.6", "iphone", TWO)]
    found = Registry(Inventory(), both)
    assert owner(found) != owner(found, "10.0.0.6")
    assert "taken as several machines" in found.conflicts[0]


def test_one_row_of_the_inventory_without_a_card_is_one_machine_with_two_and_that_is_told():
    found = Registry(Inventory((declared("pc1"),)), [lease("10.0.0.5", "pc1", ONE), lease("10.0.0.6", "pc1", TWO)])
    assert owner(found) == owner(found, "10.0.0.6") == "pc1"
    assert "taken as one machine" in found.conflicts[0]


def test_a_card_of_one_asset_under_the_name_of_another_is_neithers():
    found = Registry(Inventory((declared("pc1", card=ONE), declared("pc2"))), [lease("10.0.0.5", "pc2", ONE)])
    assert owner(found) == f"pc2 (network card {ONE})"
    assert found.conflicts[0].startswith("mark of another")


def test_a_lease_against_a_fixed_address_is_followed_and_told():
    found = Registry(Inventory((declared("pc9", ("10.0.0.5",)),)), [lease("10.0.0.5", "pc1")])
    assert (owner(found), owner(found, time="2023-05-01")) == ("pc1", "pc9")
    assert found.conflicts[0].startswith("one address of two: 10.0.0.5 is pc9's by the inventory")


def test_an_inventory_that_gives_an_address_to_two_at_once_is_told():
    leases = (lease("10.0.0.5", "pc1"), lease("10.0.0.5", "pc2", start="2023-03-04", end="2023-03-09"))
    found = Registry(Inventory((declared("pc1"), declared("pc2")), leases))
    assert found.conflicts == ("one address of two: the inventory gives 10.0.0.5 to pc1 and to pc2 at one time",)
    apart = (leases[0], lease("10.0.0.5", "pc2", start="2023-03-06", end="2023-03-09"))
    assert Registry(Inventory((declared("pc1"), declared("pc2")), apart)).conflicts == ()


@pytest.mark.parametrize("address", ["10.0.0.9", "10.0.0.5"])
def test_every_address_of_an_asset_has_its_time(address):
    found = Registry(
        Inventory((declared("pc9", ("10.0.0.9",)),)), [lease("10.0.0.5", "pc1"), lease("10.0.0.7", "", ONE)]
    )
    assert {a: who for who, a, _ in found.tenures()} == {"10.0.0.9": "pc9", "10.0.0.5": "pc1"}
    assert found.addresses == {"10.0.0.9", "10.0.0.5"}
    assert [span is None for _, a, span in found.tenures() if a == address] == [address == "10.0.0.9"]


def test_the_word_of_a_lease_counts_no_longer_than_the_lease_and_renewals_are_one_stay():
    renewed = [
        lease("10.0.0.5", "pc1", start="2023-03-01", end="2023-03-02"),
        lease("10.0.0.5", "pc1", start="2023-03-03", end="2023-03-03"),
        lease("10.0.0.5", "pc1", start="2023-03-10", end="2023-03-11"),
        lease("10.0.0.5", "pc2", start="2023-03-11T12:00", end="2023-03-12"),
    ]
    found = Registry(Inventory(), renewed)
    stays = [(who, when.start, when.end) for who, _, when in found.tenures()]
    assert stays == [
        ("pc1", t("2023-03-01"), span("2023-03-03", "2023-03-03").end),
        ("pc1", t("2023-03-10"), t("2023-03-11T12:00") - 1),
        ("pc2", t("2023-03-11T12:00"), span("2023-03-12", "2023-03-12").end),
    ]
