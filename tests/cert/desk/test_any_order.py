"""Whatever three people push in whatever order: the table holds, and every change is in the chain."""

import random

import pytest

pytest.importorskip("django")

from django.core.exceptions import PermissionDenied
from tests.cert.desk.made import case_of, person, user

from nachsorge.cert.desk import casework, duplicates, log
from nachsorge.cert.desk.casework import Refused
from nachsorge.cert.desk.models import Case, Entry
from nachsorge.cert.desk.roles import Role
from nachsorge.cert.desk.states import TRANSITIONS, State

PEOPLE = (("ana", Role.ANALYST), ("root", Role.ADMIN), ("bea", Role.ANALYST), ("app", Role.APPROVER))


def some_deed(dice, people, cases):
    """Choose one of the deeds, sensible or not."""
    who, case, other = dice.choice(people), dice.choice(cases), dice.choice(cases)
    why = dice.choice(["", "because", "because"])
    case.refresh_from_db()
    there = dice.choice([*State, *TRANSITIONS[State(case.state)] * 4])
    return dice.choice(
        [
            lambda: casework.move(who, case, there, why),
            lambda: casework.move(who, case, there, why),
            lambda: casework.move(who, case, there, why, dice.choice(list(State))),
            lambda: duplicates.link(who, case, other, why),
            lambda: duplicates.unlink(who, case, why),
            lambda: casework.assign(who, case, user(dice.choice(PEOPLE)[0]), why),
            lambda: casework.name(who, case, user(dice.choice(PEOPLE)[0]), why),
            lambda: casework.note(who, case, "text"),
            lambda: casework.forwarded(who, case, "ref"),
        ]
    )


def states():
    return dict(Case.objects.values_list("pk", "state"))


@pytest.mark.parametrize("seed", range(3))
def test_the_table_holds(db, seed):
    dice = random.Random(seed)
    people = [person(name, role) for name, role in PEOPLE]
    cases = [case_of(), case_of(channel="mandatory"), case_of(label="RED"), case_of(label="CLEAR")]
    done = 0
    for _ in range(100):
        before, entries = states(), Entry.objects.count()
        try:
            some_deed(dice, people, cases)()
        except (Refused, PermissionDenied):
            assert (states(), Entry.objects.count()) == (before, entries), "what is refused leaves nothing"
            continue
        done += 1
        assert Entry.objects.count() > entries
        for pk, after in states().items():
            assert before[pk] == after or State(after) in TRANSITIONS[State(before[pk])]
    assert done >= 10
    assert Entry.objects.filter(act="state").count() >= 2
    assert not log.verify().breaks
    assert "app" not in set(Entry.objects.values_list("who", flat=True))
    for case in Case.objects.all():
        linked = case.links.filter(undone_at=None).count()
        assert linked == (case.state == State.DUPLICATE)
        assert not (linked and case.copies.filter(undone_at=None).exists()), "a chain of duplicates"
    for entry in Entry.objects.filter(act="state"):
        settled = {State(value) for value in entry.details.values()} & {State.VERIFIED, State.REFUTED, State.DUPLICATE}
        assert entry.why or not settled
