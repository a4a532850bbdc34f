"""Windows events as shippers write them, one JSON object a line, in three spellings, told apart line by line.

- nested: evtx_dump (`Event.System.EventID`)
- winlog: Winlogbeat and Elastic Agent (`winlog.event_data.Image`, `winlog.record_id`)
- flat: NXLog, and the data sets made with it (`Channel`, `EventID`, `Hostname`, `RecordNumber`)

`host` in the flat spelling is the collector, never the machine that the event is about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from nachsorge.evidence.fields import flatten
from nachsorge.evidence.windows.event import Head, Pairs, fast_instant
from nachsorge.evidence.windows.json_event import head_of_tree, pairs_of_tree

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nachsorge.model.times import Instant

Scalar = str | int | None


class _Winlog(msgspec.Struct):
    channel: str = ""
    provider_name: str = ""
    event_id: Scalar = None
    computer_name: str = ""
    record_id: Scalar = None
    user_data: dict[str, Any] | None = None


class _Code(msgspec.Struct):
    code: Scalar = None
    provider: str = ""


class _Host(msgspec.Struct):
    name: str = ""


class _Line(msgspec.Struct):
    """Only the keys that an event's head is made of; all else in a line is passed over undecoded."""

    nested: Any = msgspec.field(name="Event", default=None)
    winlog: _Winlog | None = None
    event: _Code | str | None = None
    host: _Host | str | None = None
    shipped: str = msgspec.field(name="@timestamp", default="")
    channel: str = msgspec.field(name="Channel", default="")
    number: Scalar = msgspec.field(name="EventID", default=None)
    source: str = msgspec.field(name="SourceName", default="")
    provider: str = msgspec.field(name="ProviderName", default="")
    provider_name: str = msgspec.field(name="Provider_Name", default="")
    hostname: str = msgspec.field(name="Hostname", default="")
    computer: str = msgspec.field(name="Computer", default="")
    computer_name: str = msgspec.field(name="ComputerName", default="")
    record_number: Scalar = msgspec.field(name="RecordNumber", default=None)
    record_id: Scalar = msgspec.field(name="EventRecordID", default=None)
    created: Any = msgspec.field(name="TimeCreated", default=None)
    utc: str = msgspec.field(name="UtcTime", default="")
    local: str = msgspec.field(name="EventTime", default="")


_DECODER = msgspec.json.Decoder(_Line)


def head_of_line(line: bytes) -> Head | None:
    """Read the head of the event in a line; None where the line is no Windows event in any of the spellings."""
    try:
        return _head(_DECODER.decode(line))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # A head whose keys are of another type (a nested TimeCreated, say) is no spelling that we know.
        return None


def head_of_object(tree: Mapping[str, Any]) -> Head | None:
    """Read the head of a decoded line, exactly as `head_of_line` does."""
    try:
        return _head(msgspec.convert(tree, _Line))
    except (msgspec.ValidationError, RecursionError):
        return None


def pairs_of_object(tree: dict[str, Any]) -> tuple[Pairs, Pairs]:
    """Give the further fields of a decoded line, and those of the event data under their own names."""
    if isinstance(tree.get("Event"), dict):
        return pairs_of_tree(tree)
    winlog = tree.get("winlog")
    if not isinstance(winlog, dict):
        return [], [(name, text) for name, text in flatten(tree) if name not in ("Channel", "EventID", "Computer")]
    data = [*flatten(winlog.get("event_data") or {}), *flatten(winlog.get("user_data") or {})]
    others = {key: value for key, value in winlog.items() if key not in ("event_data", "user_data")}
    return list(flatten({**tree, "winlog": others})), data


def _head(line: _Line) -> Head | None:
    if isinstance(line.nested, dict) and isinstance(line.nested.get("System"), dict):
        return head_of_tree({"Event": line.nested})
    if line.winlog is not None:
        return _winlog(line, line.winlog)
    provider = line.source or line.provider or line.provider_name
    number = _integer(line.number)
    if number is None or not (line.channel or provider):
        return None
    return Head(
        channel=line.channel,
        provider=provider,
        event_id=number,
        computer=line.hostname or line.computer or line.computer_name,
        number=_integer(line.record_number if line.record_number is not None else line.record_id),
        stamp=_stamp(line),
    )


def _winlog(line: _Line, winlog: _Winlog) -> Head | None:
    code = line.event if isinstance(line.event, _Code) else _Code()
    number = _integer(winlog.event_id if winlog.event_id is not None else code.code)
    if number is None:
        return None
    named = (winlog.user_data or {}).get("Channel")
    return Head(
        channel=winlog.channel,
        provider=winlog.provider_name or code.provider,
        event_id=number,
        computer=winlog.computer_name or (line.host.name if isinstance(line.host, _Host) else ""),
        number=_integer(winlog.record_id),
        stamp=fast_instant(line.shipped),
        cleared=named if isinstance(named, str) else "",
    )


def _stamp(line: _Line) -> Instant | None:
    """Choose the best clock: the event's own in UTC, then the shipper's, last EventTime (NXLog: local, no zone)."""
    for text in (line.created, line.utc, line.shipped, line.local):
        if isinstance(text, str) and (stamp := fast_instant(text)) is not None:
            return stamp
    return None


def _integer(value: Scalar) -> int | None:
    if isinstance(value, int):
        return value if 0 <= value < 2**62 else None
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 19 else None
