"""What lists and logs of DHCP servers have in common: an address that a machine had, as record and as lease."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nachsorge.evidence.fields import is_address
from nachsorge.model.evidence import Lease, Record, Value
from nachsorge.model.times import Instant, Span
from nachsorge.model.words import Kind, Telemetry

if TYPE_CHECKING:
    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Sieve

_KINDS = {"assigned_addr": Kind.ADDRESS, "host_name": Kind.HOST}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """One entry of a list or log: `text` is all of it, `span` the time for which it says that the address was had.

    An entry without a `span` says nothing of whose the address was, though it is searched.
    """

    line: int
    text: str
    address: str = ""
    mac: str = ""
    host: str = ""
    action: str = ""
    time: Instant | None = None
    span: Span | None = None

    def record(self) -> Record:
        """Make the record; its fields are called as those of other logs of DHCP."""
        named = {"assigned_addr": self.address, "host_name": self.host, "mac": self.mac, "action": self.action}
        event = {name: text for name, text in named.items() if text} | {"message": self.text}
        kinds = {name: _KINDS.get(name, Kind.TEXT) for name in event}
        if not is_address(self.address):
            kinds["assigned_addr"] = Kind.TEXT
        return Record(
            telemetry=Telemetry.DHCP,
            locator=f"line {self.line}",
            time=self.time,
            values=tuple(Value(kinds[name], name, text) for name, text in event.items()),
            event=event,
            addresses=(self.address,) if is_address(self.address) else (),
            service="dhcp",
        )


def told(stated: Stated, source: Opened, sieve: Sieve, ledger: Ledger) -> Record | None:
    """Account for an entry, report its lease whatever is looked for, and give its record where the sieve admits it."""
    ledger.count(Telemetry.DHCP, 1)
    if stated.time is not None:
        ledger.dated(stated.time, stated.time)
    if stated.span is not None and is_address(stated.address) and (stated.host or stated.mac):
        # Without a name it still ends what another machine had.
        ledger.lease(Lease(address=stated.address, host=stated.host, span=stated.span, mac=stated.mac))
    return stated.record() if sieve.everything or sieve.admits(stated.text.encode("utf-8", "replace")) else None
