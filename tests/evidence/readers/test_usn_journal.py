"""Change journals, made record by record; the maker's layout was held against another reader of journals."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import replace

from tests.evidence.artefact_kit import bears_damage, read_member, read_place
from tests.evidence_kit import PLANT, Everything, opened, read_bytes

from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.read import read_source
from nachsorge.evidence.readers.usn_journal import UsnJournal
from nachsorge.evidence.windows.ntfs_made import made_record
from nachsorge.evidence.windows.usn import PAGE, made_change
from nachsorge.model.evidence import Gap, Record
from nachsorge.model.times import HOUR, SECOND, Span, parse_instant
from nachsorge.model.words import Kind, Reason, Status, Telemetry

ROOT = (5 << 48) | 5
TIME = 133_200_000_000_000_000
START = parse_instant("2023-02-04T16:00:00Z")
SECONDS = 10_000_000


def journal(*rows: tuple[int, int, str, bool, int], usn: int = 0) -> bytes:
    """Put records one behind the other: (file, parent, name, folder, seconds since the start)."""
    body = b""
    for file, parent, name, folder, seconds in rows:
        body += made_change(usn + len(body), file, parent, TIME + seconds * SECONDS, name, folder=folder)
    return body


def table() -> bytes:
    """An $MFT with the root at 5, `Windows` at 6, `System32` at 7 and `Temp` at 8."""
    root = made_record(1024, 5, ".", ROOT, folder=True)
    folders = [("Windows", ROOT), ("System32", (1 << 48) | 6), ("Temp", (1 << 48) | 6)]
    return b"".join([root] * 6 + [made_record(1024, 1, name, above, folder=True) for name, above in folders])


def read_beside(body: bytes, mft: bytes | None, name: str = "$J"):
    """Read a journal that lies in `$Extend` below its volume's table."""
    beside = opened(mft, "$MFT") if mft is not None else None
    source = replace(opened(body, name), path=f"C/$Extend/{name}", host="pc1")
    source = replace(source, near=lambda path: beside if path == "../$MFT" else None)
    records: list[Record] = []
    reading = read_source(source, UsnJournal(), Everything(), records.append, Ledger(host="pc1"))
    return records, reading


def test_paths_by_the_table_beside_it_and_coverage():
    body = journal((100 | 1 << 48, (1 << 48) | 7, "evil.dll", False, 0), (101, (1 << 48) | 8, "x.tmp", False, 90_000))
    records, reading = read_beside(body, table())
    assert [r.event["TargetFilename"] for r in records] == [r"C:\Windows\System32\evil.dll", r"C:\Windows\Temp\x.tmp"]
    assert records[0].event["reason"] == "created" and records[0].event["record"] == "100-1"
    assert (records[0].time, records[0].telemetry) == (START, Telemetry.FILE_EVENT)
    (seen,) = reading.seen
    assert seen.spans == (Span(START, START + 90_000 * SECOND),) and seen.host == "pc1"
    assert reading.gaps == () and reading.status is Status.READ


def test_without_the_table_it_covers_nothing_and_says_so():
    records, reading = read_beside(journal((100, (1 << 48) | 7, "evil.dll", False, 0)), None)
    assert [v.text for v in records[0].values] == ["evil.dll"] and records[0].values[0].kind is Kind.PATH
    assert reading.seen[0].spans == () and reading.first is None
    (gap,) = reading.gaps
    assert (gap.reason, gap.telemetry, gap.span) == (Reason.NOT_PROVIDED, Telemetry.FILE_EVENT, None)
    assert "1 changes in folders that are not known" in reading.note
    assert "the $MFT of the same volume is not beside it" in reading.note


def test_the_journal_of_another_volume_covers_nothing():
    root = made_record(1024, 5, ".", ROOT, folder=True)
    data = root * 6 + made_record(1024, 1, "Data", ROOT, folder=True)
    _, reading = read_beside(journal((100, (1 << 48) | 6, "a.txt", False, 0)), data)
    assert reading.seen[0].spans == () and reading.gaps[0].reason is Reason.NOT_PROVIDED


def test_what_lies_in_unknown_folders_is_not_covered_meanwhile():
    rows = [
        (100, (1 << 48) | 7, "a", False, 0),
        (101, (9 << 48) | 77, "b", False, 8000),
        (102, ROOT, "c", False, 20_000),
    ]
    records, reading = read_beside(journal(*rows), table())
    assert records[1].event["TargetFilename"] == "b"
    (gap,) = reading.gaps
    assert gap.span == Span(START + 8000 * SECOND, START + 8000 * SECOND)
    assert (gap.reason, gap.telemetry, gap.host) == (Reason.NOT_PROVIDED, Telemetry.FILE_EVENT, "pc1")


def test_folders_that_the_journal_itself_tells_of():
    """A folder made, filled, renamed and filled again: each path is what it was at the time."""
    folder = (3 << 48) | 50
    rows = [
        (folder, ROOT, "before", True, 0),
        (101, folder, "one.exe", False, 1),
        (folder, ROOT, "after", True, 2),
        (102, folder, "two.exe", False, 3),
    ]
    records, _ = read_member(UsnJournal(), journal(*rows), "$J")
    assert [r.event["TargetFilename"] for r in records[1::2]] == [r"?:\before\one.exe", r"?:\after\two.exe"]


def test_a_folder_is_known_by_its_old_name_before_it_is_first_mentioned():
    folder = (3 << 48) | 50
    rows = [(101, folder, "one.exe", False, 1), (folder, ROOT, "named", True, 2)]
    records, _ = read_member(UsnJournal(), journal(*rows), "$J")
    assert records[0].event["TargetFilename"] == r"?:\named\one.exe"


