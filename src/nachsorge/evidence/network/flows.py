"""Who spoke with whom, when: one flow for each pair of ends, within bounds."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nachsorge.evidence.network.layers import TCP, Segment
from nachsorge.evidence.network.ports import DNS, SERVICES
from nachsorge.evidence.network.sides import Side, is_dns
from nachsorge.model.times import HOUR, MINUTE, Instant

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_FLOWS = 50_000
"""Flows kept open; beyond, the one that was silent longest is closed."""

MOST_HELD = 64 * 1024 * 1024
"""Bytes of streams kept in all, while what they belong to is not whole."""

IDLE = 10 * MINUTE
LONGEST = HOUR
"""A flow is told anew after a silence of `IDLE` and at the latest after `LONGEST`, so that its time says something."""

SYN, ACK = 2, 16

End = tuple[bytes, int]


@dataclass(slots=True)
class Flow:
    """One conversation. `sides` are the directions from its client and from its server."""

    protocol: int
    client: End
    server: End
    number: int
    start: Instant | None
    last: Instant | None
    packets: list[int] = field(default_factory=lambda: [0, 0])
    octets: list[int] = field(default_factory=lambda: [0, 0])
    payloads: int = 0
    service: str = ""
    hides_dns: str = ""
    sides: tuple[Side, Side] | None = None
    opened: int | None = None

    def direction(self, segment: Segment) -> int:
        """Give 0 where the client is speaking."""
        return 0 if (segment.src, segment.sport) == self.client else 1

    @property
    def held(self) -> int:
        """Say how many bytes of its streams are kept."""
        return self.sides[0].held + self.sides[1].held if self.sides else 0

    def anew(self, number: int, time: Instant | None) -> None:
        """Begin to count again, within the same conversation."""
        self.number, self.start, self.last = number, time, time
        self.packets, self.octets, self.payloads = [0, 0], [0, 0], 0

    def due(self, time: Instant | None) -> bool:
        """Tell whether it has to be told before a packet of this time is added."""
        if time is None or self.last is None or self.start is None:
            return False
        return time - self.last > IDLE or time - self.start > LONGEST


def _from_server(segment: Segment) -> bool:
    """Guess who was asked: by SYN and ACK, else by a port that is known."""
    if segment.protocol == TCP and segment.flags & SYN:
        return bool(segment.flags & ACK)
    known = [port in SERVICES or port in DNS or port < 1024 for port in (segment.sport, segment.dport)]
    return known[0] and (not known[1] or segment.dport > segment.sport)


class Flows:
    """All open flows, the longest silent one first."""

    def __init__(self) -> None:
        """Begin empty."""
        self._open: OrderedDict[tuple[int, End, End], Flow] = OrderedDict()
        self.held = 0

    def of(self, segment: Segment, number: int, time: Instant | None) -> tuple[Flow, Flow | None]:
        """Give the flow of a segment, and one that its beginning has ended."""
        ends = (segment.src, segment.sport), (segment.dst, segment.dport)
        key = segment.protocol, min(ends), max(ends)
        flow, ended = self._open.get(key), None
        opening = segment.protocol == TCP and segment.flags & (SYN | ACK) == SYN
        # Another first number is another connection between the same ends; the same one is a repeated SYN.
        if flow is not None and opening and (ends[0] != flow.client or flow.opened != segment.seq):
            ended, flow = self._open.pop(key), None
            self.held -= ended.held
        if flow is None:
            client, server = reversed(ends) if _from_server(segment) else ends
            flow = Flow(segment.protocol, client, server, number, time, time)
            if segment.protocol == TCP:
                dns = is_dns(server[1])
                flow.sides = Side(dns=dns), Side(dns=dns)
                flow.opened = segment.seq if opening else None
            self._open[key] = flow
        else:
            self._open.move_to_end(key)
        return flow, ended

    def overflow(self) -> Iterator[Flow]:
        """Give up flows until the bounds hold again."""
        while self._open and (len(self._open) > MOST_FLOWS or self.held > MOST_HELD):
            flow = self._open.popitem(last=False)[1]
            self.held -= flow.held
            yield flow

    def rest(self) -> Iterator[Flow]:
        """Give all flows at the end."""
        while self._open:
            flow = self._open.popitem(last=False)[1]
            self.held -= flow.held
            yield flow
