"""A program that carries an archive is not unpacked, and that is told; an ordinary program says nothing of the kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.builders import domain_pack, t
from tests.evidence_kit import opened

from nachsorge.assets.inventory import Inventory
from nachsorge.evidence.containers.self_extracting import archive_in
from nachsorge.evidence.windows.pe_made import program
from nachsorge.model.words import Reason, Status
from nachsorge.sweep import Options, sweep

if TYPE_CHECKING:
    from pathlib import Path

STUB = program({"ProductName": "made up", "FileVersion": "1.0"})
CARRIED = {
    "RAR": b"Rar!\x1a\x07\x01\x00",
    "7z": b";!@Install@!UTF-8!\r\n;!@InstallEnd@!" + b"7z\xbc\xaf\x27\x1c",
    "zip": b"PK\x03\x04",
}


@pytest.mark.parametrize(("form", "body"), [*CARRIED.items(), ("RAR", b"Rar!\x1a\x07\x00")])
def test_the_archive_behind_the_program_is_named(form: str, body: bytes) -> None:
    assert archive_in(opened(STUB + body + bytes(99))) == form


@pytest.mark.parametrize(
    "body",
    [STUB, STUB + b"a signature", b"", b"MZ", STUB[:70], b"MZ".ljust(60, b"\0") + b"\xff" * 4, b"Rar!\x1a\x07\x01\x00"],
)
def test_whatever_carries_none_says_nothing(body: bytes) -> None:
    assert archive_in(opened(body)) == ""


def test_a_collection_that_unpacks_itself_is_no_evidence_that_was_read(tmp_path: Path) -> None:
    (tmp_path / "collection.exe").write_bytes(STUB + CARRIED["RAR"] + bytes(99))
    (tmp_path / "plain.exe").write_bytes(STUB)
    found = sweep([domain_pack()], [str(tmp_path)], Inventory(), Options(jobs=1, now=t("2023-06-01")))
    told = {source.reading.path.rpartition("/")[2]: source.reading for source in found.sources}
    assert told["plain.exe"].status is Status.READ and not told["plain.exe"].gaps
    (gap,) = told["collection.exe"].gaps
    assert gap.reason is Reason.NOT_SUPPORTED
    assert gap.note == "a program that carries a RAR archive, not unpacked (unpack it and give the folder)"
    assert told["collection.exe"].status is Status.PARTLY and found.summary.exit == 3
