"""Exposure by relation: what stands at the far end carries over, and never clears anything."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import DNS, MARCH, asset, covered, need, own, pack, sighting, stage
from tests.verdicts.worlds import HARDNESS, World, worlds

from nachsorge.model.assessment import Judged
from nachsorge.model.pack import Relation
from nachsorge.model.times import Span
from nachsorge.model.words import Reason, Rung, Standing, Telemetry, Weight
from nachsorge.verdicts.coverage import cover
from nachsorge.verdicts.judge import Far, judge, verdict_of
from nachsorge.verdicts.obtainable import CellId, Obtainable, obtainable
from nachsorge.verdicts.related import judge_all

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nachsorge.model.assessment import Asset, Cell, Coverage, Sighting

SERVED, MANAGED = "served", "managed"
RELATION = Relation(column="managed_by", stage=SERVED)
LADDER = pack(
    stage(SERVED, roles=("server",), needs=[need(DNS)]),
    stage(MANAGED, through=(RELATION,), except_roles=("server",), needs=[need(DNS)], means_compromise=False),
    stage("ran", Rung.EXECUTED, requires=(MANAGED,), needs=[need(DNS)]),
)
SERVER = asset("vsa", role="server")
ALL = (own(DNS, MARCH, asset="vsa"), own(DNS, MARCH))


def host(*servers: str, id: str = "pc1") -> Asset:
    return asset(id, attributes={"managed_by": "; ".join(servers)} if servers else {})


def cells(
    assets: Sequence[Asset], sightings: Sequence[Sighting] = (), facts: Sequence[object] = ALL
) -> Mapping[str, Cell]:
    """Judge all and give the cells of pc1."""
    mine: dict[str, list[Sighting]] = {}
    for each in sightings:
        mine.setdefault(each.asset, []).append(each)
    by_id = {each.id: each for each in assets}
    rows = judge_all(LADDER, assets, mine, lambda id: covered(facts, by_id[id]))  # type: ignore[arg-type]
    return {cell.stage: cell for cell in rows["pc1"]}


def standing(*args: object) -> Standing:
    return cells(*args)[MANAGED].standing  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("weight", "expected"),
    [(Weight.PROOF, Standing.SHOWN), (Weight.STRONG, Standing.SUSPECTED), (Weight.HINT, Standing.SUSPECTED)],
)
def test_what_is_found_on_the_server_counts_for_whom_it_managed(weight: Weight, expected: Standing) -> None:
    found = cells([SERVER, host("VSA")], [sighting(SERVED, weight, asset="vsa")])
    assert found[MANAGED].standing is expected
    assert found[MANAGED].because == (f"managed_by vsa, where served is {expected}",)


def test_all_is_ruled_out_where_host_and_server_were_covered() -> None:
    found = cells([SERVER, host("vsa")])
    assert found[MANAGED].standing is Standing.RULED_OUT
    assert found[MANAGED].because[-1] == "managed_by vsa, where served is ruled-out"
    assert found["ran"].standing is Standing.RULED_OUT


@pytest.mark.parametrize(
    ("assets", "facts", "note"),
    [
        ([SERVER, host()], ALL, "does not say whose served"),
        ([SERVER, host("other")], ALL, "names other, which is no asset here"),
        ([SERVER, host("vsa", "other")], ALL, "names other, which is no asset here"),
        ([SERVER, host("vsa")], ALL[1:], "managed_by vsa, where served is open"),
    ],
)
def test_what_nobody_knows_of_the_server_keeps_its_hosts_open(
    assets: list[Asset], facts: Sequence[object], note: str
) -> None:
    cell = cells(assets, (), facts)[MANAGED]
    assert cell.standing is Standing.OPEN
    assert [each.reason for each in cell.unmet] == [Reason.NOT_PROVIDED]
    assert note in cell.unmet[0].note
    assert cell.unmet[0].settle


def test_one_of_several_servers_is_enough() -> None:
    servers = [SERVER, asset("clean", role="server"), host("clean", "vsa")]
    assert standing(servers, [sighting(SERVED, asset="vsa")], ()) is Standing.SHOWN


@pytest.mark.parametrize("count", [1, 4])
def test_a_server_counts_for_all_whom_it_managed_and_is_judged_for_them_once(count: int) -> None:
    hosts = [host("vsa", id=f"pc{n}") for n in range(count)]
    asked: list[str] = []

    def seen(id: str) -> Mapping[Telemetry, Coverage]:
        asked.append(id)
        return {}

    rows = judge_all(LADDER, [SERVER, *hosts], {"vsa": [sighting(SERVED, asset="vsa")]}, seen)
    standings = {id: {cell.stage: cell.standing for cell in row}[MANAGED] for id, row in rows.items()}
    assert standings == {"vsa": Standing.RULED_OUT, **{each.id: Standing.SHOWN for each in hosts}}
    # Once for its own row, once as the far end of all the others.
    assert asked.count("vsa") == 2


def test_a_stage_that_does_not_apply_does_not_carry_over() -> None:
    both = [SERVER, replace(host("vsa"), role="server")]
    assert standing(both, [sighting(SERVED, asset="vsa")]) is Standing.RULED_OUT


def test_a_proof_against_it_does_not_clear_what_an_unsettled_server_may_have_done() -> None:
    against = sighting(MANAGED, refutes=True)
    assert standing([SERVER, host("other")], [against]) is Standing.OPEN
    assert standing([SERVER, host("vsa")], [against], ALL[:1]) is Standing.RULED_OUT


def obtained(assets: Sequence[Asset], facts: Sequence[object]) -> Obtainable:
    by_id = {each.id: each for each in assets}
    rows = judge_all(LADDER, assets, {}, lambda id: covered(facts, by_id[id]))  # type: ignore[arg-type]
    judged = [
        Judged(asset=by_id[id], verdict=verdict_of({LADDER.id: LADDER}, row), stage="", cells=row)
        for id, row in rows.items()
    ]
    coverage = [each for id in rows for each in covered(facts, by_id[id]).values()]  # type: ignore[arg-type]
    return obtainable({LADDER.id: LADDER}, judged, (), coverage)


def test_no_evidence_of_the_host_is_promised_to_settle_what_hangs_on_its_server() -> None:
    cell = CellId("pc1", LADDER.id, MANAGED)
    hanging = obtained([SERVER, host("other")], ())
    assert cell not in hanging.cells
    assert "names other, which is no asset here" in hanging.never[cell]
    # With the server ruled out, the host's own evidence settles it.
    assert cell in obtained([SERVER, host("vsa")], ALL[:1]).cells


FARS = st.lists(
    st.builds(
        Far,
        name=st.sampled_from(["a", "b"]),
        relation=st.sampled_from([Relation(column="x", stage="stage0"), Relation(column="y", stage="stage0")]),
        standing=st.sampled_from([None, *Standing]),
    ),
    max_size=3,
)


def rows(world: World, columns: Sequence[str], far: Sequence[Far]) -> dict[str, Standing]:
    """Judge a world in which the last stage carries over by these columns."""
    *before, last = world.pack.stages
    through = tuple(Relation(column=column, stage="stage0") for column in columns)
    incident = replace(world.pack, stages=(*before, replace(last, through=through, requires=())))
    seen = {t: cover(world.asset, t, world.facts, Span(0, 56 * 6 * 3_600_000_000)) for t in Telemetry}
    return {cell.stage: cell.standing for cell in judge(incident, world.asset, world.sightings, seen, far)}


def no_softer(one: Mapping[str, Standing], other: Mapping[str, Standing]) -> bool:
    return all(HARDNESS.index(one[stage]) <= HARDNESS.index(other[stage]) for stage in other)


@given(world=worlds(), far=FARS)
def test_a_relation_never_clears_anything(world: World, far: list[Far]) -> None:
    assert no_softer(rows(world, "x", far), rows(world, "", far))
    assert no_softer(rows(world, "xy", far), rows(world, "x", far))


@given(world=worlds(), far=FARS, at=st.integers(0, 2), harder=st.sampled_from(Standing))
def test_a_harder_far_end_never_makes_a_softer_row(world: World, far: list[Far], at: int, harder: Standing) -> None:
    if at >= len(far):
        return
    before = far[at].standing
    rank = HARDNESS.index(Standing.OPEN if before is None else before)
    changed = [*far[:at], replace(far[at], standing=harder), *far[at + 1 :]]
    if HARDNESS.index(harder) <= rank:
        assert no_softer(rows(world, "xy", changed), rows(world, "xy", far))


@given(world=worlds(), far=FARS)
def test_a_stage_is_ruled_out_only_where_every_relation_is_told_and_ruled_out(world: World, far: list[Far]) -> None:
    last = world.pack.stages[-1]
    if rows(world, "xy", far)[last.id] is Standing.RULED_OUT and rows(world, "", far)[last.id] is Standing.RULED_OUT:
        applies = not (last.roles or last.except_roles or last.platforms)
        ends = {each.relation.column: each.standing for each in far}
        assert not applies or (set(ends) == {"x", "y"} and {each.standing for each in far} == {Standing.RULED_OUT})
