"""The fast way to a head says what the slow one says, or nothing."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nachsorge.evidence.windows.event import Head
from nachsorge.evidence.windows.json_event import head_of
from nachsorge.evidence.windows.json_heads import MOST, Heads

texts = st.text(st.characters(codec="utf-8"), max_size=12) | st.sampled_from(["System", 'a"b', "C:\\x", "Ä"])
numbers = st.integers(-1, 2**64)
stamps = st.datetimes().map(lambda time: time.isoformat(timespec="microseconds") + "Z") | st.sampled_from(
    ["", "2023-03-29T00:00:00", "2023-03-29T00:00:60.000000Z", "1601-01-01T00:00:00.000000Z", "soon"]
)


@st.composite
def events(draw) -> str:
    number = draw(st.integers(0, 70_000))
    system = {
        "Provider": {"#attributes": {"Name": draw(texts), "EventSourceName": draw(texts)}},
        "EventID": draw(st.sampled_from([number, {"#attributes": {"Qualifiers": 1}, "#text": number}, str(number)])),
        "TimeCreated": {"#attributes": {"SystemTime": draw(stamps)}},
        "EventRecordID": draw(numbers),
        "Correlation": None,
        "Channel": draw(texts),
        "Computer": draw(texts),
    }
    for name in draw(st.sets(st.sampled_from(sorted(system)), max_size=1)):
        del system[name]
    data = {"System": {"Channel": "posed"}, "Channel": draw(texts)}
    return json.dumps({"Event": {"System": system, "EventData": data}}, separators=(",", ":"), ensure_ascii=False)


def kinds(channel: str, provider: str, event_id: int, computer: str) -> tuple[str, str, int, str]:
    return channel, provider, event_id, computer


@given(events())
def test_it_says_what_the_slow_way_says(text):
    found = Heads(kinds).read(text)
    slow = head_of(text)
    assert slow is not None
    if found is None:
        return
    (channel, provider, event_id, computer), number, time = found
    assert slow == Head(
        channel=channel,
        provider=provider,
        event_id=event_id,
        computer=computer,
        number=number,
        stamp=time,
        cleared=slow.cleared,
    )


def event(number: int = 7, computer: str = "PC1", stamp: str = "2023-03-29T01:02:03.000004Z") -> str:
    return (
        '{"Event":{"System":{"Provider":{"#attributes":{"Name":"X"}},"EventID":7,'
        f'"TimeCreated":{{"#attributes":{{"SystemTime":"{stamp}"}}}},"EventRecordID":{number},'
        f'"Channel":"System","Computer":"{computer}"}},"EventData":null}}}}'
    )


def test_the_usual_event_is_read_the_fast_way():
    assert Heads(kinds).read(event()) == (("System", "X", 7, "PC1"), 7, 1_680_051_723_000_004)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no JSON",
        "[" * 100_000,
        event() + "x",
        event(number=2**63),
        event(stamp="2023-03-29T01:02:03"),
        event(stamp="1980-01-01T00:00:00Z"),
        event(computer="control \x01 character"),
    ],
)
def test_all_else_is_left_to_the_slow_way(text):
    assert Heads(kinds).read(text) is None


def test_each_kind_is_made_once_and_none_is_kept_as_an_answer():
    made = []
    heads: Heads[str] = Heads(lambda *kind: made.append(kind))
    assert [heads.read(event(number)) for number in range(3)] == [None] * 3
    assert len(made) == 1


def test_more_kinds_than_are_remembered_are_read_all_the_same():
    heads = Heads(kinds)
    computers = [f"PC{number}" for number in range(MOST + 10)] * 2
    assert all(heads.read(event(computer=name)) for name in computers)
    assert len(heads._kinds) <= MOST
