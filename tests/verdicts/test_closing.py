"""A case closes when nothing is missing, and says everything that is; waivers change no standing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import (
    DNS,
    FILES,
    MARCH,
    PROCESS,
    asset,
    covered,
    need,
    own,
    pack,
    reading,
    sighting,
    snapshot,
    span,
    t,
)
from tests.builders import stage as make
from tests.verdicts import worlds

from nachsorge.model.assessment import Assessment, ClaimAnswer, Coverage, Judged, Source
from nachsorge.model.pack import Claim, Requirement
from nachsorge.model.times import Span
from nachsorge.model.words import Measure, Platform, Reason, Rung, Status, Verdict, Weight
from nachsorge.verdicts.closing import CLEAN_TIME, Decisions, Kind, Remedy, Waiver, missing, seen_of, summary
from nachsorge.verdicts.judge import highest, judge, verdict_of
from nachsorge.verdicts.needs import NEVER
from nachsorge.verdicts.obtainable import CellId
from nachsorge.verdicts.summary import summarise

INSTALLED = make("installed", needs=[need(PROCESS)])
CONTACT = make("contact", Rung.CONTACTED, needs=[need(DNS)], requires=("installed",))
NOTIFIED = Decisions(notified=True)


def assessed(incident, rows, sightings=(), facts=(), *, window=MARCH, sources=(), claims=()):
    packs = {incident.id: incident}
    judged: list[Judged] = []
    coverage: list[Coverage] = []
    for row in rows:
        seen = covered(facts, row, window)
        cells = judge(incident, row, [s for s in sightings if s.asset == row.id], seen)
        judged.append(
            Judged(asset=row, verdict=verdict_of(packs, cells), stage=highest(packs, cells), cells=tuple(cells))
        )
        coverage += seen.values()
    return Assessment(
        packs=(),
        sources=tuple(sources),
        sightings=tuple(sightings),
        coverage=tuple(coverage),
        rules=(),
        assets=tuple(judged),
        claims=tuple(claims),
        controls=(),
        summary=summarise(judged, sources, sightings),
    )


def lacking(incident, found, decided=NOTIFIED, first=()):
    return [(one.kind, one.name, one.stage) for one in missing({incident.id: incident}, found, decided, first)]


def test_with_everything_ruled_out_only_the_notification_is_missing():
    incident = pack(INSTALLED, CONTACT)
    found = assessed(incident, [asset()], facts=[own(PROCESS, MARCH)])
    assert lacking(incident, found, Decisions()) == [(Kind.NOTIFICATION, "", "")]
    assert lacking(incident, found) == []


def test_an_open_cell_is_missing_until_it_is_waived_by_name():
    incident = pack(INSTALLED, CONTACT)
    found = assessed(incident, [asset()])
    assert lacking(incident, found) == [(Kind.OPEN, "pc1", "contact"), (Kind.OPEN, "pc1", "installed")]
    waived = replace(NOTIFIED, waivers=frozenset({Waiver("installed", "pc1", "incident")}))
    assert lacking(incident, found, waived) == [(Kind.OPEN, "pc1", "contact")]
    elsewhere = {Waiver("installed", "pc2", "incident"), Waiver("installed", "pc1", "other")}
    assert len(lacking(incident, found, replace(NOTIFIED, waivers=frozenset(elsewhere)))) == 2


def test_open_cells_come_in_the_order_in_which_they_are_best_settled():
    incident = pack(INSTALLED, CONTACT)
    rows = [asset("pc1"), asset("pc2")]
    first = [CellId("pc2", "incident", "installed"), CellId("pc1", "incident", "contact")]
    found = lacking(incident, assessed(incident, rows), NOTIFIED, first)
    assert [(name, stage) for _, name, stage in found[:2]] == [("pc2", "installed"), ("pc1", "contact")]


def test_a_waiver_of_an_open_cell_does_not_cover_what_is_found_later():
    incident = pack(INSTALLED)
    waived = replace(NOTIFIED, waivers=frozenset({Waiver("installed", "pc1", "incident")}))
    assert lacking(incident, assessed(incident, [asset()]), waived) == []
    found = assessed(incident, [asset()], [sighting("installed", time="2023-03-05")])
    assert lacking(incident, found, waived) == [(Kind.REMEDIATION, "pc1", "installed")]


def test_no_asset_and_an_asset_that_no_pack_judged_are_no_all_clear():
    incident = pack(INSTALLED)
    assert lacking(incident, assessed(incident, [])) == [(Kind.NO_ASSET, "", "")]
    assert lacking(pack(), assessed(pack(), [asset()])) == [(Kind.NO_ASSET, "pc1", "")]


SHOWN = sighting("installed", time="2023-03-05")
AFTER = span("2023-03-10", "2023-03-31")


def remedied(at="2023-03-10", **more):
    return replace(NOTIFIED, remedies=(Remedy("pc1", t(at)),), **more)


def test_a_compromise_asks_for_its_remediation_then_for_covered_clean_time():
    incident = pack(INSTALLED, replace(CONTACT, windows=()))
    facts = [own(DNS, AFTER)]
    found = assessed(incident, [asset()], [SHOWN], facts)
    waived = frozenset({Waiver("contact", "pc1", "incident")})
    assert lacking(incident, found, replace(NOTIFIED, waivers=waived)) == [(Kind.REMEDIATION, "pc1", "installed")]
    assert lacking(incident, found, remedied(waivers=waived)) == []
    late = remedied("2023-03-20", waivers=waived)
    assert lacking(incident, found, late) == [(Kind.CLEAN_TIME, "pc1", CLEAN_TIME)]
    accepted = replace(late, waivers=waived | {Waiver(CLEAN_TIME, "pc1")})
    assert lacking(incident, found, accepted) == []


def test_only_the_last_remediation_counts():
    incident = pack(INSTALLED, replace(CONTACT, windows=()))
    found = assessed(incident, [asset()], [SHOWN], [own(DNS, AFTER)])
    twice = replace(
        NOTIFIED,
        remedies=(Remedy("pc1", t("2023-03-25")), Remedy("pc1", t("2023-03-10")), Remedy("pc2", t("2023-03-10"))),
        waivers=frozenset({Waiver("contact", "pc1", "incident")}),
    )
    assert lacking(incident, found, twice) == [(Kind.CLEAN_TIME, "pc1", CLEAN_TIME)]


def test_a_finding_after_the_remediation_is_missing_its_own():
    incident = pack(INSTALLED, CONTACT)
    again = [
        sighting("contact", time="2023-03-12"),
        sighting("contact", time="2023-03-11", locator="line 2"),
        sighting("contact", locator="line 3"),
    ]
    found = assessed(incident, [asset()], [SHOWN, *again], [own(DNS, AFTER)])
    assert lacking(incident, found, remedied()) == [(Kind.FOUND_AFTER, "pc1", "contact")]


def test_clean_time_needs_logs_and_a_pack_that_names_some():
    kept = make("kept", Rung.CONTACTED, needs=[snapshot(FILES, "2023-04-30")])
    waived = frozenset({Waiver("kept", "pc1", "incident"), Waiver("bare", "pc1", "incident")})
    for later in (kept, make("bare", Rung.CONTACTED)):
        incident = pack(INSTALLED, later)
        found = assessed(incident, [asset()], [SHOWN], [own(DNS, AFTER)])
        [one] = missing({incident.id: incident}, found, remedied(waivers=waived))
        assert (one.kind, "the pack names nothing that would show it" in one.says) == (Kind.CLEAN_TIME, True)
        assert missing({}, found, remedied(waivers=waived)) == (one,)


def test_where_no_stage_is_about_contact_what_lies_beyond_must_be_covered():
    incident = pack(INSTALLED, make("implant", Rung.IMPLANTED, needs=[need(PROCESS)], windows=()))
    waived = frozenset({Waiver("implant", "pc1", "incident")})
    seen = assessed(incident, [asset()], [SHOWN], [own(PROCESS, AFTER)])
    assert lacking(incident, seen, remedied(waivers=waived)) == []
    unseen = assessed(incident, [asset()], [SHOWN], [own(DNS, AFTER)])
    assert lacking(incident, unseen, remedied(waivers=waived)) == [(Kind.CLEAN_TIME, "pc1", CLEAN_TIME)]


def test_a_suspicion_is_looked_at_or_remediated():
    incident = pack(INSTALLED)
    hint = sighting("installed", Weight.HINT, time="2023-03-05")
    found = assessed(incident, [asset()], [hint])
    assert lacking(incident, found) == [(Kind.SUSPICION, "pc1", "installed")]
    assert lacking(incident, found, remedied()) == []
    false = replace(NOTIFIED, false=frozenset({seen_of(hint, {})}))
    assert lacking(incident, found, false) == []
    assert found.assets[0].verdict is Verdict.SUSPECTED


def test_one_sighting_that_is_no_false_positive_is_enough():
    incident = pack(INSTALLED)
    other = replace(SHOWN, locator="line 7")
    found = assessed(incident, [asset()], [SHOWN, other])
    false = replace(NOTIFIED, false=frozenset({seen_of(SHOWN, {})}))
    assert lacking(incident, found, false) == [(Kind.REMEDIATION, "pc1", "installed")]


def test_evidence_that_was_not_read_is_missing_until_it_is_waived():
    incident = pack(INSTALLED)
    sources = [
        Source(id="e1", reading=reading("a.log", status=Status.PARTLY, reason=Reason.TRUNCATED)),
        Source(id="e2", reading=reading("b.log", status=Status.UNREAD, note="locked")),
        Source(id="e3", reading=reading("c.log", status=Status.UNREAD)),
        Source(id="e4", reading=reading("d.log", status=Status.SKIPPED)),
    ]
    found = assessed(incident, [asset()], facts=[own(PROCESS, MARCH)], sources=sources)
    says = [one.says for one in missing({incident.id: incident}, found, NOTIFIED)]
    assert says == ["a.log is partly: truncated", "b.log is unread: locked", "c.log is unread: no reason given"]
    waived = replace(NOTIFIED, waivers=frozenset({Waiver("source", "a.log"), Waiver("source", "c.log")}))
    assert lacking(incident, found, waived) == [(Kind.UNREAD, "b.log", "")]


@pytest.mark.parametrize(
    ("answer", "test", "counts"),
    [("untestable", "no-sighting-after", 1), ("untestable", "none", 0), ("refuted", "no-sighting-after", 0)],
)
def test_a_claim_that_can_be_tested_is_tested(answer, test, counts):
    incident = pack(INSTALLED, claims=[Claim(id="quiet", says="quiet", by="v", test=test, stage="installed")])
    told = ClaimAnswer(id="quiet", says="quiet", by="v", answer=answer, because=("why",))
    found = assessed(incident, [asset()], facts=[own(PROCESS, MARCH)], claims=[told])
    assert len(lacking(incident, found)) == counts
    waived = replace(NOTIFIED, waivers=frozenset({Waiver("claim", "quiet")}))
    assert lacking(incident, found, waived) == []


def test_the_sum_by_kind():
    incident = pack(INSTALLED, CONTACT)
    listed = missing({incident.id: incident}, assessed(incident, [asset()]), Decisions())
    assert summary(listed) == {Kind.OPEN: 2, Kind.NOTIFICATION: 1}


ASKED = (
    Requirement(id="covered", says="covered", test="covered", of="installed", stage="contact"),
    Requirement(id="rebuilt", says="rebuilt", test="measures", of="contact", measures=(Measure.REBUILT, Measure.KEYS)),
    Requirement(id="gone", says="gone", test="gone", of="installed", telemetry=(FILES,)),
)
TALKED = sighting("contact", time="2023-03-10")
EVERYTHING = (own(PROCESS, MARCH), own(DNS, MARCH), own(FILES, span("2023-03-30", "2023-03-30")))


def asks(sightings, facts=EVERYTHING, decided=NOTIFIED, sources=(), contact=CONTACT, **more):
    incident = pack(INSTALLED, contact, requirements=ASKED)
    found = assessed(incident, [asset(**more)], sightings, facts=facts, sources=sources)
    listed = missing({incident.id: incident}, found, decided)
    return {one.stage: one.says for one in listed if one.kind is Kind.REQUIREMENT}


def test_what_a_pack_asks_for_concerns_only_assets_on_which_something_was_found():
    assert asks([]) == {}
    assert asks([replace(SHOWN, refutes=True)]) == {}


def test_needs_of_a_stage_that_is_shown_are_asked_for_where_the_pack_says_so():
    assert "covered" not in asks([SHOWN, TALKED])
    found = asks([SHOWN, TALKED], facts=[own(PROCESS, MARCH), own(DNS, span("2023-03-01", "2023-03-20"))])
    assert found["covered"].startswith("pc1: covered: dns_query 2023-03-21T00:00:00Z")
    # An open stage is asked for as such.
    assert "covered" not in asks([SHOWN], facts=[own(PROCESS, MARCH)])


def test_needs_of_a_stage_that_does_not_apply_are_not_asked_for():
    mac_only, facts = replace(CONTACT, platforms=(Platform.MACOS,)), [own(PROCESS, MARCH)]
    shows = [SHOWN, replace(TALKED, locator="line 2")]
    found = asks(shows, facts=facts, contact=mac_only, platform=Platform.WINDOWS)
    # The finding itself counts all the same: the stage is suspected, and what concerns that is asked for.
    assert "covered" not in found and "rebuilt" in found
    assert "covered" in asks(shows, facts=facts, contact=mac_only, platform=Platform.MACOS)


def test_a_need_that_no_telemetry_meets_is_lacking_whatever_was_covered():
    found = asks([SHOWN, TALKED], contact=replace(CONTACT, needs=(need(),)))
    assert found["covered"] == f"pc1: covered: {NEVER}"


def test_measures_have_to_be_recorded_each():
    assert asks([SHOWN, TALKED])["rebuilt"] == "pc1: rebuilt: not recorded: rebuilt, keys-rotated"
    once = Remedy("pc1", t("2023-03-12"), (Measure.REBUILT,))
    assert asks([SHOWN, TALKED], decided=replace(NOTIFIED, remedies=(once,)))["rebuilt"].endswith(": keys-rotated")
    both = (once, Remedy("pc1", t("2023-03-13"), (Measure.KEYS,)))
    assert "rebuilt" not in asks([SHOWN, TALKED], decided=replace(NOTIFIED, remedies=both))
    assert "rebuilt" not in asks([SHOWN])


def test_gone_is_seen_by_a_later_look_without_a_finding():
    file = sighting("installed", time="2023-01-01", telemetry=FILES, source="e1")
    first = Source(id="e1", reading=reading("first.zip", last=t("2023-03-10")))
    early = [own(FILES, span("2023-03-10", "2023-03-10"))]
    still = asks([file], facts=[own(FILES, Span(t("2023-03-10"), t("2023-03-10")))], sources=[first])
    assert "still there when it was looked at last, 2023-03-10" in still["gone"]
    assert "gone" not in asks([file], facts=EVERYTHING, sources=[first])
    assert asks([SHOWN], facts=[own(PROCESS, MARCH)])["gone"] == "pc1: gone: no filesystem that covers it"
    assert "not looked at after the last finding" in asks([replace(SHOWN, time=t("2023-03-15"))], facts=early)["gone"]


def test_a_requirement_is_waived_by_its_name_and_the_asset():
    waived = replace(NOTIFIED, waivers=frozenset({Waiver("rebuilt", "pc1", "incident")}))
    assert "rebuilt" not in asks([SHOWN, TALKED], decided=waived)
    assert "rebuilt" in asks([SHOWN, TALKED], decided=replace(NOTIFIED, waivers=frozenset({Waiver("rebuilt", "pc2")})))


@st.composite
def requirements(draw, of):
    stages = st.sampled_from([stage.id for stage in of.stages])
    return tuple(
        Requirement(
            id=f"r{number}",
            says="",
            test=draw(st.sampled_from(["no-open", "covered", "measures", "gone"])),
            of=draw(stages),
            stage=draw(stages),
            measures=(Measure.REBUILT,),
            telemetry=(draw(st.sampled_from([FILES, DNS])),),
        )
        for number in range(draw(st.integers(0, 3)))
    )


@given(st.data())
def test_more_coverage_with_the_same_sightings_never_adds_a_requirement(data):
    world = data.draw(worlds.worlds())
    asked = replace(world.pack, requirements=data.draw(requirements(world.pack)))
    world = replace(world, pack=asked, asset=replace(world.asset, watched=()))
    less = data.draw(worlds.less(world.facts, drop_sensors=True))
    decided = data.draw(
        st.sampled_from([NOTIFIED, replace(NOTIFIED, remedies=(Remedy(world.asset.id, 20 * worlds.TICK),))])
    )
    window = Span(0, 60 * worlds.TICK)
    few, many = (
        {
            (one.kind, one.name, one.pack, one.stage)
            for one in missing(
                {world.pack.id: world.pack},
                assessed(world.pack, [world.asset], world.sightings, facts, window=window),
                decided,
            )
        }
        for facts in (world.facts, less)
    )
    assert few <= many


@given(worlds.worlds(), st.booleans())
def test_decisions_never_change_the_assessment(world, notified):
    """The judge does not know decisions: they are no argument of it; what closing reads stays as it was."""
    window = Span(0, 60 * worlds.TICK)
    found = assessed(world.pack, [world.asset], world.sightings, world.facts, window=window)
    before = repr(found)
    waivers = frozenset(Waiver(c.stage, world.asset.id, c.pack) for row in found.assets for c in row.cells)
    decided = Decisions(waivers=waivers, notified=notified)
    listed = missing({world.pack.id: world.pack}, found, decided)
    assert repr(found) == before
    assert not [one for one in listed if one.kind is Kind.OPEN]
