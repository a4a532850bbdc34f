"""What the records of Microsoft Defender's own files share, whichever file they stand in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nachsorge.model.evidence import Record
from nachsorge.model.words import Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nachsorge.evidence.seams import Opened
    from nachsorge.model.evidence import Value
    from nachsorge.model.times import Instant


def defender_record(
    source: Opened, locator: str, time: Instant | None, values: Iterable[Value], event: Mapping[str, str]
) -> Record:
    """Make a record of the antivirus, named as its event log names it, so that rules for that log are asked."""
    return Record(
        telemetry=Telemetry.ANTIVIRUS,
        locator=locator,
        time=time,
        values=tuple(values),
        event={name: text for name, text in event.items() if text},
        host=source.host,
        product="windows",
        service="windefend",
        provider="Microsoft-Windows-Windows Defender",
    )
