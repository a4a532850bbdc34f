"""Disk images that others made (see the fixture `shared_data`): what has to be in them is found."""

from __future__ import annotations

import hashlib
import shutil
import struct
import subprocess
from typing import TYPE_CHECKING

import pytest
from tests.collection_kit import kape
from tests.evidence.images.image_kit import content, looked, mbr, told

from nachsorge.assets.inventory import Inventory
from nachsorge.evidence.windows.usn import made_change
from nachsorge.model.words import Reason, Status, Telemetry
from nachsorge.packs.library import resolve
from nachsorge.sweep import Options, sweep

if TYPE_CHECKING:
    from pathlib import Path

TYPICAL = {"passwords.txt", "a_directory/a_file", "a_directory/another_file"}


@pytest.fixture
def images(shared_data: Path) -> Path:
    return shared_data / "disk-images-small" / "plaso"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize(
    ("name", "volume", "gone"),
    [
        ("image.qcow2", "volume", {"passwords.txt~", "a_directory/another_file~", "a_directory/.another_file.swp"}),
        ("image.E01", "volume", {"passwords.txt~", "a_directory/another_file~", "a_directory/.another_file.swp"}),
        ("image.vmdk", "volume", {"a_directory/another_file~", "a_directory/.another_file.swp"}),
        ("hfsplus_zlib.dmg", "p1", set()),
    ],
)
def test_the_same_files_in_four_forms_of_image(images: Path, name: str, volume: str, gone: set[str]) -> None:
    """The deleted names of ext are those that a second implementation (libtsk) finds."""
    entries, ledger = looked(images / name)
    files = {path.removeprefix(f"{volume}/"): entry for path, entry in entries.items()}
    assert {path for path, entry in files.items() if entry.source is not None} == TYPICAL
    assert {path for path, entry in files.items() if entry.deleted} == gone
    assert sha256(content(files["passwords.txt"])).startswith("02a2a6af2f1ecf47")
    assert not ledger.gaps


def test_ntfs_with_two_shadow_copies_as_trees_of_their_own(images: Path) -> None:
    entries, ledger = looked(images / "vsstest.qcow2")
    by_volume: dict[str, dict[str, bytes | None]] = {}
    for path, entry in entries.items():
        volume, _, inside = path.partition("/")
        if ":" not in inside:
            by_volume.setdefault(volume, {})[inside] = content(entry) if entry.source is not None else None
    now = by_volume["volume"]
    assert len(now) == 24
    read = {path: data for path, data in now.items() if data is not None}
    assert {path: len(data) for path, data in read.items()} == {
        "$MFT": 262_144,
        "another_file": 22,
        "password.txt": 116,
        "syslog.gz": 540,
    }
    assert sha256(read["password.txt"]).startswith("02a2a6af2f1ecf47")
    assert sha256(read["syslog.gz"]).startswith("841c1522cad7c594")
    # Before the first copy there was the log only, before the second it was packed, then came the password.
    assert {path for path, data in by_volume["volume-shadow1"].items() if data is not None} == {"$MFT", "syslog"}
    assert {path for path, data in by_volume["volume-shadow2"].items() if data} == {"$MFT", "another_file", "syslog.gz"}
    assert "volume-shadow1: a shadow copy of 2013-12-03 06:35:09 UTC" in ledger.notes
    assert not ledger.gaps


def test_a_disc(images: Path) -> None:
    entries, ledger = looked(images / "iso9660.raw")
    assert set(entries) == {"volume/" + path.upper() for path in TYPICAL}
    assert sha256(content(entries["volume/PASSWORDS.TXT"])).startswith("02a2a6af2f1ecf47")
    assert not ledger.gaps


@pytest.mark.parametrize("name", ["tsk_volume_system.raw", "image-split.E01"])
def test_a_disk_with_an_empty_file_system_in_an_extended_partition(images: Path, name: str) -> None:
    entries, ledger = looked(images / name)
    assert not entries and not ledger.gaps
    assert {"p1: holds nothing but zeros", "p5: ext2-4, 0 files"} <= set(ledger.notes)


def test_a_split_image_without_its_second_part_is_a_gap(images: Path, tmp_path: Path) -> None:
    shutil.copy(images / "image-split.E01", tmp_path)
    _, ledger = looked(tmp_path / "image-split.E01")
    assert told(ledger)[0][0] == "missing" and "part 2" in told(ledger)[0][1]


