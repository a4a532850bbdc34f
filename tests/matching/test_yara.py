"""YARA rules over file contents; the rules and files here are our own and harmless."""

from __future__ import annotations

from tests.matching.kit import record, rule_test, value_test

from nachsorge.matching.match import Matcher

WORD = 'rule word { strings: $a = "harmless-marker" condition: $a }'
WORD_AGAIN = "rule word { strings: $a = { 48 41 52 4D } condition: $a and filesize < 1KB }"
TWO = "rule first { condition: true } rule second { condition: filesize == 0 }"


def test_rules_of_the_same_name_are_told_apart_by_their_test():
    matcher = Matcher([value_test("domain", "evil.com"), rule_test("yara", WORD), rule_test("yara", WORD_AGAIN)])
    assert matcher.yara.scan(b"x harmless-marker x") == [1]
    assert matcher.yara.scan(b"HARM") == [2]
    assert matcher.yara.scan(b"HARM harmless-marker") == [1, 2]
    assert matcher.yara.scan(b"nothing") == []


def test_a_test_with_two_matching_rules_is_one_hit():
    assert Matcher([rule_test("yara", TWO)]).yara.scan(b"") == [0]


def test_without_rules_nothing_is_scanned():
    scanner = Matcher([value_test("domain", "evil.com")]).yara
    assert scanner.empty
    assert scanner.scan(b"harmless-marker") == []


def test_rules_are_not_asked_about_records_and_do_not_open_the_sieve():
    matcher = Matcher([rule_test("yara", WORD, author="A. Author")])
    assert matcher.match(record(("text", "harmless-marker"))) == []
    assert not matcher.sieve().everything
    assert matcher.tests[matcher.yara.scan(b"harmless-marker")[0]].author == "A. Author"
