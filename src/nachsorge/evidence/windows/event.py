"""One Windows event, as every spelling of it is understood here, and the record made of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from nachsorge.evidence.windows.sources import INSTALLER, SECURITY, SYSMON, LogSource, is_clearing, log_source
from nachsorge.evidence.windows.values import values_of
from nachsorge.model.evidence import LateValues, Record, Software
from nachsorge.model.times import EARLIEST_PLAUSIBLE, Instant, from_datetime, parse_instant
from nachsorge.model.words import Platform, Telemetry

Pairs = Sequence[tuple[str, str]]
"""Field names and texts of an event, in order; a repeated name is one that held a list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What an event says of itself in its System part.

    `number` is EventRecordID, the running number in its log; `cleared` is the channel that a clearing event names.
    `stamp` is the time as written, also where it is not plausible.
    """

    channel: str
    provider: str
    event_id: int
    computer: str
    number: int | None = None
    stamp: Instant | None = None
    cleared: str = ""

    @property
    def source(self) -> LogSource:
        """Say which telemetry and Sigma log source it is."""
        return log_source(self.channel, self.provider, self.event_id)

    @property
    def time(self) -> Instant | None:
        """Give the time; None where it is missing or from a clock that was not set."""
        return self.stamp if self.stamp is not None and self.stamp >= EARLIEST_PLAUSIBLE else None

    @property
    def clears(self) -> str:
        """Name the channel that was cleared just before this event; empty for all other events."""
        if not is_clearing(self.channel, self.provider, self.event_id):
            return ""
        return self.cleared or self.channel


_CANONICAL = ("EventID", "Channel", "Provider_Name", "Computer")

_NAMED = frozenset(_CANONICAL)

_ALIASES: dict[tuple[str, int], dict[str, str]] = {
    (SECURITY, 4688): {"Image": "NewProcessName", "ParentImage": "ParentProcessName"},
    (SECURITY, 5156): {
        "Image": "Application",
        "SourceIp": "SourceAddress",
        "DestinationIp": "DestAddress",
        "DestinationPort": "DestPort",
    },
}
"""Sigma's categories speak Sysmon; its own pipelines rename these fields of the audit log likewise."""

_VERSION = re.compile(r"\d[\w.+-]*")
_NUMBERED = re.compile(r"param(\d{1,2})\Z")
_INSTALLED = re.compile(r"Product:\s*(?P<name>.+?)\s+--\s", re.DOTALL)


def record_of(head: Head, system: Pairs, data: Pairs, locator: str, host: str | None = None) -> Record:
    """Make the record; `system` are fields beside those of `head`, `host` stands in where the event names none."""
    source = head.source
    stated = zip(_CANONICAL, (str(head.event_id), head.channel, head.provider, head.computer), strict=True)
    pairs = [pair for pair in stated if pair[1]]
    pairs += [pair for pair in system if pair[0] not in _NAMED]
    event, named = dict(pairs), dict(data)
    taken = event.keys() | _NAMED
    if taken.isdisjoint(named):
        pairs += data
    else:
        pairs += [(f"EventData.{name}" if name in taken else name, text) for name, text in data]
        named = dict(pairs)
    event |= named
    if len(event) < len(pairs):
        event = _joined(pairs)
    for alias, name in _ALIASES.get((head.provider.lower(), head.event_id), {}).items():
        if name in event:
            event.setdefault(alias, event[name])
    return Record(
        telemetry=source.telemetry,
        locator=locator,
        time=head.time,
        values=LateValues(partial(values_of, pairs, head.provider, head.event_id)),
        event=event,
        host=head.computer or host,
        software=_software(head, source.telemetry, event, data),
        product="windows",
        service=source.service,
        provider=head.provider,
    )


def instant(text: str) -> Instant | None:
    """Read a time stamp as exporters write them (up to nine decimals); None where it is none."""
    try:
        return parse_instant(text.removesuffix(" UTC"))
    except ValueError:
        return None


def fast_instant(text: str) -> Instant | None:
    """Read the library's own `2015-06-23T06:00:48.000000Z` quickly, all else with patience."""
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        return instant(text)
    return from_datetime(value) if value.tzinfo is not None else instant(text)


def _joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    event: dict[str, str] = {}
    for name, text in pairs:
        event[name] = f"{event[name]}\n{text}" if name in event else text
    return event


def _nameless(data: Pairs) -> list[str]:
    """Give the data that the provider gave no names to, in order; Winlogbeat calls them param1, param2 and so on."""
    plain = [text for name, text in data if name == "Data"]
    numbered = {int(found[1]): text for name, text in data if (found := _NUMBERED.match(name))}
    return plain or [numbered.get(number, "") for number in range(1, max(numbered, default=0) + 1)]


def _software(head: Head, telemetry: Telemetry, event: dict[str, str], data: Pairs) -> Software | None:
    if telemetry is Telemetry.PROCESS_CREATION and head.provider.lower() == SYSMON:
        return _running(event)
    if telemetry is Telemetry.SOFTWARE_INSTALL and head.provider.lower() == INSTALLER:
        return _installed(head.event_id, _nameless(data), event.get("Message", ""))
    return None


def _running(event: dict[str, str]) -> Software | None:
    name, version = event.get("Product", "-"), event.get("FileVersion", "-")
    if name in ("", "-", "?") or version in ("", "-", "?"):
        return None
    plain = _VERSION.match(version)
    return Software(
        name=name,
        version=plain[0] if plain else version,
        platform=Platform.WINDOWS,
        publisher=event.get("Company", "").strip("-?"),
    )


def _installed(number: int, data: Sequence[str], message: str) -> Software | None:
    """Read what Windows Installer writes: 1033-1035 name, version, language, status, maker; 11707 and 11724 a sentence.

    A failed installation (1033 with a status other than 0, 11708) states no installed software.
    """
    if number in (1033, 1034, 1035) and len(data) >= 2:
        if number == 1033 and len(data) > 3 and data[3].strip() != "0":
            return None
        maker = data[4] if len(data) > 4 and data[4] != "(NULL)" else ""
        return Software(name=data[0], version=data[1], platform=Platform.WINDOWS, publisher=maker)
    if number in (11707, 11724, 11728) and (found := _INSTALLED.match(data[0] if data else message)):
        return Software(name=found["name"], version="", platform=Platform.WINDOWS)
    return None
