from __future__ import annotations

import pytest
from tests.builders import asset, span, t

from nachsorge.assets.inventory import Inventory
from nachsorge.assets.registry import LEASE_GRACE, UNATTRIBUTED, Registry
from nachsorge.model.evidence import Lease
from nachsorge.model.times import Span
from nachsorge.model.words import Platform


def registry(*assets, leases=()):
    return Registry(Inventory(assets), leases)


def named(*names, **more):
    return asset(names[0], names=names, declared=True, **more)


def ids(known):
    return [one.id for one in known.assets]


@pytest.mark.parametrize("declared", ["pc1", "pc1.corp.example"])
@pytest.mark.parametrize("seen", ["pc1", "PC1", "pc1.corp.example.", " Pc1.Corp.Example "])
def test_a_short_name_and_its_full_one_are_one_machine(declared, seen):
    assert registry(named(declared)).host(seen) == declared


def test_two_machines_with_one_short_name_stay_two():
    known = registry(named("web.site-a.example"), named("web.site-b.example"))
    assert known.host("web.site-b.example") == "web.site-b.example"
    assert known.host("web") == "web"  # nobody can say which: a row of its own
    assert ids(known) == ["web.site-a.example", "web.site-b.example", "web"]


def test_a_full_name_never_meets_another_full_one():
    known = registry(named("web.site-a.example"))
    assert known.host("web.site-b.example") == "web.site-b.example"
    aliased = registry(named("web", "web.site-a.example"))
    assert aliased.host("web.site-b.example") == "web.site-b.example"


def test_an_address_is_no_name_with_a_first_label():
    known = registry(named("10.0.0.5"))
    assert known.host("10.0.0.6") == "10.0.0.6"
    assert known.host("10") == "10"


def test_a_host_that_a_log_names_by_its_address_is_the_asset_of_that_address():
    assert registry(named("pc1", addresses=("10.0.0.5",))).host("10.0.0.5") == "pc1"


def test_evidence_may_tell_the_platform_but_not_change_it():
    known = registry(named("pc1"), named("pc2", platform=Platform.MACOS))
    known.host("pc1", Platform.WINDOWS)
    known.host("pc2", Platform.WINDOWS)
    assert [one.platform for one in known.assets] == [Platform.WINDOWS, Platform.MACOS]


def test_what_nobody_declared_gets_a_row_behind_the_declared_ones_by_name():
    known = registry(named("pc9"), named("pc1"))
    known.host("zeta")
    known.host("alpha")
    assert ids(known) == ["pc9", "pc1", "alpha", "zeta"]


MOVES = (
    Lease(address="10.0.0.5", host="pc1", span=span("2023-03-01", "2023-03-02")),
    Lease(address="10.0.0.5", host="pc2", span=Span(t("2023-03-03"), t("2023-03-04"))),
)


@pytest.mark.parametrize("leases", [MOVES, MOVES[::-1]])
@pytest.mark.parametrize(
    ("time", "owner"),
    [
        ("2023-02-28", None),
        ("2023-03-01", "pc1"),
        ("2023-03-02T23:59:59", "pc1"),
        ("2023-03-03", "pc2"),
        ("2023-03-04T12:00", "pc2"),
        ("2023-03-05T00:00:01", None),
    ],
)
def test_an_address_moves_between_machines_at_the_next_lease(leases, time, owner):
    assert registry(leases=leases).by_address("10.0.0.5", t(time)) == owner


def test_a_lease_outlives_its_end_for_a_while_but_never_into_anothers():
    (first, *_), known = MOVES, registry(leases=MOVES[:1])
    assert first.span is not None
    assert known.by_address("10.0.0.5", first.span.end + LEASE_GRACE) == "pc1"
    assert known.by_address("10.0.0.5", first.span.end + LEASE_GRACE + 1) is None
    assert known.by_address("10.0.0.5", None) is None


def test_renewals_of_one_owner_do_not_cut_each_other():
    renewed = (*MOVES[:1], Lease(address="10.0.0.5", host="pc1", span=span("2023-03-02", "2023-03-04")))
    assert registry(leases=renewed).by_address("10.0.0.5", t("2023-03-02T12:00")) == "pc1"


def test_two_leases_from_one_moment_on_have_one_owner():
    both = [Lease(address="10.0.0.5", host=name, span=span("2023-03-01", "2023-03-02")) for name in ("pc1", "pc2")]
    for leases in (both, both[::-1]):
        assert registry(leases=leases).by_address("10.0.0.5", t("2023-03-01")) == "pc2"


def test_a_fixed_address_holds_where_no_lease_does_and_a_lease_without_time_says_nothing():
    known = registry(named("pc9", addresses=("10.0.0.5",)), leases=[*MOVES, Lease(address="10.0.0.6", host="pc3")])
    assert known.by_address("10.0.0.5", t("2024-01-01")) == "pc9"
    assert known.by_address("10.0.0.6", t("2023-03-01")) is None
    assert known.addresses == {"10.0.0.5"}


def test_presence_is_split_among_those_who_had_the_address_then():
    known = registry(named("pc9", addresses=("10.0.0.9",)), leases=MOVES)
    whole = span("2023-02-20", "2023-03-20")
    assert known.stretches("10.0.0.5", [whole]) == [
        ("pc1", Span(t("2023-03-01"), t("2023-03-03") - 1)),
        ("pc2", Span(t("2023-03-03"), t("2023-03-05"))),
    ]
    assert known.stretches("10.0.0.9", [whole]) == [("pc9", whole)]
    assert known.stretches("10.0.0.10", [whole]) == []


@pytest.mark.parametrize(
    ("host", "addresses", "owner"),
    [
        ("pc7", ("10.0.0.5",), "pc7"),
        (None, ("8.8.8.8", "10.0.0.5"), "pc1"),
        (None, ("8.8.8.8", "10.0.0.77"), "10.0.0.77"),
        (None, ("8.8.8.8",), "8.8.8.8"),
        (None, ("not an address", "10.0.0.77"), "10.0.0.77"),
        (None, (), UNATTRIBUTED),
    ],
)
def test_whose_record_it_is(host, addresses, owner):
    known = registry(named("pc1", addresses=("10.0.0.5",)))
    assert known.attribute(host, addresses, t("2023-03-01")) == owner
    assert known.asset(owner).id == owner
    assert owner in ids(known)


def test_the_row_for_nobodys_evidence_is_made_once():
    known = registry()
    assert known.unattributed() == known.unattributed() == UNATTRIBUTED
    assert ids(known) == [UNATTRIBUTED]
