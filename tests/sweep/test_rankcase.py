"""A case keeps its ranking, and nobody's addresses."""

from __future__ import annotations

import pytest
from tests.exports.test_ranking_json import RANKING

from nachsorge.cases.state import state_of
from nachsorge.cases.store import Case, new_case
from nachsorge.sweep.rankcase import keep, kept_ranking


@pytest.fixture
def case(tmp_path):
    new_case(tmp_path / "c", "an exercise", 0, "ada")
    opened = Case(tmp_path / "c")
    yield opened
    opened.close()


def test_a_ranking_comes_back_as_it_was_but_for_the_addresses(case):
    keep(case, RANKING, 1, "ada")
    found = kept_ranking(case, state_of(case.entries()))
    assert found is not None
    (stolen,) = found.assets[0].lists
    assert [(row.number, row.address, row.certain) for row in stolen.rows] == [(2, "", True), (1, "", False)]
    assert stolen.gave == RANKING.assets[0].lists[0].gave
    assert found.assets[0].points == RANKING.assets[0].points


def test_a_case_without_one_has_none(case):
    assert kept_ranking(case, state_of(case.entries())) is None
