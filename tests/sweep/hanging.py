"""A reader's call that never returns, for a pool's processes; it holds the interpreter as native code does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.evidence.expendable import deadline
from nachsorge.model.evidence import Reading
from nachsorge.sweep.outcome import Outcome

if TYPE_CHECKING:
    from nachsorge.evidence.units import Unit


def work(unit: Unit) -> list[Outcome]:
    """Never come back from `poison`: the pattern tries 2 to the power of 60 ways, in one call that yields to nobody."""
    with deadline():
        if unit.path.stem == "poison":
            re.match("(a|a)*b", "a" * 60)
    return [Outcome(reading=Reading(path=unit.shown))]
