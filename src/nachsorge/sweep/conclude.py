"""The line's second half: from accounts and hits to an assessment, whether they come from evidence or from an index."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nachsorge.errors import UsageError
from nachsorge.sharing.inherit import marked
from nachsorge.sweep.assemble import assemble
from nachsorge.sweep.attribute import attribute, needs_unattributed
from nachsorge.sweep.digests import digest_sightings
from nachsorge.sweep.windows import stage_windows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nachsorge.assets.registry import Registry
    from nachsorge.matching.tests import Test
    from nachsorge.model.assessment import Assessment
    from nachsorge.model.pack import Pack
    from nachsorge.sharing.inherit import Given
    from nachsorge.sweep.outcome import Outcome
    from nachsorge.sweep.windows import Bounded


def distinct(packs: Sequence[Pack]) -> list[Pack]:
    """Give every pack once. Two different ones of one name could not be told apart in the result."""
    by_id: dict[str, Pack] = {}
    for pack in packs:
        if by_id.setdefault(pack.id, pack).digest != pack.digest:
            raise UsageError(f"two different packs are called {pack.id!r}; rename one of them")
    return list(by_id.values())


def conclude(
    judged_by: Sequence[Bounded],
    tests: Sequence[Test],
    outcomes: Sequence[Outcome],
    registry: Registry,
    *,
    declared: bool,
    interrupted: bool = False,
    given: Given | None = None,
) -> Assessment:
    """Give every hit its asset, judge every asset, put the result together, and label it (`given` by people)."""
    attributed = attribute(outcomes, tests, registry, stage_windows(judged_by))
    first = len(attributed.sightings) + 1
    met = digest_sightings([each.pack for each in judged_by], attributed.sources, registry, first)
    attributed = replace(attributed, sightings=(*attributed.sightings, *met)) if met else attributed
    if needs_unattributed(outcomes, declared) or not registry.assets:
        registry.unattributed()
    found = assemble(judged_by, tests, outcomes, attributed, registry, interrupted=interrupted)
    return marked(found, [each.pack for each in judged_by], given or {})
