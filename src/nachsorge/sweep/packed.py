"""Outcomes on their way from one process to another.

Nearly all files of a disk are nobody's format: they were compared as a whole, nothing was met, and their account is
what the unit says already and a note. Sent as objects, 25,000 of them take as long as listing the folder.
"""

from __future__ import annotations

from dataclasses import fields
from operator import attrgetter
from typing import TYPE_CHECKING, TypeAlias

from nachsorge.evidence.read import compared
from nachsorge.model.evidence import Reading
from nachsorge.sweep.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nachsorge.evidence.units import Unit

Packed: TypeAlias = "tuple[str, int] | list[Outcome]"
"""The note and how many files YARA looked into, of a file that was only compared as a whole; else the outcomes."""

_SAID = {"path", "size", "asset", "note", "scanned"}
_rest_of_reading = attrgetter(*(field.name for field in fields(Reading) if field.name not in _SAID))
_rest_of_outcome = attrgetter(*(field.name for field in fields(Outcome) if field.name != "reading"))
_COMPARED = compared("")
_READING = _rest_of_reading(_COMPARED)
_OUTCOME = _rest_of_outcome(Outcome(reading=_COMPARED))


def packed(units: Sequence[Unit], found: Sequence[list[Outcome]]) -> list[Packed]:
    """Make what came of units small. Equal notes become one text, which is sent once."""
    notes: dict[str, str] = {}
    return [_packed(unit, outcomes, notes) for unit, outcomes in zip(units, found, strict=True)]


def _packed(unit: Unit, outcomes: list[Outcome], notes: dict[str, str]) -> Packed:
    if len(outcomes) != 1:
        return outcomes
    outcome = outcomes[0]
    reading = outcome.reading
    if (
        type(outcome) is not Outcome
        or _rest_of_outcome(outcome) != _OUTCOME
        or _rest_of_reading(reading) != _READING
        or (reading.path, reading.size, reading.asset) != (unit.shown, unit.size, unit.host)
    ):
        return outcomes
    return notes.setdefault(reading.note, reading.note), reading.scanned


def unpacked(unit: Unit, found: Packed) -> list[Outcome]:
    """Give what `packed` was given."""
    if isinstance(found, list):
        return found
    note, scanned = found
    reading = compared(unit.shown, note=note, size=unit.size, host=unit.host, scanned=scanned)
    return [Outcome(reading=reading)]
