"""The ranking in the report: every point with its reason, what a list gave away, and what was not looked at."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.reports.samples import SAMPLE
from tests.reports.test_html import EVIL, parsed

from nachsorge.model.effort import Effort, Late
from nachsorge.model.ranking import Column, Given, Hypothesis, Point, Ranked, Ranking, Row, StolenList, Untold
from nachsorge.model.times import Span, parse_instant
from nachsorge.model.words import Motive, Trait, Verdict
from nachsorge.reports import bounds, html
from nachsorge.reports.beside import Beside
from nachsorge.reports.motives import MOTIVES, TRAITS

AT = Span(parse_instant("2023-03-24T08:00"), parse_instant("2023-03-24T09:00"))


def ranking(text: str = "word", assets: int = 1) -> Ranking:
    stolen = StolenList(
        source="s1",
        browser=text,
        limit=500,
        at=AT,
        rows=(Row(number=7, address="https://intranet.example.org/", certain=True),),
        missing=3,
        gave=(Given(host=text, trait=Trait.GAVE_BANK, why=text, rows=2, certain=False),),
        notes=(text,),
    )
    first = Ranked(
        asset=text,
        verdict=Verdict.COMPROMISED,
        stage="beaconed",
        score=40,
        columns=(Column(motive=Motive.THEFT, points=30),),
        points=(Point(trait=Trait.FINANCE, points=30, why=text, where="inventory"),),
        lists=(stolen,),
        not_looked=(text,),
        open=2,
        high=True,
    )
    rest = tuple(
        Ranked(asset=f"ws-{n}", verdict=Verdict.OPEN, stage="", score=0, columns=first.columns, points=())
        for n in range(assets - 1)
    )
    wants = Hypothesis(motive=Motive.THEFT, says=text, says_de=text, at_risk=(Trait.FINANCE, Trait.CRYPTO))
    return Ranking(hypotheses=(wants,), assets=(first, *rest), evidence=False, high_from=20, notes=(text,))


def words(lang: str, given: Ranking | None, effort: Effort | None = None) -> str:
    page = parsed(html.render(SAMPLE, lang, "full", Beside(ranking=given, effort=effort)))  # type: ignore[arg-type]
    return " ".join("".join(page.words).split())


def test_without_a_ranking_there_is_no_such_section():
    assert "Whom the attacker would want" not in words("en", None)


def test_every_point_has_its_reason_and_the_list_what_it_gave_away():
    said = words("en", ranking())
    for wanted in (
        f"30 {TRAITS[Trait.FINANCE]} (word; inventory)",
        "the newest 500 rows were taken; 1 come into question",
        "3 were deleted since",
        "It gave away: word",
        "not certain",
        "Not looked at: word",
        "Only the inventory was looked at for it, no evidence.",
        "look here first",
        "An order in which to look, no verdict",
    ):
        assert wanted in said


@pytest.mark.parametrize(
    ("lang", "taken", "unsaid"),
    [
        ("en", "Taken, if it was: host name", "Not known what was taken (p): no source tells"),
        (
            "de",
            "Entwendet, wenn es dazu kam: Gerätename",
            "Nicht bekannt, was entwendet wurde (p): keine Quelle sagt es",
        ),
    ],
)
def test_what_was_taken_and_what_nobody_tells_of_it_is_said(lang, taken, unsaid):
    known = Untold(pack="p", says="no source tells", says_de="keine Quelle sagt es")
    given = ranking()
    rows = [replace(one, taken=("host name",), taken_de=("Gerätename",), untold=(known,)) for one in given.assets]
    said = words(lang, replace(given, assets=tuple(rows)))
    assert taken in said
    assert unsaid in said


def test_the_addresses_that_somebody_visited_are_not_printed():
    assert "intranet.example.org" not in words("en", ranking())


def test_in_german():
    said = words("de", ranking())
    assert "Wen der Angreifer wollen würde" in said
    assert "Diebstahl" in said
    assert "Sie verriet: word" in said


def test_every_trait_and_motive_has_its_name():
    assert set(TRAITS) == set(Trait)
    assert set(MOTIVES) == set(Motive)


def test_a_long_ranking_is_cut_and_says_so():
    assert f"{500 - bounds.RANKED} more are not printed here" in words("en", ranking(assets=500))


@pytest.mark.parametrize("evil", EVIL)
def test_hostile_text_is_only_ever_text(evil):
    def shape(text):
        page = parsed(html.render(SAMPLE, "en", "full", Beside(ranking=ranking(text))))
        return [(tag, sorted(attributes)) for tag, attributes in page.tags]

    assert shape(evil) == shape("x")


def test_the_effort_is_a_range_with_its_assumptions():
    late = Late(steps=90, assets=3, low=0, high=270)
    effort = Effort(
        errands=3,
        settled=5,
        never=1,
        low=20,
        high=90,
        spent=45,
        late=late,
        assumptions=("the minutes of an errand are our own estimate",),
    )
    said = words("de", None, effort)
    assert "3 Beschaffungen von zusammen 20 bis 90 Minuten" in said
    assert "mindestens 45 Minuten" in said
    assert "0 bis 270 Minuten" in said
    assert "die Minuten einer Beschaffung sind unsere eigene Schätzung" in said
