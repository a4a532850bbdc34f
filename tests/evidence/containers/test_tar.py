"""tar archives, plain and within a stream."""

from __future__ import annotations

import gzip
import io
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.evidence.containers.test_compressed import BODY, drain
from tests.evidence.containers.test_zip import HOSTILE, unpacked
from tests.evidence_kit import opened

from nachsorge.evidence.containers import Limits, leaves, tar_headers
from nachsorge.evidence.containers.tar_headers import LONGEST
from nachsorge.evidence.ledger import Ledger
from nachsorge.model.words import Reason

FORMATS = [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]


def packed(
    members: list[tuple[str, bytes]], form: int = tarfile.PAX_FORMAT, kinds: dict[str, bytes] | None = None
) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=form) as archive:
        for name, body in members:
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(body), 1_680_000_000
            info.type = (kinds or {}).get(name, tarfile.REGTYPE)
            info.linkname = "/etc/passwd" if info.type in (tarfile.SYMTYPE, tarfile.LNKTYPE) else ""
            archive.addfile(info, io.BytesIO(body))
    return file.getvalue()


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("wrap", [bytes, gzip.compress])
def test_members_in_order_with_their_bytes(form, wrap):
    long = "folder/" * 20 + "ü.log" if form != tarfile.USTAR_FORMAT else "folder/" * 12 + "u.log"
    found, bodies, ledger = unpacked(wrap(packed([(long, BODY), ("empty", b""), ("last", b"3")], form)), "a.tar")
    assert list(bodies.items()) == [(f"a.tar!{long}", BODY), ("a.tar!empty", b""), ("a.tar!last", b"3")]
    assert found[0].modified == 1_680_000_000_000_000
    assert not ledger.gaps
    # Behind its turn a member costs more, but is the same.
    assert [drain(leaf) for leaf in found] == [(BODY, None), (b"", None), (b"3", None)]


def test_a_member_skipped_and_one_half_read_do_not_disturb_the_next():
    seen = []
    for leaf in leaves(
        opened(gzip.compress(packed([("a", BODY), ("b", BODY), ("c", b"3")])), "a.tgz"), Limits(), Ledger()
    ):
        if leaf.name == "b":
            with leaf.open() as stream:
                seen.append(stream.read(10))
        if leaf.name == "c":
            seen.append(drain(leaf)[0])
    assert seen == [BODY[:10], b"3"]


def test_links_and_devices_are_noted_and_not_followed():
    kinds = {
        "s": tarfile.SYMTYPE,
        "h": tarfile.LNKTYPE,
        "f": tarfile.FIFOTYPE,
        "c": tarfile.CHRTYPE,
        "d": tarfile.DIRTYPE,
    }
    found, _, ledger = unpacked(packed([*((name, b"") for name in kinds), ("file", b"1")], kinds=kinds), "a.tar")
    assert [leaf.name for leaf in found] == ["file"]
    assert "2 links" in ledger.notes[0] and "s -> /etc/passwd" in ledger.notes[0]
    assert "2 devices" in ledger.notes[1]


def test_hostile_names_are_shown_escaped_and_write_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found, _, _ = unpacked(packed([(name, b"x") for name in HOSTILE]), "a.tar")
    assert len(found) == len(HOSTILE)
    assert all(leaf.path.isprintable() for leaf in found)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("wrap", [bytes, gzip.compress])
def test_a_cut_archive_gives_what_came_before(wrap):
    whole = packed([("a", b"first"), ("b", BODY)])
    _, bodies, ledger = unpacked(wrap(whole[:300_000]), "a.tar")
    assert bodies["a.tar!a"] == b"first"
    assert BODY.startswith(bodies["a.tar!b"]) and len(bodies["a.tar!b"]) > 290_000
    assert Reason.TRUNCATED in {gap.reason for gap in ledger.gaps}


def test_an_archive_without_its_end_mark_is_a_gap():
    whole = packed([("a", b"first")], tarfile.GNU_FORMAT)
    _, bodies, ledger = unpacked(whole[:1024], "a.tar")
    assert bodies == {"a.tar!a": b"first"}
    assert ledger.gaps[0].reason is Reason.TRUNCATED


def test_a_damaged_header_is_a_gap_where_the_standard_library_just_ends():
    whole = bytearray(packed([("a", b"1"), ("b", b"2")], tarfile.GNU_FORMAT))
    whole[1024] ^= 0xFF
    with tarfile.open(fileobj=io.BytesIO(bytes(whole))) as archive:
        assert archive.getnames() == ["a"]
    _, bodies, ledger = unpacked(bytes(whole), "a.tar")
    assert bodies == {"a.tar!a": b"1"}
    assert ledger.gaps[0].reason is Reason.CORRUPT


def test_archives_one_behind_the_other_are_both_read():
    assert list(unpacked(packed([("a", b"1")]) + packed([("b", b"2")]), "a.tar")[1]) == ["a.tar!a", "a.tar!b"]


def test_a_sparse_file_is_a_gap_that_names_it():
    _, _, ledger = unpacked(packed([("holes", b"")], tarfile.GNU_FORMAT, {"holes": tarfile.GNUTYPE_SPARSE}), "a.tar")
    assert [(gap.reason, "a.tar!holes" in gap.note) for gap in ledger.gaps] == [(Reason.NOT_SUPPORTED, True)]


def test_a_name_of_gigabytes_is_not_read_into_memory():
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, LONGEST + 1
    _, _, ledger = unpacked(info.tobuf(tarfile.GNU_FORMAT) + bytes(4096), "a.tar")
    assert ledger.gaps[0].reason is Reason.LIMIT


@given(st.binary(min_size=1, max_size=8), st.integers(0, 3000), st.integers(0, 2000), st.sampled_from(FORMATS))
def test_damage_never_raises(noise, at, cut, form):
    body = bytearray(packed([("ä" * 60 if form != tarfile.USTAR_FORMAT else "a", b"x" * 50), ("c", b"yy")], form))
    body[at : at + len(noise)] = noise
    unpacked(bytes(body[: len(body) - cut]), "a.tar")
    unpacked(gzip.compress(bytes(body)), "a.tgz")


@given(
    st.binary(max_size=200),
    st.dictionaries(st.sampled_from(["size", "mtime", "path", "GNU.sparse.name"]), st.text(max_size=20)),
)
def test_any_pax_header_raises_nothing(body, pax):
    info = tarfile.TarInfo("a")
    info.size, info.pax_headers = len(body), {key: text.replace("\0", "") for key, text in pax.items()}
    block = info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")
    unpacked(block + body + bytes(2048), "a.tar")


def test_what_is_told_from_a_number_by_its_first_byte_is_none():
    strange = [code for code in range(256) if code not in tar_headers._BEGINS_NUMBER]
    assert len(strange) > 200
    for code in strange:
        for rest in (b"", b"\0", b"0001234\0", b" 12345\0 ", bytes(7)):
            assert tar_headers._number(bytes([code]) + rest) is None
