"""What is kept compiled: found again by what it was made from, and never trusted beyond that."""

from __future__ import annotations

import pytest

from nachsorge.matching import sieve, store
from nachsorge.matching.sieve import LiteralSieve
from nachsorge.matching.store import Store, digest_of

LONG = [f"literal{number:06}" for number in range(sieve._LONG)]


def test_what_was_kept_is_found_again(tmp_path):
    kept = Store(str(tmp_path / "cache"))
    kept.put("kind", "name", b"content")
    assert kept.get("kind", "name") == b"content"
    assert kept.get("kind", "other") is None
    assert kept.get("other", "name") is None
    assert (tmp_path / "cache" / "kind").stat().st_mode & 0o077 == 0


def test_only_the_last_used_stay(tmp_path, monkeypatch):
    monkeypatch.setattr(store, "KEPT", 3)
    kept = Store(str(tmp_path))
    for number in range(6):
        kept.put("kind", str(number), b"x")
    assert len(list((tmp_path / "kind").iterdir())) == 3
    assert kept.get("kind", "5") == b"x"


def test_without_a_folder_nothing_is_kept(tmp_path):
    Store().put("kind", "name", b"content")
    assert Store().get("kind", "name") is None
    taken = tmp_path / "file"
    taken.write_text("")
    Store(str(taken)).put("kind", "name", b"content")
    assert Store(str(taken)).get("kind", "name") is None


def test_names_tell_parts_apart():
    assert digest_of([b"ab", b"c"]) != digest_of([b"a", b"bc"])


@pytest.mark.skipif(sieve.hyperscan is None, reason="no hyperscan on this platform")
def test_literals_are_compiled_once_and_found_the_same(tmp_path, monkeypatch):
    kept = Store(str(tmp_path))
    block = b"a literal000007 and LITERAL004999 and literal999999"
    first = LiteralSieve(LONG, kept).ends(block)
    monkeypatch.setattr(sieve, "_database", lambda ordered: pytest.fail("compiled again"))
    assert LiteralSieve(LONG, kept).ends(block) == first == [15, 33]


@pytest.mark.skipif(sieve.hyperscan is None, reason="no hyperscan on this platform")
def test_a_damaged_entry_is_compiled_anew(tmp_path):
    kept = Store(str(tmp_path))
    LiteralSieve(LONG, kept)
    (entry,) = (tmp_path / "literals").iterdir()
    entry.write_bytes(b"damaged" + entry.read_bytes()[7:5000])
    assert LiteralSieve(LONG, kept).ends(b"literal000007") == [13]
    entry.write_bytes(b"")
    assert LiteralSieve(LONG, kept).ends(b"literal000007") == [13]
