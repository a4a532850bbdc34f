"""What a source is never believed to have covered."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from tests.evidence_kit import Everything

from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.parts import Piece, joined
from nachsorge.evidence.read import read_source
from nachsorge.evidence.readers.cef import Cef
from nachsorge.evidence.readers.csv_table import CsvTable
from nachsorge.evidence.readers.leef import Leef
from nachsorge.evidence.readers.netflow import Netflow
from nachsorge.evidence.readers.netflow_json import NetflowJson
from nachsorge.evidence.seams import Opened, Reader
from nachsorge.model.times import HOUR, Span
from nachsorge.model.words import Reason, Telemetry

if TYPE_CHECKING:
    from nachsorge.model.evidence import Reading

CLIENT = "10.0.0.5"
CONNECTION = Telemetry.NETWORK_CONNECTION


def reading_of(reader: Reader, body: bytes) -> Reading:
    source = Opened(
        path="x.log", name="x.log", open=lambda: io.BytesIO(body), size=len(body), addresses=frozenset({CLIENT})
    )
    return read_source(source, reader, Everything(), lambda _: None)


def covered(reading: Reading) -> set[Telemetry]:
    return {seen.telemetry for seen in reading.seen if seen.spans}


def cef(name: str, extension: str) -> bytes:
    return f"CEF:0|V|P|1|1|{name}|3|rt=1680000000000 {extension}\n".encode()


def test_text_is_dated_and_covers_nothing():
    ledger = Ledger()
    ledger.count(Telemetry.TEXT, 1)
    ledger.saw(Telemetry.TEXT, 5, 7)
    assert (ledger.first, ledger.last) == (5, 7)
    assert [seen.spans for seen in ledger.seen()] == [()]


def test_a_firewall_that_logs_denials_alone_covers_no_connections():
    denied = cef("Deny TCP", f"src={CLIENT} dst=198.51.100.9") + cef("x", f"act=blocked src={CLIENT} dst=192.0.2.1")
    reading = reading_of(Cef(), denied * 3)
    assert covered(reading) == set() and reading.presence == () and reading.records == 6
    assert [(gap.reason, gap.telemetry) for gap in reading.gaps] == [(Reason.NOT_PROVIDED, CONNECTION)]
    allowed = reading_of(Cef(), denied + cef("x", f"act=allow src={CLIENT} dst=192.0.2.1"))
    assert covered(allowed) == {CONNECTION} and allowed.gaps == ()
    assert {presence.address for presence in allowed.presence} == {CLIENT}


def test_detections_prove_and_never_clear():
    found = cef("malware found", "fname=a.exe dhost=pc1")
    reading = reading_of(Cef(), found * 2)
    assert {seen.telemetry for seen in reading.seen} == {Telemetry.ANTIVIRUS}
    assert covered(reading) == set() and reading.first is not None
    leef = b"LEEF:1.0|V|P|1|virus|devTime=1680000000000\tfname=a.exe\tidentHostName=pc1\n"
    assert covered(reading_of(Leef(), leef * 2)) == set()


def test_a_flow_log_of_rejected_traffic_covers_nothing():
    line = b"2 1 eni-1 10.0.0.5 198.51.100.9 5000 443 6 1 40 1680000000 1680000060 %s OK\n"
    assert covered(reading_of(Netflow(), line % b"REJECT" * 3)) == set()
    assert covered(reading_of(Netflow(), line % b"REJECT" + line % b"ACCEPT")) == {CONNECTION}
    flows = b'{"flowTuples":["1680000000,10.0.0.5,192.0.2.9,1,443,T,O,%s"]}'
    azure = b'{"records":[{"properties":{"flows":[{"flows":[' + flows + b"]}]}}]}\n"
    assert covered(reading_of(NetflowJson(), azure % b"D")) == set()
    assert covered(reading_of(NetflowJson(), azure % b"A")) == {CONNECTION}


def test_a_table_whose_telling_column_is_empty_covers_nothing():
    rows = b"2023-03-29T10:00:00Z,10.0.0.5,%s\n2023-03-29T10:10:00Z,10.0.0.5,%s\n"
    head = b"time,client_ip,url\n"
    empty = reading_of(CsvTable(), head + rows % (b"", b"-"))
    assert covered(empty) == set() and empty.presence == () and empty.records == 2
    (gap,) = empty.gaps
    assert (gap.reason, gap.telemetry) == (Reason.NOT_PROVIDED, Telemetry.PROXY) and "2 rows" in gap.note
    assert covered(reading_of(CsvTable(), head + rows % (b"http://a.example/", b""))) == {Telemetry.PROXY}


def test_a_table_of_blocked_requests_covers_nothing():
    head = b"time,client_ip,url,action\n"
    row = b"2023-03-29T10:00:00Z,10.0.0.5,http://a.example/,%s\n"
    assert covered(reading_of(CsvTable(), head + row % b"Blocked" * 3)) == set()
    assert covered(reading_of(CsvTable(), head + row % b"Blocked" + row % b"allowed")) == {Telemetry.PROXY}


def test_parts_of_a_file_are_judged_together():
    pieces = []
    for refused in (1, 0):
        ledger = Ledger()
        ledger.count(CONNECTION, 1)
        ledger.saw(CONNECTION, 5)
        ledger.one_sided(CONNECTION, refused)
        pieces.append(Piece(reader="cef", ledger=ledger))
    whole = joined(pieces)
    assert whole is not None
    whole.settle()
    assert whole.seen()[0].spans and not whole.gaps
    alone = joined(pieces[:1])
    assert alone is not None
    alone.settle()
    assert not alone.seen()[0].spans and alone.gaps


def test_words_of_one_machine_within_an_hour_are_one_stay_in_whatever_order():
    ledger = Ledger()
    for time in (3 * HOUR, 0, HOUR, HOUR // 2):
        ledger.states("pc1", "10.0.0.5", time)
    ledger.states("pc2", "10.0.0.5", 0, HOUR)
    told = [(one.host, one.span, one.own) for one in ledger.own_leases()]
    assert told == [
        ("pc1", Span(0, HOUR), True),
        ("pc1", Span(3 * HOUR, 3 * HOUR), True),
        ("pc2", Span(0, HOUR), True),
    ]


def test_more_own_addresses_than_are_kept_are_a_gap(monkeypatch):
    monkeypatch.setattr("nachsorge.evidence.ledger.MOST_OWN", 2)
    ledger = Ledger()
    for number in (1, 2, 3, 1):
        ledger.states("pc1", f"10.0.0.{number}", 0)
    assert [one.address for one in ledger.own_leases()] == ["10.0.0.1", "10.0.0.2"]
    assert [(gap.reason, gap.note) for gap in ledger.gaps] == [
        (Reason.LIMIT, "machines state more than 2 own addresses: the rest make no lease")
    ]
