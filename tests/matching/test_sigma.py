"""Sigma rules over flat records: each modifier, the log source, what is not supported."""

from __future__ import annotations

import base64

import pytest
from tests.matching.kit import rule_test

from nachsorge.matching import sigma
from nachsorge.matching.match import Matcher
from nachsorge.model.evidence import Record
from nachsorge.model.words import Telemetry

RULE = """
title: Test
id: 11111111-2222-3333-4444-555555555555
logsource:
  {source}
detection:
  sel:
    {detection}
  other:
    Other: never
  condition: {condition}
"""


def rule(detection: str, condition: str = "sel", source: str = "category: process_creation") -> str:
    return RULE.format(detection=detection, condition=condition, source=source)


def matches(detection: str, event: dict[str, str], condition: str = "sel") -> bool:
    return sigma.compile_rule(rule(detection, condition)).predicate(event)


ENCODED = base64.b64encode(b"xx" + b"evil command").decode()
WIDE = base64.b64encode("x".encode("utf-16-le") + "evil command".encode("utf-16-le")).decode()

CASES = [
    ("A: evil", "evil", True),
    ("A: evil", "EVIL", True),
    ("A: evil", "evil!", False),
    ("A: 'k'", "\u212a", False),
    ("A: ''", "", True),
    ("A: ''", "x", False),
    ("A: ev*l", "ev and il", True),
    ("A: ev?l", "evil", True),
    ("A: ev?l", "eviil", False),
    (r"A: ev\*l", "ev*l", True),
    (r"A: ev\*l", "evil", False),
    ("A: 'a.c'", "abc", False),
    ("A|cased: Evil", "Evil", True),
    ("A|cased: Evil", "evil", False),
    ("A|contains: vi", "evil", True),
    ("A|contains: vi", "vEIl", False),
    ("A|startswith: ev", "Evil", True),
    ("A|startswith: vi", "evil", False),
    ("A|endswith: il", "evil", True),
    ("A|endswith: vi", "evil", False),
    ("A|endswith: '\\evil.exe'", "C:\\x\\evil.exe", True),
    ("A: [one, evil]", "evil", True),
    ("A|contains|all: [ev, il]", "evil", True),
    ("A|contains|all: [ev, ix]", "evil", False),
    ("A: 4688", "4688", True),
    ("A: 4688", "46880", False),
    ("A: true", "true", True),
    ("A|neq: evil", "evil", False),
    ("A|neq: evil", "good", True),
    ("A|re: '^ev.l$'", "evil", True),
    ("A|re: '^ev.l$'", "EVIL", False),
    ("A|re: 'v.l'", "xvilx", True),
    ("A|re|i: '^ev.l$'", "EVIL", True),
    ("A|re|s: 'a.c'", "abc", True),
    ("A|re|m: '^b'", "a b", False),
    ("A|cidr: 10.0.0.0/8", "10.1.2.3", True),
    ("A|cidr: 10.0.0.0/8", "11.1.2.3", False),
    ("A|cidr: 10.0.0.0/8", "no address", False),
    ("A|cidr: 10.0.0.0/8", "::ffff:10.1.2.3", True),
    ("A|cidr: 2001:db8::/32", "2001:0db8::1", True),
    ("A|lt: 5", "4", True),
    ("A|lt: 5", "5", False),
    ("A|lte: 5", "5", True),
    ("A|gt: 5", "5.5", True),
    ("A|gt: 5", "5", False),
    ("A|gte: 5", "5", True),
    ("A|gte: 5", "many", False),
    ("A: null", "", True),
    ("A: null", "-", True),
    ("A: null", "x", False),
    ("A|exists: true", "x", True),
    ("A|exists: false", "x", False),
    ("A|windash|contains: ' -f '", "x /f y", True),
    ("A|windash|contains: ' -f '", "x \u2013f y", True),
    ("A|windash|contains: ' -f '", "x +f y", False),
    ("A|base64offset|contains: evil command", ENCODED, True),
    ("A|base64offset|contains: evil command", "evil command", False),
    ("A|wide|base64offset|contains: evil command", WIDE, True),
    ("A: evil", "good\nevil", True),
]


@pytest.mark.parametrize(("detection", "text", "expected"), CASES)
def test_modifiers(detection, text, expected):
    assert matches(detection, {"A": text}) is expected


