"""One asset against one pack: a standing for every stage, then a verdict (design, section 4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, assert_never

from nachsorge.model.assessment import Asset, Cell, Sighting, Unmet
from nachsorge.model.pack import Pack, Relation, Stage
from nachsorge.model.times import Span, render
from nachsorge.model.words import Reason, Standing, Verdict, Weight
from nachsorge.verdicts.ladder import applies, needs, required, undecided, why_not, window
from nachsorge.verdicts.needs import NEVER, Covered, met_by, unmet

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NAMED = 12
"""How many sightings a cell names."""

ROLE = "role"
"""The inventory's column."""

ON_EVIDENCE = "run check on the evidence itself"

_WEIGHTS = (Weight.PROOF, Weight.STRONG, Weight.HINT)
_ORDER = (Verdict.COMPROMISED, Verdict.SUSPECTED, Verdict.OPEN, Verdict.RULED_OUT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Far:
    """The far end of a relation: an asset that the inventory names, and how it stands; None where nobody knows."""

    name: str
    relation: Relation
    standing: Standing | None


@dataclass(slots=True)
class _Row:
    """The work on one asset: its evidence per stage and the cells decided so far."""

    pack: Pack
    asset: Asset
    shows: dict[str, list[Sighting]] = field(default_factory=dict)
    refutes: dict[str, list[Sighting]] = field(default_factory=dict)
    cells: dict[str, Cell] = field(default_factory=dict)
    far: Sequence[Far] = ()


def judge(
    pack: Pack, asset: Asset, sightings: Iterable[Sighting], covered: Covered, far: Sequence[Far] = ()
) -> tuple[Cell, ...]:
    """Give one cell a stage, in the ladder's order. Sightings are those of this asset and pack, in any order.

    `far` are the other ends of the asset's relations, for stages that carry over (`Stage.through`).
    """
    row = _Row(pack, asset, far=far)
    for sighting in sorted(sightings, key=lambda s: (s.stage, s.indicator, s.source, s.locator)):
        side = row.refutes if sighting.refutes else row.shows
        side.setdefault(sighting.stage, []).append(sighting)
    anchors = anchors_of(row.shows)
    own = {stage.id: _shown(row, stage) for stage in pack.stages}
    for stage in pack.stages:
        row.cells[stage.id] = _cell(row, stage, own, covered, anchors)
    return tuple(row.cells[stage.id] for stage in pack.stages)


def anchors_of(shows: Mapping[str, Sequence[Sighting]]) -> dict[str, Span]:
    """Give the first and last time each stage was sighted; stages without any timed sighting have none."""
    times = {stage: [s.time for s in listed if s.time is not None] for stage, listed in shows.items()}
    return {stage: Span(min(listed), max(listed)) for stage, listed in times.items() if listed}


def _shown(row: _Row, stage: Stage) -> bool:
    """Tell whether evidence of the stage itself shows it: a proof, or enough distinct strong traces.

    A required stage that is shown by a proof of its own counts as one strong trace: a C2 name from a host that is known
    to have run the affected version is worth more than the name alone.
    """
    listed = row.shows.get(stage.id, [])
    if any(s.weight is Weight.PROOF for s in listed):
        return True
    strong = len({(s.trace, s.indicator) for s in listed if s.weight is Weight.STRONG})
    if not strong:
        return False
    before = required(row.pack, stage, row.asset)
    proven = any(s.weight is Weight.PROOF for b in before for s in row.shows.get(b.id, []))
    return strong + proven >= stage.strong_enough


def _cell(row: _Row, stage: Stage, own: Mapping[str, bool], covered: Covered, anchors: Mapping[str, Span]) -> Cell:
    listed = row.shows.get(stage.id, [])
    if not applies(stage, row.asset) and (listed or not stage.unanswered):
        return _not_applicable(row, stage, listed, covered, anchors)
    if own[stage.id]:
        return _made(row, stage, Standing.SHOWN, _named(listed))
    implied = [later for later in row.pack.stages if own[later.id] and _requires(row, later, stage)]
    if implied:
        return _made(row, stage, Standing.SHOWN, (f"implied by {implied[0].id}", *_named(listed)))
    if carried := _carried(row, stage, Standing.SHOWN):
        return _made(row, stage, Standing.SHOWN, (*carried, *_named(listed)))
    carried = _carried(row, stage, Standing.SUSPECTED)
    if listed or carried:
        return _made(row, stage, Standing.SUSPECTED, (*carried, *_named(listed)))
    return _unseen(row, stage, covered, anchors)


def _unseen(row: _Row, stage: Stage, covered: Covered, anchors: Mapping[str, Span]) -> Cell:
    """Say of a stage of which nothing was seen whether it is ruled out."""
    if stage.unanswered or _hanging(row, stage):
        return _by_coverage(row, stage, covered, anchors)
    if refuted := [s for s in row.refutes.get(stage.id, []) if s.weight is Weight.PROOF]:
        return _made(row, stage, Standing.RULED_OUT, tuple(f"refuted by {name}" for name in _named(refuted)))
    if impossible := _impossible(row, stage):
        return _made(row, stage, Standing.RULED_OUT, (f"requires {impossible}, which is ruled out",))
    return _by_coverage(row, stage, covered, anchors)


def _carried(row: _Row, stage: Stage, standing: Standing) -> tuple[str, ...]:
    """Name the far ends that stand so at the stage from which this one carries over."""
    return tuple(
        _there(f"{far.relation.column} {far.name}", far.relation.stage, standing)
        for far in row.far
        if far.relation in stage.through and far.standing is standing
    )


def _there(named: str, stage: str, standing: Standing) -> str:
    # Each in one piece, so that it can be translated.
    match standing:
        case Standing.SHOWN:
            return f"{named}, where {stage} is shown"
        case Standing.SUSPECTED:
            return f"{named}, where {stage} is suspected"
        case Standing.OPEN:
            return f"{named}, where {stage} is open"
        case Standing.RULED_OUT:
            return f"{named}, where {stage} is ruled-out"
        case _:
            assert_never(standing)


def _hanging(row: _Row, stage: Stage) -> list[Unmet]:
    """Name what keeps a stage open that may carry over: each relation must be told, and each far end be ruled out."""
    out = []
    for relation in stage.through:
        ends = [far for far in row.far if far.relation == relation]
        column = relation.column
        if not ends:
            note = f"the inventory's column {column} does not say whose {relation.stage} would carry over"
            out.append(_unmet(note, f"fill in the inventory's column {column}"))
        for far in ends:
            if far.standing is None:
                note = f"the inventory's column {column} names {far.name}, which is no asset here"
                out.append(_unmet(note, f"give {far.name} a row in the inventory, and its evidence"))
            elif far.standing is not Standing.RULED_OUT:
                note = _there(f"{column} {far.name}", relation.stage, far.standing)
                out.append(_unmet(note, f"settle {far.name} first, on which this hangs"))
    return out


def _unmet(note: str, settle: str) -> Unmet:
    return Unmet(telemetry=None, span=None, reason=Reason.NOT_PROVIDED, settle=settle, note=note)


def _impossible(row: _Row, stage: Stage) -> str:
    """Name the nearest required stage that is ruled out; empty where none is.

    One that a suspected stage in between requires as well does not count: that suspicion speaks against its clearance.
    """
    before = required(row.pack, stage, row.asset)
    suspected = [b for b in before if b.id in row.cells and row.cells[b.id].standing is Standing.SUSPECTED]
    doubtful = {b.id for s in suspected for b in required(row.pack, s, row.asset)}
    cleared = (b.id for b in before if b.id in row.cells and row.cells[b.id].standing is Standing.RULED_OUT)
    return next((name for name in cleared if name not in doubtful), "")


def _requires(row: _Row, later: Stage, stage: Stage) -> bool:
    return applies(later, row.asset) and stage in required(row.pack, later, row.asset)


def _not_applicable(
    row: _Row, stage: Stage, listed: Sequence[Sighting], covered: Covered, anchors: Mapping[str, Span]
) -> Cell:
    """Rule out a stage that is impossible here; but evidence is stronger than an inventory's word for the platform.

    Where nobody gave a word for the role, it is ruled out as a stage that does apply is.
    A record that also speaks for a stage which does apply (an installer on the telephone server) is counted there.
    """
    elsewhere = {
        (s.source, s.locator)
        for other in row.pack.stages
        if other.id != stage.id and applies(other, row.asset)
        for s in row.shows.get(other.id, [])
    }
    stray = [s for s in listed if (s.source, s.locator) not in elsewhere]
    if stray:
        return _made(row, stage, Standing.SUSPECTED, (why_not(stage, row.asset), *_named(stray)))
    if undecided(stage, row.asset):
        return _unseen(row, stage, covered, anchors)
    return _made(row, stage, Standing.RULED_OUT, (why_not(stage, row.asset),))


def _by_coverage(row: _Row, stage: Stage, covered: Covered, anchors: Mapping[str, Span]) -> Cell:
    span = window(stage, row.asset, anchors)
    wanted = needs(stage, row.asset)
    lacking = [u for need in wanted for u in unmet(need, covered, span)]
    if stage.never or not wanted:
        note = stage.never or NEVER
        lacking.append(Unmet(telemetry=None, span=None, reason=Reason.NEVER, note=note))
    lacking += _hanging(row, stage)
    if stage.unanswered:
        lacking.append(
            Unmet(telemetry=None, span=None, reason=Reason.NEEDS_EVIDENCE, settle=ON_EVIDENCE, note=stage.unanswered)
        )
    if lacking and undecided(stage, row.asset):
        note = f"nobody says whether it has the role {' or '.join(stage.roles)}"
        lacking.insert(0, _unmet(note, f"fill in the inventory's column {ROLE}"))
    if lacking:
        return _made(row, stage, Standing.OPEN, (), tuple(lacking))
    within = f" from {render(span.start)} to {render(span.end)}" if span else ""
    because = tuple(f"nothing seen in {met_by(need, covered, span)}{within}" for need in wanted)
    because += _carried(row, stage, Standing.RULED_OUT)
    return _made(row, stage, Standing.RULED_OUT, because)


def _made(
    row: _Row, stage: Stage, standing: Standing, because: tuple[str, ...], lacking: tuple[Unmet, ...] = ()
) -> Cell:
    return Cell(
        pack=row.pack.id, stage=stage.id, rung=stage.rung.word, standing=standing, because=because, unmet=lacking
    )


def _named(sightings: Iterable[Sighting]) -> tuple[str, ...]:
    """Name the strongest, earliest sightings; the rest are counted, and all stand in the list of sightings."""
    ordered = sorted(sightings, key=lambda s: (_WEIGHTS.index(s.weight), s.time is None, s.time or 0, s.id))
    rest = len(ordered) - NAMED
    return (*(s.id for s in ordered[:NAMED]), *((f"and {rest} more sightings",) if rest > 0 else ()))


def verdict_of(packs: Mapping[str, Pack], cells: Iterable[Cell]) -> Verdict:
    """Turn rows of cells into a verdict: exposure is compromise unless the pack says otherwise for that stage.

    Without any cell nothing was judged, which is open.
    """
    verdicts = [_verdict(packs[cell.pack].stages_by_id[cell.stage], cell.standing) for cell in cells]
    return min(verdicts, key=_ORDER.index, default=Verdict.OPEN)


def _verdict(stage: Stage, standing: Standing) -> Verdict:
    if standing is Standing.SHOWN:
        return Verdict.COMPROMISED if stage.means_compromise else Verdict.SUSPECTED
    return Verdict(standing.value)


def highest(packs: Mapping[str, Pack], cells: Iterable[Cell]) -> str:
    """Name the highest stage that is shown, of those on one rung the last of the ladder; empty where none is."""
    shown = [cell for cell in cells if cell.standing is Standing.SHOWN]
    if not shown:
        return ""
    return max(enumerate(shown), key=lambda item: (packs[item[1].pack].stages_by_id[item[1].stage].rung, item[0]))[
        1
    ].stage
