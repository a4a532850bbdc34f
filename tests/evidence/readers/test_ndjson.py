import json

from tests.evidence.reader_contract import (
    holds_with_and_without_sieve,
    shows_its_plant,
    survives_anything,
    typed_values,
)
from tests.evidence_kit import read_bytes

from nachsorge.evidence.readers.ndjson import Ndjson
from nachsorge.model.times import parse_instant, render
from nachsorge.model.words import Kind, Platform, Reason, Telemetry

READER = Ndjson()
ROWS = [
    {"@timestamp": "2023-03-29T10:11:12+02:00", "host": {"name": "pc1"}, "dns": {"question": {"name": "evil.example"}}},
    {"result": {"_time": "1680084672", "host": "pc2", "md5": "ab" * 16}},
    {"calendarTime": "Wed Mar 29 10:11:12 2023 UTC", "hostIdentifier": "pc3", "columns": {"remote": "192.0.2.7"}},
    {"message": "no time, no host", "url": "http://good.example/"},
]
BODY = b"".join(json.dumps(row).encode() + b"\n" for row in ROWS)


def test_times_hosts_and_values():
    records, ledger = read_bytes(READER, BODY)
    second = parse_instant("2023-03-29T10:11:12Z")
    assert [r.time for r in records] == [parse_instant("2023-03-29T08:11:12Z"), second, second, None]
    assert [r.host for r in records] == ["pc1", "pc2", "pc3", None]
    assert {(Kind.HOST, "evil.example"), (Kind.HASH, "ab" * 16), (Kind.ADDRESS, "192.0.2.7")} <= typed_values(records)
    assert [gap.reason for gap in ledger.gaps] == [Reason.NO_TIME]


def test_one_array_gives_the_same_records():
    lines, _ = read_bytes(READER, BODY)
    for body in (json.dumps(ROWS).encode(), json.dumps(ROWS, indent=2).encode()):
        records, ledger = read_bytes(READER, body)
        assert [(r.time, r.host, r.values) for r in records] == [(r.time, r.host, r.values) for r in lines]
        assert ledger.records == 4
        some, _ = read_bytes(READER, body, b"evil")
        assert [r.locator for r in some] == ["record 1"]


def test_a_pretty_object_is_one_record():
    records, _ = read_bytes(READER, json.dumps(ROWS[0], indent=2).encode())
    assert [r.host for r in records] == ["pc1"]


def test_osquery_programs_are_installed_software_and_cover_nothing():
    base = {"hostIdentifier": "pc1", "unixTime": 1680084672}
    rows = [{"name": f"App {n}", "version": f"{n}.0", "publisher": "P"} for n in range(3)]
    body = b"".join(
        json.dumps(base | more).encode() + b"\n"
        for more in (
            {"name": "pack_it_programs", "action": "added", "columns": rows[0]},
            {"name": "pack_it_programs", "action": "removed", "columns": rows[1]},
            {"name": "pack_it_programs", "action": "snapshot", "snapshot": rows},
        )
    )
    records, ledger = read_bytes(READER, body)
    programs = [r.software for r in records if r.software]
    assert [(p.name, p.version, p.platform) for p in programs] == [
        (f"App {n}", f"{n}.0", Platform.WINDOWS) for n in (0, 0, 1, 2)
    ]
    assert records[1].telemetry is Telemetry.TEXT
    assert {(s.telemetry.value, s.host, s.records) for s in ledger.seen()} == {("text", "pc1", 3)}


def test_a_broken_document_is_searched_and_named():
    body = json.dumps(ROWS, indent=2).encode()[:-5]
    records, ledger = read_bytes(READER, body)
    assert [gap.reason for gap in ledger.gaps] == [Reason.CORRUPT]
    assert ledger.unreadable == 1
    assert any("evil.example" in r.event["text"] for r in records)


def test_unreadable_lines_are_counted_and_located():
    body = BODY + b'{"url": "http://evil.example/\n'
    records, ledger = read_bytes(READER, body)
    assert (ledger.unreadable, ledger.unreadable_at) == (1, ["line 5"])
    assert records[-1].telemetry is Telemetry.TEXT
    holds_with_and_without_sieve(READER, body, b"evil")


def test_contract():
    holds_with_and_without_sieve(READER, BODY, b"evil")
    survives_anything(READER, BODY)
    shows_its_plant(READER, BODY)


def test_deeply_nested_json_does_not_raise():
    read_bytes(READER, b'[{"a":' + b"[" * 1000 + b"]" * 1000 + b"}]")
    read_bytes(READER, b'{"a":' + b"[" * 1000 + b"]" * 1000 + b"}\n")


def test_real_osquery_results(shared_data):
    body = (shared_data / "osquery-results-msticpy" / "osqueryd.results.log").read_bytes()
    assert READER.accepts(body[:65536], "") > 0
    records, ledger = read_bytes(READER, body)
    assert len(records) == ledger.records == 266
    assert {r.host for r in records} == {"jumpvm"}
    assert {render(r.time)[:10] for r in records if r.time is not None} == {"2023-03-16"}
    assert ledger.unreadable == 0
    body = (shared_data / "osquery-results-beats" / "test.log").read_bytes()
    records, ledger = read_bytes(READER, body)
    assert [r.host for r in records] == ["192-168-0-4.rdsnet.ro", None]
    assert [render(r.time or 0) for r in records] == ["2017-12-28T14:40:08Z", "2017-12-28T14:40:18Z"]
