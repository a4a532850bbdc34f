"""What a new pack adds, withdraws and changes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import given
from tests.exports.packs.kit import RULES, known, packs, row

from nachsorge.model.words import IndicatorType, Role, Tlp, Verification
from nachsorge.packs.diff import Change, Kind, diff

if TYPE_CHECKING:
    from nachsorge.model.pack import Pack

C2 = row(IndicatorType.DOMAIN, "c2.example")


def test_nothing_is_nothing() -> None:
    assert diff(known(C2), known(C2)) == ()


def test_a_new_value_is_added_with_its_stage() -> None:
    assert diff(known(), known(C2)) == (Change("value", Kind.ADDED, "domain c2.example", "stage beacon"),)


def test_a_value_that_is_gone_is_withdrawn() -> None:
    assert diff(known(C2), known()) == (Change("value", Kind.WITHDRAWN, "domain c2.example", "no longer in it"),)


def test_a_value_that_is_kept_but_not_looked_for_is_withdrawn_too() -> None:
    for changed in (replace(C2, role=Role.WITHDRAWN), replace(C2, verification=Verification.UNVERIFIED)):
        [change] = diff(known(C2), known(changed))
        assert change.kind is Kind.WITHDRAWN
        assert change.how.startswith("now ")


def test_a_changed_field_is_named_with_both_values() -> None:
    [change] = diff(known(C2), known(replace(C2, tlp=Tlp.GREEN, note="seen twice")))
    assert change == Change("value", Kind.CHANGED, "domain c2.example", "tlp: CLEAR -> GREEN; note: none -> seen twice")
    [moved] = diff(known(C2), known(replace(C2, trace="there")))
    assert "stage: beacon -> installed" in moved.how
    assert "weight: strong -> proof" in moved.how


def test_a_value_of_several_rows_is_one_change() -> None:
    [change] = diff(known(C2, replace(C2, trace="lead")), known(C2, replace(C2, trace="there")))
    assert (change.kind, change.what) == (Kind.CHANGED, "domain c2.example")
    [change] = diff(known(C2), known(C2, replace(C2, trace="there")))
    assert change.how == "1 rows, now 2, 1 of them other than before"


def test_rules_stages_and_the_head_of_the_pack() -> None:
    old = known(rules=RULES)
    new = replace(known(rules=(replace(RULES[0], text="other"),)), version="2", tlp=Tlp.GREEN)
    found = {(change.part, change.kind, change.what): change.how for change in diff(old, new)}
    assert found[("rule", Kind.WITHDRAWN, "OWN_rule")] == ""
    assert found[("rule", Kind.CHANGED, RULES[0].id)] == "text"
    assert found[("pack", Kind.CHANGED, "version")] == "1 -> 2"
    assert found[("pack", Kind.CHANGED, "tlp")] == "CLEAR -> GREEN"


@given(packs(), packs())
def test_what_is_added_one_way_is_withdrawn_the_other(one: Pack, other: Pack) -> None:
    def of(kind: Kind, changes: tuple[Change, ...]) -> set[str]:
        return {change.what for change in changes if change.part == "value" and change.kind is kind}

    there, back = diff(one, other), diff(other, one)
    assert of(Kind.ADDED, there) == of(Kind.WITHDRAWN, back)
    assert of(Kind.CHANGED, there) == of(Kind.CHANGED, back)
    assert diff(one, one) == ()
