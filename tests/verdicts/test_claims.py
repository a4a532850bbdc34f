from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import DNS, MARCH, asset, covered, need, own, pack, sighting, span, stage
from tests.verdicts import worlds

from nachsorge.model.pack import Claim
from nachsorge.model.times import Span
from nachsorge.model.words import Rung, Telemetry, Weight
from nachsorge.verdicts.claims import answer
from nachsorge.verdicts.coverage import cover
from nachsorge.verdicts.needs import NEVER

QUIET = Claim(
    id="quiet", says="no traffic after removal", by="vendor", test="no-sighting-after", stage="beacon", anchor="removed"
)
STAGES = (stage("removed"), stage("beacon", Rung.CONTACTED, needs=[need(DNS)]), stage("theft", Rung.COLLECTED))
REMOVED = sighting("removed", time="2023-03-20", locator="line 9")


def asked(*sightings, observed=(), claim=QUIET, stages=STAGES, assets=("pc1",)):
    made = pack(*stages, claims=(claim,))
    rows = [asset(name) for name in assets]
    return answer(made, claim, rows, sightings, {one.id: covered(observed, one) for one in rows})


def test_a_claim_holds_only_where_the_time_after_was_covered():
    found = asked(REMOVED, sighting("beacon", time="2023-03-10"), observed=[own(DNS, span("2023-03-19", "2023-03-31"))])
    assert (found.id, found.by, found.answer) == ("quiet", "vendor", "holds")


def test_a_claim_is_refuted_by_the_first_counter_example_and_names_it():
    late = [sighting("beacon", time=f"2023-03-2{n}", locator=f"line {n}", id=f"s{n}") for n in (3, 1)]
    found = asked(REMOVED, *late)
    assert found.answer == "refuted"
    assert found.because == ("pc1: of beacon at 2023-03-21T00:00:00Z, after 2023-03-20T00:00:00Z (s1)",)


def test_a_stage_beyond_refutes_as_well():
    assert asked(REMOVED, sighting("theft", time="2023-03-21")).answer == "refuted"


@pytest.mark.parametrize(
    "other",
    [
        sighting("beacon", time="2023-03-21", refutes=True),
        sighting("beacon"),
        sighting("beacon", time="2023-03-20"),
        sighting("beacon", time="2023-03-21", asset="pc2"),
        sighting("beacon", time="2023-03-21", pack="another"),
        sighting("removed", Weight.HINT, time="2023-03-21"),
    ],
    ids=["refuting", "without time", "at the same time", "another asset", "another pack", "an earlier stage"],
)
def test_what_is_no_counter_example(other):
    assert asked(REMOVED, other).answer == "untestable"


def test_what_was_not_covered_makes_it_untestable_and_is_named():
    found = asked(REMOVED, observed=[own(DNS, span("2023-03-01", "2023-03-25"))])
    assert (found.answer, found.because) == ("untestable", ("pc1: dns_query not covered (outside-span)",))


def test_an_anchor_that_nobody_saw_tests_nothing():
    assert asked(observed=[own(DNS, MARCH)]).because == ("removed was not seen on any asset",)
    assert asked(sighting("removed"), observed=[own(DNS, MARCH)]).answer == "untestable"


def test_one_asset_that_was_not_covered_is_enough():
    other = sighting("removed", time="2023-03-20", asset="pc2")
    found = asked(REMOVED, other, observed=[own(DNS, MARCH)], assets=("pc1", "pc2"))
    assert found.because == ("pc2: dns_query not covered (not-provided)",)


def test_an_anchor_after_the_window_leaves_no_time_to_test():
    after = sighting("removed", time="2023-05-01")
    assert asked(after, observed=[own(DNS, MARCH)]).answer == "untestable"


