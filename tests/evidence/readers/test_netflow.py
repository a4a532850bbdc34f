"""Flow exports: what each product writes, by the samples in its own manual."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.evidence.reader_contract import holds_with_and_without_sieve, shows_its_plant, typed_values
from tests.evidence_kit import read_bytes

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.netflow import Netflow
from nachsorge.evidence.readers.netflow_json import NetflowJson
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Kind, Reason, Telemetry

OLD_NFDUMP = (
    b"ts,te,td,sa,da,sp,dp,pr,flg,fwd,stos,ipkt,ibyt,opkt,obyt\n"
    b"2023-03-29 10:00:00,2023-03-29 10:00:05,5.000,10.0.0.5,192.0.2.7,53000,443,TCP,...AP.SF,0,0,10,1000,0,0\n"
    b"2023-03-29 10:02:00,2023-03-29 10:02:00,0.000,10.0.0.6,198.51.100.9,53000,53,UDP,........,0,0,1,60,0,0\n"
    b"Summary\nflows,bytes,packets,avg_bps,avg_pps,avg_bpp\n2,1060,11,8,0,96\n"
)
NEW_NFDUMP = (
    b"firstSeen,duration,proto,srcAddr,srcPort,dstAddr,dstPort,packets,bytes,flows\n"
    b"2023-03-29 10:00:00.000,5.000,TCP,10.0.0.5,53000,192.0.2.7,443,10,1000,1\n"
    b"2023-03-29 10:02:00.000,0.000,UDP,10.0.0.6,53000,198.51.100.9,53,1,60,1\n"
)
RWCUT = (
    b"            sIP|            dIP|sPort|dPort|pro|   packets|     bytes|   flags|                  sTime| duration|"
    b"                  eTime|sen|\n"
    b"       10.0.0.5|      192.0.2.7|53000|  443|  6|        10|      1000|FS PA   |2023/03/29T10:00:00.000|    5.000|"
    b"2023/03/29T10:00:05.000| S0|\n"
    b"       10.0.0.6|   198.51.100.9|53000|   53| 17|         1|        60|        |2023/03/29T10:02:00.000|    0.000|"
    b"2023/03/29T10:02:00.000| S0|\n"
)
AWS_LINES = (
    b"2 123456789010 eni-1235b8ca1 10.0.0.5 192.0.2.7 53000 443 6 20 4249 1680084000 1680084005 ACCEPT OK\n"
    b"2 123456789010 eni-1235b8ca1 10.0.0.6 198.51.100.9 53000 53 17 1 60 1680084120 1680084120 REJECT OK\n"
)
AWS = (
    b"version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action "
    b"log-status\n" + AWS_LINES
)
AWS_OWN = (
    b"pkt-dstaddr dstaddr srcaddr start end log-status vpc-id\n"
    b"192.0.2.7 192.0.2.7 10.0.0.5 1680084000 1680084005 OK vpc-1\n"
    b"198.51.100.9 198.51.100.9 10.0.0.6 1680084120 1680084120 OK vpc-1\n"
)
TRANSIT = (
    "6 TransitGateway 123456789012 tgw-1 a-1 1 2 vpc-1 vpc-2 s-1 s-2 e-1 e-2 z-1 z-2 a-2 {} "
    "OK IPv4 0 0 0 0 2 r egress - -\n"
)
TRANSIT_LINES = "".join(
    TRANSIT.format(flow)
    for flow in (
        "10.0.0.5 192.0.2.7 53000 443 6 20 4249 1680084000 1680084005",
        "10.0.0.6 198.51.100.9 53000 53 17 1 60 1680084120 1680084120",
    )
).encode()
INSIGHTS = b"@timestamp,@message\n" + b"".join(
    b"2023-03-29 10:00:00.000," + line + b"\n" for line in AWS_LINES.splitlines()
)


def table(
    mark: str, names: str, first: str = "2023-03-29 10:00:00.000", last: str = "2023-03-29 10:02:00.000"
) -> bytes:
    """Write two flows below these names of client, server, beginning and end, with a number between them."""
    rows = (("10.0.0.5", "192.0.2.7", first), ("10.0.0.6", "198.51.100.9", last))
    held = [mark.join((src, "1", dst, begun, begun)) for src, dst, begun in rows]
    client, server, start, end = names.split()
    return "".join(line + "\n" for line in (mark.join((client, "n", server, start, end)), *held)).encode()


QUOTED = b"".join(
    b",".join(b'"%s"' % cell for cell in line.replace(b"-", b"_").split()) + b"\n" for line in AWS.splitlines()
)
SECONDS = "1680084000", "1680084120"
TABLES = {
    "transit gateway without header": TRANSIT_LINES,
    "CloudWatch Insights": INSIGHTS,
    "Athena": QUOTED,
    "IPFIX by IANA's names": table(
        ",", "sourceIPv4Address destinationIPv4Address flowStartMilliseconds flowEndMilliseconds"
    ),
    "nProbe": table("|", "IPV4_SRC_ADDR IPV4_DST_ADDR FIRST_SWITCHED LAST_SWITCHED", *SECONDS),
    "YAF": table("|", "sip dip start-time end-time"),
    "Argus": table(
        ",", "SrcAddr DstAddr StartTime LastTime", "2023/03/29.10:00:00.000000", "2023/03/29.10:02:00.000000"
    ),
    "pmacct": table(",", "SRC_IP DST_IP TIMESTAMP_START TIMESTAMP_END"),
    "nfdump, chosen columns": table(",", "srcAddr4 dstAddr4 firstSeen lastSeen"),
    "GCP from BigQuery": table(
        ",", "jsonPayload.connection.src_ip jsonPayload.connection.dest_ip jsonPayload.start_time jsonPayload.end_time"
    ),
    "Azure traffic analytics": table(",", "SrcIp DestIp FlowStartTime FlowEndTime"),
    "nfdump 1.6": OLD_NFDUMP,
    "nfdump 1.7": NEW_NFDUMP,
    "rwcut": RWCUT,
    "AWS": AWS,
    "AWS without header": AWS_LINES,
    "AWS of CloudWatch": b"".join(b"2023-03-29T10:00:00.000Z " + line + b"\n" for line in AWS_LINES.splitlines()),
    "AWS, chosen columns": AWS_OWN,
}
FIRST, LAST = parse_instant("2023-03-29T10:00:00Z"), parse_instant("2023-03-29T10:02:00Z")


def lines(*trees: object) -> bytes:
    return b"".join(orjson.dumps(tree) + b"\n" for tree in trees)


def gcp(src: str, dst: str, start: str) -> dict[str, object]:
    connection = {"src_ip": src, "dest_ip": dst, "src_port": 53000, "dest_port": 443, "protocol": 6}
    return {
        "insertId": "x",
        "logName": "projects/p/logs/compute.googleapis.com%2Fvpc_flows",
        "jsonPayload": {"connection": connection, "start_time": start, "bytes_sent": "90"},
    }


def azure(*tuples: str, version: int) -> dict[str, object]:
    if version == 4:
        flows = {"flows": [{"aclID": "a", "flowGroups": [{"rule": "r", "flowTuples": list(tuples)}]}]}
        return {"records": [{"time": "2023-03-29T10:00:01Z", "flowLogVersion": 4, "flowRecords": flows}]}
    rules = [{"rule": "r", "flows": [{"mac": "000D3AF87856", "flowTuples": list(tuples)}]}]
    return {"records": [{"time": "2023-03-29T10:00:01Z", "properties": {"Version": version, "flows": rules}}]}


def oracle(src: str, dst: str, start: int, status: str = "OK") -> dict[str, object]:
    flow = {"action": "ACCEPT", "sourceAddress": src, "destinationAddress": dst, "startTime": start, "status": status}
    flow = {name: text for name, text in flow.items() if text}
    content = {"data": {**flow, "endTime": start}, "type": "com.oraclecloud.vcn.flowlogs.DataEvent"}
    return {"datetime": start * 1000, "logContent": content}


IANA = ("sourceIPv4Address", "destinationIPv4Address", "flowStartMilliseconds")
A, B = ("10.0.0.5", "192.0.2.7"), ("10.0.0.6", "198.51.100.9")
JSON = {
    "nfdump": lines(
        {"type": "FLOW", "first": "2023-03-29T10:00:00.000", "proto": 6, "src4_addr": A[0], "dst4_addr": A[1]},
        {"type": "FLOW", "first": "2023-03-29T10:02:00.000", "proto": 17, "src4_addr": B[0], "dst4_addr": B[1]},
    ),
    "nfdump, one array": orjson.dumps(
        [
            {"type": "FLOW", "first": "2023-03-29T10:00:00.000", "src4_addr": A[0], "dst4_addr": A[1]},
            {"type": "FLOW", "first": "2023-03-29T10:02:00.000", "src4_addr": B[0], "dst4_addr": B[1]},
        ],
        option=orjson.OPT_INDENT_2,
    ),
    "goflow2": lines(
        {"type": "NETFLOW_V9", "time_flow_start_ns": 1680084000000000000, "src_addr": A[0], "dst_addr": A[1]},
        {"type": "NETFLOW_V9", "time_flow_start_ns": 1680084120000000000, "src_addr": B[0], "dst_addr": B[1]},
    ),
    "pmacct": lines(
        {"event_type": "purge", "ip_src": A[0], "ip_dst": A[1], "timestamp_start": "2023-03-29 10:00:00.000"},
        {"event_type": "purge", "ip_src": B[0], "ip_dst": B[1], "timestamp_start": "2023-03-29 10:02:00.000"},
    ),
    "ElastiFlow": lines(
        {"@timestamp": "2023-03-29T10:00:00Z", "flow.client.ip.addr": A[0], "flow.server.ip.addr": A[1]},
        {"@timestamp": "2023-03-29T10:02:00Z", "flow.client.ip.addr": B[0], "flow.server.ip.addr": B[1]},
    ),
    "ElastiFlow ECS": lines(
        {
            "@timestamp": "2023-03-29T10:00:00Z",
            "event": {"action": "netflow_flow"},
            "source": {"ip": A[0]},
            "destination": {"ip": A[1]},
        },
        {
            "@timestamp": "2023-03-29T10:02:00Z",
            "event": {"action": "netflow_flow"},
            "source": {"ip": B[0]},
            "destination": {"ip": B[1]},
        },
    ),
    "GCP": lines(gcp(*A, "2023-03-29T10:00:00Z"), gcp(*B, "2023-03-29T10:02:00Z")),
    "GCP, one array": orjson.dumps([gcp(*A, "2023-03-29T10:00:00Z"), gcp(*B, "2023-03-29T10:02:00Z")]),
    "nProbe": lines(
        {"IPV4_SRC_ADDR": A[0], "IPV4_DST_ADDR": A[1], "FIRST_SWITCHED": 1680084000},
        {"IPV4_SRC_ADDR": B[0], "IPV4_DST_ADDR": B[1], "FIRST_SWITCHED": 1680084120},
    ),
    "IPFIXcol2": lines(
        *(
            {"@type": "ipfix.entry", **{f"iana:{name}": text for name, text in zip(IANA, flow, strict=True)}}
            for flow in ((*A, "2023-03-29T10:00:00.000Z"), (*B, "2023-03-29T10:02:00.000Z"))
        )
    ),
    "super_mediator": lines(
        {"flows": dict(zip(IANA, (*A, "2023-03-29 10:00:00.000"), strict=True))},
        {"flows": dict(zip(IANA, (*B, "2023-03-29 10:02:00.000"), strict=True))},
    ),
    "Logstash": lines(
        *(
            # When it was taken in is not when it was.
            {
                "@timestamp": "2023-03-29T11:00:00Z",
                "netflow": {"ipv4_src_addr": a, "ipv4_dst_addr": b, "first_switched": f"2023-03-29T{t}Z"},
            }
            for (a, b), t in ((A, "10:00:00"), (B, "10:02:00"))
        )
    ),
    "Alibaba": lines(
        {"version": "1", "srcaddr": A[0], "dstaddr": A[1], "start": "1680084000", "log-status": "OK"},
        {"version": "1", "srcaddr": B[0], "dstaddr": B[1], "start": "1680084120", "log-status": "OK"},
    ),
    "IBM": orjson.dumps(
        {
            "capture_start_time": "2023-03-29T09:00:00Z",
            "flow_logs": [
                {"start_time": "2023-03-29T10:00:00Z", "initiator_ip": A[0], "target_ip": A[1], "action": "accepted"},
                {"start_time": "2023-03-29T10:02:00Z", "initiator_ip": B[0], "target_ip": B[1], "action": "rejected"},
            ],
        }
    ),
    "Oracle": lines(oracle(*A, 1680084000), oracle(*B, 1680084120)),
    "CloudWatch get-log-events": orjson.dumps(
        {"events": [{"timestamp": 1, "message": line.decode()} for line in AWS_LINES.splitlines()]},
        option=orjson.OPT_INDENT_2,
    ),
    "CloudWatch subscription": lines(
        *(
            {"messageType": "DATA_MESSAGE", "logEvents": [{"id": "1", "message": line.decode()}]}
            for line in AWS_LINES.splitlines()
        )
    ),
    "Azure NSG 2": orjson.dumps(
        azure(
            "1680084000,10.0.0.5,192.0.2.7,28746,443,T,O,A,B,,,,",
            "1680084120,10.0.0.6,198.51.100.9,2,53,U,O,D,B,,,,",
            version=2,
        )
    ),
    "Azure VNet": orjson.dumps(
        azure(
            "1680084000000,10.0.0.5,192.0.2.7,23956,443,6,O,B,NX,0,0,0,0",
            "1680084120000,10.0.0.6,198.51.100.9,1,53,17,O,B,NX,0,0,0,0",
            version=4,
        ),
        option=orjson.OPT_INDENT_2,
    ),
}
ALL = [(Netflow(), name, body) for name, body in TABLES.items()] + [(NetflowJson(), n, b) for n, b in JSON.items()]
IDS = [name for _, name, _ in ALL]


@pytest.mark.parametrize(("reader", "name", "body"), ALL, ids=IDS)
def test_both_flows_of_every_dialect(reader: Netflow | NetflowJson, name: str, body: bytes) -> None:
    found = reader_for(body, "export.txt")
    assert found is not None and found.name == reader.name
    records, ledger = read_bytes(reader, body, addresses=frozenset({"10.0.0.5", "10.0.0.50"}))
    assert [record.addresses for record in records] == [A, B]
    assert {(Kind.ADDRESS, "192.0.2.7"), (Kind.ADDRESS, "10.0.0.5")} <= typed_values(records[:1])
    assert [record.time for record in records] == [FIRST, LAST]
    assert {r.telemetry for r in records} == {Telemetry.NETWORK_CONNECTION}
    assert ledger.records == 2 and not ledger.unreadable and not ledger.gaps
    assert [presence.address for presence in ledger.presence()] == ["10.0.0.5"]


@pytest.mark.parametrize(("reader", "name", "body"), ALL, ids=IDS)
def test_the_planted_flow_and_the_sieve(reader: Netflow | NetflowJson, name: str, body: bytes) -> None:
    shows_its_plant(reader, body)
    holds_with_and_without_sieve(reader, body, b"198.51.100.9")


@pytest.mark.parametrize(("reader", "name", "body"), ALL, ids=IDS)
def test_cut_anywhere_nothing_is_lost_silently(reader: Netflow | NetflowJson, name: str, body: bytes) -> None:
    for cut in range(0, len(body), 7):
        records, ledger = read_bytes(reader, body[:cut])
        assert len(records) == ledger.records
    assert reader.accepts(b"", "") == 0


def test_aws_says_what_it_watched_without_traffic_and_what_it_skipped() -> None:
    body = AWS + (
        b"2 123456789010 eni-1 - - - - - - - 1680087600 1680087660 - NODATA\n"
        b"2 123456789010 eni-1 - - - - - - - 1680091200 1680091260 - SKIPDATA\n"
    )
    _, ledger = read_bytes(Netflow(), body)
    assert ledger.last == parse_instant("2023-03-29T11:01:00Z") and ledger.records == 2
    (gap,) = ledger.gaps
    assert gap.reason is Reason.RECORD_JUMP and gap.span is not None
    assert gap.span.start == parse_instant("2023-03-29T12:00:00Z")


def test_oracle_says_so_as_well() -> None:
    body = lines(oracle("10.0.0.5", "192.0.2.7", 1680084000), oracle("", "", 1680087600, "NODATA"))
    _, ledger = read_bytes(NetflowJson(), body + lines(oracle("", "", 1680091200, "SKIPDATA")))
    assert (ledger.records, ledger.unreadable, ledger.last) == (1, 0, parse_instant("2023-03-29T11:00:00Z"))
    (gap,) = ledger.gaps
    assert gap.reason is Reason.RECORD_JUMP and gap.span is not None


def test_the_chosen_columns_of_amazon_without_their_names_are_text_and_cover_nothing() -> None:
    flow = b"5 52.95.128.179 10.0.0.71 80 34210 6 1680084000 1680084005 IPv4 14 15044 vpc-1 subnet-1 ACCEPT OK\n"
    found = reader_for(flow * 3, "flows.log")
    assert found is not None and found.name == "plain_text"
    _, ledger = read_bytes(found, flow * 3)
    assert not any(seen.spans for seen in ledger.seen())


@pytest.mark.parametrize("body", [b"PAR1\x15\x04\x15" + bytes(200) + b"PAR1", b"\x0c\xa5\x02\x00" + bytes(500)])
def test_parquet_and_nfcapd_are_nobodys(body: bytes) -> None:
    """Nobody reads them: the file is then of an unknown format, which is a gap."""
    assert reader_for(body, "flows") is None


@pytest.mark.parametrize("more", ["url", "user_agent,url", "query"])
def test_a_table_of_requests_or_names_is_no_table_of_flows(more: str) -> None:
    header = f"start,src_ip,dst_ip,client,{more}\n"
    found = reader_for(
        (header + "2023-03-29 10:00:00,10.0.0.5,192.0.2.7" + ",x" * (more.count(",") + 2) + "\n").encode(), "x.csv"
    )
    assert found is not None and found.name == "csv_table"


def test_a_quoted_cell_may_hold_the_delimiter() -> None:
    body = b'"srcaddr","dstaddr","start","note"\n"10.0.0.5","192.0.2.7","1680084000","a, b"\n'
    (record,), ledger = read_bytes(Netflow(), body)
    assert (record.event["note"], ledger.unreadable) == ("a, b", 0)


@pytest.mark.parametrize(
    ("reader", "body"),
    [
        (Netflow(), b"srcaddr,dstaddr,start,FlowStatus\n10.0.0.5,192.0.2.7,1680084000,D\n"),
        (
            NetflowJson(),
            lines({"initiator_ip": A[0], "target_ip": A[1], "start_time": 1680084000, "action": "rejected"}),
        ),
    ],
)
def test_flows_that_were_refused_cover_nothing(reader: Netflow | NetflowJson, body: bytes) -> None:
    _, ledger = read_bytes(reader, body)
    ledger.settle()
    assert not any(seen.spans for seen in ledger.seen())


def test_lists_within_lists_end() -> None:
    tree: object = {"src_addr": "10.0.0.5", "dst_addr": "192.0.2.7"}
    for _ in range(20):
        tree = {"records": [tree]}
    records, ledger = read_bytes(NetflowJson(), orjson.dumps(tree))
    assert (len(records), ledger.unreadable) == (1, 1)


def test_the_summary_of_nfdump_is_named() -> None:
    _, ledger = read_bytes(Netflow(), OLD_NFDUMP)
    assert ledger.notes == ["nfdump's summary at the end was passed over (2 lines)"]
    _, ledger = read_bytes(Netflow(), OLD_NFDUMP + OLD_NFDUMP * 9)
    assert ledger.gaps[0].reason is Reason.CORRUPT


def test_rows_that_are_none_are_counted_and_searched() -> None:
    records, ledger = read_bytes(Netflow(), AWS + b"half a row\n")
    assert ledger.unreadable == 1 and records[-1].event == {"text": "half a row"}
    records, ledger = read_bytes(NetflowJson(), JSON["pmacct"] + b'{"other": 1}\n{"ip_src": \n')
    assert ledger.unreadable == 2 and len(records) == 4


def test_flows_without_a_time_cover_nothing() -> None:
    _, ledger = read_bytes(Netflow(), b"srcaddr dstaddr log-status\n10.0.0.5 192.0.2.7 OK\n")
    assert ledger.first is None and ledger.gaps[0].reason is Reason.NO_TIME


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(ALL), st.integers(0, 400), st.binary(max_size=60))
def test_any_bytes_never_raise(one: tuple[Netflow | NetflowJson, str, bytes], at: int, junk: bytes) -> None:
    reader, _, body = one
    records, ledger = read_bytes(reader, body[:at] + junk + body[at:])
    assert len(records) == ledger.records
