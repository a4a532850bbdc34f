"""Disk images as containers: what is in them, what cannot be read, and what becomes of a process that dies."""

from __future__ import annotations

import io
import sys
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.evidence.images.image_kit import SECTOR, content, fat, gpt, looked, mbr, opened, slot, stick, told

from nachsorge.evidence.containers import DiskImage, Limits, container_of, leaves
from nachsorge.evidence.images import session
from nachsorge.evidence.images.session import Session
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.seams import Opened, ReadError
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from pathlib import Path


def written(folder: Path, data: bytes, name: str = "disk.dd") -> Path:
    (folder / name).write_bytes(data)
    return folder / name


def test_a_volume_without_a_table_is_recognised_by_its_content(tmp_path: Path) -> None:
    entries, ledger = looked(written(tmp_path, stick(), "no-ending"))
    assert content(entries["volume/TOP.TXT"]) == b"hello\n"
    assert entries["volume/FOLDER/evil tool.exe"].deleted
    assert not ledger.gaps
    assert "volume: FAT, 2 files, 1 names of deleted files" in ledger.notes
    assert "space that belongs to no file was not searched" in ledger.notes


@pytest.mark.parametrize("table", [mbr, gpt])
def test_every_partition_has_its_place_in_the_paths(tmp_path: Path, table: object) -> None:
    assert callable(table)
    entries, ledger = looked(written(tmp_path, table(stick(), stick(b"second\n"))))
    assert content(entries["p1/TOP.TXT"]) == b"hello\n"
    assert content(entries["p2/TOP.TXT"]) == b"second\n"
    source = entries["p2/FOLDER/a longer name.log"].source
    assert source is not None and source.path == "disk.dd!p2/FOLDER/a longer name.log"
    assert not ledger.gaps


def marked(at: int, mark: bytes, size: int = 256 * SECTOR) -> bytes:
    return bytes(at) + mark + bytes(size - at - len(mark))


@pytest.mark.parametrize(
    ("volume", "reason", "kind"),
    [
        (marked(3, b"-FVE-FS-"), "encrypted", "BitLocker"),
        (marked(0, b"LUKS\xba\xbe"), "encrypted", "LUKS"),
        (
            marked(8, b"\x01\x00\x10\x00").replace(bytes(76), bytes(76), 1)[:88] + b"CS" + bytes(SECTOR),
            "encrypted",
            "FileV",
        ),
        (marked(65600, b"_BHRfS_M"), "not-supported", "btrfs"),
        (marked(3, b"EXFAT   "), "not-supported", "exFAT"),
        (b"\x17" * 8 * SECTOR, "unknown-format", "no file system that is known"),
        (marked(3, b"NTFS    "), "corrupt", "p2: cannot be opened"),
        (marked(1024, b"H+\0\x04"), "corrupt", "p2: cannot be opened"),
        (marked(32, b"NXSB"), "corrupt", "p2: cannot be opened"),
        (marked(0, b"XFSB"), "corrupt", "p2"),
        (marked(3, b"ReFS"), "not-supported", "ReFS"),
        (marked(4096, b"\xfc\x4e\x2b\xa9"), "not-supported", "software RAID"),
        (marked(512, b"LABELONE" + bytes(16) + b"LVM2 001"), "corrupt", "p2"),
    ],
)
def test_a_volume_that_cannot_be_read_is_a_gap_with_its_place_and_kind(
    tmp_path: Path, volume: bytes, reason: str, kind: str
) -> None:
    entries, ledger = looked(written(tmp_path, mbr(stick(), volume)))
    assert content(entries["p1/TOP.TXT"]) == b"hello\n"
    ((why, note),) = told(ledger)
    assert why == reason and note.startswith("disk.dd: p2: ") and kind in note


def test_a_partition_cut_off_by_the_end_of_the_image_is_a_gap(tmp_path: Path) -> None:
    whole = mbr(stick(), stick(), stick())
    entries, ledger = looked(written(tmp_path, whole[: (8 + 64 + 60) * SECTOR]))
    assert set(entries) == {
        f"p{n}/{name}" for n in (1, 2) for name in ("TOP.TXT", "FOLDER/a longer name.log", "FOLDER/evil tool.exe")
    }
    assert told(ledger) == [
        ("truncated", "disk.dd: p2: ends behind the end of the image"),
        ("truncated", "disk.dd: p3: begins behind the end of the image"),
    ]


