"""The line, readable from top to bottom: packs and evidence in, an assessment out.

packs -> tests + sieve -> units of evidence -> (any process) records -> hits
      -> assets -> sightings + coverage -> judge -> assessment
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from nachsorge.assets.registry import Registry
from nachsorge.errors import UsageError
from nachsorge.evidence.units import Unit, units
from nachsorge.matching.tests import tests_of
from nachsorge.model.times import Instant
from nachsorge.sweep.assemble import assemble
from nachsorge.sweep.attribute import attribute, needs_unattributed
from nachsorge.sweep.pool import Pool, Progress
from nachsorge.sweep.windows import bounded, stage_windows
from nachsorge.sweep.work import Orders, Outcome

if TYPE_CHECKING:
    from nachsorge.assets.inventory import Inventory
    from nachsorge.model.assessment import Assessment
    from nachsorge.model.pack import Pack


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to sweep. `assets` maps a path of the evidence to the asset whose it is; `jobs` 0 means all cores.

    `now` is the present as the caller knows it; files dated later have a wrong clock.
    """

    assets: Mapping[str, str] = field(default_factory=dict)
    start: Instant | None = None
    end: Instant | None = None
    jobs: int = 0
    sieve: bool = True
    now: Instant = 2**62
    progress: Progress = lambda done, total, name: None


def sweep(packs: Sequence[Pack], evidence: Sequence[str], inventory: Inventory, options: Options) -> Assessment:
    """Read all evidence once, match it against all packs, and judge every asset."""
    packs = _distinct(packs)
    tests = tests_of(packs)
    waiting = list(units(evidence, options.assets))
    first = [unit for unit in waiting if unit.early]
    rest = [unit for unit in waiting if not unit.early]

    pool = Pool(jobs=options.jobs, total=sum(unit.size for unit in waiting), progress=options.progress)
    orders = Orders(tests=tests, now=options.now, sieve=options.sieve, addresses=Registry(inventory).addresses)
    named = pool.run(orders, first)
    registry = Registry(inventory, [lease for outcome in named for lease in outcome.reading.leases])
    read = pool.run(replace(orders, addresses=registry.addresses), rest)
    outcomes = sorted([*named, *read], key=lambda outcome: outcome.reading.path)
    if any(outcome.reading.leases for outcome in read):
        # Leases within archives are known only now: too late to have noted presence, in time to say whose a hit is.
        registry = Registry(inventory, [lease for outcome in outcomes for lease in outcome.reading.leases])

    judged_by = bounded(packs, outcomes, options.start, options.end)
    attributed = attribute(outcomes, tests, registry, stage_windows(judged_by))
    if needs_unattributed(outcomes, bool(inventory.assets)) or not registry.assets:
        registry.unattributed()
    return assemble(judged_by, tests, outcomes, attributed, registry, interrupted=pool.stopped)


def _distinct(packs: Sequence[Pack]) -> list[Pack]:
    """Give every pack once. Two different ones of one name could not be told apart in the result."""
    by_id: dict[str, Pack] = {}
    for pack in packs:
        if by_id.setdefault(pack.id, pack).digest != pack.digest:
            raise UsageError(f"two different packs are called {pack.id!r}; rename one of them")
    return list(by_id.values())


__all__ = ["Options", "Outcome", "Unit", "sweep"]
