"""DHCP: which machine had which address from when for how long.

Format: RFC 2131, section 2; options RFC 2132, the client's full name RFC 4702.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nachsorge.evidence.network.findings import Field, Finding
from nachsorge.evidence.network.layers import text_of
from nachsorge.evidence.network.links import dpkt
from nachsorge.evidence.text import lenient
from nachsorge.model.evidence import Lease
from nachsorge.model.times import SECOND, Instant, Span
from nachsorge.model.words import Kind, Telemetry

if TYPE_CHECKING:
    from nachsorge.evidence.ledger import Ledger

_MESSAGES = ("", "DISCOVER", "OFFER", "REQUEST", "DECLINE", "ACK", "NAK", "RELEASE", "INFORM")
_NAME, _REQUESTED, _SECONDS, _TYPE, _FULL_NAME = 12, 50, 51, 53, 81
MOST_NAMES = 65_536
_MAGIC = b"\x63\x82\x53\x63"


class Leases:
    """Reads messages and reports leases; names come with the request, addresses with the answer."""

    def __init__(self, ledger: Ledger) -> None:
        """Report to the ledger."""
        self._ledger = ledger
        self._names: dict[str, str] = {}

    def read(self, data: bytes, time: Instant | None) -> Finding | None:
        """Read one message; None where it is none."""
        if data[236:240] != _MAGIC:
            return None
        try:
            message = dpkt.dhcp.DHCP(data)
        except (dpkt.Error, IndexError):
            return None
        options = {int(kind): bytes(body) for kind, body in reversed(message.opts)}
        mac = ":".join(f"{byte:02x}" for byte in data[28 : 28 + min(data[2], 16)])
        name = self._name(options, mac)
        kind = options.get(_TYPE, b"\0")[:1] or b"\0"
        given = text_of(data[16:20])
        word = _MESSAGES[kind[0]] if kind[0] < len(_MESSAGES) else str(kind[0])
        if word == "ACK" and given != "0.0.0.0" and time is not None:
            seconds = int.from_bytes(options.get(_SECONDS, b"")[:4], "big")
            self._ledger.lease(Lease(address=given, host=name, span=Span(time, time + seconds * SECOND), mac=mac))
        fields: list[Field] = [("msg_types", word, Kind.TEXT), ("mac", mac, Kind.TEXT)]
        fields += [("host_name", name, Kind.HOST)] if name else []
        fields += [("assigned_addr", given, Kind.ADDRESS)] if given != "0.0.0.0" else []
        if len(asked := options.get(_REQUESTED, b"")) == 4:
            fields.append(("requested_addr", text_of(asked), Kind.ADDRESS))
        return Finding(Telemetry.DHCP, "dhcp", tuple(fields), from_server=data[:1] == b"\x02")

    def _name(self, options: dict[int, bytes], mac: str) -> str:
        raw = options.get(_NAME, b"") or options.get(_FULL_NAME, b"")[3:]
        name = lenient(raw).strip("\0 .")
        if name and name.isprintable() and (mac in self._names or len(self._names) < MOST_NAMES):
            self._names[mac] = name
        return self._names.get(mac, "")
