"""Work for a pool's processes, some of which die over it; imported by the spawned children."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from nachsorge.model.evidence import Reading
from nachsorge.sweep.outcome import Outcome

if TYPE_CHECKING:
    from nachsorge.evidence.units import Unit


def work(unit: Unit) -> list[Outcome]:
    """Die over `poison`, die once over `shaky` (which leaves a mark beside itself), read all others."""
    if unit.path.name == "poison":
        os._exit(1)
    mark = unit.path.with_suffix(".mark")
    if unit.path.name == "shaky" and not mark.exists():
        mark.touch()
        time.sleep(0.1)
        os._exit(1)
    return [Outcome(reading=Reading(path=unit.shown))]
