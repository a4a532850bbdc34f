"""7z archives, which a process of its own unpacks, and RAR archives, which are listed."""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING

import py7zr
import pytest
from tests.evidence_kit import opened

from nachsorge.evidence.containers import Limits, container_of, seven_zip
from nachsorge.evidence.containers.rar import MAGIC_4, MAGIC_5, Rar
from nachsorge.evidence.containers.seven_zip import SevenZip
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.seams import ReadError
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from pathlib import Path

    from nachsorge.evidence.seams import Opened

FILES = {"logs/dns.log": b"evil.example\n" * 9, "empty.txt": b"", "deep/er/big.bin": bytes(range(256)) * 20_000}


def archive(files: dict[str, bytes], **more: object) -> bytes:
    buffer = io.BytesIO()
    with py7zr.SevenZipFile(buffer, "w", **more) as writer:  # type: ignore[arg-type]
        for name, body in files.items():
            writer.writestr(body, name)
    return buffer.getvalue()


def looked(body: bytes, limits: Limits | None = None, **more: object) -> tuple[list[Opened], Ledger]:
    ledger = Ledger()
    source = opened(body, "x.7z", **more)  # type: ignore[arg-type]
    return list(SevenZip().members(source, (limits or Limits()).fresh(), ledger)), ledger


def test_it_is_known_by_its_signature():
    found = container_of(archive(FILES)[:64], "x")
    assert found is not None and found.name == "7z"


def test_all_members_with_their_bytes_as_often_as_they_are_asked_for(tmp_path: Path):
    body = archive(FILES)
    place = tmp_path / "x.7z"
    place.write_bytes(body)
    for local in (None, place):
        members, ledger = looked(body, local=local)
        assert not ledger.gaps
        for _ in range(2):
            read = {}
            for member in members:
                with member.open() as stream:
                    read[member.path] = stream.read()
            assert read == {f"x.7z!{name}": data for name, data in FILES.items()}
        assert [member.size for member in members] == [len(data) for data in FILES.values()]


def test_an_encrypted_archive_is_a_gap_with_its_names():
    members, ledger = looked(archive(FILES, password="secret"))
    ((gap),) = ledger.gaps
    assert not members and gap.reason is Reason.ENCRYPTED and "logs/dns.log" in gap.note
    assert "unpack it with its password and give the folder" in gap.note, "DFIR ORC encrypts its archives"
    members, ledger = looked(archive(FILES, password="secret", header_encryption=True))
    assert not members and [gap.reason for gap in ledger.gaps] == [Reason.ENCRYPTED]


@pytest.mark.parametrize("cut", [20, 33, 200])
def test_a_broken_archive_is_a_gap(cut: int):
    body = archive(FILES)
    members, ledger = looked(body[:cut])
    assert not members and ledger.gaps and ledger.gaps[0].reason in (Reason.CORRUPT, Reason.TRUNCATED)


def test_damage_in_the_middle_is_a_gap_and_never_a_shorter_file():
    body = bytearray(archive({"a.bin": b"\x00\x01" * 60_000, "b.bin": bytes(range(256)) * 4000}))
    body[60] ^= 0xFF
    members, ledger = looked(bytes(body))
    assert ledger.gaps
    for member in members:
        if member.size < 0:
            with member.open() as stream, pytest.raises(ReadError):
                while stream.read(4096):
                    pass


def test_a_bomb_is_stopped_and_said():
    body = archive({"zeros": bytes(30_000_000), "after": b"x"})
    _, ledger = looked(body, Limits(unpacked=1_000_000))
    assert [gap.reason for gap in ledger.gaps] == [Reason.LIMIT] and "bytes unpacked" in ledger.gaps[0].note
    _, ledger = looked(body, Limits(ratio=10, free=1_000_000))
    assert [gap.reason for gap in ledger.gaps] == [Reason.LIMIT]
    _, ledger = looked(archive({str(number): b"x" for number in range(9)}), Limits(members=3))
    assert [gap.reason for gap in ledger.gaps] == [Reason.LIMIT]
    _, ledger = looked(body, Limits(depth=0))
    assert [gap.reason for gap in ledger.gaps] == [Reason.LIMIT]


