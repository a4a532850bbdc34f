"""What logs of Windows share that write local time without a zone, and of which nobody knows what they leave out.

Such a log proves what stands in it. It clears nothing, so it reports no time as covered; its records have their times
all the same, taken as UTC, and the account says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nachsorge.evidence.lines import Plain

if TYPE_CHECKING:
    from nachsorge.evidence.ledger import Ledger
    from nachsorge.model.times import Instant

ZONE_NOTE = "times are local, without a zone: taken as UTC"


class LocalLines(Plain):
    """A line format whose times are kept in records only. `stamp` reads a line's own."""

    sensor = False
    expects_time = False

    def time(self, line: bytes) -> Instant | None:
        """Give no time to the account: nothing is covered."""
        return None


def note_zone(ledger: Ledger) -> None:
    """Say in the account that times are local."""
    if ledger.records and ZONE_NOTE not in ledger.notes:
        ledger.notes.append(ZONE_NOTE)
