"""Bombs stop, soon and in little memory; what came before stays."""

from __future__ import annotations

import gzip
import io
import struct
import time
import tracemalloc
import zipfile
import zlib

import pytest
from tests.evidence.containers.test_tar import packed as tarred
from tests.evidence.containers.test_zip import packed
from tests.evidence_kit import opened

from nachsorge.evidence.containers import Limits, leaves
from nachsorge.evidence.containers.limits import MIB
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.seams import Opened, ReadError
from nachsorge.model.words import Reason

SECONDS = 60  # a bomb that is not stopped takes minutes; a busy machine takes its time


@pytest.fixture
def soon_and_small():
    tracemalloc.start()
    begin = time.monotonic()
    yield
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert time.monotonic() - begin < SECONDS
    assert peak < 200 * MIB


def count(source: Opened) -> tuple[int, Reason | None]:
    size = 0
    with source.open() as stream:
        try:
            while data := stream.read(MIB):
                size += len(data)
        except ReadError as problem:
            return size, problem.reason
    return size, None


def test_a_gigabyte_of_zeros_stops_at_the_ratio(soon_and_small):
    engine = zlib.compressobj(9, wbits=31)
    body = b"".join(engine.compress(bytes(MIB)) for _ in range(1024)) + engine.flush()
    (leaf,) = leaves(opened(body, "zeros.gz"), Limits(ratio=100), Ledger())
    size, reason = count(leaf)
    assert reason is Reason.LIMIT
    assert 64 * MIB < size <= 110 * len(body)


def test_the_same_bytes_count_once_however_often_they_are_read():
    limits = Limits(unpacked=3 * MIB)
    (leaf,) = leaves(opened(gzip.compress(bytes(2 * MIB)), "a.gz"), limits, Ledger())
    assert [count(leaf) for _ in range(5)] == [(2 * MIB, None)] * 5
    assert limits.spent.unpacked == 2 * MIB


def test_bytes_in_all_are_limited_over_all_members():
    ledger = Ledger()
    got = [
        count(leaf)
        for leaf in leaves(opened(packed([(n, bytes(MIB)) for n in "abc"]), "a.zip"), Limits(unpacked=2 * MIB), ledger)
    ]
    assert got == [(MIB, None), (MIB, None), (0, Reason.LIMIT)]


def test_nested_archives_stop_at_the_depth(soon_and_small):
    body = b"the innermost"
    for _ in range(9):
        body = packed([("next.zip", body)])
    ledger = Ledger()
    assert not list(leaves(opened(body, "a.zip"), Limits(), ledger))
    assert [gap.reason for gap in ledger.gaps] == [Reason.LIMIT]
    assert ledger.gaps[0].note.startswith("a.zip!next.zip!next.zip!next.zip!next.zip!next.zip:")


def test_five_containers_deep_is_still_read():
    body = b"the innermost"
    for _ in range(5):
        body = packed([("next.zip", body)])
    (leaf,) = leaves(opened(body, "a.zip"), Limits(), Ledger())
    assert count(leaf) == (13, None)


def test_an_archive_of_archives_of_zeros_stops_for_all_together(soon_and_small):
    inner = packed([(f"{n}", bytes(8 * MIB)) for n in range(16)])
    middle = packed([(f"{n}.zip", inner) for n in range(16)])
    outer = packed([(f"{n}.zip", middle) for n in range(16)])
    limits, ledger = Limits(), Ledger()
    reasons = [count(leaf)[1] for leaf in leaves(opened(outer, "42.zip"), limits, ledger)]
    assert reasons[0] is None
    assert reasons[-1] is Reason.LIMIT
    assert limits.spent.unpacked < 1100 * len(outer) + 64 * MIB
    assert Reason.LIMIT in {gap.reason for gap in ledger.gaps}


def overlapping(entries: int) -> bytes:
    """Make many directory entries that all point to one local header (after D. Fifield, A better zip bomb, 2019)."""
    plain = packed([("kernel", bytes(20 * MIB))])
    at = plain.index(b"PK\1\2")
    central = plain[at : plain.rindex(b"PK\5\6")]
    many = b"".join(central[:46] + b"%06d" % n + central[52:] for n in range(entries))
    return plain[:at] + many + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, entries, entries, len(many), at, 0)


def test_overlapping_members_stop_at_the_ratio(soon_and_small):
    ledger, reasons = Ledger(), []
    body = overlapping(500)
    for leaf in leaves(opened(body, "better.zip"), Limits(), ledger):
        reasons.append(count(leaf)[1])
    assert reasons[0] is None
    assert reasons[-1] is Reason.LIMIT
    assert len(reasons) < 20
    assert ledger.gaps[0].reason is Reason.LIMIT


@pytest.mark.parametrize("form", [packed, tarred])
def test_members_are_limited_and_the_first_stay(form):
    ledger = Ledger()
    found = list(leaves(opened(form([(f"{n}", b"") for n in range(9)]), "a"), Limits(members=4), ledger))
    assert [leaf.name for leaf in found] == ["0", "1", "2", "3"]
    assert [gap.reason for gap in ledger.gaps] == [Reason.LIMIT]


def test_a_fresh_source_has_a_fresh_account():
    limits = Limits(members=1)
    for _ in range(2):
        assert list(leaves(opened(packed([("a", b"")]), "a.zip"), limits.fresh(), Ledger()))
    assert limits.spent.members == 0


def test_many_members_of_one_name_stay_quick(soon_and_small):
    file = io.BytesIO()
    body = tarred([("n", b"")])[:512]
    file.write(body * 5_000 + bytes(1024))
    found = list(leaves(opened(file.getvalue(), "a.tar"), Limits(), Ledger()))
    assert len({leaf.path for leaf in found}) == 5_000


def test_a_large_member_goes_to_a_temporary_file_and_can_be_read_anywhere(monkeypatch):
    monkeypatch.setattr("nachsorge.evidence.containers.streams.IN_MEMORY", 1000)
    body = bytes(range(256)) * 100
    for leaf in leaves(opened(gzip.compress(tarred([("a", body), ("b", b"2")])), "a.tgz"), Limits(), Ledger()):
        with leaf.open() as stream, leaf.open() as other:
            stream.seek(-6, 2) if leaf.name == "a" else None
            assert other.read(3) == (body if leaf.name == "a" else b"2")[:3]
            assert stream.read() == (body[-6:] if leaf.name == "a" else b"2")


def test_the_standard_library_agrees_that_the_bomb_is_one():
    with zipfile.ZipFile(io.BytesIO(overlapping(500))) as archive:
        assert sum(info.file_size for info in archive.infolist()) == 500 * 20 * MIB
