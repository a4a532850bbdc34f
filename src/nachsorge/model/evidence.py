"""What readers give: records, and the account of what they passed over."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import overload

from nachsorge.model.times import Instant, Span
from nachsorge.model.words import Kind, Platform, Reason, Status, Telemetry


@dataclass(frozen=True, slots=True)
class Value:
    """One typed value of a record: what it is, the source's own name for its field, and its text."""

    kind: Kind
    field: str
    text: str


class LateValues(Sequence[Value]):
    """Values that are made when somebody asks: most records are asked about by rules only, and typing takes long.

    Every one of them is a part of some text of the record's `event`, which therefore tells whether asking is worth it.
    """

    __slots__ = ("_made", "_make")

    def __init__(self, make: Callable[[], tuple[Value, ...]]) -> None:
        """Remember how."""
        self._make = make
        self._made: tuple[Value, ...] | None = None

    def _values(self) -> tuple[Value, ...]:
        if self._made is None:
            self._made = self._make()
        return self._made

    @overload
    def __getitem__(self, index: int) -> Value: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Value, ...]: ...
    def __getitem__(self, index: int | slice) -> Value | tuple[Value, ...]:
        """Give one, or some."""
        return self._values()[index]

    def __len__(self) -> int:
        """Count them."""
        return len(self._values())

    def __iter__(self) -> Iterator[Value]:
        """Give them in order."""
        return iter(self._values())

    def __eq__(self, other: object) -> bool:
        """Compare as the tuple that they are."""
        return self._values() == (other._values() if isinstance(other, LateValues) else other)

    def __hash__(self) -> int:
        """Hash as the tuple that they are."""
        return hash(self._values())

    def __repr__(self) -> str:
        """Show them."""
        return repr(self._values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Software:
    """A program at a version, as an inventory, an installer event, a bundle or the program itself states it.

    `aliases` are other names that the same evidence gives the same program (its file, its original file name).
    """

    name: str
    version: str
    platform: Platform | None = None
    publisher: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One fact that somebody else recorded.

    `locator` says where it stands in its source (`line 12`, `record 345`). `values` are the typed values that
    indicators are compared with. `event` is the record flat, in its own field names, for Sigma rules and for people.
    `host` is the machine the record itself names; `addresses` are those it is about, the client first.
    `product`, `service` and `provider` say which Sigma log source it belongs to. `weak` says why whatever is met in it
    is a hint at most (bytes in a memory image); empty where it has the weight that its pack gives it.
    """

    telemetry: Telemetry
    locator: str
    time: Instant | None = None
    values: Sequence[Value] = ()
    event: Mapping[str, str] = field(default_factory=dict)
    host: str | None = None
    addresses: tuple[str, ...] = ()
    software: Software | None = None
    product: str = ""
    service: str = ""
    provider: str = ""
    weak: str = ""


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
class Logged:
    """How many records of one Sigma log source a source holds, decoded or not; `number` is a Windows event's."""

    telemetry: Telemetry
    product: str
    service: str
    number: int
    records: int

    @property
    def origin(self) -> tuple[Telemetry, str, str, int]:
        """Give all but the count."""
        return self.telemetry, self.product, self.service, self.number


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """When one address appeared in a network source at all."""

    address: str
    telemetry: Telemetry
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """An address that belonged to a machine for a while (DHCP log, inventory).

    Without a `host` it was somebody's whose name nobody said; then `mac` is all that is known. `own` is what the
    machine itself says (its event logs), from its first word to its last; in which network, it does not say.
    `place` is where it, or an agent on it, says so; empty for the word of a network.
    """

    address: str
    host: str
    span: Span | None = None
    mac: str = ""
    own: bool = False
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What a source states of one machine: its names, and the marks that tell it from others of the same name.

    `marks` are `kind:value`: `serial` and `uuid` of the hardware, `machine_guid` of the installation, `mac` (all its
    network cards), `card` (one of them), `address` (one that was in use, of a machine that nobody names). `place` is
    the path below which all evidence of that name is this machine's (a collection); empty for the source alone.
    """

    names: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    place: str = ""
    platform: Platform | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The account of one source: what was read of it and what was not.

    `unreadable` counts records that could not be decoded; `unreadable_at` names the first few.
    `seen`, `presence` and `gaps` are what coverage is computed from; never the sightings. `logged` counts the records
    of each Sigma log source, where the reader knows it of all; `scanned` the files that YARA rules looked into.
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
    identities: tuple[Identity, ...] = ()
    logged: tuple[Logged, ...] = ()
    scanned: int = 0

    @property
    def telemetry(self) -> tuple[Telemetry, ...]:
        """Give the kinds of evidence that this source holds, sorted."""
        return tuple(sorted({seen.telemetry for seen in self.seen}))
