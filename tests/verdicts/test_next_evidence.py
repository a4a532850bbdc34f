"""The list of what to get next: what it promises, the judge keeps, and no other of the same effort does much better."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from math import e
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import DNS, FILES, MARCH, PROCESS, PROXY, asset, covered, need, pack, sighting, snapshot, span
from tests.builders import stage as make
from tests.verdicts import worlds

from nachsorge.model.assessment import Cell, Coverage, Judged, Unmet
from nachsorge.model.pack import Need, Option, Window
from nachsorge.model.times import DAY, Span, union
from nachsorge.model.words import Platform, Reason, Rung, Standing, Telemetry, Verdict, Weight
from nachsorge.verdicts.coverage import cover
from nachsorge.verdicts.judge import judge
from nachsorge.verdicts.next_evidence import Bound, Keeping, plan
from nachsorge.verdicts.obtainable import CellId, Item, Obtainable, Place, Want, Way, obtainable, place_of, way_of

if TYPE_CHECKING:
    from tests.verdicts.worlds import World

INSTALLED = make("installed", needs=[need(PROCESS)])
RAN = make("ran", Rung.EXECUTED, needs=[need(PROCESS)], requires=("installed",))
CONTACT = make("contact", Rung.CONTACTED, needs=[need(DNS, PROXY)], requires=("ran",))


def judged(incident, *rows, sightings=(), facts=()):
    return [
        Judged(
            asset=row,
            verdict=Verdict.OPEN,
            stage="",
            cells=judge(incident, row, [s for s in sightings if s.asset == row.id], covered(facts, row)),
        )
        for row in rows
    ]


def found(incident, *rows, sightings=(), facts=(), packs=None):
    listed = judged(incident, *rows, sightings=sightings, facts=facts)
    coverage = [one for row in rows for one in covered(facts, row).values()]
    return obtainable({incident.id: incident} if packs is None else packs, listed, sightings, coverage)


def places(listed):
    return [(line.item.place.way, line.item.place.name, line.item.place.telemetry) for line in listed.lines]


def test_one_errand_settles_all_that_requires_what_it_rules_out():
    listed = plan(found(pack(INSTALLED, RAN, CONTACT), asset()))
    assert places(listed) == [(Way.HOST_LOGS, "pc1", "")]
    assert [cell.stage for cell in listed.lines[0].settles] == ["contact", "installed", "ran"]
    assert (listed.open, listed.lines[0].settled, listed.never) == (3, 3, ())


def test_a_sensor_that_is_declared_is_one_errand_for_all_that_it_watches():
    rows = [asset(f"pc{n}", watched=("dns_query@wels",)) for n in range(3)]
    only = make("contact", Rung.CONTACTED, needs=[need(DNS)])
    listed = plan(found(pack(only), *rows))
    assert [(line.item.place.name, line.item.place.sensor) for line in listed.lines] == [("wels", True)]
    assert listed.lines[0].item.assets == ("pc0", "pc1", "pc2")
    assert len(listed.lines[0].settles) == 3


def test_a_place_is_the_declared_sensor_else_the_asset_itself():
    assert place_of(asset(watched=("dns_query",)), DNS) == Place(Way.SENSOR_LOG, "", True, "dns_query")
    assert place_of(asset(watched=("proxy@a",)), DNS) == Place(Way.SENSOR_LOG, "pc1", False, "dns_query")
    assert place_of(asset(), FILES) == Place(Way.HOST_STATE, "pc1")
    ways = [Telemetry.PACKAGE_LOCK, Telemetry.CI_LOG, Telemetry.REGISTRY_SET, Telemetry.PERSISTENCE]
    assert [way_of(t) for t in ways] == [Way.PROJECT, Way.CENTRAL_LOG, Way.HOST_LOGS, Way.HOST_STATE]


def test_what_was_found_is_not_looked_for_again_and_clears_nothing_after_it():
    shown = sighting("installed", time="2023-03-02")
    listed = plan(found(pack(INSTALLED, RAN, CONTACT), asset(watched=("dns_query@a",)), sightings=[shown]))
    assert [cell.stage for line in listed.lines for cell in line.settles] == ["contact", "ran"]


def test_a_stage_before_that_a_suspicion_speaks_for_is_no_way():
    suspected = sighting("ran", time="2023-03-02", weight=Weight.HINT)
    incident = pack(INSTALLED, RAN, replace(CONTACT, never="nobody logs it"))
    listed = plan(found(incident, asset(), sightings=[suspected]))
    assert [cell.stage for line in listed.lines for cell in line.settles] == ["installed"]
    assert [(cell.stage, why) for cell, why in listed.never] == [("contact", "nobody logs it")]


def test_what_only_the_raw_evidence_answers_is_settled_by_no_errand():
    listed = plan(found(pack(replace(INSTALLED, unanswered="rule x"), RAN), asset()))
    assert [(cell.stage, why) for cell, why in listed.never] == [("installed", "rule x")]
    assert [cell.stage for line in listed.lines for cell in line.settles] == ["ran"]


@pytest.mark.parametrize(
    "hopeless",
    [make("x"), make("x", needs=[Need(any_of=(Option(telemetry=()),))]), make("x", needs=[need(DNS)], windows=())],
)
def test_a_stage_that_nothing_can_rule_out_is_named(hopeless):
    assert [cell.stage for cell, _ in plan(found(pack(hopeless), asset())).never] == ["x"]


def test_a_state_has_to_be_taken_after_its_instant():
    kept = make("kept", needs=[snapshot(FILES, "2023-04-30")])
    [line] = plan(found(pack(kept, make("too", needs=[snapshot(FILES, "2023-05-02")])), asset())).lines
    assert line.item.wants == (Want(telemetry=FILES, after=span("2023-05-02", "2023-05-02").start),)
    assert len(line.settles) == 2


def test_of_two_ways_the_one_with_more_cells_a_minute():
    both = make("contact", Rung.CONTACTED, needs=[need(DNS, PROXY)])
    rows = [asset("pc1", watched=("dns_query@a",)), asset("pc2", watched=("dns_query@a", "proxy@b"))]
    assert places(plan(found(pack(both), *rows))) == [(Way.SENSOR_LOG, "a", "dns_query")]


def test_several_kinds_together_are_several_lines_of_which_the_last_settles():
    together = make("x", needs=[need((DNS, FILES))])
    listed = plan(found(pack(together), asset()))
    assert [len(line.settles) for line in listed.lines] == [0, 1]
    assert [line.most for line in listed.lines] == [0, 1]
    assert (listed.low, listed.high) == (40, 170)


def test_evidence_whose_begin_is_dropped_already_settles_nothing_and_is_told():
    known = found(pack(make("x", needs=[need(DNS)])), asset(watched=("dns_query@a",)))
    kept = plan(known, [Keeping("dns_query", "a", 30 * DAY), Keeping("proxy", "", DAY)], MARCH.start)
    assert kept.lines[0].gone == MARCH.start + 30 * DAY
    late = plan(known, [Keeping("dns_query", "", 30 * DAY)], MARCH.end + 30 * DAY)
    assert (late.lines, len(late.lost), late.lost[0][1]) == ((), 1, MARCH.start + 30 * DAY)
    assert [why for _, why in late.never] == ["what would settle it is kept no longer"]


def test_a_state_is_not_kept_anywhere_so_that_it_cannot_be_too_late():
    known = found(pack(make("x", needs=[snapshot(FILES, "2023-04-30")])), asset())
    assert not plan(known, [Keeping("filesystem", "", 0)], 2**60).lost


def test_without_its_pack_an_assessment_is_taken_at_its_word():
    listed = plan(found(pack(INSTALLED, RAN, make("y", needs=[snapshot(FILES, "2023-04-30")])), asset(), packs={}))
    assert len(listed.lines) == 2
    hopeless = plan(found(pack(make("x")), asset(), packs={}))
    assert (hopeless.lines, len(hopeless.never)) == ((), 1)


def test_two_windows_of_one_kind_are_one_errand_over_both():
    early = make("x", needs=[need(DNS)], windows=(Window(absolute=span("2023-01-01", "2023-01-31")),))
    [line] = plan(found(pack(early, make("y", needs=[need(DNS)])), asset(platform=Platform.LINUX))).lines
    assert line.item.wants == (Want(telemetry=DNS, window=Span(span("2023-01-01", "2023-01-01").start, MARCH.end)),)
    assert line.item.platforms == (Platform.LINUX,)


def _covered_by(world: World, items) -> dict[Telemetry, Coverage]:
    """What coverage would be if the errands bring what they ask for."""
    now = {t: cover(world.asset, t, world.facts, Span(0, 56 * worlds.TICK)) for t in Telemetry}
    for item in items:
        for want in item.wants:
            ends = [want.window] if want.window else []
            ends += [Span(want.after, want.after)] if want.after is not None else []
            had = now[want.telemetry]
            now[want.telemetry] = replace(had, intervals=union((*had.intervals, *ends)), gaps=())
    return now


@given(worlds.worlds())
def test_the_judge_keeps_what_the_list_promises(world):
    """If the errands bring what they ask for and show nothing, exactly the cells are ruled out that they settle."""
    covered_now = {t: cover(world.asset, t, world.facts, Span(0, 56 * worlds.TICK)) for t in Telemetry}
    row = Judged(asset=world.asset, verdict=Verdict.OPEN, stage="", cells=tuple(world.cells().values()))
    known = obtainable({world.pack.id: world.pack}, [row], world.sightings, covered_now.values())
    listed = plan(known)
    for number in range(len(listed.lines) + 1):
        got = listed.lines[:number]
        cells = judge(world.pack, world.asset, world.sightings, _covered_by(world, [line.item for line in got]))
        cleared = {c.stage for c in cells if c.standing is Standing.RULED_OUT}
        promised = {cell.stage for line in got for cell in line.settles}
        assert promised <= cleared
        if number == len(listed.lines):
            assert {c.stage for c in cells if c.standing is Standing.OPEN} == {cell.stage for cell, _ in listed.never}


ITEMS = [Place(Way.HOST_LOGS, name) for name in "abcdef"]
CELLS = [CellId(f"pc{n}", "p", "s") for n in range(6)]


def _item(place, minutes):
    return Item(place=place, wants=(), assets=(), platforms=(), reasons=(), low=minutes, high=minutes)


def puzzles(most: int):
    ways = st.lists(st.frozensets(st.sampled_from(ITEMS), min_size=1, max_size=most), min_size=1, max_size=3)
    cells = st.dictionaries(st.sampled_from(CELLS), ways.map(tuple), min_size=1, max_size=6)
    costs = st.lists(st.integers(1, 9), min_size=len(ITEMS), max_size=len(ITEMS))
    return st.builds(
        lambda cells, costs: Obtainable({p: _item(p, c) for p, c in zip(ITEMS, costs, strict=True)}, cells, {}),
        cells,
        costs,
    )


def optimum(puzzle, minutes):
    """The most cells that any choice of errands settles in so many minutes, by trying all."""
    chosen = (set(c) for n in range(len(ITEMS) + 1) for c in combinations(ITEMS, n))
    affordable = (c for c in chosen if sum(puzzle.items[p].minutes for p in c) <= minutes)
    return max(sum(any(way <= c for way in ways) for ways in puzzle.cells.values()) for c in affordable)


@given(puzzles(3))
def test_no_choice_settles_more_than_the_bound_that_every_line_states(puzzle):
    for line in plan(puzzle).lines:
        assert line.settled <= optimum(puzzle, line.minutes) <= line.most


@given(puzzles(1))
def test_where_every_cell_needs_one_errand_the_list_is_within_the_stated_share_of_the_optimum(puzzle):
    for line in plan(puzzle).lines:
        assert line.settled >= (1 - 1 / e) * optimum(puzzle, line.minutes)


@given(puzzles(3))
def test_every_cell_is_settled_once_and_the_sums_are_right(puzzle):
    lines = plan(puzzle).lines
    settled = [cell for line in lines for cell in line.settles]
    assert sorted(settled) == sorted(puzzle.cells)
    assert [line.minutes for line in lines] == [
        sum(one.item.minutes for one in lines[: n + 1]) for n in range(len(lines))
    ]
    assert len({line.item.place for line in lines}) == len(lines)


@given(puzzles(3), st.randoms())
def test_the_order_of_the_input_does_not_matter(puzzle, chance):
    cells = list(puzzle.cells.items())
    chance.shuffle(cells)
    mixed = {cell: tuple(chance.sample(ways, len(ways))) for cell, ways in cells}
    assert plan(replace(puzzle, cells=mixed)) == plan(puzzle)


@given(puzzles(3))
def test_no_minutes_settle_nothing_and_enough_minutes_all(puzzle):
    bound = Bound(puzzle.items, puzzle.cells)
    assert bound.most(0) == 0
    assert bound.most(10**6) == len(puzzle.cells)


def test_a_cell_without_anything_named_is_told_with_its_reason():
    cell = Cell(
        pack="p",
        stage="s",
        rung="exposed",
        standing=Standing.OPEN,
        unmet=(Unmet(telemetry=None, span=None, reason=Reason.NEVER),),
    )
    listed = plan(obtainable({}, [Judged(asset=asset(), verdict=Verdict.OPEN, stage="", cells=(cell,))], (), ()))
    assert listed.never == ((CellId("pc1", "p", "s"), "cannot-be-ruled-out"),)


@given(puzzles(1), st.data())
def test_those_put_first_are_settled_before_all_others(puzzle, data):
    first = data.draw(st.sets(st.sampled_from(sorted({cell.asset for cell in puzzle.cells}))))
    lines = plan(puzzle, first=first).lines
    last = max((n for n, line in enumerate(lines) for cell in line.settles if cell.asset in first), default=-1)
    assert all(any(cell.asset in first for cell in line.settles) for line in lines[: last + 1])


@given(puzzles(3), st.data())
def test_an_order_with_some_put_first_settles_the_same_and_keeps_its_bound(puzzle, data):
    first = data.draw(st.sets(st.sampled_from(sorted({cell.asset for cell in puzzle.cells}))))
    lines = plan(puzzle, first=first).lines
    settled = sorted(cell for line in lines for cell in line.settles)
    assert settled == sorted(cell for line in plan(puzzle).lines for cell in line.settles)
    assert all(line.settled <= optimum(puzzle, line.minutes) <= line.most for line in lines)
