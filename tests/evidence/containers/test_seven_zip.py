"""7z archives, which a process of its own unpacks."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import py7zr
import pytest
from tests.evidence_kit import opened

from nachsorge.evidence.containers import Limits, container_of, seven_zip, unpacking
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
    monkeypatch.setattr(unpacking, "SILENCE", 0.5)
    monkeypatch.setattr(seven_zip, "SERVER", ("-c", does))
    members, ledger = looked(archive(FILES))
    assert not members and [gap.reason for gap in ledger.gaps] == [Reason.FAILED] and told in ledger.gaps[0].note
