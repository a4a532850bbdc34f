"""Lists that Safari keeps as property lists, an entry a visit or a download: what their readers share."""

from __future__ import annotations

from plistlib import FMT_BINARY, FMT_XML, dumps
from typing import TYPE_CHECKING

from nachsorge.evidence.plists import plist_of
from nachsorge.evidence.seams import ReadError
from nachsorge.model.words import Platform, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened
    from nachsorge.model.evidence import Record

    _RecordOf = Callable[[Mapping[object, object], str, Opened], Record]

MOST = 1_000_000
"""A list with more entries is no list that a person made, and is not read (LIMIT)."""


def entries(source: Opened, ledger: Ledger, key: str, what: str, record_of: _RecordOf) -> Iterator[Record]:
    """Yield one record an entry of the list under `key`; `what` names an entry ("visit").

    An entry without a value is counted as unreadable, one without a time is told of. Raises ReadError where there is
    no such list, or it has too many entries.
    """
    ledger.platform = ledger.platform or Platform.MACOS
    untimed = 0
    for number, entry in enumerate(_listed(source, key), 1):
        record = record_of(entry if isinstance(entry, dict) else {}, f"{what} {number}", source)
        ledger.count(Telemetry.BROWSER_HISTORY, 1, source.host)
        untimed += record.time is None
        if not record.values:
            ledger.spoil(record.locator)
        yield record
    if untimed:
        note = f"{untimed} visits or downloads without a usable time"
        ledger.gap(Reason.NO_TIME, note, telemetry=Telemetry.BROWSER_HISTORY)


def _listed(source: Opened, key: str) -> list[object]:
    with source.open() as stream:
        tree = plist_of(stream)
    found = tree.get(key) if isinstance(tree, dict) else None
    if not isinstance(found, list):
        raise ReadError(Reason.CORRUPT, "no list that Safari keeps")
    if len(found) > MOST:
        raise ReadError(Reason.LIMIT, f"more than {MOST} entries")
    return found


def written_like(head: bytes, tree: Mapping[str, object]) -> bytes:
    """Write a property list in the form, binary or XML, of the one that begins with `head`."""
    return dumps(tree, fmt=FMT_BINARY if head.startswith(b"bplist") else FMT_XML)
