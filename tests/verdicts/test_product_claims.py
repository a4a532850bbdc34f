"""Claims that rest on versions: clean since, ended by the update, no other product."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.builders import DNS, MARCH, PROCESS, asset, covered, need, own, pack, sighting, span, stage, t

from nachsorge.model.assessment import CleanVersion
from nachsorge.model.pack import Claim, Exposure
from nachsorge.model.words import Platform, Rung, Weight
from nachsorge.verdicts.claims import answer
from nachsorge.verdicts.needs import NEVER

APP = Exposure(
    id="app-win", names=("App",), affected=("1",), clean=("2",), platform=Platform.WINDOWS, stage="installed"
)
MAC = Exposure(id="app-mac", names=("app", "App.app"), affected=("1",), clean=("2",), stage="installed")
STAGES = (
    stage("installed", needs=[need(PROCESS)]),
    stage("beacon", Rung.CONTACTED, requires=("installed",), needs=[need(DNS)]),
)
HAD = sighting("installed", time="2023-03-05", indicator="app-win")
ALL = [own(PROCESS, MARCH), own(DNS, MARCH)]


def clean(time: str | None, asset: str = "pc1", exposure: str = "app-win") -> CleanVersion:
    moment = t(time) if time else None
    return CleanVersion(
        pack="incident",
        exposure=exposure,
        asset=asset,
        software="App 2",
        source="e1",
        locator="line 1",
        telemetry=PROCESS,
        time=moment,
    )


def asked(test, *sightings, seen=(), observed=(), assets=("pc1",), stages=STAGES, products=(APP, MAC), **more):
    claim = Claim(id="c", says="", by="", test=test, **more)
    made = pack(*stages, exposures=products, claims=(claim,))
    rows = [asset(name) for name in assets]
    return answer(made, claim, rows, sightings, {one.id: covered(observed, one) for one in rows}, seen)


def test_clean_since_holds_where_it_was_clean_by_then_and_covered_after():
    found = asked("clean-version-since", HAD, seen=[clean("2023-03-15")], observed=ALL, needs="2023-03-20")
    assert (found.answer, found.because[0][:28]) == ("holds", "a clean version by 2023-03-2")


def test_clean_since_is_refuted_by_the_first_affected_version_after_it():
    late = [sighting("installed", time=f"2023-03-2{n}", id=f"s{n}", locator=f"line {n}") for n in (7, 5)]
    found = asked("clean-version-since", HAD, *late, seen=[clean("2023-03-15")], observed=ALL, needs="2023-03-20")
    assert found.answer == "refuted" and "(s5)" in found.because[0]


@pytest.mark.parametrize(
    ("seen", "because"),
    [
        ((), "no dated record of a clean version"),
        ((clean(None),), "recorded, without a time"),
        ((clean("2023-03-22"),), "recorded from 2023-03-22T00:00:00Z on only"),
        ((clean("2023-03-15", "pc2"),), "no dated record"),
        ((clean("2023-03-15", exposure="another"),), "no dated record"),
    ],
)
def test_clean_since_says_what_record_is_lacking(seen, because):
    found = asked("clean-version-since", HAD, seen=seen, observed=ALL, needs="2023-03-20")
    assert found.answer == "untestable" and because in found.because[0]


def test_clean_since_asks_that_the_time_after_was_covered():
    observed = [own(PROCESS, span("2023-03-01", "2023-03-25"))]
    found = asked("clean-version-since", HAD, seen=[clean("2023-03-15")], observed=observed, needs="2023-03-20")
    assert (found.answer, found.because) == ("untestable", ("pc1: process_creation not covered (outside-span)",))


def test_clean_since_takes_a_clean_version_of_the_same_product_on_another_platform():
    seen = [clean("2023-03-15", exposure="app-mac")]
    found = asked("clean-version-since", HAD, seen=seen, observed=ALL, needs="2023-03-20", anchor="app-win")
    assert found.answer == "holds"


def test_clean_since_without_an_affected_version_tests_nothing():
    nobody = asked("clean-version-since", seen=[clean("2023-03-15")], observed=ALL, needs="2023-03-20")
    assert nobody.because == ("no affected version was seen on any asset",)
    assert asked("clean-version-since", HAD, needs="spring").answer == "untestable"
    hint = sighting("installed", Weight.HINT, time="2023-03-25")
    assert asked("clean-version-since", hint, observed=ALL, needs="2023-03-20").answer == "untestable"


def test_clean_since_of_a_pack_that_knows_no_clean_version_tests_nothing():
    unfixed = [replace(one, clean=()) for one in (APP, MAC)]
    found = asked(
        "clean-version-since", HAD, seen=[clean("2023-03-15")], observed=ALL, products=unfixed, needs="2023-03-20"
    )
    assert (found.answer, found.because) == ("untestable", ("the pack knows no clean version",))


def test_clean_since_has_nothing_left_to_cover_after_the_time_of_the_stage():
    seen = [clean("2023-03-15")]
    assert asked("clean-version-since", HAD, seen=seen, needs="2023-04-01").answer == "holds"
    last_day = asked("clean-version-since", HAD, seen=seen, needs="2023-03-31")
    assert last_day.because == ("pc1: process_creation not covered (not-provided)",)
    # That the time has passed makes no clean version of a missing one.
    assert asked("clean-version-since", HAD, needs="2023-04-01").answer == "untestable"


def test_clean_since_does_not_hold_where_nothing_would_show_an_affected_version():
    blind = (replace(STAGES[0], needs=()), STAGES[1])
    found = asked(
        "clean-version-since", HAD, seen=[clean("2023-03-15")], observed=ALL, stages=blind, needs="2023-03-20"
    )
    assert (found.answer, found.because) == ("untestable", (f"pc1: {NEVER}",))


AFTER = {"stage": "beacon", "anchor": "app-win"}


def test_the_clean_update_ends_it_holds_refuted_untestable():
    seen = [clean("2023-03-20")]
    assert asked("no-sighting-after", HAD, seen=seen, observed=ALL, **AFTER).answer == "holds"
    late = sighting("beacon", time="2023-03-22")
    found = asked("no-sighting-after", HAD, late, seen=seen, observed=ALL, **AFTER)
    assert found.answer == "refuted" and "after 2023-03-20" in found.because[0]
    assert asked("no-sighting-after", HAD, seen=seen, **AFTER).answer == "untestable"
    assert asked("no-sighting-after", HAD, observed=ALL, **AFTER).because == (
        "a clean version after an affected one was not seen on any asset",
    )


def test_a_host_that_never_had_it_was_not_cleaned():
    assert asked("no-sighting-after", seen=[clean("2023-03-20")], observed=ALL, **AFTER).answer == "untestable"
    # Nor by a clean version from before the affected one: that was an update into the trap.
    assert asked("no-sighting-after", HAD, seen=[clean("2023-03-01")], observed=ALL, **AFTER).answer == "untestable"


def test_no_other_product_holds_where_those_without_it_are_ruled_out():
    found = asked("no-other-product", HAD, sighting("beacon", time="2023-03-06"), observed=ALL, stage="beacon")
    assert found.answer == "holds"
    observed = [*ALL, own(PROCESS, MARCH, asset="pc2"), own(DNS, MARCH, asset="pc2")]
    assert asked("no-other-product", HAD, observed=observed, assets=("pc1", "pc2"), stage="beacon").answer == "holds"


def test_no_other_product_is_refuted_by_contact_of_a_host_that_certainly_never_had_it():
    contact = sighting("beacon", time="2023-03-06", asset="pc2")
    observed = [own(PROCESS, MARCH, asset="pc2")]
    found = asked("no-other-product", HAD, contact, observed=observed, assets=("pc1", "pc2"), stage="beacon")
    assert found.answer == "refuted" and found.because[0].startswith("pc2: beacon is shown")


def test_no_other_product_is_untestable_where_it_may_have_been_there_unseen():
    contact = sighting("beacon", time="2023-03-06", asset="pc2")
    found = asked("no-other-product", HAD, contact, assets=("pc1", "pc2"), stage="beacon")
    assert found.answer == "untestable" and "whether an affected version was there" in found.because[0]
    assert asked("no-other-product", stage="beacon").because == ("pc1: beacon is open",)
    assert asked("no-other-product", stage="beacon", assets=()).answer == "untestable"


def test_no_other_product_is_untestable_where_the_pack_names_none():
    # Every asset is ruled out: without a product there is still none that another one could be told from.
    found = asked("no-other-product", observed=ALL, products=(), stage="beacon")
    assert (found.answer, found.because) == ("untestable", ("the pack names no product",))
