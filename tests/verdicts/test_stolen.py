"""What a stolen list contained, held against simulated browsers whose list at the time is known."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.builders import t

from nachsorge.model.ranking import Row
from nachsorge.model.times import Span
from nachsorge.verdicts.stolen import stolen


def rows(*pairs: tuple[int, int | None]) -> list[Row]:
    return [Row(number=number, address=f"https://h{number}.example/", first=first) for number, first in pairs]


def numbers(found):
    return [row.number for row in found.rows]


def certain(found):
    return [row.number for row in found.rows if row.certain]


def at(moment: int) -> Span:
    return Span(moment, moment)


def test_the_newest_rows_of_the_time_are_taken_newest_first():
    found = stolen(rows(*((n, n * 10) for n in range(1, 10))), 3, at(65))
    assert (numbers(found), certain(found), found.missing) == ([6, 5, 4], [6, 5, 4], 0)


def test_what_was_visited_again_later_keeps_its_place():
    # The order is that of first visits: row 1 was old at the time, whatever was visited last.
    assert numbers(stolen(rows((1, 10), (2, 20), (3, 30)), 2, at(30))) == [3, 2]


def test_rows_deleted_since_make_the_oldest_uncertain():
    found = stolen(rows((1, 10), (2, 20), (5, 50), (6, 60), (7, 70)), 4, at(60))
    # 3 and 4 are gone: if they were still there, the list was 6 5 4 3.
    assert (numbers(found), certain(found), found.missing) == ([6, 5, 2, 1], [6, 5], 2)


def test_rows_deleted_behind_the_newest_of_the_time_may_have_stood_before_it():
    assert certain(stolen(rows((1, 10), (2, 20), (5, 90)), 3, at(60))) == [2]  # the list may have been 4 3 2
    assert certain(stolen(rows((1, 10), (2, 20)), 3, at(60))) == []  # nobody knows how many came and went since


def test_a_row_without_a_visit_is_dated_by_those_behind_it():
    found = stolen(rows((1, None), (2, None), (3, 30), (4, None), (5, 50)), 9, at(30))
    assert numbers(found) == [3, 2, 1]


def test_over_a_span_of_time_whatever_may_have_been_taken_is_shown():
    found = stolen(rows(*((n, n * 10) for n in range(1, 8))), 2, Span(40, 60))
    assert numbers(found) == [6, 5, 4, 3]  # 4 3 at its begin, 6 5 at its end
    assert certain(found) == []
    assert certain(stolen(rows(*((n, n * 10) for n in range(1, 8))), 3, Span(40, 50))) == [4, 3]


def test_a_history_that_begins_after_the_theft_says_so():
    found = stolen(rows((7, t("2023-06-01"))), 500, Span(t("2023-03-01"), t("2023-04-30")))
    assert found.rows == ()
    assert "2023-06-01" in found.notes[0] and "after the time of the theft" in found.notes[0]


def test_without_a_time_it_is_given_as_found():
    found = stolen(rows((1, 10), (2, None)), 1, None)
    assert numbers(found) == [2]
    assert "not known" in found.notes[0]


def test_numbers_that_are_given_again_are_no_proof_of_order():
    assert any("no proof" in note for note in stolen(rows((1, 1)), 5, at(3), unique=False).notes)
    assert not stolen(rows((1, 1)), 5, at(3)).notes


def test_an_empty_list_gives_nothing():
    assert stolen([], 500, at(5)).rows == ()


@given(
    steps=st.lists(st.tuples(st.booleans(), st.integers(0, 30)), min_size=1, max_size=60),
    theft=st.integers(0, 60),
    limit=st.integers(1, 12),
)
def test_the_truth_lies_between_what_is_certain_and_what_is_possible(steps, theft, limit):
    there: dict[int, int] = {}
    taken: list[int] = []
    number = 0
    for moment, (adds, which) in enumerate(steps):
        if adds or not there:
            number += 1
            there[number] = moment
        else:
            del there[sorted(there)[which % len(there)]]
        if moment == min(theft, len(steps) - 1):
            taken = sorted(there, reverse=True)[:limit]
    left = rows(*sorted(there.items()))
    found = stolen(left, limit, at(min(theft, len(steps) - 1)))
    assert set(certain(found)) <= set(taken)
    assert set(taken) & set(there) <= set(numbers(found))
    assert numbers(found) == sorted(numbers(found), reverse=True)
