"""zip archives: every member, or a gap that names it."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.evidence.containers.test_compressed import BODY, drain
from tests.evidence_kit import opened

from nachsorge.evidence.containers import Limits, leaves
from nachsorge.evidence.containers.names import LONGEST
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.seams import Opened
from nachsorge.model.words import Reason

HOSTILE = ["../../etc/passwd", "/etc/shadow", "C:\\Windows\\x", "a\x1b[31m\n.log", "\u202egol.exe", "x" * 10_000]


def packed(members: list[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, body in members:
            archive.writestr(zipfile.ZipInfo(name), body, compress_type=method)
    return file.getvalue()


def unpacked(body: bytes, name: str = "a.zip") -> tuple[list[Opened], dict[str, bytes], Ledger]:
    ledger, found, bodies = Ledger(), [], {}
    for leaf in leaves(opened(body, name), Limits(), ledger):
        found.append(leaf)
        bodies[leaf.path] = drain(leaf)[0]
    return found, bodies, ledger


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
def test_members_in_order_with_their_bytes(method):
    found, bodies, ledger = unpacked(packed([("logs/dns.log", BODY), ("empty", b"")], method))
    assert [(leaf.path, leaf.name, leaf.size) for leaf in found] == [
        ("a.zip!logs/dns.log", "dns.log", len(BODY)),
        ("a.zip!empty", "empty", 0),
    ]
    assert bodies == {"a.zip!logs/dns.log": BODY, "a.zip!empty": b""}
    assert not ledger.gaps


def test_members_stay_openable_when_the_listing_is_over():
    found, _, _ = unpacked(gzip.compress(packed([("a", b"1" * 999), ("b", b"2")])), "a.zip.gz")
    assert [drain(leaf)[0] for leaf in found] == [b"1" * 999, b"2"]


def test_hostile_names_are_shown_escaped_and_write_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found, bodies, _ = unpacked(packed([(name, b"x") for name in HOSTILE]))
    assert len(found) == len(HOSTILE)
    assert set(bodies.values()) == {b"x"}
    assert all(leaf.path.isprintable() and leaf.name.isprintable() and "/" not in leaf.name for leaf in found)
    assert max(len(leaf.path) for leaf in found) < LONGEST + 100
    assert found[0].path == "a.zip!../../etc/passwd"
    assert not list(tmp_path.iterdir())


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_equal_names_are_told_apart():
    found, bodies, _ = unpacked(packed([("n", b"1"), ("n", b"2"), ("n#2", b"3"), ("n", b"4")]))
    assert bodies == {"a.zip!n": b"1", "a.zip!n#2": b"2", "a.zip!n#2#2": b"3", "a.zip!n#3": b"4"}
    assert found[1].name == "n"


def test_names_in_code_page_437_and_in_utf8_without_the_flag():
    body = packed([("xx.log", b"1")])
    assert unpacked(body.replace(b"xx.log", b"\x81\x84.log"))[0][0].name == "üä.log"
    assert unpacked(body.replace(b"xx.log", "ü.log".encode()))[0][0].name == "ü.log"


def test_an_encrypted_member_is_a_gap_that_names_it():
    body = bytearray(packed([("secret.log", b"1"), ("open.log", b"2")]))
    body[6] |= 1
    body[body.index(b"PK\1\2") + 8] |= 1
    found, _, ledger = unpacked(bytes(body))
    assert [leaf.name for leaf in found] == ["open.log"]
    assert [(gap.reason, "a.zip!secret.log" in gap.note) for gap in ledger.gaps] == [(Reason.ENCRYPTED, True)]


def test_an_unknown_method_is_a_gap_that_names_it():
    _, _, ledger = unpacked(packed([("odd", b"1" * 100)], zipfile.ZIP_LZMA))
    assert [(gap.reason, "a.zip!odd" in gap.note) for gap in ledger.gaps] == [(Reason.NOT_SUPPORTED, True)]


def test_a_link_is_noted_and_not_followed():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        info = zipfile.ZipInfo("link")
        info.create_system, info.external_attr = 3, 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
    found, _, ledger = unpacked(file.getvalue())
    assert not found
    assert "link" in ledger.notes[0]


@pytest.mark.parametrize("lost", [1, 30, 100])
def test_without_its_end_an_archive_is_read_from_the_front(lost):
    body = packed([("a", BODY), ("b", b"second")])
    _, bodies, ledger = unpacked(body[:-lost])
    assert bodies == {"a.zip!a": BODY, "a.zip!b": b"second"}
    assert ledger.gaps[0].reason is Reason.TRUNCATED


def test_an_archive_written_to_a_pipe_is_found_member_by_member_without_its_end():
    class Pipe(io.RawIOBase):
        def __init__(self):
            self.body = b""

        def writable(self):
            return True

        def write(self, data):
            self.body += bytes(data)
            return len(data)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", BODY)
        archive.writestr("b", b"second")
    assert unpacked(pipe.body)[1] == {"a.zip!a": BODY, "a.zip!b": b"second"}
    assert unpacked(pipe.body[:-10])[1] == {"a.zip!a": BODY, "a.zip!b": b"second"}


def test_a_damaged_directory_keeps_the_entries_before_it():
    body = bytearray(packed([("a", b"1"), ("b", b"2")]))
    body[body.rindex(b"PK\1\2")] = 0
    _, bodies, ledger = unpacked(bytes(body))
    assert bodies == {"a.zip!a": b"1"}
    assert ledger.gaps[0].reason is Reason.CORRUPT


def test_a_wrong_count_of_members_is_told():
    body = bytearray(packed([("a", b"1")]))
    body[body.rindex(b"PK\5\6") + 10] = 9
    assert unpacked(bytes(body))[2].gaps[0].reason is Reason.CORRUPT


def test_a_member_with_a_wrong_checksum_is_told_behind_its_bytes():
    body = bytearray(packed([("a", b"hello")], zipfile.ZIP_STORED))
    body[body.index(b"hello")] = ord("j")
    (leaf,) = leaves(opened(bytes(body), "a.zip"), Limits(), Ledger())
    assert drain(leaf) == (b"jello", Reason.CORRUPT)


def test_bytes_in_front_and_a_64_bit_directory_do_not_hide_members():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive, archive.open("big", "w", force_zip64=True) as member:
        member.write(b"body")
    plain = file.getvalue()
    at = plain.rindex(b"PK\5\6")
    where, size = plain.index(b"PK\1\2"), at - plain.index(b"PK\1\2")
    end64 = b"PK\6\6" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, 1, 1, size, where)
    locator = b"PK\6\7" + struct.pack("<IQI", 0, at, 1)
    end = b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    wide = plain[:at] + end64 + locator + end
    assert unpacked(wide)[1] == {"a.zip!big": b"body"}
    assert unpacked(b"PK\3\4" + b"in front" * 9 + wide)[1] == {"a.zip!big": b"body"}


@given(st.binary(min_size=1, max_size=8), st.integers(0, 400), st.integers(0, 60))
def test_damage_never_raises(noise, at, cut):
    body = bytearray(packed([("a/b.log", b"x" * 50), ("c", b"yy")]))
    body[at : at + len(noise)] = noise
    unpacked(bytes(body[: len(body) - cut]))


def test_real_archives_list_their_members_like_the_standard_library(shared_data):
    archives = sorted((shared_data / "otrf-security-datasets").rglob("*.zip"))
    assert archives
    for path in archives:
        ledger = Ledger()
        source = Opened(path=path.name, name=path.name, open=lambda p=path: p.open("rb"), size=path.stat().st_size)  # type: ignore[misc]
        found = list(leaves(source, Limits(), ledger))
        with zipfile.ZipFile(path) as archive:
            files = [info for info in archive.infolist() if not info.is_dir()]
            assert [leaf.path for leaf in found] == [f"{path.name}!{info.filename}" for info in files]
            assert [drain(leaf) for leaf in found] == [(archive.read(info), None) for info in files]
        assert not ledger.gaps
