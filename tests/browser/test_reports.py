"""Reports in a browser: axe-core finds nothing serious; nothing is fetched, runs off the side, or is lost in print."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.reports.samples import NOTHING, SAMPLE, hostile, same_gap
from tests.reports.test_ranking import ranking

from nachsorge.assets.inventory import load_inventory
from nachsorge.cases.timeline import timeline
from nachsorge.cli import pages
from nachsorge.model.effort import Effort
from nachsorge.model.times import parse_instant
from nachsorge.packs.library import resolve
from nachsorge.reports import html
from nachsorge.reports.beside import Beside
from nachsorge.sweep import Options, sweep

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.model.assessment import Assessment

pytestmark = pytest.mark.browser

SERIOUS = ("serious", "critical")
EFFORT = Effort(errands=3, settled=5, never=1, low=20, high=90)


@pytest.fixture(params=["light", "dark"])
def page(chromium: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    context = chromium.new_context(color_scheme=request.param, viewport={"width": 1200, "height": 900})
    yield context.new_page()
    context.close()


def written(folder: Path, assessment: Assessment, lang: str, length: str) -> str:
    more = Beside(moments=timeline(assessment).events, effort=EFFORT, ranking=ranking())
    file = folder / "report.html"
    file.write_text(html.render(assessment, lang, length, more), encoding="utf-8")  # type: ignore[arg-type]
    return file.as_uri()


def complaints(page: Any) -> list[str]:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    found = axe.Axe().run(page).response["violations"]
    return [f"{one['impact']}: {one['id']}: {one['nodes'][0]['html'][:200]}" for one in found]


@pytest.mark.parametrize("lang", ["de", "en"])
@pytest.mark.parametrize("length", ["short", "full"])
def test_axe_finds_nothing(page, tmp_path, lang, length):
    page.goto(written(tmp_path, SAMPLE, lang, length))
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert complaints(page) == []


@pytest.mark.parametrize("length", ["short", "full"])
@pytest.mark.parametrize("assessment", [NOTHING, hostile("<b>\u202e"), same_gap(40)], ids=["none", "hostile", "many"])
def test_axe_finds_nothing_serious_whatever_comes(page, tmp_path, assessment, length):
    page.goto(written(tmp_path, assessment, "de", length))
    assert [one for one in complaints(page) if one.startswith(SERIOUS)] == []


@pytest.mark.parametrize("length", ["short", "full"])
def test_nothing_is_fetched_and_nothing_is_refused(page, tmp_path, length):
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    address = written(tmp_path, SAMPLE, "en", length)
    page.goto(address)
    assert asked == [address]
    assert said == []


@pytest.mark.parametrize("width", [360, 800, 1600])
@pytest.mark.parametrize("length", ["short", "full"])
def test_nothing_runs_off_the_side(page, tmp_path, length, width):
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(written(tmp_path, SAMPLE, "de", length))
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_no_label_of_a_picture_begins_outside_of_it(page, tmp_path):
    page.goto(written(tmp_path, SAMPLE, "de", "full"))
    outside = page.evaluate(
        """[...document.querySelectorAll('svg.lanes')].flatMap(svg => [...svg.querySelectorAll('text.lane')]
        .filter(text => text.getBoundingClientRect().left < svg.getBoundingClientRect().left)
        .map(text => text.textContent))"""
    )
    assert outside == []


@pytest.mark.parametrize("length", ["short", "full"])
def test_what_the_browser_prints_bears_the_label_on_every_page(page, tmp_path, length):
    pypdfium2 = pytest.importorskip("pypdfium2")
    page.goto(written(tmp_path, SAMPLE, "de", length))
    printed = list(pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True)))
    assert len(printed) == 1 if length == "short" else len(printed) > 2
    for one in printed:
        assert one.get_textpage().get_text_range().count("TLP:AMBER+STRICT") >= 2


# --- the pictures of the docs -----------------------------------------------------------------------------------------

DOCS = Path(__file__).parents[2] / "docs"
ORGANISATION = DOCS.parent / "examples" / "organisation"
PICTURES = {
    "start/report.png": ("en", "full", "#matrix", 1000, 980),
    "guides/report-full-de.png": ("de", "full", "#timeline", 1000, 860),
    "guides/report-asset-de.png": ("de", "full", "figure:has(figcaption):nth-of-type(2)", 1000, 560),
    "guides/report-short-en.png": ("en", "short", "", 860, 1180),
    "guides/report-short-de.png": ("de", "short", "", 860, 1180),
}
"""Each with language, length, what stands at its top, width and height."""


@pytest.fixture(scope="module")
def organisation() -> Assessment:
    """The example organisation against the 3CX pack, as `make demo` judges it."""
    triage = "evidence/hosts/gm-ws-12/triage.zip"
    options = Options(assets={triage: "gm-ws-12"}, jobs=1, now=parse_instant("2023-06-01"))
    with contextlib.chdir(ORGANISATION):
        inventory = load_inventory(Path("inventory.csv"))
        return sweep([resolve("3cx-2023")], ["evidence", triage], inventory, options)


@pytest.mark.parametrize("name", PICTURES)
def test_pictures_of_the_docs(chromium, organisation, tmp_path, request, name):
    lang, length, top, width, height = PICTURES[name]
    more = pages.beside(organisation, [resolve("3cx-2023")])
    file = tmp_path / "report.html"
    file.write_text(html.render(organisation, lang, length, more), encoding="utf-8")  # type: ignore[arg-type]
    context = chromium.new_context(color_scheme="light", viewport={"width": width, "height": height})
    page = context.new_page()
    page.goto(file.as_uri())
    if top:
        page.locator(top).first.scroll_into_view_if_needed()
        page.evaluate("([where, at]) => scrollTo(0, document.querySelectorAll(where)[0].offsetTop - at)", [top, 24])
    if top == "#matrix":
        page.evaluate("scrollTo(0, 0)")
    shot = page.screenshot(full_page=length == "short")
    context.close()
    assert len(shot) > 30_000  # a blank page is a tenth of that
    if request.config.getoption("--pictures", default=False):
        (DOCS / name).write_bytes(shot)
