"""A big run still makes a page that can be opened: bounded, made in seconds, and it says what it leaves out."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from functools import cache

import pytest
from tests.reports.samples import (
    COVERAGE,
    NO_PROXY,
    PACK,
    SAMPLE,
    WINDOW,
    hostile,
    row,
    same_gap,
    sighting,
)
from tests.reports.test_html import parsed

from nachsorge.cases.timeline import timeline
from nachsorge.model.assessment import Assessment, Asset, Control, Judged, RuleAccount, Source, Unmet
from nachsorge.model.evidence import Reading
from nachsorge.model.times import HOUR, Span
from nachsorge.model.words import Standing, Verdict
from nachsorge.reports import bounds, html
from nachsorge.reports.beside import Beside

ASSETS, EACH = 1000, 100
LARGEST = 4_000_000
"""Bytes: a browser on an old laptop opens that at once."""
SECONDS = 30
"""Two seconds where nothing else runs; these machines are shared."""


def lack(number: int) -> Unmet:
    return replace(NO_PROXY, note=f"note {number}")


def reading(number: int) -> Reading:
    return Reading(path=f"logs/{number}.log", reader="x", records=number, note=f"note {number}")


@cache
def big() -> Assessment:
    """A thousand assets of all verdicts, a hundred thousand sightings, long coverage, many sources, rules and notes."""
    assets = tuple(
        Judged(
            asset=Asset(id=f"host-{number:04}", names=tuple(f"alias-{n}" for n in range(40)), declared=True),
            verdict=list(Verdict)[number % 4],
            stage="",
            cells=row(
                *[(list(Standing)[(number + n) % 4], (), (replace(NO_PROXY, note=str(number)),)) for n in range(4)]
            ),
        )
        for number in range(ASSETS)
    )
    sightings = tuple(
        sighting(
            1,
            id=f"g{number}",
            asset=f"host-{number % ASSETS:04}",
            indicator=f"c2-{number % 7919}.example.net",
            time=WINDOW.start + number * HOUR // 90,
            fields={"raw": "x" * 5000, **{f"f{n}": "y" for n in range(100)}},
        )
        for number in range(ASSETS * EACH)
    )
    hours = tuple(Span(WINDOW.start + n * HOUR, WINDOW.start + n * HOUR + HOUR // 2) for n in range(1000))
    return replace(
        SAMPLE,
        assets=assets,
        sightings=sightings,
        coverage=tuple(
            replace(COVERAGE[0], asset=judged.asset.id, intervals=hours[n % 7 :]) for n, judged in enumerate(assets)
        ),
        sources=tuple(
            Source(
                id=f"s{n}",
                reading=Reading(path=f"logs/{n}.log", reader="x", records=n, note=f"note {n}"),
                assets=("a",) * 500,
            )
            for n in range(5000)
        ),
        rules=tuple(RuleAccount(id=f"rule-{n}", applicable=n % 3, matches=0) for n in range(3000)),
        controls=tuple(Control(source=f"s{n}", reader="x", seen=n % 2 == 0) for n in range(5000)),
        packs=(replace(PACK, not_understood=tuple(f"line {n}: unknown" for n in range(5000))),),
        summary=replace(SAMPLE.summary, notes=tuple(f"note {n}" for n in range(5000))),
    )


@cache
def page(lang: str) -> tuple[str, float]:
    listed = timeline(big())
    started = time.monotonic()
    text = html.render(big(), lang, "full", Beside(moments=listed.events))  # type: ignore[arg-type]
    return text, time.monotonic() - started


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["de", "en"])
def test_a_hundred_thousand_sightings_on_a_thousand_assets_make_a_page_of_bounded_size_in_seconds(lang):
    text, seconds = page(lang)
    assert len(text.encode()) < LARGEST
    assert seconds < SECONDS
    parsed(text)


@pytest.mark.slow
def test_the_page_says_what_it_leaves_out_and_where_that_is():
    text, _seconds = page("en")
    words = " ".join("".join(parsed(text).words).split())
    rest = ASSETS - bounds.ROWS
    counted = re.search(rf"{rest} more are not printed here \(([^)]*)\); the JSON document has all of them", words)
    assert counted is not None
    assert sum(int(number) for number in re.findall(r"(\d+) [a-z]", counted[1])) == rest
    for kept, total in ((bounds.SOURCES, 5000), (bounds.LISTED, 5000), (bounds.LISTED, 3000), (bounds.NEEDS, None)):
        wanted = f"{total - kept} more" if total else "more are not printed here"
        assert wanted in words or f"{(total or 0) - kept} sources more" in words, wanted
    assert f"For {ASSETS - bounds.PICTURES} assets the coverage is not drawn" in words


@pytest.mark.slow
def test_the_worst_is_never_what_is_left_out():
    text, _seconds = page("en")
    described = re.findall(r"<h3>([^<]+)", text)
    worst = {judged.asset.id for judged in big().assets if judged.verdict is Verdict.COMPROMISED}
    assert {name.strip() for name in described[: bounds.SECTIONS]} <= worst


@pytest.mark.slow
def test_places_are_shared_out_and_every_indicator_keeps_one():
    text, _seconds = page("en")
    rows = len(re.findall(r"<td>g\d+ · ", text))
    groups = text.count('<th scope="rowgroup"')
    findings = text.count('<div class="finding">')
    assert 0 < groups <= rows <= bounds.SIGHTINGS + groups
    assert groups <= bounds.INDICATORS + 3 * findings


def test_long_fields_of_a_record_are_cut_and_say_so():
    wide = replace(SAMPLE, sightings=(sighting(1, fields={"raw": "x" * 5000, **{f"f{n}": "" for n in range(60)}}),))
    words = "".join(parsed(html.render(wide, "en")).words)
    assert "x" * bounds.CHARACTERS in words
    assert "x" * (bounds.CHARACTERS + 1) not in words
    assert f"[{5000 - bounds.CHARACTERS} more characters]" in words
    assert f"{61 - bounds.FIELDS} more fields" in words


def test_many_assets_alike_are_one_section_and_named_up_to_a_number():
    words = " ".join("".join(parsed(html.render(same_gap(500), "de")).words).split())
    assert f"host-{bounds.NAMES_LONG - 1:04} und {500 - bounds.NAMES_LONG} weitere" in words


@pytest.mark.parametrize("length", ["short", "full"])
def test_the_short_report_of_the_big_run_is_short(length):
    text = html.render(hostile("y" * 3000), "en", length)
    assert len(text) < 400_000
    if length == "short":
        assert len(text) < 60_000


@cache
def printed(lang: str) -> str:
    return html.render(big(), lang, "full", Beside(moments=timeline(big()).events), paper=True)  # type: ignore[arg-type]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lang", "told"),
    [
        ("en", "{all} sightings: at most {most} of them are named here with their place, the worst assets first"),
        ("de", "{all} Treffer: höchstens {most} davon sind hier mit ihrer Fundstelle genannt"),
    ],
)
@pytest.mark.parametrize("paper", [True, False])
def test_how_many_sightings_are_named_is_said_at_the_top_and_where_all_are(lang, told, paper):
    text = printed(lang) if paper else page(lang)[0]
    most = (bounds.PAPER if paper else bounds).SIGHTINGS
    top = " ".join(re.sub(r"<[^>]+>", " ", text[text.index("<header>") : text.index("<main>")]).split())
    assert told.format(all=ASSETS * EACH, most=most) in top
    assert "--sightings" in top
    assert "reports/assessment.json" in top


def test_where_all_are_named_nothing_is_said_of_it():
    assert "--sightings" not in html.render(SAMPLE, "en", "full", paper=True)


@pytest.mark.slow
def test_ten_times_the_sightings_make_no_longer_a_page_for_paper():
    tenth = replace(big(), sightings=big().sightings[::10])
    less = html.render(tenth, "en", "full", Beside(moments=timeline(tenth).events), paper=True)
    assert len(printed("en")) < 1.25 * len(less) < 1_000_000
    # What a PDF costs is the number of its elements.
    assert printed("en").count("<") < 1.25 * less.count("<")
    assert printed("en").count("<") < 25_000


@pytest.mark.slow
def test_on_paper_it_is_shorter_still():
    paper = printed("en")
    assert paper.count("<article>") == bounds.PAPER.SECTIONS
    assert len(re.findall(r"<td>g\d+ · ", paper)) <= bounds.PAPER.SIGHTINGS + bounds.PAPER.INDICATORS
    assert f"{ASSETS - bounds.PAPER.ROWS} more are not printed here" in paper
