"""What this evidence says of the claims that a pack brings: holds, refuted with the counter-example, or untestable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from nachsorge.model.assessment import Asset, ClaimAnswer, Coverage, Sighting
from nachsorge.model.times import Span, render
from nachsorge.model.words import Telemetry
from nachsorge.verdicts.ladder import needs, window
from nachsorge.verdicts.needs import NEVER, unmet

if TYPE_CHECKING:
    from nachsorge.model.pack import Claim, Pack

CoveredOf = Mapping[str, Mapping[Telemetry, Coverage]]


def answer(
    pack: Pack, claim: Claim, assets: Iterable[Asset], sightings: Sequence[Sighting], covered: CoveredOf
) -> ClaimAnswer:
    """Test one claim. What cannot be tested says what it would need."""
    match claim.test:
        case "no-sighting-after":
            verdict, because = _no_sighting_after(pack, claim, list(assets), sightings, covered)
        case _:
            verdict, because = "untestable", (claim.needs or "evidence of one organisation cannot answer this",)
    return ClaimAnswer(id=claim.id, says=claim.says, by=claim.by, answer=verdict, because=because)


def _no_sighting_after(
    pack: Pack, claim: Claim, assets: Sequence[Asset], sightings: Sequence[Sighting], covered: CoveredOf
) -> tuple[str, tuple[str, ...]]:
    """Search a counter-example in time: the stage, or one beyond it, sighted after the anchor on the same asset."""
    lowest = pack.stages_by_id[claim.stage].rung
    beyond = {stage.id for stage in pack.stages if stage.rung >= lowest}
    anchored, lacking = False, []
    for asset in assets:
        mine = [s for s in sightings if s.asset == asset.id and s.pack == pack.id]
        ends = [s.time for s in mine if claim.anchor in (s.trace, s.stage) and s.time is not None]
        if not ends:
            continue
        anchored, end = True, min(ends)
        after = [
            (s.time, s.id, s.indicator)
            for s in mine
            if s.stage in beyond and not s.refutes and s.time is not None and s.time > end
        ]
        if after:
            time, sighting, indicator = min(after)
            return "refuted", (f"{asset.id}: {indicator} at {render(time)}, after {render(end)} ({sighting})",)
        lacking += _lacking(pack, claim, asset, end, covered)
    if not anchored:
        return "untestable", (f"{claim.anchor} was not seen on any asset",)
    return ("untestable", tuple(lacking)) if lacking else ("holds", ("every asset concerned was covered afterwards",))


def _lacking(pack: Pack, claim: Claim, asset: Asset, end: int, covered: CoveredOf) -> list[str]:
    """Say what is not covered from the anchor to the end of the stage's window; an anchor after it leaves no time."""
    stage = pack.stages_by_id[claim.stage]
    span = window(stage, asset, {})
    rest = Span(end, span.end) if span is not None else None
    wanted = needs(stage, asset)
    if not wanted:
        return [f"{asset.id}: {NEVER}"]
    return [
        f"{asset.id}: {u.telemetry or 'nothing'} not covered ({u.reason.value})"
        for need in wanted
        for u in unmet(need, covered.get(asset.id, {}), rest)
    ]
