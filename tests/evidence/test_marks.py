"""One search for all marks says of each what looking for it alone says, and hints answer alike with and without it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nachsorge.evidence import engine
from nachsorge.evidence.hints import marks
from nachsorge.evidence.identify import is_binary
from nachsorge.evidence.looks import Look
from nachsorge.evidence.readers import rows_for

PIECES = [
    *(b"\n", b" ", b"\r\n", b"\t", b"\xef\xbb\xbf", b"\x0b", b"\x85", b"\x1c", b"[", b"<", b"{", b"-" * 20),
    *(b"2023-03-29", b"29-Mar-2023 ", b"Mar 29 ", b"[03/29/", b"lease ", b"module", b"go 1.20", b"[[package"),
    *(b"[Unit]", b"CEF:", b"LEEF:", b" PACKET ", b"DNS Server log", b"nstall", b" stdout ", b"Path:", b"PODS:"),
    *(b"spdxVersion:", b">>>  ", b"  specs:", b"lockfileVersion:", b"jobs:", b"Running `", b"| | | | | | | | | | |"),
]
texts = st.lists(st.sampled_from(PIECES) | st.binary(max_size=12), max_size=14).map(b"".join)


def numbers(head: bytes) -> list[str]:
    return [row.module for row in rows_for(Look(head, "x", binary=is_binary(head)))]


@given(texts)
def test_hints_answer_alike_with_and_without_it(head: bytes) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(marks, "MANY", 1 << 62)
        alone = numbers(head)
        patch.setattr(marks, "MANY", 0)
        assert numbers(head) == alone


@given(texts)
def test_it_finds_what_each_pattern_finds_alone(head: bytes) -> None:
    patterns = tuple(marks._patterns)
    search = engine.present(patterns)
    if search is None:
        pytest.skip("hyperscan has no wheel for this platform")
    alone = {number for number, pattern in enumerate(patterns) if re.search(pattern, b"\n" + head)}
    assert search(b"\n" + head) == alone


def test_a_few_texts_are_not_worth_compiling_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marks, "_looked", 0)
    assert {marks.somewhere(b"module") for _ in range(marks.MANY - 1)} == {None}
    assert engine.hyperscan is None or marks.somewhere(b"module")


def test_without_hyperscan_every_mark_may_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "hyperscan", None)
    assert engine.present((b"a",)) is None
