"""The page for management says what the assessment says, no more, and fits on one page (test_pdf.py)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.reports.samples import NOTHING, SAMPLE, hostile, same_gap
from tests.reports.test_html import EVIL, parsed

from nachsorge.locale import LANGUAGES, speaking
from nachsorge.model.words import Standing, Verdict
from nachsorge.reports import html
from nachsorge.reports.beside import Beside, Effort
from nachsorge.reports.brief import LETTERS, brief, short
from nachsorge.reports.languages import CATALOGUES

QUESTIONS = {
    "de": [
        "Hat es uns getroffen?",
        "Wie weit ging es?",
        "Was wissen wir nicht?",
        "Was braucht es",
        "Was ist zu entscheid",
    ],
    "en": ["Was it us?", "How far did it go?", "What do we not know?", "What does it take", "What is to be decided?"],
}
EFFORT = Effort(errands=3, settled=5, never=1, low=20, high=90)


def words(assessment, lang="en", effort=None):
    page = parsed(html.render(assessment, lang, "short", Beside(effort=effort)))
    return " ".join("".join(page.words).split())


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    "assessment", [SAMPLE, NOTHING, same_gap(1000), hostile("x")], ids=["four", "none", "many", "x"]
)
def test_all_five_questions_are_answered(lang, assessment):
    said = words(assessment, lang)
    assert all(question in said for question in QUESTIONS[lang])
    with speaking(lang):
        page = brief(assessment, CATALOGUES[lang], None)
    assert page.unknown
    assert page.takes
    assert page.decide


def test_who_and_how_far():
    said = words(SAMPLE)
    assert "compromised: 1 asset: ws-berta" in said
    assert "ruled out within what was covered: 1 asset: srv-dora" in said
    with speaking("en"):
        page = brief(SAMPLE, CATALOGUES["en"], None)
    contact = next(reach for reach in page.reach if reach.column.stage == "beaconed")
    assert {standing: contact.counts[standing] for standing in Standing} == {
        Standing.SHOWN: 1,
        Standing.SUSPECTED: 0,
        Standing.OPEN: 2,
        Standing.RULED_OUT: 1,
    }


def test_counts_of_each_stage_are_all_assets_that_were_judged():
    with speaking("en"):
        page = brief(SAMPLE, CATALOGUES["en"], None)
    assert {sum(reach.counts.values()) for reach in page.reach} == {len(SAMPLE.assets)}


def test_what_is_not_known_names_cells_sources_and_controls():
    said = words(SAMPLE)
    assert "6 of 16 questions (assets x stages) have no answer, on 3 assets." in said
    assert "Not everything that was handed in could be read: 1 not read, 1 partly read." in said
    assert "1 source failed the positive control" in said


def test_what_it_takes_names_the_effort_and_the_evidence():
    said = words(SAMPLE, effort=EFFORT)
    assert "3 errands of 20 to 90 minutes in all answer 5 of the open questions." in said
    assert "1 open question can be answered by no evidence" in said
    assert "Export the proxy's access log for the window." in said


def test_an_interrupted_run_says_so_first_of_all_to_management_too():
    assert CATALOGUES["de"].interrupted in words(NOTHING, "de")


def test_only_who_was_hit_is_asked_to_restore_and_to_report():
    assert "early warning" in words(SAMPLE)
    assert "refuted: After the update no contact took place." in words(SAMPLE)
    quiet = replace(same_gap(3), summary=replace(same_gap(3).summary))
    assert "early warning" not in words(quiet)
    assert "restores" not in words(quiet)
    assert "Get the missing evidence" in words(quiet)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_all_ruled_out_never_sounds_like_an_all_clear(lang):
    cells = {
        judged.asset.id: tuple(replace(cell, standing=Standing.RULED_OUT) for cell in judged.cells)
        for judged in SAMPLE.assets
    }
    assets = tuple(replace(judged, verdict=Verdict.RULED_OUT, cells=cells[judged.asset.id]) for judged in SAMPLE.assets)
    done = replace(SAMPLE, assets=assets, summary=replace(SAMPLE.summary, verdict=Verdict.RULED_OUT, exit=0))
    said = words(done, lang)
    assert said.count("soweit belegt" if lang == "de" else "within what was covered") >= 3
    assert ("Fassung des Packs" if lang == "de" else "new version of the pack") in said


def test_a_long_sentence_is_cut_at_a_word_and_shows_it():
    assert short("word " * 100).endswith("word [...]")
    assert len(short("word " * 100)) <= LETTERS + 6
    assert short("as it is") == "as it is"


@pytest.mark.parametrize("evil", EVIL)
def test_hostile_text_is_only_ever_text(evil):
    def shape(page):
        return [(tag, sorted(attributes)) for tag, attributes in page.tags]

    text = html.render(hostile(evil), "en", "short")
    assert shape(parsed(text)) == shape(parsed(html.render(hostile("x"), "en", "short")))
    assert not set("\x1b\x00\x07\u202e\ud800") & set(text)
