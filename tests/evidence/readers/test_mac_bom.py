"""Lists of a package's files on macOS."""

from __future__ import annotations

import plistlib
import struct

import pytest
from tests.evidence.artefact_kit import bears_damage, read_member, read_place, shows_control
from tests.evidence_kit import read_bytes

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.mac_bom import MacBom
from nachsorge.model.words import Kind, Reason, Status, Telemetry

READER = MacBom()
MODIFIED = 1_678_000_000
APP = "Applications/3CX Desktop App.app"
FILES = ("3CX Desktop App.app/Contents/Info.plist", "3CX Desktop App.app/Contents/MacOS/run")
PATHS = {f"/{APP}", f"/{APP}/Contents", f"/{APP}/Contents/Info.plist", f"/{APP}/Contents/MacOS"} | {
    f"/{APP}/Contents/MacOS/run"
}


def bom(files: tuple[str, ...] = FILES, page: int = 64, *, name: bytes = b"Paths", names_only: bool = False) -> bytes:
    """Write a list as `mkbom` does: a page holds so many entries, and a page above leads to the first."""
    rows: list[tuple[int, str, int]] = [(0, ".", 2)]
    numbers = {"": 1}
    for file in files:
        for depth in range(1, file.count("/") + 2):
            path = "/".join(file.split("/")[:depth])
            if path not in numbers:
                rows.append((numbers[path.rpartition("/")[0]], path.rpartition("/")[2], 1 if path == file else 2))
                numbers[path] = len(rows)
    blocks = [b""]

    def add(block: bytes) -> int:
        blocks.append(block)
        return len(blocks) - 1

    entries = []
    for number, (parent, called, kind) in enumerate(rows, 1):
        full = struct.pack(">BBHHIIIIBII", kind, 1, 15, 0o100755, 0, 80, MODIFIED, 9, 1, 4711, 0)
        about = add(full[:4] if names_only else full)
        entries.append(
            (add(struct.pack(">II", number, about)), add(struct.pack(">I", parent) + called.encode() + b"\0"))
        )
    cut = [entries[at : at + page] for at in range(0, len(entries), page)]
    first = len(blocks)
    for number, part in enumerate(cut):
        following = first + number + 1 if number + 1 < len(cut) else 0
        add(struct.pack(">HHII", 1, len(part), following, 0) + b"".join(struct.pack(">II", *pair) for pair in part))
    root = add(struct.pack(">HHIIII", 0, 1, 0, 0, first, entries[-1][1])) if len(cut) > 1 else first
    tree = add(b"tree" + struct.pack(">IIIIB", 1, root, 4096, len(rows), 0))
    body = b""
    table: list[tuple[int, int]] = []
    for each in blocks:
        table.append((512 + len(body) if each else 0, len(each)))
        body += each
    index = struct.pack(">I", len(blocks)) + b"".join(struct.pack(">II", *cell) for cell in table)
    names = struct.pack(">I", 1) + struct.pack(">IB", tree, len(name)) + name
    where = 512 + len(body)
    head = struct.pack(">8sIIIIII", b"BOMStore", 1, len(blocks), where, len(index), where + len(index), len(names))
    return head + bytes(512 - len(head)) + body + index + names


@pytest.mark.parametrize("page", [64, 2])
def test_every_path_below_the_place_of_installation(tmp_path, page):
    place = tmp_path / "com.electron.3cx-desktop-app.bom"
    place.write_bytes(bom(page=page))
    (tmp_path / "com.electron.3cx-desktop-app.plist").write_bytes(plistlib.dumps({"InstallPrefixPath": "Applications"}))
    found = reader_for(place.read_bytes(), place.name)
    assert found is not None and found.name == "mac_bom"
    records, reading = read_place(READER, place)
    assert {value.text for record in records for value in record.values if value.kind is Kind.PATH} == PATHS
    last = next(record for record in records if record.event["path"].endswith("/run"))
    assert (last.telemetry, last.event["kind"], last.event["modified"][:10]) == (
        Telemetry.FILESYSTEM,
        "file",
        "2023-03-05",
    )
    assert (reading.status, reading.records, reading.note) == (Status.READ, 5, "")
    assert all(not seen.spans for seen in reading.seen)


def test_without_the_receipt_paths_are_taken_from_the_root_and_that_is_said(tmp_path):
    place = tmp_path / "x.bom"
    place.write_bytes(bom(names_only=True))
    records, reading = read_place(READER, place)
    assert "/3CX Desktop App.app" in {record.event["path"] for record in records}
    assert "receipt is not beside it" in reading.note and "modified" not in records[0].event
    (tmp_path / "x.plist").write_bytes(b"torn")
    assert "could not be read" in read_place(READER, place)[1].note


def test_the_sieve_sees_whole_paths():
    records, ledger = read_bytes(READER, bom(), b"contents/macos/run", name="x.bom")
    assert [record.event["path"] for record in records] == ["/3CX Desktop App.app/Contents/MacOS/run"]
    assert ledger.records == 5


def test_what_is_damaged_is_named():
    _, reading = read_member(READER, bom(name=b"Other"), "x.bom")
    assert reading.reason is Reason.NOT_SUPPORTED
    assert read_member(READER, bom()[:20], "x.bom")[1].reason is Reason.TRUNCATED


def test_a_file_in_a_folder_that_is_not_listed_is_lost_and_said():
    body = bytearray(bom())
    at = bytes(body).index(b"MacOS\0") - 4
    struct.pack_into(">I", body, at, 999)
    records, reading = read_member(READER, bytes(body), "x.bom")
    assert (len(records), reading.reason) == (3, Reason.CORRUPT)
    assert "2 entries could not be read" in reading.note


def test_pages_in_a_circle_end():
    body = bytearray(bom(page=2))
    pages = [at for at in range(512, len(body) - 12) if body[at : at + 4] == b"\0\1\0\2"]
    first_next = int.from_bytes(body[pages[0] + 4 : pages[0] + 8], "big")
    struct.pack_into(">I", body, pages[1] + 4, first_next)
    _, reading = read_member(READER, bytes(body), "x.bom")
    assert "circle" in reading.note


def test_other_stores_are_others():
    assert READER.accepts(bom(name=b"CARHEADER"), "Assets.car") == 0
    assert READER.accepts(b"BOMStore", "x.bom") == 92 and READER.accepts(b"BOM", "x.bom") == 0


def test_damage_and_control():
    bears_damage(READER, bom())
    shows_control(READER)