def test_leading_zeroes_and_pages_are_passed_over():
    first = journal((100, ROOT, "a", False, 0), usn=PAGE * 600)
    second = made_change(PAGE * 601, 101, ROOT, TIME, "b")
    body = bytes(PAGE * 600) + first.ljust(PAGE, b"\0") + second + bytes(64)
    records, reading = read_beside(body, table())
    assert [r.event["usn"] for r in records] == [str(PAGE * 600), str(PAGE * 601)]
    assert reading.status is Status.READ and reading.gaps == ()
    assert UsnJournal().accepts(body[:65536], "x/$J") > 0 and UsnJournal().accepts(body[:65536], "zeroes.bin") == 0


def test_a_sparse_file_gives_what_a_full_one_does(tmp_path):
    folder = (3 << 48) | 50
    body = journal((folder, ROOT, "before", True, 0), (101, folder, "a", False, 1), usn=PAGE * 5000)
    with (tmp_path / "$J").open("wb") as file:
        file.seek(PAGE * 5000)
        file.write(body)
    records, reading = read_place(UsnJournal(), tmp_path / "$J")
    assert [r.event["TargetFilename"] for r in records] == [r"?:\before", r"?:\before\a"]
    assert reading.sha256 == hashlib.sha256(bytes(PAGE * 5000) + body).hexdigest()


def test_a_jump_of_the_numbers_is_a_gap():
    body = journal((100, ROOT, "a", False, 0)) + made_change(PAGE * 50, 101, ROOT, TIME + 7 * SECONDS, "b")
    _, reading = read_beside(body, table())
    (gap,) = reading.gaps
    assert gap.reason is Reason.RECORD_JUMP and gap.span == Span(START, START + 7 * SECOND)


def test_a_clock_set_back_is_a_gap():
    _, reading = read_beside(journal((1, ROOT, "a", False, 9000), (2, ROOT, "b", False, 0)), table())
    (gap,) = reading.gaps
    assert (gap.reason, gap.span) == (Reason.CLOCK, Span(START, START + 9000 * SECOND))
    assert gap.span.end - gap.span.start > HOUR


def test_many_breaks_stay_few_gaps_that_hold_all_of_them():
    body = b"".join(made_change(n * PAGE * 9, n, ROOT, TIME + n * SECONDS, "x") for n in range(500))
    _, reading = read_beside(body, table())
    assert len(reading.gaps) <= 33
    assert max(gap.span.end for gap in reading.gaps if gap.span) == START + 499 * SECOND


def test_debris_is_unreadable_and_breaks_the_run():
    body = journal((100, ROOT, "a", False, 0)) + b"\xff" * 72
    body += made_change(len(body), 101, ROOT, TIME + 5 * SECONDS, "b")
    records, reading = read_beside(body, table())
    assert len(records) == 2 and (reading.unreadable, reading.unreadable_at) == (1, ("offset 64",))
    assert [gap.reason for gap in reading.gaps] == [Reason.RECORD_JUMP]
    assert (reading.status, reading.reason) == (Status.PARTLY, Reason.CORRUPT)


def test_versions_3_and_4():
    text = "three.txt".encode("utf-16-le")
    size = (76 + len(text) + 7) // 8 * 8
    fields = struct.pack("<QQQQqqIIIIHH", 7, 0, 5, 0, 0, TIME, 0x200, 0, 0, 0x20, 18, 76)
    third = (struct.pack("<IHH", size, 3, 0) + fields + text).ljust(size, b"\0")
    fourth = struct.pack("<IHH", 80, 4, 0) + struct.pack("<QQQQqIIIHH", 7, 0, 5, 0, size, 1, 0, 0, 1, 16) + bytes(16)
    records, reading = read_beside(third + fourth, table())
    assert [(r.event["TargetFilename"], r.event["reason"]) for r in records] == [("C:\\three.txt", "deleted")]
    assert "1 records of changed ranges" in reading.note and reading.gaps == () and reading.unreadable == 0


def test_an_empty_journal_is_said_to_be_empty():
    _, reading = read_member(UsnJournal(), bytes(PAGE * 4), "$J")
    assert (reading.status, reading.reason) == (Status.READ, None) or reading.gaps[0].reason is Reason.EMPTY
    assert Gap(reason=Reason.EMPTY, note=reading.gaps[0].note) in reading.gaps


def test_the_sieve_drops_only_what_holds_no_literal():
    body = journal(*((n, ROOT, f"file{n}.txt", False, n) for n in range(900)))
    every, full = read_bytes(UsnJournal(), body)
    some, ledger = read_bytes(UsnJournal(), body, b"file899.txt")
    assert len(every) == 900 and [r.event["TargetFilename"] for r in some] == ["?:\\file899.txt"]
    assert (ledger.seen(), ledger.gaps, ledger.records) == (full.seen(), full.gaps, full.records)


def test_damage_and_plant():
    body = journal((100, ROOT, "a", True, 0), (101, 100, "bbbb.exe", False, 1)) + bytes(48)
    bears_damage(UsnJournal(), body * 3)
    planted = UsnJournal().plant(body, PLANT)
    records, _ = read_member(UsnJournal(), planted or b"")
    # Which drive it was is not in a journal, and is not compared.
    assert records[-1].values[0].text == "?:" + PLANT.path[2:]
    assert planted is not None and UsnJournal().accepts(planted, "x") > 0
