"""Notes in German: every phrase is one that the code really writes, and what is on no list stays as it is."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import nachsorge
from nachsorge.model.words import Reason, Status, Telemetry
from nachsorge.reports import codes, notes
from nachsorge.reports.notes import LETTERS, PHRASES, say

if TYPE_CHECKING:
    from collections.abc import Iterator

SELECTION = (
    "a selection of files (1 in windows/system32; a whole system has 500 or more): what is in it counts, what is not in"
    " it may have been on the host all the same"
)


def bare(phrase: str) -> str:
    return re.sub(r"\{\w*\}", "{}", phrase)


def stretches(phrase: str) -> list[str]:
    """What a phrase says itself between its places; all of it where nothing of it is long."""
    parts = re.split(r"\{\w+\}", phrase)
    return [part for part in parts if len(part) > 12] or [bare(phrase)]


@cache
def written() -> frozenset[str]:
    """Every text of the code, what varies in it as {}."""
    room = Path(str(nachsorge.__file__)).parent
    out = set()
    for path in room.rglob("*.py"):
        if path.relative_to(room).parts[0] not in ("reports", "locale", "cert"):
            out |= set(texts(ast.parse(path.read_text(encoding="utf-8"))))
    return frozenset(out)


def texts(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str() as text):
                yield text
            case ast.JoinedStr(values=values):
                yield "".join(str(value.value) if isinstance(value, ast.Constant) else "{}" for value in values)


@pytest.mark.parametrize("phrase", PHRASES)
def test_the_code_still_writes_so(phrase):
    if any(all(part in text for part in stretches(phrase)) for text in written()):
        return
    wanted = bare(phrase.replace("{command}", "pip install"))
    # Some are put together of two texts: `<count> <what>: <files>`, `<kind>: <note>`, `<text>, which ...`.
    known = {re.sub(r"(?<=: )pip install .*", "pip install", bare(text)) for text in written()}
    parts = {text for text in known if len(text) > 12 and " " in text and text in wanted}
    rest = wanted
    for part in sorted(parts, key=len, reverse=True):
        rest = rest.replace(part, "")
    assert len(re.sub(r"[^a-z]", "", rest)) <= len("severalcards"), (rest, wanted)


@pytest.mark.parametrize(
    ("note", "german"),
    [
        (SELECTION, "eine Auswahl von Dateien (1 in windows/system32; ein ganzes System hat 500 oder mehr): was darin"),
        ("times without a zone were taken as UTC", "Zeiten ohne Zeitzone gelten als UTC"),
        ("published for windows; this asset is linux", "veröffentlicht für windows; dieses System ist linux"),
        ("no asset is in scope", "kein System ist im Prüfumfang"),  # marked where it is written
        ("run check on the evidence itself", "check auf das Beweismaterial selbst anwenden"),
        ("more than 10 rows: the rest was not read", "mehr als 10 Zeilen: der Rest wurde nicht gelesen"),
        # one behind what it is of, or how many
        (
            "a/x.tar: the archive ends 3 bytes before its last member does",
            "a/x.tar: das Archiv endet 3 Bytes vor seinem letzten Mitglied",
        ),
        ("12 packets were captured only in part (snap length)", "12 Pakete wurden nur zum Teil aufgezeichnet"),
        # one within another, and several
        (
            "chunk 2 has a wrong record checksum and is cut off after 1 of 2 bytes",
            "Chunk 2 hat eine falsche Prüfsumme der Datensätze und ist nach 1 von 2 Bytes abgeschnitten",
        ),
        (
            "the registry hive has no root key: no list of keys at 32",
            "der Registry-Hive hat keinen Wurzelschlüssel: keine Schlüsselliste bei 32",
        ),
        (
            "ORC did not bring 7 files: x (met, and not taken), y, and 5 more",
            "ORC brachte 7 Dateien nicht mit: x (gefunden, und nicht mitgenommen), y, und 5 weitere",
        ),
        ("2 browser histories are of nobody that is known (--asset NAME=PATH): a and 3 more", "2 Browserverläufe"),
    ],
)
def test_notes_are_said_in_german(note, german):
    assert say(note, "de").startswith(german)
    assert say(note, "en") == note


def test_several_notes_in_one_are_said_one_by_one():
    files = "4 files of no known log format: name and hash compared, text not searched: a, b"
    assert say(f"{SELECTION}; {files}", "de").endswith(
        "gewesen sein; 4 Dateien ohne bekanntes Protokollformat: Name und Prüfsumme verglichen, Text nicht durchsucht:"
        " a, b"
    )
    both = say(f"{SELECTION}; a word of a pack; times without a zone were taken as UTC", "de")
    assert both.startswith("eine Auswahl")
    assert both.endswith("; a word of a pack; Zeiten ohne Zeitzone gelten als UTC")


@pytest.mark.parametrize("text", ["", "anything else", "{0} {names}", "a; b; c", "no time for {this}", "\x00"])
def test_what_is_on_no_list_stays_as_it_is(text):
    assert say(text, "de") == text


def test_braces_of_the_evidence_are_only_text():
    assert say("no lock file of {0.__class__}", "de") == "keine Lock-Datei von {0.__class__}"


def test_a_huge_note_costs_nothing():
    for text in ("no lock file of " * LETTERS, "; " * LETTERS, "line " * 380):
        assert say(text, "de")


def test_every_word_that_stands_alone_is_marked():
    assert set(codes.WORDS) == {word.value for kind in (Reason, Status, Telemetry) for word in kind}
    assert say("not-provided", "de") == "nicht vorgelegt"


def test_most_specific_phrases_win():
    assert say("not applicable: no record of x, which no reader here knows", "de").endswith(
        "keine Leseroutine hier kennt"
    )
    assert notes.say("more than 3 files; the rest was not looked at", "de") == (
        "mehr als 3 Dateien; der Rest wurde nicht geprüft"
    )
