"""Every wording is there in both languages, the German is German, and none says more than the standing."""

from __future__ import annotations

import gettext
import importlib.util
import io
import re
import string
import sys
from collections.abc import Iterator, Mapping
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from babel.messages.pofile import read_po

from nachsorge import reports
from nachsorge.locale import LANGUAGES, N_, Counted, _, catalogue, language, ngettext, pgettext, speak, speaking
from nachsorge.model.words import Platform, Reason, Standing, Status, Telemetry, Verdict, Weight
from nachsorge.reports.given import PHRASES
from nachsorge.reports.languages import CATALOGUES
from nachsorge.reports.texts import Texts

if TYPE_CHECKING:
    from enum import Enum

    from babel.messages.catalog import Catalog, Message

ROOT = Path(__file__).parents[2]
FIELD_WORDS = {
    *("exit", "code", "codes", "sha", "tlp", "amber", "strict", "json", "utc", "dns", "tls", "dhcp", "web", "proxy"),
    *("windows", "macos", "linux", "syslog", "pack", "status", "version", "software", "name", "system", "format"),
    *("e", "mail", "in", "des", "was", "so", "also", "watched", "build", "browser", "sensor", "text", "packs"),
    *("organisation", "lock", "autostart", "a", "an", "die", "yara", "sigma", "pdf", "html", "nis", "art", "s", "v"),
    *("uac", "kape", "gzip", "xz", "zip", "tar", "log", "header", "hive", "hives", "evtx", "index", "rollback"),
    *(
        "bank",
        "builds",
        "bytes",
        "cloud",
        "csv",
        "edr",
        "firewall",
        "flow",
        "hand",
        "homebrew",
        "mib",
        "min",
        "prefetch",
    ),
    *("repository", "rest", "sqlite", "stand", "suricata", "update", "utf", "vpn", "winget", "x", "zeek"),
    *(
        "cert",
        "byte",
        "kerberos",
        "private",
        "logarchive",
        "nachsorge",
        "case",
        "check",
        "add",
        "effort",
        "collect",
        "snap",
        "length",
        "address",
        "systems",
    ),  # commands, columns
}
"""Words that are the same in German, or the field's own."""
FIELD_WORDS |= {
    *("libarchive", "debian", "hashes", "cylr", "ex", "safari"),
    *("archive", "argument", "collections", "d", "dask", "domain", "draft", "en", "extra", "gave", "md", "option"),
    *("osquery", "parameter", "pc", "query", "reports", "server", "site", "tcp", "timesketch", "unit", "user"),
    *("burgenland", "salzburg", "vorarlberg", "details", "form", "minute", "partner", "person", "community"),
    *("ad", "amcache", "app", "apple", "array", "attribute", "audit", "avml", "berkeley", "block", "branch"),
    *("brew", "bucket", "bundle", "c", "cache", "chunk", "chunks", "cluster", "commit", "compound"),
    *("constraints", "control", "crash", "cx", "db", "defender", "dictionary", "dirty", "disc", "diskdump"),
    *("dmg", "downloads", "element", "encase", "engine", "export", "extensible", "file", "filevault", "filter"),
    *("fleet", "flows", "gem", "gems", "go", "hello", "host", "hosts", "intune", "jamf", "jobs", "journal", "kdump"),
    *("l", "lease", "lx", "lz", "makedumpfile", "manifest", "map", "master", "modifier", "nfdump", "package"),
    *("partition", "patch", "pax", "pipes", "port", "property", "qcow", "registry", "root", "sensors", "set"),
    *("shimcache", "signal", "snapshots", "sockets", "spdxdocument", "storage", "table", "tag", "trace", "urls"),
    *("velociraptor", "virtualbox", "vista", "volume", "volumes", "worker", "workflow", "write", "z", "zstd"),
    *("frames", "ip", "ports", "webserver", "tree", "spanning"),
    *("cocoapods", "gradle", "module", "pins", "pip", "pod", "pods", "sdks"),
}
"""Words of formats, products and parts of files, as the notes of readers have them."""
CLEAN = re.compile(
    r"\b(clean|cleaned|sauber\w*|safe|sicher|unbedenklich|not affected|nicht betroffen|no compromise|all.clear"
    r"|Entwarnung)\b",
    re.IGNORECASE,
)
OF_THE_APP = re.compile(
    r"clean (update|version)|covered clean time|clean or rebuild it|\Acleaned\Z|cleaned or rebuilt|clean-time"
    r"|bereinigte[nrs]? (Version|Update)",
    re.IGNORECASE,
)
"""What a vendor's version is called says nothing of a system; nor does what is to be done or was, or a covered time."""

OF_THE_JUDGE = (
    "ruled out on every asset",
    "ruled out on every other asset",
    "ruled out on every asset that never had an affected version",
)
"""Reasons for a claim that holds, which stand in assessments and are translated where they are shown."""


