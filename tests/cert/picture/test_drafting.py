"""Whole releases, one after the other, before a reader who keeps them all."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.cert.picture.made import told

from nachsorge.cert.picture.audit import audit
from nachsorge.cert.picture.content import as_csv, behind, content, encode, past
from nachsorge.cert.picture.drafting import draft
from nachsorge.cert.picture.history import told_by_both
from nachsorge.cert.picture.rules import Circle, Rules, least
from nachsorge.cert.picture.series import KNOWN, Past, origin
from nachsorge.cert.picture.suppress import NotSafe
from nachsorge.cert.picture.system import How, Need, Shown, exact
from nachsorge.cert.picture.tables import is_assets, sensitive
from nachsorge.cert.registry.places import SECTORS

ALL = tuple(word for word, _ in SECTORS)
CIRCLES = st.sampled_from(list(Circle))


def needs(made):
    """What may not be told, by the rules and not by what the code says of itself."""
    widths = {cell: made.rules.width(made.numbers[cell], assets=is_assets(cell)) for cell in made.sheet.protected()}
    return [Need(cell, width) for cell, width in widths.items()]


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 400), CIRCLES)
def test_no_protected_cell_of_a_release_can_be_told_to_within_less_than_its_rule(seed, number, circle):
    made = draft(told(seed, number), least(circle), [], ALL)
    assert audit(made.sheet, needs(made)) == ()


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 400), CIRCLES)
def test_what_is_shown_is_true_and_never_sensitive(seed, number, circle):
    from nachsorge.cert.picture.tables import count, release_tables
    from nachsorge.cert.picture.told import units

    found = told(seed, number)
    made = draft(found, least(circle), [], ALL)
    hidden = sensitive(count(units(found), release_tables(units(found), ALL)), made.rules)
    for cell, one in made.sheet.shown.items():
        assert one.low <= made.numbers[cell] <= one.high
        if one.how is not How.PROTECTED:
            assert cell not in hidden
            assert one.number is not None
            assert one.number % made.rules.base == 0


def releases(seed, steps, circles):
    pasts: list[Past] = []
    for number, circle in zip(steps, circles, strict=True):
        made = draft(told(seed, number), least(circle), pasts, ALL)
        pasts.append(Past(len(pasts) + 1, circle, made.sheet, made.numbers))
    return pasts


@settings(max_examples=3, deadline=None)
@given(st.integers(0, 10_000), st.integers(60, 200), st.integers(1, 3))
def test_two_releases_never_differ_by_one_or_two(seed, number, more):
    first, second = releases(seed, [number, number + more], [Circle.CLOSED, Circle.CLOSED])
    for cell, one in second.sheet.shown.items():
        before = first.sheet.shown.get(cell)
        if before and one.number is not None and before.number is not None:
            assert one.number == before.number or abs(one.number - before.number) >= 3


@pytest.mark.parametrize(
    "circles",
    [
        (Circle.PUBLIC, Circle.PUBLIC),
        (Circle.CLOSED, Circle.PUBLIC),
        (Circle.PUBLIC, Circle.CLOSED),
        (Circle.COMMUNITY, Circle.CLOSED),
    ],
)
def test_whoever_keeps_both_releases_learns_no_small_number(circles):
    first, second = releases(11, [150, 153], circles)
    assert not any(told_by_both(second, [first]).values())


def test_without_holding_them_together_the_difference_tells():
    """The same two releases made each for itself give the newcomers away: the audit is what finds them."""
    alone = []
    for number in (150, 152):
        made = draft(told(11, number), least(Circle.CLOSED), [], ALL)
        alone.append(Past(number, Circle.CLOSED, made.sheet, made.numbers))
    assert told_by_both(alone[1], [alone[0]])[Circle.CLOSED]


def test_the_same_again_is_the_same_release():
    first, second = releases(5, [120, 120], [Circle.PUBLIC, Circle.PUBLIC])
    assert first.sheet.shown == second.sheet.shown


def test_it_is_read_again_as_it_was_written():
    made = draft(told(3, 90), least(Circle.COMMUNITY), [], ALL)
    kept = json.loads(json.dumps(behind(made)))
    found = past(4, Circle.COMMUNITY, kept)
    assert (found.sheet.shown, dict(found.numbers)) == (made.sheet.shown, made.numbers)
    assert found.sheet.sums == made.sheet.sums


def test_the_content_has_no_protected_number_and_is_the_same_for_the_same():
    made = draft(told(3, 90), least(Circle.PUBLIC), [], ALL)
    body = encode(content(made, "3cx-2023", 1, "2023-05-01"))
    assert body == encode(content(made, "3cx-2023", 1, "2023-05-01"))
    cells = [cell for table in json.loads(body)["tables"] for line in table["cells"] for cell in line]
    assert all((cell["number"] is None) == (cell["how"] == "protected") for cell in cells)
    assert set(json.loads(body)) == {
        *("schema", "campaign", "number", "as_of", "audience", "label", "unit", "rules", "tables", "clearly_above")
    }


def test_the_csv_says_the_same_as_the_content():
    made = draft(told(3, 200), least(Circle.PUBLIC), [], ALL)
    released = content(made, "3cx-2023", 1, "2023-05-01")
    rows = list(csv.DictReader(io.StringIO(as_csv(released))))
    cells = [cell for table in released["tables"] for line in table["cells"] for cell in line]
    assert [row["number"] for row in rows] == ["G" if cell["number"] is None else str(cell["number"]) for cell in cells]


def test_what_partners_see_is_spoken_of_and_not_told():
    found = told(9, 300)
    affected = draft(found, least(Circle.PUBLIC), [], ALL).numbers[(("outcome", "affected"),)]
    said = [
        draft(found, least(Circle.PUBLIC), [], ALL, [partner]).said_partners.above
        for partner in (affected + 100, affected + 5_000, affected)
    ]
    assert said[0] == said[1] > 0 == said[2]


def test_a_stricter_minimum_protects_more():
    found = told(9, 300)
    usual = draft(found, least(Circle.PUBLIC), [], ALL)
    strict = draft(found, Rules(Circle.PUBLIC, 30), [], ALL)
    assert len(strict.sheet.protected()) > len(usual.sheet.protected())


def test_a_release_that_contradicts_an_earlier_one_is_not_made():
    """The earlier sheet showed something impossible: the audit must refuse, not pass."""
    made = draft(told(3, 200), least(Circle.CLOSED), [], ALL)
    shown = dict(made.sheet.shown)
    wrong = next(cell for cell, one in shown.items() if one.how is How.EXACT and len(cell) == 1)
    broken = replace(made.sheet, shown={**shown, wrong: exact(shown[wrong].low + 1000)})
    with pytest.raises(NotSafe):
        draft(told(3, 210), least(Circle.CLOSED), [Past(1, Circle.CLOSED, broken, made.numbers)], ALL)


def test_the_third_release_is_held_against_the_first_and_against_what_was_said():
    """As week follows week, with a partner's number: the last is audited with all before it and every sentence."""
    pasts: list[Past] = []
    for week in range(3):
        made = draft(told(11, 100 + 25 * week), least(Circle.CLOSED), pasts, ALL, [1000 + 20 * week])
        pasts.append(Past(week + 1, Circle.CLOSED, made.sheet, made.numbers, made.ruled))
    *before, last = pasts
    assert KNOWN in before[0].sheet.shown
    assert KNOWN in before[0].ruled
    assert not any(told_by_both(last, before).values())
    # Had the last one said that no more are known than the first gave away, that would be found.
    known = before[0].numbers[KNOWN]
    sheet = last.sheet.show({KNOWN: Shown(How.PROTECTED, None, known, known + 1)})
    wrong = replace(last, sheet=sheet, numbers={**last.numbers, KNOWN: known}, ruled=last.ruled | {KNOWN})
    assert KNOWN in {origin(one.cell) for one in told_by_both(wrong, before)[Circle.CLOSED]}
