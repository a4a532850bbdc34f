"""SRUM: whole databases, made here and read by the library in its own process; rows as that process gives them.

And the process itself, which is ended when it takes too long.
"""

from __future__ import annotations

import importlib
import io
import json
import sys
import time
from types import SimpleNamespace

import pytest
from tests.evidence.artefact_kit import read_member, shows_control
from tests.evidence.windows.ese_kit import BINARY, BYTE, DATE, LONG, QUAD, Table, database
from tests.evidence_kit import PLANT

from nachsorge.evidence.readers.srum import Srum, ole_date, program_of, sid
from nachsorge.evidence.seams import ReadError
from nachsorge.evidence.windows import ese, ese_child
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Kind, Reason, Status, Telemetry

HEAD = (bytes(4) + ese.MAGIC + bytes(8)).ljust(52, b"\0") + b"\x03\0\0\0"
CLEAN = HEAD.ljust(8192, b"\0") + b"SruDbIdMapTable"
NETWORK, USAGE = "{973F5D5C-1D90-4944-BE8E-24B94231A174}", "{D10CA2FE-6FCF-4F6D-848E-B2E99266FA89}"
SYSTEM = b"\x01\x01\0\0\0\0\0\x05\x12\0\0\0"


def name(number: int, text: str | bytes, kind: int = 0) -> list[object]:
    raw = text if isinstance(text, bytes) else text.encode("utf-16-le") + b"\0\0"
    return ["row", {"IdType": kind, "IdIndex": number, "IdBlob": "x" + raw.hex()}]


def lines() -> list[list[object]]:
    return [
        ["table", "SruDbIdMapTable", 3, ""],
        name(1, r"\Device\HarddiskVolume4\Users\x\evil.exe"),
        name(2, SYSTEM, 3),
        name(3, r"\Device\HarddiskVolume4\Windows\System32\svchost.exe [DoSvc]"),
        ["table", NETWORK, 2, ""],
        ["row", {"AutoIncId": 1, "TimeStamp": 44961.5, "AppId": 1, "UserId": 2, "BytesSent": 99, "BytesRecvd": 7}],
        ["row", {"AutoIncId": 2, "TimeStamp": 44961.5, "AppId": 8, "UserId": 2, "BytesSent": 1, "BytesRecvd": 0}],
        ["table", USAGE, 2, ""],
        ["row", {"AutoIncId": 3, "TimeStamp": 44961.75, "AppId": 3, "UserId": 2, "ForegroundBytesRead": 5}],
        ["bad", 1],
    ]


@pytest.fixture
def given(monkeypatch):
    rows = lines()
    monkeypatch.setattr(ese, "rows", lambda stream: iter(rows))
    return rows


def test_rows_become_programs_that_ran_with_their_bytes(given):
    records, reading = read_member(Srum(), CLEAN, "SRUDB.dat")
    assert [r.telemetry for r in records] == [Telemetry.PROGRAM_EXECUTION] * 3
    first, second, third = records
    assert first.time == parse_instant("2023-02-04T12:00:00Z")
    assert (Kind.PATH, r"\Device\HarddiskVolume4\Users\x\evil.exe") in {(v.kind, v.text) for v in first.values}
    assert (first.event["user"], first.event["BytesSent"], first.event["BytesRecvd"]) == ("S-1-5-18", "99", "7")
    assert (first.event["proves"], first.event["table"]) == ("execution", "network data usage")
    assert second.event["proves"] == "presence" and "path" not in second.event
    assert third.event["path"] == r"\Device\HarddiskVolume4\Windows\System32\svchost.exe"
    assert "[DoSvc]" in third.event["application"] and "ForegroundBytesRead" in third.event
    assert (reading.records, reading.unreadable, reading.unreadable_at) == (4, 1, ("application resource usage row 2",))
    assert reading.seen[0].spans == ()
    assert "1 rows of programs whose name is not in the database: network data usage row 2" in reading.note


PROGRAM = r"\Device\HarddiskVolume3\Users\kim\AppData\Local\Programs\3CXDesktopApp\app\3CXDesktopApp.exe"
MADE = [
    Table(
        "SruDbIdMapTable",
        {"IdType": BYTE, "IdIndex": LONG, "IdBlob": BINARY},
        [(0, 1, (PROGRAM + "\0").encode("utf-16-le")), (3, 2, SYSTEM), (0, 3, None)],
    ),
    Table("MSysOther", {"a": LONG}, [(1,)]),
    Table(
        NETWORK,
        {"AutoIncId": LONG, "TimeStamp": DATE, "AppId": LONG, "UserId": LONG, "BytesSent": QUAD, "BytesRecvd": QUAD},
        [(1, 45014.5, 1, 2, 4_000_000_000, 7), (2, 45014.5, 9, 2, 1, 1)],
    ),
]


