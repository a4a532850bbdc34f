"""Help and complaints about wrong use are in the language that was asked for, whichever way."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from nachsorge.cli.help_words import asked_for


def called(*words, **environment):
    found = subprocess.run(
        [sys.executable, "-m", "nachsorge", *words],
        env={**os.environ, "LC_ALL": "C", "COLUMNS": "100", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return found.returncode, found.stdout + found.stderr


@pytest.mark.parametrize(
    ("words", "environment", "lang"),
    [
        ((), {}, "en"),
        (("--lang", "de", "check"), {}, "de"),
        (("--lang=de",), {}, "de"),
        (("check", "x", "--lang", "de"), {}, "de"),
        (("--lang", "en"), {"LC_ALL": "de_AT.UTF-8"}, "en"),
        ((), {"NACHSORGE_LANG": "de", "LANG": "en_GB.UTF-8"}, "de"),
        ((), {"LANG": "de_DE.UTF-8"}, "de"),
        ((), {"LC_ALL": "C", "LANG": "de_DE.UTF-8"}, "en"),
        ((), {"LC_ALL": "", "LC_MESSAGES": "de_AT", "LANG": "C"}, "de"),
        (("--lang", "fr"), {}, "en"),
        (("--lang",), {}, "en"),
    ],
)
def test_the_language_is_found_before_the_call_is_understood(words, environment, lang):
    assert asked_for(words, environment) == lang


def test_the_list_of_verbs_in_german():
    code, text = called("--lang", "de", "--help")
    assert code == 0
    assert text.startswith("Aufruf: ") and "nachsorge [OPTIONEN] BEFEHL [ARGUMENTE]..." in text
    assert "Optionen:" in text and "Befehle:" in text and "  check   Noch einmal nachsehen" in text
    assert not re.search(r"\b(the|and|of|Show|Usage|Options)\b", text)


@pytest.mark.parametrize("verb", ["check", "index", "next", "rank", "case", "case close", "case remediated"])
def test_the_help_of_a_verb_in_german(verb):
    code, text = called(*verb.split(), "--help", LC_ALL="de_AT.UTF-8")
    assert code == 0
    assert "Aufruf: " in text and "Diese Hilfe zeigen." in text
    assert not re.search(r"\b(the|and|of|whose|Show|required|default)\b", text.replace("and repeat", ""))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("check",), "Fehler: Es fehlt das Argument 'pack'."),
        (("chek",), "Fehler: Den Befehl 'chek' gibt es nicht. Gemeint war vielleicht 'check'."),
        (("check", "--nope"), "Fehler: Diese Option gibt es nicht: --nope"),
        (("check", "--json"), "Fehler: Die Option '--json' braucht einen Wert."),
        (("next", "x", "--lines", "0"), "Fehler: Ungültiger Wert für '--lines' / '-n': mindestens 1"),
        (("next", "x", "--lines", "y"), "Fehler: Ungültiger Wert für '--lines' / '-n': keine ganze Zahl"),
        (("case", "timeline", "x", "--format", "z"), "'z' ist keines von 'text', 'csv', 'timesketch'."),
        (("check", "3cx-2023"), "nachsorge: entweder Beweismaterial oder --index ORDNER angeben"),
        (("case", "show", "nowhere"), "nachsorge: nowhere enthält keinen Fall"),
    ],
)
def test_wrong_use_is_told_in_german_and_ends_with_2(words, told):
    code, text = called("--lang", "de", *words)
    assert code == 2
    assert told in text


def test_in_english_everything_is_as_typer_says_it():
    assert called("check") == (2, called("check", LANG="de_AT.UTF-8")[1])  # LC_ALL wins
    _code, text = called("check")
    assert "nachsorge check [OPTIONS]" in text and "Usage: " in text and "Error: Missing argument 'pack'." in text


def test_a_group_without_a_verb_shows_its_help_in_german():
    _code, text = called("--lang", "de", "case")
    assert "Befehle:" in text and "close" in text and "Den Fall abschließen" in text


def test_exit_codes_of_a_run_stay_what_they_are(tmp_path):
    (tmp_path / "x.csv").write_text("type,value\ndomain,evil.example\n")
    (tmp_path / "log.txt").write_text("2023-03-01T00:00:00Z evil.example\n")
    for lang in ("de", "en"):
        code, _text = called("--lang", lang, "check", str(tmp_path / "x.csv"), str(tmp_path / "log.txt"), "-q")
        assert code in (1, 3)
        assert code == called("check", str(tmp_path / "x.csv"), str(tmp_path / "log.txt"), "-q")[0]
