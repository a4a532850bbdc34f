"""Many rules at once answer as each rule would alone, asked plainly."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.matching.kit import rule_test

from nachsorge.matching import detection as d
from nachsorge.matching.match import Matcher
from nachsorge.matching.rule_sieve import RuleSieve
from nachsorge.matching.ruleset import RuleSet, numbers_of
from nachsorge.matching.texts import check_of
from nachsorge.model.evidence import Record
from nachsorge.model.words import Telemetry

FIELDS = ("a", "b", "eventid")
WORDS = st.text(alphabet="abAB1\\.\u212a", max_size=4)
PIECES = st.lists(st.one_of(WORDS.filter(bool), st.just(d.MANY), st.just(d.ONE)), max_size=4).map(tuple)
FIELD = st.sampled_from(FIELDS)
VALUES = st.one_of(
    st.builds(d.Text, FIELD, PIECES, st.booleans()),
    st.builds(d.Text, st.just("eventid"), st.sampled_from([("1",), ("2",)])),
    st.builds(d.Text, st.just(""), WORDS.filter(bool).map(lambda word: (d.MANY, word, d.MANY))),
    st.builds(d.Expression, FIELD, st.sampled_from(["a+b", "^1", r"\\$"])),
    st.builds(d.Compare, FIELD, st.sampled_from(["LT", "GTE"]), st.floats(0, 20)),
    st.builds(d.Null, FIELD),
    st.builds(d.Exists, FIELD, st.booleans()),
    st.builds(d.Refers, FIELD, FIELD, st.booleans()),
)
NODES = st.recursive(
    VALUES,
    lambda inner: st.one_of(
        st.builds(d.All, st.lists(inner, min_size=1, max_size=4).map(tuple)),
        st.builds(d.Either, st.lists(inner, min_size=1, max_size=4).map(tuple)),
        st.builds(d.No, inner),
    ),
    max_leaves=8,
)
EVENTS = st.dictionaries(st.sampled_from(["A", "b", "x.b"]), WORDS, max_size=3)


def plainly(node: d.Node, event: dict[str, str]) -> bool:
    """Evaluate a condition as its words say, nothing remembered and nothing left out."""
    match node:
        case d.All(parts):
            return all(plainly(part, event) for part in parts)
        case d.Either(parts):
            return any(plainly(part, event) for part in parts)
        case d.No(part):
            return not plainly(part, event)
        case d.Null(field):
            return field_of(field, event) in (None, "", "-")
        case d.Exists(field, wanted):
            return (field_of(field, event) is not None) is wanted
        case d.Refers(field, other, starts, _):
            left, right = (fold(field_of(name, event)) for name in (field, other))
            if left is None or right is None:
                return False
            return left.startswith(right) if starts else left == right
        case d.Text("", pieces, cased):
            return any(check_of(d.Text("", pieces, cased))(text) for text in event.values())
        case _:
            text = field_of(node.field, event)
            return text is not None and check_of(node)(text)


def fold(text: str | None) -> str | None:
    return None if text is None else re.sub("[A-Z]", lambda found: found[0].lower(), text)


def field_of(name: str, event: dict[str, str]) -> str | None:
    whole = [text for key, text in event.items() if key.lower() == name]
    last = [text for key, text in event.items() if key.lower().rpartition(".")[2] == name]
    return (whole or last or [None])[0]  # type: ignore[list-item]


@given(
    nodes=st.lists(NODES, max_size=6),
    events=st.lists(EVENTS, max_size=4),
    numbers=st.lists(st.sampled_from("12"), min_size=4, max_size=4),
)
def test_many_rules_at_once_are_each_rule_alone(nodes, events, numbers):
    rules = RuleSet(d.Plan(str(number), "", "windows", "", node) for number, node in enumerate(nodes))
    for event, number in zip(events, numbers, strict=False):
        told = {"EventID": number, **event}
        record = Record(telemetry=Telemetry.WINDOWS_EVENT, locator="record 1", event=told, product="windows")
        alone = [at for at, node in enumerate(nodes) if plainly(node, told)]
        for _ in range(2):  # the second time out of what was remembered
            assert list(rules.meeting(record)) == alone


@given(node=NODES, event=EVENTS, number=st.sampled_from("12"))
def test_outside_its_numbers_a_condition_never_holds(node, event, number):
    numbers = numbers_of(node)
    if numbers is not None and int(number) not in numbers:
        assert not plainly(node, {"EventID": number, **event})


@given(node=NODES)
def test_a_plan_that_went_to_another_process_is_the_same(node):
    plan = d.Plan("id", "c", "p", "s", node)
    assert d.unpacked(d.packed(plan)) == plan


def test_hundreds_of_words_are_found_as_a_few_are():
    nodes = [d.Text("a", (d.MANY, f"word{number}", d.MANY)) for number in range(300)]
    nodes += [d.Text("a", (d.MANY, "nul\0byte", d.MANY)), d.Text("a", (d.MANY, "\u00e4\u20ac", d.MANY))]
    rules = RuleSet(d.Plan(str(number), "", "", "", node) for number, node in enumerate(nodes))
    text = "xWORD17 word299word3 nul\0byte \u00e4\u20ac"
    record = Record(telemetry=Telemetry.TEXT, locator="line 1", event={"A": text})
    assert list(rules.meeting(record)) == [1, 2, 3, 17, 29, 299, 300, 301]


def rule(source: str, detection: str) -> str:
    head = f"title: t\nid: 11111111-2222-3333-4444-555555555555\nlogsource: {source}\n"
    return f"{head}detection: {{s: {detection}, condition: s}}\n"


@pytest.mark.parametrize(
    ("source", "event", "service", "telemetry", "expected"),
    [
        ("{category: registry_set}", {"EventID": "13"}, "sysmon", Telemetry.REGISTRY_SET, True),
        ("{category: registry_set}", {"EventID": "12"}, "sysmon", Telemetry.REGISTRY_SET, False),
        ("{category: registry_event}", {"EventID": "12"}, "sysmon", Telemetry.REGISTRY_SET, True),
        (
            "{category: registry_delete}",
            {"EventID": "12", "EventType": "DeleteKey"},
            "sysmon",
            Telemetry.REGISTRY_SET,
            True,
        ),
        (
            "{category: registry_delete}",
            {"EventID": "12", "EventType": "CreateKey"},
            "sysmon",
            Telemetry.REGISTRY_SET,
            False,
        ),
        (
            "{category: registry_add}",
            {"EventID": "12", "EventType": "CreateKey"},
            "sysmon",
            Telemetry.REGISTRY_SET,
            True,
        ),
        ("{category: file_event}", {"EventID": "23"}, "sysmon", Telemetry.FILE_EVENT, False),
        ("{category: file_delete}", {"EventID": "23"}, "sysmon", Telemetry.FILE_EVENT, True),
        ("{category: pipe_created}", {"EventID": "17"}, "sysmon", Telemetry.WINDOWS_EVENT, True),
        ("{category: ps_script}", {"EventID": "4104"}, "powershell", Telemetry.WINDOWS_EVENT, True),
        ("{category: ps_script}", {"EventID": "4104"}, "system", Telemetry.WINDOWS_EVENT, False),
        ("{category: process_creation}", {"EventID": "1"}, "system", Telemetry.WINDOWS_EVENT, False),
        ("{category: process_creation}", {"EventID": "4688"}, "security", Telemetry.PROCESS_CREATION, True),
        ("{service: security}", {"EventID": "4688"}, "security", Telemetry.PROCESS_CREATION, True),
        ("{service: System}", {"EventID": "7045"}, "system", Telemetry.WINDOWS_EVENT, True),
        ("{category: dns}", {"EventID": "22"}, "sysmon", Telemetry.DNS_QUERY, True),
    ],
)
def test_channel_and_number_choose_the_log_source(source, event, service, telemetry, expected):
    record = Record(telemetry=telemetry, locator="r", event={"A": "evil", **event}, product="windows", service=service)
    matcher = Matcher([rule_test("sigma", rule(source, "{A: evil}"))])
    assert bool(matcher.match(record)) is expected
    sieve = matcher.sieve_for((telemetry,), by_origin=True)
    assert isinstance(sieve, RuleSieve)
    number = int(event["EventID"])
    assert sieve.admits_from("{}", telemetry, "windows", service, number) >= expected


def test_a_rule_about_other_logs_does_not_open_a_readers_sieve():
    matcher = Matcher([rule_test("sigma", rule("{category: process_creation, product: windows}", "{A: null}"))])
    assert matcher.sieve_for((Telemetry.PROCESS_CREATION,)).everything
    assert matcher.sieve_for((Telemetry.WINDOWS_EVENT,)).everything
    assert not matcher.sieve_for((Telemetry.DNS_QUERY, Telemetry.PROXY)).everything