def test_a_whole_database_through_the_library_in_its_own_process():
    pytest.importorskip("pyesedb", reason="NOT LOOKED AT: the extra `windows` is not installed")
    (ran, nameless), reading = read_member(Srum(), database(MADE), "SRUDB.dat")
    assert Srum().accepts(database(MADE), "SRUDB.dat") >= 90
    assert (ran.time, ran.event["user"]) == (parse_instant("2023-03-29T12:00:00Z"), "S-1-5-18")
    assert (ran.event["path"], ran.event["BytesSent"], ran.event["BytesRecvd"]) == (PROGRAM, "4000000000", "7")
    assert (ran.event["table"], ran.event["proves"]) == ("network data usage", "execution")
    assert "path" not in nameless.event and "name is not in the database" in reading.note
    assert (reading.records, reading.unreadable, reading.seen[0].spans) == (2, 0, ())


@pytest.mark.parametrize("cut", [1, 8192, 100_000])
def test_a_whole_database_that_is_cut_is_never_read_whole(cut):
    pytest.importorskip("pyesedb", reason="NOT LOOKED AT: the extra `windows` is not installed")
    _, reading = read_member(Srum(), database(MADE[:1])[:-cut], "SRUDB.dat")
    assert reading.status in (Status.PARTLY, Status.UNREAD) and reading.note


def test_a_whole_database_that_was_in_use_says_so():
    pytest.importorskip("pyesedb", reason="NOT LOOKED AT: the extra `windows` is not installed")
    records, reading = read_member(Srum(), database(MADE, state=2), "SRUDB.dat")
    assert len(records) == 2 and reading.status is Status.PARTLY
    assert any(gap.reason is Reason.NOT_SUPPORTED and "was in use when copied" in gap.note for gap in reading.gaps)


def test_a_database_that_was_in_use_is_partly_read(given):
    body = CLEAN[:52] + b"\x02" + CLEAN[53:]
    _, reading = read_member(Srum(), body, "SRUDB.dat")
    assert (reading.status, reading.reason) == (Status.PARTLY, Reason.NOT_SUPPORTED)
    assert "was in use when copied" in reading.note


def test_a_table_that_cannot_be_opened_is_a_gap(given):
    given.append(["table", NETWORK, -1, "no such page"])
    _, reading = read_member(Srum(), CLEAN, "SRUDB.dat")
    assert any(g.reason is Reason.CORRUPT and "no such page" in g.note for g in reading.gaps)


def test_another_program_s_database_is_not_read_as_srum(given):
    given[:] = [["table", "{0}", 0, ""]]
    _, reading = read_member(Srum(), CLEAN, "SRUDB.dat")
    assert (reading.status, reading.reason) == (Status.UNREAD, Reason.NOT_SUPPORTED)
    assert Srum().accepts(HEAD.ljust(8192, b"\0"), "WebCacheV01.dat") == 0
    assert Srum().accepts(HEAD.ljust(8192, b"\0"), "C/Windows/System32/sru/SRUDB.dat") == 90
    assert Srum().accepts(CLEAN, "x") == 97 and Srum().accepts(bytes(4096), "SRUDB.dat") == 0


def test_without_the_extra_it_is_named_as_unread(monkeypatch):
    monkeypatch.setattr(ese, "available", lambda: False)
    _, reading = read_member(Srum(), CLEAN, "SRUDB.dat")
    assert (reading.status, reading.reason) == (Status.UNREAD, Reason.MISSING_EXTRA)
    assert "pip install 'nachsorge[windows]'" in reading.note and list(Srum().control_records(PLANT)) == []


def child(code: str, monkeypatch, **limits: float) -> list[list[object]]:
    monkeypatch.setattr(ese, "_CHILD", f"import json, sys, time\n{code}")
    monkeypatch.setattr(ese, "available", lambda: True)
    return list(ese.rows(io.BytesIO(CLEAN), **limits))


def test_a_library_that_hangs_is_ended(monkeypatch):
    began = time.monotonic()
    with pytest.raises(ReadError) as caught:
        child("print(json.dumps(['row', {}]), flush=True)\ntime.sleep(600)", monkeypatch, idle=0.3)
    assert caught.value.reason is Reason.LIMIT and "without a row" in caught.value.note
    assert time.monotonic() - began < 60


def test_a_library_that_never_comes_to_an_end_is_ended(monkeypatch):
    code = "while True: print(json.dumps(['row', {}]), flush=True); time.sleep(0.01)"
    with pytest.raises(ReadError) as caught:
        child(code, monkeypatch, idle=30, longest=0.5)
    assert caught.value.reason is Reason.LIMIT and "0.5 seconds" in caught.value.note


