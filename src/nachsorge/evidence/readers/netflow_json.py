"""Flow exports as JSON: of collectors (nfdump, goflow2, pmacct, ElastiFlow, nProbe, IPFIX by IANA's names) and clouds.

Formats: nfdump(1); goflow2's `FlowMessage`; pmacct's print plugin; nProbe's templates; IPFIXcol2 and super_mediator
with IANA's names; Logstash's codec `netflow`; Elastic Common Schema, fields of `source` and `destination`; Google Cloud
"VPC Flow Logs record format"; Azure Network Watcher, NSG (versions 1 and 2) and virtual network (version 4) flow logs,
whose flows are tuples of text; Oracle "VCN flow logs", IBM "Flow logs for VPC", Alibaba "Flow log"; Amazon CloudWatch,
whose events hold a line of text each.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson

from nachsorge.evidence.fields import event_of
from nachsorge.evidence.lines import LONGEST_LINE
from nachsorge.evidence.ndjson import decode_object
from nachsorge.evidence.network.flow_names import roles
from nachsorge.evidence.network.flow_rows import Rows
from nachsorge.evidence.network.flow_tables import amazons, of_amazon, row, time_of, without_data
from nachsorge.evidence.seams import ReadError, Tells
from nachsorge.evidence.stamps import written
from nachsorge.model.words import Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve
    from nachsorge.model.evidence import Record
    from nachsorge.model.times import Instant

_DEEPEST = 8
LARGEST_DOCUMENT = 256 * 1024 * 1024
"""One JSON document is decoded whole; a larger one is a gap."""

_ENDS = (
    ("src4_addr", "dst4_addr"),
    ("src6_addr", "dst6_addr"),
    ("src_addr", "dst_addr"),
    ("SrcAddr", "DstAddr"),
    ("ip_src", "ip_dst"),
    ("jsonPayload.connection.src_ip", "jsonPayload.connection.dest_ip"),
    ("connection.src_ip", "connection.dest_ip"),
    ("flow.client.ip.addr", "flow.server.ip.addr"),
    ("flow.src.ip.addr", "flow.dst.ip.addr"),
    ("source.ip", "destination.ip"),
    ("client.ip", "server.ip"),
)
"""Both ends where their names do not tell it alone; all others by `flow_names`."""

_STARTS = (
    "first",
    "t_first",
    "time_flow_start_ns",
    "time_flow_start_ms",
    "time_flow_start",
    "TimeFlowStart",
    "timestamp_start",
    "jsonPayload.start_time",
    "start_time",
    "flow.start.timestamp",
    "event.start",
)
_TAKEN = ("stamp_inserted", "time_received_ns", "time_received", "TimeReceived", "@timestamp", "timestamp")
"""When the collector took the flow, for want of better."""

_LASTS = (
    "last",
    "t_last",
    "time_flow_end_ns",
    "time_flow_end_ms",
    "time_flow_end",
    "TimeFlowEnd",
    "timestamp_end",
    "jsonPayload.end_time",
    "end_time",
    "flow.end.timestamp",
    "event.end",
)
_TELLS = re.compile(
    rb'"(?:src[46]_addr|src_addr|SrcAddr|ip_src|flowTuples|flow\.(?:client|src)\.ip\.addr)"\s*:'
    rb'|"(?:[\w.]+:)?sourceIPv[46]Address"\s*:|"(?:IP|ip)[vV][46]_(?:SRC|src)_(?:ADDR|addr)"\s*:|"initiator_ip"\s*:'
    rb'|vcn\.flowlogs|"log-status"\s*:'
    rb'|vpc_flows|"connection"\s*:\s*\{[^{}]*"(?:src|dest)_ip"\s*:'
    rb'|"@?message"\s*:\s*"\d (?:\S+ ){1,20}\d{9,11} \d{9,11} (?:(?:ACCEPT|REJECT|-) )?(?:OK|NODATA|SKIPDATA)'
)
_ECS = re.compile(rb'"(?:event\.)?(?:category|dataset|action|type)"\s*:\s*(?:\[\s*)?"(?:netflow|flow|network_flow)')
_AZURE = b'"flowTuples"'
_EVENT = re.compile(rb'"@?message"\s*:\s*"\d ')
_LISTS = ("records", "flow_logs", "events", "logEvents")
"""What holds flows by the list: Azure, IBM, and two commands of CloudWatch."""

_TUPLE_NAMES = ("time", "src_ip", "dest_ip", "src_port", "dest_port", "protocol", "direction", "decision", "state")


class NetflowJson:
    """Reader of flows in JSON, one a line or one document."""

    name = "netflow_json"
    text = True
    telemetry = (Telemetry.NETWORK_CONNECTION,)
    tells = Tells(
        proves="that one address spoke with another, when, on which ports, and how many bytes",
        rules_out="connections of the addresses that appear in it, in stretches with flows",
        not_told="names, URLs and contents, which program it was, flows that an exporter left out because it samples "
        "(the file does not say so)",
        covers=telemetry,
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the names of both ends in a file that is JSON."""
        start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[: 16 * 1024]
        if not start.startswith((b"{", b"[")):
            return 0
        if _TELLS.search(start):
            return 55
        return 55 if _ECS.search(start) and b"destination" in start else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the admitted flows; an Azure record holds many."""
        rows = Rows(source, sieve, ledger)
        with source.open() as stream:
            first = stream.readline(LONGEST_LINE)
        # An Azure document of one line is an object as well; its flows are taken out in the same way.
        if decode_object(first.strip(b"\r\n\xef\xbb\xbf ")) is not None:
            yield from _lines(source, rows)
        else:
            yield from _document(source, rows)
        rows.close()

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Write one flow to the planted address in the names that this file uses."""
        if _AZURE in head:
            flow = {"flowTuples": [f"1680084672,192.0.2.1,{plant.address},53000,443,T,O,A,B,1,1,1,1"]}
            tree: Any = {"records": [{"properties": {"flows": [{"rule": "r", "flows": [flow]}]}}]}
            return orjson.dumps(tree) + b"\n"
        if _EVENT.search(head):
            line = (
                f"2 123456789010 eni-control 192.0.2.1 {plant.address} 53000 443 6 1 60 1680084672 1680084673 ACCEPT OK"
            )
            return orjson.dumps({"events": [{"timestamp": 1680084672000, "message": line}]}) + b"\n"
        names = next((pair for pair in (*_ENDS, *_PLANTED) if _written(pair[0], head)), _ENDS[2])
        tree = {"@timestamp": "2023-03-29T10:11:12Z", "event": {"action": "netflow_flow"}, "log-status": "OK"}
        for name, text in ((names[0], "192.0.2.1"), (names[1], plant.address)):
            _put(tree, [name] if f'"{name}"'.encode() in head else name.split("."), text)
        return orjson.dumps(tree) + b"\n"


