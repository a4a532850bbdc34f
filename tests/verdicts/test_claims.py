from __future__ import annotations

import pytest
from tests.builders import DNS, MARCH, asset, covered, need, own, pack, sighting, span, stage

from nachsorge.model.pack import Claim
from nachsorge.model.words import Rung, Weight
from nachsorge.verdicts.claims import answer
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