def test_a_file_with_fewer_bytes_than_its_folder_states_gives_them_and_then_an_error(tmp_path: Path) -> None:
    entries, _ = looked(written(tmp_path, fat(slot(b"SHORT   TXT", cluster=3, size=5000))))
    source = entries["volume/SHORT.TXT"].source
    assert source is not None
    with source.open() as stream:
        assert len(stream.read(4096)) == SECTOR
        with pytest.raises(ReadError):
            stream.read()


def test_an_image_in_an_archive_and_an_archive_in_an_image(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("deep.txt", "deep\n")
    image = fat(slot(b"INNER   ZIP", cluster=3, size=len(inner.getvalue())), text=inner.getvalue())
    path = tmp_path / "outer.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("stick.img", image)
    found = {}
    for leaf in leaves(opened(path), Limits().fresh(), Ledger()):
        with leaf.open() as stream:
            found[leaf.path] = stream.read()
    assert found == {"outer.zip!stick.img!volume/INNER.ZIP!deep.txt": b"deep\n"}


def test_images_nested_too_deep_are_a_gap(tmp_path: Path) -> None:
    _, ledger = looked(written(tmp_path, stick()), replace(Limits(), depth=0).fresh())
    assert [why for why, _ in told(ledger)] == ["limit"]


def test_more_than_an_image_can_hold_is_not_read(tmp_path: Path) -> None:
    path = written(tmp_path, fat(slot(b"A       TXT", cluster=3, size=6)))
    entries, _ = looked(path, replace(Limits(), unpacked=-20 * path.stat().st_size).fresh())
    with pytest.raises(ReadError) as raised:
        content(entries["volume/A.TXT"])
    assert raised.value.reason is Reason.LIMIT


def test_a_split_image_is_read_from_its_first_part(tmp_path: Path) -> None:
    whole = mbr(stick())
    for number, at in enumerate(range(0, len(whole), 20 * SECTOR), start=1):
        written(tmp_path, whole[at : at + 20 * SECTOR], f"disk.{number:03}")
    entries, ledger = looked(tmp_path / "disk.001")
    assert content(entries["p1/TOP.TXT"]) == b"hello\n" and not ledger.gaps
    (tmp_path / "disk.003").unlink()
    _, ledger = looked(tmp_path / "disk.001")
    assert ("missing", "disk.001: part 3 of the split image is missing") in told(ledger)


def test_an_image_that_is_no_real_one_is_a_gap(tmp_path: Path) -> None:
    for name, head in {
        "a.E01": b"EVF\x09\x0d\x0a\xff\x00\x01\x01\0\0\0",
        "a.qcow2": b"QFI\xfb\0\0\0\3",
        "a.vmdk": b"KDMV",
    }.items():
        entries, ledger = looked(written(tmp_path, head + bytes(4096), name))
        assert not entries
        assert [why for why, _ in told(ledger)] == ["corrupt"], (name, told(ledger))


def test_what_a_disk_was_before_it_was_partitioned_does_not_hide_the_partitions(tmp_path: Path) -> None:
    disk = bytearray(mbr(stick()))
    disk[1024:1028] = b"H+\0\x04"
    entries, ledger = looked(written(tmp_path, bytes(disk)))
    assert "p1/TOP.TXT" in entries
    assert "a mark of hfs before the first partition, not followed" in ledger.notes


def test_a_disk_of_no_bytes_is_a_gap(tmp_path: Path) -> None:
    (tmp_path / "a.vhd").write_bytes(b"conectix" + bytes(504))
    _, ledger = looked(tmp_path / "a.vhd")
    assert [why for why, _ in told(ledger)] == ["corrupt"]


def test_a_file_that_is_only_called_dmg_is_a_gap(tmp_path: Path) -> None:
    _, ledger = looked(written(tmp_path, b"plain words\n" * 50, "notes.dmg"))
    assert [why for why, _ in told(ledger)] == ["not-supported"]


def test_usual_files_are_no_images() -> None:
    for head in (b"", b"MZ" + bytes(600), b"\x7fELF" + bytes(600), b"plain words\n" * 6000, b"\0" * 65536):
        assert not isinstance(container_of(head, "a.001"), DiskImage)


@pytest.mark.parametrize(
    ("at", "mark", "kind"),
    [
        (64, b"\x7f\x10\xda\xbe", "VDI"),
        (0, b"AFF10\r\n\0", "AFF"),
        (0, b"ADSEGMENTEDFILE", "AD1"),
        (0, b"LVF\x09\x0d\x0a\xff\x00", "L01"),
        (0, b"LEF2\x0d\x0a\x81\x00", "Lx01"),
    ],
)
def test_a_form_of_another_vendor_is_refused_by_name(tmp_path: Path, at: int, mark: bytes, kind: str) -> None:
    _, ledger = looked(written(tmp_path, marked(at, mark), "a.bin"))
    ((why, note),) = told(ledger)
    assert why == "not-supported" and kind in note


def test_space_of_no_file_is_said_not_to_be_searched(tmp_path: Path) -> None:
    _, ledger = looked(written(tmp_path, stick()))
    assert "space that belongs to no file was not searched" in ledger.notes


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    """Put a program of one's own in the place of the process that reads images."""

    def make(text: str, silence: float = 30.0) -> Opened:
        program = written(tmp_path, text.encode(), "server.py")
        server = (str(program),)
        made = Session.__init__

        def init(self: Session, name: str, files: object) -> None:
            made(self, name, files, server, silence)  # type: ignore[arg-type]

        monkeypatch.setattr(Session, "__init__", init)
        return opened(written(tmp_path, stick()))

    return make


LISTS = (
    "import json, os, signal, sys, time\n"
    "def say(what): sys.stdout.write(json.dumps(what) + '\\n'); sys.stdout.flush()\n"
    "sys.stdin.readline()\n"
    "say({'node': ['volume/a.txt', '0|1', 3, None, None, None, '']})\n"
)


def test_no_code_is_taken_from_the_folder_that_the_evidence_lies_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path, b"raise SystemExit(3)\n", "json.py")
    monkeypatch.chdir(tmp_path)
    entries, ledger = looked(written(tmp_path, stick()))
    assert "volume/TOP.TXT" in entries and not ledger.gaps


