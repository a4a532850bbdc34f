"""What is computed once for many assets is what each would have had alone."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from tests.verdicts.worlds import TICK, World, worlds

from nachsorge.model.assessment import Asset
from nachsorge.model.times import Span
from nachsorge.model.words import Platform, Reason, Telemetry
from nachsorge.verdicts.coverage import Covering, Facts, KnownGap, Watch, cover
from nachsorge.verdicts.judge import judge
from nachsorge.verdicts.related import judge_all

WINDOW = Span(0, 56 * TICK)
WATCHED = st.sampled_from([(), ("dns_query",), ("dns_query@site-a", "proxy")])


def others(world: World, watched: tuple[str, ...]) -> list[Asset]:
    """Give the asset itself, and some of which nothing in particular is known."""
    strangers = [
        Asset(id=f"stranger{number}", platform=platform, role=role, watched=seen)
        for number, (platform, role, seen) in enumerate(
            (platform, role, seen)
            for platform in (None, Platform.WINDOWS)
            for role in ("", "server")
            for seen in ((), watched, watched)
        )
    ]
    return [world.asset, *strangers]


def widened(world: World, stranger: Telemetry | None) -> Facts:
    """Let the facts hold a gap of somebody, and an address in a watched network, of assets that else have none."""
    gaps = tuple(replace(gap, asset="stranger1", telemetry=stranger) for gap in world.facts.gaps[:1])
    watch = Watch(asset="stranger4", telemetry=Telemetry.DNS_QUERY, part="site-a", spans=(WINDOW,))
    return replace(world.facts, gaps=(*world.facts.gaps, *gaps), watches=(*world.facts.watches, watch))


@given(world=worlds(), watched=WATCHED, telemetry=st.sampled_from([None, *Telemetry]))
def test_coverage_of_many_is_that_of_each(world: World, watched: tuple[str, ...], telemetry: Telemetry | None) -> None:
    facts = widened(world, telemetry)
    covering = Covering(facts)
    for one in others(world, watched):
        for kind in Telemetry:
            for window in (WINDOW, None):
                assert covering.cover(one, kind, window) == cover(one, kind, facts, window)
        assert covering.seen(one) == {o.telemetry for o in facts.observations if o.asset in (None, one.id)}


@given(world=worlds(), watched=WATCHED)
def test_cells_of_many_are_those_of_each(world: World, watched: tuple[str, ...]) -> None:
    facts = widened(world, None)
    assets, covering = others(world, watched), Covering(facts)
    covered = {one.id: {t: covering.cover(one, t, WINDOW) for t in Telemetry} for one in assets}
    met = {world.asset.id: world.sightings}
    together = judge_all(world.pack, assets, met, covered.__getitem__, covering.alike)
    assert list(together) == [one.id for one in assets]
    for one in assets:
        assert together[one.id] == judge(world.pack, one, met.get(one.id, ()), covered[one.id])


def test_an_asset_with_a_gap_of_its_own_is_like_no_other() -> None:
    gap = KnownGap(reason=Reason.CORRUPT, asset="pc1")
    covering = Covering(Facts(gaps=(gap,)))
    assert not covering.alike(Asset(id="pc1"))
    assert covering.alike(Asset(id="pc2"))
