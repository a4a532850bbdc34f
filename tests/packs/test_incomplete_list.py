"""A pack that holds a part of a list says so, in numbers, where the result is read."""

from __future__ import annotations

from collections import Counter

from nachsorge.model.words import Tlp
from nachsorge.packs.library import shipped
from nachsorge.packs.load import load_pack

TARGETS_IN_THE_FACTS = 18
"""Entries of the one sample that was published: twelve single cards, five pairs, and one pair with a shared card."""


def test_shadowhammer_says_how_many_targets_it_holds_and_of_how_many() -> None:
    folder = next(each.folder for each in shipped() if each.id == "shadowhammer-2018")
    pack = load_pack(folder)
    assert pack.tlp is Tlp.CLEAR
    rows = Counter(each.trace for each in pack.indicators)
    pair_with_a_shared_card = 1
    held = rows["chosen-card"] + rows["card-of-a-pair"] // 2 + pair_with_a_shared_card
    assert held == TARGETS_IN_THE_FACTS
    stage = pack.stages_by_id["targeted"]
    # `never` is what every result repeats for this stage, with the reason `cannot-be-ruled-out`.
    assert f"holds the {held} targets" in stage.never
    assert "of more than 600" in stage.never
    others = [each for each in pack.stages if each.id != "targeted"]
    assert not [each.id for each in others if "targeted" in each.requires], "what the list misses would clear a stage"
    readme = (folder / "README.md").read_text(encoding="utf-8")
    assert f"holds\n  the {held} targets" in readme or f"holds the {held} targets" in readme
    assert "more than 580" in readme
