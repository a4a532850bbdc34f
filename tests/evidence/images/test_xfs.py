"""XFS, made by its own tools: the tree that is read is the one that was put in, in every form that they write."""

from __future__ import annotations

import shutil
import struct
import subprocess
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING

import pytest
from tests.evidence.images.image_kit import content, looked, opened, told

from nachsorge.assets.inventory import Inventory
from nachsorge.evidence.containers import DiskImage, Limits
from nachsorge.evidence.images.medium import Medium
from nachsorge.evidence.images.xfs import as_readable
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.seams import ReadError
from nachsorge.model.words import Reason
from nachsorge.packs.library import resolve
from nachsorge.sweep import Options, sweep

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Tree = dict[str, "bytes | str | Tree"]
SMALLEST = 320 << 20
"""What the tool calls too small lies below 300 MB; the file is sparse."""

FORMS = {
    "as the tool makes it": [],
    "without checksums": ["-m", "crc=0"],
    "without types in its folders": ["-m", "crc=0", "-n", "ftype=0"],
    "times up to 2038 only": ["-m", "bigtime=0,inobtcount=0"],
    "small blocks": ["-b", "size=1024"],
    "folders in large blocks": ["-n", "size=65536"],
    "large inodes": ["-i", "size=2048"],
    "many extents": ["-i", "nrext64=1"],
    "large sectors": ["-s", "size=4096"],
    "a map of who owns what": ["-m", "rmapbt=1"],
    "folders without case": ["-m", "crc=0", "-n", "version=ci"],
}


def tool(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path="/sbin:/usr/sbin")
    if found is None:
        pytest.skip(f"NO {name} (xfsprogs): real volumes of XFS were NOT tested")
    return found


def below(levels: int) -> Tree:
    inner: Tree = {"here.txt": b"deep"}
    for level in range(levels):
        inner = {f"level{level}": inner, "file": b"%d" % level}
    return inner


def tree() -> Tree:
    """A folder of each form: in its inode, in one block, in several, with an index of its own."""
    return {
        "etc": {"hostname": b"web01\n", "empty": b"", "link": "/var/log/auth.log", "far": "/" + "x" * 900},
        "big.bin": Random(1).randbytes(1_000_001),
        "Größe-名前.txt": "Grüße".encode(),
        "few": {f"file{number}": b"%d" % number for number in range(12)},
        "some": {f"program-with-a-long-name-{number}": b"%d" % number for number in range(100)},
        "many": {f"p{number:05}-{'n' * 60}": b"" for number in range(1500)},
        "deep": below(20),
    }


def flat(of: Tree, above: str = "volume/") -> Iterator[tuple[str, bytes | str]]:
    for name, what in of.items():
        if isinstance(what, dict):
            yield from flat(what, f"{above}{name}/")
        else:
            yield above + name, what


def made(of: Tree, folder: Path, *options: str) -> Path:
    """Make a volume with a tree in it; nothing is mounted."""
    maker, bodies = tool("mkfs.xfs"), folder / "bodies"
    bodies.mkdir(exist_ok=True)

    def rows(level: Tree) -> Iterator[str]:
        for name, what in level.items():
            if isinstance(what, dict):
                yield f"{name} d--755 0 0"
                yield from rows(what)
                yield "$"
            elif isinstance(what, str):
                yield f"{name} l--777 0 0 {what}"
            else:
                body = bodies / f"{len(list(bodies.iterdir()))}" if what else bodies / "empty"
                body.write_bytes(what)
                yield f"{name} ---644 0 0 {body}"

    (folder / "proto").write_text("\n".join(["/dev/null", "0 0", "d--755 0 0", *rows(of), "$", ""]))
    volume = folder / "disk.img"
    with volume.open("wb") as file:
        file.truncate(SMALLEST)
    subprocess.run([maker, "-q", "-p", str(folder / "proto"), *options, str(volume)], check=True)
    return volume


def changed(volume: Path, *orders: str) -> None:
    """Have the file system's own debugger write into it."""
    command = [tool("xfs_db"), "-x", *(word for order in orders for word in ("-c", order)), str(volume)]
    subprocess.run(command, check=True, capture_output=True)


