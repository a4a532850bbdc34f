"""The ranking of a case: made over its evidence as far as it is still there, and kept without anybody's addresses."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from nachsorge.assets.inventory import Inventory
from nachsorge.model.ranking import Ranked, Ranking
from nachsorge.sweep.caselaw import judged
from nachsorge.verdicts.rank import rank
from nachsorge.verdicts.systems import Systems, own_domains

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nachsorge.cases.state import State
    from nachsorge.cases.store import Case
    from nachsorge.evidence.units import Unit
    from nachsorge.model.assessment import Assessment
    from nachsorge.model.times import Instant
    from nachsorge.model.words import Trait
    from nachsorge.sweep.haul import Passing
    from nachsorge.sweep.stored import Judgement

RANKED = "ranked"
STALE = "the ranking of {time} was made before the newest evidence was added: nachsorge rank makes it anew"


def rank_case(
    case: Case, state: State, options: Passing | None, said: Mapping[str, Trait], time: Instant, by: str
) -> Ranking:
    """Rank the assets of a case and keep the result; without `options` by the inventory's words alone, keeping none."""
    judgement = judged(case, state)
    packs = {bounded.pack.id: bounded.pack for bounded in judgement.packs}
    systems = systems_of(judgement.assessment, said)
    if options is None:
        return rank(packs, judgement.assessment, None, systems)
    from nachsorge.sweep.haul import profiles  # which comes with all readers

    own = case.folder.resolve()

    def wanted(unit: Unit) -> bool:
        return not unit.path.resolve().is_relative_to(own)

    inventory = msgspec.json.decode(case.blob(state.inventory), type=Inventory) if state.inventory else Inventory()
    assets = dict(state.assets) | dict(options.assets)
    found, notes = profiles(state.given, inventory, replace(options, assets=assets, wanted=wanted))
    ranking = rank(packs, judgement.assessment, found, systems, notes)
    keep(case, ranking, time, by)
    return ranking


def systems_of(found: Assessment, said: Mapping[str, Trait]) -> Systems:
    """Tell the organisation's own systems by the names of its machines and by what it says itself."""
    names = (name for row in found.assets if row.asset.declared for name in (row.asset.id, *row.asset.names))
    return Systems(own_domains(names), dict(said))


def keep(case: Case, ranking: Ranking, time: Instant, by: str) -> None:
    """Store a ranking without the addresses in anybody's browser; the systems that they gave away stay."""
    kept = replace(ranking, assets=tuple(map(_without_addresses, ranking.assets)))
    first = [f"{one.asset} {one.score}" for one in ranking.assets[:3]]
    with case.writing() as writer:
        name = writer.put(msgspec.msgpack.encode(kept))
        writer.append(RANKED, {"ranking": name, "told": ", ".join(first)}, time, by)


def _without_addresses(one: Ranked) -> Ranked:
    lists = (replace(each, rows=tuple(replace(row, address="") for row in each.rows)) for each in one.lists)
    return replace(one, lists=tuple(lists))


def kept_ranking(case: Case, state: State) -> Ranking | None:
    """Give the last ranking that was kept; None where there is none."""
    if state.ranked is None:
        return None
    return msgspec.msgpack.decode(case.blob(state.ranked.body["ranking"]), type=Ranking)


def current_ranking(case: Case, state: State, judgement: Judgement) -> tuple[Ranking, str]:
    """Give the ranking that counts now, and a note where it may be older than the evidence.

    Without one that was kept, the inventory's words alone are weighed.
    """
    kept = kept_ranking(case, state)
    if kept is None or state.ranked is None:
        packs = {bounded.pack.id: bounded.pack for bounded in judgement.packs}
        return rank(packs, judgement.assessment, None, systems_of(judgement.assessment, {})), ""
    read = max((one.seq for one in state.current()), default=0)
    return kept, STALE.format(time=state.ranked.time[:16]) if read > state.ranked.seq else ""
