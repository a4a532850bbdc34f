"""UTF-16 text becomes UTF-8."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.evidence.containers.test_compressed import drain
from tests.evidence_kit import opened

from nachsorge.evidence.containers import Limits, leaves
from nachsorge.evidence.containers.utf16 import encoding_of
from nachsorge.evidence.ledger import Ledger
from nachsorge.model.words import Reason

TEXT = "Wien, 29. März 2023: www.example.com wurde gelesen\r\n" * 9000


@pytest.mark.parametrize(
    "body",
    [
        codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
    ],
)
def test_every_way_to_write_it(body):
    (leaf,) = leaves(opened(body, "a.txt"), Limits(), Ledger())
    assert (leaf.path, leaf.name) == ("a.txt", "a.txt")
    assert drain(leaf) == (TEXT.encode(), None)


@pytest.mark.parametrize(
    "body",
    [
        TEXT.encode(),
        TEXT.encode("utf-32-le"),
        codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"),
        codecs.BOM_UTF16_LE + bytes(range(256)) * 4,
        bytes(5000),
        b"a\0" * 8,
        b"a\0\1\2" * 500,
        b"",
    ],
)
def test_what_it_is_not(body):
    assert encoding_of(body) is None


def test_half_a_character_at_the_end_is_told():
    (leaf,) = leaves(opened(codecs.BOM_UTF16_LE + "text".encode("utf-16-le") + b"x", "a"), Limits(), Ledger())
    assert drain(leaf) == (b"text", Reason.TRUNCATED)


@given(st.text(st.characters(blacklist_categories=["Cs", "Cc", "Cn", "Co", "Cf"]), min_size=1))
def test_any_text_with_a_mark_survives(text):
    leaf = next(leaves(opened(text.encode("utf-16"), "a"), Limits(depth=1), Ledger()))
    assert drain(leaf)[0] in (text.encode(), text.encode("utf-16"))


@given(st.binary())
def test_any_bytes_with_a_mark_raise_nothing(body):
    for leaf in leaves(opened(codecs.BOM_UTF16_LE + body, "a"), Limits(), Ledger()):
        drain(leaf)
