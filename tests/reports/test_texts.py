"""Both catalogues are complete, the German one is German, and neither says more than the standing."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nachsorge import reports
from nachsorge.model.words import Platform, Reason, Standing, Status, Telemetry, Verdict, Weight
from nachsorge.reports.given import PHRASES
from nachsorge.reports.languages import CATALOGUES
from nachsorge.reports.texts import Counted, Texts

if TYPE_CHECKING:
    from enum import Enum

FIELD_WORDS = {
    *("exit", "code", "codes", "sha", "tlp", "amber", "strict", "json", "utc", "dns", "tls", "dhcp", "web", "proxy"),
    *("windows", "macos", "linux", "syslog", "pack", "status", "version", "software", "name", "system", "format"),
    *(
        "e",
        "mail",
        "in",
        "des",
        "was",
        "so",
        "also",
        "watched",
        "build",
        "browser",
        "sensor",
        "text",
        "packs",
        "organisation",
        "lock",
        "autostart",
    ),
}
"""Words that are the same in German, or the field's own."""
CLEAN = re.compile(
    r"\b(clean|sauber|safe|sicher|unbedenklich|not affected|nicht betroffen|no compromise)\b", re.IGNORECASE
)


def words_of(texts: Texts) -> Iterator[tuple[str, str]]:
    for field in fields(texts):
        yield from ((field.name, text) for text in flat(getattr(texts, field.name)))


def flat(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case Counted():
            yield from (value.one, value.many)
        case Mapping():
            for item in value.values():
                yield from flat(item)
        case tuple():
            for item in value:
                yield from flat(item)
        case _:
            raise AssertionError(value)


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("lang", ["de", "en"])
def test_every_text_is_there(lang):
    assert all(text.strip() for _, text in words_of(CATALOGUES[lang]))


@pytest.mark.parametrize("lang", ["de", "en"])
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("standings", Standing),
        ("letters", Standing),
        ("legend", Standing),
        ("method_standings", Standing),
        ("verdicts", Verdict),
        ("headlines", Verdict),
        ("statuses", Status),
        ("reasons", Reason),
        ("telemetry", Telemetry),
        ("weights", Weight),
        ("platforms", Platform),
    ],
)
def test_every_word_of_a_closed_list_has_its_wording(lang, name, words: type[Enum]):
    assert set(getattr(CATALOGUES[lang], name)) == set(words)


@pytest.mark.parametrize("lang", ["de", "en"])
def test_answers_and_exit_codes(lang):
    assert set(CATALOGUES[lang].answers) == {"holds", "refuted", "untestable"}
    assert set(CATALOGUES[lang].exits) == {0, 1, 2, 3}
    assert set(CATALOGUES[lang].given) == set(PHRASES)
    assert len(set(CATALOGUES[lang].letters.values())) == len(Standing)


def test_both_languages_fill_the_same_places():
    for (name, german), (_, english) in zip(words_of(CATALOGUES["de"]), words_of(CATALOGUES["en"]), strict=True):
        assert places(german) == places(english), name


def test_no_english_is_left_in_the_german_catalogue():
    def vocabulary(lang):
        texts = (
            re.sub(r"\{.*?\}|--\w+", " ", text)
            for name, text in words_of(CATALOGUES[lang])
            if name not in ("lang", "letters")
        )
        return {word.lower() for text in texts for word in re.findall(r"[^\W\d_]+", text)}

    assert vocabulary("de") & vocabulary("en") <= FIELD_WORDS


@pytest.mark.parametrize("lang", ["de", "en"])
def test_nothing_is_ever_called_clean(lang):
    assert [text for _, text in words_of(CATALOGUES[lang]) if CLEAN.search(text)] == []


def test_ruled_out_always_says_how_far():
    assert CATALOGUES["de"].legend[Standing.RULED_OUT] == "ausgeschlossen, soweit belegt"
    assert CATALOGUES["en"].legend[Standing.RULED_OUT] == "ruled out within what was covered"
    for lang, limit in (("de", "soweit belegt"), ("en", "within what was covered")):
        texts = CATALOGUES[lang]  # type: ignore[index]
        assert limit in texts.headlines[Verdict.RULED_OUT]
        assert limit in texts.exits[0]
        assert limit in texts.nothing_open


def test_no_text_is_unused():
    room = Path(str(reports.__file__)).parent
    code = "".join(
        path.read_text(encoding="utf-8")
        for path in (*room.glob("*.py"), *room.glob("templates/*"))
        if not path.name.startswith("texts")
    )
    assert [field.name for field in fields(Texts) if not re.search(rf"\b(t|texts)\.{field.name}\b", code)] == []
