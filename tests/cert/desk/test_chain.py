"""The log's chain: whatever is changed, put in, taken out or cut off shows."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nachsorge.cert.desk.chain import ORIGIN, Fact, digest, verify

WORDS = st.text(max_size=20)


def chain_of(whys):
    entries, head = [], ORIGIN
    for number, why in enumerate(whys, 1):
        fact = Fact(number, "2026-11-23T02:00:00.000000Z", "ana", "state", "NS-1", why, {"from": "received"}, head)
        head = digest(fact)
        entries.append((fact, head))
    return entries


@given(st.lists(WORDS, max_size=6))
def test_an_untouched_chain_holds(whys):
    entries = chain_of(whys)
    proof = verify(entries)
    assert (proof.entries, proof.breaks) == (len(whys), ())
    assert verify(entries, proof.head if whys else "").breaks == ()


@given(st.lists(WORDS, min_size=1, max_size=6), st.data())
def test_any_changed_field_shows(whys, data):
    entries = chain_of(whys)
    place = data.draw(st.integers(0, len(whys) - 1))
    field = data.draw(st.sampled_from(["at", "who", "act", "subject", "why"]))
    fact, stored = entries[place]
    entries[place] = (replace(fact, **{field: getattr(fact, field) + "x"}), stored)
    assert place + 1 in {each.number for each in verify(entries).breaks}


@given(st.lists(WORDS, min_size=1, max_size=6), st.data())
def test_a_changed_entry_with_a_new_digest_breaks_the_next_or_the_noted_head(whys, data):
    entries = chain_of(whys)
    head = entries[-1][1]
    place = data.draw(st.integers(0, len(whys) - 1))
    changed = replace(entries[place][0], details={"from": "verified"})
    entries[place] = (changed, digest(changed))
    assert verify(entries, head).breaks


@given(st.lists(WORDS, min_size=2, max_size=6), st.data())
def test_a_missing_entry_shows(whys, data):
    entries = chain_of(whys)
    del entries[data.draw(st.integers(0, len(whys) - 2))]
    assert verify(entries).breaks


def test_a_cut_end_shows_only_against_a_head_noted_elsewhere():
    entries = chain_of(["a", "b", "c"])
    assert not verify(entries[:2]).breaks
    assert "cut off" in verify(entries[:2], entries[2][1]).breaks[0].what


@pytest.mark.parametrize("parts", [("ab", "c"), ("a", "bc")])
def test_fields_do_not_run_into_each_other(parts):
    base = Fact(1, "t", "w", "x", parts[0], parts[1], {}, ORIGIN)
    assert digest(base) != digest(replace(base, subject="abc", why=""))
