"""Points, their reasons, and what was not looked at."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import DNS, MARCH, asset, need, pack, sighting, span, stage, t

from nachsorge.model.assessment import Assessment, Cell, Judged, Summary
from nachsorge.model.pack import Aim, Haul
from nachsorge.model.ranking import Row
from nachsorge.model.words import HaulKind, Motive, Platform, Rung, Standing, Trait, Verdict
from nachsorge.verdicts import rank as module
from nachsorge.verdicts.rank import FoundList, Noted, Profile, rank
from nachsorge.verdicts.systems import Systems
from nachsorge.verdicts.traits import AT_RISK, HIGH_FROM, POINTS

HAUL = Haul(id="history", kind=HaulKind.BROWSER_HISTORY, stage="theft", says="the newest 3 rows", rows=3)
STAGES = (stage("beacon", Rung.CONTACTED, needs=[need(DNS)]), stage("theft", Rung.COLLECTED, requires=("beacon",)))
PACK = pack(*STAGES, hauls=(HAUL,))
SYSTEMS = Systems(frozenset({"own.example"}))
LIST = FoundList(
    source="History",
    browser="chrome",
    rows=tuple(
        Row(number=n, address=f"https://{host}/", first=t("2023-03-10") + n)
        for n, host in enumerate(("old.own.example", "vpn.own.example", "www.coinbase.com", "news.example"), start=1)
    ),
    unique=True,
)


def found(*rows: Judged, sightings=()) -> Assessment:
    summary = Summary(verdict=Verdict.OPEN, exit=3, assets={}, sources={}, sightings=len(sightings), cells={})
    return Assessment(
        packs=(),
        sources=(),
        sightings=tuple(sightings),
        coverage=(),
        rules=(),
        assets=rows,
        claims=(),
        controls=(),
        summary=summary,
    )


def row(name="pc1", theft=Standing.OPEN, verdict=Verdict.OPEN, **more) -> Judged:
    cells = (
        Cell(pack="incident", stage="beacon", rung="contacted", standing=theft),
        Cell(pack="incident", stage="theft", rung="collected", standing=theft),
    )
    return Judged(asset=asset(name, **more), verdict=verdict, stage="", cells=cells)


def ranked(*rows, profiles=None, packs=PACK, sightings=()):
    return rank({packs.id: packs}, found(*rows, sightings=sightings), profiles, SYSTEMS)


def only(ranking):
    (one,) = ranking.assets
    return one


@pytest.mark.parametrize(
    ("attributes", "trait"),
    [
        ({"function": "Buchhaltung"}, Trait.FINANCE),
        ({"department": "software build"}, Trait.BUILD),
        ({"function": "Domain Controller"}, Trait.DIRECTORY),
        ({"Abteilung": "Geschäftsführung"}, Trait.LEADERSHIP),
        ({"criticality": "high"}, Trait.CRITICAL),
    ],
)
def test_words_of_the_inventory_give_points_with_their_reason(attributes, trait):
    one = only(ranked(row(attributes=attributes)))
    (point,) = one.points
    assert (point.trait, point.points, point.where) == (trait, POINTS[trait], "inventory")
    assert one.score == POINTS[trait]


@pytest.mark.parametrize("attributes", [{"function": "refinance"}, {"note": "finance"}, {"criticality": "low"}, {}])
def test_other_words_give_none(attributes):
    assert only(ranked(row(attributes=attributes))).points == ()


def test_without_evidence_the_result_says_that_none_was_looked_at():
    ranking = ranked(row())
    assert not ranking.evidence and ranking.notes == (module.NO_EVIDENCE,)


def test_what_was_not_there_is_named_for_each_host():
    one = only(ranked(row(platform=Platform.WINDOWS), profiles={}))
    wanted = (module.NO_WORDS, module.NO_HISTORY, module.NO_LOGONS, module.NO_PROGRAMS)
    assert one.not_looked == wanted
    mac = only(ranked(row(platform=Platform.MACOS), profiles={"pc1": Profile(programs=True, lists=(LIST,))}))
    assert mac.not_looked == (module.NO_WORDS, module.NOT_READ)


@pytest.mark.parametrize("platform", [None, Platform.WINDOWS, Platform.MACOS])
def test_log_ons_that_were_looked_at_are_not_named_as_missing(platform):
    looked = Profile(logons=True, lists=(LIST,))
    assert only(ranked(row(platform=platform), profiles={"pc1": looked})).not_looked == (
        module.NO_WORDS,
        module.NO_PROGRAMS,
    )


def test_a_list_is_that_of_the_time_of_the_theft_and_gives_away_what_it_held():
    thief = [sighting("beacon", time="2023-03-05"), sighting("theft", time=t("2023-03-10") + 3)]
    one = only(ranked(row(theft=Standing.SHOWN), profiles={"pc1": Profile(lists=(LIST,))}, sightings=thief))
    (stolen,) = one.lists
    assert stolen.at is not None and stolen.at.start == t("2023-03-05")
    assert [r.number for r in stolen.rows] == [3, 2, 1]  # the fourth was met after the theft had been found
    assert {given.host: given.trait for given in stolen.gave} == {
        "www.coinbase.com": Trait.GAVE_EXCHANGE,
        "vpn.own.example": Trait.GAVE_VPN,
        "old.own.example": Trait.GAVE_INTERNAL,
    }
    assert one.score == sum(POINTS[x] for x in (Trait.GAVE_EXCHANGE, Trait.GAVE_VPN, Trait.GAVE_INTERNAL))


def test_where_nothing_is_known_of_the_theft_it_may_have_been_at_any_time_of_the_stage():
    (stolen,) = only(ranked(row(), profiles={"pc1": Profile(lists=(LIST,))})).lists
    assert stolen.at == span("2023-03-01", "2023-03-31") == MARCH


def test_where_the_theft_is_ruled_out_no_list_is_shown():
    one = only(ranked(row(theft=Standing.RULED_OUT), profiles={"pc1": Profile(lists=(LIST,))}))
    assert one.lists == () and one.taken == () and module.NO_HISTORY not in one.not_looked


@pytest.mark.parametrize(("browsers", "count"), [((), 1), (("chrome",), 1), (("firefox",), 0)])
def test_only_the_browsers_that_the_thief_reads(browsers, count):
    packs = pack(*STAGES, hauls=(replace(HAUL, browsers=browsers),))
    assert len(only(ranked(row(), profiles={"pc1": Profile(lists=(LIST,))}, packs=packs)).lists) == count


def test_a_pack_says_what_counts_for_which_hypothesis():
    aims = (
        Aim(motive=Motive.THEFT, says="money", at_risk=(Trait.FINANCE,)),
        Aim(motive=Motive.ESPIONAGE, says="secrets", at_risk=(Trait.RESEARCH, Trait.FINANCE)),
    )
    attributes = {"function": "finance research backup"}
    ranking = ranked(row(attributes=attributes), packs=pack(*STAGES, aims=aims))
    one = only(ranking)
    assert [(c.motive, c.points) for c in one.columns] == [(Motive.ESPIONAGE, 45), (Motive.THEFT, 25)]
    assert one.score == 45  # each point once; backups count for none of this pack's hypotheses
    assert all(not hypothesis.by_default for hypothesis in ranking.hypotheses)


def aimed(*at_risk: tuple[Trait, ...]):
    """Rank a finance and research host by as many packs that name the same motive, each with these traits."""
    packs = [
        pack(*STAGES, id=f"pack{n}", aims=(Aim(motive=Motive.THEFT, says=f"says {n}", at_risk=traits),))
        for n, traits in enumerate(at_risk)
    ]
    host = row(attributes={"function": "finance research"})
    return rank({one.id: one for one in packs}, found(host), None, SYSTEMS)


def test_packs_of_the_same_motive_make_one_hypothesis_of_all_their_traits():
    ranking = aimed((Trait.RESEARCH, Trait.SIGNING), (Trait.FINANCE, Trait.RESEARCH))
    (hypothesis,) = ranking.hypotheses
    assert hypothesis.at_risk == (Trait.RESEARCH, Trait.SIGNING, Trait.FINANCE)
    assert (hypothesis.pack, hypothesis.says, hypothesis.by_default) == ("pack0", "says 0", False)
    one = only(ranking)
    assert one.score == one.columns[0].points == POINTS[Trait.FINANCE] + POINTS[Trait.RESEARCH]


@pytest.mark.parametrize(
    ("at_risk", "by_default"), [(((), ()), True), (((), (Trait.RESEARCH,)), False), (((Trait.RESEARCH,), ()), False)]
)
def test_a_hypothesis_is_ours_only_where_no_pack_of_its_motive_names_traits(at_risk, by_default):
    (hypothesis,) = aimed(*at_risk).hypotheses
    assert hypothesis.by_default is by_default
    assert set(hypothesis.at_risk) == {*AT_RISK[Motive.THEFT], *(trait for traits in at_risk for trait in traits)}
    assert len(hypothesis.at_risk) == len(set(hypothesis.at_risk))


def test_a_pack_without_any_gets_ours_for_all_four():
    assert {h.motive for h in ranked(row()).hypotheses} == set(Motive)
    assert all(h.by_default for h in ranked(row()).hypotheses)


def test_most_points_first_then_what_is_open():
    rows = [
        row("done", Standing.RULED_OUT, Verdict.RULED_OUT, attributes={"function": "finance"}),
        row("open", attributes={"function": "finance"}),
        row("dc", attributes={"role": "dc"}),
        row("plain"),
    ]
    ranking = ranked(*rows)
    assert [one.asset for one in ranking.assets] == ["dc", "open", "done", "plain"]
    assert [one.asset for one in ranking.assets if one.high] == ["dc"]
    assert POINTS[Trait.DIRECTORY] >= HIGH_FROM


TRAITS = st.lists(st.sampled_from(sorted(Trait)), max_size=6)


@given(some=TRAITS, more=TRAITS)
def test_more_that_is_noted_never_takes_points_away(some, more):
    def score(traits):
        noted = tuple(Noted(trait=trait, why=f"{n}", where="x") for n, trait in enumerate(traits))
        return only(ranked(row(), profiles={"pc1": Profile(noted=noted)}))

    few, many = score(some), score([*some, *more])
    assert few.score <= many.score
    assert all(a.points <= b.points for a, b in zip(few.columns, many.columns, strict=True))
    assert many.score == sum(POINTS[trait] for trait in {point.trait for point in many.points})