def test_a_process_that_dies_while_it_lists_is_a_gap_and_what_came_before_is_kept(broken: object) -> None:
    assert callable(broken)
    entries, ledger = looked(broken(LISTS + "os.kill(os.getpid(), signal.SIGSEGV)\n"))
    assert list(entries) == ["volume/a.txt"]
    assert told(ledger) == [("failed", "disk.dd: the process that reads the image died of signal 11")]


def test_a_process_that_hangs_is_ended_and_is_a_gap(broken: object) -> None:
    assert callable(broken)
    entries, ledger = looked(broken(LISTS + "time.sleep(60)\n", 0.5))
    assert list(entries) == ["volume/a.txt"]
    ((why, note),) = told(ledger)
    assert why == "failed" and "gave nothing" in note


@pytest.mark.parametrize("answer", ["'x' * 3_000_000", "'nonsense\\n'", "'[1]\\n{}\\n' * 2 + '{\"end\": true'"])
def test_an_answer_that_is_none_is_a_gap(broken: object, answer: str) -> None:
    assert callable(broken)
    entries, ledger = looked(broken(LISTS + f"sys.stdout.write({answer})\n"))
    assert list(entries) == ["volume/a.txt"]
    assert [why for why, _ in told(ledger)] == ["failed"]


def test_a_file_that_kills_the_process_costs_only_itself_until_it_has_died_too_often(broken: object) -> None:
    assert callable(broken)
    entries, _ = looked(broken(LISTS + "say({'end': True})\nsys.stdin.readline()\nos.kill(os.getpid(), 9)\n"))
    source = entries["volume/a.txt"].source
    assert source is not None
    said = []
    for _ in range(session.DEATHS + 1):
        with pytest.raises(ReadError) as raised, source.open() as stream:
            stream.read()
        said.append(raised.value.note)
    assert "given up" not in said[0] and "given up" in said[-1]


def test_the_process_cannot_write_and_has_only_so_much_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = (
        "import os, sys\n"
        "from nachsorge.evidence.images import server\n"
        "server._confine()\n"
        "out = []\n"
        "try: bytearray(server.MEMORY + 1)\n"
        "except MemoryError: out.append('memory')\n"
        f"handle = os.open({str(tmp_path / 'made')!r}, os.O_WRONLY | os.O_CREAT)\n"
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "try: os.write(handle, b'x')\n"
        "except OSError: out.append('file')\n"
        "print(out)\n"
    )
    import subprocess

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['memory', 'file']"
