"""The words of the glossary are the words of the catalogue."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.reports.test_texts import pairs

GLOSSARY = Path(__file__).parents[2] / "docs" / "reference" / "glossary.md"
ROW = re.compile(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
ASIDE = re.compile(r"\{\w+\}|`[^`]*`|\brules out\b")
"""Places to fill in, commands, and a verb that only sounds like the noun."""


def rows() -> list[tuple[str, list[str]]]:
    found = ROW.findall(GLOSSARY.read_text(encoding="utf-8"))
    return [(english, german.split(", ")) for english, german, _meaning in found if english != "English"]


def test_there_is_a_glossary_in_order():
    words = [english for english, _german in rows()]
    assert len(words) > 30
    assert words == sorted(words)


@pytest.mark.parametrize(("english", "german"), rows(), ids=lambda value: value if isinstance(value, str) else "")
def test_where_the_english_word_stands_the_german_one_does(english, german):
    word = re.compile(rf"(?<![\w-]){re.escape(english)}(?![\w-])", re.IGNORECASE)
    met = [(text, said) for _message, text, said in pairs() if word.search(ASIDE.sub("", text))]
    assert met, "no message has this word: the glossary does not need it"
    stems = [stem.lower() for stem in german]
    assert [text for text, said in met if not any(stem in said.lower() for stem in stems)] == []
