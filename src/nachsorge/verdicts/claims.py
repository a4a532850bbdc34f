"""What this evidence says of the claims that a pack brings: holds, refuted with the counter-example, or untestable."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from nachsorge.model.assessment import Asset, Cell, ClaimAnswer, CleanVersion, Coverage, Sighting
from nachsorge.model.times import Span, parse_instant, render
from nachsorge.model.words import Standing, Telemetry
from nachsorge.verdicts.ladder import applies, needs, told, undecided, window
from nachsorge.verdicts.needs import NEVER, unmet
from nachsorge.verdicts.product_claims import clean_since, cleaned, family, no_other_product
from nachsorge.verdicts.related import judge_all

if TYPE_CHECKING:
    from nachsorge.model.pack import Claim, Pack

_DOUBT = (Standing.OPEN, Standing.SUSPECTED)

CoveredOf = Mapping[str, Mapping[Telemetry, Coverage]]


def answer(
    pack: Pack,
    claim: Claim,
    assets: Iterable[Asset],
    sightings: Sequence[Sighting],
    covered: CoveredOf,
    clean: Sequence[CleanVersion] = (),
) -> ClaimAnswer:
    """Test one claim. What cannot be tested says what it would need. `clean` are the clean versions that were seen."""
    rows = list(assets)
    match claim.test:
        case "no-sighting-after":
            verdict, because = _no_sighting_after(pack, claim, rows, sightings, covered, clean)
        case "no-sighting-since":
            verdict, because = _no_sighting_since(pack, claim, rows, sightings, covered)
        case "never" | "nothing-beyond":
            verdict, because = _never(pack, claim, rows, sightings, covered)
        case "at-most-assets":
            verdict, because = _at_most(pack, claim, rows, sightings, covered)
        case "only-assets-with":
            verdict, because = _only_with(pack, claim, rows, sightings, covered)
        case "clean-version-since":
            verdict, because = clean_since(pack, claim, rows, sightings, covered, clean)
        case "no-other-product":
            judged = partial(_cells, pack, sightings=sightings, covered=covered)
            verdict, because = no_other_product(pack, claim, rows, sightings, covered, judged)
        case _:
            verdict, because = "untestable", (claim.needs or "evidence of one organisation cannot answer this",)
    return ClaimAnswer(id=claim.id, says=claim.says, by=claim.by, answer=verdict, because=because)


def _no_sighting_after(
    pack: Pack,
    claim: Claim,
    assets: Sequence[Asset],
    sightings: Sequence[Sighting],
    covered: CoveredOf,
    clean: Sequence[CleanVersion],
) -> tuple[str, tuple[str, ...]]:
    """Search a counter-example in time: the stage, or one beyond it, sighted after the anchor on the same asset."""
    lowest = pack.stages_by_id[claim.stage].rung
    beyond = {stage.id for stage in pack.stages if stage.rung >= lowest}
    anchored, lacking = False, []
    by_asset: dict[str, list[Sighting]] = {}
    for sighting in sightings:
        if sighting.pack == pack.id:
            by_asset.setdefault(sighting.asset, []).append(sighting)
    for asset in assets:
        mine = by_asset.get(asset.id, [])
        ends = [s.time for s in mine if claim.anchor in (s.trace, s.stage) and s.time is not None]
        if (update := cleaned(pack, claim.anchor, mine, clean, asset.id)) is not None:
            ends.append(update)
        if not ends:
            continue
        anchored, end = True, min(ends)
        after = [
            (s.time, s.id, s.indicator)
            for s in mine
            if s.stage in beyond and not s.refutes and s.time is not None and s.time > end
        ]
        if after:
            time, place, indicator = min(after)
            return "refuted", (f"{asset.id}: {indicator} at {render(time)}, after {render(end)} ({place})",)
        lacking += _lacking(pack, claim, asset, end, covered)
    if not anchored:
        what = "a clean version after an affected one" if family(pack, claim.anchor) else claim.anchor
        return "untestable", (f"{what} was not seen on any asset",)
    return ("untestable", tuple(lacking)) if lacking else ("holds", ("every asset concerned was covered afterwards",))


def _no_sighting_since(
    pack: Pack, claim: Claim, assets: Sequence[Asset], sightings: Sequence[Sighting], covered: CoveredOf
) -> tuple[str, tuple[str, ...]]:
    """Search the stage, or one beyond it, after the instant that `needs` names, on any asset."""
    try:
        since = parse_instant(claim.needs)
    except ValueError:
        return "untestable", (f"{claim.needs!r} is no time: the claim has to say since when",)
    beyond = _beyond(pack, claim.stage)
    after = [
        (s.time, s.id, s.asset, s.indicator)
        for s in sightings
        if s.pack == pack.id and s.stage in beyond and not s.refutes and s.time is not None and s.time >= since
    ]
    if after:
        time, sighting, asset, indicator = min(after)
        return "refuted", (f"{asset}: {indicator} at {render(time)}, after {render(since)} ({sighting})",)
    stage = pack.stages_by_id[claim.stage]
    rows = [asset for asset in told(pack, assets) if applies(stage, asset) or undecided(stage, asset)]
    if not rows:
        return "untestable", ("no asset is in scope",)
    lacking = [text for asset in rows for text in _lacking(pack, claim, asset, since, covered)]
    return ("untestable", tuple(lacking)) if lacking else ("holds", ("every asset was covered from then on",))


def _never(
    pack: Pack, claim: Claim, assets: Sequence[Asset], sightings: Sequence[Sighting], covered: CoveredOf
) -> tuple[str, tuple[str, ...]]:
    """Search any asset on which the stage happened (`never`), or one beyond it (`nothing-beyond`)."""
    stage = pack.stages_by_id[claim.stage]
    meant = {s.id for s in pack.stages if s.rung > stage.rung} if claim.test == "nothing-beyond" else {stage.id}
    if not meant:
        return "untestable", (f"the pack has no stage beyond {claim.stage}",)
    if not assets:
        return "untestable", ("no asset is in scope",)
    return _by_cells(_cells(pack, assets, sightings, covered), meant, "ruled out on every asset")


def _at_most(
    pack: Pack, claim: Claim, assets: Sequence[Asset], sightings: Sequence[Sighting], covered: CoveredOf
) -> tuple[str, tuple[str, ...]]:
    """Count the assets at the stage or beyond it, and those on which it may still be."""
    if not claim.needs.isdecimal():
        return "untestable", (claim.needs or "the claim does not say how many",)
    meant = _beyond(pack, claim.stage)
    cells = _cells(pack, assets, sightings, covered)
    shown = sorted({name for name, c in cells if c.stage in meant and c.standing is Standing.SHOWN})
    doubtful = sorted({name for name, c in cells if c.stage in meant and c.standing in _DOUBT} - set(shown))
    if len(shown) > int(claim.needs):
        return "refuted", (f"{len(shown)} assets: {', '.join(shown)}",)
    if not assets or len(shown) + len(doubtful) > int(claim.needs):
        return "untestable", (f"{len(shown)} assets shown; not ruled out on {', '.join(doubtful) or 'any'}",)
    return "holds", (f"{len(shown)} assets shown, at most {len(shown) + len(doubtful)} possible",)


def _only_with(
    pack: Pack, claim: Claim, assets: Sequence[Asset], sightings: Sequence[Sighting], covered: CoveredOf
) -> tuple[str, tuple[str, ...]]:
    """Search an asset without the attribute (`role=finance`, `asset=pc1;pc2`) that is at the stage or beyond it."""
    name, equals, values = claim.needs.partition("=")
    if not equals or not claim.stage:
        return "untestable", (claim.needs or "the claim does not say which assets",)
    wanted = {value.strip().casefold() for value in values.split(";")}
    unknown = [a.id for a in assets if _attribute(a, name.strip()) is None]
    others = [a for a in assets if (_attribute(a, name.strip()) or "").casefold() not in wanted and a.id not in unknown]
    verdict, because = _by_cells(
        _cells(pack, others, sightings, covered), _beyond(pack, claim.stage), "ruled out on every other asset"
    )
    if verdict == "refuted" or not (unknown or not assets):
        return verdict, because
    return "untestable", (f"the inventory does not say {name.strip()} of {', '.join(unknown) or 'any asset'}",)


def _attribute(asset: Asset, name: str) -> str | None:
    """Give what the inventory says; None where it says nothing."""
    known = {"asset": asset.id, "role": asset.role, "platform": asset.platform or ""}
    return known.get(name, asset.attributes.get(name, "")) or None


def _beyond(pack: Pack, stage: str) -> set[str]:
    lowest = pack.stages_by_id[stage].rung
    return {one.id for one in pack.stages if one.rung >= lowest}


def _cells(
    pack: Pack, assets: Iterable[Asset], sightings: Sequence[Sighting], covered: CoveredOf
) -> list[tuple[str, Cell]]:
    mine: defaultdict[str, list[Sighting]] = defaultdict(list)
    for sighting in sightings:
        if sighting.pack == pack.id:
            mine[sighting.asset].append(sighting)
    rows = judge_all(pack, list(assets), mine, lambda asset: covered.get(asset, {}))
    return [(asset, cell) for asset, cells in rows.items() for cell in cells]


def _by_cells(cells: Iterable[tuple[str, Cell]], meant: set[str], otherwise: str) -> tuple[str, tuple[str, ...]]:
    """Answer by standings: one that is shown refutes, one that is not ruled out leaves it untested."""
    listed = [(name, cell) for name, cell in cells if cell.stage in meant]
    for name, cell in listed:
        if cell.standing is Standing.SHOWN:
            return "refuted", (f"{name}: {cell.stage} is shown ({', '.join(cell.because)})",)
    doubtful = tuple(
        f"{name}: {cell.stage} is {cell.standing.value}" for name, cell in listed if cell.standing in _DOUBT
    )
    return ("untestable", doubtful) if doubtful else ("holds", (otherwise,))


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
