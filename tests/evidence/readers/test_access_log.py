import pytest
from tests.evidence.reader_contract import (
    holds_with_and_without_sieve,
    shows_its_plant,
    survives_anything,
    typed_values,
)
from tests.evidence_kit import read_bytes

from nachsorge.evidence.readers.access_log import AccessLog
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Kind, Reason, Telemetry

WEB = b"""\
192.0.2.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326
192.0.2.2 - - [10/Oct/2000:22:55:36 +0200] "GET /a?b=\\"c HTTP/1.1" 200 - "http://evil.example/start" "Mozilla/4 [en]"
www.site.example:443 192.0.2.3 - - [10/Oct/2000:20:55:37 +0000] "POST /x HTTP/2.0" 404 5 "-" "curl/8" 0.012
"""
PROXY = b"""\
192.0.2.1 - - [10/Oct/2000:13:55:36 -0700] "GET http://evil.example/a HTTP/1.1" 200 1 "-" "agent"
192.0.2.2 - - [10/Oct/2000:13:55:37 -0700] "CONNECT good.example:443 HTTP/1.1" 200 1
"""
READER = AccessLog()


def test_fields_are_typed_and_zones_honoured():
    records, ledger = read_bytes(READER, WEB)
    assert {r.telemetry for r in records} == {Telemetry.WEBSERVER}
    moment = parse_instant("2000-10-10T20:55:36Z")
    assert [r.time for r in records] == [moment, moment, moment + 1_000_000]
    assert [r.addresses for r in records] == [("192.0.2.1",), ("192.0.2.2",), ("192.0.2.3",)]
    assert typed_values(records[1:]) >= {
        (Kind.URL, "http://evil.example/start"),
        (Kind.USER_AGENT, "Mozilla/4 [en]"),
        (Kind.HOST, "www.site.example"),
        (Kind.URL, "http://www.site.example:443/x"),
        (Kind.ADDRESS, "192.0.2.3"),
    }
    assert records[0].event["cs-username"] == "frank"
    assert records[1].event["cs-uri-query"] == 'b="c'
    assert records[2].event["more"] == "0.012"
    assert ledger.unreadable == 0


def test_whole_urls_make_a_forward_proxy_log():
    records, _ = read_bytes(READER, PROXY)
    assert {r.telemetry for r in records} == {Telemetry.PROXY}
    assert typed_values(records) >= {
        (Kind.URL, "http://evil.example/a"),
        (Kind.HOST, "evil.example"),
        (Kind.HOST, "good.example"),
    }


def test_a_stray_proxy_request_makes_no_coverage_of_a_proxy():
    records, ledger = read_bytes(READER, WEB + PROXY[: PROXY.index(b"\n") + 1])
    assert [seen.telemetry for seen in ledger.seen()] == [Telemetry.WEBSERVER]
    assert (Kind.HOST, "evil.example") in typed_values(records)


def test_unreadable_lines_are_counted_and_located():
    body = WEB + b"what evil.example\n" + WEB
    records, ledger = read_bytes(READER, body)
    assert (ledger.unreadable, ledger.unreadable_at) == (1, ["line 4"])
    assert records[3].telemetry is Telemetry.TEXT
    holds_with_and_without_sieve(READER, body, b"evil")


def test_impossible_time_is_named():
    records, ledger = read_bytes(READER, WEB.replace(b"10/Oct", b"31/Feb"))
    assert [r.time for r in records] == [None] * 3
    assert [gap.reason for gap in ledger.gaps] == [Reason.NO_TIME]


@pytest.mark.parametrize(("body", "literal"), [(WEB, b"evil"), (PROXY, b"evil")])
def test_contract(body, literal):
    holds_with_and_without_sieve(READER, body, literal)
    survives_anything(READER, body)
    shows_its_plant(READER, body)


def test_real_apache_log(shared_data):
    body = (shared_data / "plaso-host-artefacts" / "apache_access.log").read_bytes()
    records, ledger = read_bytes(READER, body)
    assert (len(records), ledger.unreadable) == (15, 0)
    assert all(r.time for r in records)
