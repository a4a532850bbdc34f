import json
from collections import Counter

import pytest
from tests.evidence.reader_contract import (
    holds_with_and_without_sieve,
    shows_its_plant,
    survives_anything,
    typed_values,
)
from tests.evidence_kit import read_bytes

from nachsorge.evidence import json_array
from nachsorge.evidence.readers.suricata_eve import SuricataEve
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Kind, Reason, Telemetry

STAMP = "2018-03-24T14:37:19.037299-0600"


def event(kind, src="10.0.0.5", dst="192.0.2.1", **more):
    return {"timestamp": STAMP, "flow_id": 7, "event_type": kind, "src_ip": src, "dest_ip": dst, "proto": "TCP", **more}


EVENTS = [
    event("dns", dns={"type": "query", "rrname": "evil.example"}),
    event(
        "dns",
        "192.0.2.53",
        "10.0.0.5",
        dns={"type": "answer", "rrname": "x.example", "grouped": {"CNAME": ["c.example"]}},
    ),
    event("http", http={"hostname": "good.example", "url": "/a?b", "http_user_agent": "agent"}),
    event("tls", tls={"sni": "sni.example"}),
    event("alert", alert={"signature": "S"}, tls={"sni": "alert.example"}, dns={"query": [{"rrname": "q.example"}]}),
    event("dhcp", dhcp={"type": "request", "client_mac": "aa", "dhcp_type": "request", "hostname": "pc9"}),
    event(
        "dhcp",
        dhcp={"type": "reply", "client_mac": "aa", "dhcp_type": "ack", "assigned_ip": "10.0.0.9", "lease_time": 60},
    ),
    event("fileinfo", fileinfo={"filename": "/a.exe", "sha256": "a" * 64}),
    event("flow"),
    event("smtp"),
    event("ssh"),
]
LINES = "".join(json.dumps(e) + "\n" for e in EVENTS).encode()
TIGHT = "".join(json.dumps(e, separators=(",", ":")) + "\n" for e in EVENTS).encode()
ARRAY = json.dumps(EVENTS).encode()
PRETTY = json.dumps(EVENTS, indent=2).encode()
SPREAD = "\n".join(json.dumps(e, indent=2) for e in EVENTS).encode()
SHAPES = {"lines": LINES, "tight": TIGHT, "array": ARRAY, "pretty": PRETTY, "spread": SPREAD}
READER = SuricataEve()


@pytest.mark.parametrize("body", SHAPES.values(), ids=SHAPES)
def test_fields_telemetry_times_and_leases_in_every_shape(body):
    records, ledger = read_bytes(READER, body)
    assert [r.telemetry for r in records] == [
        Telemetry.DNS_QUERY,
        Telemetry.DNS_QUERY,
        Telemetry.PROXY,
        Telemetry.TLS,
        Telemetry.NETWORK_NOTICE,
        Telemetry.DHCP,
        Telemetry.DHCP,
        Telemetry.FILE_TRANSFER,
        Telemetry.NETWORK_CONNECTION,
        Telemetry.EMAIL,
        Telemetry.AUTHENTICATION,
    ]
    assert {r.time for r in records} == {parse_instant("2018-03-24T20:37:19.037299Z")}
    assert typed_values(records) >= {
        (Kind.HOST, "evil.example"),
        (Kind.HOST, "c.example"),
        (Kind.URL, "http://good.example/a?b"),
        (Kind.HOST, "alert.example"),
        (Kind.HOST, "q.example"),
        (Kind.USER_AGENT, "agent"),
        (Kind.HASH, "a" * 64),
        (Kind.ADDRESS, "192.0.2.1"),
    }
    assert records[0].addresses == ("10.0.0.5", "192.0.2.1")
    assert records[1].addresses == ("10.0.0.5", "192.0.2.53")
    assert [(x.address, x.host) for x in ledger.leases] == [("10.0.0.9", "pc9")]
    assert ledger.records == len(EVENTS)
    assert ledger.unreadable == 0
    assert ledger.gaps == []


def test_connect_shows_its_host():
    (record,), _ = read_bytes(
        READER, json.dumps(event("http", http={"http_method": "CONNECT", "url": "evil.example:443"})).encode()
    )
    assert (Kind.HOST, "evil.example") in typed_values([record])


@pytest.mark.parametrize("body", SHAPES.values(), ids=SHAPES)
def test_contract(body):
    holds_with_and_without_sieve(READER, body, b"evil")
    shows_its_plant(READER, body)
    survives_anything(READER, body)


def test_unreadable_lines_are_counted_and_located():
    body = LINES + b"not json\n" + LINES
    _, ledger = read_bytes(READER, body)
    assert (ledger.records, ledger.unreadable, ledger.unreadable_at) == (23, 1, ["line 12"])
    holds_with_and_without_sieve(READER, body, b"evil")


def test_truncated_array_gives_what_came_before_and_a_gap():
    body = PRETTY[: PRETTY.index(b'"sni.example"') + 5]
    records, ledger = read_bytes(READER, body)
    assert len(records) == 4
    assert records[3].telemetry is Telemetry.TEXT
    assert ledger.unreadable == 1
    assert Reason.TRUNCATED in {gap.reason for gap in ledger.gaps}
    holds_with_and_without_sieve(READER, body, b"evil")


def test_array_that_ends_between_elements_is_truncated_too():
    _, ledger = read_bytes(READER, ARRAY[:-1])
    assert [gap.reason for gap in ledger.gaps] == [Reason.TRUNCATED]


def test_reading_goes_on_behind_a_broken_element():
    body = PRETTY.replace(b'"evil.example"', b'"evil.example" broken', 1)
    records, ledger = read_bytes(READER, body)
    assert len(records) == len(EVENTS)
    assert (ledger.unreadable, ledger.unreadable_at) == (1, ["element 1"])
    assert "evil.example" in records[0].event["text"]


def test_elements_across_chunk_borders(monkeypatch):
    monkeypatch.setattr(json_array, "CHUNK", 7)
    small, _ = read_bytes(READER, PRETTY)
    monkeypatch.undo()
    assert small == read_bytes(READER, PRETTY)[0]


def test_real_alerts(shared_data):
    counts = {}
    for name in ("wrccdc-2018", "honeypot-2018"):
        body = (shared_data / "suricata-eve-alerts" / name / "alerts-only.json").read_bytes()
        assert READER.accepts(body[:65536], "") == 90
        records, ledger = read_bytes(READER, body)
        assert (ledger.unreadable, ledger.gaps) == (0, [])
        counts[name] = (len(records), Counter(v.text for r in records for v in r.values if v.field == "tls.sni"))
    assert (counts["wrccdc-2018"][0], counts["honeypot-2018"][0]) == (207, 44)
    assert (counts["wrccdc-2018"][1]["coin-hive.com"], counts["wrccdc-2018"][1]["ipinfo.io"]) == (2, 2)
