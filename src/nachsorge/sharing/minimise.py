"""From a whole assessment to the numbers that a CERT gets: no asset, user, address, path or log line goes along.

Counts only: assets by verdict and rung, assets by what was looked at, the weeks of what was seen.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from nachsorge.model.times import SECOND, Span, intersect
from nachsorge.model.words import Reason, Standing, Telemetry, Verdict
from nachsorge.sharing.notification import RUNGS, Assets, Coverage, Incident, Rung, Verdicts, Weeks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from nachsorge.model import assessment as model
    from nachsorge.model.times import Instant

_STRONGEST_FIRST = (Standing.SHOWN, Standing.SUSPECTED, Standing.OPEN, Standing.RULED_OUT)


def incident(pack: model.PackUsed) -> Incident:
    """Name the incident by the pack that judged."""
    return Incident(pack=pack.id[:100], version=pack.version[:50], sha256=pack.sha256, title=_line(pack.title)[:200])


def assets(found: model.Assessment, pack: str, verdict: Callable[[model.Judged], Verdict]) -> Assets:
    """Count the assets by verdict and by rung, for one pack."""
    verdicts = Counter(verdict(row) for row in found.assets)
    return Assets(
        scope=len(found.assets),
        verdicts=Verdicts(**{word.value.replace("-", "_"): verdicts[word] for word in Verdict}),
        rungs=tuple(_rungs(found, pack)),
    )


def _rungs(found: model.Assessment, pack: str) -> Iterator[Rung]:
    for rung in RUNGS:
        counts = Counter(standing for row in found.assets if (standing := _standing(row, pack, rung)) is not None)
        if counts:
            yield Rung(rung=rung, **{word.value.replace("-", "_"): counts[word] for word in Standing})


def _standing(row: model.Judged, pack: str, rung: str) -> Standing | None:
    """Give how an asset stands on a rung: of several stages the worst; None where no stage of it concerns the asset."""
    cells = [cell.standing for cell in row.cells if cell.pack == pack and cell.rung == rung]
    return min(cells, key=_STRONGEST_FIRST.index, default=None)


def coverage(found: model.Assessment, pack: model.PackUsed) -> tuple[Coverage, ...]:
    """Count for each telemetry that was asked for how many assets it covers whole, partly, not at all, and why not."""
    rows: defaultdict[Telemetry, list[model.Coverage]] = defaultdict(list)
    for row in found.coverage:
        rows[row.telemetry].append(row)
    scope = len(found.assets)
    told = ((telemetry, rows[telemetry]) for telemetry in Telemetry if rows[telemetry])
    return tuple(_covered(telemetry, listed, scope) for telemetry, listed in told if _asked(listed, pack.window))


def _asked(listed: Iterable[model.Coverage], window: Span | None) -> bool:
    """Tell whether the pack needs it: then what is lacking stands in it as gaps.

    What no stage needs has no gaps, however little of it there is: it would read as covered whole.
    """
    return all(row.gaps or _whole(row, window) for row in listed)


def _whole(row: model.Coverage, window: Span | None) -> bool:
    return window is None or intersect((window,), row.intervals) == (window,)


def _covered(telemetry: Telemetry, listed: list[model.Coverage], scope: int) -> Coverage:
    whole = sum(bool(row.intervals) and not row.gaps for row in listed)
    partly = sum(bool(row.intervals) and bool(row.gaps) for row in listed)
    reasons = Counter(reason for row in listed for reason in {gap.reason for gap in row.gaps})
    if missing := scope - len(listed):  # assets of which the assessment says nothing were not looked at
        reasons[Reason.NOT_PROVIDED] += missing
    return Coverage(
        telemetry=telemetry,
        whole=whole,
        partly=partly,
        none=scope - whole - partly,
        reasons={reason: reasons[reason] for reason in Reason if reasons[reason]},
    )


def weeks(found: model.Assessment, pack: str) -> Weeks | None:
    """Give the first and the last week (ISO 8601, UTC) of what was seen; None where nothing with a time was."""
    standing = {
        (row.asset.id, cell.stage): cell.standing for row in found.assets for cell in row.cells if cell.pack == pack
    }
    times = [
        one.time
        for one in found.sightings
        if one.pack == pack
        and one.time is not None
        and not one.refutes
        and standing.get((one.asset, one.stage)) in (Standing.SHOWN, Standing.SUSPECTED)
    ]
    return Weeks(first=_week(min(times)), last=_week(max(times))) if times else None


def _week(instant: Instant) -> str:
    year, week, _ = datetime.fromtimestamp(instant // SECOND, UTC).isocalendar()
    return f"{year:04}-W{week:02}"


def _line(text: str) -> str:
    return " ".join(text.split())