@pytest.mark.parametrize(
    ("detection", "event", "expected"),
    [
        ("A: null", {}, True),
        ("A|exists: false", {}, True),
        ("A|exists: true", {}, False),
        ("A: evil", {"a": "evil"}, True),
        ("A: evil", {"winlog.event_data.A": "evil"}, True),
        ("winlog.event_data.A: evil", {"winlog.event_data.A": "evil"}, True),
        ("winlog.event_data.A: evil", {"A": "evil"}, False),
        ("A: evil", {"AB": "evil"}, False),
        # A field's whole name goes before the last part of another one's, whatever comes first.
        ("A: evil", {"parent.A": "good", "A": "evil"}, True),
        ("A: evil", {"parent.A": "evil", "A": "good"}, False),
        ("A|fieldref: B", {"A": "Same", "B": "same"}, True),
        ("A|fieldref: B", {"A": "same", "B": "other"}, False),
        ("A|fieldref: B", {"A": "same"}, False),
        ("A|fieldref: B", {"B": "same"}, False),
        ("A|fieldref|startswith: B", {"A": "same thing", "B": "same"}, True),
        ("A|fieldref|endswith: B", {"A": "same thing", "B": "thing"}, True),
        ("A|fieldref|endswith: B", {"A": "same thing", "B": "same"}, False),
        ("'|contains': needle", {"any": "a needle in it"}, True),
        ("'|contains': needle", {"any": "hay"}, False),
    ],
)
def test_fields(detection, event, expected):
    assert matches(detection, event) is expected


@pytest.mark.parametrize(
    ("condition", "event", "expected"),
    [
        ("sel and not other", {"A": "evil"}, True),
        ("sel and not other", {"A": "evil", "Other": "never"}, False),
        ("sel or other", {"Other": "never"}, True),
        ("sel and other", {"A": "evil"}, False),
        ("not sel", {"A": "good"}, True),
        ("1 of them", {"Other": "never"}, True),
        ("all of them", {"Other": "never"}, False),
        ("1 of se*", {"Other": "never"}, False),
    ],
)
def test_conditions(condition, event, expected):
    assert matches("A: evil", event, condition) is expected


PROCESS = {"telemetry": Telemetry.PROCESS_CREATION, "product": "windows", "service": "sysmon"}


@pytest.mark.parametrize(
    ("source", "more", "expected"),
    [
        ("category: process_creation", PROCESS, True),
        ("category: process_creation\n  product: windows", PROCESS, True),
        ("category: process_creation\n  product: linux", PROCESS, False),
        ("category: process_creation\n  product: windows", {**PROCESS, "product": ""}, True),
        ("category: dns_query", PROCESS, False),
        ("product: windows\n  service: sysmon", PROCESS, True),
        ("product: windows\n  service: security", PROCESS, False),
        ("service: sysmon", {**PROCESS, "service": ""}, False),
    ],
)
def test_a_rule_is_asked_about_its_own_log_source_only(source, more, expected):
    matcher = Matcher([rule_test("sigma", rule("A: evil", source=source), author="A. Author")])
    hits = matcher.match(Record(locator="line 1", event={"A": "evil"}, **more))
    assert [hit.matched for hit in hits] == ([("rule",)] if expected else [])
    assert all(matcher.tests[hit.test].author == "A. Author" and not hit.as_text for hit in hits)


CORRELATION = (
    "title: c\ncorrelation: {type: event_count, rules: [a], group-by: [b], timespan: 1h, condition: {gte: 10}}"
)


@pytest.mark.parametrize(
    "text",
    [
        rule("A|expand: '%users%'"),
        rule("A|hour: 3"),
        rule("A|nonsense: x"),
        rule("A|re: '('"),
        rule("A|cidr: nonsense"),
        rule("A|gt: many"),
        rule("A: x", condition="missing"),
        rule("A: x", condition="sel | count() > 3"),
        CORRELATION,
        "no mapping",
        "- a list",
        "a: [broken",
        "",
    ],
)
def test_what_cannot_be_evaluated_says_so_and_is_listed(text):
    with pytest.raises(sigma.NotSupported) as why:
        sigma.compile_rule(text)
    assert str(why.value)
    assert list(Matcher([rule_test("sigma", text)]).unsupported) == [0]


@pytest.mark.parametrize(
    ("detection", "literals"),
    [
        ("A|contains: ' evilword '", {"evilword"}),
        ("A: [oneword, twoword]", {"oneword", "twoword"}),
        ("A|re: evil", None),
        ("A: null", None),
        ("A|neq: evilword", None),
        ("A: ab", None),
        ("A|startswith: 'http://'", None),
        ("A|contains|all: [short, longerword]", {"longerword"}),
        ("A|cidr: 10.0.0.0/8", None),
        ("A|gt: 100", None),
    ],
)
def test_literals_name_what_every_match_must_hold(detection, literals):
    assert sigma.compile_rule(rule(detection)).literals == (None if literals is None else frozenset(literals))
