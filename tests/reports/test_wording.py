from __future__ import annotations

from dataclasses import replace

import pytest
from tests.reports.samples import NOTHING, PACK, SAMPLE, same_gap, span

from nachsorge.model.times import Span, parse_instant
from nachsorge.model.words import Tlp, Verdict
from nachsorge.reports import wording
from nachsorge.reports.languages import CATALOGUES

EN, DE = CATALOGUES["en"], CATALOGUES["de"]


def test_whole_days_are_days_and_everything_else_has_its_time():
    assert wording.stretch(span("2023-03-03", "2023-04-20"), EN, "") == "2023-03-03 to 2023-04-20"
    assert wording.stretch(span("2023-03-03", "2023-03-03"), DE, "") == "2023-03-03"
    half = span("2023-03-03", "2023-03-04T12:00:00.25")
    assert wording.stretch(half, DE, "") == "2023-03-03 00:00:00 bis 2023-03-04 12:00:00"
    assert wording.stretch(None, EN, "no window") == "no window"


def test_times_before_1970_and_beyond_all_calendars():
    assert wording.moment(-1, EN) == "1969-12-31 23:59:59"
    assert wording.moment(10**30, EN).startswith("9999-12-31")
    assert wording.extent(None, 5, DE) == "ohne Zeitangabe"
    assert wording.extent(parse_instant("2023-03"), parse_instant("2023-03"), EN) == "2023-03-01 00:00:00"
    assert wording.stretch(Span(-(10**30), 10**30), EN, "").startswith("0001-01-01")


def test_the_headline_names_where_the_others_stand():
    assert wording.headline(SAMPLE, EN) == (
        "1 of 4 assets compromised. Of the others: 1 suspected, 1 open, 1 ruled out within what was covered."
    )
    assert wording.headline(SAMPLE, DE) == (
        "1 von 4 Systemen kompromittiert. Von den übrigen: 1 Verdacht, 1 offen, 1 ausgeschlossen, soweit belegt."
    )


def test_the_headline_of_nothing_read_never_sounds_like_an_all_clear():
    assert "not everything was looked at" in wording.headline(same_gap(3), EN)
    assert wording.headline(NOTHING, EN) == EN.no_asset


def test_ruled_out_says_within_what_was_covered():
    assets = tuple(replace(judged, verdict=Verdict.RULED_OUT) for judged in SAMPLE.assets)
    done = replace(SAMPLE, assets=assets, summary=replace(SAMPLE.summary, verdict=Verdict.RULED_OUT, exit=0))
    assert wording.headline(done, DE) == "Der Vorfall ist für 4 Systeme ausgeschlossen, soweit belegt."
    assert wording.headline(done, EN) == "The incident is ruled out on 4 assets, within what was covered."


@pytest.mark.parametrize(
    ("tlp", "label"),
    [("CLEAR", Tlp.AMBER_STRICT), ("AMBER+STRICT", Tlp.AMBER_STRICT), ("RED", Tlp.RED), ("purple", Tlp.RED)],
)
def test_a_report_is_never_less_than_the_strictest_of_its_parts(tlp, label):
    assert wording.label(replace(SAMPLE, packs=(replace(PACK, tlp=tlp),))).tlp is label


def test_an_unknown_exit_code_is_not_explained_away():
    assert wording.exit_meaning(9, EN) == "unknown exit code"


def test_unread_evidence_keeps_the_headline_open_although_every_asset_is_ruled_out():
    assets = tuple(replace(judged, verdict=Verdict.RULED_OUT) for judged in SAMPLE.assets)
    unread = replace(SAMPLE, assets=assets, summary=replace(SAMPLE.summary, verdict=Verdict.OPEN, exit=3))
    assert wording.headline(unread, EN) == (
        "No asset is open, but not all evidence that was handed in was read; the incident stays open."
        " 4 ruled out within what was covered."
    )
