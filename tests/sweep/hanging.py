"""Calls that never return, for processes that may be lost; they hold the interpreter as native code does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.evidence import evtx_file, expendable
from nachsorge.evidence.expendable import deadline
from nachsorge.model.evidence import Reading
from nachsorge.sweep import shipped
from nachsorge.sweep.outcome import Outcome

if TYPE_CHECKING:
    from nachsorge.evidence.units import Unit


def work(unit: Unit) -> list[Outcome]:
    """Never come back from `poison`: the pattern tries 2 to the power of 60 ways, in one call that yields to nobody."""
    with deadline():
        if unit.path.stem == "poison":
            re.match("(a|a)*b", "a" * 60)
    return [Outcome(reading=Reading(path=unit.shown))]


def inside(sent: dict[str, bytes], ticket: shipped.Ticket, unit: Unit) -> list[Outcome]:
    """Do the same in a process of a cluster's worker, which is not patient."""
    expendable.LONGEST = 1.0
    return work(unit)


def trusting(sent: dict[str, bytes], ticket: shipped.Ticket, unit: Unit) -> list[Outcome]:
    """Read as such a process does, but hand the library chunks whose names lead to each other for ever."""
    expendable.LONGEST = 2.0
    evtx_file._in_a_circle = lambda raw: False
    return shipped.inside(sent, ticket, unit)