def test_without_the_extra_it_is_a_gap_with_the_line_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(seven_zip, "find_spec", lambda name: None)
    members, ledger = looked(archive(FILES))
    assert not members and [(gap.reason, gap.note) for gap in ledger.gaps] == [
        (Reason.MISSING_EXTRA, f"x.7z: {seven_zip.INSTALL}")
    ]


@pytest.mark.parametrize(
    ("does", "told"),
    [
        ("import os; os._exit(9)", "died"),
        ("import time; time.sleep(60)", "silent"),
        ("print('what is this', flush=True)", "no answer"),
    ],
)
def test_what_becomes_of_the_process_is_a_gap(does: str, told: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(seven_zip, "SILENCE", 0.5)
    monkeypatch.setattr(seven_zip, "SERVER", ("-c", does))
    members, ledger = looked(archive(FILES))
    assert not members and [gap.reason for gap in ledger.gaps] == [Reason.FAILED] and told in ledger.gaps[0].note


def block_4(kind: int, flags: int, body: bytes) -> bytes:
    return struct.pack("<HBHH", 0, kind, flags, 7 + len(body)) + body


def file_4(name: bytes, packed: int) -> bytes:
    return struct.pack("<IIBIIBBHI", packed, 9, 0, 0, 0, 29, 0x30, len(name), 32) + name


def block_5(kind: int, body: bytes, packed: int | None = None) -> bytes:
    inside = bytes([kind, 2 if packed is not None else 0]) + (bytes([packed]) if packed is not None else b"") + body
    return bytes(4) + bytes([len(inside)]) + inside


def file_5(name: bytes) -> bytes:
    return bytes([0, 9, 0, 0, 1, len(name)]) + name


RAR_4 = (
    *(MAGIC_4, block_4(0x73, 0, bytes(6)), block_4(0x74, 0x8000, file_4(b"logs\\evil.log", 3)), b"abc"),
    *(block_4(0x74, 0x80E0, file_4(b"logs", 0)), block_4(0x7B, 0, b"")),
)
RAR_5 = (MAGIC_5, block_5(1, b"\0"), block_5(2, file_5(b"logs/evil.log"), 3), b"abc", block_5(5, b"\0"))


def listed(body: bytes) -> tuple[Reason, str]:
    ledger = Ledger()
    assert list(Rar().members(opened(body, "x.rar"), Limits().fresh(), ledger)) == []
    (gap,) = ledger.gaps
    return gap.reason, gap.note


@pytest.mark.parametrize("parts", [RAR_4, RAR_5])
def test_the_files_of_a_rar_are_named(parts: tuple[bytes, ...]):
    body = b"".join(parts)
    found = container_of(body, "x")
    assert found is not None and found.name == "rar"
    reason, note = listed(body)
    assert reason is Reason.NOT_SUPPORTED and "of 1 files" in note and "logs/evil.log" in note
    for cut in range(len(MAGIC_4), len(body)):
        assert listed(body[:cut])[0] is Reason.NOT_SUPPORTED


def test_a_rar_with_encrypted_headers_says_so():
    assert listed(MAGIC_4 + block_4(0x73, 0x80, bytes(6)) + b"\xff" * 40)[0] is Reason.ENCRYPTED
    assert listed(MAGIC_5 + block_5(4, bytes(20)) + b"\xff" * 40)[0] is Reason.ENCRYPTED


def test_a_size_that_no_file_has_ends_the_listing_and_is_said():
    body = MAGIC_4 + block_4(0x73, 0, bytes(6)) + block_4(0x74, 0x8100, file_4(b"", 1) + b"\xff" * 8 + b"a") + bytes(40)
    reason, note = listed(body)
    assert reason is Reason.NOT_SUPPORTED and "cannot be read further" in note


@pytest.mark.parametrize("name", ["x.part2.rar", "x.r00"])
def test_a_further_volume_of_a_rar_is_named_for_itself(name: str):
    volume = MAGIC_4 + block_4(0x73, 1, bytes(6)) + block_4(0x74, 0x8001, file_4(b"logs\\evil.log", 3)) + b"abc"
    found = container_of(volume, name)
    assert found is not None and found.name == "rar"
    assert listed(volume)[1].endswith("not unpacked (unpack it and give the folder): logs/evil.log")
