import pytest
from tests.evidence.reader_contract import (
    holds_with_and_without_sieve,
    shows_its_plant,
    survives_anything,
    typed_values,
)
from tests.evidence_kit import read_bytes

from nachsorge.evidence.readers.w3c import W3c
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Kind, Reason, Telemetry

IIS = b"""\
#Software: Microsoft Internet Information Services 10.0
#Version: 1.0
#Date: 2023-03-28 10:40:00
#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query cs-host c-ip cs(User-Agent) cs(Referer) sc-win32-status
2023-03-28 10:40:00 192.0.2.80 GET /a x=1 www.site.example 198.51.100.1 Mozilla/5.0+(X;+Y) http://evil.example/ 0
2023-03-28 10:40:01 192.0.2.80 GET /b - www.site.example 198.51.100.2 - - 0
"""
PROXY = b"""\
#Software: SGOS 6.7
#Fields: date time c-ip s-action cs-method cs-uri-scheme cs-host cs-uri-path cs-uri-query cs(User-Agent) r-ip
2023-03-28 10:40:00 10.0.0.5 TCP_MISS GET http evil.example /a ?b=c "Mozilla/5.0 (X; Y)" 192.0.2.1
2023-03-28 10:41:00 10.0.0.6 TCP_MISS GET https good.example / - "curl" 192.0.2.2
"""
READER = W3c()


def test_iis_is_a_web_server():
    records, ledger = read_bytes(READER, IIS)
    assert {r.telemetry for r in records} == {Telemetry.WEBSERVER}
    assert records[0].time == parse_instant("2023-03-28T10:40:00Z")
    assert records[0].addresses == ("198.51.100.1", "192.0.2.80")
    assert typed_values(records) >= {
        (Kind.USER_AGENT, "Mozilla/5.0 (X; Y)"),
        (Kind.URL, "http://evil.example/"),
        (Kind.HOST, "www.site.example"),
        (Kind.URL, "http://www.site.example/a?x=1"),
        (Kind.ADDRESS, "198.51.100.1"),
    }
    assert (records[0].locator, ledger.unreadable) == ("line 5", 0)


def test_proxy_with_quoted_fields():
    records, ledger = read_bytes(READER, PROXY)
    assert {r.telemetry for r in records} == {Telemetry.PROXY}
    assert ledger.unreadable == 0
    assert typed_values(records[:1]) >= {
        (Kind.HOST, "evil.example"),
        (Kind.URL, "http://evil.example/a?b=c"),
        (Kind.USER_AGENT, "Mozilla/5.0 (X; Y)"),
        (Kind.ADDRESS, "192.0.2.1"),
    }


def test_fields_may_change_in_the_middle():
    records, ledger = read_bytes(
        READER, IIS + b"#Fields: date time c-ip cs-uri\n2023-03-28 11:00:00 10.0.0.1 http://evil.example/\n"
    )
    assert ledger.unreadable == 0
    assert records[-1].telemetry is Telemetry.PROXY
    assert (Kind.URL, "http://evil.example/") in typed_values(records[-1:])


def test_day_from_the_directive():
    body = b"#Date: 2023-03-28 10:00:00\n#Fields: time c-ip cs-method cs-uri-stem\n10:40:00 10.0.0.1 GET /\n"
    assert read_bytes(READER, body)[0][0].time == parse_instant("2023-03-28T10:40:00Z")
    (record,), ledger = read_bytes(READER, body.partition(b"\n")[2])
    assert record.time is None
    assert [gap.reason for gap in ledger.gaps] == [Reason.NO_TIME]


def test_wrong_number_of_columns_is_counted_and_located():
    body = IIS + b"2023-03-28 10:40:02 evil.example\n"
    records, ledger = read_bytes(READER, body)
    assert (ledger.unreadable, ledger.unreadable_at) == (1, ["line 7"])
    assert records[-1].telemetry is Telemetry.TEXT
    holds_with_and_without_sieve(READER, body, b"evil")


@pytest.mark.parametrize("body", [IIS, PROXY])
def test_contract(body):
    holds_with_and_without_sieve(READER, body, b"evil")
    survives_anything(READER, body)
    shows_its_plant(READER, body)


def test_real_iis_logs(shared_data):
    counts = {}
    for path in sorted((shared_data / "plaso-host-artefacts" / "iis").glob("*.log")):
        body = path.read_bytes()
        assert READER.accepts(body[:65536], path.name) > 0, path.name
        records, ledger = read_bytes(READER, body)
        assert ledger.unreadable == 0, path.name
        assert all(r.time for r in records), path.name
        counts[path.name] = len(records)
    assert counts["iis10.log"] == 1
    assert counts["iis_without_date.log"] == 11
