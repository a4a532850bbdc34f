"""The laws of the judge (design, sections 3 and 4), each over small generated incidents."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.builders import DNS, covered, judged, need, pack, sighting, stage
from tests.verdicts import worlds
from tests.verdicts.worlds import HARDNESS, SENSORS, TELEMETRY, TICK, VERDICTS, World

from nachsorge.model.pack import Window
from nachsorge.model.times import Span, intersect, union
from nachsorge.model.words import SENSOR, Standing, Verdict
from nachsorge.verdicts.coverage import HOST_SILENCE, SENSOR_SILENCE, Facts, Observation, cover
from nachsorge.verdicts.judge import verdict_of
from nachsorge.verdicts.ladder import applies, hull, undecided

WHOLE = Span(0, 60 * TICK)
FOUND = (Standing.SHOWN, Standing.SUSPECTED)


def assert_no_softer(after: World, before: World) -> None:
    """Every cell at least as hard as it was, and so the verdict."""
    then, now = before.cells(), after.cells()
    for name, cell in now.items():
        assert HARDNESS.index(cell.standing) <= HARDNESS.index(then[name].standing), (then[name], cell)
    assert VERDICTS.index(after.verdict()) <= VERDICTS.index(before.verdict())


@given(st.data())
def test_one_more_sighting_never_softens_any_cell_or_the_verdict(data):
    """One more sighting never softens a verdict."""
    world = data.draw(worlds.worlds())
    more = data.draw(worlds.sightings(world.pack, [99], refutes=False))
    assert_no_softer(replace(world, sightings=world.sightings + more), world)


@given(st.data())
def test_the_same_record_told_again_for_another_stage_never_softens_the_verdict(data):
    """One more sighting never softens a verdict, also where one value stands for two stages."""
    world = data.draw(worlds.worlds())
    more = data.draw(worlds.sightings(world.pack, [0], refutes=False))
    after = replace(world, sightings=world.sightings + more)
    assert VERDICTS.index(after.verdict()) <= VERDICTS.index(world.verdict())


@given(st.data())
def test_less_coverage_never_clears(data):
    """Less coverage never clears: shorter stretches, more gaps, fewer observations, fewer appearances."""
    world = data.draw(worlds.worlds())
    world = replace(world, asset=replace(world.asset, watched=()))
    assert_no_softer(replace(world, facts=data.draw(worlds.less(world.facts, drop_sensors=True))), world)


@given(st.data())
def test_less_coverage_never_clears_what_is_declared_as_watched(data):
    """Less coverage never clears, as long as the sensors that the declaration may mean stay known."""
    world = data.draw(worlds.worlds())
    assert_no_softer(replace(world, facts=data.draw(worlds.less(world.facts, drop_sensors=False))), world)


@given(st.data())
def test_the_order_of_the_input_does_not_matter(data):
    """The order of sightings, observations, appearances and gaps is irrelevant, to the last word."""
    world = data.draw(worlds.worlds())
    facts = Facts(
        *(
            tuple(data.draw(st.permutations(part)))
            for part in (world.facts.observations, world.facts.appearances, world.facts.gaps)
        )
    )
    sightings = tuple(data.draw(st.permutations(world.sightings)))
    assert replace(world, sightings=sightings, facts=facts).cells() == world.cells()
    for telemetry in TELEMETRY:
        assert cover(world.asset, telemetry, facts, WHOLE) == cover(world.asset, telemetry, world.facts, WHOLE)


@given(st.data())
def test_the_order_of_packs_does_not_matter_for_the_verdict(data):
    """The verdict is that of the worst cell, whichever pack is read first."""
    world, other = data.draw(worlds.worlds()), data.draw(worlds.worlds())
    second = replace(other.pack, id="second")
    cells = [*world.cells().values(), *replace(other, pack=second).cells().values()]
    by_id = {world.pack.id: world.pack, "second": second}
    turned = dict(reversed(by_id.items()))
    assert verdict_of(by_id, cells) == verdict_of(turned, data.draw(st.permutations(cells)))


@given(st.data())
def test_nothing_read_is_never_ruled_out(data):
    """Without any evidence only `does not apply` rules a stage out, whatever the pack says."""
    world = data.draw(worlds.worlds(refutes=False))
    for cell in replace(world, facts=Facts()).cells().values():
        if cell.standing is Standing.RULED_OUT:
            assert cell.because[0].startswith("does not apply")
            assert cell.because[0] != "does not apply: role none"


@given(worlds.packs(), worlds.assets)
def test_an_asset_without_evidence_is_open(incident, one):
    """The denominator is the inventory: an asset without evidence has a row for every stage, open where it applies."""
    world = World(incident, one, (), Facts())
    cells = world.cells()
    assert list(cells) == [each.id for each in incident.stages]
    possible = [each for each in incident.stages if applies(each, one) or undecided(each, one)]
    assert all(cells[each.id].standing is Standing.OPEN and cells[each.id].unmet for each in possible)
    assert world.verdict() is (Verdict.OPEN if possible else Verdict.RULED_OUT)


@given(st.data())
def test_a_sensor_covers_an_asset_only_where_it_appears(data):
    """Undeclared, a sensor's time counts only between the asset's own appearances there, and only while it recorded."""
    world = data.draw(worlds.worlds())
    known = replace(world.facts, observations=tuple(o for o in world.facts.observations if o.asset is None))
    for telemetry in TELEMETRY:
        found = cover(replace(world.asset, watched=()), telemetry, known, WHOLE).intervals
        allowed: list[Span] = []
        for name in SENSORS:
            mine = [a for a in known.appearances if (a.asset, a.sensor, a.telemetry) == ("pc1", name, telemetry)]
            there = hull(s for a in mine for s in a.spans)
            time = union(
                (s for o in known.observations if o.sensor == name and o.telemetry is telemetry for s in o.spans),
                SENSOR_SILENCE,
            )
            allowed += intersect(time, [there]) if there and telemetry in SENSOR else ()
        assert intersect(found, union(allowed)) == found


@given(st.data())
def test_a_declaration_counts_only_for_the_sensor_that_it_names(data):
    """Declared as watched by site A, nothing that only site B recorded counts."""
    known = data.draw(worlds.facts)
    known = replace(known, observations=tuple(o for o in known.observations if o.asset is None), appearances=())
    one = replace(data.draw(worlds.assets), watched=("dns_query@site-a",))
    site_a = union(
        (s for o in known.observations if (o.sensor, o.telemetry) == ("site-a", DNS) for s in o.spans), SENSOR_SILENCE
    )
    found = cover(one, DNS, known, WHOLE).intervals
    assert intersect(found, site_a) == found


@given(st.data())
def test_refutation_never_overrides_a_sighting(data):
    """A refuting trace changes no cell that has a sighting of its own."""
    world = data.draw(worlds.worlds(refutes=False))
    against = data.draw(worlds.sightings(world.pack, [90, 91], refutes=True))
    then, now = world.cells(), replace(world, sightings=world.sightings + against).cells()
    for one in world.sightings:
        assert now[one.stage] == then[one.stage]
        if applies(world.pack.stages_by_id[one.stage], world.asset):
            assert now[one.stage].standing in FOUND


@given(st.data())
def test_coverage_and_its_gaps_make_up_the_window_exactly(data):
    """Every instant of the window is either covered or in a gap with a reason, never both, never neither."""
    world = data.draw(worlds.worlds())
    for telemetry in TELEMETRY:
        found = cover(world.asset, telemetry, world.facts, WHOLE)
        holes = [hole.span for hole in found.gaps]
        assert union([*holes, *intersect(found.intervals, [WHOLE])]) == (WHOLE,)
        assert not intersect(union(holes), found.intervals)
        assert len(holes) == len(set(holes))


@given(st.lists(worlds.ticks, min_size=1, max_size=8))
def test_the_middle_is_covered_only_where_no_silence_is_longer_than_a_day(instants):
    """First and last record do not prove the middle."""
    seen = Facts(observations=tuple(Observation(telemetry=DNS, spans=(Span(at, at),), asset="pc1") for at in instants))
    ordered = sorted(set(instants))
    silences = [b - a for a, b in pairwise(ordered)]
    found = covered(seen, window=Span(ordered[0], ordered[-1]))[DNS]
    assert bool(found.gaps) == any(silence > HOST_SILENCE + 1 for silence in silences)


@settings(max_examples=25)
@given(st.lists(worlds.ticks, min_size=1, max_size=4), worlds.spans)
def test_a_seen_anchor_never_narrows_what_must_be_covered(times, absolute):
    """The first run that was seen need not be the first run."""
    waiting = stage(
        "beacon",
        windows=(Window(absolute=absolute), Window(anchor="run", after=TICK, until=4 * TICK)),
        needs=[need(DNS)],
    )
    incident = pack(stage("run"), waiting)
    seen = [sighting("run", time=at, locator=str(at)) for at in times]
    spans = [u.span for u in judged(incident, seen)["beacon"].unmet]
    assert spans == [Span(min(absolute.start, min(times) + TICK), max(absolute.end, max(times) + 4 * TICK))]
