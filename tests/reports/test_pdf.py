"""PDF reports, as pages: how many, with which text, nothing cut off, the label on every one of them."""

from __future__ import annotations

import builtins
import sys
from dataclasses import replace
from functools import cache
from importlib import import_module

import pytest
from tests.reports.samples import NOTHING, PACK, SAMPLE, WINDOW, hostile, same_gap

from nachsorge.cases.timeline import timeline
from nachsorge.errors import UsageError
from nachsorge.locale import speaking
from nachsorge.model.assessment import Asset, Cell, ClaimAnswer, Judged, Unmet
from nachsorge.model.words import Reason, Standing, Telemetry, Verdict
from nachsorge.reports import html, pdf
from nachsorge.reports.beside import Beside, Effort
from nachsorge.reports.kinds import place

pypdfium2 = pytest.importorskip("pypdfium2")
try:
    pdf.ready()
except UsageError as lacking:
    pytest.skip(f"no PDF has been made: {lacking}", allow_module_level=True)

AMBER = (0xFF, 0xC0, 0x00)
MARGIN = 18
"""Points at the edge of a page (a quarter of an inch) within which nothing may be printed: most printers cannot."""


@cache
def made(lang, length):
    more = Beside(moments=timeline(SAMPLE).events, effort=Effort(errands=3, settled=5, never=1, low=20, high=90))
    return pdf.render(html.render(SAMPLE, lang, length, more, paper=True))


def pages(document: bytes):
    return list(pypdfium2.PdfDocument(document))


def words(page) -> str:
    return " ".join(page.get_textpage().get_text_range().split())


@pytest.mark.parametrize("lang", ["de", "en"])
def test_the_short_report_is_one_page(lang):
    (page,) = pages(made(lang, "short"))
    said = words(page)
    for question in ("Hat es uns getroffen?", "Was ist zu entscheiden?") if lang == "de" else ("Was it us?",):
        assert question in said
    assert said.count("TLP:AMBER+STRICT") == 2


@pytest.mark.parametrize("lang", ["de", "en"])
def test_the_short_report_of_the_longest_names_is_one_page_too(lang):
    text = "Donaudampfschifffahrtsgesellschaft und noch viel mehr davon " * 5
    lacks = tuple(
        Unmet(
            telemetry=kind,
            span=WINDOW,
            reason=Reason.NOT_SEEN_BY_SENSOR,
            settle=f"{kind} {text}",
        )
        for kind in list(Telemetry)[:6]
    )
    cells = tuple(
        Cell(pack=PACK.id, stage=f"s{n}", rung="exposed", standing=Standing.OPEN, unmet=lacks, because=(text,))
        for n in range(14)
    )
    long = replace(
        SAMPLE,
        packs=(replace(PACK, title=text, stages=tuple((f"s{n}", text, text) for n in range(14))),) * 4,
        assets=tuple(
            Judged(asset=Asset(id=f"{n}{text}"), verdict=list(Verdict)[n % 4], stage="", cells=cells) for n in range(60)
        ),
        claims=tuple(ClaimAnswer(id=str(n), says=text, by="x", answer="refuted") for n in range(5)),
        sightings=(),
        summary=replace(SAMPLE.summary, interrupted=True),
    )
    more = Beside(effort=Effort(errands=22, settled=333, never=44, low=1111, high=99999))
    assert len(pages(pdf.render(html.render(long, lang, "short", more, paper=True)))) == 1


@pytest.mark.parametrize("lang", ["de", "en"])
def test_the_full_report_holds_every_sighting_with_its_place(lang):
    found = pages(made(lang, "full"))
    said = " ".join(map(words, found))
    assert 4 <= len(found) <= 20
    squeezed = "".join(said.split()).replace("\xad", "").replace("-", "")
    with speaking(lang):
        places = {sighting.id: place(sighting.locator) for sighting in SAMPLE.sightings}
    for name, where in places.items():
        assert f"{name}·" in squeezed
        assert "".join(where.split()).replace("-", "") in squeezed


