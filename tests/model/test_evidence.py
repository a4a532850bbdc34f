"""Values that are made late are the tuple that they stand for."""

from __future__ import annotations

from nachsorge.model.evidence import LateValues, Value
from nachsorge.model.words import Kind

MADE = (Value(Kind.HOST, "query", "a.example"), Value(Kind.ADDRESS, "client", "10.0.0.5"))


def test_they_are_made_once_and_only_when_asked_for():
    calls = []
    late = LateValues(lambda: calls.append(1) or MADE)
    assert calls == []
    assert list(late) == list(MADE)
    assert len(late) == 2
    assert calls == [1]


def test_they_are_the_tuple_in_every_way():
    late = LateValues(lambda: MADE)
    assert late == MADE
    assert late == LateValues(lambda: MADE)
    assert late != LateValues(lambda: MADE[:1])
    assert late[0] is MADE[0]
    assert late[1:] == MADE[1:]
    assert hash(late) == hash(MADE)
    assert repr(late) == repr(MADE)
