"""Series of releases before a reader who keeps them all, sentences too: held against trying every history there is."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nachsorge.cert.picture.history import carried, held, told_by_both, views
from nachsorge.cert.picture.rules import Circle, least
from nachsorge.cert.picture.sentence import one_rung, sentence
from nachsorge.cert.picture.series import KNOWN, Past, named, series
from nachsorge.cert.picture.suppress import NotSafe
from nachsorge.cert.picture.system import PROTECTED, AtMost, How, Need, Sheet, Shown, Sum, exact, key

A, B, TOTAL = key(("r", "a")), key(("r", "b")), key()
FEW = 3
TOP = 14
"""The greatest number that is tried. Those of the tests stay so far below it that it narrows nothing."""
COSTS = {A: 2.0, B: 2.0, TOTAL: 50.0}


def released(pasts, numbers, partner):
    """Make the next release of a table of two cells, with a sentence about what partners see: as `draft` does."""
    full = {A: numbers[0], B: numbers[1], TOTAL: sum(numbers)}
    shown = {cell: exact(number) if number >= FEW else PROTECTED for cell, number in full.items()}
    if sum(one.how is How.PROTECTED for one in shown.values()) == 1:
        shown |= {A: PROTECTED, B: PROTECTED}
    shown = carried(shown, full, pasts, Circle.CLOSED)
    new = Past(len(pasts) + 1, Circle.CLOSED, Sheet(shown, (Sum(TOTAL, (A, B)),)), full)
    new = replace(new, sheet=held(new, pasts, COSTS))
    known = max(full[TOTAL], partner)
    wide = replace(new.sheet, shown={**new.sheet.shown, KNOWN: PROTECTED}, limits=(AtMost(TOTAL, KNOWN),))
    wider = replace(new, sheet=wide, numbers={**full, KNOWN: known}, ruled=frozenset({KNOWN}))
    seen = views(wider, pasts, [Need(KNOWN, FEW)], KNOWN)
    said = sentence(seen, known, [one_rung(max(new.sheet.shown[TOTAL].low, FEW), FEW)])
    if said:
        new = replace(wider, sheet=wide.show({KNOWN: said.shown()}))
    if any(told_by_both(new, pasts).values()):
        raise NotSafe("told")
    return new


def tables(past):
    """Give all that fits one release: a row a table of A, B, total, and what is known with partners."""
    known = past.sheet.shown.get(KNOWN, Shown(How.PROTECTED, None, 0, 2 * TOP))
    bounds = [*(past.sheet.shown[cell] for cell in (A, B, TOTAL)), known]
    tried = np.array([(a, b, a + b, k) for a, b, k in product(range(TOP), range(TOP), range(TOP * 2)) if k >= a + b])
    fits = np.all([(one.low <= column) & (column <= one.high) for one, column in zip(bounds, tried.T, strict=True)], 0)
    return tried[fits]


def bound(old, new):
    """Give the columns that never shrink: what is known with partners only where it did not."""
    told = KNOWN in old.numbers and KNOWN in new.numbers and old.numbers[KNOWN] <= new.numbers[KNOWN]
    return [0, 1, 2, 3] if told else [0, 1, 2]


def left(chain):
    """Give of every release the tables that are part of a history that fits all of them and never shrinks."""
    all_of = [tables(past) for past in chain]
    columns = [bound(old, new) for old, new in pairwise(chain)]
    for _ in range(2):
        for place, both in enumerate(columns):
            old, new = all_of[place][:, both], all_of[place + 1][:, both]
            below = np.array([[np.all(o <= n) for n in np.unique(new, axis=0)] for o in np.unique(old, axis=0)])
            olds, news = np.unique(old, axis=0)[below.any(1)], np.unique(new, axis=0)[below.any(0)]
            all_of[place] = all_of[place][_among(old, olds)]
            all_of[place + 1] = all_of[place + 1][_among(new, news)]
    return all_of


def _among(rows, of):
    found = {tuple(row) for row in of}
    return np.array([tuple(row) in found for row in rows], dtype=bool)


STEPS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=2)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 4), st.integers(0, 4), st.integers(0, 5), STEPS)
def test_whoever_keeps_all_releases_and_sentences_learns_no_protected_number(a, b, more, steps):
    chain: list[Any] = []
    numbers, partner = [a, b], a + b + more
    for grown in [(0, 0, 0), *steps]:
        numbers = [numbers[0] + grown[0], numbers[1] + grown[1]]
        partner += grown[2]
        try:
            chain.append(released(chain, numbers, partner))
        except NotSafe:
            return
    for past, fitting in zip(chain, left(chain), strict=True):
        columns = {A: 0, B: 1, TOTAL: 2, KNOWN: 3}
        truth = [past.numbers[cell] for cell in (A, B, TOTAL)]
        assert any(list(row[:3]) == truth for row in fitting), "what is shown is true"
        for cell in past.sheet.protected():
            if past.numbers[cell] < FEW or cell in past.ruled:
                column = fitting[:, columns[cell]]
                assert column.max() - column.min() >= FEW, (past.number, cell, past.numbers)


def spoken(number, low, high, known):
    """Give a release of 20 of whom partners know more, and what was said of that."""
    shown = {A: exact(10), B: exact(10), TOTAL: exact(20), KNOWN: Shown(How.PROTECTED, None, low, high)}
    sheet = Sheet(shown, (Sum(TOTAL, (A, B)),), (AtMost(TOTAL, KNOWN),))
    return Past(number, Circle.CLOSED, sheet, {A: 10, B: 10, TOTAL: 20, KNOWN: known}, frozenset({KNOWN}))


def test_sentences_that_close_in_on_a_partners_number_are_found():
    """Clearly above 20, that is 24 or more; later not clearly above 21, that is 25 or less: so it is 24 or 25."""
    found = told_by_both(spoken(2, 0, 25, 25), [spoken(1, 24, 1000, 25)])[Circle.CLOSED]
    assert {(one.cell, one.low, one.high) for one in found} == {(named(1, KNOWN), 24, 25), (named(2, KNOWN), 24, 25)}
    assert not any(told_by_both(spoken(2, 0, 27, 25), [spoken(1, 24, 1000, 25)]).values())


def past(number, circle, shown, numbers):
    return Past(number, circle, Sheet({TOTAL: shown[2], A: shown[0], B: shown[1]}, (Sum(TOTAL, (A, B)),)),
                dict(zip((A, B, TOTAL), numbers, strict=True)))  # fmt: skip


def test_a_release_of_long_ago_is_held_against_as_well():
    """What the first left open and five in between do not touch, the last gives away: it has to be found."""
    first = past(1, Circle.CLOSED, (PROTECTED, PROTECTED, exact(12)), (2, 10, 12))
    between = [past(n, Circle.CLOSED, (PROTECTED, PROTECTED, PROTECTED), (2, 10, 12)) for n in range(2, 8)]
    last = past(8, Circle.CLOSED, (PROTECTED, exact(10), PROTECTED), (2, 10, 12))
    told = told_by_both(last, [first, *between])[Circle.CLOSED]
    assert {one.cell for one in told} == set()
    last = past(8, Circle.CLOSED, (PROTECTED, exact(10), Shown(How.EXACT, 12, 12, 12)), (2, 10, 12))
    told = told_by_both(last, [first, *between])[Circle.CLOSED]
    assert named(8, A) in {one.cell for one in told}


def test_a_closer_circles_number_is_bound_to_the_publics_and_not_the_other_way_round():
    public = past(1, Circle.PUBLIC, (exact(20), exact(30), exact(50)), (20, 30, 50))
    closed = past(2, Circle.CLOSED, (PROTECTED, PROTECTED, exact(60)), (25, 35, 60))
    sheet, _ = series([public, closed], Circle.CLOSED)
    assert AtMost(named(1, A), named(2, A)) in sheet.limits
    other, _ = series([replace(closed, number=1), replace(public, number=2)], Circle.CLOSED)
    assert not other.limits


def test_after_a_correction_the_number_before_it_still_counts_where_it_is_true():
    """10, then 8, then 12: twelve is no less than either, and eight does not tell that of ten."""
    hidden = (PROTECTED, PROTECTED, PROTECTED)
    chain = [past(n, Circle.CLOSED, hidden, (x, 30, 30 + x)) for n, x in ((1, 10), (2, 8), (3, 12))]
    sheet, _ = series(chain, Circle.CLOSED)
    assert AtMost(named(2, A), named(3, A)) in sheet.limits
    assert any(one.total == named(3, A) and named(1, A) in one.parts for one in sheet.sums)


def test_a_small_fall_is_as_protected_as_a_small_rise():
    """52, then 51: the total is hidden, but its parts tell that one went."""
    before = past(1, Circle.CLOSED, (exact(40), exact(12), exact(52)), (40, 12, 52))
    after = past(2, Circle.CLOSED, (exact(40), exact(11), exact(51)), (40, 11, 51))
    assert told_by_both(after, [before])[Circle.CLOSED]


def test_what_older_releases_told_already_does_not_stop_a_new_one_that_tells_no_more():
    told = past(1, Circle.CLOSED, (PROTECTED, exact(10), exact(12)), (2, 10, 12))
    assert not any(
        told_by_both(past(2, Circle.CLOSED, (PROTECTED, PROTECTED, PROTECTED), (2, 10, 12)), [told]).values()
    )
    wider = past(1, Circle.CLOSED, (PROTECTED, Shown(How.CARRIED, 10, 9, 11), exact(12)), (2, 10, 12))
    narrower = past(2, Circle.CLOSED, (PROTECTED, exact(11), exact(12)), (1, 11, 12))
    assert told_by_both(narrower, [wider])[Circle.CLOSED]


@pytest.mark.parametrize("circle", list(Circle))
def test_fifty_two_releases_of_a_small_table_stay_cheap(circle):
    """The puzzle grows with the releases, not with their square."""
    few = least(circle).minimum
    totals = [60 + n * few for n in range(52)]
    chain = [past(n, circle, (PROTECTED, PROTECTED, exact(x)), (1, x - 1, x)) for n, x in enumerate(totals)]
    sheet, _ = series(chain, circle)
    assert len(sheet.shown) <= 4 * 52
    assert len(sheet.limits) <= 3 * 52
