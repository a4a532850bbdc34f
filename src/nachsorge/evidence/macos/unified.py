"""One message of the unified log of macOS, from whichever output of `log show`, as a record."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.evidence.fields import kind_of
from nachsorge.evidence.stamps import written
from nachsorge.model.evidence import Record, Value
from nachsorge.model.words import Kind, Telemetry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nachsorge.model.times import Instant

KINDS = {
    "processImagePath": Kind.PATH,
    "senderImagePath": Kind.PATH,
    "process": Kind.TEXT,
    "sender": Kind.TEXT,
    "eventMessage": Kind.TEXT,
    "formatString": Kind.TEXT,
    "subsystem": Kind.TEXT,
    "category": Kind.TEXT,
}
_UNSAID = re.compile(
    r"(?:backtrace\..*|machTimestamp|traceID|senderProgramCounter|threadID|timezoneName|\w+ImageUUID|bootUUID|source)\Z"
)


def time_of(text: str) -> Instant | None:
    """Read `2023-03-29 10:11:12.123456+0200`."""
    return written(text)


def record_of(event: Mapping[str, str], locator: str, time: Instant | None, host: str | None) -> Record:
    """Make the record; addresses of code and identifiers of images are searched, not shown."""
    values = tuple(Value(KINDS.get(name) or kind_of(name, text), name, text) for name, text in event.items() if text)
    shown = {name: text for name, text in event.items() if text and not _UNSAID.match(name)}
    process = event.get("process") or event.get("processImagePath", "").rpartition("/")[2]
    return Record(
        telemetry=Telemetry.SYSLOG,
        locator=locator,
        time=time,
        values=values,
        event=shown,
        host=host,
        product="macos",
        service=process,
        provider=event.get("subsystem", ""),
    )
