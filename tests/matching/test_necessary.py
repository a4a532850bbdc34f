"""Names of files, paths, URLs and mail addresses in long lists: looked up by a token that every match of them holds."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.matching import test_sieve_law as law
from tests.matching.kit import hits_in, record, value_test

from nachsorge.evidence.readers.ndjson import Ndjson
from nachsorge.evidence.readers.plain_text import PlainText
from nachsorge.matching.match import Matcher
from nachsorge.matching.necessary import split, tokens_of
from nachsorge.matching.sieve import LiteralSieve, OpenSieve
from nachsorge.matching.tokens import TokenSieve
from nachsorge.model.words import Kind

SIGNS = "ab1é._- ()@,+~%"
NAME = st.text(SIGNS, min_size=1, max_size=6).map(lambda stem: f"{stem}x.exe") | st.sampled_from(
    [
        *("evil.exe", ".evil.rc", "evil.tar.gz", "evil-1.2_x.so", "1.2.3.4", "evil.123", "set up.evil (1).msi"),
        *(
            "evil.exe-",
            "evil..exe",
            "e*.exe",
            "*.evil.exe",
            "evil.exe:stream.txt",
            "a-1.0-full.nupkg",
            "evil",
            "svchost.exe",
        ),
    ]
)
FOLDER = st.sampled_from(
    [
        *("C:\\Users\\x\\", "%APPDATA%\\evil.d\\", "\\\\srv.example\\c$\\", "\\Device\\HarddiskVolume3\\", "a\\"),
        *("/tmp/", "~/.conf.d/", "/opt/*/", "/home/<user>/evil.d/", "a/"),
    ]
)
SITE = st.sampled_from(
    ["github.com", "files.evil.example", "bücher.example", "localhost", "192.0.2.17", "[2001:db8::17]"]
)
MORE = st.sampled_from(["", "/", "?q=a.b"])
VALUE = st.one_of(
    NAME.map(lambda name: ("file_name", name)),
    st.builds(lambda folder, name: ("path", folder + name), FOLDER, NAME),
    st.builds(
        lambda site, name, more: ("url", f"http://{site}/pay.load/{name}{more}"),
        SITE,
        NAME,
        st.sampled_from(["", "/", "?q=a.b"]),
    ),
    st.builds(lambda name, site: ("email", f"{name}@{site}"), st.sampled_from(["eve", "e.v.e"]), SITE),
)
BEFORE = st.sampled_from(
    [
        *(
            "",
            "",
            " ",
            "/",
            "\\",
            "\\\\",
            "x",
            "_",
            ".",
            "-",
            "a.",
            "é",
            "\n",
            "\t",
            "\u2028",
            "%20",
            "%2F",
            "'",
            "(",
            "=",
        ),
        *(
            "file:_",
            "\\Device\\HarddiskVolume3",
            "\\Device\\HarddiskVolume3\\",
            "C:\\x\\",
            "/a/",
            "http://x/",
            "0x",
            "\x1f",
        ),
    ]
)
AFTER = st.sampled_from(
    [
        *(
            "",
            "",
            ".",
            "..",
            "._",
            "._x",
            ".-",
            ".-x",
            "..x",
            "...",
            "-",
            "_",
            "x",
            "é",
            ".é",
            " -x",
            ":ads",
            "\n",
            "\\",
            "/",
        ),
        *("?q=1", "#x", ",", ";", ")", "'", "%20", ".._x.-", "@x", "->b", "._x" * 9),
    ]
)


def written(value: str, style: int) -> str:
    """Write a value in one of the spellings of its kind."""
    text = value.replace("*", "y").replace("<user>", "bob").replace("~", "/home/bob")
    text = text.replace("%APPDATA%", "C:\\Users\\bob\\AppData\\Roaming").replace("\\Device\\HarddiskVolume3", "C:")
    text = [text, text.removeprefix("http://"), text.upper(), text.replace("\\", "/"), text.replace("/", "\\")][
        style % 5
    ]
    return text.replace("\\", "\\\\") if style > 4 else text


TEXT = st.builds(
    lambda before, style, after: (before, style, after),
    st.lists(BEFORE, max_size=2),
    st.integers(0, 9),
    st.lists(AFTER, max_size=2),
)


@settings(max_examples=4000, deadline=None, suppress_health_check=list(HealthCheck))
@given(VALUE, TEXT, st.sampled_from(Kind))
@example(("file_name", "evil.exe"), ([], 0, ["._x"]), Kind.TEXT)
@example(("file_name", "evil.exe"), ([], 0, [".-x", "._x"]), Kind.TEXT)
@example(("file_name", "evil.exe"), (["\\Device\\HarddiskVolume3"], 0, []), Kind.TEXT)
@example(("path", "C:\\Users\\x\\evil.exe"), (["\\Device\\HarddiskVolume3"], 0, []), Kind.TEXT)
@example(("email", "eve@files.evil.example"), ([], 2, ["."]), Kind.TEXT)
@example(("url", "http://github.com/pay.load/evil.exe"), ([], 1, ["?q=1"]), Kind.URL)
def test_what_is_met_holds_its_token(value, parts, kind):
    before, style, after = parts
    text = "".join(before) + written(value[1], style) + "".join(after)
    matcher = Matcher([value_test(*value)])
    if matcher.match(record((kind.value, text))):
        assert matcher.sieve(many=0).admits(text.encode("utf-8", "replace"))


@pytest.mark.parametrize(("reader", "write"), law.FORMATS)
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    VALUE,
    TEXT,
    st.sampled_from(["url", "uri", "filename", "Image", "CommandLine", "message", "mailfrom", "Path"]),
    st.integers(0, 0xFFFF) | st.just(0),
)
def test_every_reader_gives_the_same_hits_behind_the_table(reader, write, value, parts, field, which):
    before, style, after = parts
    body = write(field, law.one_line("".join(before) + written(value[1], style) + "".join(after)), which)
    matcher = Matcher([value_test(*value)])
    assert hits_in(matcher, reader, body, matcher.sieve(many=0)) == hits_in(matcher, reader, body, OpenSieve())


@pytest.mark.parametrize(
    "raw",
    [
        rb'{"path":"C:\\x\\evil.exe"}',
        rb'{"path":"\/x\/evil.exe"}',
        rb'{"path":"\/x\/EVIL.EXE"}',
        rb'{"text":"a\nevil.exe"}',
        rb'{"text":"a\tevil.exe\tb"}',
        rb'{"text":"\u4e2devil.exe"}',
        rb'{"text":"\ud83d\ude00evil.exe"}',
        rb'{"text":"file:_evil.exe"}',
        rb'{"text":"evil.exe._"}',
        rb'{"text":"\"evil.exe\""}',
        rb'{"a":{"url":"http:\/\/x.example\/evil.exe?q"}}',
    ],
)
def test_escapes_about_a_name_hide_nothing(raw):
    matcher = Matcher([value_test("file_name", "evil.exe")])
    everything = hits_in(matcher, Ndjson(), raw + b"\n", OpenSieve())
    assert everything or b"file:_" in raw  # without its own reader that is another name
    assert matcher.sieve(many=0).admits(raw)
    assert hits_in(matcher, Ndjson(), raw + b"\n", matcher.sieve(many=0)) == everything


@pytest.mark.parametrize(
    ("kind", "value", "wanted"),
    [
        ("file_name", "Evil.EXE", "evil.exe"),
        ("file_name", "set up (1).evil.msi", "evil.msi"),
        ("file_name", ".hid.den", "hid.den"),
        ("path", "%APPDATA%\\x\\evil.dll", "evil.dll"),
        ("path", "/home/<user>/evil.d/run", "evil.d"),
        ("path", "\\\\srv.example\\share\\*", "srv.example"),
        ("url", "http://localhost/x/evil.bin?q=1", "evil.bin"),
        ("email", "eve@evil.example", "evil.example"),
        ("file_name", "evil", None),
        ("file_name", "evil*.exe", None),
        ("file_name", "a-1.0-full.nupkg", None),
        ("url", "http://localhost/%65.bin", None),
        ("path", "/usr/bin/evil", None),
        ("string", "evil.example", None),
        ("registry", "HKLM\\Software\\evil.example", None),
    ],
)
def test_tokens(kind, value, wanted):
    assert next(iter(tokens_of(value_test(kind, value))), None) == wanted
    found, rest = split([value_test(kind, value)])
    assert (found, len(rest)) == (({wanted}, 0) if wanted else (set(), 1))


def test_what_many_values_share_is_no_token():
    values = [("path", f"C:\\p{number}rogram\\run.exe") for number in range(20)]
    values += [("email", f"eve{number}@mailer.example") for number in range(20)]
    values += [("url", f"http://host.example/f{number}/a.bin") for number in range(20)]
    assert split([value_test(*each) for each in values]) == (set(), [value_test(*each) for each in values])


@pytest.mark.parametrize("value", [("file_name", "svchost.exe"), ("path", "C:\\evilfolder\\svchost.exe")])
def test_files_of_every_machine_stay_literals(value):
    matcher = Matcher([value_test(*value)])
    assert split(matcher.tests) == (set(), list(matcher.tests))
    assert not matcher.sieve(many=0).admits(b"C:\\Windows\\svchost.exe" if value[0] == "path" else b"host.exe")


def test_neighbours_of_names_are_not_admitted():
    sieve = Matcher([value_test("file_name", "evil.exe"), value_test("path", "/x/bad-1.so")]).sieve(many=0)
    assert isinstance(sieve, TokenSieve)
    for text in ("notevil.exe", "evil.exe.bak", "evil.exes", "evil.exe_", "bad-1.sox", "evil", "evil/exe", "bad-1_so"):
        assert not sieve.admits(text.encode()), text
    for text in ("x-evil.exe", "a.evil.exe", "evil.exe.", "evil.exe.-", "evil.exe._x", "(evil.exe)", "x/BAD-1.SO"):
        assert sieve.admits(text.encode()), text


def test_a_long_word_of_dots_and_underscores_takes_no_longer_than_its_length():
    sieve = Matcher([value_test("file_name", "evil.exe")]).sieve(many=0)
    assert sieve.admits(b"evil.exe" + b"._a" * 100_000)
    assert not sieve.admits(b"evil.exf" + b"._a" * 100_000)


def test_a_name_is_met_wherever_it_stands_in_plain_text():
    matcher = Matcher([value_test("file_name", "evil.exe")])
    for shift in range(130):
        raw = b"/" * shift + b"evil.exe._x" + b"/" * (130 - shift) + b"\n"
        assert len(hits_in(matcher, PlainText(), raw, matcher.sieve(many=0))) == 1


def test_short_lists_search_for_words():
    assert isinstance(Matcher([value_test("file_name", "evil.exe")]).sieve(), LiteralSieve)
