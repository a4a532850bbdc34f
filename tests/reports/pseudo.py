"""A language made up for tests: every word of the catalogues stands in letters that no evidence has.

What is in plain letters on a page that is "German" now is data, or a string that nobody can translate. The letters are
Unicode's mathematical monospaced ones: as wide as others, and whoever reads the failure can still read them.
"""

from __future__ import annotations

import gettext
import re
from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from html.parser import HTMLParser
from typing import TYPE_CHECKING, cast

import nachsorge.locale as locale
from nachsorge.reports import languages, notes, said

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nachsorge.model.pack import Pack

MARKED = {ord("A") + at: 0x1D670 + at for at in range(26)} | {ord("a") + at: 0x1D68A + at for at in range(26)}
_PLACE = re.compile(r"\{[^{}]*\}|<[^<>]*>")
_WORD = re.compile(r"[A-Za-zÄÖÜäöüß]{2,}")
_SHOWN = ("title", "alt", "aria-label", "placeholder", "summary")
_UNSEEN = ("style", "script")


def marked(text: str) -> str:
    """Put a message into the made-up letters; places to fill in stay as they are."""
    at, out = 0, ""
    for place in _PLACE.finditer(text):
        out += text[at : place.start()].translate(MARKED) + place[0]
        at = place.end()
    return out + text[at:].translate(MARKED)


def plain(text: str) -> str:
    """Read made-up letters."""
    return text.translate({there: here for here, there in MARKED.items()})


class Pseudo(gettext.GNUTranslations):
    """What the German catalogue has, and nothing else, in the made-up letters."""

    def __init__(self, known: gettext.GNUTranslations) -> None:
        gettext.NullTranslations.__init__(self)
        ids = known._catalog  # type: ignore[attr-defined]  # gettext has no other way of listing what is in it
        self.known = {key[0] if isinstance(key, tuple) else key for key in ids}

    def gettext(self, message: str) -> str:
        return marked(message) if message in self.known else message

    def pgettext(self, context: str, message: str) -> str:
        return marked(message) if f"{context}\x04{message}" in self.known else message

    def ngettext(self, one: str, many: str, n: int) -> str:
        return self.gettext(one) if n == 1 or one not in self.known else marked(many)

    def npgettext(self, context: str, one: str, many: str, n: int) -> str:
        return marked(one if n == 1 else many) if f"{context}\x04{one}" in self.known else one


@contextmanager
def pseudo() -> Iterator[None]:
    """Let "German" be the made-up language."""
    german = locale.catalogue("de")
    assert isinstance(german, gettext.GNUTranslations)
    made, real, shared = Pseudo(german), locale.catalogue, dict(languages.CATALOGUES)
    locale.catalogue = lambda lang: made if lang == "de" else real(lang)  # type: ignore[assignment]
    _forget()
    languages.CATALOGUES["de"] = said.texts_of("de")  # type: ignore[index]
    try:
        yield
    finally:
        locale.catalogue = real
        languages.CATALOGUES.update(shared)  # type: ignore[attr-defined]
        _forget()


def _forget() -> None:
    said.texts_of.cache_clear()
    notes._said.cache_clear()


def marked_pack(pack: Pack) -> Pack:
    """Put all German of a pack into the made-up letters, too; what it has no German for stays plain."""
    return cast("Pack", _marked_part(pack))


def _marked_part(part: object) -> object:
    if isinstance(part, tuple):
        return tuple(map(_marked_part, part))
    if not is_dataclass(part) or isinstance(part, type):
        return part
    values = {field.name: getattr(part, field.name) for field in fields(part) if field.init}
    changed = {
        name: marked(value) if name.endswith("_de") and isinstance(value, str) else _marked_part(value)
        for name, value in values.items()
        if name not in ("indicators", "rules")
    }
    return replace(part, **changed)


DATA = frozenset(
    {
        *("id", "names", "addresses", "role", "watched", "path", "reader", "locator", "indicator", "fields", "author"),
        *("version", "sha256", "tlp", "licence", "software", "asset", "source", "unreadable_at", "attributes"),
        *("trace", "pack", "exposure", "assets", "digest"),
    }
)
"""Fields of an assessment that are evidence, or names that somebody gave."""


def data_of(found: object) -> set[str]:
    """Collect every text of an assessment that no program can translate."""
    out: set[str] = set()
    _collect(found, "", out)
    return out


def _collect(found: object, name: str, out: set[str]) -> None:
    if isinstance(found, Enum):
        return
    if isinstance(found, str):
        if name in DATA:
            out.add(found)
    elif is_dataclass(found):
        for field in fields(found):
            _collect(getattr(found, field.name), field.name, out)
    elif isinstance(found, dict) or hasattr(found, "items"):
        for key, value in found.items():
            if name in DATA:
                out.update((str(key), str(value)))
            else:
                _collect(value, name, out)
    elif isinstance(found, (tuple, list, set, frozenset)):
        for one in found:
            _collect(one, name, out)


_ASIDE = re.compile(r"[\\/]|\w\.\w|\b[0-9a-f]{12,}\b")
"""Paths, host names and digests."""


def left_over(text: str, data: Iterable[str], allowed: Iterable[str] = ()) -> list[str]:
    """List the lines that hold a word in plain letters which is no data: untranslated, as a German reader sees it."""
    known = sorted((word for word in {*data, *allowed} if _WORD.search(word)), key=len, reverse=True)
    one = re.compile("|".join(rf"(?<![A-Za-z]){re.escape(word)}(?![A-Za-z])" for word in known)) if known else None
    out = []
    for line in dict.fromkeys(" ".join(line.split()) for line in text.splitlines()):
        if not _WORD.search(line):
            continue
        words = (one.sub(" ", line) if one else line).split()
        bare = " ".join(word for word in words if not _ASIDE.search(word))
        if found := _WORD.findall(bare):
            out.append(f"{' '.join(found)}  <<  {plain(line.strip())[:300]}")
    return list(dict.fromkeys(out))


class _Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.unseen += tag in _UNSEEN
        self.lines += [value for name, value in attrs if name in _SHOWN and value]

    def handle_endtag(self, tag: str) -> None:
        self.unseen -= tag in _UNSEEN

    def handle_data(self, data: str) -> None:
        if not self.unseen and data.strip():
            self.lines.append(" ".join(data.split()))


def seen_of(page: str) -> str:
    """Give what a page shows or says aloud, a line for each piece of text."""
    reader = _Seen()
    reader.feed(page)
    return "\n".join(reader.lines)
