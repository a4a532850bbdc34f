"""Files beside the only host in an archive: what a machine writes of itself is taken for that host's, to accuse only.

An archive with one host's artefacts and, beside them, its shell history or prefetch files says whose those are, though
not for certain. So what is met in them is that host's sighting, which somebody then looks at; but they cover nothing of
it. What a sensor saw is of many machines, an inventory of all of them, and a list of indicators in a text is nobody's:
those stay as they are.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nachsorge.model.words import Telemetry

if TYPE_CHECKING:
    from nachsorge.model.assessment import Hit
    from nachsorge.sweep.work import Outcome

OWN = frozenset(
    {
        Telemetry.AUTHENTICATION,
        Telemetry.PROCESS_CREATION,
        Telemetry.IMAGE_LOAD,
        Telemetry.FILE_EVENT,
        Telemetry.REGISTRY_SET,
        Telemetry.ANTIVIRUS,
        Telemetry.WINDOWS_EVENT,
        Telemetry.SYSLOG,
        Telemetry.SOFTWARE_INSTALL,
        Telemetry.PROGRAM_EXECUTION,
        Telemetry.BROWSER_HISTORY,
        Telemetry.PERSISTENCE,
    }
)
"""What a machine records of itself and nobody of another."""


def taken(outcome: Outcome, host: str | None) -> Outcome:
    """Give an outcome with the host as the owner of what was met in records of its own, where nothing else says it."""
    if host is None or outcome.reading.asset is not None or not OWN.intersection(outcome.reading.telemetry):
        return outcome
    if not any(_nobodys(hit) for hit in outcome.hits):
        return outcome
    note = f"{host} is the only host in the archive: what was met in this file counts as its, and covers nothing"
    reading = replace(outcome.reading, note="; ".join(filter(None, (outcome.reading.note, note))))
    hits = tuple(replace(hit, host=host) if _nobodys(hit) else hit for hit in outcome.hits)
    return replace(outcome, reading=reading, hits=hits)


def _nobodys(hit: Hit) -> bool:
    return hit.telemetry in OWN and hit.host is None and not hit.addresses
