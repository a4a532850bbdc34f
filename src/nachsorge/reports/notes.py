"""Notes of readers, of the judge and of the run, in the reader's language: phrases, with what varies left as it is.

Code below writes its notes in English, because they go into the assessment, which is the same whatever language it is
read in. The phrases stand by family in `notes_*`;
`docs/reference/glossary.md` says what stays English. A note is often several, joined by semicolons; each is said by
itself, and so is what a longer note holds of another one (`_WITHIN`). tests/reports/test_notes.py holds that every
phrase is one that the code really writes, tests/reports/test_noted.py that every note has a phrase.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from nachsorge.locale import N_, _, speaking
from nachsorge.reports import (
    codes,
    notes_given,
    notes_images,
    notes_network,
    notes_often,
    notes_packages,
    notes_readers,
    notes_run,
    notes_windows,
)

if TYPE_CHECKING:
    from nachsorge.locale import Lang

JOINT = "; "
LONGEST = 4
"""Parts that one phrase may be made of: some hold a semicolon themselves."""
MOST = 30
LETTERS = 2000
"""Parts and letters up to which a note is looked at: evidence writes into some of them."""

_NUMBERS = frozenset(
    {
        "count",
        "found",
        "kinds",
        "least",
        "most",
        "number",
        "present",
        "raw",
        "records",
        "rest",
        "shown",
        "size",
        "size_too",
        "stated",
        "stored",
        "unreadable",
        "wanted",
    }
)
_WITHIN = frozenset(
    {
        "error",
        "error_too",
        "fault",
        "fileless",
        "kind",
        "lack",
        "marks",
        "note",
        "problem",
        "remedy",
        "trouble",
        "what",
        "why",
    }
)
"""Places of a phrase that may hold another note."""
AND = N_(" and ")
_LISTED = {"faults": AND, "hosts": AND, "named": ", "}
"""Places of a phrase that hold several, and what stands between them."""
_HEAD = re.compile(r"\d+ |[^:]*(?::(?! )[^:]*)*: ")
"""How many, or whose: a path, a channel, a volume."""
_ERRORS = ("error", "error_too")
"""Places of a phrase that hold what a library or the operating system said: its own words, in our frame."""
_REST = re.compile(r" and (\d+) more\Z")
"""Why a listed file is not there, and how many are not named."""
DEEPEST = 4
"""So many things that a note is of are looked behind."""

_FAMILIES = (
    notes_often,
    notes_given,
    notes_images,
    notes_network,
    notes_packages,
    notes_readers,
    notes_run,
    notes_windows,
)

PHRASES = tuple(phrase for family in _FAMILIES for phrase in family.PHRASES)


def say(text: str, lang: Lang) -> str:
    """Say a note in a language; what is on no list stays as it is."""
    if not text or lang == "en" or len(text) > LETTERS or text.count(JOINT) > MOST:
        return text
    return _said(text, lang)


@lru_cache(maxsize=4096)
def _said(text: str, lang: Lang) -> str:
    """Say a note in pieces, so that the fewest parts stay as they are, and of such ways the one of shortest pieces.

    Shortest pieces, because a longer one would swallow the next note as a value of its own.
    """
    parts = text.split(JOINT)
    best: list[tuple[int, str]] = [(0, "")]
    for at in reversed(range(len(parts))):
        ways = []
        for length in range(1, min(LONGEST, len(parts) - at) + 1):
            piece = JOINT.join(parts[at : at + length])
            said = _phrase(piece, lang)
            if said is None and length > 1:
                continue
            left, rest = best[length - 1]
            told = piece if said is None else said
            ways.append((left + (said is None), told + (JOINT + rest if at + length < len(parts) else "")))
        best.insert(0, min(ways, key=lambda way: way[0]))
    return best[0][1]


def _phrase(text: str, lang: Lang) -> str | None:
    """Say one note: as a phrase, or as one behind what it is of (`System: ...`) or how many (`12 ...`)."""
    if (said := _exact(text, lang)) is not None:
        return said
    head, rest = "", text
    for _deep in range(DEEPEST):
        found = _HEAD.match(rest)
        if found is None or JOINT in found[0]:  # what would stand before the colon holds another note
            return None
        head, rest = head + found[0], rest[found.end() :]
        if (said := _exact(rest, lang)) is not None:
            return head + said
    return None


def _exact(text: str, lang: Lang) -> str | None:
    with speaking(lang):
        if (said := _(text)) != text:
            return said  # whoever wrote it marked it himself
    for phrase, longest, pattern in _patterns():
        if longest in text and (found := pattern.fullmatch(text)):
            values = {name: _within(name, value, lang) for name, value in found.groupdict().items()}
            with speaking(lang):
                return _(phrase).format(**values)
    return None


def _within(name: str, value: str, lang: Lang) -> str:
    # It ends: a value is shorter than the note that holds it, and a phrase has words of its own.
    if name in _LISTED:
        told = [_phrase(part, lang) or part for part in value.split(_LISTED[name])]
        with speaking(lang):
            return (_(" and ") if _LISTED[name] == AND else _LISTED[name]).join(told)
    if name in _WITHIN:
        said = _phrase(value, lang)
        return said or (quoted(value, lang) if name in _ERRORS else value)
    if name in ("telemetry", "source"):
        with speaking(lang):
            return ", ".join(_(part) if part in codes.WORDS else part for part in value.split(", "))
    if name in ("listed", "names"):
        text = _asides(value, lang)
        with speaking(lang):
            return _REST.sub(lambda found: _(" and {rest} more").format(rest=found[1]), text)
    return value


def quoted(text: str, lang: Lang) -> str:
    """Give the words of a library, which are in its language, as a quotation."""
    if lang == "en" or not re.search(r"[A-Za-z]{2}", text):
        return text
    with speaking(lang):
        return _('message of the library: "{text}"').format(text=text)


def of_error(text: str, lang: Lang) -> str:
    """Say the note of what could not be decoded: what no phrase knows is what the decoder said."""
    said = say(text, lang)
    return quoted(text, lang) if said == text else said


def _asides(text: str, lang: Lang) -> str:
    """Say what stands in brackets behind listed files; brackets within brackets belong to it."""
    out, begin, depth = [""], 0, 0
    for at, letter in enumerate(text):
        if letter == "(":
            depth += 1
            if depth == 1:
                out.append(text[begin : at + 1])
                begin = at + 1
        elif letter == ")" and depth:
            depth -= 1
            if depth == 0:
                out.append(_phrase(text[begin:at], lang) or text[begin:at])
                begin = at
    return "".join((*out, text[begin:]))


@cache
def _patterns() -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    """Compile the phrases, those with the most words of their own first: they say most exactly what is meant.

    Beside each stands its longest stretch of own words: a text without that is no such note, which costs little to see.
    """

    def own(phrase: str) -> list[str]:
        return re.split(r"\{\w+\}", phrase)

    ordered = sorted(dict.fromkeys(PHRASES), key=lambda phrase: sum(map(len, own(phrase))), reverse=True)
    return tuple((phrase, max(own(phrase), key=len), _pattern(phrase)) for phrase in ordered)


def _value(name: str) -> str:
    if name == "label":  # of a volume: it never holds the note before
        return "[^;]+?"
    return r"\d[\d,.]*" if name in _NUMBERS else ".+?"


def _pattern(phrase: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", phrase)
    names = [f"(?P<{part}>{_value(part)})" if at % 2 else re.escape(part) for at, part in enumerate(parts)]
    return re.compile("".join(names), re.DOTALL)