@pytest.mark.parametrize("form", FORMS)
def test_the_tree_is_the_one_that_was_put_in(form: str, tmp_path: Path) -> None:
    entries, ledger = looked(made(tree(), tmp_path, *FORMS[form]))
    wanted = dict(flat(tree()))
    assert {path: content(entry) for path, entry in entries.items() if not entry.is_link} == {
        path: what for path, what in wanted.items() if isinstance(what, bytes)
    }
    assert {path: entry.target for path, entry in entries.items() if entry.is_link} == {
        path: what for path, what in wanted.items() if isinstance(what, str)
    }
    assert not ledger.gaps and f"volume: XFS, {len(wanted)} files" in ledger.notes


@pytest.mark.parametrize("form", ["as the tool makes it", "without checksums", "times up to 2038 only"])
def test_times_are_those_of_the_file_system(form: str, tmp_path: Path) -> None:
    volume = made({"file": b"x"}, tmp_path, *FORMS[form])
    command = [tool("xfs_db"), "-r", "-c", "path /file", "-c", "p core.mtime.sec core.mtime.nsec", str(volume)]
    said = subprocess.run(command, env={"TZ": "UTC", "LC_ALL": "C"}, check=True, capture_output=True, text=True).stdout
    seconds, parts = (line.partition(" = ")[2].strip() for line in said.splitlines())
    stated = datetime.strptime(seconds, "%a %b %d %H:%M:%S %Y").replace(tzinfo=UTC)
    entries, _ = looked(volume)
    assert entries["volume/file"].modified == int(stated.timestamp()) * 1_000_000 + int(parts) // 1000


def test_what_was_never_written_is_zeros_and_a_hole_stays_one(tmp_path: Path) -> None:
    """As preallocated and sparse files are: journals of databases, images of virtual machines."""
    text = b"A" * 100_000
    volume = made({"reserved": text, "late": text, "long": text}, tmp_path)
    changed(volume, "path /reserved", "write u3.bmx[0].extentflag 1")
    changed(volume, "path /late", "write u3.bmx[0].startoff 5", "write core.size 120480")
    changed(volume, "path /long", "write core.size 5000000")
    entries, ledger = looked(volume)
    assert content(entries["volume/reserved"]) == bytes(100_000)
    assert content(entries["volume/late"]) == bytes(5 * 4096) + text
    assert content(entries["volume/long"]) == text + bytes(4_900_000)
    assert not ledger.gaps


def test_a_copy_that_was_given_another_identifier_is_read(tmp_path: Path) -> None:
    """As `xfs_admin -U` does, so that a copy can be mounted beside its original."""
    volume = made(tree(), tmp_path)
    changed(volume, "uuid generate")
    entries, ledger = looked(volume)
    assert set(entries) == set(dict(flat(tree()))) and not ledger.gaps
    assert content(entries["volume/big.bin"]) == Random(1).randbytes(1_000_001)


def test_a_place_that_is_not_there_is_an_error_and_never_other_bytes(tmp_path: Path) -> None:
    volume = made({"bad": b"B" * 10_000, "good": b"G" * 10_000}, tmp_path)
    changed(volume, "path /bad", "write u3.bmx[0].startblock 0x7ffffff")
    entries, _ = looked(volume)
    assert content(entries["volume/good"]) == b"G" * 10_000
    with pytest.raises(ReadError):
        content(entries["volume/bad"])


def test_a_damaged_volume_is_a_gap(tmp_path: Path) -> None:
    volume = made(tree(), tmp_path)
    with volume.open("r+b") as file:
        head = file.read(512)
        root = int.from_bytes(head[56:64], "big") * 512
        file.seek(root)
        file.write(bytes(512))
    entries, ledger = looked(volume)
    assert not entries and [why for why, _ in told(ledger)] == ["corrupt"]
    for size in (1 << 20, 4096, 512, 100):
        with volume.open("r+b") as file:
            file.truncate(size)
        entries, ledger = looked(volume)
        assert not entries and ledger.gaps, size
    volume.write_bytes(b"XFSB" + Random(3).randbytes(100_000))
    entries, ledger = looked(volume)
    assert not entries and ledger.gaps


