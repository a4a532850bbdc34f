"""What a report may be given beside the assessment. All of it is computed elsewhere; a report only shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nachsorge.model.effort import Effort
from nachsorge.model.ranking import Ranking
from nachsorge.reports.moments import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """Moments of a timeline, and how many sightings have no time; the ranking of assets; the effort still needed."""

    moments: Sequence[Moment] = ()
    timeless: int = 0
    ranking: Ranking | None = None
    effort: Effort | None = None


NOTHING_BESIDE = Beside()

__all__ = ["NOTHING_BESIDE", "Beside", "Effort"]