def test_a_library_that_crashes_is_a_gap_and_what_came_before_is_kept(monkeypatch):
    code = "import os; print(json.dumps(['row', {'a': 1}]), flush=True); os.abort()"
    found: list[list[object]] = []
    monkeypatch.setattr(ese, "_CHILD", f"import json\n{code}")
    monkeypatch.setattr(ese, "available", lambda: True)
    with pytest.raises(ReadError) as caught:
        for line in ese.rows(io.BytesIO(CLEAN)):
            found.append(line)
    assert caught.value.reason is Reason.CORRUPT and found == [["row", {"a": 1}]]


def test_the_end_is_known_from_breaking_off(monkeypatch):
    assert child("print(json.dumps(['row', {}])); print(json.dumps(['end']))", monkeypatch) == [["row", {}]]
    with pytest.raises(ReadError):
        child("print(json.dumps(['row', {}]))", monkeypatch)


def test_what_is_no_database_is_said_by_the_library():
    pytest.importorskip("pyesedb", reason="NOT LOOKED AT: the extra `windows` is not installed")
    _, reading = read_member(Srum(), CLEAN + bytes(90_000), "SRUDB.dat")
    assert (reading.status, reading.reason) == (Status.UNREAD, Reason.CORRUPT)
    assert "not a readable database" in reading.note


class FakeRecord:
    """A row as the library gives it: (name, type, bytes, whether it lies apart)."""

    def __init__(self, *columns):
        self.columns = columns
        self.number_of_values = len(columns)

    def get_column_name(self, at):
        return self.columns[at][0]

    def get_column_type(self, at):
        return self.columns[at][1]

    def get_value_data(self, at):
        return self.columns[at][2]

    def get_value_data_as_string(self, at):
        return self.columns[at][2]

    def is_long_value(self, at):
        return self.columns[at][3]

    def get_value_data_as_long_value(self, at):
        return SimpleNamespace(get_data=lambda: self.columns[at][2])


def test_the_child_writes_rows_of_the_tables_that_matter(monkeypatch, capsys):
    row = FakeRecord(
        ("a", 4, b"\xff\xff\xff\xff", False),
        ("b", 8, b"\0\0\0\0\x20\xf4\xe5\x40", False),
        ("c", 11, b"\x01\x02", True),
        ("d", 10, None, False),
        ("e", 7, b"\0\0\0\0\0\0\xf8\x7f", False),
        ("f", 12, "text", False),
    )

    def record(number):
        if number:
            raise OSError("bad page")
        return row

    tables = [
        SimpleNamespace(name="MSysObjects", number_of_records=5, get_record=record),
        SimpleNamespace(name=NETWORK, number_of_records=2, get_record=record),
        SimpleNamespace(name="SruDbIdMapTable", number_of_records=1, get_record=record),
    ]
    file = SimpleNamespace(open=lambda path: None, number_of_tables=3, get_table=tables.__getitem__)
    monkeypatch.setattr(ese_child, "import_module", lambda name: SimpleNamespace(file=lambda: file))
    monkeypatch.setattr(ese_child, "_bound_memory", lambda: None)
    monkeypatch.setattr(sys, "stdin", io.StringIO("somewhere\n"))
    ese_child.serve()
    values = {"a": -1, "b": 44961.0, "c": "x0102", "d": None, "e": None, "f": "ttext"}
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == [
        ["table", "SruDbIdMapTable", 1, ""],
        ["row", values],
        ["table", NETWORK, 2, ""],
        ["row", values],
        ["bad", 1],
        ["end"],
    ]


def test_names_of_programs():
    assert program_of(r"\Device\HarddiskVolume2\a b\x.exe [svc]") == r"\Device\HarddiskVolume2\a b\x.exe"
    assert program_of("!!setup.exe!2013/06/22:11:00:00!5d3f!") == "setup.exe"
    assert program_of("Microsoft.Windows.Cortana_1.2_neutral__cw5n1h2txyewy") == "" and program_of("System") == ""


def test_times_and_users():
    assert ole_date(44961.5) == parse_instant("2023-02-04T12:00:00Z")
    assert [ole_date(v) for v in (0.0, -1.0, None, 7, 1e12)] == [None] * 5
    assert sid(SYSTEM) == "S-1-5-18" and sid(b"\x01\x05\0") == "" and sid(b"") == ""


def test_the_control():
    pytest.importorskip("pyesedb", reason="NOT LOOKED AT: the extra `windows` is not installed")
    shows_control(Srum())
    assert Srum().plant(b"", PLANT) is None
    assert importlib.util.find_spec("nachsorge.evidence.windows.ese_child") is not None
