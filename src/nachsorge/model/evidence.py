"""What readers give: records, and the account of what they passed over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nachsorge.model.times import Instant, Span
from nachsorge.model.words import Kind, Platform, Reason, Status, Telemetry


@dataclass(frozen=True, slots=True)
class Value:
    """One typed value of a record: what it is, the source's own name for its field, and its text."""

    kind: Kind
    field: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Software:
    """A program at a version, as an inventory, an installer event or a bundle states it."""

    name: str
    version: str
    platform: Platform | None = None
    publisher: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One fact that somebody else recorded.

    `locator` says where it stands in its source (`line 12`, `record 345`). `values` are the typed values that
    indicators are compared with. `event` is the record flat, in its own field names, for Sigma rules and for people.
    `host` is the machine the record itself names; `addresses` are those it is about, the client first.
    `product`, `service` and `provider` say which Sigma log source it belongs to.
    """

    telemetry: Telemetry
    locator: str
    time: Instant | None = None
    values: tuple[Value, ...] = ()
    event: Mapping[str, str] = field(default_factory=dict)
    host: str | None = None
    addresses: tuple[str, ...] = ()
    software: Software | None = None
    product: str = ""
    service: str = ""
    provider: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Something that was not looked at, and why. Empty `telemetry`, `span` or `host` mean all of them."""

    reason: Reason
    note: str = ""
    telemetry: Telemetry | None = None
    span: Span | None = None
    host: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Stretches of time in which a source really recorded one telemetry.

    `host` is whom it is about; None on a network sensor, which sees whoever `Presence` says.
    """

    telemetry: Telemetry
    spans: tuple[Span, ...]
    host: str | None = None
    records: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """When one address appeared in a network source at all."""

    address: str
    telemetry: Telemetry
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """An address that belonged to a named machine for a while (DHCP log, inventory)."""

    address: str
    host: str
    span: Span | None = None
    mac: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The account of one source: what was read of it and what was not.

    `unreadable` counts records that could not be decoded; `unreadable_at` names the first few.
    `seen`, `presence` and `gaps` are what coverage is computed from; never the sightings.
    """

    path: str
    reader: str = ""
    status: Status = Status.READ
    reason: Reason | None = None
    note: str = ""
    sha256: str = ""
    size: int = 0
    first: Instant | None = None
    last: Instant | None = None
    records: int = 0
    unreadable: int = 0
    unreadable_at: tuple[str, ...] = ()
    seen: tuple[Seen, ...] = ()
    presence: tuple[Presence, ...] = ()
    gaps: tuple[Gap, ...] = ()
    leases: tuple[Lease, ...] = ()
    platform: Platform | None = None
    asset: str | None = None

    @property
    def telemetry(self) -> tuple[Telemetry, ...]:
        """Give the kinds of evidence that this source holds, sorted."""
        return tuple(sorted({seen.telemetry for seen in self.seen}))
