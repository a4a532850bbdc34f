"""The sieve of large lists: what it takes for tokens, and the glue that evidence puts to them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.matching.kit import hits_in, record, value_test

from nachsorge.evidence.readers.cef import Cef
from nachsorge.evidence.readers.csv_table import CsvTable
from nachsorge.evidence.readers.leef import Leef
from nachsorge.evidence.readers.ndjson import Ndjson
from nachsorge.evidence.readers.plain_text import PlainText
from nachsorge.evidence.readers.zeek_tsv import ZeekTsv
from nachsorge.matching import tokens
from nachsorge.matching.match import Matcher
from nachsorge.matching.necessary import split
from nachsorge.matching.sieve import LiteralSieve, OpenSieve
from nachsorge.matching.tokens import TokenSieve

MD5 = "0123456789abcdef0123456789abcdef"
VALUES = [
    ("domain", "evil.example"),
    ("domain", "a.co"),
    ("ip", "192.0.2.17"),
    ("md5", MD5),
    ("sha1", MD5 + "01234567"),
    ("sha256", MD5 * 2),
    ("url", "http://files.evil.test/x/y.bin"),
    ("url", "http://192.0.2.18/x"),
]
GLUE = ["", ".", "..", "-", "--", "*.", "_", "x", "1.", "\\n", "\\u2028", "\\\\", "#011", "'", "@", ":", "é", "0x", "."]


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    return Matcher([value_test(*each) for each in VALUES])


@settings(max_examples=2000, deadline=None)
@given(
    st.sampled_from(VALUES), st.lists(st.sampled_from(GLUE), max_size=3), st.lists(st.sampled_from(GLUE), max_size=3)
)
def test_whatever_is_glued_to_a_value_what_the_text_matches_is_admitted(matcher, value, before, after):
    text = "".join(before) + value[1].upper().removeprefix("HTTP://") + "".join(after)
    raw = f'{{"text":"{text}"}}\n'.encode()
    assert isinstance(compiled := matcher.sieve(many=0), TokenSieve)
    assert hits_in(matcher, Ndjson(), raw, compiled) == hits_in(matcher, Ndjson(), raw, OpenSieve())
    assert hits_in(matcher, PlainText(), raw, compiled) == hits_in(matcher, PlainText(), raw, OpenSieve())


FILLER = st.text("ab1.-_ /:\\\n", max_size=150)


@settings(max_examples=1000, deadline=None)
@given(FILLER, st.sampled_from(VALUES), FILLER)
def test_wherever_a_value_stands_its_line_is_admitted(matcher, before, value, after):
    # Sixty-four bytes are looked at together: values lie across them, at their borders, and in what is left at the end.
    raw = f"{before}{value[1].removeprefix('http://')}{after}\n".encode()
    compiled = matcher.sieve(many=0)
    assert hits_in(matcher, PlainText(), raw, compiled) == hits_in(matcher, PlainText(), raw, OpenSieve())


@settings(max_examples=500, deadline=None)
@given(st.lists(st.sampled_from(["ab", "cd", "e", "fgh", ""]), max_size=60), st.integers(0, 70))
def test_pairs_of_digits_are_admitted_wherever_they_stand(matcher, around, shift):
    pairs = [MD5[at : at + 2] for at in range(0, 32, 2)]
    text = "x" * shift + " " + ":".join([*around, *pairs])
    if matcher.match(record(("text", text))):
        assert matcher.sieve(many=0).admits(text.encode())


@pytest.mark.parametrize("mark", [":", " ", "-"])
@pytest.mark.parametrize("before", ["", "x ", "sha_", "a."])
@pytest.mark.parametrize("after", ["", " x", "_", "."])
def test_pairs_of_digits_are_admitted(matcher, mark, before, after):
    text = before + mark.join(MD5[at : at + 2] for at in range(0, 32, 2)) + after
    if matcher.match(record(("text", text))):
        assert matcher.sieve(many=0).admits(text.encode())


@pytest.mark.parametrize(
    ("reader", "body"),
    [
        (Leef(), b"LEEF:2.0|m|p|1|id|_|src=192.0.2.17_usrName=bob_url=http://evil.example/x_a=b\n"),
        (Leef(), b"LEEF:2.0|m|p|1|id|x5F|src=192.0.2.17_usrName=bob\n"),
        (Cef(), b"CEF:0|m|p|1|7|n|5|rt=1680000000000 msg=a\\nevil.example src=192.0.2.1\n"),
        (CsvTable(), b"sep=_\ntime_host_note\n2023-03-28T10:40:00Z_evil.example_x\n2023-03-28T10:40:01Z_b.example_y\n"),
        (
            ZeekTsv(),
            b"#separator \\x5f\n#path_dns\n#fields_ts_uid_query_rcode\n1680000000.5_C1_evil.example_0\n"
            b"1680000001.5_C2_b.example_0\n",
        ),
    ],
    ids=["leef", "leef hex", "cef", "csv", "zeek"],
)
def test_delimiters_that_belong_to_names_hide_nothing(matcher, reader, body):
    everything = hits_in(matcher, reader, body, OpenSieve())
    assert everything
    assert hits_in(matcher, reader, body, matcher.sieve(many=0)) == everything


def test_what_is_no_plain_token_stays_a_literal():
    kinds = [
        *(("domain", "xn--bcher-kva.example"), ("domain", "single"), ("domain", "x.123"), ("ip", "2001:db8::17")),
        *(("path", "C:\\evil"), ("string", "needle.example"), ("domain", "a." * 120 + "example")),
    ]
    found, rest = split([value_test(*each) for each in kinds])
    assert not found
    assert len(rest) == len(kinds)


def test_urls_on_a_popular_host_are_told_by_their_paths():
    found, rest = split([value_test("url", f"https://popular.example/folder/file{n}.bin") for n in range(20)])
    assert found == {f"file{n}.bin" for n in range(20)}
    assert not rest


def test_neighbours_are_not_admitted(matcher):
    compiled = matcher.sieve(many=0)
    for text in ("notevil.example", "evil.examples", "192.0.2.170", "1192.0.2.17", MD5 + "0", "evil.example.net"):
        assert not compiled.admits(text.encode()), text


def test_short_lists_and_missing_extras_search_literals(matcher, monkeypatch):
    assert isinstance(matcher.sieve(many=len(VALUES) + 1), OpenSieve | LiteralSieve)
    monkeypatch.setattr(tokens, "available", lambda: False)
    assert not isinstance(matcher.sieve(many=0), TokenSieve)


def test_more_hits_than_room_are_all_given(matcher):
    block = b"evil.example\n" * 40_000
    assert matcher.sieve(many=0).ends(block) == list(range(12, len(block), 13))
