from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.cert.picture.made import told

from nachsorge.cert.picture.rules import Circle, RuleError, Rules, least
from nachsorge.cert.picture.system import key
from nachsorge.cert.picture.tables import AFFECTED, ASSETS, count, release_tables, sensitive
from nachsorge.cert.picture.told import Basis, Outcome, Told, for_circle, units
from nachsorge.model.words import Rung

SECTORS = ("energy", "health", "none", "unknown")


def one(group="g", outcome=Outcome.AFFECTED, *, assets=1, **changes):
    plain = Told(
        group=group,
        sector="energy",
        region="AT-9",
        basis=Basis.REPORTED,
        received=date(2023, 4, 13),
        assets={outcome: assets},
        rung=Rung.EXPOSED if outcome is Outcome.AFFECTED else None,
    )
    return replace(plain, **changes)


def counted(found, sectors=SECTORS):
    made = units(found)
    return count(made, release_tables(made, sectors))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 60))
def test_every_sum_holds(seed, number):
    from nachsorge.cert.registry.places import SECTORS as ALL

    found = counted(told(seed, number), tuple(word for word, _ in ALL))
    for each in found.sums:
        assert found.cells[each.total].number == sum(found.cells[part].number for part in each.parts)
    for limit in found.limits:
        assert found.cells[limit.smaller].number <= found.cells[limit.larger].number


def test_one_provider_with_forty_customers_is_one():
    found = counted([one("provider", region=f"AT-{n % 9 + 1}") for n in range(40)])
    assert found.cells[key()].number == 1
    assert found.cells[key(("region", "several"), AFFECTED)].number == 1
    assert found.cells[key(AFFECTED, within=(ASSETS,))].number == 40


def test_the_worst_part_of_a_group_decides_and_has_to_be_verified_itself():
    [unit] = units(
        [
            one("g", Outcome.RULED_OUT, basis=Basis.VERIFIED),
            one("g", rung=Rung.CONTACTED, basis=Basis.REPORTED),
            one("g", rung=Rung.EXPOSED, basis=Basis.VERIFIED),
        ]
    )
    assert (unit.outcome, unit.rung, unit.basis) == (Outcome.AFFECTED, Rung.CONTACTED, Basis.REPORTED)


def test_without_any_asset_nothing_was_looked_at():
    assert one(outcome=Outcome.RULED_OUT, assets=0).outcome is Outcome.NOT_LOOKED


def test_fewer_than_the_minimum_is_sensitive_and_nought_too():
    here = [one(f"g{n}") for n in range(4)] + [one(f"h{n}", Outcome.RULED_OUT) for n in range(2)]
    found = counted([*here, one("i", region="AT-1")])
    hidden = sensitive(found, least(Circle.CLOSED))
    assert key(("region", "AT-9"), ("outcome", "ruled-out")) in hidden
    assert key(("region", "AT-9"), ("outcome", "suspected")) in hidden
    assert key(("region", "AT-9"), AFFECTED) not in hidden


def test_all_of_a_row_tells_of_everyone_in_it():
    found = counted([one(f"g{n}", sector="health") for n in range(12)])
    assert key(("sector", "health"), AFFECTED) in sensitive(found, least(Circle.PUBLIC))


def test_one_group_that_dominates_the_assets_hides_them():
    small = [one(f"g{n}", assets=1) for n in range(20)] + [one(f"h{n}", Outcome.RULED_OUT) for n in range(20)]
    small += [one(f"v{n}", basis=Basis.VERIFIED) for n in range(15)]
    assets = key(AFFECTED, ("basis", "reported"), within=(ASSETS,))
    rules = least(Circle.PUBLIC)
    assert assets not in sensitive(counted([*small, one("i", assets=20)]), rules)
    assert assets in sensitive(counted([*small, one("i", assets=21)]), rules)


def test_only_what_may_be_counted_for_these_readers_is():
    found = [one("a", circles=frozenset({Circle.CLOSED})), one("b", circles=frozenset(Circle)), one("c")]
    assert [each.group for each in for_circle(found, Circle.CLOSED)] == ["a", "b"]
    assert [each.group for each in for_circle(found, Circle.PUBLIC)] == ["b"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"circle": Circle.CLOSED, "minimum": 2},
        {"circle": Circle.COMMUNITY, "minimum": 5, "base": 1},
        {"circle": Circle.PUBLIC, "minimum": 9},
        {"circle": Circle.PUBLIC, "minimum": 10, "dominance": 0.6},
        {"circle": Circle.PUBLIC, "minimum": 10, "spread": 0.1},
    ],
)
def test_rules_may_only_be_made_stricter(wrong):
    with pytest.raises(RuleError, match="stricter"):
        Rules(**wrong)


def test_stricter_rules_are_taken():
    assert Rules(Circle.PUBLIC, 20, base=10, dominance=0.3).width(4) == 20


def test_whoever_is_closer_reads_more():
    assert Circle.PUBLIC.readers() == tuple(Circle)
    assert Circle.CLOSED.readers() == (Circle.CLOSED,)
    assert not Circle.PUBLIC.reads(Circle.COMMUNITY)
