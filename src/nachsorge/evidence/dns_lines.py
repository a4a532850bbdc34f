"""What BIND's and dnsmasq's lines say, wherever they stand: in a file of their own or in syslog.

Sources: BIND 9 Administrator Reference Manual, "query log"; dnsmasq(8), `--log-queries`, `--log-dhcp`; dhcpd(8).
"""

from __future__ import annotations

import re

from nachsorge.evidence.fields import is_address
from nachsorge.evidence.text import lenient
from nachsorge.model.evidence import Lease, Record, Value
from nachsorge.model.times import Instant, Span
from nachsorge.model.words import Kind, Telemetry

BIND = rb"client\s(?:@0x[0-9a-fA-F]+\s)?[0-9A-Fa-f.:]+#\d+(?:\s\([^)\s]+\):\s|:\s(?=(?:view\s\S+:\s)?query))"
DNSMASQ = (
    rb"dnsmasq(?:\[\d*\])?:\s(?:\d+\s\S+/\d+\s)?"
    rb"(?:query\[[^\]]+\]\s\S+\sfrom\s|(?:forwarded|dnssec-query\S*)\s\S+\sto\s|[^\s:]+(?:\s\S+)?\s\S+\sis\s)"
)
DHCP = rb"(?:dnsmasq-dhcp|dhcpd)(?:\[\d*\])?:\s(?:\d+\s)?DHCP[A-Z]+"

_BIND = re.compile(
    r"client\s(?:@0x[0-9a-fA-F]+\s)?(?P<client>[0-9A-Fa-f.:]+)#(?P<port>\d+)(?:\s\((?P<named>[^)\s]+)\))?:\s"
    r"(?:view\s(?P<view>\S+):\s)?(?P<rest>.*)",
    re.DOTALL,
)
_QUERY = re.compile(
    r"query:\s(?P<query>\S+)\s(?P<qclass>\S+)\s(?P<qtype>\S+)(?:\s(?P<flags>[+-]\S*))?(?:\s\((?P<server>[^)]+)\))?"
)
_REWRITE = re.compile(r"rewrite\s(\S+?)/\S+\svia\s(\S+)")
_MASQ = re.compile(
    r"dnsmasq(?:\[\d*\])?:\s(?:(?P<serial>\d+)\s(?P<peer>\S+)/\d+\s)?(?P<action>\S+?)(?:\[(?P<qtype>[^\]]+)\])?(?:\s(?P<more>\S+))?"
    r"\s(?P<query>\S+)\s(?P<word>from|to|is)\s(?P<other>.*)",
    re.DOTALL,
)
_MAC = r"(?P<mac>(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2})"
_ACKS = (
    re.compile(rf"DHCPACK\([^)]*\)\s(?P<address>\S+)\s{_MAC}(?:\s(?P<host>\S+))?"),
    re.compile(rf"DHCPACK\son\s(?P<address>\S+)\sto\s{_MAC}(?:\s\((?P<host>[^)]+)\))?"),
)


def bind_event(message: bytes) -> dict[str, str] | None:
    """Take a BIND client line apart; the name asked for stands in `query`."""
    found = _BIND.match(lenient(message))
    if not found:
        return None
    query = _QUERY.search(found["rest"])
    event = {"client_ip": found["client"], "client_port": found["port"], "view": found["view"] or ""}
    event |= {key: text or "" for key, text in query.groupdict().items()} if query else {"query": found["named"] or ""}
    event["query"] = event["query"].rstrip(".")
    event["server_ip"] = event.pop("server", "") or ""
    event["message"] = "" if query and query.span() == (0, len(found["rest"])) else found["rest"]
    if rewrite := _REWRITE.search(found["rest"]):
        event["rewritten"], event["policy"] = rewrite[1], rewrite[2]
    return {key: text for key, text in event.items() if text}


def dnsmasq_event(message: bytes) -> dict[str, str] | None:
    """Take a dnsmasq line apart: who asked for what, what was answered, and where it was sent on."""
    found = _MASQ.match(lenient(message).rstrip())
    if not found:
        return None
    event = {"action": found["action"], "qtype": found["qtype"] or "", "query": found["query"].rstrip(".")}
    if found["more"]:
        event["detail"] = found["more"]
    event["client_ip"] = found["peer"] or (found["other"] if found["word"] == "from" else "")
    match found["word"]:
        case "to":
            event["server_ip"] = found["other"]
        case "is":
            event["answer"] = found["other"]
    return {key: text for key, text in event.items() if text}


def dns_record(event: dict[str, str], locator: str, time: Instant | None, service: str) -> Record:
    """Make the record of a DNS line; the machine that asked comes first in its addresses."""
    kinds = {"query": Kind.HOST, "rewritten": Kind.HOST, "policy": Kind.HOST, "answer": Kind.HOST}
    addresses = (event[key] for key in ("client_ip",) if is_address(event.get(key, "")))
    return Record(
        telemetry=Telemetry.DNS_QUERY,
        locator=locator,
        time=time,
        values=tuple(Value(_kind(name, text, kinds), name, text) for name, text in event.items()),
        event=event,
        addresses=tuple(addresses),
        product=service,
        service="dns",
    )


def _kind(name: str, text: str, kinds: dict[str, Kind]) -> Kind:
    if is_address(text):
        return Kind.ADDRESS
    # `<CNAME>`, `NXDOMAIN` and `NODATA-IPv6` stand where an answer would.
    return kinds.get(name, Kind.TEXT) if not text.startswith(("<", "NODATA", "NXDOMAIN")) else Kind.TEXT


def dhcp_record(message: bytes, locator: str, time: Instant | None) -> Record:
    """Make the record of a DHCP line; an acknowledged address and its machine stand in `assigned_addr`, `host_name`."""
    text = lenient(message).rstrip()
    event = {"message": text}
    if found := next((match for pattern in _ACKS if (match := pattern.search(text))), None):
        event |= {"assigned_addr": found["address"], "mac": found["mac"], "host_name": found["host"] or ""}
    kinds = {"assigned_addr": Kind.ADDRESS, "host_name": Kind.HOST}
    address = event.get("assigned_addr", "")
    return Record(
        telemetry=Telemetry.DHCP,
        locator=locator,
        time=time,
        values=tuple(Value(kinds.get(name, Kind.TEXT), name, value) for name, value in event.items() if value),
        event={name: value for name, value in event.items() if value},
        addresses=(address,) if is_address(address) else (),
        service="dhcp",
    )


def lease_of(record: Record) -> Lease | None:
    """Read from an acknowledgement which machine had which address at that moment."""
    event, time = record.event, record.time
    address, host = event.get("assigned_addr"), event.get("host_name", "")
    # Without a name it still ends what another machine had.
    if record.telemetry is not Telemetry.DHCP or time is None or not address or not (host or event.get("mac")):
        return None
    return Lease(address=address, host=host, span=Span(time, time), mac=event.get("mac", ""))
