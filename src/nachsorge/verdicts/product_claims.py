"""Claims about products: a clean version ended it, or has been there since a time, or no other product is affected.

They rest on dated sightings of affected and of clean versions. A program that nobody recorded is no clean one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from nachsorge.model.times import Instant, Span, parse_instant, render
from nachsorge.model.words import Standing, Weight
from nachsorge.verdicts.ladder import needs, required, window
from nachsorge.verdicts.needs import NEVER, unmet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from nachsorge.model.assessment import Asset, Cell, CleanVersion, Coverage, Sighting
    from nachsorge.model.pack import Claim, Pack, Stage
    from nachsorge.model.words import Telemetry

    CoveredOf: TypeAlias = Mapping[str, Mapping[Telemetry, Coverage]]
    Verdict: TypeAlias = tuple[str, tuple[str, ...]]


def family(pack: Pack, anchor: str) -> frozenset[str]:
    """Give the exposures of the same product: a clean version on another platform is one as well. Empty: none."""
    named = next((one for one in pack.exposures if one.id == anchor), None)
    if named is None:
        return frozenset()
    names = {name.casefold() for name in named.names}
    return frozenset(one.id for one in pack.exposures if names & {name.casefold() for name in one.names})


def cleaned(
    pack: Pack, anchor: str, sightings: Iterable[Sighting], clean: Iterable[CleanVersion], asset: str
) -> Instant | None:
    """Give when a clean version was first seen on an asset after an affected one; None where never.

    An asset that never had an affected version was not cleaned, whatever it has.
    """
    meant = family(pack, anchor)
    stages = {one.stage for one in pack.exposures if one.id in meant}
    had = [s.time for s in sightings if s.asset == asset and s.stage in stages and _solid(s) and s.time is not None]
    times = [c.time for c in clean if c.asset == asset and c.exposure in meant and c.time is not None]
    return min((time for time in times if had and time >= min(had)), default=None)


def _solid(sighting: Sighting) -> bool:
    return not sighting.refutes and sighting.weight is not Weight.HINT


def clean_since(
    pack: Pack,
    claim: Claim,
    assets: Sequence[Asset],
    sightings: Sequence[Sighting],
    covered: CoveredOf,
    clean: Sequence[CleanVersion],
) -> Verdict:
    """Test that every asset that had an affected version has had a clean one since a time.

    Refuted by an affected version that is seen after it. It holds where each of these assets has a clean version dated
    up to that time, and what would show an affected one was covered from then on; else it says which has not.
    """
    try:
        since = parse_instant(claim.needs)
    except ValueError:
        return "untestable", (f"{claim.needs!r} is no time: the claim has to say since when",)
    meant = family(pack, claim.anchor) or frozenset(one.id for one in pack.exposures if one.clean)
    if not meant:
        return "untestable", ("the pack knows no clean version",)
    stages = {one.stage: pack.stages_by_id[one.stage] for one in pack.exposures if one.id in meant}
    mine = [s for s in sightings if s.pack == pack.id and s.stage in stages and _solid(s)]
    late = [(s.time, s.id, s.asset, s.title or s.indicator) for s in mine if s.time is not None and s.time >= since]
    if late:
        time, sighting, asset, what = min(late)
        return "refuted", (f"{asset}: {what} at {render(time)}, after {render(since)} ({sighting})",)
    exposed = {s.asset for s in mine}
    lacking = []
    for row in assets:
        if row.id in exposed:
            lacking += _not_clean(row.id, meant, since, clean)
            lacking += [text for stage in stages.values() for text in _uncovered(stage, row, since, covered)]
    if not exposed:
        return "untestable", ("no affected version was seen on any asset",)
    if lacking:
        return "untestable", tuple(lacking)
    return "holds", (f"a clean version by {render(since)} on every asset that had an affected one, none later",)


def _not_clean(asset: str, meant: frozenset[str], since: Instant, clean: Iterable[CleanVersion]) -> list[str]:
    mine = [c for c in clean if c.asset == asset and c.exposure in meant]
    times = [c.time for c in mine if c.time is not None]
    if any(time <= since for time in times):
        return []
    if times:
        return [f"{asset}: a clean version is recorded from {render(min(times))} on only"]
    if mine:
        return [f"{asset}: a clean version is recorded, without a time"]
    return [f"{asset}: no dated record of a clean version (installer log, software inventory, process events)"]


def _uncovered(stage: Stage, asset: Asset, since: Instant, covered: CoveredOf) -> list[str]:
    whole = window(stage, asset, {})
    rest = Span(since, whole.end) if whole is not None else None
    if rest is not None and rest.start > rest.end:
        return []  # all of the stage's time lies before: nothing is left to cover
    wanted = needs(stage, asset)
    if not wanted:
        return [f"{asset.id}: {NEVER}"]
    return [
        f"{asset.id}: {u.telemetry or 'nothing'} not covered ({u.reason.value})"
        for need in wanted
        for u in unmet(need, covered.get(asset.id, {}), rest)
    ]


def no_other_product(
    pack: Pack,
    claim: Claim,
    assets: Sequence[Asset],
    sightings: Sequence[Sighting],
    covered: CoveredOf,
    cells: Callable[[Sequence[Asset]], Iterable[tuple[str, Cell]]],
) -> Verdict:
    """Test that nothing but the pack's products brings the stage: search it on an asset that never had one of them.

    The counter-example is an asset at the stage or beyond, by evidence of its own, on which no affected version was
    seen although what would show one was covered. Where that was not covered, or where the stage is open on an asset
    without the product, it is untestable.
    """
    if not pack.exposures:
        return "untestable", ("the pack names no product",)
    if not assets:
        return "untestable", ("no asset is in scope",)
    lowest = pack.stages_by_id[claim.stage].rung
    beyond = {stage.id for stage in pack.stages if stage.rung >= lowest}
    entry = {one.stage: pack.stages_by_id[one.stage] for one in pack.exposures}
    had = {s.asset for s in sightings if s.pack == pack.id and s.stage in entry and _solid(s)}
    standing = {(name, cell.stage): cell for name, cell in cells(assets)}
    lacking: list[str] = []
    for row in assets:
        if row.id in had:
            continue
        reached = [standing[row.id, stage] for stage in sorted(beyond) if (row.id, stage) in standing]
        shown = next((c for c in reached if c.standing is Standing.SHOWN), None)
        missing = [text for stage in entry.values() for text in _never_there(pack, stage, row, covered)]
        if shown is not None and not missing:
            why = (
                f"{row.id}: {shown.stage} is shown ({', '.join(shown.because)}), and no affected version was ever there"
            )
            return "refuted", (why,)
        if shown is not None:
            lacking += [f"{row.id}: {shown.stage} is shown, and whether an affected version was there is not known"]
        lacking += [
            f"{row.id}: {c.stage} is {c.standing.value}"
            for c in reached
            if c.standing in (Standing.OPEN, Standing.SUSPECTED)
        ]
    if lacking:
        return "untestable", tuple(lacking)
    return "holds", ("ruled out on every asset that never had an affected version",)


def _never_there(pack: Pack, stage: Stage, asset: Asset, covered: CoveredOf) -> list[str]:
    """Say what is lacking before it may be said that an asset never was at a stage of exposure."""
    span = window(stage, asset, {})
    lacking = [u for need in needs(stage, asset) for u in unmet(need, covered.get(asset.id, {}), span)]
    known = not stage.never and bool(needs(stage, asset)) and not required(pack, stage, asset)
    return [] if known and not lacking else [stage.id]
