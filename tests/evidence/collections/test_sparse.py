"""Sparse files: ranges with data one after the other, an index beside."""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.collection_kit import velociraptor
from tests.evidence.collections.tree import brought
from tests.evidence_kit import opened

from nachsorge.evidence.collections import sparse as sparse_files
from nachsorge.evidence.collections.sparse import filled, map_of
from nachsorge.evidence.seams import ReadError
from nachsorge.model.words import Reason

PLACE = "C:\\$Extend\\$UsnJrnl:$J"


def index(*ranges: tuple[int, int, int, int]) -> str:
    """Spell an index as Go does: what is 0 is left out."""
    names = ("file_offset", "original_offset", "file_length", "length")
    return json.dumps({"ranges": [{n: v for n, v in zip(names, one, strict=True) if v} for one in ranges]})


@given(st.lists(st.tuples(st.integers(1, 5000), st.booleans()), min_size=1, max_size=12), st.data())
def test_the_file_is_what_it_was_on_the_host(stretches, data):
    whole, stored, ranges = b"", b"", []  # type: ignore[var-annotated]
    for length, hole in stretches:
        body = bytes(length) if hole else bytes([len(ranges) + 1]) * length
        ranges.append((len(stored), len(whole), 0 if hole else length, length))
        whole, stored = whole + body, stored + (b"" if hole else body)
    where = map_of(index(*ranges))
    assert where.size == len(whole) and not where.lost
    source = filled(opened(stored), where)  # type: ignore[arg-type]
    assert source.open().read() == whole
    at = data.draw(st.integers(0, len(whole)))
    with source.open() as stream:
        stream.seek(at)
        assert stream.read(999) == whole[at : at + 999]


def test_numbers_may_be_texts_and_names_may_be_written_together():
    where = map_of('{"ranges": [{"originalOffset": "0", "fileLength": "3", "length": "3"}]}')
    assert filled(opened(b"abc"), where).open().read() == b"abc"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"ranges": []}',
        '{"ranges": [1]}',
        '{"ranges": [{"length": -1}]}',
        '{"ranges": [{"length": []}]}',
        index((0, 0, 5, 5), (5, 3, 5, 5)),
        '{"ranges":' * 100_000,
    ],
)
def test_what_is_no_index(text):
    assert map_of(text) is None


def test_a_few_bytes_cannot_state_zeros_without_end(monkeypatch):
    monkeypatch.setattr(sparse_files, "MOST_ZEROS", 2**20)
    where = map_of(index((0, 0, 0, 2**60)))
    with filled(opened(b""), where).open() as stream, pytest.raises(ReadError) as told:  # type: ignore[arg-type]
        while stream.read(2**18):
            pass
    assert told.value.reason is Reason.LIMIT


def test_what_no_range_speaks_of_raises_where_it_is_read():
    where = map_of(index((0, 0, 4, 4), (4, 100, 4, 4)))
    assert where.lost == 96
    with filled(opened(b"aaaabbbb"), where).open() as stream:  # type: ignore[arg-type]
        assert stream.read(4) == b"aaaa"
        with pytest.raises(ReadError) as told:
            stream.read()
    assert told.value.reason is Reason.NOT_PROVIDED


def test_a_stored_part_that_is_too_short_is_truncated():
    where = map_of(index((0, 0, 10, 10)))
    with pytest.raises(ReadError) as told:
        filled(opened(b"abc"), where).open().read()  # type: ignore[arg-type]
    assert told.value.reason is Reason.TRUNCATED


def sparse(text: str, accessor: str = "ntfs", stored: bytes = b"usn!"):
    files = [(PLACE, stored, "2023-04-01T06:00:00Z"), (PLACE + ".idx", text.encode(), "2023-04-01T06:00:00Z")]
    members = velociraptor(files, accessors=dict.fromkeys((PLACE, PLACE + ".idx"), accessor))
    return brought([m for m in members if m[0] != "uploads.json"])


def test_in_a_collection_the_index_is_no_file_of_the_host():
    _, files, ledger = sparse(index((0, 0, 0, 6), (0, 6, 4, 4)))
    (entry,) = files
    assert (entry.inside, entry.size) == (PLACE, 10)
    assert hashlib.sha256(entry.source.open().read()).digest() == hashlib.sha256(bytes(6) + b"usn!").digest()
    assert not ledger.gaps


def test_chosen_ranges_leave_holes_that_nobody_read():
    _, _, ledger = sparse(index((0, 0, 0, 6), (0, 6, 4, 4)), accessor="sparse")
    assert [(gap.reason, "6 of 10 bytes" in gap.note) for gap in ledger.gaps] == [(Reason.NOT_PROVIDED, True)]


def test_another_file_that_ends_so_is_the_hosts():
    _, files, _ = sparse("a search index of some program")
    assert {entry.inside for entry in files} == {PLACE, PLACE + ".idx"}
