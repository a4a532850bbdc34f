"""What stands in the places of matcher, sieve and reader while an index is made: all is written down, nothing asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nachsorge.evidence.bulk import Table, read_in_bulk
from nachsorge.evidence.bulk_formats import form_of
from nachsorge.evidence.seams import Tells
from nachsorge.index.batch import Batch
from nachsorge.matching.match import Matcher
from nachsorge.model.words import IndicatorType, Telemetry
from nachsorge.sweep.programs import PROGRAMS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve
    from nachsorge.index.rows import Rows
    from nachsorge.model.assessment import Hit
    from nachsorge.model.evidence import Record


class Recorder(Matcher):
    """Stands where a matcher stands, and writes down the records that it is asked about."""

    def __init__(self) -> None:
        """Ask for nothing."""
        super().__init__(())
        self.open: list[Rows] = []

    @property
    def algorithms(self) -> frozenset[str]:
        """Take all digests that anybody may ask for."""
        return frozenset({IndicatorType.MD5.value, IndicatorType.SHA1.value, IndicatorType.SHA256.value})

    @property
    def sizes(self) -> None:
        """Hash files of all sizes: nobody knows yet what will be looked for."""

    def match(self, record: Record) -> list[Hit]:
        """Write it down; it hits nothing."""
        self.open[-1].add(record)
        return []

    def concerns(self, path: str) -> bool:
        """Take every program: nobody knows yet which product will be asked for."""
        return path.lower().endswith((*PROGRAMS, ".nupkg"))


class _Shut:
    """A sieve that admits nothing: the account of a log needs none of its records."""

    everything = False

    def ends(self, block: bytes | memoryview) -> list[int]:
        """Find nothing."""
        return []

    def admits(self, raw: bytes) -> bool:
        """Admit nothing."""
        return False


SHUT = _Shut()


class InBulk:
    """Stands where a reader stands, and hands whole tables to the rows; `records` counts what it gave."""

    telemetry: tuple[Telemetry, ...] = ()
    tells = Tells(proves="", rules_out="", not_told="")

    def __init__(self, name: str, head: bytes, rows: Rows) -> None:
        """Take which reader it stands for, how the file begins, and where its rows go."""
        self.name = name
        self.records = 0
        self._head = head
        self._rows = rows

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise nothing: which file it is for is known."""
        return 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Hand tables to the rows; give what stands in none."""
        form = form_of(self.name, self._head)
        for found in read_in_bulk(source, form) if form is not None else ():
            if isinstance(found, Table):
                self.records += len(found.numbers)
                self._rows.add_all(_batch(found, source.host))
            else:
                self.records += 1
                yield found

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make nothing: the control goes through the reader itself."""
        return None


def _batch(table: Table, host: str | None) -> Batch:
    return Batch(
        telemetry=table.telemetry.value,
        place="line ",
        keys=tuple((kind.value, name) for kind, name in table.keys),
        columns=table.columns,
        times=table.times,
        numbers=table.numbers,
        hosts=None if host is None else [host] * len(table.numbers),
        addresses=table.addresses,
        plain=table.plain,
    )
