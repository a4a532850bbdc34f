"""What a capture holds that was not decoded, or not whole: counted while it is read, told at its end."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nachsorge.evidence.network import frames
from nachsorge.evidence.tally import Tally
from nachsorge.model.times import Span
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from nachsorge.evidence.ledger import Ledger

MOST_NAMED = 24
"""Kinds of undecoded packets that are named; the rest is summed up."""

LOSSY = 0.01
"""From this share of lost packets on, the time of a capture covers nothing: what was lost may be what is looked for."""


@dataclass(slots=True)
class Account:
    """Counts of packets; `holes` and `given_up` keep the places of the first streams."""

    undecoded: Counter[str] = field(default_factory=Counter)
    links: Counter[int] = field(default_factory=Counter)
    tunnels: Counter[str] = field(default_factory=Counter)
    holes: Tally = field(default_factory=Tally)
    given_up: Tally = field(default_factory=Tally)
    frames: int = 0
    timeless: int = 0
    hidden: int = 0
    cut: int = 0
    dropped: int = 0
    received: int = 0

    def gaps(self, ledger: Ledger) -> None:
        """Report what was not read, or not wholly."""
        for link, count in sorted(self.links.items()):
            ledger.gap(Reason.NOT_SUPPORTED, f"{count} packets of {frames.link_name(link)} were not decoded")
        if self.timeless:
            note = f"{self.timeless} packets carry no usable time; they were searched, but cover nothing"
            ledger.gap(Reason.NO_TIME, note)
        if self.given_up.count:
            note = self.given_up.says("streams were given up before they were whole (a bound of memory)")
            ledger.gap(Reason.LIMIT, note)
        self._lost(ledger)
        if self.holes.count:
            ledger.gap(Reason.RECORD_JUMP, self.holes.says("streams lack packets where a request could stand"))

    def notes(self, ledger: Ledger) -> None:
        """Say what was passed over by its nature, with its numbers."""
        notes = ledger.notes
        if self.cut:
            notes.append(f"{self.cut} packets were captured only in part")
        if self.hidden:
            notes.append(f"TLS 1.3 hides the certificates of {self.hidden} connections")
        if self.tunnels:
            named = ", ".join(f"{count} of {name}" for name, count in sorted(self.tunnels.items()))
            notes.append(f"packets in tunnels, which were followed: {named}")
        if listed := [(name, count) for name, count in self.undecoded.most_common() if count]:
            named = ", ".join(f"{count} of {name}" for name, count in listed[:MOST_NAMED])
            rest = sum(count for _, count in listed[MOST_NAMED:])
            more = f", {rest} of {len(listed) - MOST_NAMED} other kinds" if rest else ""
            notes.append(f"packets not decoded beyond their addresses: {named}{more}")

    def _lost(self, ledger: Ledger) -> None:
        """Say what the capturing machine lost, by its own counters."""
        if not self.dropped:
            return
        note = f"the capturing machine lost {self.dropped} packets"
        note += f" of {self.received}" if self.received else ""
        first, last = ledger.first, ledger.last
        lossy = self.dropped >= LOSSY * max(self.received, self.frames)
        whole = Span(first, last) if lossy and first is not None and last is not None else None
        ledger.gap(Reason.RECORD_JUMP, note, span=whole)
