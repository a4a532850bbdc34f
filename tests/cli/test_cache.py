"""Long indicator files are read once; the second time they say the same."""

from __future__ import annotations

import pytest

from nachsorge.cli import cache
from nachsorge.errors import PackError
from nachsorge.packs.library import resolve


@pytest.fixture
def long_list(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("NACHSORGE_CACHE", raising=False)
    monkeypatch.setattr(cache, "LONG", 100)
    path = tmp_path / "list.csv"
    rows = "".join(f"domain,name{number}.example,{'linux' if number % 2 else ''}\n" for number in range(50))
    path.write_text("type,value,platform\n" + rows + "domain,not a name,\nip,192.0.2.1,\nip,192.0.2.1,\n")
    return path


def test_the_second_reading_is_the_first(long_list, monkeypatch):
    first = cache.load(str(long_list))
    assert first == resolve(str(long_list))
    assert len(first.not_understood) == 2
    monkeypatch.setattr(cache, "resolve", lambda word: pytest.fail("read again"))
    assert cache.load(str(long_list)) == first


def test_a_changed_file_or_other_code_is_read_anew(long_list, monkeypatch):
    before = cache.load(str(long_list))
    long_list.write_text(long_list.read_text() + "ip,192.0.2.2,\n")
    assert len(cache.load(str(long_list)).indicators) == len(before.indicators) + 1
    read = []
    monkeypatch.setattr(cache, "_code", lambda: b"other")
    monkeypatch.setattr(cache, "resolve", lambda word: read.append(word) or resolve(word))
    cache.load(str(long_list))
    assert read


def test_what_is_damaged_or_switched_off_does_not_matter(long_list, monkeypatch, tmp_path):
    first = cache.load(str(long_list))
    (entry,) = (tmp_path / "cache" / "nachsorge" / "lists").iterdir()
    entry.write_bytes(b"\xc1 no list")
    assert cache.load(str(long_list)) == first
    monkeypatch.setenv("NACHSORGE_CACHE", "off")
    assert cache.store().path("lists") is None
    assert cache.load(str(long_list)) == first


def test_problems_are_told_every_time(long_list):
    long_list.write_text("type,value\n" + "domain,not a name\n" * 50)
    for _ in range(2):
        with pytest.raises(PackError):
            cache.load(str(long_list))
