"""The whole in one line, and the exit code (decision 0004)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from nachsorge.model.assessment import Judged, Sighting, Source, Summary
from nachsorge.model.words import Standing, Status, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

RULED_OUT, SHOWN, USAGE, INCOMPLETE = 0, 1, 2, 3
"""Exit codes of `check`: 1 beats 3, 3 beats 0."""

_EXITS = {
    Verdict.COMPROMISED: SHOWN,
    Verdict.SUSPECTED: SHOWN,
    Verdict.OPEN: INCOMPLETE,
    Verdict.RULED_OUT: RULED_OUT,
}
_WORST = (Verdict.COMPROMISED, Verdict.SUSPECTED, Verdict.OPEN, Verdict.RULED_OUT)


def summarise(
    judged: Sequence[Judged],
    sources: Sequence[Source],
    sightings: Sequence[Sighting],
    *,
    interrupted: bool = False,
    notes: Iterable[str] = (),
) -> Summary:
    """Count, and choose the exit code. Evidence that was handed in and not read keeps the whole open."""
    verdicts = Counter(row.verdict for row in judged)
    statuses = Counter(source.reading.status for source in sources)
    worst = next((verdict for verdict in _WORST if verdicts[verdict]), Verdict.OPEN)
    unread = any(statuses[status] for status in Status if status is not Status.READ)
    if worst is Verdict.RULED_OUT and (unread or interrupted):
        worst = Verdict.OPEN
    return Summary(
        verdict=worst,
        exit=_EXITS[worst],
        assets={verdict.value: verdicts[verdict] for verdict in _WORST},
        sources={status.value: statuses[status] for status in Status},
        sightings=len(sightings),
        cells={s.value: sum(cell.standing is s for row in judged for cell in row.cells) for s in Standing},
        interrupted=interrupted,
        notes=tuple(notes),
    )
