"""The table of states: what it allows, what it does not, and that nobody gets stuck."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from nachsorge.cert.desk.states import SETTLED, TRANSITIONS, State, may_go, needs_reason, steps

ANY = st.sampled_from(list(State))


def test_the_straight_way_is_allowed_and_nothing_is_skipped():
    way = [State.RECEIVED, State.ACKNOWLEDGED, State.IN_VERIFICATION, State.VERIFIED]
    assert all(may_go(here, there) for here, there in pairwise(way))
    assert not may_go(State.RECEIVED, State.VERIFIED)
    assert not may_go(State.RECEIVED, State.IN_VERIFICATION)
    assert not may_go(State.ACKNOWLEDGED, State.REFUTED)
    assert not may_go(State.VERIFIED, State.REFUTED)


def test_nothing_goes_back_to_received():
    assert all(State.RECEIVED not in after for after in TRANSITIONS.values())


def test_from_everywhere_every_settled_state_can_be_reached():
    for start in State:
        reached, todo = {start}, [start]
        while todo:
            new = set(TRANSITIONS[todo.pop()]) - reached
            reached |= new
            todo += new
        assert reached >= SETTLED


@given(ANY, ANY)
def test_what_settles_and_what_unsettles_needs_a_reason(here, there):
    assert needs_reason(here, there) == (here.settled or there.settled)


@given(ANY)
def test_buttons_never_make_or_undo_a_duplicate(here):
    assert State.DUPLICATE not in steps(here)
    assert not steps(State.DUPLICATE)
    assert set(steps(here)) <= set(TRANSITIONS[here])
