"""Events of Suricata's EVE log as lines of JSON: their types, whose they are, what they tell, and their records.

Format: Suricata manual, "EVE JSON Format" (dns versions 1 to 3, dhcp, http, tls, fileinfo, smtp, alert).
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec

from nachsorge.evidence.asking import Askers, all_plain, one_a_line
from nachsorge.evidence.fields import flatten, is_address
from nachsorge.evidence.ndjson import JsonLines, joined, typed_pairs
from nachsorge.evidence.telling import Told, lines_with_keys
from nachsorge.model.evidence import Lease, Record
from nachsorge.model.times import SECOND, Instant, Span
from nachsorge.model.words import Kind, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nachsorge.evidence.ledger import Ledger

TELEMETRY: dict[str, Telemetry] = {
    **dict.fromkeys(("dns", "mdns"), Telemetry.DNS_QUERY),
    **dict.fromkeys(("http", "http2"), Telemetry.PROXY),
    **dict.fromkeys(("tls", "quic"), Telemetry.TLS),
    **dict.fromkeys(("flow", "netflow"), Telemetry.NETWORK_CONNECTION),
    **dict.fromkeys(("fileinfo", "ftp", "ftp_data", "tftp", "nfs"), Telemetry.FILE_TRANSFER),
    "smtp": Telemetry.EMAIL,
    "dhcp": Telemetry.DHCP,
    **dict.fromkeys(("ssh", "rdp", "krb5", "smb", "rfb"), Telemetry.AUTHENTICATION),
}
"""Event type to telemetry; alerts, anomalies and all others are NETWORK_NOTICE."""
KINDS: dict[str, Kind] = {
    "dns.grouped.CNAME": Kind.HOST,
    "dns.grouped.NS": Kind.HOST,
    "dns.grouped.MX": Kind.HOST,
    "dns.grouped.PTR": Kind.HOST,
    "tls.subjectaltname": Kind.HOST,
    "email.attachment": Kind.PATH,
    "connect": Kind.HOST,
}
TELLING: dict[Telemetry, tuple[str, ...]] = {
    Telemetry.DNS_QUERY: ("rrname",),
    Telemetry.PROXY: ("hostname", "url"),
    Telemetry.TLS: ("sni",),
    Telemetry.NETWORK_CONNECTION: ("dest_ip",),
}
"""Keys that name the other side. TLS without its extended fields (`extended: no`) holds no name that was asked for."""
_OTHER_SIDE = {
    Telemetry.DNS_QUERY: re.compile(rb'"rrname"\s*:\s*"[^"]'),
    Telemetry.PROXY: re.compile(rb'"hostname"\s*:\s*"[^"]|"url"\s*:\s*"[^/"\\*]'),
    Telemetry.TLS: re.compile(rb'"sni"\s*:\s*"[^"]'),
    Telemetry.NETWORK_CONNECTION: re.compile(rb'"dest_ip"\s*:\s*"[^"]'),
}
_REFUSED = re.compile(rb'"action"\s*:\s*"(?i:drop|reject|block|den(?:y|ied))|"alerted"\s*:\s*true')
"""A flow that the sensor stopped (`flow.action`, `verdict.action`), or that raised an alert (`flow.alerted`)."""
_FORBIDDEN = re.compile(rb'"status"\s*:\s*"?40[137]\b')
TYPE = re.compile(rb'"event_type"\s*:\s*"([^"\\]*)"')
_FIRST_TYPES = re.compile(TYPE.pattern + rb"[^\n]*")


class _Typed(msgspec.Struct, frozen=True):
    type: str = ""


class _Flow(msgspec.Struct, frozen=True):
    src_ip: str = ""


class _Asked(msgspec.Struct, frozen=True):
    """What `_addresses` looks at."""

    src_ip: str = ""
    dest_ip: str = ""
    event_type: str = ""
    src_port: int = 0
    dns: _Typed = _Typed()
    flow: _Flow = _Flow()

    @property
    def client(self) -> str:
        """Give the first address; nobody's where there is none, which no address is."""
        plain = (
            self.src_ip
            and self.src_port != 53
            and self.dns.type not in _ANSWERS
            and self.flow.src_ip in ("", self.src_ip)
        )
        if plain:
            return self.src_ip
        event = {"src_ip": self.src_ip, "dest_ip": self.dest_ip, "src_port": str(self.src_port)}
        event |= {"dns.type": self.dns.type}
        if self.flow.src_ip:
            event["flow.src_ip"] = self.flow.src_ip
        return next(iter(_addresses(event)), "")


_ASKERS = msgspec.json.Decoder(_Asked)