def test_a_stage_that_needs_nothing_or_has_no_window_cannot_be_tested():
    bare = (STAGES[0], stage("beacon", Rung.CONTACTED))
    assert asked(REMOVED, observed=[own(DNS, MARCH)], stages=bare).because == (f"pc1: {NEVER}",)
    endless = (STAGES[0], stage("beacon", Rung.CONTACTED, needs=[need(DNS)], windows=()))
    assert asked(REMOVED, observed=[own(DNS, MARCH)], stages=endless).because == (
        "pc1: dns_query not covered (no-time)",
    )


@pytest.mark.parametrize(
    ("needs", "because"),
    [
        ("the rows of all customers", "the rows of all customers"),
        ("", "evidence of one organisation cannot answer this"),
    ],
)
def test_a_claim_without_a_test_says_what_it_would_need(needs, because):
    found = asked(claim=Claim(id="few", says="a handful of cases", by="vendor", needs=needs))
    assert (found.answer, found.because) == ("untestable", (because,))


def claim(test, stage="beacon", needs=""):
    return Claim(id="c", says="c", by="v", test=test, stage=stage, needs=needs)


WHOLE = [own(DNS, MARCH)]
LADDER = (stage("installed", needs=[need(DNS)]), stage("beacon", Rung.CONTACTED, needs=[need(DNS)]))
BEACON = sighting("beacon", time="2023-03-20")


def told(test, *sightings, observed=(), assets=("pc1",), **more):
    found = asked(*sightings, observed=observed, claim=claim(test, **more), stages=LADDER, assets=assets)
    return found.answer, " ".join(found.because)


@pytest.mark.parametrize(("test", "at"), [("never", "beacon"), ("nothing-beyond", "installed")])
def test_that_something_never_happened_is_refuted_by_one_asset_and_holds_where_all_are_covered(test, at):
    assert told(test, BEACON, stage=at) == ("refuted", "pc1: beacon is shown (s-beacon-1)")
    assert told(test, observed=WHOLE, stage=at) == ("holds", "ruled out on every asset")
    assert told(test, stage=at) == ("untestable", "pc1: beacon is open")
    assert told(test, assets=(), stage=at) == ("untestable", "no asset is in scope")
    hint = sighting("beacon", Weight.HINT, time="2023-03-20")
    assert told(test, hint, observed=WHOLE, stage=at) == ("untestable", "pc1: beacon is suspected")
    assert told(test, sighting("beacon", pack="other"), observed=WHOLE, stage=at)[0] == "holds"


def test_a_stage_before_does_not_refute_that_nothing_went_beyond_it():
    assert told("nothing-beyond", sighting("installed"), observed=WHOLE, stage="installed")[0] == "holds"
    assert told("nothing-beyond", stage="beacon") == ("untestable", "the pack has no stage beyond beacon")


def test_since_a_time_nothing_was_seen():
    since = {"needs": "2023-03-15"}
    assert told("no-sighting-since", BEACON, **since) == (
        "refuted",
        "pc1: of beacon at 2023-03-20T00:00:00Z, after 2023-03-15T00:00:00Z (s-beacon-1)",
    )
    assert told("no-sighting-since", BEACON, observed=WHOLE, needs="2023-03-21")[0] == "holds"
    assert told("no-sighting-since", **since) == ("untestable", "pc1: dns_query not covered (not-provided)")
    assert told("no-sighting-since", assets=(), **since) == ("untestable", "no asset is in scope")
    assert told("no-sighting-since", needs="lately")[1] == "'lately' is no time: the claim has to say since when"
    no_counter_example = [sighting("beacon"), replace(BEACON, refutes=True), replace(BEACON, pack="other")]
    assert told("no-sighting-since", *no_counter_example, observed=WHOLE, **since)[0] == "holds"


def test_a_number_of_assets_is_counted_with_those_that_may_still_be():
    other = replace(BEACON, asset="pc2")
    two = {"assets": ("pc1", "pc2"), "needs": "1"}
    assert told("at-most-assets", BEACON, other, **two) == ("refuted", "2 assets: pc1, pc2")
    assert told("at-most-assets", BEACON, **two) == ("untestable", "1 assets shown; not ruled out on pc2")
    both = [own(DNS, MARCH), own(DNS, MARCH, asset="pc2")]
    assert told("at-most-assets", BEACON, observed=both, **two) == ("holds", "1 assets shown, at most 1 possible")
    assert told("at-most-assets", needs="1", assets=())[0] == "untestable"
    assert told("at-most-assets", needs="a handful") == ("untestable", "a handful")
    assert told("at-most-assets") == ("untestable", "the claim does not say how many")