_PLANTED = (
    ("sourceIPv4Address", "destinationIPv4Address"),
    ("IPV4_SRC_ADDR", "IPV4_DST_ADDR"),
    ("ipv4_src_addr", "ipv4_dst_addr"),
    ("initiator_ip", "target_ip"),
    ("srcaddr", "dstaddr"),
)


def _written(name: str, head: bytes) -> bool:
    return f'"{name}"'.encode() in head or all(f'"{part}"'.encode() in head for part in name.split("."))


def _put(tree: dict[str, Any], name: list[str], text: str) -> None:
    *above, last = name
    for part in above:
        tree = tree.setdefault(part, {})
    tree[last] = text


def _lines(source: Opened, rows: Rows) -> Iterator[Record]:
    with source.open() as stream:
        number = 0
        while line := stream.readline(LONGEST_LINE):
            number += 1
            raw = line.strip(b"\r\n\xef\xbb\xbf ,")
            if not raw or raw in (b"[", b"]"):
                continue
            tree = decode_object(raw)
            if tree is None:
                yield from rows.broken(raw, f"line {number}")
            else:
                yield from _object(tree, f"line {number}", rows)


def _document(source: Opened, rows: Rows) -> Iterator[Record]:
    with source.open() as stream:
        raw = stream.read(LARGEST_DOCUMENT + 1).removeprefix(b"\xef\xbb\xbf")
    if len(raw) > LARGEST_DOCUMENT:
        raise ReadError(Reason.LIMIT, f"one JSON document of more than {LARGEST_DOCUMENT // 2**20} MiB")
    try:
        tree = orjson.loads(raw)
    except orjson.JSONDecodeError:
        if raw.strip():
            rows.ledger.gap(Reason.CORRUPT, "no JSON document after all; its lines were read one by one")
            yield from _lines(source, rows)
        return
    for number, node in enumerate(tree if isinstance(tree, list) else [tree], 1):
        if isinstance(node, dict):
            yield from _object(node, f"record {number}", rows)
        else:
            yield from rows.broken(orjson.dumps(node), f"record {number}")


