"""Event logs of Windows XP and 2003 (EVT): recognised, and said to be unread.

Their texts lie in message files of the machine that wrote them; the format died with Windows Vista (2007).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nachsorge.evidence.seams import Opened, Plant, ReadError, Sieve, Tells
from nachsorge.model.words import Platform, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.model.evidence import Record

_SIGNATURE = b"0\x00\x00\x00LfLe"


class EvtClassic:
    """Reader that reads nothing, and says so."""

    name = "evt_classic"
    telemetry: tuple[Telemetry, ...] = ()
    tells = Tells(
        proves="nothing: it is recognised, and said to be unread",
        rules_out="nothing",
        not_told="all that is in it, until it is converted on a Windows: `wevtutil epl OLD.evt NEW.evtx /lf:true`",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the header: its size (48), then its signature."""
        return 98 if head.startswith(_SIGNATURE) else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Raise NOT_SUPPORTED with the number of bytes that stay unread."""
        ledger.platform = Platform.WINDOWS
        yield from _refuse(source.size if source.size >= 0 else _measure(source))

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """No record of it can be read."""
        return None


def _refuse(size: int) -> tuple[Record, ...]:
    remedy = "on Windows: wevtutil epl OLD.evt NEW.evtx /lf:true"
    note = f"a classic event log (EVT, before Windows Vista) of {size} bytes; {remedy}"
    raise ReadError(Reason.NOT_SUPPORTED, note)


def _measure(source: Opened) -> int:
    with source.open() as stream:
        return sum(len(part) for part in iter(lambda: stream.read(1024 * 1024), b""))
