from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from nachsorge.reports.visible import ACTING, visible


@given(st.text(st.characters(codec=None), max_size=60))
def test_nothing_that_acts_is_left(text):
    assert not [char for char in visible(text) if unicodedata.category(char) in ACTING]
    visible(text).encode("utf-8")


@given(
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")), max_size=60)
)
def test_what_does_not_act_comes_back_unchanged(text):
    assert visible(text) == text


def test_what_it_looks_like():
    assert visible("a\x1b[31m\u202eb\x00\ud800") == "a⟨U+001B⟩[31m⟨U+202E⟩b⟨U+0000⟩⟨U+D800⟩"
    assert visible("one\ntwo\tthree") == "one⏎two⇥three"
