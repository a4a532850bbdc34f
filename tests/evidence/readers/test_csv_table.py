import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.evidence.reader_contract import (
    holds_with_and_without_sieve,
    shows_its_plant,
    survives_anything,
    typed_values,
)
from tests.evidence_kit import PLANT, read_bytes

from nachsorge.evidence.readers.csv_table import CsvTable
from nachsorge.model.evidence import Software
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Kind, Platform, Reason, Telemetry

READER = CsvTable()
PROXY = b"""\
Event Time,Client IP,URL,SHA-256
2023-03-29T10:11:12+02:00,10.0.0.5,http://evil.example/a,
1680084673,10.0.0.6,http://good.example/,%s
""" % (b"ab" * 32)
SOFTWARE = """\
Computer;Name;Publisher;Version;OS;Last seen
pc1;3CX Desktop App;3CX;18.12.416;Windows 11;2023-03-29
pc2;"Say ""hi"";
there";Größe;1.0;macOS 13;2023-03-30
""".encode()


def test_an_inventory_of_software():
    records, ledger = read_bytes(READER, b"\xef\xbb\xbf" + SOFTWARE)
    assert {r.telemetry for r in records} == {Telemetry.INSTALLED_SOFTWARE}
    assert records[0].software == Software(
        name="3CX Desktop App", version="18.12.416", platform=Platform.WINDOWS, publisher="3CX"
    )
    assert [(r.host, r.locator) for r in records] == [("pc1", "line 2"), ("pc2", "line 3")]
    assert records[1].event["Name"] == 'Say "hi";\nthere'
    assert records[0].time == parse_instant("2023-03-29")
    assert [seen.host for seen in ledger.seen()] == ["pc1", "pc2"]


def test_a_live_query_of_fleet_names_its_hosts():
    body = b"host_display_name,host_hostname,name,version,install_location\nPC 1,pc1,3CX Desktop App,18.12.416,C:\\x\n"
    (record,), ledger = read_bytes(CsvTable(), body, modified=1_680_000_000_000_000)
    assert (record.host, record.software.name, record.software.version) == ("pc1", "3CX Desktop App", "18.12.416")
    assert not any(seen.spans for seen in ledger.seen())
    (gap,) = ledger.gaps
    assert gap.note.endswith("it rules out nothing (3CX Desktop App)")


def test_an_inventory_without_a_time_has_the_files():
    body = b"host\tproduct\tversion\npc1\tx\t1\npc2\ty\t2\n"
    modified = parse_instant("2023-04-01")
    records, ledger = read_bytes(READER, body, modified=modified)
    assert [r.time for r in records] == [modified, modified]
    assert any("file's own time" in note for note in ledger.notes)
    records, ledger = read_bytes(READER, body)
    assert [r.time for r in records] == [None, None]
    assert [gap.reason for gap in ledger.gaps] == [Reason.NO_TIME]


def test_a_log_that_names_products_is_no_inventory():
    records, _ = read_bytes(READER, b"timestamp,host,product,version,url\n1680084673,pc1,p,1,http://evil.example/\n")
    assert (records[0].telemetry, records[0].software) == (Telemetry.PROXY, None)


def test_fields_are_typed_and_times_right():
    records, ledger = read_bytes(READER, PROXY, addresses=frozenset({"10.0.0.6"}))
    assert [r.time for r in records] == [parse_instant("2023-03-29T08:11:12Z"), 1_680_084_673_000_000]
    assert {(Kind.URL, "http://evil.example/a"), (Kind.HASH, "ab" * 32)} <= typed_values(records)
    assert records[0].addresses == ("10.0.0.5",)
    assert {p.address for p in ledger.presence()} == {"10.0.0.6"}


@pytest.mark.parametrize(
    ("header", "telemetry"),
    [
        ("time,client,query", Telemetry.DNS_QUERY),
        ("_time,src_ip,dest_ip", Telemetry.NETWORK_CONNECTION),
        ("@timestamp,hostname,ParentImage,CommandLine", Telemetry.PROCESS_CREATION),
        ("time,who,what", Telemetry.TEXT),
    ],
)
def test_telemetry_by_columns(header, telemetry):
    row = ",".join(["2023-03-29T10:11:12Z"] + ["x"] * header.count(","))
    records, _ = read_bytes(READER, f"{header}\n{row}\n".encode())
    assert records[0].telemetry is telemetry
    assert records[0].time == parse_instant("2023-03-29T10:11:12Z")


def test_an_ambiguous_date_is_no_time():
    records, ledger = read_bytes(READER, b"time,client,query\n3/4/2023 10:11,10.0.0.5,evil.example\n")
    assert records[0].time is None
    assert [gap.reason for gap in ledger.gaps] == [Reason.NO_TIME]


def test_the_host_column_of_a_proxy_is_not_the_asset():
    records, _ = read_bytes(READER, b"time,client,host,url\n1680084673,10.0.0.5,evil.example,/a\n")
    assert records[0].host is None
    assert "evil.example" in {text for _, text in typed_values(records)}


def test_a_stray_quotation_mark_costs_only_its_line():
    body = b'host,size,note\npc1,5" disk,a\npc2,6,evil.example\n"pc3,7,b\npc4,8,c\n'
    records, ledger = read_bytes(READER, body)
    assert [r.host for r in records] == ["pc1", "pc2", None, "pc4"]
    assert (ledger.unreadable, ledger.unreadable_at) == (1, ["line 4"])


def test_rows_with_another_number_of_cells_are_unreadable_and_searched():
    body = PROXY + b"1680084674,10.0.0.7\n1680084675,10.0.0.7,http://evil.example/b,x,y\n"
    records, ledger = read_bytes(READER, body)
    assert (ledger.unreadable, ledger.unreadable_at) == (2, ["line 4", "line 5"])
    assert "evil.example" in records[-1].event["text"]
    holds_with_and_without_sieve(READER, body, b"evil")


@given(st.sampled_from(",;\t|"), st.lists(st.lists(st.text(), min_size=3, max_size=3), min_size=1, max_size=5))
def test_what_was_written_is_read(delimiter, cells):
    def quoted(cell):
        return '"' + cell.replace('"', '""') + '"'

    rows = [delimiter.join(map(quoted, row)) for row in [["host", "message", "n"], *cells]]
    body = "\n".join([*rows, ""]).encode("utf-8", "replace")
    records, ledger = read_bytes(READER, body)
    assert ledger.unreadable == 0
    assert [r.event.get("message", "") for r in records] == [
        "" if row[1] == "-" else row[1].encode("utf-8", "replace").decode() for row in cells
    ]


def test_prose_is_no_table():
    assert READER.accepts(b"Dear Sir, I write\nto you, today, about\nnothing at all\n", "x.csv") == 0


def test_contract():
    holds_with_and_without_sieve(READER, PROXY, b"evil")
    survives_anything(READER, PROXY)
    shows_its_plant(READER, PROXY)


def test_the_plant_in_an_inventory_is_searched_as_text():
    planted = READER.plant(SOFTWARE, PLANT)
    assert planted is not None
    records, ledger = read_bytes(READER, planted)
    assert (ledger.unreadable, records[0].telemetry) == (0, Telemetry.INSTALLED_SOFTWARE)
    assert PLANT.host in {text for _, text in typed_values(records)}
