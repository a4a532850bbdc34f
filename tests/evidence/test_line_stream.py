"""Lines of a stream one by one."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from nachsorge.evidence import line_stream
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.line_stream import numbered_lines
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    import pytest


@given(st.binary().filter(lambda body: b"\r" not in body))
def test_lines_are_those_of_the_file(body: bytes):
    lines = [line for _, line in numbered_lines(io.BytesIO(body), Ledger())]
    assert b"\n".join(lines) == body.removesuffix(b"\n")


def test_a_line_beyond_the_limit_is_told_and_the_next_has_its_number(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(line_stream, "LONGEST_LINE", 100)
    monkeypatch.setattr(line_stream, "CHUNK", 64)
    ledger = Ledger()
    found = list(numbered_lines(io.BytesIO(b"a\r\n" + b"x" * 1_000 + b"\nb\n"), ledger))
    assert found == [(1, b"a"), (3, b"b")]
    assert (ledger.records, ledger.unreadable_at, ledger.gaps[0].reason) == (1, ["line 2"], Reason.LIMIT)