def _object(tree: dict[str, Any], locator: str, rows: Rows) -> Iterator[Record]:
    """Give the flows of one object: those of Azure's tuples, else itself."""
    listed = next((key for key in _LISTS if isinstance(tree.get(key), list)), None)
    if listed is not None:
        for index, record in enumerate(tree[listed], 1):
            place = f"{locator}, record {index}"
            if isinstance(record, dict) and _deep(place) <= _DEEPEST:
                yield from _object(record, place, rows)
            else:
                yield from rows.broken(str(record)[:LONGEST_LINE].encode("utf-8", "replace"), place)
        return
    message = tree.get("message", tree.get("@message"))
    if isinstance(message, str) and (flow := of_amazon(line := message.encode("utf-8", "replace"))) is not None:
        yield from row(amazons(flow[0]), line, locator, rows)
        return
    try:
        tuples = list(_tuples(tree))
        event = {} if tuples else event_of(tree)
        raw = b"" if tuples else orjson.dumps(event)
    except (RecursionError, TypeError):
        yield from rows.broken(b"", f"{locator}: nested too deeply")
        return
    if tuples:
        for index, text in enumerate(tuples, 1):
            yield from _tuple(text, f"{locator}, flow {index}", rows)
        return
    spelled = tuple(event)
    part = roles(spelled)
    names = next((pair for pair in _ENDS if pair[0] in event or pair[1] in event), None)
    if names is None and part.client >= 0 and part.server >= 0:
        names = spelled[part.client], spelled[part.server]
    start = _at(event, (*_STARTS, spelled[part.start], *_TAKEN) if part.start >= 0 else (*_STARTS, *_TAKEN))
    end = _at(event, (*_LASTS, spelled[part.end]) if part.end >= 0 else _LASTS)
    if names is None and part.status >= 0 and event[spelled[part.status]] in ("NODATA", "SKIPDATA"):
        without_data(event[spelled[part.status]], start, end, rows)
    elif names is None:
        yield from rows.broken(orjson.dumps(event), locator)
    else:
        yield from rows.add(event, (event.get(names[0], ""), event.get(names[1], "")), (start, end), locator, raw)


def _deep(place: str) -> int:
    return place.count(", record ")


def _at(event: Mapping[str, str], names: tuple[str, ...]) -> Instant | None:
    """Read the first of these times that can be used."""
    return next((time for name in names if (time := time_of(event.get(name, ""))) is not None), None)


def _tuples(tree: Any) -> Iterator[str]:
    """Walk to every `flowTuples`, whatever is around them: the versions nest differently."""
    match tree:
        case dict():
            for key, value in tree.items():
                if key == "flowTuples" and isinstance(value, list):
                    yield from (text for text in value if isinstance(text, str))
                else:
                    yield from _tuples(value)
        case list():
            for value in tree:
                yield from _tuples(value)


def _tuple(text: str, locator: str, rows: Rows) -> Iterator[Record]:
    cells = text.split(",")
    if len(cells) < 7:
        yield from rows.broken(text.encode(), locator)
        return
    event = {name: cell for name, cell in zip(_TUPLE_NAMES, cells, strict=False) if cell}
    # The tuple names source and destination; an inbound flow's client is the source as well.
    yield from rows.add(event, (cells[1], cells[2]), (written(cells[0]), None), locator, text.encode())
