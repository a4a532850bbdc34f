from collections import Counter

import pytest
from tests.evidence.reader_contract import (
    holds_with_and_without_sieve,
    shows_its_plant,
    survives_anything,
    typed_values,
)
from tests.evidence_kit import read_bytes

from nachsorge.evidence.readers.zeek_json import ZeekJson
from nachsorge.evidence.zeek import TELEMETRY, covers
from nachsorge.model.times import Span, parse_instant
from nachsorge.model.words import Kind, Reason, Telemetry

BODY = b"""\
{"ts":1521911721.255387,"uid":"C1","id.orig_h":"10.0.0.5","id.resp_h":"10.0.0.1","query":"evil.example","answers":["a.example","192.0.2.1"]}
{"ts":"2018-03-24T18:15:22.5+01:00","uid":"C2","id_orig_h":"10.0.0.6","id_resp_h":"192.0.2.2","method":"GET","host":"good.example","uri":"/x"}
{"ts":1521911723,"mac":"aa:bb","assigned_addr":"10.0.0.9","host_name":"pc9","lease_time":60.0}
"""
READER = ZeekJson()


def test_fields_are_typed_in_both_spellings_and_times_right():
    (dns, http, dhcp), ledger = read_bytes(READER, BODY)
    assert [r.telemetry for r in (dns, http, dhcp)] == [Telemetry.DNS_QUERY, Telemetry.PROXY, Telemetry.DHCP]
    assert dns.time == parse_instant("2018-03-24T17:15:21.255387Z")
    assert http.time == parse_instant("2018-03-24T17:15:22.5Z")
    assert dns.addresses == ("10.0.0.5", "10.0.0.1")
    assert http.addresses == ("10.0.0.6", "192.0.2.2")
    assert {(Kind.HOST, "evil.example"), (Kind.HOST, "a.example"), (Kind.ADDRESS, "192.0.2.1")} <= typed_values([dns])
    assert {(Kind.HOST, "good.example"), (Kind.URL, "http://good.example/x")} <= typed_values([http])
    (lease,) = ledger.leases
    assert (lease.address, lease.host, lease.mac) == ("10.0.0.9", "pc9", "aa:bb")
    assert lease.span == Span(1_521_911_723_000_000, 1_521_911_783_000_000)


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ('"query":"a"', "dns"),
        ('"server_name":"a"', "ssl"),
        ('"ja3":"a"', "ssl"),
        ('"method":"GET","uri":"/","resp_mime_types":["x"]', "http"),
        ('"fuid":"F1","mime_type":"x","md5":"0"', "files"),
        ('"certificate.serial":"01"', "x509"),
        ('"certificate_serial":"01"', "x509"),
        ('"mailfrom":"a@b","user_agent":"x"', "smtp"),
        ('"assigned_addr":"10.0.0.1"', "dhcp"),
        ('"conn_state":"SF"', "conn"),
        ('"request_type":"TGS","cipher":"x"', "kerberos"),
        ('"_path":"ssl","query":"misleading"', "ssl"),
        ('"name":"dns_unmatched_reply"', ""),
    ],
)
def test_kind_of_log(row, kind):
    body = ('{"ts":1521911721.0,"uid":"C1",' + row + "}\n").encode()
    (record,), ledger = read_bytes(READER, body)
    assert record.service == kind
    assert record.telemetry is TELEMETRY.get(kind, Telemetry.NETWORK_NOTICE)
    assert [seen.telemetry for seen in ledger.seen()] == [covers(kind)]


def test_a_stretch_of_one_kind_is_counted_like_its_single_rows():
    row = b'{"ts":1521911721.0,"uid":"C1","conn_state":"SF"}\n'
    other = row.replace(b"conn_state", b"query")
    for body in (row * 3000, row * 3000 + other, b"\n" * 3 + row * 2 + b" \n"):
        records, ledger = read_bytes(READER, body)
        counts = Counter(record.telemetry for record in records)
        assert {seen.telemetry: seen.records for seen in ledger.seen()} == counts


def test_unreadable_lines_are_counted_and_located():
    body = BODY + b'{"ts":1521911724,"query":"evil.exam\nnot json\n\n{"ts":1521911725,"query":"x"}\n'
    records, ledger = read_bytes(READER, body)
    assert (ledger.records, ledger.unreadable, ledger.unreadable_at) == (6, 2, ["line 4", "line 5"])
    assert records[3].telemetry is Telemetry.TEXT
    holds_with_and_without_sieve(READER, body, b"evil")


def test_json_escapes_are_never_sieved_out():
    body = BODY + b'{"ts":1521911725,"query":"\\u0065vil.example"}\n'
    assert [r.event["query"] for r in read_bytes(READER, body, b"evil")[0] if "query" in r.event] == [
        "evil.example"
    ] * 2


def test_rows_without_usable_time_are_yielded_and_named():
    records, ledger = read_bytes(READER, b'{"ts":"soon","uid":"C1","id.orig_h":"10.0.0.5","query":"evil.example"}\n')
    assert records[0].time is None
    assert [gap.reason for gap in ledger.gaps] == [Reason.NO_TIME]


@pytest.mark.parametrize(
    "body", [b'{"ts":1521911721,"query":"ev\xffil.example"}', b'{"ts":1521911721,"query":"\\ud800","n":NaN}']
)
def test_what_loggers_write_against_the_rules_is_read_leniently(body):
    assert read_bytes(READER, body)[0][0].telemetry is Telemetry.DNS_QUERY


def test_nested_too_deep_is_searched_as_text():
    body = b'{"ts":1521911721,"query":' + b"[" * 5000 + b"]" * 5000 + b"}\n"
    assert read_bytes(READER, body)[0][0].telemetry is Telemetry.TEXT


def test_contract():
    holds_with_and_without_sieve(READER, BODY, b"evil")
    survives_anything(READER, BODY)
    shows_its_plant(READER, BODY)