class EveEvents(JsonLines):
    """EVE's events; each names its own type."""

    # Leases are read whatever is looked for, so no dhcp event may be sieved out.
    escapes: tuple[bytes, ...] = (rb"\u00", b'"dhcp"')
    time_keys = ("timestamp",)
    key = b'"event_type"'
    asks = True

    def __init__(self, ledger: Ledger) -> None:
        """Report leases to the ledger; names come with the request, addresses with the answer."""
        self._ledger = ledger
        self._names: dict[str, str] = {}

    def classes(self, segment: bytes, lines: int) -> Iterable[tuple[Telemetry, str | None, int]]:
        """Count events by type: at one go where every line has exactly one."""
        types = Counter(_FIRST_TYPES.findall(segment))
        if types.total() != lines:
            types = Counter(type_of(line) for line in segment.split(b"\n") if line.strip())
        counts: Counter[Telemetry] = Counter()
        for kind, records in types.items():
            counts[telemetry_of(kind)] += records
        return [(telemetry, None, records) for telemetry, records in sorted(counts.items())]

    def askers(self, segment: bytes) -> Askers | None:
        """Read only what tells who asked."""
        try:
            events = _ASKERS.decode_lines(segment)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        if not one_a_line(segment, len(events)):
            return None
        pairs = {(event.client, event.event_type) for event in events}
        found = {
            (client.encode("ascii", "replace"), telemetry_of(kind.encode("utf-8", "replace")))
            for client, kind in pairs
            if client
        }
        return found if all_plain({client for client, _ in found}) else None

    def tell(self, lines: bytes, told: Told) -> None:
        """Say of which types of event there is one that was let through and names the other side."""
        for line in lines_with_keys(lines, told, TELLING):
            self.tell_one(line, told)

    def tell_one(self, raw: bytes, told: Told) -> None:
        """Say the same of one event, however many lines it has."""
        kind = telemetry_of(type_of(raw))
        if kind not in told.asked:
            return
        if _REFUSED.search(raw) or (kind is Telemetry.PROXY and _FORBIDDEN.search(raw)):
            told.refused(kind)
        elif _OTHER_SIDE[kind].search(raw):
            told.through(kind)
        else:
            told.lacks(kind, TELLING[kind])

    def sort(self, text: bytes) -> Telemetry:
        """Give the telemetry of an event type."""
        return telemetry_of(text)

    def record(self, tree: dict[str, Any], time: Instant | None, locator: str) -> Record | None:
        """Make a record in EVE's own names, dotted; the URL and the CONNECT host are put together."""
        pairs = list(flatten(tree))
        event = joined(pairs)
        kind = event.get("event_type", "")
        extra = list(_target(event))
        if kind == "dhcp":
            self._lease(event, time)
        return Record(
            telemetry=telemetry_of(kind.encode("utf-8", "replace")),
            locator=locator,
            time=time,
            values=typed_pairs(pairs + extra, KINDS),
            event={**event, **dict(extra)},
            addresses=_addresses(event),
            product="suricata",
            service=kind,
        )

    def _lease(self, event: dict[str, str], time: Instant | None) -> None:
        mac, name = event.get("dhcp.client_mac", ""), event.get("dhcp.hostname")
        if name and mac:
            self._names[mac] = name
        name = name or self._names.get(mac)
        address = event.get("dhcp.assigned_ip", "")
        given = event.get("dhcp.dhcp_type") == "ack" and is_address(address) and address != "0.0.0.0"
        # Without a name it still ends what another machine had.
        if not given or not (name or mac) or time is None:
            return
        seconds = re.match(r"\d{1,10}", event.get("dhcp.lease_time", "0"))
        span = Span(time, time + (int(seconds[0]) * SECOND if seconds else 0))
        self._ledger.lease(Lease(address=address, host=name or "", span=span, mac=mac))


def type_of(raw: bytes) -> bytes:
    """Give an event's own type; empty where it has none."""
    found = TYPE.search(raw)
    return found[1] if found else b""


def telemetry_of(kind: bytes) -> Telemetry:
    """Give the telemetry of an event type."""
    return TELEMETRY.get(kind.decode("latin-1"), Telemetry.NETWORK_NOTICE)


def _target(event: dict[str, str]) -> Iterator[tuple[str, str]]:
    host, url = event.get("http.hostname", ""), event.get("http.url", "")
    if event.get("http.http_method") == "CONNECT":
        name = url.rpartition(":")[0] or url
        if name and "/" not in name:
            yield "connect", name.strip("[]")
    elif url.startswith("/") and host:
        port = event.get("http.http_port", "")
        yield "url", f"http://{host}{':' + port if port else ''}{url}"


_ANSWERS = ("answer", "response")


def _addresses(event: dict[str, str]) -> tuple[str, ...]:
    """Give the client first: who opened the flow where EVE says so, else who did not speak from port 53."""
    pair = [event.get("src_ip", ""), event.get("dest_ip", "")]
    answer = event.get("dns.type") in _ANSWERS or event.get("src_port") == "53"
    if event.get("flow.src_ip") == pair[1] != pair[0] or (answer and event.get("flow.src_ip") != pair[0]):
        pair.reverse()
    return tuple(dict.fromkeys(address for address in pair if is_address(address)))
