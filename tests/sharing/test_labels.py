"""Labels as others write them, and labels put together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nachsorge.model.labels import MOST_RESTRICTIVE_LAST, Label, Pap
from nachsorge.model.words import Tlp
from nachsorge.sharing.labels import (
    at_most,
    may_block,
    may_look_up,
    most_restrictive,
    read_label,
    read_pap,
    strictest,
)

LABELS = st.builds(
    Label, st.sampled_from(Tlp), st.sampled_from(Pap), st.lists(st.sampled_from(["a", "b"]), max_size=2).map(tuple)
)


@pytest.mark.parametrize(
    ("text", "tlp"),
    [
        ("TLP:CLEAR", Tlp.CLEAR), ("tlp:white", Tlp.CLEAR), ("TLP: GREEN", Tlp.GREEN), ("amber", Tlp.AMBER),
        ("TLP:AMBER+STRICT", Tlp.AMBER_STRICT), ("RED", Tlp.RED), ("tlp:ex:chr", Tlp.AMBER_STRICT),
        (None, Tlp.AMBER_STRICT), ("", Tlp.AMBER_STRICT), ("  ", Tlp.AMBER_STRICT),
        ("tlp:unclear", Tlp.RED), ("purple", Tlp.RED), ("TLP:AMBER STRICT", Tlp.RED), ("GRÜN", Tlp.RED),
        ("CLEAR, but", Tlp.RED),
    ],
)  # fmt: skip
def test_labels_as_others_write_them(text: str | None, tlp: Tlp) -> None:
    assert read_label(text).tlp is tlp


def test_the_chatham_house_rule_forbids_to_say_whose_it_is() -> None:
    assert read_label("tlp:ex:chr").restrictions == ("no-attribution",)


@given(st.text())
def test_no_text_reads_as_less_than_it_says(text: str) -> None:
    word = text.strip().upper().removeprefix("TLP").lstrip(": ")
    if word not in {"CLEAR", "WHITE", "GREEN", "AMBER", "AMBER+STRICT", ""}:
        assert not at_most(read_label(text).tlp, Tlp.AMBER)


@pytest.mark.parametrize(
    ("text", "pap"),
    [("PAP:RED", Pap.RED), ("pap:white", Pap.CLEAR), (None, Pap.GREEN), ("AMBER", Pap.AMBER), ("blue", Pap.RED)],
)
def test_pap_as_others_write_it(text: str | None, pap: Pap) -> None:
    assert read_pap(text) is pap


@given(st.lists(LABELS, min_size=1))
def test_what_is_made_of_several_is_at_least_as_restricted_as_each(labels: list[Label]) -> None:
    whole = most_restrictive(labels)
    assert all(at_most(one.tlp, whole.tlp) for one in labels)
    assert whole.tlp in {one.tlp for one in labels}
    assert whole.pap in {one.pap for one in labels}
    assert all(set(one.restrictions) <= set(whole.restrictions) for one in labels)
    assert most_restrictive([whole, *labels]) == whole


@given(st.lists(LABELS, min_size=1), st.randoms())
def test_the_order_of_the_parts_changes_no_label(labels: list[Label], random: st.DataObject) -> None:
    other = sorted(labels, key=lambda _: random.random())  # type: ignore[attr-defined]
    first, second = most_restrictive(labels), most_restrictive(other)
    assert (first.tlp, first.pap, set(first.restrictions)) == (second.tlp, second.pap, set(second.restrictions))


def test_of_nothing_the_careful_label() -> None:
    assert most_restrictive([]).tlp is strictest([]) is Tlp.AMBER_STRICT


def test_pap_says_what_may_be_done() -> None:
    assert [may_block(pap) for pap in (Pap.CLEAR, Pap.GREEN, Pap.AMBER, Pap.RED)] == [True, True, False, False]
    assert [may_look_up(pap) for pap in (Pap.CLEAR, Pap.GREEN, Pap.AMBER, Pap.RED)] == [True, True, True, False]


def test_the_order_is_that_of_the_standard() -> None:
    assert [str(tlp) for tlp in MOST_RESTRICTIVE_LAST] == ["CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED"]
