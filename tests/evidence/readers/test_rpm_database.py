"""The database of installed RPM packages, in its three forms."""

from __future__ import annotations

import sqlite3
import struct
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from tests.evidence.artefact_kit import bears_damage, read_member, read_place, shows_control
from tests.evidence_kit import read_bytes

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.linux import rpm_bdb
from nachsorge.evidence.linux.rpm_header import HeaderError, package_of
from nachsorge.evidence.readers.rpm_database import RpmDatabase
from nachsorge.model.evidence import Software
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Kind, Platform, Reason, Status

if TYPE_CHECKING:
    from pathlib import Path

READER = RpmDatabase()
NUMBER, STRING, ARRAY = 4, 6, 8


def header(name: str, version: str = "5.6.1", files: tuple[str, ...] = (), pad: int = 0) -> bytes:
    """Make a header as rpm writes it: entries of tag, type, offset and count before their data."""
    cells: list[tuple[int, int, bytes, int]] = [
        (1000, STRING, name.encode() + b"\0", 1),
        (1001, STRING, version.encode() + b"\0", 1),
        (1002, STRING, b"2.el9\0", 1),
        (1003, NUMBER, struct.pack(">I", 3), 1),
        (1008, NUMBER, struct.pack(">I", 1_680_000_000), 1),
        (1011, STRING, b"Red Hat, Inc.\0", 1),
        (1020, STRING, f"https://{name}.example/\0".encode(), 1),
        (1022, STRING, b"x86_64\0", 1),
    ]
    if files:
        names = b"".join(one.rpartition("/")[2].encode() + b"\0" for one in files)
        folders = b"".join(one.rpartition("/")[0].encode() + b"/\0" for one in files)
        numbers = struct.pack(f">{len(files)}I", *range(len(files)))
        cells += [
            (1116, NUMBER, numbers, len(files)),
            (1117, ARRAY, names, len(files)),
            (1118, ARRAY, folders, len(files)),
        ]
    entries, data = b"", b""
    for tag, kind, cell, count in cells:
        data += b"\0" * (-len(data) % 4 if kind == NUMBER else 0)
        entries += struct.pack(">IIII", tag, kind, len(data), count)
        data += cell
    data += b"x" * pad
    return struct.pack(">II", len(cells), len(data)) + entries + data


XZ = header("xz-libs", files=("/usr/lib64/liblzma.so.5.6.1", "/usr/share/doc/README"))
BASH = header("bash", "5.1.8")


def sqlite(*blobs: bytes) -> bytes:
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("CREATE TABLE 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT,blob BLOB NOT NULL)")
        database.executemany("INSERT INTO Packages (blob) VALUES (?)", [(blob,) for blob in blobs])
        database.commit()
        return database.serialize()


