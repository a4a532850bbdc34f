"""The reading of a capture, whatever file its frames come from: records out, the account into the ledger.

One record is one DNS message, one HTTP request, one ClientHello, one chain of certificates, one mail's envelope, one
DHCP message, or one flow. A telemetry is covered only where packets of that telemetry were seen: a capture of port 80
covers no DNS. What hides a telemetry (encrypted DNS, packets cut short) is taken out of its coverage.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TYPE_CHECKING

from nachsorge.evidence.fields import is_address
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.network import dns, frames, ports, quic
from nachsorge.evidence.network.account import Account
from nachsorge.evidence.network.blind import Blind
from nachsorge.evidence.network.dhcp import Leases
from nachsorge.evidence.network.flows import SYN, Flow, Flows
from nachsorge.evidence.network.frames import Frame
from nachsorge.evidence.network.http import Requests
from nachsorge.evidence.network.layers import PROTOCOLS, TCP, UDP, Layers, Segment
from nachsorge.evidence.network.records import Ends, flow_record, record_of
from nachsorge.evidence.network.tls import Handshake
from nachsorge.evidence.seams import Opened, Sieve
from nachsorge.evidence.text import text_record
from nachsorge.model.times import MINUTE, Instant
from nachsorge.model.words import Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nachsorge.evidence.network.findings import Finding
    from nachsorge.evidence.network.sides import Side
    from nachsorge.model.evidence import Record

TELEMETRY = (
    Telemetry.DNS_QUERY,
    Telemetry.PROXY,
    Telemetry.TLS,
    Telemetry.EMAIL,
    Telemetry.DHCP,
    Telemetry.NETWORK_CONNECTION,
)
_MARKED = frozenset({"SSH", "HTTP/2", "BitTorrent", "VNC", "QUIC", "DTLS", "encrypted DNS"})
"""Protocols that are told by their first bytes and not read."""

_CUT = "packets were captured only in part (snap length)"


@dataclass(slots=True)
class Capture:
    """What is known while one capture is read."""

    source: Opened
    sieve: Sieve
    ledger: Ledger
    layers: Layers = field(default_factory=Layers)
    flows: Flows = field(default_factory=Flows)
    blind: Blind = field(default_factory=Blind)
    account: Account = field(default_factory=Account)
    leases: Leases = field(init=False)
    wanted: dict[bytes, str] = field(init=False)
    _run: tuple[Instant, Instant] | None = None

    def __post_init__(self) -> None:
        """Pack the addresses whose presence is to be noted."""
        self.leases = Leases(self.ledger)
        self.wanted = {ip_address(text).packed: text for text in self.source.addresses if is_address(text)}

    def read(self, captured: Iterable[Frame]) -> Iterator[Record]:
        """Read all frames, then close the account."""
        for frame in captured:
            self.account.frames += 1
            if frame.link not in frames.SUPPORTED:
                self.account.links[frame.link] += 1
                continue
            self.account.timeless += frame.time is None
            self.account.cut += frame.size > len(frame.raw)
            try:
                for segment in self.layers.segments(frame):
                    yield from self._segment(frame, segment)
            except ValueError as error:
                yield from self._broken(frame, str(error))
        for flow in self.flows.rest():
            yield from self._end(flow)
        self._close()

    def _segment(self, frame: Frame, segment: Segment) -> Iterator[Record]:
        self._saw(frame.time, segment)
        flow, ended = self.flows.of(segment, frame.number, frame.time)
        if ended is not None:
            yield from self._end(ended)
        if flow.due(frame.time):
            yield from self._tell(flow)
            flow.anew(frame.number, frame.time)
        direction = flow.direction(segment)
        flow.last = frame.time
        flow.packets[direction] += 1
        flow.octets[direction] += len(segment.data) + segment.missing
        flow.payloads += bool(segment.data or segment.missing)
        if segment.tunnel:
            self.account.tunnels[segment.tunnel] += 1
            flow.service = segment.tunnel
        elif segment.broken:
            self.account.undecoded["packets with a broken or incomplete transport header"] += 1
        elif segment.protocol == TCP:
            yield from self._tcp(frame, segment, flow, direction)
        elif segment.protocol == UDP and (segment.data or segment.missing):
            yield from self._udp(frame, segment, flow)
        for lost in self.flows.overflow():
            if lost.held:
                self.account.given_up.add(f"packet {lost.number}")
            yield from self._end(lost)
        if flow.hides_dns and (segment.data or segment.missing):
            self.blind.add(Telemetry.DNS_QUERY, Reason.NOT_SUPPORTED, flow.hides_dns, frame.time)

    def _saw(self, time: Instant | None, segment: Segment) -> None:
        """Account for the time of a packet; a run of them is reported at one go."""
        if time is None:
            return
        if self._run is None or not self._run[0] <= time <= self._run[1] + MINUTE:
            self._report()
            self._run = time, time
        elif time > self._run[1]:
            self._run = self._run[0], time
        for end in (segment.src, segment.dst):
            if end in self.wanted:
                self.ledger.present(self.wanted[end], Telemetry.NETWORK_CONNECTION, time, time)

    def _report(self) -> None:
        if self._run is not None:
            self.ledger.saw(Telemetry.NETWORK_CONNECTION, *self._run)

    def _tcp(self, frame: Frame, segment: Segment, flow: Flow, direction: int) -> Iterator[Record]:
        assert flow.sides is not None
        side = flow.sides[direction]
        if segment.data or segment.missing or segment.flags & SYN:
            before, holes = side.held, side.holes
            opens = bool(segment.flags & SYN)
            for finding in side.segment(segment.seq, segment.data, segment.missing, opens):
                yield from self._found(frame, finding, flow, direction, segment.data)
            self._after(frame.time, flow, side, holes, segment.missing)
            self.flows.held += side.held - before
        if ports.ENCRYPTED_DNS & {flow.server[1]} and not flow.hides_dns:
            flow.hides_dns = f"packets of encrypted DNS (port {flow.server[1]})"

    def _after(self, time: Instant | None, flow: Flow, side: Side, holes: int, missing: int) -> None:
        if side.mark:
            flow.service = flow.service or side.mark
            if side.mark == "HTTP/2":
                self.blind.add(Telemetry.PROXY, Reason.NOT_SUPPORTED, "connections of HTTP/2 were not decoded", time)
            side.mark = ""
        if side.holes > holes:
            if missing:
                for telemetry in side.telemetry():
                    self.blind.add(telemetry, Reason.TRUNCATED, _CUT, time)
            else:
                self.account.holes.add(f"packet {flow.number}")
        if isinstance(side.reading, Handshake) and side.reading.hidden:
            self.account.hidden += 1
            side.reading.hidden = False
        if isinstance(side.reading, (Handshake, Requests)) and side.reading.overlong:
            self.account.given_up.add(f"packet {flow.number}")
            side.reading.overlong = False

    def _udp(self, frame: Frame, segment: Segment, flow: Flow) -> Iterator[Record]:
        both = {segment.sport, segment.dport}
        name = next((ports.DNS[port] for port in (segment.dport, segment.sport) if port in ports.DNS), "")
        direction = flow.direction(segment)
        if name:
            yield from self._datagram(frame, segment, flow, name)
        elif both <= ports.DHCP:
            finding = self.leases.read(segment.data, frame.time)
            if finding is not None:
                yield from self._found(frame, finding, flow, direction)
        elif both & ports.ENCRYPTED_DNS:
            port = min(both & ports.ENCRYPTED_DNS)
            flow.service = "encrypted DNS"
            flow.hides_dns = f"packets of encrypted DNS (port {port})"
        if not name and (kind := quic.recognise(segment.data)):
            flow.service = flow.service or kind
            self.blind.add(
                Telemetry.TLS, Reason.NOT_SUPPORTED, f"packets of {kind} handshakes were not decoded", frame.time
            )

    def _datagram(self, frame: Frame, segment: Segment, flow: Flow, name: str) -> Iterator[Record]:
        finding = dns.finding(segment.data, name)
        if segment.missing:
            self.blind.add(Telemetry.DNS_QUERY, Reason.TRUNCATED, _CUT, frame.time)
        yield from self._found(frame, finding, flow, flow.direction(segment), segment.data)

    def _found(
        self, frame: Frame, finding: Finding | None, flow: Flow, direction: int, raw: bytes = b""
    ) -> Iterator[Record]:
        """Account for a finding and give its record if the sieve admits it; None is a broken DNS message."""
        locator = f"packet {frame.number}"
        if finding is None:
            self.ledger.count(Telemetry.TEXT, 1)
            self.ledger.spoil(f"{locator}: no DNS message")
            if self.sieve.everything or self.sieve.admits(raw):
                yield text_record(raw, locator)
            return
        flow.service = flow.service if flow.service not in ("", "http") else finding.service.replace("x509", "tls")
        client, server = (flow.client, flow.server) if direction == 0 else (flow.server, flow.client)
        if finding.from_server:
            client, server = server, client
        self._hides_dns(finding, flow)
        self.ledger.count(finding.telemetry, 1)
        ends = Ends(flow.protocol, client, server)
        record = record_of(finding.telemetry, finding.service, locator, frame.time, ends, finding.fields)
        if finding.fault:
            self.ledger.spoil(f"{locator}: {finding.fault}")
        if frame.time is not None:
            self.ledger.saw(finding.telemetry, frame.time)
            if client[0] in self.wanted:
                self.ledger.present(self.wanted[client[0]], finding.telemetry, frame.time, frame.time)
        yield from self._sieved(record)

    def _hides_dns(self, finding: Finding, flow: Flow) -> None:
        asked = next((text for name, text, _ in finding.fields if name == "server_name"), "")
        if asked and ports.resolver(asked):
            flow.hides_dns = "packets to public resolvers over HTTPS or TLS"

    def _sieved(self, record: Record) -> Iterator[Record]:
        if self.sieve.everything or self.sieve.admits("\n".join(record.event.values()).encode("utf-8", "replace")):
            yield record

    def _end(self, flow: Flow) -> Iterator[Record]:
        """Read what is left of a flow's streams, then tell the flow."""
        for direction, side in enumerate(flow.sides or ()):
            holes = side.holes
            frame = Frame(flow.number, flow.last, 0, b"", 0)
            for finding in side.close():
                yield from self._found(frame, finding, flow, direction)
            self._after(flow.last, flow, side, holes, 0)
        yield from self._tell(flow)

    def _tell(self, flow: Flow) -> Iterator[Record]:
        decoded = flow.service and flow.service not in _MARKED
        if flow.payloads and not decoded:
            name = PROTOCOLS.get(flow.protocol, f"protocol {flow.protocol}")
            if flow.protocol in (TCP, UDP):
                name = flow.service or ports.service(name, flow.client[1], flow.server[1])
            self.account.undecoded[name] += flow.payloads
        self.ledger.count(Telemetry.NETWORK_CONNECTION, 1)
        yield from self._sieved(flow_record(flow))

    def _broken(self, frame: Frame, fault: str) -> Iterator[Record]:
        """Search a frame that is none as text; one that was cut short within its headers is no fault of anybody."""
        self.ledger.count(Telemetry.TEXT, 1)
        self.ledger.spoil(f"packet {frame.number}: {fault}")
        if self.sieve.everything or self.sieve.admits(frame.raw):
            yield text_record(frame.raw, f"packet {frame.number}")

    def _close(self) -> None:
        self._report()
        self.layers.fragments.close()
        self.account.undecoded += self.layers.passed
        if self.layers.fragments.lost:
            self.account.undecoded["fragments whose datagram never became whole"] += self.layers.fragments.lost
        self.blind.report(self.ledger)
        self.account.gaps(self.ledger)
        self.account.notes(self.ledger)