def test_any_bit_that_is_wrong_in_a_folder_or_an_inode_is_told(tmp_path: Path) -> None:
    """The library itself gives changed names and sizes without a word."""
    volume = made({"some": {f"program-with-a-long-name-{number}": b"x" for number in range(60)}}, tmp_path)
    whole, chance = volume.read_bytes(), Random(5)
    used = [at for at in range(0, 4 << 20, 512) if whole[at : at + 2] == b"IN" and any(whole[at + 2 : at + 4])]
    used = [at for at in used if at // 512 not in (129, 130)]  # those of a realtime section, which nobody asks for
    folder = whole.index(b"XDB3")
    # What says that it is an inode or a folder, and of which version, is the library's to refuse.
    places = [at + field for at in used for field in (*range(16, 100), *range(104, 176))]
    places += range(folder + 8, folder + 4096)
    for _ in range(20):
        at = chance.choice(places)
        with volume.open("r+b") as file:
            file.seek(at)
            file.write(bytes([whole[at] ^ 1 << chance.randrange(8)]))
            file.flush()
            ledger = Ledger()
            list(DiskImage().entries(opened(volume), Limits().fresh(), ledger))
            file.seek(at)
            file.write(whole[at : at + 1])
        assert "corrupt" in {why for why, _ in told(ledger)}, at
    assert not looked(volume)[1].gaps


def test_a_host_on_such_a_volume_is_read_as_one(tmp_path: Path) -> None:
    programs: Tree = {f"program{number}": b"%d" % number for number in range(120)}
    log = b"Mar 29 10:00:00 web01 sshd[1]: Connection from evil.example\n"
    host: Tree = {"etc": {"hostname": b"web01\n"}, "var": {"log": {"auth.log": log}}, "usr": {"bin": programs}}
    volume = made(host, tmp_path)
    rows = tmp_path / "list.csv"
    rows.write_text("type,value\ndomain,evil.example\nfile_name,program7\n")
    assessment = sweep([resolve(str(rows))], [str(volume)], Inventory(), Options(jobs=1))
    assert {row.asset.id for row in assessment.assets} == {"web01"}
    assert {str(sighting.indicator) for sighting in assessment.sightings} == {"evil.example", "program7"}


def superblock(
    *, realtime: int = 0, version: int = 0xB4A5, features: int = 0xB, group: int = 4, count: int = 3
) -> bytes:
    """Make the fields of a superblock that are looked at here."""
    raw = bytearray(512)
    struct.pack_into(">4sIQQ", raw, 0, b"XFSB", 512, group * count, realtime)
    struct.pack_into(">II", raw, 84, group, count)
    struct.pack_into(">H", raw, 100, version)
    struct.pack_into(">I", raw, 216, features)
    return bytes(raw)


def medium(data: bytes) -> Medium:
    return Medium(lambda offset, size: data[offset : offset + size], len(data))


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        (superblock(realtime=1), Reason.NOT_SUPPORTED),
        (superblock(features=0x10B), Reason.NOT_SUPPORTED),
        (superblock(features=0x8000000B), Reason.NOT_SUPPORTED),
        (superblock(features=0x1B), Reason.CORRUPT),
        (superblock()[:200], Reason.TRUNCATED),
    ],
)
def test_what_would_be_read_wrongly_is_refused(head: bytes, reason: Reason) -> None:
    with pytest.raises(ReadError) as raised:
        as_readable(medium(head))
    assert raised.value.reason is reason


def test_the_mark_of_a_new_identifier_is_hidden_wherever_it_is_read_from() -> None:
    group = superblock(features=0xF) + b"\xff" * (3 * 512)
    whole, clean = group * 3 + b"\xff" * 700, (superblock(features=0xB) + b"\xff" * (3 * 512)) * 3 + b"\xff" * 700
    seen = as_readable(medium(whole))
    assert seen.at(0, len(whole)) == clean
    for at in (0, 215, 216, 217, 219, 220, 2047, 2048, 2048 + 217, 2 * 2048 + 218, 3 * 2048 + 216):
        for size in (1, 2, 3, 5, 2048, 2200):
            assert seen.at(at, size) == clean[at : at + size], (at, size)
    old = superblock(version=0xB4A4, features=0xFFFFFFFF)
    assert as_readable(medium(old)).at(0, 512) == old