def ndb(*blobs: bytes) -> bytes:
    slots, area = b"", b""
    for number, blob in enumerate(blobs, 1):
        room = -(-(16 + len(blob) + 12) // 16)
        slots += b"Slot" + struct.pack("<III", number, 256 + len(area) // 16, room)
        body = b"BlbS" + struct.pack("<III", number, 0, len(blob)) + blob
        area += body.ljust(room * 16 - 12, b"\0") + struct.pack("<II", 0, len(blob)) + b"BlbE"
    page = b"RpmP" + struct.pack("<IIII", 0, 1, 1, len(blobs) + 1) + bytes(12) + slots
    return page.ljust(4096, b"\0") + area


def bdb(*blobs: bytes, order: str = "<", size: int = 512) -> bytes:
    """Make a hash table with one page of pairs, whose values lie on chains of overflow pages."""
    chains: list[bytes] = []
    pairs: list[bytes] = [b"\1" + struct.pack("<I", 0), b"\1" + struct.pack("<I", len(blobs))]
    for number, blob in enumerate(blobs, 1):
        first, room = 2 + len(chains), size - 26
        pieces = [blob[at : at + room] for at in range(0, len(blob), room)]
        for index, piece in enumerate(pieces):
            following = first + index + 1 if index + 1 < len(pieces) else 0
            head = struct.pack(f"{order}8xI4xIHHBB", 2 + len(chains), following, 0, len(piece), 0, 7)
            chains.append((head + piece).ljust(size, b"\0"))
        pairs += [b"\1" + struct.pack("<I", number), b"\3\0\0\0" + struct.pack(f"{order}II", first, len(blob))]
    page, places = bytearray(size), []
    at = size
    for item in pairs:
        at -= len(item)
        page[at : at + len(item)] = item
        places.append(at)
    struct.pack_into(f"{order}I", page, 8, 1)
    struct.pack_into(f"{order}HH", page, 20, len(pairs), at)
    page[25] = 13
    struct.pack_into(f"{order}{len(places)}H", page, 26, *places)
    meta = bytearray(size)
    struct.pack_into(f"{order}III", meta, 12, 0x00061561, 9, size)
    meta[25] = 8
    struct.pack_into(f"{order}I", meta, 32, 1 + len(chains))
    return bytes(meta) + bytes(page) + b"".join(chains)


FORMS = {"rpmdb.sqlite": sqlite, "Packages.db": ndb, "Packages": bdb}


@pytest.mark.parametrize("name", FORMS)
def test_each_form_gives_the_same_packages(name: str, tmp_path: Path):
    body = FORMS[name](XZ, BASH)
    assert reader_for(body[:65536], f"var/lib/rpm/{name}").name == "rpm_database"
    (tmp_path / name).write_bytes(body)
    (xz, bash), reading = read_place(READER, tmp_path / name)
    assert (reading.status, reading.records, reading.platform) == (Status.READ, 2, Platform.LINUX)
    assert xz.software == Software(
        name="xz-libs", version="5.6.1-2.el9", platform=Platform.LINUX, publisher="Red Hat, Inc."
    )
    assert (xz.time, xz.event["epoch"], xz.event["arch"]) == (parse_instant("2023-03-28T10:40:00Z"), "3", "x86_64")
    shown = {(value.kind, value.text) for value in xz.values}
    assert (Kind.PACKAGE, "pkg:rpm/redhat/xz-libs@5.6.1-2.el9") in shown
    assert {(Kind.PATH, "/usr/lib64/liblzma.so.5.6.1"), (Kind.URL, "https://xz-libs.example/")} <= shown
    assert bash.software.version == "5.1.8-2.el9"
    # The snapshot is dated by the file, not by what was installed.
    ((span),) = reading.seen[0].spans
    assert span.start == span.end == (tmp_path / name).stat().st_mtime_ns // 1000


@pytest.mark.parametrize("name", FORMS)
def test_the_sieve_sees_versions_and_paths_that_stand_in_pieces(name: str):
    body = FORMS[name](XZ, BASH)
    for literal in (b"5.6.1-2.el9", b"/usr/lib64/liblzma.so"):
        records, ledger = read_bytes(READER, body, literal, name=name)
        assert [r.software.name for r in records] == ["xz-libs"]
        assert ledger.records == 2


def test_a_damaged_package_is_counted_and_clears_nothing(tmp_path: Path):
    (tmp_path / "rpmdb.sqlite").write_bytes(sqlite(XZ, b"\xff" * 64))
    records, reading = read_place(READER, tmp_path / "rpmdb.sqlite")
    assert (len(records), reading.unreadable, reading.unreadable_at) == (1, 1, ("package 2",))
    assert reading.status is Status.PARTLY and reading.seen[0].spans == ()


def test_without_a_time_it_covers_nothing():
    _, reading = read_member(READER, sqlite(XZ), "rpmdb.sqlite")
    assert reading.seen[0].spans == () and Reason.NO_TIME in {gap.reason for gap in reading.gaps}


def test_big_endian_tables_and_chains_in_a_circle():
    assert [b for _, b in rpm_bdb.blobs(bdb(XZ, BASH, order=">"))] == [XZ, BASH]
    table = bytearray(bdb(header("a", pad=900)))
    struct.pack_into("<I", table, 2 * 512 + 16, 2)  # the first page of the value leads to itself
    assert [blob for _, blob in rpm_bdb.blobs(bytes(table))] == [None]


def test_tables_that_cannot_be_read_say_why():
    cut = bdb(XZ)[:-512]
    assert read_member(READER, cut, "Packages")[1].reason is Reason.TRUNCATED
    locked = bytearray(bdb(XZ))
    locked[24] = 1
    assert read_member(READER, bytes(locked), "Packages")[1].reason is Reason.ENCRYPTED
    later = b"RpmP" + struct.pack("<II", 9, 0) + bytes(4096)
    assert read_member(READER, later, "Packages.db")[1].reason is Reason.NOT_SUPPORTED


@pytest.mark.parametrize(
    "blob", [b"", b"\0" * 7, struct.pack(">II", 2**31, 8), struct.pack(">II", 1, 2**31) + bytes(99)]
)
def test_what_is_no_header(blob: bytes):
    with pytest.raises(HeaderError):
        package_of(blob)


@pytest.mark.parametrize("form", FORMS.values())
def test_damage_and_control(form):
    bears_damage(READER, form(XZ, BASH), 40)
    shows_control(READER)


@pytest.mark.parametrize("order", "<>")
def test_a_page_that_holds_more_than_it_has_places_for_has_lost_a_package(order: str):
    body = bytearray(bdb(XZ, BASH, order=order))
    size = struct.unpack_from(f"{order}I", body, 20)[0]
    assert struct.unpack_from(f"{order}H", body, size + 20) == (6,)
    struct.pack_into(f"{order}H", body, size + 20, 4)
    _, reading = read_member(READER, bytes(body), "Packages")
    assert reading.unreadable == 1 and reading.status is Status.PARTLY


def test_a_table_without_any_page_for_pairs_is_damaged():
    body = bytearray(bdb(XZ))
    body[512:] = bytes(len(body) - 512)
    _, reading = read_member(READER, bytes(body), "Packages")
    assert (reading.status, reading.reason) == (Status.UNREAD, Reason.CORRUPT)
