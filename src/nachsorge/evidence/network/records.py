"""The records of a capture: what was found in packets, or a flow, between two ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nachsorge.evidence.network.layers import PROTOCOLS, text_of
from nachsorge.model.evidence import Record, Value
from nachsorge.model.words import Kind, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nachsorge.evidence.network.findings import Field
    from nachsorge.evidence.network.flows import Flow
    from nachsorge.model.times import Instant

End = tuple[bytes, int]
"""A packed address and a port."""


@dataclass(frozen=True, slots=True)
class Ends:
    """Who asked whom, by which protocol of IP (its number)."""

    protocol: int
    client: End
    server: End


def record_of(
    telemetry: Telemetry, service: str, locator: str, time: Instant | None, ends: Ends, fields: Iterable[Field]
) -> Record:
    """Make a record with the names that Zeek gives to both ends; what is told twice stands in lines of one field."""
    texts = text_of(ends.client[0]), text_of(ends.server[0])
    told: list[Field] = [
        ("id.orig_h", texts[0], Kind.ADDRESS),
        ("id.orig_p", str(ends.client[1]), Kind.TEXT),
        ("id.resp_h", texts[1], Kind.ADDRESS),
        ("id.resp_p", str(ends.server[1]), Kind.TEXT),
        ("proto", PROTOCOLS.get(ends.protocol, str(ends.protocol)), Kind.TEXT),
        *fields,
    ]
    event: dict[str, str] = {}
    for name, text, _ in told:
        event[name] = f"{event[name]}\n{text}" if name in event else text
    return Record(
        telemetry=telemetry,
        locator=locator,
        time=time,
        values=tuple(Value(kind, name, text) for name, text, kind in told if text),
        event=event,
        addresses=tuple(dict.fromkeys(texts)),
        service=service,
    )


def flow_record(flow: Flow) -> Record:
    """Make the record of a flow: its ends, packets and bytes in both directions."""
    fields: tuple[Field, ...] = (
        ("service", flow.service, Kind.TEXT),
        ("orig_pkts", str(flow.packets[0]), Kind.TEXT),
        ("resp_pkts", str(flow.packets[1]), Kind.TEXT),
        ("orig_bytes", str(flow.octets[0]), Kind.TEXT),
        ("resp_bytes", str(flow.octets[1]), Kind.TEXT),
    )
    ends = Ends(flow.protocol, flow.client, flow.server)
    return record_of(Telemetry.NETWORK_CONNECTION, "conn", f"packet {flow.number}", flow.start, ends, fields)
