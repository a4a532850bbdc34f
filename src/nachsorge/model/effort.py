"""What it takes to answer what is open, and what it may cost to learn it late: ranges with their assumptions."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """What the packs' own steps cost if open assets turn out to be affected: minutes, from none of them to all.

    `steps` are the minutes for one asset; `assets` how many have open cells. `known` is False where no pack says it.
    """

    steps: int = 0
    assets: int = 0
    low: int = 0
    high: int = 0

    @property
    def known(self) -> bool:
        """Tell whether a pack says what a late discovery costs."""
        return self.steps > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """So many errands of `low` to `high` minutes settle `settled` open cells; `never` no errand settles.

    `spent` are the minutes that people recorded in the case (None: no case): at least so many were spent.
    `assumptions` say in words, in English, what the ranges rest on; `reports` and `cli` translate them.
    """

    errands: int
    settled: int
    never: int
    low: int
    high: int
    spent: int | None = None
    late: Late | None = None
    assumptions: tuple[str, ...] = ()