def test_damage_that_the_library_does_not_tell_is_told(images: Path, tmp_path: Path) -> None:
    whole = (images / "image.E01").read_bytes()
    sound, _ = looked(images / "image.E01")
    texts = {path: content(entry) for path, entry in sound.items() if entry.source is not None}
    silent = 0
    for at in range(1500, len(whole), 97):
        damaged = tmp_path / "image.E01"
        damaged.write_bytes(whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :])
        entries, ledger = looked(damaged)
        if not ledger.gaps and {path: entries.get(path) is not None for path in texts} == dict.fromkeys(texts, True):
            silent += any(content(entries[path]) != text for path, text in texts.items())
        elif not ledger.gaps:
            silent += 1
    assert silent == 0


def test_the_line_over_all_images(images: Path) -> None:
    paths = [str(path) for path in sorted(images.iterdir()) if path.suffix != ".txt"]
    assessment = sweep([resolve("3cx-2023")], paths, Inventory(), Options(jobs=1))
    assert not assessment.sightings
    readings = {source.reading.path.removeprefix(f"{images}/"): source.reading for source in assessment.sources}
    assert readings["image-split.E02"].status is Status.SKIPPED
    assert {path: r.status for path, r in readings.items() if r.reader == "disk_image"} == {
        path.name: Status.READ for path in images.iterdir() if path.suffix not in (".txt", ".E02")
    }
    logs = {path: r.records for path, r in readings.items() if Telemetry.SYSLOG in r.telemetry}
    assert logs == dict.fromkeys(
        [
            "syslog_image.dd!volume/logs/hidden.zip!syslog",
            "syslog_image.dd!volume/logs/sys.tgz!syslog.gz",
            "vsstest.qcow2!volume/syslog.gz",
            "vsstest.qcow2!volume-shadow1/syslog",
            "vsstest.qcow2!volume-shadow2/syslog.gz",
        ],
        15,
    )


@pytest.fixture
def host(tmp_path: Path) -> Path:
    """Make an ext4 volume with a small host's file system, a log in it, and more programs than any selection has."""
    maker = shutil.which("mke2fs") or shutil.which("mke2fs", path="/sbin:/usr/sbin")
    if maker is None:
        pytest.skip("NO mke2fs: a host in an image was NOT tested")
    tree = tmp_path / "tree"
    for folder in ("etc", "var/log", "usr/bin"):
        (tree / folder).mkdir(parents=True)
    (tree / "etc/hostname").write_text("web01\n")
    (tree / "var/log/auth.log").write_text("Mar 29 10:00:00 web01 sshd[1]: Connection from evil.example\n")
    (tree / "etc/link").symlink_to("/var/log/auth.log")
    for number in range(120):
        (tree / f"usr/bin/program{number}").write_text(str(number))
    volume = tmp_path / "disk.img"
    subprocess.run([maker, "-q", "-t", "ext4", "-d", str(tree), str(volume), "8M"], check=True)
    return volume


def ask(path: Path, folder: Path) -> dict[str, str]:
    rows = folder / "list.csv"
    rows.write_text("type,value\ndomain,evil.example\nfile_name,program7\n")
    assessment = sweep([resolve(str(rows))], [str(path)], Inventory(), Options(jobs=1))
    paths = {source.id: source.reading.path for source in assessment.sources}
    assert {row.asset.id for row in assessment.assets} == {"web01"}
    return {
        str(sighting.indicator): paths[sighting.source].removeprefix(f"{path}!") for sighting in assessment.sightings
    }


def test_a_host_in_an_image_is_read_as_one(host: Path, tmp_path: Path) -> None:
    assert ask(host, tmp_path) == {"evil.example": "volume/var/log/auth.log", "program7": "volume"}


FORMS = {
    "VHD, fixed": ("vpc", "subformat=fixed"),
    "VHD, dynamic": ("vpc", "subformat=dynamic"),
    "VHDX, fixed": ("vhdx", "subformat=fixed"),
    "VHDX, dynamic": ("vhdx", "subformat=dynamic"),
    "VMDK, sparse": ("vmdk", "subformat=monolithicSparse"),
    "VMDK, flat": ("vmdk", "subformat=monolithicFlat"),
    "VMDK, extents": ("vmdk", "subformat=twoGbMaxExtentSparse"),
    "VMDK, stream": ("vmdk", "subformat=streamOptimized"),
    "QCOW2": ("qcow2", "compat=1.1"),
    "QCOW2, old": ("qcow2", "compat=0.10"),
}


def converted(raw: Path, form: str, folder: Path) -> Path:
    """Make an image of another form, by a program that is not ours."""
    maker = shutil.which("qemu-img")
    if maker is None:
        pytest.skip("NO qemu-img: an image of this form was NOT tested")
    kind, option = FORMS[form]
    made = folder / f"other.{kind}"
    subprocess.run([maker, "convert", "-f", "raw", "-O", kind, "-o", option, str(raw), str(made)], check=True)
    return made


