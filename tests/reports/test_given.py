from __future__ import annotations

import pytest

from nachsorge.model.assessment import Asset
from nachsorge.model.pack import Stage
from nachsorge.model.words import Platform, Rung
from nachsorge.reports.given import PHRASES, say
from nachsorge.reports.languages import CATALOGUES
from nachsorge.verdicts.ladder import why_not

EXAMPLES = {
    "implied": ("implied by c2", "vorausgesetzt von einer späteren, nachgewiesenen Stufe: Kontakt"),
    "refuted": ("refuted by g9", "eine Spur spricht dagegen (g9)"),
    "requires": ("requires c2, which is ruled out", "setzt eine ausgeschlossene Stufe voraus: Kontakt"),
    "unseen": ("nothing seen in proxy and dns_query", "keine Spur in: Web-Proxy, DNS-Anfragen"),
    "unseen-within": (
        "nothing seen in proxy from 2023-03-03T00:00:00Z to 2023-04-20T23:59:59.999999Z",
        "keine Spur in: Web-Proxy, 2023-03-03 bis 2023-04-20",
    ),
    "platform": ("does not apply: platform macos", "trifft auf diese Plattform nicht zu (macOS)"),
    "role": ("does not apply: role none", "trifft auf diese Rolle nicht zu (keine angegeben)"),
    "never": (
        "the pack names nothing that would rule this out",
        "das Pack nennt nichts, was diese Stufe ausschließen könnte",
    ),
    "no-need": (
        "evidence of one organisation cannot answer this",
        "mit den Daten einer einzelnen Organisation nicht zu beantworten",
    ),
    "anchor-unseen": ("c2 was not seen on any asset", "auf keinem System beobachtet: Kontakt"),
    "all-covered": ("every asset concerned was covered afterwards", "alle betreffenden Systeme waren danach abgedeckt"),
    "not-covered": ("ws: proxy not covered (silence)", "ws: Web-Proxy nicht abgedeckt"),
    "not-covered-any": ("ws: nothing not covered (not-provided)", "ws: nicht abgedeckt (nicht vorgelegt)"),
    "later": (
        "ws: x.example at 2023-03-29T01:00:00Z, after 2023-03-28T00:00:00Z (g1)",
        "ws: x.example um 2023-03-29 01:00:00, nach 2023-03-28 00:00:00 (g1)",
    ),
    "basis-pack": ("pack", "vom Pack vorgegeben"),
    "basis-none": ("none: no record has a usable time", "keine, da kein Datensatz"),
    "basis-asked": ("--from/--to", "mit --from und --to vorgegeben"),
    "basis-evidence": ("the span that the evidence covers", "Zeitspanne, die die Daten abdecken"),
}


def test_every_phrase_has_an_example():
    assert set(EXAMPLES) == set(PHRASES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_judges_phrases_are_said_in_german(name):
    phrase, german = EXAMPLES[name]
    assert say(phrase, CATALOGUES["de"], {"c2": "Kontakt"}).startswith(german)


@pytest.mark.parametrize(
    "text",
    [
        "anything else",
        "nothing seen in crystal_balls",
        "nothing seen in proxy from neverZ to laterZ",
        "x: proxy not covered (because)",
        "{0} {stage}",
        "",
    ],
)
def test_what_is_not_on_the_list_stays_as_it_is(text):
    assert say(text, CATALOGUES["de"], {}) == text


def test_the_judge_still_speaks_so():
    stage = Stage(id="s", rung=Rung.EXPOSED, title="S", platforms=(Platform.MACOS,))
    asset = Asset(id="a", platform=Platform.WINDOWS)
    german = "trifft auf diese Plattform nicht zu (Windows)"
    assert say(why_not(stage, asset), CATALOGUES["de"], {}) == german