@cache
def messages() -> Any:
    spec = importlib.util.spec_from_file_location("messages", ROOT / "tools" / "messages.py")
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["messages"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@cache
def german() -> Catalog:
    with messages().domains()[0].po.open("rb") as file:
        return read_po(file, locale="de")


def forms(text: object) -> tuple[str, ...]:
    return text if isinstance(text, tuple) else (str(text),)


def pairs() -> Iterator[tuple[Message, str, str]]:
    for message in german():
        if message.id:
            for english, said in zip(forms(message.id), forms(message.string), strict=True):
                yield message, english, said


def words_of(texts: Texts) -> Iterator[tuple[str, str]]:
    for field in fields(texts):
        yield from ((field.name, text) for text in flat(getattr(texts, field.name)))


def flat(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case Counted():
            yield from (value(1), value(2))
        case Mapping():
            for item in value.values():
                yield from flat(item)
        case tuple():
            for item in value:
                yield from flat(item)
        case _:
            raise AssertionError(value)


def places(text: str) -> set[str]:
    return {name for _literal, name, _spec, _conversion in string.Formatter().parse(text) if name is not None}


# --- the catalogues -------------------------------------------------------------------------------------------------


DOMAINS = messages().domains()


@pytest.mark.parametrize("domain", DOMAINS, ids=lambda domain: domain.room.name)
def test_every_message_of_the_code_stands_in_the_catalogue_and_is_translated(domain):
    with domain.po.open("rb") as file:
        known = {(message.context, message.id) for message in read_po(file, locale="de")}
    wanted = {(message.context, message.id) for message in messages().template(domain)}
    assert known == wanted, f"run tools/messages.py: {domain.po}"
    assert messages().lacking(messages().updated(domain)) == [], domain.po


@pytest.mark.parametrize("domain", DOMAINS, ids=lambda domain: domain.room.name)
def test_what_is_compiled_is_what_is_written(domain):
    with domain.po.open("rb") as file:
        written = messages().compiled(read_po(file, locale="de"))
    assert domain.mo.exists(), f"run tools/messages.py: {domain.mo}"
    fresh, kept = (gettext.GNUTranslations(io.BytesIO(data)) for data in (written, domain.mo.read_bytes()))
    assert fresh._catalog == kept._catalog, f"run tools/messages.py: {domain.mo}"  # type: ignore[attr-defined]


def test_the_extraction_sees_every_place_that_says_something(tmp_path):
    page = tmp_path / "page.html"
    page.write_text(
        '{% load i18n %}<p>{% translate "One" %}{% blocktranslate trimmed count n=x %}\n {{ n }} a\n'
        "{% plural %}\n {{ n }} b\n{% endblocktranslate %}{{ _('Two') }}</p>",
        encoding="utf-8",
    )
    code = tmp_path / "code.py"
    code.write_text('x = _("Three"), N_("Four"), pgettext("c", "Five"), counted("{count} a", "{count} b")\n')
    jinja = tmp_path / "page.html.j2"
    jinja.write_text('{{ _("Six") }}{% trans trimmed %}Seven{% endtrans %}', encoding="utf-8")
    found = [text for path in (page, code, jinja) for _line, text, _comments, _context in messages().messages(path)]
    assert found == [
        *("One", ("%(n)s a", "%(n)s b"), "Two"),
        *("Three", "Four", "Five", ("{count} a", "{count} b")),
        *("Six", "Seven"),
    ]


def test_both_languages_fill_the_same_places():
    for _message, english, said in pairs():
        assert places(english) == places(said), english


ASIDE = re.compile(
    r"(?:Example|Beispiel): [^\n]*|"
    r"nachsorge (case )?\w+|\b[A-Z]{3,}\b|\{.*?\}|--?\w[\w-]*|`[^`]*`|„[^“]*“|<[^>]*>|[\w-]+\.\w+"
)
"""Commands, options, names in capitals, places to fill in, quotations, file names."""


def test_no_english_is_left_in_the_german_catalogue():
    def vocabulary(texts):
        bare = (re.sub(ASIDE, " ", text) for text in texts)
        return {word.lower() for text in bare for word in re.findall(r"[^\W\d_]+", text)}

    kept = [(english, said) for message, english, said in pairs() if message.context != "letter"]
    same = vocabulary(english for english, _said in kept) & vocabulary(said for _english, said in kept)
    assert same <= FIELD_WORDS


def test_nothing_is_ever_called_clean():
    for _message, english, said in pairs():
        assert not CLEAN.search(OF_THE_APP.sub("", english)), english
        assert not CLEAN.search(OF_THE_APP.sub("", said)), said


def test_whoever_says_ruled_out_of_everything_says_how_far():
    for _message, english, said in pairs():
        if english in OF_THE_JUDGE:
            assert "soweit belegt" in said  # his reason is as it stands in the assessment; German says how far
            continue
        if re.search(r"\bruled out\b.*\b(all|every|everything|incident)\b|\b(all|every\w*)\b.*\bruled out\b", english):
            assert re.search(r"within what was covered|whole window|all evidence|no evidence|cannot", english), english
        if "within what was covered" in english:
            assert "soweit" in said, said


# --- the words of one context ---------------------------------------------------------------------------------------


def test_a_language_is_spoken_for_a_block_or_from_now_on():
    assert (language(), _("ruled out")) == ("en", "ruled out")
    with speaking("de"):
        assert (_("ruled out"), pgettext("letter", "R"), _(""), _("no such message")) == (
            "ausgeschlossen",
            "A",
            "",
            "no such message",
        )
        assert ngettext("{count} asset", "{count} assets", 2) == "{count} Systeme"
        with speaking("en"):
            speak("de")
            assert language() == "de"
        assert language() == "de"
    assert language() == "en"
    assert N_("x") == "x"
    assert type(catalogue("en")) is gettext.NullTranslations


# --- the wordings that reports share --------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_text_is_there(lang):
    assert all(text.strip() for _name, text in words_of(CATALOGUES[lang]))


@pytest.mark.parametrize("lang", LANGUAGES)
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


@pytest.mark.parametrize("lang", LANGUAGES)
def test_answers_and_exit_codes(lang):
    assert set(CATALOGUES[lang].answers) == {"holds", "refuted", "untestable"}
    assert set(CATALOGUES[lang].exits) == {0, 1, 2, 3}
    assert set(CATALOGUES[lang].given) == set(PHRASES)
    assert len(set(CATALOGUES[lang].letters.values())) == len(Standing)


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
        if path.name not in ("texts.py", "said.py")
    )
    assert [field.name for field in fields(Texts) if not re.search(rf"\b(t|texts)\.{field.name}\b", code)] == []