@pytest.mark.parametrize("length", ["short", "full"])
def test_the_label_stands_at_the_top_and_at_the_foot_of_every_page_to_the_right(length):
    for page in pages(made("en", length)):
        text = page.get_textpage()
        width, height = page.get_size()
        boxes = [text.get_rect(n) for n in range(text.count_rects())]
        # The text of the report may name the label as well; that stands between the two, and is smaller.
        named = [box for box in boxes if "TLP:AMBER+STRICT" in text.get_text_bounded(*box)]
        labels = [max(named, key=lambda box: box[3]), min(named, key=lambda box: box[1])]
        assert {bottom > height / 2 for _left, bottom, _right, _top in labels} == {True, False}
        assert all(left > width / 2 for left, _bottom, _right, _top in labels)
        image = page.render(scale=2).to_pil().convert("RGB")
        assert AMBER in {colour for _count, colour in image.getcolors(maxcolors=2**24)}


def test_the_label_is_twelve_points_or_more():
    raw = import_module("pypdfium2.raw")
    (page,) = pages(made("en", "short"))
    text = page.get_textpage()
    start = text.get_text_range().index("TLP:")
    assert raw.FPDFText_GetFontSize(text.raw, start) >= 12


@pytest.mark.parametrize("lang", ["de", "en"])
@pytest.mark.parametrize("length", ["short", "full"])
def test_nothing_is_cut_off_at_the_edge_of_a_page(lang, length):
    for page in pages(made(lang, length)):
        image = page.render(scale=1).to_pil().convert("L")
        width, height = image.size
        middle = image.crop((MARGIN, MARGIN, width - MARGIN, height - MARGIN))
        edges = image.copy()
        edges.paste(255, (MARGIN, MARGIN, width - MARGIN, height - MARGIN))
        assert edges.getextrema() == (255, 255)
        assert middle.getextrema()[0] < 128


@pytest.mark.parametrize("lang", ["de", "en"])
def test_no_label_of_a_lane_is_cut_off(lang):
    # A lane's label ends at the lane; a longer one would begin outside of the picture.
    said = " ".join(map(words, pages(made(lang, "full"))))
    for label in ("DNS-Anfragen", "installierte Software") if lang == "de" else ("DNS queries", "installed software"):
        assert label in said


def test_colours_of_the_pictures_reach_the_paper():
    seen, hatch = (0x5F, 0x8A, 0x76), (0x8F, 0x14, 0x14)
    colours = set()
    for page in pages(made("en", "full")):
        colours |= {colour for _n, colour in page.render(scale=2).to_pil().convert("RGB").getcolors(maxcolors=2**24)}
    assert {seen, hatch} <= colours


def test_a_document_that_can_be_read_aloud():
    document = made("de", "full")
    assert b"/Lang" in document or pypdfium2.PdfDocument(document).get_metadata_dict()["Title"].startswith("Vorfalls")
    assert pypdfium2.PdfDocument(document).is_tagged()


@pytest.mark.parametrize("assessment", [NOTHING, hostile("<script>\u202e"), same_gap(30)], ids=["none", "evil", "many"])
def test_whatever_comes_has_pages(assessment):
    for length in ("short", "full"):
        assert pages(pdf.render(html.render(assessment, "en", length, paper=True)))


def test_the_same_report_gives_the_same_bytes():
    page = html.render(SAMPLE, "en", "short", paper=True)
    assert pdf.render(page) == pdf.render(page)


def test_nothing_is_fetched(monkeypatch):
    asked = []
    urls = import_module("weasyprint.urls")
    monkeypatch.setattr(urls.URLFetcher, "open", lambda self, *args, **kwargs: asked.append(args))
    document = '<img src="http://127.0.0.1:1/x.png"><img src="file:///etc/passwd"><p>x'
    assert pages(pdf.render(document))
    assert asked == []


def test_without_the_extra_the_install_line_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(UsageError, match=r"pip install 'nachsorge\[pdf\]'"):
        pdf.ready()


def test_without_the_libraries_of_the_system_their_packages_are_told(monkeypatch):
    monkeypatch.delitem(sys.modules, "weasyprint", raising=False)
    real = builtins.__import__

    def lacking(name, *args, **kwargs):
        if name == "weasyprint":
            raise OSError("cannot load library 'libpango-1.0-0'")
        return real(name, *args, **kwargs)

    monkeypatch.setattr("nachsorge.reports.pdf.import_module", lambda name: lacking(name))
    with pytest.raises(UsageError, match="apt install libpango"):
        pdf.ready()
