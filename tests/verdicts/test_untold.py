"""What is not known to have been taken is a value: of a pack that says so, and of one that says nothing."""

from __future__ import annotations

import pytest
from tests.builders import pack
from tests.verdicts.test_rank import HAUL, PACK, STAGES, only, ranked, row

from nachsorge.model.pack import Haul
from nachsorge.model.ranking import Untold
from nachsorge.model.words import HaulKind, Standing
from nachsorge.verdicts.untold import untold

NOT_TOLD = Haul(id="loot", kind=HaulKind.UNKNOWN, stage="theft", says="no source tells", says_de="keine Quelle sagt es")


def test_a_pack_that_says_nothing_of_it_is_named():
    assert untold({"incident": pack(*STAGES)}, [row()]) == (Untold(pack="incident"),)


def test_a_pack_that_knows_what_was_taken_is_not():
    assert untold({"incident": PACK}, [row()]) == ()


@pytest.mark.parametrize("theft", [Standing.SHOWN, Standing.SUSPECTED, Standing.OPEN])
def test_what_the_sources_do_not_tell_is_said_in_both_languages_once(theft):
    packs = {"incident": pack(*STAGES, hauls=(HAUL, NOT_TOLD))}
    (one,) = untold(packs, [row("a", theft=theft), row("b", theft=theft)])
    assert (one.says, one.says_de) == ("no source tells", "keine Quelle sagt es")


def test_where_the_stage_is_ruled_out_nothing_is_unknown():
    done = row(theft=Standing.RULED_OUT)
    assert untold({"incident": pack(*STAGES, hauls=(NOT_TOLD,))}, [done]) == ()
    assert untold({"incident": pack(*STAGES)}, [done]) == ()
    assert untold({"another": pack(*STAGES, id="another")}, [row()]) == ()


def test_the_ranking_carries_it_and_does_not_call_it_taken():
    one = only(ranked(row(), packs=pack(*STAGES, hauls=(HAUL, NOT_TOLD))))
    assert one.taken == ("the newest 3 rows",)
    assert [each.says for each in one.untold] == ["no source tells"]


def test_without_a_german_text_the_english_one_stands():
    only_english = Haul(id="loot", kind=HaulKind.UNKNOWN, stage="theft", says="nobody tells")
    (one,) = untold({"incident": pack(*STAGES, hauls=(only_english,))}, [row()])
    assert one.says_de == "nobody tells"
