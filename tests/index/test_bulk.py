"""Big logs are read in bulk: the index then gives the same answer, and holds the same rows as record by record."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.index.kit import sighted, standings, verdicts
from tests.index.test_same_answer import ATOMIC, EVIDENCE, FEW, INVENTORIES, both

from nachsorge.index.shapes import line_of, text_of
from nachsorge.sweep import gather

SOME = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


@SOME
@given(EVIDENCE, st.lists(st.sampled_from(ATOMIC), unique=True), st.sampled_from(INVENTORIES), FEW)
def test_read_in_bulk_the_answer_is_the_same(evidence, indicators, inventory, few):
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(gather, "BULKY", 0)
        raw, kept = both(Path(folder), evidence, indicators, inventory, few)
    assert sighted(kept) == sighted(raw)
    assert standings(kept) == standings(raw)
    assert verdicts(kept) == verdicts(raw)
    assert kept.coverage == raw.coverage
    assert [s.reading for s in kept.sources] == [s.reading for s in raw.sources]


@given(st.text(alphabet="ab\n\x1e\x1f12"))
def test_a_text_in_one_line_is_the_same_text(text):
    assert "\n" not in line_of(text)
    assert text_of(line_of(text)) == text