@pytest.mark.parametrize("form", FORMS)
def test_a_host_is_the_same_in_every_form_of_image(host: Path, form: str, tmp_path: Path) -> None:
    folder = tmp_path / "image"
    folder.mkdir()
    made = converted(host, form, folder)
    entries, ledger = looked(made)
    plain, _ = looked(host)
    assert not ledger.gaps
    assert {path: content(entry) for path, entry in entries.items() if entry.source is not None} == {
        path: content(entry) for path, entry in plain.items() if entry.source is not None
    }
    assert ask(made, tmp_path) == ask(host, tmp_path)


def test_a_disk_that_holds_only_what_differs_from_another_is_a_gap(host: Path, tmp_path: Path) -> None:
    for form in ("VMDK, sparse", "QCOW2"):
        base, kind = converted(host, form, tmp_path), FORMS[form][0]
        layer = tmp_path / f"layer.{kind}"
        maker = shutil.which("qemu-img") or ""
        command = [maker, "create", "-q", "-f", kind, "-F", kind, "-b", str(base), str(layer)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        entries, ledger = looked(layer)
        assert not entries
        assert [why for why, _ in told(ledger)] == ["missing"], form


def test_a_volume_that_is_not_read_keeps_a_host_from_being_listed_whole(host: Path, tmp_path: Path) -> None:
    rows = tmp_path / "list.csv"
    rows.write_text("type,value\nfile_name,not-there\n")
    for second, whole in ((bytes(64 * 512), True), (bytes(3) + b"-FVE-FS-" + bytes(64 * 512 - 11), False)):
        disk = tmp_path / "both.img"
        disk.write_bytes(mbr(host.read_bytes(), second))
        assessment = sweep([resolve(str(rows))], [str(disk)], Inventory(), Options(jobs=1))
        (tree,) = (source.reading for source in assessment.sources if source.reading.reader == "files")
        lacking = any("could be listed" in gap.note for gap in tree.gaps if gap.reason is Reason.NOT_PROVIDED)
        assert lacking is not whole


@pytest.fixture
def journalled(tmp_path: Path) -> Path:
    """Make a volume of NTFS whose change journal has twenty changes of files."""
    tools = [shutil.which(name) or shutil.which(name, path="/sbin:/usr/sbin") for name in ("mkntfs", "ntfscp")]
    if not all(tools):
        pytest.skip("NO mkntfs, ntfscp: the change journal of an image was NOT tested")
    rows, root = b"", (5 << 48) | 5
    for number in range(20):
        time = 133_200_000_000_000_000 + number * 10_000_000
        rows += made_change(len(rows), (1 << 48) | (100 + number), root, time, f"evil{number}.exe", folder=False)
    (tmp_path / "journal").write_bytes(rows)
    volume = tmp_path / "disk.img"
    volume.write_bytes(bytes(8 << 20))
    maker, writer = map(str, tools)
    subprocess.run([maker, "-F", "-q", "-s", "512", str(volume)], check=True, capture_output=True)
    command = [writer, "-f", str(volume), str(tmp_path / "journal"), "$Extend/$UsnJrnl", "-N", "$J"]
    subprocess.run(command, check=True, capture_output=True)
    return volume


def test_the_table_and_the_journal_of_ntfs_are_read_by_their_format_and_hashed_by_nobody(
    journalled: Path, tmp_path: Path
) -> None:
    rows = tmp_path / "list.csv"
    rows.write_text(f"type,value\nfile_name,evil3.exe\nsha256,{'a' * 64}\n")
    assessment = sweep([resolve(str(rows))], [str(journalled)], Inventory(), Options(jobs=1))
    by_path = {source.reading.path.rpartition("!")[2]: source for source in assessment.sources}
    journal, table = by_path["volume/$Extend/$UsnJrnl:$J"], by_path["volume/$MFT"]
    assert (journal.reading.reader, journal.reading.records) == ("usn_journal", 20)
    assert table.reading.reader == "mft" and table.reading.status is Status.READ
    assert "$UsnJrnl:$J" not in by_path[str(journalled)].reading.note
    ((path, locator),) = {(s.source, s.locator) for s in assessment.sightings}
    assert path == journal.id and locator.startswith("usn ")


def unlinked(volume: bytes, name: str) -> bytes:
    """Delete a file as Windows does: out of its folder's index, its record marked as not in use and used once more."""
    raw, wanted = bytearray(volume), name.encode("utf-16-le")
    for at in range(0, len(raw), 512):
        if raw[at : at + 4] == b"INDX" and wanted in raw[at : at + 4096]:
            raw[at : at + 4096] = _without(raw[at : at + 4096], wanted)
        elif raw[at : at + 4] == b"FILE" and wanted in raw[at : at + 1024]:
            uses, _, _, flags = struct.unpack_from("<HHHH", raw, at + 16)
            struct.pack_into("<H", raw, at + 16, uses + 1)
            struct.pack_into("<H", raw, at + 22, flags & ~1)
    return bytes(raw)


def _without(block: bytearray, name: bytes) -> bytearray:
    """Take the entry of a name out of a block of an index; the last bytes of its sectors are kept in a list."""
    fixes, count = struct.unpack_from("<HH", block, 4)
    ends = [(number * 512 - 2, fixes + number * 2) for number in range(1, count)]
    for end, kept in ends:
        block[end : end + 2] = block[kept : kept + 2]
    first, size = struct.unpack_from("<II", block, 24)
    at, last = 24 + first, 24 + size
    while name not in block[at : at + struct.unpack_from("<H", block, at + 8)[0]]:
        at += struct.unpack_from("<H", block, at + 8)[0]
    length = struct.unpack_from("<H", block, at + 8)[0]
    block[at:last] = block[at + length : last] + bytes(length)
    struct.pack_into("<I", block, 28, size - length)
    for end, kept in ends:
        block[kept : kept + 2], block[end : end + 2] = block[end : end + 2], block[fixes : fixes + 2]
    return block


def test_a_deleted_file_of_ntfs_keeps_its_name_and_place(tmp_path: Path) -> None:
    tools = [shutil.which(name) or shutil.which(name, path="/sbin:/usr/sbin") for name in ("mkntfs", "ntfscp")]
    if not all(tools):
        pytest.skip("NO mkntfs, ntfscp: the deleted names of NTFS were NOT tested")
    maker, writer = map(str, tools)
    volume = tmp_path / "disk.img"
    volume.write_bytes(bytes(8 << 20))
    (tmp_path / "body").write_bytes(b"MZ" + bytes(3000))
    subprocess.run([maker, "-F", "-q", "-s", "512", str(volume)], check=True, capture_output=True)
    for name in ("evil.exe", "stays.txt"):
        command = [writer, "-f", str(volume), str(tmp_path / "body"), name]
        subprocess.run(command, check=True, capture_output=True)
    entries, _ = looked(volume)
    assert content(entries["volume/evil.exe"]).startswith(b"MZ")
    volume.write_bytes(unlinked(volume.read_bytes(), "evil.exe"))
    entries, ledger = looked(volume)
    assert entries["volume/evil.exe"].deleted and entries["volume/evil.exe"].source is None
    assert not entries["volume/stays.txt"].deleted and not ledger.gaps
    rows = tmp_path / "list.csv"
    rows.write_text("type,value\nfile_name,evil.exe\n")
    assessment = sweep([resolve(str(rows))], [str(volume)], Inventory(), Options(jobs=1))
    assert {sighting.indicator for sighting in assessment.sightings} == {"evil.exe"}


def test_a_collection_in_an_image_is_judged_as_one(tmp_path: Path) -> None:
    """As KAPE makes it with `--vhdx`."""
    maker = shutil.which("mke2fs") or shutil.which("mke2fs", path="/sbin:/usr/sbin")
    if maker is None:
        pytest.skip("NO mke2fs: a collection in an image was NOT tested")
    for name, body, _ in kape([("C:\\Windows\\Temp\\evil.exe", b"MZ", "2023-03-29T10:00:00Z")]):
        (tmp_path / "tree" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "tree" / name).write_bytes(body)
    raw = tmp_path / "raw.img"
    subprocess.run([maker, "-q", "-t", "ext4", "-d", str(tmp_path / "tree"), str(raw), "8M"], check=True)
    image = converted(raw, "VHDX, dynamic", tmp_path)
    rows = tmp_path / "list.csv"
    rows.write_text("type,value\npath,C:\\Windows\\Temp\\evil.exe\n")
    assessment = sweep([resolve(str(rows))], [str(image)], Inventory(), Options(jobs=1))
    assert {s.asset for s in assessment.sightings} == {"KAPE-BOX"}
    (tree,) = (source.reading for source in assessment.sources if source.reading.reader == "files")
    assert "a selection of files by KAPE" in tree.note and not any(seen.spans for seen in tree.seen)


def test_the_table_of_a_shadow_copy_is_read_as_well(images: Path) -> None:
    entries, _ = looked(images / "vsstest.qcow2")
    tables = {path: content(entry) for path, entry in entries.items() if entry.records}
    assert set(tables) == {"volume/$MFT", "volume-shadow1/$MFT", "volume-shadow2/$MFT"}
    assert all(table.startswith(b"FILE") for table in tables.values())
