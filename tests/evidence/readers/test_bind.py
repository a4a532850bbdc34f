import pytest
from tests.evidence.reader_contract import (
    holds_with_and_without_sieve,
    shows_its_plant,
    survives_anything,
    typed_values,
)
from tests.evidence_kit import read_bytes

from nachsorge.evidence.readers.bind import Bind
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Kind, Telemetry

READER = Bind()
QUERY = "client @0x7f12 10.0.0.5#51515 (evil.example): query: evil.example IN A +E(0)K (10.0.0.1)\n"
OLD = "client 10.0.0.5#51515: view inside: query: evil.example IN A + (10.0.0.1)\n"
BODY = (
    f"29-Mar-2023 10:11:12.345 {QUERY}29-Mar-2023 10:11:13.345 queries: info: {QUERY.replace('evil', 'good')}"
    f"2023-03-29T10:11:14.345Z queries: info: {OLD}"
    "29-Mar-2023 10:12:00.000 general: info: zone good.example/IN: loaded serial 1\n"
    "29-Mar-2023 10:12:01.000 rpz: info: client @0x7f12 10.0.0.6#5 (evil.example): rpz QNAME NXDOMAIN rewrite "
    "evil.example/A/IN via evil.example.rpz.local\n"
).encode()


@pytest.mark.parametrize(
    ("prefix", "time"),
    [
        ("29-Mar-2023 10:11:12.345 ", "2023-03-29T10:11:12.345Z"),
        ("29-Mar-2023 10:11:12.345 queries: info: ", "2023-03-29T10:11:12.345Z"),
        ("2023-03-29T10:11:12.345+02:00 queries: info: ", "2023-03-29T08:11:12.345Z"),
        ("<30>Mar 29 10:11:12 ns1 named[7]: ", "2023-03-29T10:11:12Z"),
        ("<30>1 2023-03-29T10:11:12Z ns1 named 7 - - ", "2023-03-29T10:11:12Z"),
    ],
)
@pytest.mark.parametrize("query", [QUERY, OLD])
def test_every_wrapping_gives_the_same_query(prefix, time, query):
    body = (prefix + query).encode()
    (record,), ledger = read_bytes(READER, body, modified=parse_instant("2023-04-01"))
    assert record.telemetry is Telemetry.DNS_QUERY
    assert record.time == parse_instant(time)
    assert record.addresses == ("10.0.0.5",)
    assert record.host is None
    assert (Kind.HOST, "evil.example") in typed_values([record])
    assert record.event["qtype"] == "A"
    assert ledger.unreadable == 0
    assert READER.accepts(body, "") == 85


def test_other_lines_of_the_server_are_no_queries():
    records, ledger = read_bytes(READER, BODY)
    assert [r.telemetry.value for r in records] == ["dns_query", "dns_query", "dns_query", "syslog", "dns_query"]
    assert (Kind.HOST, "evil.example.rpz.local") in typed_values(records)
    assert "times without a zone were taken as UTC" in ledger.notes


def test_presence_of_those_who_asked():
    _, ledger = read_bytes(READER, BODY, addresses=frozenset({"10.0.0.6", "10.0.0.50"}))
    assert {p.address for p in ledger.presence()} == {"10.0.0.6"}


def test_unreadable_lines_are_counted_and_located():
    body = BODY + b"client evil.example\n"
    _, ledger = read_bytes(READER, body)
    assert (ledger.unreadable, ledger.unreadable_at) == (1, ["line 6"])
    holds_with_and_without_sieve(READER, body, b"evil")


def test_contract():
    holds_with_and_without_sieve(READER, BODY, b"evil")
    survives_anything(READER, BODY)
    shows_its_plant(READER, BODY)
