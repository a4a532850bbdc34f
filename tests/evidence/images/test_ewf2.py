"""EnCase 7's images (Ex01), made here from the format's description: the packaged ewf-tools (20140813) write none.

Every form of sector data that the description names but bzip2 is tried: packed by deflate, plain with its checksum, and
a pattern. Neither this writer nor the library that reads is EnCase.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

import pytest
from tests.evidence.images.image_kit import SECTOR, content, looked, stick, told

from nachsorge.evidence.images.ewf2 import goes_on

if TYPE_CHECKING:
    from pathlib import Path

DEVICE, CASE, SECTORS, TABLE, MD5, KEYS, NEXT, DONE = 1, 2, 3, 4, 8, 11, 13, 15
CHUNK = 64 * SECTOR
PACKED, PLAIN, PATTERN = 1, 2, 5
DISK = stick() + Random(1).randbytes(3 * CHUNK) + b"nachsorg" * (CHUNK // 8) + Random(2).randbytes(5 * SECTOR)


def summed(data: bytes) -> bytes:
    return data + struct.pack("<I", zlib.adler32(data))


def words(tags: str, **values: str) -> bytes:
    """Make the text that a section of the case's or the device's properties holds."""
    names = tags.split()
    text = "\ufeff1\nmain\n" + "\t".join(names) + "\n" + "\t".join(values.get(name, "") for name in names) + "\n\n"
    return zlib.compress(text.encode("utf-16-le"))


@dataclass
class Part:
    """One file of an image, section by section."""

    number: int = 1
    data: bytes = b""
    last: int = 0
    rows: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.data = b"EVF2\r\n\x81\0" + struct.pack("<BBHI", 2, 1, 1, self.number) + bytes(range(16))
        chunks = -(-len(DISK) // CHUNK)
        device = words("sn md lb ts hs dc dt pid rs ls bp ph", ts=str(len(DISK) // SECTOR), dt="f", bp="512", ph="1")
        self.section(DEVICE, device)
        self.section(CASE, words("nm cn tb cp sb gr", nm="disk", tb=str(chunks), cp="1", sb="64", gr="64"))

    def section(self, kind: int, body: bytes = b"", flags: int = 1, inner: int = 0) -> None:
        """Put a section behind the last one; `inner` is padding that lies within its body."""
        padding = -len(body) % 16
        body += bytes(padding)
        self.data += body
        here, digest = len(self.data), hashlib.md5(body).digest() if body else bytes(16)
        sizes = self.last, len(body), 64, padding + inner
        self.data += summed(struct.pack("<IIQQII16s12x", kind, flags if body else 0, *sizes, digest))
        self.last = here

    def chunks(self, first: int, pieces: list[bytes], form: int) -> None:
        """Store pieces of the disk, and the table that says where each is."""
        body, rows, base = b"", b"", len(self.data)
        for piece in pieces:
            if form == PATTERN and piece == piece[:8] * (len(piece) // 8):
                rows += piece[:8] + struct.pack("<II", 0, PATTERN)
                continue
            plain = form == PLAIN
            raw = summed(piece) if plain else zlib.compress(piece)
            rows += struct.pack("<QII", base + len(body), len(raw), PLAIN if plain else PACKED)
            body += raw + bytes(-len(raw) % 16)
        self.section(SECTORS, body)
        head = summed(struct.pack("<QI4x", first, len(pieces))).ljust(32, b"\0")
        self.section(TABLE, head + summed(rows), inner=12)


def image(form: int = PACKED, digest: bytes | None = None, flags: int = 1) -> bytes:
    part = Part()
    part.chunks(0, [DISK[at : at + CHUNK] for at in range(0, len(DISK), CHUNK)], form)
    part.section(MD5, summed(digest or hashlib.md5(DISK).digest()), flags)
    part.section(DONE)
    return part.data


def split() -> tuple[bytes, bytes]:
    pieces = [DISK[at : at + CHUNK] for at in range(0, len(DISK), CHUNK)]
    one, two = Part(1), Part(2)
    one.chunks(0, pieces[:3], PACKED)
    one.section(NEXT)
    two.chunks(3, pieces[3:], PACKED)
    two.section(MD5, summed(hashlib.md5(DISK).digest()))
    two.section(DONE)
    return one.data, two.data


def written(folder: Path, data: bytes, name: str = "disk.Ex01") -> Path:
    (folder / name).write_bytes(data)
    return folder / name


@pytest.mark.parametrize("form", [PACKED, PLAIN, PATTERN])
def test_the_disk_in_it_is_the_one_that_was_put_in(tmp_path: Path, form: int) -> None:
    entries, ledger = looked(written(tmp_path, image(form)))
    plain, _ = looked(written(tmp_path, DISK, "disk.dd"))
    assert {path: content(entry) for path, entry in entries.items() if entry.source is not None} == {
        path: content(entry) for path, entry in plain.items() if entry.source is not None
    }
    assert content(entries["volume/TOP.TXT"]) == b"hello\n" and not ledger.gaps
    # The checksum is that of all bytes of the disk: with it every chunk has been compared.
    assert f"the disk is as it was acquired (MD5 {hashlib.md5(DISK).hexdigest()})" in ledger.notes


def test_a_split_one_is_read_with_its_second_part_and_a_gap_without(tmp_path: Path) -> None:
    first, second = split()
    written(tmp_path, second, "disk.Ex02")
    entries, ledger = looked(written(tmp_path, first))
    assert content(entries["volume/TOP.TXT"]) == b"hello\n" and not ledger.gaps
    assert any(note.startswith("the disk is as it was acquired") for note in ledger.notes)
    (tmp_path / "disk.Ex02").unlink()
    _, ledger = looked(tmp_path / "disk.Ex01")
    assert ("missing", "disk.Ex01: part 2 of the split image is missing; what lies behind it cannot be read") in told(
        ledger
    )
    _, ledger = looked(written(tmp_path, second, "other.Ex02"))
    assert [why for why, _ in told(ledger)] == ["missing"] and "part 2" in told(ledger)[0][1]


def test_a_disk_that_is_not_as_it_was_acquired_is_a_gap(tmp_path: Path) -> None:
    _, ledger = looked(written(tmp_path, image(digest=b"\x01" * 16)))
    assert [why for why, _ in told(ledger)] == ["corrupt"] and "not as it was acquired" in told(ledger)[0][1]


def test_an_encrypted_one_is_named_as_that(tmp_path: Path) -> None:
    keys = Part()
    keys.section(KEYS, bytes(64))
    keys.section(DONE)
    for data in (image(flags=3), keys.data):
        entries, ledger = looked(written(tmp_path, data))
        assert not entries and [why for why, _ in told(ledger)] == ["encrypted"]


def test_a_damaged_one_never_gives_other_bytes_without_a_gap(tmp_path: Path) -> None:
    whole = image()
    for data in (whole[:32], whole[:-1], whole[: len(whole) // 2], whole[:40] + bytes(4096), whole[:8] + bytes(4096)):
        _, ledger = looked(written(tmp_path, data))
        assert ledger.gaps, len(data)
    for at in range(40, len(whole), len(whole) // 40):
        entries, ledger = looked(written(tmp_path, whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :]))
        assert ledger.gaps or content(entries["volume/TOP.TXT"]) == b"hello\n", at


def test_a_chain_of_sections_that_leads_into_itself_ends(tmp_path: Path) -> None:
    part = Part()
    for _ in range(3):
        part.last = len(part.data) + 64
        part.section(DONE)
    _, ledger = looked(written(tmp_path, part.data))
    assert [why for why, _ in told(ledger)] == ["corrupt"]


def test_only_a_whole_descriptor_says_that_there_is_another_part() -> None:
    tail = split()[0][-64:]
    assert goes_on(tail)
    assert not goes_on(tail[:-1]) and not goes_on(b"x" + tail[1:]) and not goes_on(image()[-64:])
