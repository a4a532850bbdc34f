"""The preview shows everything that leaves: no value is in the bytes and not in both previews."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import msgspec
import pytest
from hypothesis import given, settings
from tests.sharing.kit import PLAIN, but, notifications

from nachsorge.model.words import Reason, Telemetry
from nachsorge.sharing import preview_codes as codes
from nachsorge.sharing.notification import (
    RUNGS,
    Channel,
    DoneWord,
    PassWord,
    Region,
    Sector,
    Size,
    Want,
    encode,
)
from nachsorge.sharing.preview import LANGUAGES, digest, preview
from nachsorge.sharing.preview_words import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from nachsorge.sharing.notification import Notification

_SAID_IN_WORDS = {"schema", "channel", "count", "name"}
"""Words of closed lists, and flags: the preview says them in the reader's language."""


def leaves(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    match value:
        case dict():
            for name, item in value.items():
                yield from leaves(item, name)
        case list() | tuple():
            for item in value:
                yield from leaves(item, key)
        case bool() | None:
            pass
        case _:
            yield key, str(value)


@pytest.mark.parametrize("language", LANGUAGES)
@given(found=notifications())
@settings(max_examples=40)
def test_every_value_is_shown(language: str, found: Notification) -> None:
    shown = preview(found, language)
    for key, value in leaves(msgspec.to_builtins(found)):
        if key not in _SAID_IN_WORDS:
            assert all(line in shown for line in value.split("\n")), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_permission_and_the_channel_change_what_is_shown(language: str) -> None:
    base = preview(PLAIN, language)
    channel: Channel = "mandatory"
    changed = [
        but(channel=channel),
        but(purposes=msgspec.structs.replace(PLAIN.purposes, count=False)),
        but(purposes=msgspec.structs.replace(PLAIN.purposes, pass_to=("constituency",))),
        but(organisation=msgspec.structs.replace(PLAIN.organisation, name="Acme")),
        but(weeks=None),
        but(coverage=()),
    ]
    texts = [_without_digest(preview(one, language)) for one in changed]
    assert _without_digest(base) not in texts
    assert len(set(texts)) == len(texts)


def _without_digest(text: str) -> str:
    return text.rpartition("SHA-256")[0]


def test_it_ends_with_the_digest_of_the_very_bytes() -> None:
    import hashlib

    expected = hashlib.sha256(encode(PLAIN)).hexdigest()
    assert digest(PLAIN) == expected
    assert all(preview(PLAIN, language).endswith(f"SHA-256 {expected}\n") for language in LANGUAGES)


def test_labels_are_never_translated() -> None:
    assert all(preview(PLAIN, language).startswith("TLP:AMBER+STRICT PAP:AMBER") for language in LANGUAGES)


def test_what_was_not_said_is_said_to_be_so() -> None:
    shown = preview(but(coverage=(), weeks=None, note="", done=()), "en")
    for text in ("nothing is said about what was looked at", "nothing with a time was seen", "nothing is said"):
        assert text in shown


def test_german_is_german_throughout() -> None:
    english, german = _values("en"), _values("de")
    same = {key for key in english if english[key] == german[key]}
    assert same <= {"region", "organisation"}


@pytest.mark.parametrize(
    ("meanings", "words"),
    [
        (codes.REASONS, Reason),
        (codes.TELEMETRY, Telemetry),
        (codes.RUNGS, RUNGS),
        (codes.SECTORS, get_args(Sector)),
        (codes.REGIONS, get_args(Region)),
        (codes.SIZES, get_args(Size)),
        (codes.DONE, get_args(DoneWord)),
        (codes.WANTED, get_args(Want)),
        (codes.PASSED, get_args(PassWord)),
    ],
    ids=["reasons", "telemetry", "rungs", "sectors", "regions", "sizes", "done", "wanted", "passed"],
)
def test_every_word_of_a_closed_list_is_said_in_german_beside_itself(
    meanings: Mapping[str, str], words: Iterable[str]
) -> None:
    assert set(meanings) == {str(word) for word in words}
    shown = {word: codes.coded(word, meanings, "de") for word in meanings}
    assert all(said.endswith(f" [{word}]") for word, said in shown.items())
    assert len(set(shown.values())) == len(shown)
    own = {"Burgenland", "Salzburg", "Vorarlberg", "Antivirus"}  # the same in both languages
    same = {said.partition(" [")[0] for word, said in shown.items() if said.startswith(f"{meanings[word]} [")}
    assert {word.lower() for word in same} <= {word.lower() for word in own} | {"syslog"}


def test_german_says_why_not() -> None:
    shown = preview(PLAIN, "de")
    assert "DNS-Anfragen [dns_query]" in shown and "[silence] 1" in shown
    assert "Sektor: Herstellung von Waren [manufacturing]" in shown and "Oberösterreich [AT-4]" in shown
    assert "manufacturing]" not in preview(PLAIN, "en"), "English needs no second word"


def _values(language: str) -> dict[str, object]:
    words = WORDS[language]
    return {name: getattr(words, name) for name in words.__slots__}
