"""Borders of literals: what short lists admit is all that matters, and hardly more."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.matching.kit import hits_in, value_test

from nachsorge.evidence.readers.cef import Cef
from nachsorge.evidence.readers.leef import Leef
from nachsorge.evidence.readers.ndjson import Ndjson
from nachsorge.evidence.readers.plain_text import PlainText
from nachsorge.matching.borders import Token, borders
from nachsorge.matching.match import Matcher
from nachsorge.matching.sieve import LiteralSieve, OpenSieve, hyperscan

VALUES = [
    ("domain", "evil.example"),
    ("domain", "www.evil.evil.test"),
    ("ip", "192.0.2.17"),
    ("url", "http://files.evil.test/x/payload.bin"),
    ("url", "http://192.0.2.18/x"),
    ("file_name", "evil-tool.exe"),
    ("path", "C:\\tools\\evil-tool.dll"),
    ("email", "bob@mail.evil.test"),
]
GLUE = ["", ".", "..", "-", "--", "*.", "_", "x", "1.", "\\n", "\\u2028", "\\\\", "#011", "'", "@", ":", "é", "0x", "/"]

needs_hyperscan = pytest.mark.skipif(hyperscan is None, reason="without hyperscan borders are not looked at")


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    return Matcher([value_test(*each) for each in VALUES])


@settings(max_examples=2000, deadline=None)
@given(
    st.sampled_from(VALUES), st.lists(st.sampled_from(GLUE), max_size=3), st.lists(st.sampled_from(GLUE), max_size=3)
)
def test_whatever_is_glued_to_a_value_what_the_text_matches_is_admitted(matcher, value, before, after):
    text = "".join(before) + value[1].upper().removeprefix("HTTP://").replace("\\", "\\\\") + "".join(after)
    raw = f'{{"text":"{text}"}}\n'.encode()
    compiled = matcher.sieve()
    assert isinstance(compiled, LiteralSieve)
    assert hits_in(matcher, Ndjson(), raw, compiled) == hits_in(matcher, Ndjson(), raw, OpenSieve())
    assert hits_in(matcher, PlainText(), raw, compiled) == hits_in(matcher, PlainText(), raw, OpenSieve())


FILLER = st.text("ab1.-_ /:\\\n#", max_size=40)


@settings(max_examples=1000, deadline=None)
@given(FILLER, st.sampled_from(VALUES), FILLER)
def test_wherever_a_value_stands_its_line_is_admitted(matcher, before, value, after):
    raw = f"{before}{value[1].removeprefix('http://')}{after}\n".encode()
    assert hits_in(matcher, PlainText(), raw, matcher.sieve()) == hits_in(matcher, PlainText(), raw, OpenSieve())


@pytest.mark.parametrize(
    ("reader", "body"),
    [
        (Leef(), b"LEEF:2.0|m|p|1|id|_|src=192.0.2.17_usrName=bob_url=http://evil.example/x_a=b\n"),
        (Cef(), b"CEF:0|m|p|1|7|n|5|rt=1680000000000 msg=a\\nevil.example src=192.0.2.1\n"),
    ],
    ids=["leef", "cef"],
)
def test_delimiters_and_escapes_hide_nothing(matcher, reader, body):
    everything = hits_in(matcher, reader, body, OpenSieve())
    assert everything
    assert hits_in(matcher, reader, body, matcher.sieve()) == everything


@needs_hyperscan
@pytest.mark.parametrize(
    "text",
    ["notevil.example", "evil.examples", "evil.test", "192.0.2.170", "1192.0.2.17", "an evil thing", "xevil-tool.exe"],
)
def test_neighbours_are_not_admitted(matcher, text):
    assert not matcher.sieve().admits(text.encode())


@needs_hyperscan
@pytest.mark.parametrize(
    "text", ["evil.example", "a.EVIL.example", "-evil.example", "(evil.example.)", "\\nevil.example"]
)
def test_values_are(matcher, text):
    assert matcher.sieve().admits(text.encode())


def test_a_literal_that_another_test_needs_anywhere_has_no_borders():
    both = [
        (value_test("domain", "evil.example"), frozenset({"evil"})),
        (value_test("string", "evil"), frozenset({"evil"})),
    ]
    assert borders(both[:1]) == {"evil": (Token(4, b"evil.example"),)}
    assert not borders(both)
    assert not borders(reversed(both))


def test_a_literal_may_stand_in_several_places_of_several_tokens():
    tests = [value_test("domain", "evil.evil.test"), value_test("domain", "evil.example")]
    found = borders((test, frozenset({"evil"})) for test in tests)
    assert set(found["evil"]) == {Token(4, b"evil.evil.test"), Token(9, b"evil.evil.test"), Token(4, b"evil.example")}