def test_only_assets_with_an_attribute():
    two = ("pc1", "pc2")
    both = [own(DNS, MARCH), own(DNS, MARCH, asset="pc2")]
    only = {"assets": two, "needs": "asset=PC2; pc3"}
    assert told("only-assets-with", BEACON, **only)[0] == "refuted"
    assert told("only-assets-with", replace(BEACON, asset="pc2"), observed=both, **only)[0] == "holds"
    assert told("only-assets-with", **only) == ("untestable", "pc1: beacon is open")
    unknown = told("only-assets-with", observed=both, assets=two, needs="role=finance")
    assert unknown == ("untestable", "the inventory does not say role of pc1, pc2")
    assert told("only-assets-with", assets=(), needs="role=x")[1] == "the inventory does not say role of any asset"
    assert told("only-assets-with", needs="finance") == ("untestable", "finance")
    assert told("only-assets-with") == ("untestable", "the claim does not say which assets")


@given(st.data())
def test_less_coverage_never_makes_a_claim_hold(data):
    """What holds with little looked at holds with more; what is refuted stays refuted."""
    world = data.draw(worlds.worlds(refutes=False))
    world = replace(world, asset=replace(world.asset, watched=()))
    less = data.draw(worlds.less(world.facts, drop_sensors=True))
    test = data.draw(st.sampled_from(["never", "nothing-beyond", "at-most-assets", "no-sighting-since"]))
    needs = {"at-most-assets": "0", "no-sighting-since": "1970-01-05"}.get(test, "")
    made = claim(test, stage=data.draw(st.sampled_from(world.pack.stages)).id, needs=needs)
    more, fewer = (
        answer(
            world.pack,
            made,
            [world.asset],
            world.sightings,
            {world.asset.id: {t: cover(world.asset, t, facts, Span(0, 60 * worlds.TICK)) for t in Telemetry}},
        ).answer
        for facts in (world.facts, less)
    )
    assert fewer != "holds" or more == "holds"
    assert (more == "refuted") == (fewer == "refuted")


@given(st.data())
def test_more_evidence_never_turns_refuted_into_holds(data):
    """A counter-example stays one, whatever is found beside it.

    `no-other-product` alone may lose its counter-example, when the product is found on that host after all; then it is
    told as a change (tests/cases/test_diff.py).
    """
    world = data.draw(worlds.worlds())
    more = data.draw(worlds.sightings(world.pack, range(50, 50 + data.draw(st.integers(0, 3)))))
    some = data.draw(st.sampled_from([s.id for s in world.pack.stages]))
    other = data.draw(st.sampled_from([s.id for s in world.pack.stages]))
    test = data.draw(
        st.sampled_from(
            ["no-sighting-after", "no-sighting-since", "never", "nothing-beyond", "at-most-assets", "only-assets-with"]
        )
    )
    needs = {"no-sighting-since": "1970-01-01T12:00:00Z", "at-most-assets": "0", "only-assets-with": "role=none"}
    claim = Claim(id="c", says="", by="", test=test, stage=some, anchor=other, needs=needs.get(test, ""))
    less = data.draw(worlds.less(world.facts, drop_sensors=True))

    def answered(sightings, facts):
        whole = Span(0, 60 * worlds.TICK)
        seen = {telemetry: cover(world.asset, telemetry, facts, whole) for telemetry in Telemetry}
        return answer(world.pack, claim, [world.asset], sightings, {world.asset.id: seen}).answer

    if answered(world.sightings, less) == "refuted":
        assert answered((*world.sightings, *more), world.facts) == "refuted"
