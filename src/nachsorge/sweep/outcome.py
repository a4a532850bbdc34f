"""What a worker is told once, and what it gives for each source."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nachsorge.evidence.parts import Piece
from nachsorge.evidence.read import unread
from nachsorge.matching.store import NOWHERE, Store
from nachsorge.matching.tests import Test
from nachsorge.model.assessment import Hit
from nachsorge.model.evidence import Reading
from nachsorge.model.times import Instant
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from nachsorge.evidence.units import Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One source: its account, what met a test, and whether its positive control was seen (None: none possible)."""

    reading: Reading
    hits: tuple[Hit, ...] = ()
    control: bool | None = None
    control_note: str = ""
    piece: Piece | None = None
    """Set where this is only a part of a big file, to be joined with its others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """What a process is told once: the tests, whether to sieve, whose presence to note, what time it is.

    `store` keeps what takes long to compile; `lines` is how many bytes may be of lines, in all, by what files are
    called, `perhaps` how many may be so all the same; `events` how many are of event logs; `scan_logs` that YARA rules
    look into logs and hives as well.
    """

    tests: Sequence[Test]
    now: Instant
    sieve: bool = True
    addresses: frozenset[str] = frozenset()
    store: Store = NOWHERE
    lines: int = 0
    perhaps: int = 0
    events: int = 0
    scan_logs: bool = False


Steps = Generator[tuple[int, list[Outcome]], None, None]
"""What an executor gives: (index of the unit, its outcomes), in whatever order they are done."""

DIED = "the process that read it died, twice"
"""What is said of a unit whose process died, or was ended (`expendable`)."""


def failed(unit: Unit, note: str) -> list[Outcome]:
    """Say of a unit that nobody could read it."""
    return [Outcome(reading=unread(unit.shown, Reason.FAILED, note))]
