"""Heads of many events in the library's JSON, quickly: typed decoding of the System part, one look-up for its kind.

What an event says of its channel, provider, number and computer hardly varies in a log. So what follows from them is
worked out once for each such kind. An event whose System part is not just so is left to `json_event.head_of`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Generic, TypeVar

import msgspec

from nachsorge.model.times import DAY, EARLIEST_PLAUSIBLE, SECOND, Instant

if TYPE_CHECKING:
    from collections.abc import Callable

Kind = TypeVar("Kind")

MOST = 8192
"""So many kinds are remembered at a time: channels and computers are names out of logs, as many as somebody writes."""

LARGEST = 2**62
"""Larger numbers are no running numbers of a log."""


class _Name(msgspec.Struct, gc=False):
    name: str = msgspec.field(name="Name")


class _Provider(msgspec.Struct, gc=False):
    attributes: _Name = msgspec.field(name="#attributes")


class _Stamp(msgspec.Struct, gc=False):
    time: Annotated[datetime, msgspec.Meta(tz=True)] = msgspec.field(name="SystemTime")


class _Created(msgspec.Struct, gc=False):
    attributes: _Stamp = msgspec.field(name="#attributes")


class _Qualified(msgspec.Struct, gc=False):
    number: int = msgspec.field(name="#text")


class _System(msgspec.Struct, gc=False):
    provider: _Provider = msgspec.field(name="Provider")
    event_id: int | _Qualified = msgspec.field(name="EventID")
    created: _Created = msgspec.field(name="TimeCreated")
    number: int = msgspec.field(name="EventRecordID")
    channel: str = msgspec.field(name="Channel")
    computer: str = msgspec.field(name="Computer")


class _Event(msgspec.Struct, gc=False):
    system: _System = msgspec.field(name="System")


class _Document(msgspec.Struct, gc=False):
    event: _Event = msgspec.field(name="Event")


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_decode = msgspec.json.Decoder(_Document).decode


class Heads(Generic[Kind]):
    """Reads heads. `make` gets channel, provider, number and computer once for each kind of event.

    Where `make` gives None, events of this kind are never read here.
    """

    def __init__(self, make: Callable[[str, str, int, str], Kind | None]) -> None:
        """Begin with nothing known."""
        self._make = make
        self._kinds: dict[tuple[str, str, int, str], Kind | None] = {}

    def read(self, text: str) -> tuple[Kind, int, Instant] | None:
        """Give kind, EventRecordID and time of an event; None where `head_of` has to be asked."""
        try:
            system = _decode(text).event.system
        except (msgspec.DecodeError, RecursionError):
            return None
        event_id = system.event_id
        key = (
            system.channel,
            system.provider.attributes.name,
            event_id if isinstance(event_id, int) else event_id.number,
            system.computer,
        )
        try:
            kind = self._kinds[key]
        except KeyError:
            kind = self._learn(key)
        since = system.created.attributes.time - _EPOCH
        time = since.days * DAY + since.seconds * SECOND + since.microseconds
        if kind is None or time < EARLIEST_PLAUSIBLE or not 0 <= system.number <= LARGEST:
            return None
        return kind, system.number, time

    def _learn(self, key: tuple[str, str, int, str]) -> Kind | None:
        _, provider, event_id, _ = key
        if len(self._kinds) >= MOST:
            self._kinds.clear()
        # A provider without a name is named by another attribute.
        kind = self._kinds[key] = self._make(*key) if provider and event_id >= 0 else None
        return kind
