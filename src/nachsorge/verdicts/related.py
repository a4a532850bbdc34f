"""Stages that carry over from one asset to another by a relation that the inventory names (a host and who manages it).

An asset is judged by what is known of itself; a stage with `through` is judged as well by how the assets stand that a
column of its row names. It stands one step away: a pack cannot have it carry over further (`packs.load`).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from nachsorge.verdicts.judge import Far, judge
from nachsorge.verdicts.ladder import told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from nachsorge.model.assessment import Asset, Cell, Sighting
    from nachsorge.model.pack import Pack, Relation
    from nachsorge.model.words import Standing
    from nachsorge.verdicts.needs import Covered

    CoveredOf = Callable[[str], Covered]


def judge_all(
    pack: Pack,
    assets: Sequence[Asset],
    sightings: Mapping[str, Sequence[Sighting]],
    covered: CoveredOf,
    alike: Callable[[Asset], bool] = lambda asset: False,
) -> dict[str, tuple[Cell, ...]]:
    """Give the cells of every asset by its id; `sightings` are those of this pack by asset.

    Those that are `alike` have the same coverage where they are `watched` alike.
    """
    assets = told(pack, assets)
    relations = {relation for stage in pack.stages for relation in stage.through}
    if not relations:
        return _each(pack, assets, sightings, covered, alike)
    named = _by_name(assets)
    standings: dict[str, dict[str, Standing]] = {}
    alone = replace(pack, stages=tuple(replace(stage, through=()) for stage in pack.stages))

    def stands(asset: Asset, stage: str) -> Standing:
        # Judged without its own relations: the stage that is asked about hangs on none.
        if asset.id not in standings:
            cells = judge(alone, asset, sightings.get(asset.id, ()), covered(asset.id))
            standings[asset.id] = {cell.stage: cell.standing for cell in cells}
        return standings[asset.id][stage]

    def far_of(asset: Asset) -> tuple[Far, ...]:
        return tuple(far for relation in sorted(relations, key=_key) for far in _far(asset, relation, named, stands))

    return {a.id: judge(pack, a, sightings.get(a.id, ()), covered(a.id), far_of(a)) for a in assets}


def _each(
    pack: Pack,
    assets: Sequence[Asset],
    sightings: Mapping[str, Sequence[Sighting]],
    covered: CoveredOf,
    alike: Callable[[Asset], bool],
) -> dict[str, tuple[Cell, ...]]:
    """Judge every asset by itself; those without a sighting that are alike in all that a stage asks for, once."""
    judged: dict[str, tuple[Cell, ...]] = {}
    same: dict[tuple[object, ...], tuple[Cell, ...]] = {}
    for asset in assets:
        met = sightings.get(asset.id, ())
        if met or not alike(asset):
            judged[asset.id] = judge(pack, asset, met, covered(asset.id))
            continue
        key = (asset.platform, asset.role, asset.watched)
        if key not in same:
            same[key] = judge(pack, asset, (), covered(asset.id))
        judged[asset.id] = same[key]
    return judged


def _key(relation: Relation) -> tuple[str, str]:
    return relation.column, relation.stage


def _by_name(assets: Iterable[Asset]) -> dict[str, list[Asset]]:
    found: defaultdict[str, list[Asset]] = defaultdict(list)
    for asset in assets:
        for name in {each.lower() for each in (asset.id, *asset.names)}:
            found[name].append(asset)
    return found


def _far(
    asset: Asset, relation: Relation, named: Mapping[str, Sequence[Asset]], stands: Callable[[Asset, str], Standing]
) -> Iterable[Far]:
    """Give the far ends of a relation; a name that no asset bears is one of which nobody knows how it stands."""
    for name in filter(None, (part.strip() for part in asset.attributes.get(relation.column, "").split(";"))):
        others = named.get(name.lower(), ())
        if not others:
            yield Far(name=name, relation=relation, standing=None)
        for other in others:
            yield Far(name=other.id, relation=relation, standing=stands(other, relation.stage))
