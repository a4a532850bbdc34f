from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from tests.reports.samples import NOTHING, PACK, SAMPLE, hostile, same_gap

from nachsorge.locale import speaking
from nachsorge.model.words import Standing
from nachsorge.reports import html, kinds
from nachsorge.reports.languages import CATALOGUES

VOID = {"meta", "br", "col", "hr", "img", "input", "link"}
EVIL = [
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "javascript:alert(1)",
    "x\u202egpj.exe",
    "\x1b[31m\x00\x07",
    "{{ 7 * 7 }}{% raw %}",
    "]]></style><style>*{display:none}",
    "&lt;b&gt; --> <!--",
    "https://evil.example/x",
    "\ud800",
]


class Page(HTMLParser):
    """Balanced or not, and what stands in it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data):
        self.words.append(data)


def parsed(text: str) -> Page:
    page = Page()
    page.feed(text)
    page.close()
    assert page.open == []
    return page


@pytest.mark.parametrize("lang", ["de", "en"])
@pytest.mark.parametrize("assessment", [SAMPLE, NOTHING, same_gap(30), hostile("x")], ids=["four", "none", "many", "x"])
def test_balanced_and_self_contained(lang, assessment):
    page = parsed(html.render(assessment, lang))
    assert page.tags[0] == ("html", {"lang": lang})
    assert not {"script", "link", "img", "iframe", "object", "embed", "form", "base"} & {tag for tag, _ in page.tags}
    for tag, attributes in page.tags:
        assert not [name for name in attributes if name.startswith("on")]
        for name in ("href", "src", "action", "xlink:href"):
            assert (attributes.get(name) or "#").startswith("#"), (tag, attributes)


def test_no_address_of_another_machine_stands_in_it():
    text = html.render(SAMPLE, "en")
    assert not re.search(r"https?:|//|@import|url\((?!#hatch)", text)


@pytest.mark.parametrize("evil", EVIL)
def test_hostile_text_is_only_ever_text(evil):
    harmless, page = parsed(html.render(hostile("x"), "en")), parsed(html.render(hostile(evil), "en"))

    def shape(page):
        return [(tag, sorted(attributes)) for tag, attributes in page.tags]

    assert shape(page) == shape(harmless)
    assert not set("\x1b\x00\x07\u202e\ud800") & set(html.render(hostile(evil), "en"))


def test_hostile_text_stays_readable():
    words = "".join(parsed(html.render(hostile("<b>\u202e\x1b"), "en")).words)
    assert "<b>⟨U+202E⟩⟨U+001B⟩" in words


def test_only_known_values_reach_styles_and_classes():
    for tag, attributes in parsed(html.render(hostile("evil value"), "en")).tags:
        assert "style" not in attributes, tag
        assert "evil" not in (attributes.get("class") or "") + (attributes.get("id") or "")


@pytest.mark.parametrize("lang", ["de", "en"])
def test_everything_that_matters_stands_in_it(lang):
    words = " ".join("".join(parsed(html.render(SAMPLE, lang)).words).split())
    texts = CATALOGUES[lang]
    for judged in SAMPLE.assets:
        assert judged.asset.id in words
    for sighting in SAMPLE.sightings:
        with speaking(lang):
            assert kinds.place(sighting.locator) in words
    for source in SAMPLE.sources:
        assert source.reading.path in words
    for standing in Standing:
        assert texts.legend[standing] in words
    for say in ("Erika Muster", "no record for 47 hours", "ab" * 32, "needs image_load", "type `ja3` is not known"):
        assert say in words
    assert texts.control_failed in words


def test_a_long_ladder_is_numbered_and_explained():
    stages = tuple((f"stage-{n}", f"Rung {n}", f"Sprosse {n}") for n in range(1, 9))
    text = html.render(replace(SAMPLE, packs=(replace(PACK, stages=stages),), sightings=()), "de")
    assert '<ol class="ladder"' in text
    assert "<li>Sprosse 8</li>" in text
    assert "N durch Spuren nachgewiesen" in text
    parsed(text)


def test_tables_and_pictures_can_be_read_aloud():
    tags = parsed(html.render(SAMPLE, "de")).tags
    assert all("scope" in attributes for tag, attributes in tags if tag == "th")
    pictures = [attributes for tag, attributes in tags if tag == "svg" and attributes.get("class") == "lanes"]
    assert len(pictures) == 4
    assert all(picture.get("aria-label") and picture.get("role") == "img" for picture in pictures)
    assert {"header", "nav", "main", "footer"} <= {tag for tag, _ in tags}


def test_links_lead_to_a_place_of_the_page():
    tags = parsed(html.render(SAMPLE, "en")).tags
    ids = [attributes["id"] for _, attributes in tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {(attributes.get("href") or "")[1:] for tag, attributes in tags if tag == "a"} <= set(ids)


def test_every_gap_is_drawn_with_its_reason():
    text = html.render(SAMPLE, "en")
    titles = re.findall(r'<rect class="gap"[^>]*><title>(.*?)</title>', text)
    assert len(titles) == sum(len(coverage.gaps) for coverage in SAMPLE.coverage)
    assert any("the source was silent (no record for 47 hours)" in title for title in titles)


def test_a_label_and_a_page_footer_for_print():
    text = html.render(SAMPLE, "en")
    assert 'content: "TLP:AMBER+STRICT"' in text
    assert text.count('class="tlp amber_strict"') == 2


def test_the_same_input_gives_the_same_bytes():
    assert html.render(SAMPLE, "de") == html.render(SAMPLE, "de")


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_contrast_is_at_least_aa():
    # WCAG 2.2, 1.4.3: 4.5 to 1 for text.
    themes = re.findall(r":root \{(.*?)\}", html.render(NOTHING, "en"), re.DOTALL)
    assert len(themes) == 3
    for theme in themes:
        pairs = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6})", theme))
        colours = {n: c if len(c) == 7 else "#" + "".join(2 * x for x in c[1:]) for n, c in pairs.items()}
        paper = luminance(colours["paper"])
        for name in ("ink", "soft", "link", "shown", "suspected", "open", "ruled-out"):
            light, dark = sorted((paper, luminance(colours[name])), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5, name
