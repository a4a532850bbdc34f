"""Sources about which a reader failed while it was asked whether it knows them.

Nobody can tell whether such a source was that reader's. Where another one knows the format, the source is read by it,
and a note names the failure. Where none does, the failure is a gap: the source is searched as text where it is text,
and never counts as read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nachsorge.evidence.seams import Tells
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Reader, Sieve
    from nachsorge.model.evidence import Record
    from nachsorge.model.words import Telemetry

_MIB = 1024 * 1024
_LAST_RESORT = "plain_text"
_SHOWN = 200


def doubted(best: Reader | None, failed: Sequence[tuple[Reader, str]]) -> Reader:
    """Give a reader that reads as the best one does and names those that failed, with what each raised."""
    notes = [f"reader {reader.name} failed while it was asked: {what[:_SHOWN]}" for reader, what in failed]
    if best is not None and best.name != _LAST_RESORT:
        return _Noted(best, notes)
    return _Unsure(failed[0][0].name, best, notes)


class Unloaded:
    """Stands for a reader of another package that could not be loaded: every source may have been its."""

    telemetry: tuple[Telemetry, ...] = ()
    tells = Tells(proves="nothing", rules_out="nothing", not_told="all of it: it could not be loaded")

    def __init__(self, name: str, why: str) -> None:
        """Keep its name, as its package gives it, and what loading it raised."""
        self.name, self._why = name, why

    def accepts(self, head: bytes, name: str) -> int:
        """Raise, so that the account of each source names it."""
        raise RuntimeError(f"it could not be loaded: {self._why}")

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Never asked, since it accepts nothing."""
        yield from ()

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Prove nothing."""
        return None


class _Noted:
    """A reader that knows the format; all but the note is its own."""

    def __init__(self, reader: Reader, notes: Sequence[str]) -> None:
        self._reader, self._notes = reader, notes
        self.name, self.telemetry = reader.name, reader.telemetry
        self.accepts, self.plant = reader.accepts, reader.plant

    @property
    def tells(self) -> Tells:
        """Give the reader's own."""
        return self._reader.tells

    def __getattr__(self, name: str) -> object:
        """Give whatever else that reader has (`by_origin`, `control_records`)."""
        return getattr(self._reader, name)

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Name the failures, then read."""
        ledger.notes += self._notes
        yield from self._reader.read(source, sieve, ledger)


class _Unsure:
    """Stands for a reader that failed, where nobody else knows the format."""

    telemetry: tuple[Telemetry, ...] = ()
    tells = Tells(
        proves="that a value stands in this text", rules_out="nothing", not_told="what the file is: its reader failed"
    )

    def __init__(self, name: str, text: Reader | None, notes: Sequence[str]) -> None:
        self.name, self._text, self._notes = name, text, notes
        if text is not None:
            self.telemetry = text.telemetry

    def accepts(self, head: bytes, name: str) -> int:
        """Never: that is what failed."""
        return 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Name the failures; then search what is text, and pass over the rest, for its hash."""
        for note in self._notes:
            ledger.gap(Reason.FAILED, note)
        if self._text is not None:
            yield from self._text.read(source, sieve, ledger)
            return
        with source.open() as stream:
            while stream.read(_MIB):
                pass

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Prove nothing: nothing was proven readable."""
        return None
