"""The preview shows everything that leaves: no value is in the bytes and not in both previews."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given, settings
from tests.sharing.kit import PLAIN, but, notifications

from nachsorge.sharing.notification import Channel, encode
from nachsorge.sharing.preview import LANGUAGES, digest, preview
from nachsorge.sharing.preview_words import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator

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


def _values(language: str) -> dict[str, object]:
    words = WORDS[language]
    return {name: getattr(words, name) for name in words.__slots__}
