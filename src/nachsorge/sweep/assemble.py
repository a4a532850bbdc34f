"""Judge every asset and put the assessment together, in an order that depends on the input only."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from nachsorge.assets.registry import UNATTRIBUTED, Registry
from nachsorge.model.assessment import (
    Assessment,
    Asset,
    Control,
    Coverage,
    Judged,
    PackUsed,
    Sighting,
)
from nachsorge.model.columns import driving
from nachsorge.model.words import SENSOR, Platform, Telemetry
from nachsorge.sweep.rules import accounts
from nachsorge.verdicts.claims import answer
from nachsorge.verdicts.coverage import Covering
from nachsorge.verdicts.judge import highest, verdict_of
from nachsorge.verdicts.ladder import hull
from nachsorge.verdicts.related import judge_all
from nachsorge.verdicts.summary import summarise

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from nachsorge.matching.tests import Test
    from nachsorge.model.assessment import Cell
    from nachsorge.model.pack import Pack
    from nachsorge.model.times import Span
    from nachsorge.sweep.attribute import Attributed
    from nachsorge.sweep.outcome import Outcome
    from nachsorge.sweep.windows import Bounded

_HOSTS = frozenset(platform.value for platform in Platform)


def assemble(
    packs: Sequence[Bounded],
    tests: Sequence[Test],
    outcomes: Sequence[Outcome],
    attributed: Attributed,
    registry: Registry,
    *,
    interrupted: bool,
) -> Assessment:
    """Judge all and build the result."""
    assets = [_sees_all(asset) for asset in registry.assets]
    window = hull(b.window for b in packs if b.window is not None)
    needed = _needed([b.pack for b in packs])
    covering = Covering(attributed.facts)
    coverage = {a.id: _coverage(a, needed, covering, window) for a in assets}
    met = _by_asset(attributed.sightings)
    judged = _judge(assets, [b.pack for b in packs], met, coverage, covering.alike)
    claims = [
        answer(b.pack, claim, assets, attributed.sightings, coverage, attributed.clean)
        for b in packs
        for claim in b.pack.claims
    ]
    return Assessment(
        packs=tuple(_used(b) for b in packs),
        sources=attributed.sources,
        sightings=attributed.sightings,
        coverage=tuple(c for row in coverage.values() for c in row.values()),
        rules=accounts(tests, [outcome.reading for outcome in outcomes], attributed.sightings),
        assets=tuple(judged),
        claims=tuple(claims),
        clean_versions=attributed.clean,
        controls=_controls(attributed, outcomes),
        summary=summarise(
            judged,
            attributed.sources,
            attributed.sightings,
            interrupted=interrupted,
            notes=(*attributed.notes, *_nobodys([b.pack for b in packs], assets)),
        ),
    )


def _nobodys(packs: Sequence[Pack], assets: Sequence[Asset]) -> list[str]:
    """Name the stages for roles that no asset has: perhaps for want of a word."""
    roles = {asset.role for asset in assets}
    return [
        f"no asset has the role {' or '.join(stage.roles)}: stage {stage.id} of {pack.id} is open where none is given"
        for pack in packs
        for stage in pack.stages
        if stage.roles and not roles & set(stage.roles)
    ]


def _sees_all(asset: Asset) -> Asset:
    """Let the row for nobody's evidence stand for whoever the sensors saw."""
    if asset.id != UNATTRIBUTED:
        return asset
    return Asset(id=asset.id, names=asset.names, watched=tuple(sorted(t.value for t in SENSOR)))


def _needed(packs: Sequence[Pack]) -> frozenset[Telemetry]:
    return frozenset(t for p in packs for s in p.stages for n in s.needs for o in n.any_of for t in o.telemetry)


def _coverage(
    asset: Asset, needed: frozenset[Telemetry], covering: Covering, window: Span | None
) -> dict[Telemetry, Coverage]:
    """Cover what a stage needs, with its gaps, and what else was seen of the asset, without: nobody asks for that."""
    others = {t: covering.cover(asset, t, None) for t in covering.seen(asset) - needed}
    covered = {t: covering.cover(asset, t, window) for t in needed}
    covered |= {t: coverage for t, coverage in others.items() if coverage.intervals}
    return dict(sorted(covered.items()))


def _by_asset(sightings: Sequence[Sighting]) -> dict[str, list[Sighting]]:
    found: dict[str, list[Sighting]] = defaultdict(list)
    for sighting in sightings:
        found[sighting.asset].append(sighting)
    return found


def _judge(
    assets: Sequence[Asset],
    packs: Sequence[Pack],
    met: Mapping[str, Sequence[Sighting]],
    coverage: Mapping[str, dict[Telemetry, Coverage]],
    alike: Callable[[Asset], bool],
) -> list[Judged]:
    """Judge every asset by its own sightings, and by how the assets stand that its row names."""
    cells: dict[str, list[Cell]] = {asset.id: [] for asset in assets}
    for pack in packs:
        mine = {asset: [s for s in listed if s.pack == pack.id] for asset, listed in met.items()}
        for asset, row in judge_all(pack, assets, mine, coverage.__getitem__, alike).items():
            cells[asset] += row
    by_id = {pack.id: pack for pack in packs}
    return [
        Judged(asset=asset, verdict=verdict_of(by_id, row), stage=highest(by_id, row), cells=tuple(row))
        for asset, row in zip(assets, cells.values(), strict=True)
    ]


def _used(bounded: Bounded) -> PackUsed:
    pack = bounded.pack
    return PackUsed(
        id=pack.id,
        version=pack.version,
        sha256=pack.digest,
        tlp=pack.tlp.value,
        pap=pack.pap.value,
        indicators=driving(pack.indicators),
        rules=len(pack.rules),
        title=pack.title,
        window=bounded.window,
        window_basis=bounded.basis,
        not_understood=pack.not_understood,
        stages=tuple((stage.id, stage.title, stage.title_de or stage.title) for stage in pack.stages),
        german=_german(pack),
        licence=pack.licence,
    )


def _german(pack: Pack) -> dict[str, str]:
    pairs = [(need.settle, need.settle_de) for stage in pack.stages for need in stage.needs]
    pairs += [(stage.never, stage.never_de) for stage in pack.stages]
    pairs += [(c.says, c.says_de) for c in pack.claims] + [(c.by, c.by_de) for c in pack.claims]
    pairs += [(c.needs, c.needs_de) for c in pack.claims] + [(pack.title, pack.title_de)]
    pairs += [(trace.title, trace.title_de) for trace in pack.traces]
    # A rule is called in the language of its author; what it finds is its trace, which the pack says in both.
    of_trace = {trace.id: trace.title_de for trace in pack.traces}
    pairs += [(rule.title, of_trace.get(rule.trace, "")) for rule in pack.rules]
    return {text: german for text, german in pairs if text and german}


def _controls(attributed: Attributed, outcomes: Sequence[Outcome]) -> tuple[Control, ...]:
    pairs = zip(attributed.sources, outcomes, strict=True)
    return tuple(
        Control(source=source.id, reader=source.reading.reader, seen=outcome.control, note=outcome.control_note)
        for source, outcome in pairs
        if outcome.control is not None
    )
