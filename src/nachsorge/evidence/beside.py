"""Files beside the only host in an archive: what a machine writes of itself is taken for that host's, to accuse only.

An archive with one host's artefacts and, beside them, its shell history or prefetch files says whose those are, though
not for certain. So what is met in them is that host's sighting, which somebody then looks at; but they cover nothing of
it. What a sensor saw is of many machines, an inventory of all of them, and a list of indicators in a text is nobody's:
those stay as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nachsorge.model.words import Telemetry

if TYPE_CHECKING:
    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened
    from nachsorge.model.evidence import Record

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


def host_beside(source: Opened, record: Record) -> str | None:
    """Give the host whose a record is taken for, where neither it nor what encloses it says whose it is."""
    return source.beside if record.telemetry in OWN and not record.addresses else None


def note_beside(source: Opened, ledger: Ledger) -> None:
    """Say in the account of a source that holds such records whose they are taken for."""
    host = source.beside
    if host is None or ledger.host is not None:
        return
    if any(seen.telemetry in OWN and seen.host is None and seen.records for seen in ledger.seen()):
        note = f"{host} is the only host in the archive: what was met in this file counts as its, and covers nothing"
        ledger.notes.append(note)
