"""Words in the reader's language: English stands in the code, other languages in compiled catalogues beside this file.

The lowest layer: whoever says something to people may import it. What is said at once is written ``_("...")``; what is
kept and said later is marked with `N_` and said with `_` then. `tools/messages.py` collects both and compiles the
catalogues. Values go in with `str.format` after the translation, never before: ``_("{count} more").format(count=3)``.

Which language is meant is a matter of the context: `speaking` sets it for a block, `speak` for the rest of a run.
"""

from __future__ import annotations

import gettext as standard
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

if TYPE_CHECKING:
    from collections.abc import Iterator

Lang: TypeAlias = Literal["de", "en"]
LANGUAGES: tuple[Lang, ...] = get_args(Lang)
DOMAIN = "nachsorge"

_spoken: ContextVar[Lang] = ContextVar("nachsorge_language", default="en")


@cache
def catalogue(lang: Lang) -> standard.NullTranslations:
    """Give the words of a language; the code's own for English. FileNotFoundError where they are not installed."""
    if lang == "en":
        return standard.NullTranslations()
    return standard.translation(DOMAIN, str(Path(__file__).parent), [lang])


def language() -> Lang:
    """Tell which language is spoken here and now."""
    return _spoken.get()


def speak(lang: Lang) -> None:
    """Speak a language from now on: once, by the command line."""
    _spoken.set(lang)


@contextmanager
def speaking(lang: Lang) -> Iterator[None]:
    """Speak a language for a block."""
    token = _spoken.set(lang)
    try:
        yield
    finally:
        _spoken.reset(token)


def _(message: str) -> str:
    """Say a message in the language that is spoken. One without a translation stays English."""
    return catalogue(language()).gettext(message) if message else message


def pgettext(context: str, message: str) -> str:
    """Say a message that means something else elsewhere; `context` tells translators what is meant."""
    return catalogue(language()).pgettext(context, message)


def ngettext(one: str, many: str, count: int) -> str:
    """Say a message in the form that goes with a number."""
    return catalogue(language()).ngettext(one, many, count)


def N_(message: str) -> str:  # noqa: N802  gettext's own name for it
    """Mark a message that is said later, with `_`."""
    return message


@dataclass(frozen=True, slots=True)
class Counted:
    """A noun with its number, in one language: `1 host`, `2 hosts`. Made by `counted` and `counted_in`."""

    lang: Lang
    one: str
    many: str
    context: str = ""

    def __call__(self, number: int) -> str:
        """Give the number with the noun."""
        words = catalogue(self.lang)
        if self.context:
            return words.npgettext(self.context, self.one, self.many, number).format(count=number)
        return words.ngettext(self.one, self.many, number).format(count=number)


def counted(one: str, many: str) -> Counted:
    """Keep a noun that is counted later, in the language that is spoken now; both forms hold `{count}`."""
    return Counted(language(), one, many)


def counted_in(context: str, one: str, many: str) -> Counted:
    """Do the same where the form depends on what stands around it (the dative after `von`)."""
    return Counted(language(), one, many, context)
