from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.cert.picture.boxes import MOST, boxes, needs, sheet_of, spans
from tests.cert.picture.test_suppress import costs

from nachsorge.cert.picture.sentence import ladders, one_rung, round_down, sentence
from nachsorge.cert.picture.suppress import protect
from nachsorge.cert.picture.system import NO_LIMIT, Need, View

WIDTH = 2
FINE = [one_rung(above, WIDTH) for above in (1, 2, 3, 4)]
"""Ladders for tables as small as these."""


def protected(sums, numbers, few):
    wanted = [Need(cell, WIDTH) for cell in few]
    return protect(sheet_of(sums, numbers, few), wanted, costs(numbers), lambda cell: Need(cell, WIDTH))


@settings(max_examples=60, deadline=None)
@given(boxes(), st.data())
def test_whatever_is_said_every_protected_cell_stays_as_uncertain_as_the_rule_wants(box, data):
    """Brute force: a reader who knows the ladders and hears the sentence tries every table."""
    sums, numbers = box
    few = {cell for cell, number in numbers.items() if number < WIDTH}
    assume(few)
    safe = protect(
        sheet_of(sums, numbers, few), [Need(c, WIDTH) for c in few], costs(numbers), lambda c: Need(c, WIDTH)
    )
    cell = data.draw(st.sampled_from(sorted(safe.protected())))
    said = sentence([View(safe, cell, tuple(needs(safe, WIDTH)))], numbers[cell], FINE)
    if said is None:
        return
    heard = replace(safe.shown[cell], low=said.low, high=min(said.high, MOST))
    tried = spans(safe.show({cell: heard}))
    for each in safe.protected():
        assert tried[each][1] - tried[each][0] >= WIDTH


@settings(max_examples=60, deadline=None)
@given(boxes(), st.data())
def test_the_sentence_is_the_same_for_all_numbers_of_its_range(box, data):
    sums, numbers = box
    few = {cell for cell, number in numbers.items() if number < WIDTH}
    assume(few)
    safe = protect(
        sheet_of(sums, numbers, few), [Need(c, WIDTH) for c in few], costs(numbers), lambda c: Need(c, WIDTH)
    )
    cell = data.draw(st.sampled_from(sorted(safe.protected())))
    view = View(safe, cell, tuple(needs(safe, WIDTH)))
    said = sentence([view], numbers[cell], FINE)
    if said is not None:
        assert {sentence([view], n, FINE) for n in range(said.low, min(said.high, MOST) + 1)} == {said}


@given(st.integers(3, 100), st.integers(0, 100_000))
def test_it_is_always_true_and_clearly_so(minimum, number):
    for ladder in ladders(minimum):
        [said] = [one for one in ladder if one.low <= number <= one.high]
        assert not said.above or (number >= 1.2 * said.above and number >= said.above + minimum)


@pytest.mark.parametrize("minimum", [3, 5, 10, 25])
def test_a_ladder_leaves_no_number_out(minimum):
    for ladder in ladders(minimum):
        assert ladder[0].low == 0
        assert ladder[-1].high == NO_LIMIT
        assert all(one.high + 1 == after.low for one, after in pairwise(ladder))


@pytest.mark.parametrize(("number", "round_"), [(4, 0), (14, 10), (49, 45), (57, 50), (199, 190), (304, 300)])
def test_rounding_down(number, round_):
    assert round_down(number) == round_
